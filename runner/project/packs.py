"""The fields of tools.d/NAME.yaml, and the tools that come out of it with the pack's defaults below their own keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from runner.project.findings import Finding
from runner.project.problems import from_validation
from runner.spec import Name, Spec
from runner.spec.types import BadType, Fields, parse_fields
from runner.spec.words import did_you_mean
from runner.tools import KINDS, kind_of, signature, spec_of
from runner.tools.base import Shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.tools.base import ToolSpec

    ReadModule = Callable[[str], bytes | None]


_NOTHING = Fields({})


class PackSpec(Spec):
    """A pack of tools."""

    description: str = Field(min_length=1)
    """What its tools are for."""
    defaults: Shared = Shared()
    """What its tools have when they do not say otherwise."""
    tools: dict[Name, dict[str, Any]] = Field(min_length=1)
    """The tools by name; the key that says what a tool does makes its kind."""


def read_tool(file: str, name: str, raw: dict[str, Any], defaults: Any) -> tuple[str, ToolSpec] | list[Finding]:
    """(kind, fields) of one tool, or what is wrong with it."""
    loc = ("tools", name)
    try:
        kind = kind_of(raw)
    except ValueError as error:
        return [Finding("kind", file, loc, f"`{name}` {error}", _nearest_kind(raw), at_key=True)]
    model = spec_of(kind)
    merged = {**(defaults if isinstance(defaults, dict) else {}), **raw}
    try:
        return kind, model.model_validate(merged)
    except ValidationError as error:
        return list(from_validation(error, file, model, loc))


def _nearest_kind(raw: dict[str, Any]) -> str:
    """For a mistyped kind: the kind that is meant."""
    return next(filter(None, (did_you_mean(key, KINDS) for key in raw if key not in KINDS)), "")


def params_of(file: str, name: str, spec: ToolSpec, read_module: ReadModule) -> Fields | Finding:
    """What a tool takes: its `params`, else what the signature of its python function says."""
    function = getattr(spec, "python", None)
    if function is None:
        parser = getattr(getattr(spec, "output", None), "parse", None)
        fault = _signature(file, ("tools", name, "output", "parse"), parser, read_module) if parser else None
        return fault if isinstance(fault, Finding) else spec.params or _NOTHING
    read = _signature(file, ("tools", name, "python"), function, read_module)
    if isinstance(read, Finding):
        return read
    if spec.params is not None:
        return spec.params
    try:
        return parse_fields(read)
    except BadType as bad:
        what = f"the signature of {function} names a type that tools cannot take: {bad.what}"
        return Finding("signature", file, ("tools", name, "python"), what, "say what it takes under `params`")


def modules_of(spec: ToolSpec) -> Iterator[str]:
    """The modules beside the pack that a tool names."""
    for function in (getattr(spec, "python", None), getattr(getattr(spec, "output", None), "parse", None)):
        if function:
            yield function.partition(":")[0]


def _signature(file: str, loc: tuple[str, ...], function: str, read_module: ReadModule) -> dict[str, Any] | Finding:
    module, _, wanted = function.partition(":")
    path = f"{file.rpartition('/')[0]}/{module}.py"
    content = read_module(path)
    if content is None:
        return Finding("no-module", file, loc, f"{path} is not there", f"write it, with a function `{wanted}`")
    try:
        return signature.read(content.decode(), wanted)
    except UnicodeDecodeError:
        return Finding("no-module", file, loc, f"{path} is no UTF-8 text")
    except signature.SignatureError as error:
        where = f"{path}:{error.line}: " if error.line else f"{path}: "
        return Finding("signature", file, loc, f"{where}{error}")
