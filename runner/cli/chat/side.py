"""Where the runs of a chat are worked on: through a daemon, or in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from runner.runs.events import AnyEvent
    from runner.runs.live import Delta


class Side(Protocol):
    """Begins runs and tells what happens to them."""

    is_here: ClassVar[bool]
    """Whether nobody works on a run once the chat is over."""

    def begin(self, agent: str, text: str, previous: str) -> str:
        """Start a run of a message and return its id; without an agent the one that it fits answers."""

    def watch(self, run: str, seen: int, take: Callable[[AnyEvent | Delta], None]) -> None:
        """Tell what happens after the event `seen`, until the run has ended or waits for a person."""

    def go_on(self, run: str) -> None:
        """See to it that a run whose questions were answered is worked on."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
