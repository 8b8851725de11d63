"""Addresses as templates: no value says more than its own part."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import ToolFailed
from runner.tools.http import address

BASE = "https://api.example.com:8443/v1"

WRITTEN = [
    ("https://example.com", "https://example.com/"),
    ("http://example.com:80/a?b=c#d", "http://example.com/a?b=c"),
    ("https://EXAMPLE.com:443?q", "https://example.com/?q"),
    ("https://example.com:8443/ä b", "https://example.com:8443/%C3%A4%20b"),
    ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
    ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"),
    ("https://example.com/%2e%2e/x", "https://example.com/%2e%2e/x"),
    ("https://example.com\\@evil.example/", None),
    ("https://user@example.com/", None),
    ("https://user:word@example.com/", None),
    ("https://example.com:99999/", None),
    ("https://example.com:0/", None),
    ("https://exa mple.com/", None),
    ("https://example.com/a\r\nHost: evil", None),
    ("https://example.com\t/", None),
    ("https://fe80::1/", None),
    ("https://[fe80::1%25eth0]/", None),
    ("https:///x", None),
    ("https://%65xample.com/", None),
    ("ftp://example.com/", None),
    ("file:///etc/passwd", None),
    ("//example.com/", None),
    ("javascript:alert(1)", None),
    ("", None),
]


@pytest.mark.parametrize("text, sent", WRITTEN)
def test_an_address_is_read_in_one_way_or_refused(text: str, sent: str | None) -> None:
    """Whatever readers could disagree about is refused."""
    if sent is None:
        with pytest.raises(ValueError, match=r"\w"):
            address.parse(text)
    else:
        assert str(address.parse(text)) == sent


@given(st.text())
def test_a_value_is_one_part_of_the_path_and_one_of_the_query(value: str) -> None:
    """Any text is refused, or comes out where it was put, with the rest as it was written."""
    try:
        made = address.filled(f"{BASE}/items/{{{{ v }}}}/raw?q={{{{ v }}}}&n=1", {"v": value}, {})
    except (ToolFailed, UnicodeEncodeError):
        return
    assert made.origin == ("https", "api.example.com", 8443)
    path, _, query = made.target.partition("?")
    before, inside, after = path.rsplit("/", 2)
    assert (before, unquote(inside), after) == ("/v1/items", value, "raw")
    assert parse_qs(query, keep_blank_values=True, strict_parsing=True) == {"q": [value], "n": ["1"]}
    assert made.target.isascii()


@pytest.mark.parametrize("value", ["", ".", "..", "../admin", "a/../b", "..\\x", "/etc", "a//b", None, {}, ["a"]])
def test_a_value_leads_to_no_other_path(value: Any) -> None:
    """Servers that take %2F for a slash are as safe as others."""
    with pytest.raises(ToolFailed):
        address.filled(f"{BASE}/items/{{{{ v }}}}", {"v": value}, {})


@pytest.mark.parametrize("value", ["a.example/x", "a@b.example", "a.example:22", "a b", "", "a.example#", "[::1", "é"])
def test_a_host_that_is_a_value_is_a_host_and_nothing_else(value: str) -> None:
    """It brings no port, no path and no user."""
    with pytest.raises(ToolFailed, match="host"):
        address.filled("https://{{ h }}:8443/x", {"h": value}, {})
    assert address.filled("https://{{ h }}:8443/x", {"h": "a.example"}, {}).authority == "a.example:8443"


TEMPLATES = [
    "https://{{ host }}.example.com/",
    "https://example.com{{ rest }}",
    "{{ scheme }}://example.com/",
    "{{ base }}/x",
    "https://example.com:{{ port }}/",
    "https://{{ user }}@example.com/",
    "ftp://example.com/",
    "example.com/x",
    "https://example.com/{% if a %}b{% endif %}",
    "https://example.com/{# x #}",
    "https://example.com/{{ a",
    "https://example.com/{a}",
    "https://exam ple.com/",
    "https://example.com/a\\b",
    "https://",
]


@pytest.mark.parametrize("source", TEMPLATES)
def test_a_template_in_which_a_value_could_say_more_is_a_mistake(source: str) -> None:
    """Scheme, host and port are written out; a host is a parameter as a whole."""
    with pytest.raises(ValueError, match=r"\w"):
        address.check(source)


def test_a_query_leaves_null_out_and_repeats_lists() -> None:
    """It stands behind what the address has itself."""
    query = {"a": None, "b": ["x", "y z"], "c&": True, "d": 1.5, "e": "&x=1#"}
    assert str(address.filled("https://e.example/?q=1", {}, query)).partition("?")[2] == (
        "q=1&b=x&b=y%20z&c%26=true&d=1.5&e=%26x%3D1%23"
    )
    assert urlsplit(str(address.filled("https://e.example", {}, {"q": "ä"}))).query == "q=%C3%A4"
