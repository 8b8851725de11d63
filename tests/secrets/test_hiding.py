"""The forms in which values are hidden: as programs write them, parted by colours and lines, and cut."""

from __future__ import annotations

import html
import json
import shlex
from base64 import encodebytes
from urllib.parse import quote

import pytest

from runner.secrets import Secrets
from runner.spec.cuts import begin_of, end_of

VALUE = "canary-0123456789-\"q\\'/+&<é>-abcdefghij"
KNOWN = Secrets({"ONE": VALUE}, "")


@pytest.mark.parametrize(
    "form",
    [
        json.dumps(VALUE)[1:-1],
        json.dumps(json.dumps(VALUE))[3:-3],
        html.escape(VALUE),
        html.escape(VALUE, quote=False),
        repr(VALUE)[1:-1],
        ascii(VALUE)[1:-1],
        shlex.quote(VALUE).strip("'"),
        quote(VALUE),
        quote(VALUE, safe=""),
        VALUE.upper(),
        VALUE.encode().hex(),
        VALUE.encode().hex().upper(),
    ],
)
def test_a_value_is_hidden_as_programs_write_it(form: str) -> None:
    """In JSON, also inside of JSON; in HTML, Python, shells, addresses; in large letters and as digits."""
    assert KNOWN.redact(f"<{form}>") == "<***>"


@pytest.mark.parametrize("between", ["\x1b[0m", "\x1b[01;31m\x1b[K", "\n", "\r\n", "\n    "])
def test_a_value_is_hidden_with_colours_and_line_ends_inside(between: str) -> None:
    """As `grep --color` and `fold` leave it; what stands around it stays as it is."""
    shown = between.join([VALUE[:9], VALUE[9:20], VALUE[20:]])
    assert KNOWN.redact(f"a\n{shown}\nb {shown}{between}") == f"a\n***\nb ***{between}"


def test_a_value_is_hidden_in_wrapped_base64() -> None:
    """At most a few letters of it stay at each end."""
    long = Secrets({"ONE": "long-canary-" * 12}, "").redact(encodebytes(b"user:" + b"long-canary-" * 12).decode())
    assert "***" in long
    assert len(long) < 20


def test_the_lines_of_a_value_are_hidden_one_by_one() -> None:
    """A part of a private key is one, too; its first line is everybody's."""
    key = Secrets({"KEY": "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n9w0BAQEFAASCBKcwggSj\n-----END KEY-----\n"}, "")
    assert key.redact("-----BEGIN KEY-----\r\n9w0BAQEFAASCBKcwggSj") == "-----BEGIN KEY-----\r\n***"


@pytest.mark.parametrize("most", range(10, 60))
def test_what_a_cut_leaves_of_a_value_is_hidden(most: int) -> None:
    """Wherever it is cut, fewer letters than a value has stay."""
    text = f"{'x' * 10}{VALUE}{'y' * 10}"
    for cut in (
        begin_of(text, most),
        end_of(text, most),
        f"{text[:most]}\n[... 1,234 bytes left out ...]\n{text[-most:]}",
    ):
        shown = KNOWN.redact(cut)
        assert not any(VALUE[at : at + 6] in shown for at in range(len(VALUE) - 5))


def test_a_sign_of_a_cut_takes_nothing_else_away() -> None:
    """Less than six letters are an accident; without a sign nothing was cut."""
    assert KNOWN.redact("see the can…\nghij or …ghij") == "see the can…\nghij or …ghij"
    assert KNOWN.redact("canary-0123") == "canary-0123"


def test_a_whole_number_is_hidden() -> None:
    """A value of digits may be one in JSON; truth values and other numbers stay."""
    pin = Secrets({"PIN": "12345678"}, "")
    assert pin.redact({"a": [12345678, 1234567, True, 1.5]}) == {"a": ["***", 1234567, True, 1.5]}
    assert pin.redact([12345678], numbers=False) == [12345678]
    assert pin.redact_bytes(b"\xff 12345678 \xfe") == b"\xff *** \xfe"
