"""The files pack: read, write, edit, list, move and delete inside the workspace."""

from __future__ import annotations

import difflib
import os
import re
import stat
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.tools.context import Context, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

_PASSED_OVER = {".git", ".runner", ".venv", "venv", "node_modules", "__pycache__"}
_LINE_LIMIT = 2_000
"""Characters of a line that are shown."""
_TEXT_LIMIT = 60_000
"""Characters that one answer shows."""
_NEAR_FILES = 20_000
"""Files among which a name like the missing one is sought."""
_NEAR_LINES = 5_000
"""Lines of a file in which a text like the missing one is sought."""
_NEAR_ENOUGH = 0.6


def read_file(context: Context, path: str, offset: int = 1, limit: int = 1000, numbers: bool = False) -> str:
    """The lines of a text file from line `offset` on, at most `limit` of them."""
    with _found(context, path):
        lines = context.read_text(_readable(context, path)).splitlines(keepends=True)
    if offset < 1:
        raise ToolFailed(f"offset counts lines from 1; {offset} is none")
    if offset > max(len(lines), 1):
        raise ToolFailed(f"'{path}' has {len(lines)} lines; line {offset} is past its end")
    shown = _bounded(lines[offset - 1 : offset - 1 + max(limit, 1)])
    last = offset - 1 + len(shown)
    text = "".join(f"{number:>6}\t{line}" for number, line in enumerate(shown, offset)) if numbers else "".join(shown)
    if len(shown) == len(lines):
        return text
    more = f"; go on with offset {last + 1}" if last < len(lines) else ""
    return f"{text.rstrip()}\n[lines {offset}-{last} of {len(lines)}{more}]"


def write_file(context: Context, path: str, content: str) -> dict[str, Any]:
    """Write a whole file; folders on the way are made, a file that is there is replaced."""
    _writable(context, path)
    context.make_directory(Path(path).parent)
    created = not (context.workspace / context.relative(path)).exists()
    context.write_text(path, content)
    return {"path": context.relative(path), "created": created, "lines": len(content.splitlines())}


def edit_file(
    context: Context,
    path: str,
    old_string: str,
    new_string: str,
    replace_all: bool = False,
) -> dict[str, Any]:
    """Replace text that stands exactly once in a file, or each time with `replace_all`."""
    _writable(context, path)
    with _found(context, path):
        text = context.read_text(path)
    old, new = _with_line_ends(text, old_string), _with_line_ends(text, new_string)
    if not old or old == new:
        raise ToolFailed("old_string is empty" if not old else "old_string and new_string are the same: nothing to do")
    count = text.count(old)
    if not count:
        raise ToolFailed(f"old_string does not stand in '{path}'", hint=_nearest(text, old))
    lines = _lines_of(text, old)
    if count > 1 and not replace_all:
        where = ", ".join(map(str, lines[:10]))
        raise ToolFailed(
            f"old_string stands {count} times in '{path}' (lines {where}); it must stand once",
            hint="add the lines around it to old_string, or set replace_all to change every one",
        )
    context.write_text(path, text.replace(old, new))
    return {"path": context.relative(path), "replaced": count, "lines": lines[:10]}


def list_directory(context: Context, path: str = ".", limit: int = 500) -> dict[str, Any]:
    """What stands in a folder: folders with a `/` at the end, links with an `@`."""
    with _found(context, path), context.directory(_readable(context, path)) as folder, os.scandir(folder) as found:
        entries = sorted(entry.name + _sign(entry) for entry in found)
    return {
        "path": context.relative(path),
        "entries": entries[: max(limit, 1)],
        "more": max(0, len(entries) - max(limit, 1)),
    }


def make_directory(context: Context, path: str) -> dict[str, Any]:
    """Make a folder and those above it."""
    context.make_directory(_writable(context, path))
    return {"path": context.relative(path)}


def move_path(context: Context, source: str, destination: str) -> dict[str, Any]:
    """Move or rename a file or folder; nothing is overwritten."""
    _writable(context, source)
    _writable(context, destination)
    with _found(context, source), context.parent(source) as (above, name):
        os.stat(name, dir_fd=above, follow_symlinks=False)
        context.make_directory(Path(destination).parent)
        with context.parent(destination) as (below, new_name):
            if new_name in os.listdir(below):  # noqa: PTH208 - of a descriptor
                raise ToolFailed(f"'{destination}' is there already", hint="give the whole new path, with a free name")
            os.rename(name, new_name, src_dir_fd=above, dst_dir_fd=below)
    return {"source": source, "path": context.relative(destination)}


def delete_path(context: Context, path: str) -> dict[str, Any]:
    """Delete a file, a link or an empty folder."""
    _writable(context, path)
    with _found(context, path), context.parent(path) as (folder, name):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            os.rmdir(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)
    return {"deleted": path}


def _readable(context: Context, path: str) -> str:
    if ".runner" in _names(context, path):
        raise ToolFailed(f"'{path}' belongs to runner itself", hint="work on the files beside it")
    return path


def _writable(context: Context, path: str) -> str:
    """A path that may be changed: what stands in .git starts programs, and in .venv commands are looked for first."""
    if ".git" in _names(context, path):
        raise ToolFailed(f"'{path}' belongs to git, which alone writes there", hint="change the files beside it")
    if ".venv" in _names(context, path) or context.resolve(path).is_relative_to(_environment(context)):
        raise ToolFailed(
            f"'{path}' belongs to the environment that commands come from", hint="change the files beside it"
        )
    return _readable(context, path)


def _environment(context: Context) -> Path:
    """Where .venv leads: a link may give it another name."""
    return Path(os.path.realpath(context.workspace / ".venv"))


def _names(context: Context, path: str) -> set[str]:
    """All names on the way to where a path leads, and its own last one, in lower case."""
    return {name.lower() for name in (*context.relative(path).split("/"), Path(path).name)}


@contextmanager
def _found(context: Context, path: str) -> Iterator[None]:
    """Lead whoever names a path that is not there to one that is."""
    try:
        yield
    except ToolFailed as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        close = _close_paths(context, path)
        near = f"did you mean {' or '.join(close)}? " if close else ""
        hint = f"{near}search_files finds a path by its name, search_directory by the text in it"
        raise ToolFailed(error.message, hint=hint) from error


def _close_paths(context: Context, path: str) -> list[str]:
    """Paths of the workspace with the same or nearly the same name, the likeliest first."""
    by_name: dict[str, list[str]] = {}
    for found in islice(_paths(context), _NEAR_FILES):
        by_name.setdefault(found.name, []).append(str(found))
    names = difflib.get_close_matches(Path(path).name, by_name, n=3, cutoff=0.7)
    return [found for name in names for found in by_name[name]][:3]


def _paths(context: Context) -> Iterator[Path]:
    with context.directory(".") as workspace:
        for root, folders, files, _ in os.fwalk(".", dir_fd=workspace):
            folders[:] = sorted(set(folders) - _PASSED_OVER)
            yield from (Path(root, name) for name in sorted([*folders, *files]))


def _sign(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "@"
    return "/" if entry.is_dir() else ""


def _bounded(lines: list[str]) -> list[str]:
    """As many lines as fit in one answer, over-long ones cut."""
    shown: list[str] = []
    size = 0
    for line in lines:
        cut = line if len(line) <= _LINE_LIMIT else f"{line[:_LINE_LIMIT]}… [{len(line)} characters]\n"
        size += len(cut)
        if size > _TEXT_LIMIT:
            break
        shown.append(cut)
    return shown


def _with_line_ends(text: str, part: str) -> str:
    """The part with the line ends of the text: models write plain ones, whatever the file has."""
    return part.replace("\n", "\r\n") if "\r\n" in text and "\r" not in part else part


def _lines_of(text: str, part: str) -> list[int]:
    """The numbers of the lines where each occurrence begins."""
    return [text.count("\n", 0, match.start()) + 1 for match in re.finditer(re.escape(part), text)]


def _nearest(text: str, old: str) -> str:
    """The lines that come nearest to a text that was not found."""
    lines, wanted = text.splitlines(), old.splitlines()
    height, target = len(wanted), "\n".join(line.strip() for line in wanted)
    starts = range(max(1, len(lines) - height + 1)) if len(lines) <= _NEAR_LINES else range(0)
    matcher = difflib.SequenceMatcher(autojunk=False, b=target)
    best, score = 0, 0.0
    for start in starts:
        matcher.set_seq1("\n".join(line.strip() for line in lines[start : start + height]))
        if matcher.real_quick_ratio() > score and matcher.quick_ratio() > score and matcher.ratio() > score:
            best, score = start, matcher.ratio()
    if score < _NEAR_ENOUGH:
        return "read_file shows what stands there now; copy the text from it exactly"
    shown = "\n".join(lines[best : best + height])
    return f"nearest is line {best + 1} (white space counts):\n{shown}"
