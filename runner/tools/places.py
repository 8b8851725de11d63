"""Places that tools leave alone, and whether a path is in one of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def places(paths: Sequence[str]) -> tuple[str, ...]:
    """Where paths lead, and where they stand themselves: a link can be replaced as well as what it leads to."""
    stand = (Path(path).parent.resolve() / Path(path).name for path in paths)
    return tuple(str(place) for path in stand for place in (path, path.resolve()))


def is_inside(path: Path | str, places: Sequence[str]) -> bool:
    """Whether a path is a place or below it; some file systems take small and capital letters as the same."""
    return f"{path}/".casefold().startswith(tuple(f"{place}/".casefold() for place in places))
