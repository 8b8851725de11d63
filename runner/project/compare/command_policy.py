"""What differs between two policies for free command lines: by program, and in what holds for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.compare.plain import plain

if TYPE_CHECKING:
    from runner.policy import CommandPolicy
    from runner.project.compare.walk import Found

_WHERE = "command policy"


def compare_policies(found: Found, old: CommandPolicy | None, new: CommandPolicy | None) -> None:
    """Note which programs came, went, or may now have other words; a policy comes and goes with the tools it is for."""
    if old is None or new is None:
        return
    for key in ("path", "closed", "host_paths"):
        before, after = plain(getattr(old, key)), plain(getattr(new, key))
        if before != after:
            found.power("changed", _WHERE, key, before, after)
    for name in sorted(old.programs.keys() | new.programs.keys()):
        one, other = old.programs.get(name), new.programs.get(name)
        if one is None or other is None:
            found.power("gained" if one is None else "lost", _WHERE, f"programs.{name}")
        elif one != other:
            keys = [key for key in type(one).model_fields if getattr(one, key) != getattr(other, key)]
            found.power("changed", _WHERE, f"programs.{name}: {', '.join(keys)}")
