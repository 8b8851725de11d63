"""Rules of `permissions` in another shape."""

from __future__ import annotations

from typing import Any

import pytest

from runner.project.meant.rule_forms import of_key, of_value


@pytest.mark.parametrize(
    "value, wanted",
    [
        (
            {"read_file": "allow", "files/*": "deny"},
            '[{tool: read_file, action: allow}, {tool: "files/*", action: deny}]',
        ),
        ({"allow": ["a", "b"]}, "[{tool: a, action: allow}, {tool: b, action: allow}]"),
        ({"deny": "*"}, '[{tool: "*", action: deny}]'),
        ({"risk": "danger", "action": "ask"}, "[{risk: danger, action: ask}]"),
        ("ask", "[{action: ask}]"),
        (dict.fromkeys("abcd", "allow"), ", {tool: c, action: allow}, …]"),
    ],
)
def test_rules_in_place_of_a_list_are_written_as_one(value: Any, wanted: str) -> None:
    """Whichever way round they stand."""
    assert of_value(("permissions",), value).endswith(wanted)


@pytest.mark.parametrize("value", ["allow read_file", "read_file allow", "read_file: allow"])
def test_a_rule_in_words_is_written_as_one(value: str) -> None:
    """As an entry of the list."""
    assert of_value(("permissions", 0), value) == "write {tool: read_file, action: allow}"


def test_a_key_that_is_a_tool_or_an_action_is_written_as_a_rule() -> None:
    """Other keys, and such keys elsewhere, are not."""
    assert of_key(("permissions", 0, "files/read"), "allow") == "write {tool: files/read, action: allow}"
    assert of_key(("permissions", 0, "deny"), "files/*") == 'write {tool: "files/*", action: deny}'
    assert of_key(("permissions", 0, "color"), "red") == ""
    assert of_key(("phases", "a", "deny"), "b") == ""


@pytest.mark.parametrize("value", [3, True, [], {}, "never mind", {"a": 3}, "allow a b", None])
def test_what_is_no_rule_is_left_alone(value: Any) -> None:
    """No guess."""
    assert of_value(("permissions",), value) == ""
    assert of_value(("permissions", 0), value) == ""
    assert of_value(("tools",), {"a": "allow"}) == ""
