"""The fields of tools.d/NAME.yaml, and the tools that come out of it with the pack's defaults below their own keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from runner.project.findings import Finding
from runner.project.meant import known_as, told_once
from runner.project.problems import from_validation
from runner.spec import Name, Spec, one_of
from runner.spec.types import BadType, Fields, parse_fields
from runner.spec.words import did_you_mean
from runner.tools import KINDS, kind_of, signature, spec_of
from runner.tools.base import Shared
from runner.tools.mcp.spec import McpServerSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from runner.project.findings import Loc
    from runner.tools.base import ToolSpec

    ReadModule = Callable[[str], bytes | None]


_ABSENT: dict[str, Any] = {}
"""Stands for `tools` where a pack has none, and is told from one without entries by being itself."""
_DEFAULTS = "defaults"
_BESIDE = "write it in the first column, beside `tools:`"


class PackSpec(Spec):
    """A pack of tools."""

    model_config = one_of("tools", "mcp")

    description: str = Field(min_length=1)
    """What its tools are for."""
    defaults: Shared = Shared()
    """What its tools have when they do not say otherwise."""
    mcp: McpServerSpec | None = None
    """A server that has the tools, in place of `tools`; which they are says tools.d/mcp.lock."""
    tools: dict[Name, dict[str, Any]] = Field(
        default_factory=lambda: _ABSENT, validate_default=True, json_schema_extra={"minProperties": 1}
    )
    """The tools by name; the key that says what a tool does makes its kind."""

    @field_validator("tools", mode="before")
    @classmethod
    def _tools_or_a_server(cls, tools: Any, others: ValidationInfo) -> Any:
        if "mcp" not in others.data or others.data["mcp"] is not None:
            if tools is not _ABSENT:
                msg = "a server's tools are its own; what is said of one of them stands in `tools` inside of `mcp`"
                raise ValueError(msg)
            return {}
        if tools is _ABSENT:
            raise PydanticKnownError("missing")
        if tools == {}:
            raise PydanticKnownError("too_short", {"field_type": "Dictionary", "min_length": 1, "actual_length": 0})
        return tools


def defaults_of(data: Any) -> Any:
    """What a file says of all its tools, also where it is indented into `tools`, which is told of those alone."""
    inside = data.get("tools", {}).get(_DEFAULTS)
    return data.get(_DEFAULTS) or (inside if _are_defaults(inside) else None)


def _are_defaults(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() <= Shared.model_fields.keys()


def read_tool(file: str, name: str, raw: dict[str, Any], defaults: Any) -> tuple[str, ToolSpec] | list[Finding]:
    """(kind, fields) of one tool, or what is wrong with it."""
    loc = ("tools", name)
    try:
        kind = kind_of(raw)
    except ValueError as error:
        if name == _DEFAULTS and _are_defaults(raw):
            what = f"`{name}` is a key of the file, not a tool"
            return [Finding("unknown-key", file, loc, what, _BESIDE, at_key=True)]
        return [Finding("kind", file, loc, f"`{name}` {error}", _nearest_kind(raw), at_key=True)]
    model = spec_of(kind)
    merged = {**(defaults if isinstance(defaults, dict) else {}), **raw}
    try:
        return kind, model.model_validate(merged)
    except ValidationError as error:
        return list(told_once.gathered(from_validation(error, file, model, loc), file, raw, loc))


def _nearest_kind(raw: dict[str, Any]) -> str:
    """For a mistyped kind: the kind that is meant."""
    inside = (
        (holder, kind) for holder, value in raw.items() if isinstance(value, dict) for kind in KINDS if kind in value
    )
    if found := next(inside, None):
        return f"`{found[1]}` stands in `{found[0]}`: indent it as far as `{found[0]}`"
    near = (did_you_mean(key, KINDS) for key in raw if key not in KINDS)
    return known_as.of_kind(raw, KINDS) or next(filter(None, near), "")


def params_of(file: str, name: str, spec: ToolSpec, read_module: ReadModule) -> Fields | Finding:
    """What a tool takes: its `params`, else what the signature of its python function says."""
    function = getattr(spec, "python", None)
    if function is None:
        parser = getattr(getattr(spec, "output", None), "parse", None)
        loc: Loc = ("tools", name, "output", "parse")
        read = _signature(file, loc, parser, read_module) if parser else {}
        fault = read if isinstance(read, Finding) else parser and _mismatch(file, loc, parser, read, spec.parser_takes)
        return fault or spec.params or spec.takes
    loc = ("tools", name, "python")
    read = _signature(file, loc, function, read_module)
    if isinstance(read, Finding):
        return read
    if spec.params is not None:
        return _mismatch(file, ("tools", name, "params"), function, read, spec.params.types) or spec.params
    try:
        return parse_fields(read)
    except BadType as bad:
        what = f"the signature of {function} names a type that tools cannot take: {bad.what}"
        return Finding("signature", file, loc, what, "say what it takes under `params`")


def _mismatch(file: str, loc: Loc, function: str, read: dict[str, Any], given: Collection[str]) -> Finding | None:
    """What a function is given and does not take, or takes and is not given."""
    for name in given:
        if name not in read:
            at = (*loc, name) if loc[-1] == "params" else loc
            hint = did_you_mean(name, read.keys() - set(given)) or f"it takes: {', '.join(read) or 'nothing'}"
            hint = f"what parses an output takes ({', '.join(given)})" if loc[-1] == "parse" else hint
            return Finding(
                "signature", file, at, f"{function} is given `{name}` and does not take it", hint, at_key=True
            )
    lacking = [name for name, kind in read.items() if name not in given and _is_required(kind)]
    if not lacking:
        return None
    what = f"{function} needs `{lacking[0]}` and is not given it"
    return Finding("signature", file, loc, what, f"it is given: {', '.join(given) or 'nothing'}", at_key=True)


def _is_required(kind: Any) -> bool:
    """Whether a parameter has no default and may not be null."""
    if isinstance(kind, dict):
        return "default" not in kind and {"type": "null"} not in kind.get("schema", {}).get("anyOf", ())
    return not (isinstance(kind, str) and kind.endswith("?"))


def gathered(entries: dict[str, Any], pack: str) -> dict[str, Any]:
    """The same, each finding in a Python file naming all tools of the pack that it takes down, so that it is one."""
    down: dict[Finding, list[str]] = {}
    for name, entry in entries.items():
        if isinstance(entry, Finding) and entry.place:
            down.setdefault(entry, []).append(name)
    told = {found: replace(found, what=f"{found.what}; {_without(names, pack)}") for found, names in down.items()}
    return {name: told.get(entry, entry) if isinstance(entry, Finding) else entry for name, entry in entries.items()}


def _without(names: list[str], pack: str) -> str:
    return f"{pack} cannot have the tool{'s' * (len(names) != 1)} {', '.join(f'`{name}`' for name in names)}"


def modules_of(spec: ToolSpec) -> Iterator[str]:
    """The modules beside the pack that a tool names."""
    for function in (getattr(spec, "python", None), getattr(getattr(spec, "output", None), "parse", None)):
        if function:
            yield function.partition(":")[0]


def _signature(file: str, loc: Loc, function: str, read_module: ReadModule) -> dict[str, Any] | Finding:
    module, _, wanted = function.partition(":")
    path = f"{file.rpartition('/')[0]}/{module}.py"
    content = read_module(path)
    if content is None:
        return Finding("no-module", file, loc, f"{path} is not there", f"write it, with a function `{wanted}`")
    try:
        return signature.read(content.decode("utf-8-sig"), wanted)
    except UnicodeDecodeError:
        return Finding("no-module", file, loc, f"{path} is no UTF-8 text")
    except signature.NoPython as error:
        return Finding("python-syntax", path, (), f"this is no Python: {error}", place=(error.line, error.column))
    except signature.SignatureError as error:
        if error.line:
            return Finding("signature", path, (), str(error), error.hint, place=(error.line, error.column))
        return Finding("signature", file, loc, f"{path}: {error}", error.hint)
