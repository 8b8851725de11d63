"""What the daemon does now and then: idle sandboxes are archived, old archives removed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine.workbenches.benches import Benches
    from runner.runs.sandboxes.keeper import Sandboxes
    from runner.runs.sandboxes.spec import SandboxesSpec

PACE = 60.0
"""Seconds between two looks."""
SOON = 0.2


class Tidying:
    """One task that looks after sandboxes, by what runner.yaml says now."""

    def __init__(self, sandboxes: Sandboxes, benches: Benches, clock: Callable[[], float]) -> None:
        self._sandboxes = sandboxes
        self._benches = benches
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, first of all now."""
        self._task = asyncio.create_task(self._tidy(), name="tidying")

    async def stop(self) -> None:
        """Look no more; what is being archived is given up, and stays as it is."""
        self._sandboxes.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _tidy(self) -> None:
        while True:
            if self._benches.current is None:  # the files are being read
                await asyncio.sleep(SOON)
                continue
            if told := await self._look(self._benches.current.project.settings.sandboxes):
                asyncio.get_running_loop().call_exception_handler({"message": told})
            await asyncio.sleep(PACE)

    async def _look(self, spec: SandboxesSpec) -> str:
        """What could not be done, in words."""
        try:
            done = await asyncio.to_thread(self._sandboxes.tidy, spec, self._clock())
        except OSError as error:
            return f"sandboxes cannot be looked after: {error}"
        return "; ".join(f"sandbox {one.run}: {one.why}" for one in done if one.done == "kept")
