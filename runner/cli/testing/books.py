"""What the models of a case cost: it counts under the project's limits of a day, and is kept in its journal."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING

from runner.models import ScriptedModel
from runner.models.cassettes import Player
from runner.runs.events import ModelRequested, RunEnded, RunQueued
from runner.runs.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runner.models.cassettes import Tape
    from runner.project.project import Project
    from runner.runs.events import AnyEvent


class CaseStore(Store):
    """The journal of one case, which is thrown away; `books` is the project's where models may be paid."""

    books: Store | None = None
    is_asked = False
    """Whether the command wants models to be asked, whichever they are."""

    def spent_since(self, time: float, by: str | None, apart: Iterable[str]) -> int:
        """What calls since then cost, in millionths of a US dollar: the case's and all of the project's."""
        # A timer puts the clock of a case forward, maybe to another day; the day of its money stays.
        today, own = min(time, _midnight()), super().spent_since
        before = own(today, by, ()) - own(time, by, ())
        return own(time, by, apart) + before + (self.books.spent_since(today, by, ()) if self.books else 0)

    def dearest(self, served: str) -> float:
        """The most that a token of a model cost lately, in millionths of a US dollar."""
        return max(super().dearest(served), self.books.dearest(served) if self.books else 0.0)

    def close(self) -> None:
        """Close both."""
        super().close()
        if self.books:
            self.books.close()


def opened(folder: Path, project: Project, storage: Path, tape: Tape | None, *, is_asked: bool) -> CaseStore:
    """The store of a case; a cassette costs nothing, nor do scripted models where none `is_asked` for."""
    store = CaseStore.open(folder)
    store.is_asked = is_asked
    if not isinstance(tape, Player) and (is_asked or _served(project, project.settings.models)):
        try:
            store.books = Store.open(storage)
        except BaseException:
            store.close()
            raise
    return store


def book(store: CaseStore, project: Project) -> None:
    """Keep a run that asked models in the project's journal: as one that has ended, so that nobody goes on with it."""
    for row in store.runs() if store.books else ():
        events = store.events(row.id)
        asked = {event.model for event in events if isinstance(event, ModelRequested)}
        if store.books and asked and (store.is_asked or _served(project, asked)):
            _keep(store.books, project, events)
            for file in store.blobs.folder.rglob("*"):
                if file.is_file():
                    store.books.blobs.put_file(file)


def _served(project: Project, names: Iterable[str]) -> bool:
    """Whether one of the models is not scripted."""
    return any(not isinstance(project.settings.models[name], ScriptedModel) for name in names)


def _keep(books: Store, project: Project, events: list[AnyEvent]) -> None:
    last, now = events[-1], time.time()
    if not any(isinstance(event, RunEnded) for event in events):
        end = RunEnded(verdict="cancelled", why="the test was over")
        events.append(end.model_copy(update={"run": last.run, "seq": last.seq + 1, "time": last.time}))
    commit, dirty = books.revisions.commit(project.revision)
    books.revisions.save(project.revision, project.files, commit, dirty=dirty)
    books.append([_placed(event, now) for event in events])


def _placed(event: AnyEvent, now: float) -> AnyEvent:
    """The event, no later than it was; the commit is one of the copy, which nobody else knows."""
    known = {"commit": "", "dirty": False} if isinstance(event, RunQueued) else {}
    return event.model_copy(update={"time": min(event.time, now), **known})


def _midnight() -> float:
    return datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
