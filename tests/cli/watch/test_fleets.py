"""What many hosts answered as one table."""

from __future__ import annotations

from typing import Any

import pytest

from runner.cli.watch.fleets import ALIKE, fleet, indented

FIFTY = [f"web{number}" for number in range(1, 51)]


def output(*rows: tuple[str, list[str], Any]) -> dict[str, Any]:
    """The output of a call on many hosts."""
    statuses = ("ok", "no", "failed", "unreachable", "skipped")
    lists = {status: [host for said, hosts, _ in rows if said == status for host in hosts] for status in statuses}
    return {**lists, "answers": [{"status": said, "hosts": hosts, "output": said_} for said, hosts, said_ in rows]}


def text(words: str) -> dict[str, Any]:
    """What a command gives."""
    return {"text": words, "exit": 0, "truncated": 0, "blob": None}


def table(*rows: tuple[str, list[str], Any], **bounds: int) -> list[str]:
    """Its lines."""
    return [line.text for line in fleet(output(*rows), **bounds)]


def test_fifty_hosts_with_one_answer_are_one_row() -> None:
    """The first are named, the rest is counted."""
    assert table(("ok", FIFTY, text("up 3 days\n"))) == [
        "HOSTS                                     STATUS  ANSWER",
        "web1, web2, web3, web4, web5 and 45 more  ok      up 3 days",
    ]


def test_of_fields_only_what_differs_from_the_most_common_answer_is_shown() -> None:
    """Also inside of others; the raw text says the same and is left out."""
    common = {**text("raw"), "os": "debian", "disk": {"free": 10, "used": 5}}
    other = {**text("other"), "os": "debian", "disk": {"free": 2, "used": 5}}
    assert table(("ok", ["a", "b"], common), ("ok", ["c"], other)) == [
        "HOSTS  STATUS  ANSWER",
        "a, b   ok      os: debian",
        "               disk.free: 10",
        "               disk.used: 5",
        "c      ok      - disk.free: 10",
        "               + disk.free: 2",
    ]


def test_of_rows_only_those_that_differ_are_shown() -> None:
    """Wherever in the list they stand."""
    rows = [{"name": "ssh", "up": True}, {"name": "nginx", "up": True}]
    other = [{"name": "nginx", "up": False}, {"name": "ssh", "up": True}]
    assert table(("ok", ["a", "b"], {"rows": rows}), ("ok", ["c"], {"rows": other}))[3:] == [
        'c      ok      - rows: {"name": "nginx", "up": true}',
        '               + rows: {"name": "nginx", "up": false}',
    ]


def test_lines_are_compared_as_often_as_they_stand_there() -> None:
    """A line that is there twice is one more."""
    assert table(("ok", ["a"], text("x\ny\n")), ("ok", ["b"], text("x\ny\ny\n")))[3:] == ["b      ok      + y"]


@pytest.mark.parametrize(
    "one, other, words",
    [
        (text("a\nb"), text("b\na"), [ALIKE]),
        ({**text("1"), "n": 1}, {**text("01"), "n": 1}, [ALIKE]),
        (text("a\nb"), text("c\nd"), ["c", "d"]),
        (text("a"), text(""), [""]),
        ("a", 3, ["3"]),
        (None, {"n": 1}, ["n: 1"]),
        ({"n": []}, {"n": {}}, ["n: {}"]),
    ],
)
def test_answers_that_share_nothing_stand_whole(one: Any, other: Any, words: list[str]) -> None:
    """And those that differ in what is not shown say so."""
    rows = table(("ok", ["a", "b"], one), ("ok", ["c"], other))
    start = next(number for number, line in enumerate(rows) if line.startswith("c "))
    assert [line[len("HOSTS  STATUS  ") :] for line in rows[start:]] == words


def test_a_no_is_compared_with_a_yes() -> None:
    """Both are answers; what failed is told by itself."""
    rows = table(
        ("ok", ["a"], {"up": True, "n": 1}),
        ("no", ["b"], {"up": False, "n": 1}),
        ("failed", ["c"], {"error": "exit 3", "hint": "Try less."}),
        ("skipped", ["d"], None),
    )
    assert rows[3:] == [
        "b      no       - up: true",
        "                + up: false",
        "c      failed   exit 3",
        "                hint: Try less.",
        "d      skipped",
    ]


def test_hosts_out_of_reach_stand_apart_at_the_end() -> None:
    """Whatever their number; with no others they are the table."""
    gone = ("unreachable", ["x", "y", "z"], {"error": "no route"})
    assert table(gone, ("ok", ["a"], text("up"))) == [
        "HOSTS    STATUS       ANSWER",
        "a        ok           up",
        "",
        "x, y, z  unreachable  no route",
    ]
    assert table(gone) == ["HOSTS    STATUS       ANSWER", "x, y, z  unreachable  no route"]


def test_a_long_answer_is_cut_where_somebody_watches() -> None:
    """What is left out is counted, of lines and of letters."""
    rows = table(("ok", ["a"], text("123456789\n2\n3\n4\n")), most=2, width=5)
    assert rows[1:] == [
        "a      ok      12345… 4 more characters",
        "               2",
        "               … 2 more lines",
    ]


def test_nothing_of_a_host_acts_on_the_terminal() -> None:
    """Neither its name nor what it says; and what it says cannot pass for another row."""
    rows = table(("ok", ["a\x1b[2J"], text("\x1b[31mred\nb  ok  fine\r")))
    assert rows[1:] == [r"a\x1b[2J  ok      \x1b[31mred", r"                  b  ok  fine\r"]


@pytest.mark.parametrize("other", [None, "text", {}, {"answers": []}, [1], {**output(), "more": 1}])
def test_any_other_output_is_no_table(other: Any) -> None:
    """It is shown as it always is."""
    assert fleet(other) == []


def test_a_table_stands_further_in_below_a_line() -> None:
    """Without spaces at the end of an empty one."""
    lines = indented(fleet(output(("ok", ["a"], text("up")), ("unreachable", ["b"], {"error": "gone"}))))
    assert [line.text for line in lines[1:3]] == ["    a      ok           up", ""]
