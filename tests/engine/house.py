"""A small real project for engine tests: files, a store, an engine; nothing is faked but the model's replies."""

from __future__ import annotations

import asyncio
import textwrap
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from runner.engine import Engine, Start
from runner.project.load import load
from runner.project.sources import Disk
from runner.runs.events import BranchLeft, ItemLeft, PhaseFailed, PhaseLeft, RunEnded, ToolReturned
from runner.runs.owners import Owner
from runner.runs.state import RunState, fold
from runner.runs.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from runner.project.project import Project
    from runner.runs.events import AnyEvent
    from runner.runs.record import Record

MODELS = """\
models:
  default: {provider: scripted, replies: replies.yaml}
"""
RUNNER = f"""{MODELS}
permissions:
  - {{tool: "test/*", action: allow}}
"""
TOOLS = """
description: Tools of the tests.
tools:
  note:
    description: Add a line to a file of the workspace.
    python: "test:note"
    params: {file: {type: str, default: notes}, text: str}
    interrupted: ask
  red:
    description: Answers no.
    command: ["false"]
    exit: {0: ok, 1: no}
    risk: read
  green:
    description: Answers yes.
    command: ["true"]
    risk: read
  fields:
    description: Answers with fields that only a run knows.
    command: [echo, "{}"]
    output: {json: true}
    risk: read
  broken:
    description: Cannot be done.
    command: [sh, -c, "exit 3"]
    risk: read
  nap:
    description: Sleep.
    command: [sleep, "{{ seconds }}"]
    params: {seconds: str}
    risk: read
  sleeper:
    description: Sleep for long, once it has said which process it is.
    command: [sh, -c, "echo $$ > sleeper; exec sleep 300"]
    risk: read
  snorer:
    description: Sleep for long inside a worker, once it has said which process it is.
    python: "test:snorer"
    risk: read
  when_there:
    description: Answer yes once a file is there.
    command: [sh, -c, 'until [ -s "$1" ]; do sleep 0.01; done', sh, "{{ file }}"]
    params: {file: str}
    risk: read
  is_alive:
    description: Say whether the process that a file names is alive.
    command: [sh, -c, 'kill -0 "$(cat "$1")" 2>&-', sh, "{{ file }}"]
    exit: {0: ok, 1: no}
    params: {file: str}
    risk: read
  meet:
    description: Come in, wait until `others` have come in, go.
    command:
      - sh
      - -c
      - 'echo in >> doors; until [ $(grep -c in doors) -ge "$1" ]; do sleep 0.01; done; echo out >> doors'
      - sh
      - "{{ others }}"
    params: {others: str}
    timeout: 20s
    risk: read
  flip:
    description: Says no until it was asked `after` times.
    python: "test:flip"
    params: {file: str, after: int}
    risk: read
"""
CODE = '''
"""Tools of the tests."""

import os
import time

from runner.tools.context import Context, ToolFailed


def note(context: Context, file: str, text: str) -> dict:
    with (context.workspace / file).open("a") as notes:
        notes.write(text + "\\n")
    return {"noted": text}


def snorer(context: Context) -> None:
    (context.workspace / "snorer").write_text(str(os.getpid()))
    time.sleep(300)


def flip(context: Context, file: str, after: int) -> dict:
    path = context.workspace / file
    count = len(path.read_text()) if path.exists() else 0
    path.write_text("x" * (count + 1))
    if count + 1 < after:
        raise ToolFailed(f"asked {count + 1} times")
    return {"count": count + 1}
'''
_LEFT = (PhaseLeft, PhaseFailed, BranchLeft, ItemLeft)
AGENT = """
description: Answers.
prompt: You answer.
"""


class House:
    """A project folder; `workflow` and friends write its files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("runner.yaml", RUNNER)
        self.write("tools.d/test.yaml", TOOLS)
        self.write("tools.d/test.py", CODE)
        self.write("agents.d/helper.yaml", AGENT)
        self.write("replies.yaml", "- {text: Done.}")

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
        return path

    def workflow(self, phases: str, *, name: str = "job", head: str = "") -> None:
        """Write a workflow from its phases."""
        text = (
            f"description: A test.\n{textwrap.dedent(head)}\nphases:\n{textwrap.indent(textwrap.dedent(phases), '  ')}"
        )
        self.write(f"workflows/{name}.yaml", text)

    def told(self, phases: str, *, head: str = "", **inputs: Any) -> Told:
        """What the journal of a workflow tells, once it has been run."""
        self.workflow(phases, head=head)
        return asyncio.run(self.run(**inputs))

    def notes(self, file: str = "notes") -> list[str]:
        """The lines that the tool `note` has written."""
        path = self.root / file
        return path.read_text().splitlines() if path.exists() else []

    def load(self) -> Project:
        """The project; its problems fail the test."""
        loaded = load(Disk(self.root), self.root)
        assert loaded.project is not None, "\n".join(str(problem) for problem in loaded.problems)
        return loaded.project

    @asynccontextmanager
    async def engine(self, *, clock: Callable[[], float] = time.time, resume: bool = True) -> AsyncIterator[Engine]:
        """An engine on the project's store, with the project open."""
        store = Store.open(self.root / ".runner")
        owner = Owner.acquire(store.folder)
        engine = Engine(store, owner, clock=clock)
        await engine.start(resume=resume)
        try:
            await engine.adopt(await engine.open(self.load()))
            yield engine
        finally:
            await engine.close(grace=5)
            owner.release()
            store.close()

    async def run(self, name: str = "job", **inputs: Any) -> Told:
        """Run something to its end, or until it waits."""
        async with self.engine() as engine:
            run = await engine.submit(Start(name, inputs, by="tester"))
            await engine.settled(run)
            return Told(engine.store.events(run))


class Told:
    """What a run's journal tells."""

    def __init__(self, events: list[AnyEvent]) -> None:
        self.events = events
        self.state: RunState = fold(events)

    @property
    def end(self) -> RunEnded:
        """The verdict's event."""
        assert self.state.ended is not None, [event.type for event in self.events]
        return self.state.ended

    @property
    def route(self) -> list[str]:
        """Where the edges led, in order."""
        return [event.to for event in self.of("edge.taken")]

    def of(self, kind: str) -> list[Any]:
        """The events of one type."""
        return [event for event in self.events if event.type == kind]

    def record(self, path: str) -> Record:
        """The one record that something left."""
        (record,) = (event.record for event in self.events if event.path == path and isinstance(event, _LEFT))
        return record

    def call(self, path: str) -> Record:
        """The one record of a tool call."""
        (event,) = (event for event in self.events if isinstance(event, ToolReturned) and event.path == path)
        return event.record

    def statuses(self, *paths: str) -> list[str]:
        """The statuses of records, in the order of the paths."""
        return [self.record(path).status for path in paths]

    def visits(self) -> list[str]:
        """The paths of the phases that were entered, in order."""
        return [event.path for event in self.of("phase.entered")]
