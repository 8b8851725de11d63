"""What a server's tools are called here: `PACK_tool`, in the letters that names have, each once."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 64
"""Characters of a tool's name that models take."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9_-]+")
_MARK = 6


def short_names(pack: str, wire: Iterable[str]) -> dict[str, str]:
    """The name of each of a server's tools without the pack's; those that would be alike get a mark of their own."""
    names = {one: _plain(one) for one in wire}
    counts = Counter(names.values())
    room = LONGEST - len(pack) - 1
    return {
        one: name if one == name and len(name) <= room else _marked(one, name, room, alike=counts[name] > 1)
        for one, name in names.items()
    }


def full_name(pack: str, short: str) -> str:
    """The name that agents, rules and models know a tool by."""
    return f"{pack}_{short}"


def _plain(wire: str) -> str:
    name = _OTHER.sub("_", _HUMP.sub("_", wire).lower()).strip("_-")
    return name if name[:1].isalpha() else f"t{name}"


def _marked(wire: str, name: str, room: int, *, alike: bool) -> str:
    if not alike and len(name) <= room:
        return name
    mark = hashlib.sha256(wire.encode(errors="surrogatepass")).hexdigest()[:_MARK]
    return f"{name[: max(1, room - _MARK - 1)]}_{mark}"
