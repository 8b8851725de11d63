"""Run one case: a copy of the project's folder, a store of its own, and an engine that is gone afterwards."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.cli.client import person
from runner.cli.testing import books, cassette
from runner.cli.testing.folder import copy_of
from runner.cli.testing.judge import judge
from runner.engine import Engine, Start
from runner.errors import RunnerError, UsageError
from runner.models.cassettes import Player, Recorder
from runner.project.cases import inputs_of
from runner.runs.events import ModelReplied, PhaseFailed, RunWaiting
from runner.runs.owners import Owner
from runner.runs.state import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.cli.testing.books import CaseStore
    from runner.models.cassettes import Tape
    from runner.project.cases import NamedCase
    from runner.project.project import Project
    from runner.runs.events import AnyEvent

WHO = "runner test"
GRACE = 5.0
"""Seconds that a tool which changes something gets to finish when a case ends."""


@dataclass(slots=True)
class Ran:
    """A case that was run, and what became of it."""

    case: NamedCase
    model: str
    """The model of `--models`, or empty."""
    failures: list[str] = field(default_factory=list)
    verdict: str = ""
    output: Any = None
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    """Seconds of each model call; of a cassette, as it was recorded."""
    input: int = 0
    tokens: int = 0
    """Input and output together."""
    cost_micros: int | None = None
    """Millionths of a US dollar; None when nobody knows."""

    @property
    def is_good(self) -> bool:
        """Whether all is as it should be."""
        return not self.failures

    @property
    def title(self) -> str:
        """The case, and the model where there are several."""
        return f"{self.case.name} on {self.model}" if self.model else self.case.name


def run_case(project: Project, case: NamedCase, model: str, *, live: bool, record: bool) -> Ran:
    """The case run and judged; a fault that keeps it from running is a failure of it."""
    ran, began = Ran(case, model), time.monotonic()
    storage = project.root / project.settings.storage.path
    try:
        with copy_of(project.root, storage) as copy, tempfile.TemporaryDirectory(prefix="runner-test-") as holder:
            placed, folder = _placed(project, copy, model), Path(holder).resolve()
            tape = _tape(project, placed, case, model, folder, live=live, record=record)
            store = books.opened(folder / "store", placed, storage, tape, is_asked=live or record)
            events = asyncio.run(_drive(placed, case, tape, store))
            _take(ran, events, tape)
            if isinstance(tape, Recorder):
                against = cassette.why_not(events, ran.verdict, case.spec.expect.verdict)
                told = cassette.keep(tape, folder, cassette.place_of(project, case, model), against)
                ran.failures += [told] if told else []
    except OSError as error:
        ran.failures.append(f"{error.filename or project.root}: {error.strerror or error}")
    except RunnerError as error:
        ran.failures.append(f"{error.message}{f' ({error.hint})' if error.hint else ''}")
    ran.seconds = time.monotonic() - began
    return ran


# ------------------------------------------------------------------------------------------------------ the project


def _placed(project: Project, copy: Path, model: str) -> Project:
    """The project in its copy, where runs may work and nowhere else; on one model alone when that is asked for."""
    settings = project.settings
    models = settings.models
    agents = dict(project.agents)
    if model:
        models = {**models, model: models[model].model_copy(update={"fallback": ()})}
        agents = {name: replace(one, spec=one.spec.model_copy(update={"model": model})) for name, one in agents.items()}
    inside = [_inside(project.root, folder) for folder in settings.workspaces]
    folders = tuple(folder for folder in inside if folder) or (".",)
    settings = settings.model_copy(update={"workspaces": folders, "models": models})
    return replace(project, root=copy, settings=settings, agents=agents)


def _inside(root: Path, folder: str) -> str:
    """A workspace as seen from the root; empty when it lies elsewhere."""
    path = (root / Path(folder).expanduser()).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""


def _tape(
    project: Project, placed: Project, case: NamedCase, model: str, folder: Path, *, live: bool, record: bool
) -> Tape | None:
    """What answers: a cassette, or None for the models themselves."""
    file = cassette.place_of(project, case, model)
    if record:
        return cassette.recorder(file, folder, placed)
    words = f"runner test {case.name} --record{f' --models {model}' if model else ''}"
    return None if live else cassette.player(file, project, placed, words)


# ----------------------------------------------------------------------------------------------------------- the run


class _Clock:
    """The time, which can be put forward: nobody waits for a timer."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self._ahead

    def reach(self, moment: float) -> None:
        """Let it be that late."""
        self._ahead += max(0.0, moment - self())


async def _drive(project: Project, case: NamedCase, tape: Tape | None, store: CaseStore) -> list[AnyEvent]:
    """The events of the run, when it has ended or waits for a person whom nobody plays; the store is closed then."""
    clock, owner = _Clock(), Owner.acquire(store.folder)
    engine = Engine(store, owner, clock=clock, tape=tape)
    try:
        await engine.start(resume=False)
        await engine.adopt(await engine.open(project))
        run = await engine.submit(Start(case.spec.run, _inputs(project, case), by=person()))
        working = asyncio.ensure_future(_settle(engine, run, case, clock))
        failed = asyncio.ensure_future(engine.failed())
        await asyncio.wait({working, failed}, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            working.cancel()
            raise RunnerError(f"the journal cannot be written: {failed.result()}")
        failed.cancel()
        working.result()
        return store.events(run)
    finally:
        await engine.close(GRACE)
        owner.release()
        try:
            books.book(store, project)
        finally:
            store.close()


def _inputs(project: Project, case: NamedCase) -> dict[str, Any]:
    entry = project.workflows[case.spec.run]
    types = entry.spec.inputs.types if entry.spec.inputs else {}
    given = inputs_of(case.spec, entry)
    paths = {name for name, kind in types.items() if kind.word == "a path" and isinstance(given.get(name), str)}
    return {name: str(project.root / value) if name in paths else value for name, value in given.items()}


async def _settle(engine: Engine, run: str, case: NamedCase, clock: _Clock) -> None:
    """Answer every question as the case says and let every timer end, until the run has ended."""
    while (await engine.settled(run)).status != "ended":
        asked = engine.store.approvals(run=run)
        if asked:
            if case.spec.approvals is None:
                return
            for one in asked:
                await engine.decide(one.id, case.spec.approvals, by=one.by[0] if one.by else WHO)
        else:
            clock.reach(_due(engine.store.events(run)))
            with suppress(UsageError):  # it goes on already
                await engine.resume(run)
        await asyncio.sleep(0.01)


def _due(events: Sequence[AnyEvent]) -> float:
    """When the earliest timer of a run that waits is due."""
    last = next((event for event in reversed(events) if isinstance(event, RunWaiting)), None)
    return min((one.until for one in last.on if one.until is not None), default=0.0) if last else 0.0


def _hint(events: Sequence[AnyEvent]) -> str:
    """What the last failure of a phase says to do."""
    last = next((event.record.error for event in reversed(events) if isinstance(event, PhaseFailed)), None)
    return f" ({last.hint})" if last and last.hint else ""


def _take(ran: Ran, events: Sequence[AnyEvent], tape: Tape | None) -> None:
    """Judge what happened."""
    state = fold(events)
    ended = state.ended
    waits = "; ".join(asked.question.ask for asked in state.asked.values() if asked.answer is None)
    ran.verdict = ended.verdict if ended else "waiting"
    ran.output = ended.output if ended else None
    why = f"{ended.why}{_hint(events)}" if ended else f"{waits} (`approvals: approve` or `deny` in the case answers it)"
    replies = [event for event in events if isinstance(event, ModelReplied)]
    ran.latencies = list(tape.seconds) if isinstance(tape, Player) else [one.seconds for one in replies]
    ran.input = sum(one.usage.input for one in replies)
    ran.tokens = sum(one.usage.total for one in replies)
    ran.cost_micros = state.spent[""].cost if state.spent[""].cost or not state.unpriced else None
    if isinstance(tape, Recorder) and tape.fault:
        ran.failures.append(f"the cassette is not whole: {tape.fault.strerror or tape.fault}")
    ran.failures += judge(ran.case.spec.expect, ran.verdict, why, ran.output, events)
