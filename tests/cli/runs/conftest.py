"""A run that is a week and fifty commits old, in a real repository."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner.engine import Engine, Start
from runner.project.load import load
from runner.project.sources import Disk
from runner.runs.owners import Owner
from runner.runs.store import Store
from tests.git.repository import commit, git

WEEK = 7 * 24 * 3600.0
COMMITS = 50
FILES = {
    "README": "A project, version 0.\n",
    "runner.yaml": "models: {default: {provider: scripted, replies: replies.yaml}}\n",
    "replies.yaml": "- {when: {turn: 1}, calls: [{tool: count, with: {what: lines}}]}\n- {text: Done.}\n",
    "agents.d/writer.yaml": "description: Writes.\nprompt: {use: house}\ntools: [own/*]\n",
    "agents.d/prompts/house.yaml": "description: The house's way.\ntemplate: Write in style 0.\n",
    "tools.d/own.yaml": (
        "description: Own.\n"
        "tools:\n"
        "  count: {description: Counts., python: 'own:count', params: {what: str}, risk: read}\n"
        "  stamp: {description: Stamps., command: [echo, v0], risk: read}\n"
    ),
    "tools.d/own.py": 'def count(what: str) -> str:\n    return f"0 {what}"\n',
    "workflows/report.yaml": (
        "description: Reports.\n"
        "inputs: {topic: str}\n"
        "phases:\n"
        "  stamp: {tool: stamp}\n"
        "  write: {agent: writer, message: 'Topic 0 {{ inputs.topic }}, stamp {{ phases.stamp.output.text }}'}\n"
    ),
}
EDITS = {
    "agents.d/prompts/house.yaml": r"(?<=style )\d+",
    "tools.d/own.yaml": r"(?<=v)\d+",
    "tools.d/own.py": r"(?<=f\")\d+",
    "workflows/report.yaml": r"(?<=Topic )\d+",
    "README": r"(?<=version )\d+",
}
"""What is changed in turn: a figure in each file."""


@dataclass(frozen=True)
class History:
    """The old run, and what was so when it began; all that tests do is begin further runs."""

    root: Path
    run: str
    began: float
    commit: str
    """The commit it was of; HEAD is fifty later."""
    files: dict[str, bytes]
    """Every file of its revision, as it was."""


@pytest.fixture(scope="package")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """A run a week ago, then fifty commits: of prompts, tools, their code, the workflow, and of what is none of it."""
    root = tmp_path_factory.mktemp("history") / "project"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git(root.parent, "init", "-q", "-b", "main", "project")
    first = commit(root, "first")
    began = time.time() - WEEK
    run = asyncio.run(_run(root, began))
    for number in range(1, COMMITS + 1):
        _edit(root, number)
        commit(root, f"edit {number}")
    return History(root, run, began, first, {name: text.encode() for name, text in FILES.items() if name != "README"})


async def _run(root: Path, began: float) -> str:
    """Run the workflow with a clock that stands where it is told to."""
    store = Store.open(root / ".runner")
    owner = Owner.acquire(store.folder)
    engine = Engine(store, owner, clock=lambda: began)
    await engine.start()
    try:
        project = load(Disk(root), root).project
        assert project is not None
        await engine.adopt(await engine.open(project))
        run = await engine.submit(Start("report", {"topic": "rain"}, by="ada"))
        assert (await engine.settled(run)).verdict == "pass"
    finally:
        await engine.close(5.0)
        owner.release()
        store.close()
    return run


def _edit(root: Path, number: int) -> None:
    name, figure = list(EDITS.items())[number % len(EDITS)]
    (root / name).write_text(re.sub(figure, str(number), (root / name).read_text()))
