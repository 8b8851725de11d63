"""What differs between two runs: their files, inputs, prompts, phases, tool calls and outcome, paired by path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from runner.runs import doings
from runner.runs.doings import Values, Visit
from runner.runs.events import AnyEvent, PhaseEntered, RunQueued

Pair = tuple[Any, Any]
"""A value of the first run and of the second; None where one has none."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not the same; `path` is the step it belongs to, or a name."""

    path: str
    what: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RunComparison:
    """All that differs; what two runs never share (ids, times, tokens) stands beside it and makes no difference."""

    runs: tuple[str, str]
    revisions: tuple[str, str]
    commits: tuple[str, str]
    dirty: tuple[bool, bool]
    start: tuple[Difference, ...]
    """What was started and with which inputs."""
    files: tuple[Difference, ...]
    """Files of the two revisions, as texts."""
    prompts: tuple[Difference, ...]
    phases: tuple[Difference, ...]
    """Of visits: their status, or their order."""
    models: tuple[Difference, ...]
    calls: tuple[Difference, ...]
    approvals: tuple[Difference, ...]
    outcome: tuple[Difference, ...]
    visits: Mapping[str, tuple[Visit | None, Visit | None]]
    """Every visit of both, in the order of the first run, then of the second."""
    figures: Mapping[str, tuple[float, float]]

    @property
    def differences(self) -> dict[str, tuple[Difference, ...]]:
        """The differences by what they are of, empty ones included."""
        names = ("start", "files", "prompts", "phases", "models", "calls", "approvals", "outcome")
        return {name: getattr(self, name) for name in names}

    @property
    def is_empty(self) -> bool:
        """Whether both did and said the same."""
        return self.revisions[0] == self.revisions[1] and not any(self.differences.values())

    def to_dict(self) -> dict[str, Any]:
        """What `runs diff --json` prints."""
        return {**asdict(self), "same": self.is_empty}


def compare(old: Sequence[AnyEvent], new: Sequence[AnyEvent], files: tuple[Files, Files] | None) -> RunComparison:
    """What differs between two runs, told by their events; `files` are those of their revisions, if both are kept."""
    queued = tuple(next(event for event in events if isinstance(event, RunQueued)) for events in (old, new))
    visits = _paired(doings.visits(old), doings.visits(new))
    return RunComparison(
        runs=(queued[0].run, queued[1].run),
        revisions=(queued[0].revision, queued[1].revision),
        commits=(queued[0].commit, queued[1].commit),
        dirty=(queued[0].dirty, queued[1].dirty),
        start=_started(*queued),
        files=tuple(map(_as_texts, _differences(*files, "content"))) if files else (),
        prompts=tuple(_each(old, new, doings.prompts)),
        phases=(*_statuses(visits), *_order(old, new)),
        models=tuple(_each(old, new, doings.models)),
        calls=tuple(_each(old, new, doings.calls)),
        approvals=tuple(_each(old, new, doings.answers)),
        outcome=tuple(_differences(doings.outcome(old), doings.outcome(new), "")),
        visits=visits,
        figures=_paired(doings.figures(old), doings.figures(new)),
    )


Files = Mapping[str, bytes]


def _started(old: RunQueued, new: RunQueued) -> tuple[Difference, ...]:
    names = ("kind", "name", "workspace")
    before, after = ({name: getattr(one, name) for name in names} for one in (old, new))
    begun = _differences(before, after, "")
    return (*begun, *_differences(old.inputs, new.inputs, "input"))


def _each(
    old: Sequence[AnyEvent], new: Sequence[AnyEvent], read: Callable[[Sequence[AnyEvent]], Mapping[str, Values]]
) -> Iterator[Difference]:
    """The parts that differ, step by step; a step that one run has not is a difference as a whole."""
    for path, (before, after) in _paired(read(old), read(new)).items():
        if before is None or after is None:
            yield Difference(path, "", before, after)
        else:
            for what in dict.fromkeys((*before, *after)):
                if before.get(what) != after.get(what):
                    yield Difference(path, what, before.get(what), after.get(what))


def _differences(old: Values, new: Values, what: str) -> Iterator[Difference]:
    for name, (before, after) in _paired(old, new).items():
        if before != after:
            yield Difference(name, what, before, after)


def _paired(old: Values, new: Values) -> dict[str, Pair]:
    return {name: (old.get(name), new.get(name)) for name in (*old, *(name for name in new if name not in old))}


def _statuses(visits: Mapping[str, Pair]) -> Iterator[Difference]:
    for path, pair in visits.items():
        before, after = (one.status if one else None for one in pair)
        if before != after:
            yield Difference(path, "status", before, after)


def _order(old: Sequence[AnyEvent], new: Sequence[AnyEvent]) -> Iterator[Difference]:
    """Whether the visits that both have came one after the other alike; branches and items race, and do not count."""
    entered = [[event.path for event in events if isinstance(event, PhaseEntered)] for events in (old, new)]
    before, after = ([path for path in entered[side] if path in entered[1 - side]] for side in (0, 1))
    if before != after:
        yield Difference("", "order", before, after)


def _as_texts(file: Difference) -> Difference:
    return replace(file, old=_text(file.old), new=_text(file.new))


def _text(content: bytes | None) -> str | None:
    """A file's text; of one that is none, how long it is."""
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"({len(content)} bytes that are no text)"
