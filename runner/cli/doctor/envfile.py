"""`.env`, line by line: what other programs read otherwise, what cannot be read at all, and who may read it."""

from __future__ import annotations

import io
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from runner.cli.doctor.lines import Line, fail, ok, warn
from runner.git.asking import GitFailed, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = ".env"
_BOM = b"\xef\xbb\xbf"
_BLANKS = re.compile(r"^\s*(?:export\s+)?[^\s=#]+(?:\s+=|=[ \t]+\S)")


class Binding(NamedTuple):
    """A line that gives a name a value."""

    line: int
    value: str


def check(root: Path) -> Iterator[Line]:
    """All that is odd about the file; it need not be there."""
    path = root / NAME
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        yield fail(
            NAME, f".env cannot be read: {error.strerror}", "let the user of the daemon read it: `chmod u+r .env`"
        )
        return
    found = [*_check_bytes(content), *_check_lines(_text(content)), *_check_access(root, mode)]
    yield from found or [ok(NAME, f".env can be read: {len(bindings(root))} names")]


def bindings(root: Path) -> dict[str, Binding]:
    """The last line of each name."""
    from dotenv.parser import parse_stream

    try:
        text = _text((root / NAME).read_bytes())
    except OSError:
        return {}
    return {
        one.key: Binding(_first_line(one.original.line, one.original.string), one.value or "")
        for one in parse_stream(io.StringIO(text))
        if one.key and not one.error
    }


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", errors="replace")


def _first_line(line: int, text: str) -> int:
    """Blank lines before it count as part of a binding."""
    return line + len(text[: len(text) - len(text.lstrip())].splitlines())


def _check_bytes(content: bytes) -> Iterator[Line]:
    if content.startswith(_BOM):
        yield warn(
            NAME,
            ".env:1 begins with a byte order mark",
            "save it as UTF-8 without one: shells and systemd trip over it",
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield fail(NAME, ".env:1 the file is UTF-16", "save it as UTF-8")
        return
    body = content.removeprefix(_BOM)
    for number, line in enumerate(body.splitlines(), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            yield fail(NAME, f".env:{number} is no UTF-8", "save the file as UTF-8")
            break
    if b"\r\n" in content:
        number = content.split(b"\r\n")[0].count(b"\n") + 1
        hint = "`sed -i 's/\\r$//' .env` mends it: shells, systemd and docker take the CR as part of the value"
        yield warn(NAME, f".env:{number} ends in CR LF", hint)


def _check_lines(text: str) -> Iterator[Line]:
    from dotenv.parser import parse_stream

    seen: dict[str, int] = {}
    for one in parse_stream(io.StringIO(text)):
        number = _first_line(one.original.line, one.original.string)
        if one.error:
            why = "a quote that is never closed" if "=" in one.original.string else "this is no NAME=value"
            yield fail(NAME, f".env:{number} cannot be read: {why}", "write NAME=value, one on each line")
        elif one.key and one.value is None:
            yield fail(NAME, f".env:{number} {one.key} has no `=`", f"write {one.key}=value")
        elif one.key:
            if _BLANKS.match(one.original.string.lstrip("\r\n")):
                hint = f"write {one.key}=value: shells and docker do not take blanks there"
                yield warn(NAME, f".env:{number} {one.key} has blanks around `=`", hint)
            if one.key in seen:
                yield warn(
                    NAME, f".env:{number} {one.key} is also in line {seen[one.key]}", "the last one counts: keep one"
                )
            seen[one.key] = number


def _check_access(root: Path, mode: int) -> Iterator[Line]:
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        yield warn(NAME, f".env is open to everybody on this machine (mode {stat.S_IMODE(mode):o})", "`chmod 600 .env`")
    try:
        kept = ask(root, "ls-files", "--", NAME)
    except GitFailed:
        return
    if kept:
        hint = "`git rm --cached .env`, add it to .gitignore, and replace its keys: they are in the history"
        yield fail(NAME, ".env is in git", hint)
