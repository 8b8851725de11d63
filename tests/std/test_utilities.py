"""The utilities pack: data, texts, numbers and dates, as each tool gives and refuses them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.std.staged import Tools, failure

Put = Callable[[dict[str, str]], None]
PEOPLE = "name,age,city\nAda,36,Paris\nBo,7,Lyon\nCléo,120,Paris\nDan,,Sète\n"
SHOP = json.dumps({"items": [{"name": "a", "tags": ["x"]}, {"name": "b", "tags": []}], "a key": {"é": None}})


@pytest.fixture
def tools(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("utilities")


@pytest.mark.parametrize(
    "query, values",
    [
        ("items[0].name", ["a"]),
        ("items[-1].name", ["b"]),
        ("items[*].name", ["a", "b"]),
        ("items[*].tags[*]", ["x"]),
        ('["a key"].é', [None]),
        ('["a key"]["é"]', [None]),
        ("", [json.loads(SHOP)]),
    ],
)
def test_a_path_leads_to_values_of_json(tools: Tools, query: str, values: list[Any]) -> None:
    """Names, numbers and all items; a name beyond plain letters stands in quotes."""
    assert tools.call("json_query", query=query, text=SHOP) == ("ok", {"count": len(values), "values": values})


@pytest.mark.parametrize(
    "query, message",
    [
        ("items.name", "items has no `name` | there are: no keys"),
        ("item", "the top has no `item` | there are: items, a key"),
        ("items[2]", "items has 2 items, and none with the number 2 | "),
        ("items..name", "the path 'items..name' cannot be read from character 6 on | a path is written as items[0]"),
        ("items[0][0]", "items[0] is no list | "),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(tools: Tools, query: str, message: str) -> None:
    """And what there is instead."""
    assert failure(tools, "json_query", query=query, text=SHOP).startswith(message)


def test_json_is_held_against_a_schema(tools: Tools) -> None:
    """Each fault with its path; a schema that looks elsewhere is not followed."""
    schema: dict[str, Any] = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert tools.call("json_validate", schema=schema, text='{"n": 1}')[1]["valid"] is True
    _, answer = tools.call("json_validate", schema=schema, text='{"n": "x"}')
    assert answer["errors"] == [{"path": "$.n", "message": "'x' is not of type 'integer'"}]
    assert "the schema is none" in failure(tools, "json_validate", schema={"type": "nope"}, text="1")
    elsewhere = {"$ref": "http://127.0.0.1:9/x"}
    assert "the schema cannot be used" in failure(tools, "json_validate", schema=elsewhere, text="1")


def test_data_is_converted_between_notations(tools: Tools, put: Put) -> None:
    """Of a text or a file."""
    put({"a.toml": "[a]\nb = 2026-05-31\n"})
    assert tools.call("convert_data", source="toml", target="json", path="a.toml")[1]["text"].split() == [
        *("{", '"a":', "{", '"b":', '"2026-05-31"', "}", "}")
    ]
    assert tools.call("convert_data", source="json", target="yaml", text='{"é": [1]}')[1]["text"] == "é:\n- 1\n"
    table = tools.call("convert_data", source="csv", target="markdown", text="a;b\n1|2;x\n")[1]["text"]
    assert table == "| a | b |\n| --- | --- |\n| 1\\|2 | x |"
    made = tools.call("convert_data", source="yaml", target="csv", text="- {a: 1, b: x}\n- {b: 'y,z'}\n")[1]["text"]
    assert made == 'a,b\n1,x\n,"y,z"\n'


@pytest.mark.parametrize(
    "source, text, message",
    [
        ("json", "{", "this is no JSON"),
        ("json", "[" * 100_000, "the JSON is nested too deep"),
        ("yaml", "a: &x 1\nb: *x\n", "the YAML holds aliases"),
        ("yaml", "a: !!python/object/apply:os.system [id]", "this is no YAML"),
        ("toml", "a = ", "this is no TOML"),
        ("csv", "a,a\n1,2\n", "two columns have the same name"),
    ],
)
def test_what_is_not_of_its_notation_is_told(tools: Tools, source: str, text: str, message: str) -> None:
    """Nothing in it is followed or run."""
    assert message in failure(tools, "convert_data", source=source, target="json", text=text)


def test_only_a_list_of_objects_is_a_table(tools: Tools) -> None:
    """The hint names the tool that finds one."""
    assert "json_query" in failure(tools, "convert_data", source="json", target="csv", text='{"a": 1}')


@pytest.mark.parametrize(
    "asked, names",
    [
        ({"where": ["age >= 30"]}, ["Ada", "Cléo"]),
        ({"where": ["city = Paris", "name contains CLÉ"]}, ["Cléo"]),
        ({"where": ["city != Paris"], "sort": "-name"}, ["Dan", "Bo"]),
        ({"sort": "age"}, ["Bo", "Ada", "Cléo", "Dan"]),
        ({"limit": 1}, ["Ada"]),
    ],
)
def test_rows_of_a_table_are_found_and_sorted(tools: Tools, put: Put, asked: dict[str, Any], names: list[str]) -> None:
    """Numbers by their size."""
    put({"people.csv": PEOPLE})
    _, answer = tools.call("csv_query", path="people.csv", columns=["name"], **asked)
    assert [row["name"] for row in answer["rows"]] == names


def test_a_column_or_condition_that_is_none_leads_on(tools: Tools) -> None:
    """With the columns that there are."""
    assert "there are: name, age, city" in failure(tools, "csv_query", text=PEOPLE, sort="ages")
    assert "is no condition" in failure(tools, "csv_query", text=PEOPLE, where=["age"])
    assert "there is no column 'ag'" in failure(tools, "csv_query", text=PEOPLE, where=["ag = 1"])


def test_a_table_is_summed_up_by_column(tools: Tools) -> None:
    """Columns of numbers and of texts."""
    _, answer = tools.call("csv_summary", text=PEOPLE)
    assert (answer["rows"], [column["kind"] for column in answer["columns"]]) == (4, ["text", "number", "text"])
    age = answer["columns"][1]
    assert (age["empty"], age["min"], age["max"], age["sum"]) == (1, 7, 120, 163)


def test_a_text_is_counted(tools: Tools) -> None:
    """Words whole, with what joins them."""
    _, answer = tools.call("text_stats", text="L'été, l'été!\nRendez-vous\n", top=1)
    assert (answer["lines"], answer["words"], answer["longest_line"]) == (2, 3, 13)
    assert answer["common"] == [{"word": "l'été", "count": 2}]


def test_a_text_or_a_file_is_given_and_not_both(tools: Tools, put: Put) -> None:
    """Neither is a mistake, too."""
    put({"a.txt": "x"})
    for arguments in ({}, {"text": "x", "path": "a.txt"}):
        assert "give one of them" in failure(tools, "text_stats", **arguments)
    assert "leaves the workspace" in failure(tools, "text_stats", path="/etc/passwd")


def test_expressions_find_and_replace(tools: Tools) -> None:
    """With groups; a fault in an expression is told."""
    _, answer = tools.call("regex_extract", pattern=r"(?P<key>\w+)=(\d+)", text="a=1, b=22")
    assert (answer["count"], answer["matches"][1]["groups"]) == (2, ["b", "22"])
    assert answer["matches"][0]["named"] == {"key": "a"}
    _, answer = tools.call("text_replace", pattern=r"(\w)=(\d)", replacement=r"\2=\1", text="a=1 b=2")
    assert (answer["count"], answer["text"]) == (2, "1=a 2=b")
    assert "is no regular expression" in failure(tools, "regex_extract", pattern="(", text="x")
    assert "the replacement cannot be used" in failure(tools, "text_replace", pattern="x", replacement=r"\3", text="x")


def test_two_texts_are_compared(tools: Tools, put: Put) -> None:
    """A file with a text, too."""
    put({"a.txt": "one\ntwo\n"})
    _, answer = tools.call("diff_texts", path="a.txt", other_text="one\nthree\nfour\n")
    assert (answer["same"], answer["added"], answer["removed"]) == (False, 2, 1)
    assert answer["text"].splitlines()[:2] == ["--- a.txt", "+++ other_text"]
    assert tools.call("diff_texts", text="a", other_text="a")[1]["same"] is True


@pytest.mark.parametrize("algorithm", ["sha256", "md5", "blake2b"])
def test_digests_are_those_of_everybody(tools: Tools, workspace: Path, algorithm: str) -> None:
    """Of a text and of a file of any bytes."""
    (workspace / "a.bin").write_bytes(b"\0\xff" * 1_000_000)
    for given, data in (({"path": "a.bin"}, b"\0\xff" * 1_000_000), ({"text": "é"}, "é".encode())):
        _, answer = tools.call("hash_content", algorithm=algorithm, **given)
        assert answer["digest"] == hashlib.new(algorithm, data).hexdigest()


@pytest.mark.parametrize(
    "encoding, encoded",
    [
        ("base64", "w6k/Pj4="),
        ("base64url", "w6k_Pj4"),
        ("url", "%C3%A9%3F%3E%3E"),
        ("hex", "c3a93f3e3e"),
        ("html", "é?&gt;&gt;"),
    ],
)
def test_a_text_is_encoded_and_decoded(tools: Tools, encoding: str, encoded: str) -> None:
    """Both ways in each notation."""
    assert tools.call("encode_text", text="é?>>", encoding=encoding) == ("ok", {"text": encoded})
    assert tools.call("decode_text", text=encoded, encoding=encoding) == ("ok", {"text": "é?>>"})


def test_what_is_not_encoded_so_is_told(tools: Tools) -> None:
    """And what stands for no text."""
    assert "this is no hex" in failure(tools, "decode_text", text="xyz", encoding="hex")
    assert "this is no base64" in failure(tools, "decode_text", text="%%%")
    assert "is no text" in failure(tools, "decode_text", text="ff", encoding="hex")


@pytest.mark.parametrize(
    "expression, value",
    [
        ("2 * (3 + 4) ** 2", 98),
        ("-7 // 2", -4),
        ("round(sqrt(2) * pi, 3)", 4.443),
        ("max(1, 2.5)", 2.5),
        ("2**-1", 0.5),
    ],
)
def test_an_expression_has_a_value(tools: Tools, expression: str, value: float) -> None:
    """Of numbers, operators and functions."""
    assert tools.call("calculate", expression=expression) == ("ok", {"value": value})


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('id')",
        "(1).__class__",
        "open('/etc/passwd')",
        "[x for x in (1,)]",
        "9**9**9**9",
        "10**99 * 10**99",
        "'a' * 10",
        "1 / 0",
        "(-1) ** 0.5",
        "sqrt(-1)",
        "1e999",
        "True",
        "2 +",
        "(" * 500,
        "1+" * 600 + "1",
    ],
)
def test_an_expression_is_no_code(tools: Tools, expression: str) -> None:
    """Names, texts, calls and endless powers have no meaning."""
    assert failure(tools, "calculate", expression=expression)


@pytest.mark.parametrize(
    "value, source, target, made",
    [
        (1, "km", "m", 1000),
        (1, "GiB", "MB", 1073.741824),
        (100, "C", "F", 212),
        (-40, "F", "C", -40),
        (36, "km/h", "m/s", 10),
    ],
)
def test_units_are_converted(tools: Tools, value: float, source: str, target: str, made: float) -> None:
    """Temperatures by their scales."""
    assert tools.call("convert_unit", value=value, source=source, target=target)[1]["value"] == pytest.approx(made)


def test_units_of_two_kinds_are_told(tools: Tools) -> None:
    """With those that there are."""
    assert "length: mm, cm" in failure(tools, "convert_unit", value=1, source="km", target="kg")


def test_a_moment_is_shown_elsewhere(tools: Tools) -> None:
    """One without a zone is of the zone that is named; seconds since 1970 are a moment too."""
    _, answer = tools.call("date_convert", date="2026-03-29T00:30:00+00:00", timezone="Europe/Paris", form="%d/%m/%Y")
    assert (answer["iso"], answer["text"], answer["weekday"]) == ("2026-03-29T01:30:00+01:00", "29/03/2026", "Sunday")
    assert tools.call("date_convert", date="0")[1]["iso"] == "1970-01-01T00:00:00+00:00"
    assert tools.call("date_convert", date="20260101")[1]["week"] == "2026-W01"


def test_the_time_between_two_moments(tools: Tools) -> None:
    """Across a change of the clocks, and backwards."""
    between = {"start": "2026-03-28T12:00", "end": "2026-03-29T12:00", "timezone": "Europe/Paris"}
    assert tools.call("date_difference", **between)[1]["text"] == "0 days 23:00:00"
    _, answer = tools.call("date_difference", start="2026-01-03", end="2026-01-01T12:00")
    assert (answer["days"], answer["text"]) == (-1.5, "-1 days 12:00:00")


@pytest.mark.parametrize(
    "date, zone", [("31/05/2026", "UTC"), ("9" * 30, "UTC"), ("now", "Europe/Pariss"), ("now", "../x")]
)
def test_a_date_or_zone_that_is_none_is_told(tools: Tools, date: str, zone: str) -> None:
    """With how it is written."""
    said = failure(tools, "date_convert", date=date, timezone=zone)
    assert "is no date | write 2026-05-31" in said or "there is no time zone" in said


def test_random_values_are_of_their_kind(tools: Tools) -> None:
    """And never the same twice."""
    first, second = (tools.call("random_value")[1]["value"] for _ in range(2))
    assert (len(first), first != second) == (36, True)
    assert len(tools.call("random_value", kind="password", length=40)[1]["value"]) == 40
    assert tools.call("random_value", kind="integer", low=3, high=3)[1]["value"] == 3
    assert tools.call("random_value", kind="choice", choices=["x"])[1]["value"] == "x"
    assert "low is not above high" in failure(tools, "random_value", kind="integer", low=2, high=1)
    assert "give `choices`" in failure(tools, "random_value", kind="choice")
