"""The places that pydantic's fields leave open: the language of types, kinds of tools and phases, foreach."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runner.spec.types import BadType, parse_type

Faults = Callable[[str, str], list[str]]
TYPES = [
    *("str", "int", "float", "bool", "path", "any", "str?", "low|high", "low|high?"),
    *("[str]", "[[int]]", "[str?]", "[{a: int}]", "{a: int}", "{a: {b: [str]}}", "{x-note: 1, a: int}"),
    *("{type: str, default: x, pattern: ^x$, description: X.}", "{schema: {type: number}}", "{type: [int]}"),
]
NO_TYPES = [
    *("string", "5", "null", "str??", "[]", "[str, int]", "{A: int}", "{a: strin}", "'|'", "a|"),
    *("{type: str, defalt: x}", "{type: str, schema: {}}", "{type: {type: in}}", "{schema: 5}"),
    "{type: str, description: 5}",
]


def agent(output: str) -> str:
    """An agent with an answer of one field."""
    return f"description: x\nprompt: x\noutput:\n  a: {output}\n"


@pytest.mark.parametrize("written", TYPES)
def test_a_type_is_a_type(written: str, faults: Faults) -> None:
    """Short, long, nested, optional."""
    assert faults("agent", agent(written)) == []


@pytest.mark.parametrize("written", NO_TYPES)
def test_what_is_no_type_is_refused(written: str, faults: Faults) -> None:
    """With the mistakes that are made most often among them."""
    assert faults("agent", agent(written)) != []


def test_the_words_of_types_are_those_of_the_loader(faults: Faults) -> None:
    """A word that one of both knows, the other knows."""
    for word in ("str", "int", "float", "bool", "path", "any", "number", "string", "list", "a|b", "a||b", "?"):
        try:
            parse_type(word)
            right = True
        except BadType:
            right = False
        assert (faults("agent", agent(f"'{word}'")) == []) is right, word


def workflow(phase: str) -> str:
    """A workflow of one phase."""
    return f"description: x\nphases:\n  a: {phase}\n"


@pytest.mark.parametrize(
    "phase",
    [
        "{agent: x, message: hi, continue: b, next: [{when: a.ok, to: b, max: 2}, {to: fail}]}",
        "{agent: x, message: {use: hi, with: {a: 1}}, limits: {visits: 2, time: 1h 30m}}",
        "{tool: pack/x, with: {a: [1]}, when: inputs.x, timeout: 90s, retry: {max: 2, on: [tool], delay: 1s..30s}}",
        "{foreach: {in: inputs.x, as: y, concurrency: 2}, workflow: x, when: y, next: pass, x-note: 1}",
        "{parallel: {a: {wait: {for: 30s}}, b: {approval: {ask: x}}}, join: 1, limits: {time: null}}",
        "{wait: {until: inputs.when}, errors: [{match: any, to: fail}]}",
    ],
)
def test_a_phase_is_known_by_its_key(phase: str, faults: Faults) -> None:
    """With the keys of its kind, those of all, and those that are the author's."""
    assert faults("workflow", workflow(phase)) == []


@pytest.mark.parametrize(
    "phase, said",
    [
        ("{when: x}", "is not valid under any of the given schemas"),
        ("{foreach: {in: x}}", "is not valid under any of the given schemas"),
        ("{tool: x, mesage: x}", "'mesage' does not match any of the regexes: '^x-'"),
        ("{tool: x, agent: y, message: z}", "'tool' does not match any of the regexes: '^x-'"),
        ("{agent: y}", "'message' is a required property"),
        ("{foreach: {in: x}, tool: y, nxt: z}", "'nxt' does not match any of the regexes: '^x-'"),
        ("{foreach: {in: x}, parallel: {}}", "is not valid under any of the given schemas"),
        ("{parallel: {b: {tool: x, next: c}}}", "'next' does not match any of the regexes: '^x-'"),
        ("{parallel: {}}", "should be non-empty"),
        ("{wait: {for: 30}}", "30 is not of type 'string', 'null'"),
        ("{wait: {}}", "is not valid under any of the given schemas"),
        ("{approval: {ask: x, deadline: 5 minutes}}", "does not match"),
        ("{agent: y, message: {usee: z}}", "'usee' does not match any of the regexes: '^x-'"),
        ("text", "is not of type 'object'"),
    ],
)
def test_a_fault_in_a_phase_is_said_of_the_kind_that_was_meant(phase: str, said: str, faults: Faults) -> None:
    """Not of all kinds that it might have been."""
    found = faults("workflow", workflow(phase))
    assert any(said in fault for fault in found), found
    assert len(found) <= 2


def test_tools_are_known_by_their_keys_too(faults: Faults) -> None:
    """Each kind with its own keys, none with another's."""
    pack = "description: x\ntools:\n  a: {description: x, %s}\n"
    assert faults("pack", pack % "command: [ls], exit: {0: ok, 255: no}, env: {A_B: x}, output: {json: true}") == []
    assert faults("pack", pack % "python: mod:fun, risk: null") == []
    assert len(faults("pack", pack % "command: [ls], exit: {256: ok}")) == 1
    assert len(faults("pack", pack % "command: [ls], workflow: x")) == 1
    assert len(faults("pack", pack % "comand: [ls]")) == 1


def test_a_model_is_known_by_its_provider(faults: Faults) -> None:
    """A key of another provider is refused, and so is a provider that there is none."""
    settings = "models:\n  a: {%s}\n"
    assert faults("runner", settings % "provider: scripted, replies: r.yaml") == []
    assert len(faults("runner", settings % "provider: scripted, replies: r.yaml, key: none")) == 1
    assert len(faults("runner", settings % "provider: opnai, model: x")) == 1
    assert len(faults("runner", settings % "model: x")) == 1
