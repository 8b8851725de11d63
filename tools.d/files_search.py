"""The files pack: find files by their names and by the text in them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.tools.context import Context, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_PASSED_OVER = {".git", ".runner", ".venv", "venv", "node_modules", "__pycache__"}
_WALK_LIMIT = 50_000
"""Files and folders that one search looks at."""
_SIZE_LIMIT = 2_000_000
"""Bytes of the largest file that is searched for text."""
_SHOWN = 200
"""Characters of a line that are shown."""
_BINARY = 8_192
"""Bytes at the beginning of a file that tell whether it is text."""


def search_files(context: Context, pattern: str, path: str = ".", limit: int = 200) -> dict[str, Any]:
    """Files and folders whose name fits a glob; with a `/` in the pattern the whole path must fit."""
    fits = _name_matcher(pattern)
    paths = [found for found in _walk(context, path) if fits(found)]
    return {"paths": paths[: max(limit, 1)], "count": len(paths)}


def search_directory(
    context: Context,
    pattern: str,
    path: str = ".",
    files: str = "*",
    regex: bool = True,
    ignore_case: bool = False,
    limit: int = 100,
) -> dict[str, Any]:
    """Lines of text files that hold a pattern, as `path:line: text`."""
    expression, wanted = _expression(pattern, regex=regex, ignore_case=ignore_case), _name_matcher(files)
    found: list[str] = []
    for name in _walk(context, path):
        if not name.endswith("/") and wanted(name):
            found += (f"{name}:{number}: {line}" for number, line in _matching(context, name, expression))
        if len(found) > max(limit, 1):
            return {"matches": found[: max(limit, 1)], "more": True}
    return {"matches": found, "more": False}


def _walk(context: Context, path: str) -> Iterator[str]:
    """Paths under a folder (or the file itself), from the workspace on, folders with a `/`; links are not followed."""
    base, seen = Path(context.relative(path)), 0
    if ".runner" in base.parts:
        raise ToolFailed(f"'{path}' belongs to runner itself", hint="search the folders beside it")
    if (context.workspace / base).is_file():
        yield str(base)
        return
    with context.directory(path) as descriptor:
        for root, folders, files, _ in os.fwalk(".", dir_fd=descriptor):
            folders[:] = sorted(set(folders) - _PASSED_OVER)
            yield from (str(base / root / name) for name in sorted(files))
            yield from (f"{base / root / name}/" for name in folders)
            seen += len(folders) + len(files)
            if seen > _WALK_LIMIT:
                raise ToolFailed(f"'{path}' holds more than {_WALK_LIMIT:,} files", hint="name a folder further down")


def _name_matcher(pattern: str) -> Callable[[str], object]:
    """Whether a path fits a glob: `*.py` by its name, `src/**/test_*.py` as a whole, `calc` anywhere in its name."""
    glob = pattern.removeprefix("./").rstrip("/")
    whole = re.compile(_glob_expression(glob if set(glob) & set("*?[") else f"*{glob}*"), re.IGNORECASE)
    if "/" in glob:
        return lambda path: whole.fullmatch(path.rstrip("/"))
    return lambda path: whole.fullmatch(Path(path).name)


_GLOB_WORDS = {"**/": "(?:.+/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _glob_expression(glob: str) -> str:
    """A regular expression for a glob; `**/` stands for any folders, none included."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[!?[\w.,-]+\])", glob)
    return "".join(_GLOB_WORDS.get(part) or _character_class(part) or re.escape(part) for part in parts)


def _character_class(part: str) -> str | None:
    return part.replace("[!", "[^") if part.startswith("[") and part.endswith("]") else None


def _expression(pattern: str, *, regex: bool, ignore_case: bool) -> re.Pattern[str]:
    try:
        return re.compile(pattern if regex else re.escape(pattern), re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise ToolFailed(
            f"pattern {pattern!r} is no regular expression: {error}",
            hint="set regex to false to search for the text as it stands",
        ) from error


def _matching(context: Context, path: str, expression: re.Pattern[str]) -> Iterable[tuple[int, str]]:
    """The lines of a text file that hold the expression; a link and a binary, large or unreadable file have none."""
    if (context.workspace / path).is_symlink():
        return []
    try:
        data = context.read_bytes(path, _SIZE_LIMIT)
    except ToolFailed:
        return []
    if b"\0" in data[:_BINARY]:
        return []
    lines = data.decode(errors="replace").splitlines()
    return [(number, line.strip()[:_SHOWN]) for number, line in enumerate(lines, 1) if expression.search(line)]
