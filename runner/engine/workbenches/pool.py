"""Live parts that several workbenches share: opened once for each key, closed with the last lease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Part(Protocol):
    """Something that is open."""

    async def close(self) -> None:
        """Give back what was opened."""


PartT = TypeVar("PartT", bound=Part)


@dataclass(slots=True)
class _Held:
    part: Any
    leases: int = 0


class Pool:
    """Parts by (kind, digest of what they were made from)."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], _Held] = {}

    def lease(self, kind: str, digest: str, opener: Callable[[], PartT]) -> PartT:
        """The part of that key, opened when nobody holds it yet; give every lease back with `release`."""
        key = (kind, digest)
        if key not in self._held:
            self._held[key] = _Held(opener())
        self._held[key].leases += 1
        part: PartT = self._held[key].part
        return part

    async def release(self, kind: str, digest: str) -> None:
        """Give a lease back; the last one closes the part."""
        held = self._held[kind, digest]
        held.leases -= 1
        if held.leases == 0:
            del self._held[kind, digest]
            await held.part.close()

    def __iter__(self) -> Iterator[Part]:
        """All parts that are open."""
        return iter([held.part for held in self._held.values()])

    def __len__(self) -> int:
        return len(self._held)
