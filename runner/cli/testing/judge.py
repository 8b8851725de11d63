"""Whether a run came to what its case expects: each thing that did not is a line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from runner.cli.display import one_line
from runner.runs.events import ModelReplied, PhaseEntered, ToolCalled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.project.cases import Expect, OutputCheck
    from runner.project.cases.fields import CallCheck
    from runner.runs.events import AnyEvent

DEPTH = 2
"""Parts of the path of a phase that is no called workflow's: name and visit."""


def judge(expect: Expect, verdict: str, why: str, output: Any, events: Sequence[AnyEvent]) -> Iterator[str]:
    """What is not as it should be."""
    if verdict != expect.verdict:
        yield f"verdict: {expect.verdict} was expected, it is {verdict}: {one_line(why, 1000)}"
    if expect.output:
        yield from (f"output: {words}" for words in misfits(expect.output, output))
    called = [event for event in events if isinstance(event, ToolCalled)]
    entered = [event.path.split("/")[0] for event in events if _is_phase(event)]
    if expect.phases is not None and list(expect.phases) != entered:
        yield f"phases: {', '.join(expect.phases) or 'none'} were expected, entered were {', '.join(entered) or 'none'}"
    yield from _judge_calls(expect.calls, called)
    wanted = {call.tool for event in events if isinstance(event, ModelReplied) for call in event.calls}
    for tool in expect.not_calls:
        if tool in wanted | {event.tool for event in called}:
            yield f"not_calls: {tool} was {'called' if any(event.tool == tool for event in called) else 'asked for'}"


def misfits(check: OutputCheck, output: Any) -> Iterator[str]:
    """What of a check does not hold."""
    text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    shown = one_line(text)
    if "equals" in check.model_fields_set and check.equals != output:
        yield f"{one_line(json.dumps(check.equals, ensure_ascii=False))} was expected, it is {shown}"
    if check.matches is not None and not re.search(check.matches, text):
        yield f"/{check.matches}/ is not found in {shown}"
    wanted = (check.contains,) if isinstance(check.contains, str) else check.contains or ()
    for part in wanted:
        if part not in text:
            yield f"{part!r} is not in {shown}"
    if check.schema_ is not None and (fault := _schema_fault(check.schema_, output)):
        yield f"it does not fit the schema: {fault}"
    if check.not_ is not None:
        yield from _held(check.not_, output, shown)


def _held(check: OutputCheck, output: Any, shown: str) -> Iterator[str]:
    """Each part of what must not be that is."""
    for key in sorted(check.model_fields_set):
        value = getattr(check, key)
        parts = value if key == "contains" and not isinstance(value, str) else [value]
        for part in parts:
            single = type(check).model_construct(_fields_set={key}, **{key: part})
            if not list(misfits(single, output)):
                told = "" if key == "not_" else f" {one_line(json.dumps(part, ensure_ascii=False))}"
                yield f"not {key.rstrip('_')}{told}: it is {shown}"


def _schema_fault(schema: Mapping[str, Any], output: Any) -> str:
    from jsonschema import Draft202012Validator

    error = next(Draft202012Validator(schema).iter_errors(output), None)
    if error is None:
        return ""
    return f"{error.json_path}: {one_line(error.message)}"


def _judge_calls(expected: Sequence[CallCheck], called: Sequence[ToolCalled]) -> Iterator[str]:
    """The expected calls are found in their order."""
    left = iter(called)
    for check in expected:
        if not any(event.tool == check.tool and _holds(check.arguments, event.arguments) for event in left):
            made = "; ".join(_call(event.tool, event.arguments) for event in called) or "none"
            yield f"calls: {_call(check.tool, check.arguments)} was expected; made were, in this order: {made}"
            return


def _holds(wanted: Any, given: Any) -> bool:
    """Whether all that is wanted is there; other keys may stand beside it."""
    if isinstance(wanted, dict) and isinstance(given, dict):
        return all(key in given and _holds(value, given[key]) for key, value in wanted.items())
    return bool(wanted == given)


def _call(tool: str, arguments: Mapping[str, Any]) -> str:
    return f"{tool} {one_line(json.dumps(arguments, ensure_ascii=False))}" if arguments else tool


def _is_phase(event: AnyEvent) -> bool:
    is_own = event.path.count("/") < DEPTH and not event.path.startswith("finally/")
    return isinstance(event, PhaseEntered) and is_own
