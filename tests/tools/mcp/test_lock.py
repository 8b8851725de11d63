"""What a lock keeps, what it refuses, and what tools come out of it."""

from __future__ import annotations

from typing import Any

import pytest

from runner.secrets import Secrets
from runner.tools.base import Shared
from runner.tools.mcp.hidden import escaped, has_hidden
from runner.tools.mcp.lock import Listed, LockedServer, agreed, changes
from runner.tools.mcp.locking import Asked, discreet
from runner.tools.mcp.names import LONGEST, full_name, short_names
from runner.tools.mcp.schemas import MOST_DEPTH, Unusable, fields, whole
from runner.tools.mcp.spec import McpServerSpec
from runner.tools.mcp.tool import risk_of, tool_of

LOOK = Listed("look", "Look.", {"type": "object", "properties": {"at": {"type": "string"}}})


@pytest.mark.parametrize(
    "changed",
    [
        Listed("look", "Look!", LOOK.schema),
        Listed("look", "Look.", {"type": "object"}),
        Listed("look", "Look.", LOOK.schema, {"type": "object"}),
        Listed("look", "Look.", LOOK.schema, None, {"readOnlyHint": True}),
    ],
    ids=["description", "schema", "output", "annotations"],
)
def test_whatever_is_said_otherwise_is_a_change(changed: Listed) -> None:
    """Description, schemas and annotations are all in the digest."""
    assert changes({"look": LOOK.digest}, [LOOK]) == {}
    assert changes({"look": LOOK.digest}, [changed]).keys() == {"look"}
    assert changes({"look": LOOK.digest}, [LOOK, changed]).keys() == {"look"}
    assert changes({"look": LOOK.digest}, []).keys() == {"look"}


def test_a_tool_nobody_agreed_on_changes_nothing() -> None:
    """It does not exist for us."""
    assert changes({"look": LOOK.digest}, [LOOK, Listed("new")]) == {}


@pytest.mark.parametrize(
    "wire, short",
    [("look", "look"), ("get-sum", "get-sum"), ("deleteAll", "delete_all"), ("a.b/c d", "a_b_c_d"), ("1st", "t1st")],
)
def test_names_are_made_of_the_letters_that_names_have(wire: str, short: str) -> None:
    """Whatever the server calls them."""
    assert short_names("notes", [wire]) == {wire: short}


def test_a_long_name_fits_and_stays_itself() -> None:
    """Models take 64 characters; two that begin alike are still two."""
    wires = [f"{'long' * 30}{end}" for end in "ab"]
    names = {full_name("notes", short) for short in short_names("notes", wires).values()}
    assert {len(name) <= LONGEST for name in names} == {True}
    assert len(names) == 2


@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\x1b", "\U000e0041", "\ufeff", "\u2028", "\ufe0f", "\r"])
def test_hidden_characters_are_spelled_out(sign: str) -> None:
    """Zero width, direction, control, tags, selectors."""
    assert has_hidden(f"a{sign}b")
    assert not has_hidden(escaped(f"a{sign}b"))
    assert escaped("déjà vu — 東京\n\tok") == "déjà vu — 東京\n\tok"


def test_references_inside_are_filled_in() -> None:
    """A model reads one whole schema; one that holds itself ends."""
    tree = {"type": "object", "properties": {"next": {"$ref": "#/$defs/tree"}, "of": {"type": "string"}}}
    found = whole({"type": "object", "properties": {"root": {"$ref": "#/$defs/tree"}}, "$defs": {"tree": tree}})
    assert found["properties"]["root"]["properties"] == {"next": {}, "of": {"type": "string"}}


def test_properties_may_be_called_as_keywords_are() -> None:
    """`$ref` and `definitions` are names there."""
    found = whole({"properties": {"definitions": {"type": "string"}, "description": {"type": "integer"}}})
    assert found["properties"].keys() == {"definitions", "description"}


def _deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def _bomb() -> dict[str, Any]:
    """Twelve lines that stand for 10 ** 12."""
    made = {
        f"d{n}": {"type": "object", "properties": {f"p{i}": {"$ref": f"#/$defs/d{n + 1}"} for i in range(10)}}
        for n in range(12)
    }
    return {"properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": {**made, "d12": {"type": "string"}}}


@pytest.mark.parametrize(
    "schema, why",
    [
        ({"properties": {"a": {"$ref": "https://x.example/s"}}}, "nothing is fetched"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "nothing is fetched"),
        ({"properties": {"a": {"$dynamicRef": "#a"}}}, "nothing is fetched"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "has nothing at"),
        ({"type": "string"}, "not that of an object"),
        ({"properties": {"a": {"type": "nonsense"}}}, "is none"),
        ({"properties": {"a\u200b": {}}}, "nobody sees"),
        ({"properties": {}, "required": "a"}, "no list"),
        ([], "no object"),
        (_deep(MOST_DEPTH), "too large"),
        (_bomb(), "too large"),
    ],
    ids=["network", "file", "dynamic", "dangling", "text", "broken", "hidden", "required", "list", "deep", "bomb"],
)
def test_a_schema_that_cannot_be_used_is_refused(schema: Any, why: str) -> None:
    """With the reason, and in no time."""
    with pytest.raises(Unusable, match=why):
        whole(schema)


def test_what_a_tool_takes_is_checked() -> None:
    """By the server's schema; what need not be given may be null."""
    taken = fields(
        whole({"properties": {"n": {"type": "integer", "minimum": 1}, "s": {"type": "string"}}, "required": ["n"]})
    )
    assert taken.check({"n": 1}) == {"n": 1, "s": None}
    with pytest.raises(ValueError, match="minimum"):
        taken.check({"n": 0})
    with pytest.raises(ValueError, match="no such field"):
        taken.check({"n": 1, "x": 1})


@pytest.mark.parametrize(
    "annotations, risk",
    [
        ({}, "danger"),
        ({"readOnlyHint": True}, "read"),
        ({"destructiveHint": False}, "write"),
        ({"readOnlyHint": False}, "danger"),
        ({"readOnlyHint": False, "destructiveHint": True}, "danger"),
    ],
)
def test_a_trusted_hint_lowers_the_risk(annotations: dict[str, bool], risk: str) -> None:
    """And nothing said is danger."""
    assert risk_of(annotations) == risk


@pytest.mark.parametrize(
    "said, defaults, risk",
    [
        ({}, {}, "danger"),
        ({"annotations": "trust"}, {}, "read"),
        ({"annotations": "trust"}, {"risk": "write"}, "write"),
        ({"tools": {"look": {"risk": "write"}}}, {"risk": "danger"}, "write"),
    ],
    ids=["silent", "trusted", "defaults", "override"],
)
def test_the_author_has_the_last_word_on_a_risk(said: dict[str, Any], defaults: dict[str, Any], risk: str) -> None:
    """Then the pack's defaults, then a hint that is trusted, else danger."""
    listed = Listed("look", "Look.", {}, None, {"readOnlyHint": True})
    locked = agreed("notes", [listed]).tools["look"]
    spec = McpServerSpec.model_validate({"command": ["x"], **said})
    assert tool_of("notes", spec, "look", locked, Shared.model_validate(defaults)).risk == risk


def test_only_names_what_is_taken() -> None:
    """In order, as selectors elsewhere."""
    spec = McpServerSpec.model_validate({"command": ["x"], "only": ["*", "-burn"]})
    assert (spec.takes("find"), spec.takes("burn")) == (True, False)
    assert not McpServerSpec.model_validate({"command": ["x"], "only": ["find"]}).takes("burn")


def test_a_tool_that_tells_a_secret_is_not_agreed_on() -> None:
    """In its name, its description or its parameters: the lock is for everybody to read."""
    told = {"type": "object", "properties": {"at": {"type": "string", "description": "not canary-one"}}}
    listed = [LOOK, Listed("say", "Not canary-one."), Listed("ask", "Ask.", told), Listed("x-canary-one", "X.")]
    found = agreed("notes", listed)
    server = LockedServer(server="notes canary-one", protocol="1", tools=found.tools)
    asked = discreet(Asked(server, found.refused, found.flagged), Secrets({"ONE": "canary-one"}, "").redact)
    assert (asked.locked.server, list(asked.locked.tools)) == ("notes ***", ["look"])
    assert sorted(asked.refused) == ["ask", "say", "x-***"]
