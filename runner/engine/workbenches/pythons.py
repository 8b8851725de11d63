"""The python workers of a workbench: one set for each folder of packs, started by the first call."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from runner.project.resources import digest_of, places_of
from runner.tools.workers import FolderWorkers, Given

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.workbenches.keeping import Places
    from runner.project.project import Project
    from runner.runs.store import Store

    Lease = Callable[[str, str, Callable[[], Any]], Any]


class Pythons:
    """The workers that a project's python tools run in; `lease` takes some from the pool, `mark` is our processes'."""

    def __init__(self, project: Project, store: Store, mark: str, places: Places, lease: Lease) -> None:
        self._project = project
        self._kept = store.revisions
        self._mark = mark
        self._places = places
        self._lease = lease
        self._open: dict[str, FolderWorkers] = {}

    def workers(self, tool: str) -> FolderWorkers:
        """The workers of the folder that holds a tool's pack."""
        folder = self._project.tools[tool].file.rpartition("/")[0] or "."
        if folder not in self._open:
            self._take(folder, self._digest(folder))
        return self._open[folder]

    def take_over(self, former: Pythons) -> None:
        """Lease the workers of the former workbench that this one would start alike: they go on as they are."""
        for folder in former._open.keys() - self._open.keys():
            digest = self._digest(folder)
            if digest == former._digest(folder):
                self._take(folder, digest)

    def forget(self) -> None:
        """Hold none any more; the leases are given back by whoever keeps them."""
        self._open = {}

    def _take(self, folder: str, digest: str) -> None:
        self._open[folder] = self._lease("workers", digest, lambda: self._opened(folder))

    def _opened(self, folder: str) -> FolderWorkers:
        revision, kept = self._project.revision, self._kept
        return FolderWorkers(
            kept.place(revision) / folder,
            self._mark,
            given=Given([*self._places.closed], [*self._places.fixed], places_of(self._project, kept.place(revision))),
            prepare=lambda: kept.folder(revision),
            origin=revision,
        )

    def _digest(self, folder: str) -> str:
        digest = hashlib.sha256(json.dumps([folder, *map(list, self._places), digest_of(self._project)]).encode())
        for name in sorted(self._project.files):
            if name.endswith(".py") and str(PurePosixPath(name).parent) == folder:
                digest.update(name.encode() + b"\0" + self._project.files[name] + b"\0")
        return digest.hexdigest()
