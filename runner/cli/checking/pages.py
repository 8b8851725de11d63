"""The pages that explain the codes of problems."""

from __future__ import annotations

import re

from runner.errors import UsageError
from runner.project import std
from runner.project.codes import TITLES
from runner.spec.words import did_you_mean

_FENCED = re.compile(r"^```\w*\n(.*?)^```$\n?", re.MULTILINE | re.DOTALL)


def read(code: str) -> str:
    """The page of a code, as Markdown; raises `UsageError` for one that does not exist."""
    if code not in TITLES:
        near = did_you_mean(code, TITLES)
        raise UsageError(f"there is no problem `{code}`", hint=near or f"there are: {', '.join(sorted(TITLES))}")
    return (std.problems() / f"{code}.md").read_text(encoding="utf-8")


def plain(page: str) -> str:
    """A page as a terminal shows it: no marks of Markdown, examples indented."""
    return _FENCED.sub(lambda found: _indented(found[1]), page).removeprefix("# ")


def meaning(page: str) -> str:
    """What a code means: the first paragraph below the title."""
    return page.split("\n\n")[1].strip()


def _indented(block: str) -> str:
    return "".join(f"    {line}" for line in block.splitlines(keepends=True))
