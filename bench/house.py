"""The project that is measured: agents with a tool that reads and one that writes, and a workflow of branches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from runner.engine import Engine, Start
from runner.project.load import load
from runner.project.sources import Disk
from runner.runs.owners import Owner
from runner.runs.store import Store

BRANCHES = 50
SLOTS = 600
QUESTION = "What does the word mean?"

_RUNNER = """
models:
  default: {{provider: llamacpp, base_url: "{url}", model: bench, key: none}}
limits: {{concurrent_runs: {slots}}}
permissions:
  - {{tool: note, action: allow}}
"""
_TOOLS = """
description: A dictionary.
tools:
  look:
    description: Look a word up.
    python: "dictionary:look"
    params: {word: str}
    risk: read
  note:
    description: Note a word.
    python: "dictionary:note"
    params: {word: str}
    risk: write
"""
_CODE = '''
"""A dictionary."""


def look(word: str) -> dict:
    return {"word": word, "meaning": "the answer to everything", "found": True}


def note(word: str) -> dict:
    return {"word": word, "noted": True}
'''
_AGENT = """
description: {description}
prompt:
  role: You know a dictionary by heart.
  task: Answer the question, in one sentence.
  constraints: Never invent a meaning.
tools: [{tools}]
"""
_WORKFLOW = """
description: Everybody answers at once.
phases:
  all:
    parallel:
"""


def furnish(root: Path, url: str) -> None:
    """Write the project's files; its model is at `url`."""
    branches = "".join(f"      b{number}: {{agent: speaker, message: Say something.}}\n" for number in range(BRANCHES))
    files = {
        "runner.yaml": _RUNNER.format(url=url, slots=SLOTS),
        "tools.d/dictionary.yaml": _TOOLS,
        "tools.d/dictionary.py": _CODE,
        "agents.d/reader.yaml": _AGENT.format(description="Looks a word up and answers.", tools="look"),
        "agents.d/writer.yaml": _AGENT.format(description="Notes a word and answers.", tools="note"),
        "agents.d/speaker.yaml": _AGENT.format(description="Answers.", tools=""),
        "workflows/chorus.yaml": _WORKFLOW + branches,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())


@asynccontextmanager
async def engine(root: Path) -> AsyncIterator[Engine]:
    """The engine on the project, as the daemon would have it."""
    loaded = load(Disk(root), root)
    if loaded.project is None:
        raise SystemExit("\n".join(str(problem) for problem in loaded.problems))
    store = Store.open(root / ".runner")
    owner = Owner.acquire(store.folder)
    working = Engine(store, owner)
    await working.start()
    try:
        await working.adopt(await working.open(loaded.project))
        yield working
    finally:
        await working.close(grace=1)
        owner.release()
        store.close()


async def answer(working: Engine, name: str) -> None:
    """One run of an agent or workflow to its end; a run that does not pass makes the figures worthless."""
    is_agent = not name.startswith("chorus")
    run = await working.submit(Start(name, {"text": QUESTION} if is_agent else {}))
    row = await working.settled(run)
    if row.verdict != "pass":
        raise SystemExit(f"{name} ended in {row.verdict}: {row.why}")
