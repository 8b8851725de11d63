"""Secrets in files: `${NAME}` stands only where it is filled in, and a key never stands in a file itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.project.findings import Finding
from runner.secrets import REFERENCE, kept_by
from runner.secrets.literals import KEYS
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.findings import Loc
    from runner.tools.base import ToolSpec

_SIGNS = re.compile(rb"sk-|gh[pousr]_|github_pat_|AKIA|xox|AIza|glpat-|hf_|BEGIN|\$\{|\\")
"""What every such text begins with, or an escape that may stand for it."""
_NAMED = re.compile(r"\$[({]*\s*(?:secrets\.|env\.)?([A-Z][A-Z0-9_]*)\b")
"""A name behind a dollar sign, as shells and other systems have it."""
_BARE = re.compile(r"[\W_]*(?:(?:os\.|process\.)?env(?:iron)?\b|secrets\b)?[\W]*([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\W*")
"""A name without one: no key of capitals and underscores alone is known."""
_OF_REQUESTS = (("http", "headers"), ("http", "auth"))
_OF_HOSTS = ("password", "sudo_password")
_SECRET_FIELDS = {"key", "api_key", "apikey", "token", "password", "secret"}


def may_hold_any(file: str, content: bytes) -> bool:
    """Whether a file may hold anything that `check_literals` finds: it looks at each text of it, which takes longer."""
    return file == SETTINGS or _SIGNS.search(content) is not None


def check_literals(file: str, data: Any) -> Iterator[Finding]:
    """What is wrong with the texts of one file."""
    for loc, text in texts(data):
        if KEYS.search(text) or _is_secret_field(file, loc, text):
            yield Finding("literal-secret", file, loc, *_written_out(text))
        elif REFERENCE.search(text) and not _is_filled(loc) and not _is_script(file, loc):
            what = "${…} is filled in only as a model's `key`, a host's `password`, a tool's `env`, `headers`, `auth`"
            yield Finding("misplaced-secret", file, loc, what, _instead(text))


def references(data: Any) -> Iterator[str]:
    """The names of all `${NAME}` that are filled in: in a model's `key`, in a tool's `env`, headers and `auth`."""
    yield from (name for _, name in located_references(data))


def references_of(tool: ToolSpec) -> Iterator[str]:
    """The names of all `${NAME}` that are filled in for one tool."""
    return references({"tools": {"": tool.model_dump(include={"env", "http"}, by_alias=True)}})


def located_references(data: Any) -> Iterator[tuple[Loc, str]]:
    """The names of all `${NAME}` that are filled in, and where they stand."""
    for loc, text in texts(data):
        if _is_filled(loc):
            yield from ((loc, name) for name in REFERENCE.findall(text))


def texts(data: Any, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """Every text of plain data and where it stands."""
    if isinstance(data, str):
        yield loc, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from texts(value, (*loc, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from texts(value, (*loc, index))


def _written_out(text: str) -> tuple[str, str]:
    """What is wrong with a secret that stands in a file, and what to write; a name in another form is no secret."""
    if named := _NAMED.search(text) or _BARE.fullmatch(text):
        what = "a secret is named in no other form than ${NAME}, and has no default"
        return what, f'write "${{{named[1]}}}" here, and {kept_by(named[1])}'
    hint = f'write "${{NAME}}" here, and {kept_by("NAME")}'
    return "this looks like a secret, and files are no place for secrets", hint


def _instead(text: str) -> str:
    """What is written in place of `${NAME}`: one in small letters is hardly a secret."""
    name = REFERENCE.findall(text)[0]
    return "leave secrets to models and tools" if name.isupper() else f"a value is written {{{{ {name} }}}}"


def _is_filled(loc: Loc) -> bool:
    """Keys of models, passwords of hosts, `env` and `headers` of servers and tools, `auth` of servers and requests."""
    if loc[:1] == ("models",):
        return loc[-1] == "key"
    if loc[:1] == ("hosts",):
        return loc[-1] in _OF_HOSTS
    if loc[:1] == ("mcp",):
        return loc[1:2] in (("env",), ("headers",), ("auth",))
    return loc[:1] == ("tools",) and (loc[2:3] == ("env",) or loc[2:4] in _OF_REQUESTS)


def _is_script(file: str, loc: Loc) -> bool:
    """A tool's own script, where ${NAME} is the shell's."""
    return "tools.d/" in file and loc[2:3] in (("command",), ("shell",))


def _is_secret_field(file: str, loc: Loc, text: str) -> bool:
    """A model's key written out; `none` is a word of its own."""
    named = file == "runner.yaml" and bool(loc) and loc[0] == "models" and loc[-1] in _SECRET_FIELDS
    return named and text != "none" and not REFERENCE.search(text)
