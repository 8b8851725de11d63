"""`runner check --format`: the same problems for people, editors, programs and code hosts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

Cli = Callable[..., Any]
_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "run": {
            "type": "object",
            "required": ["tool", "results"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {"driver": {"$ref": "#/$defs/driver"}},
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "driver": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "version": {"type": "string"},
                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}},
            },
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": _TEXT,
                "fullDescription": _TEXT,
                "help": _TEXT,
            },
        },
        "result": {
            "type": "object",
            "required": ["message", "locations", "ruleId"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": _TEXT,
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
            },
        },
        "location": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {
                            "type": "object",
                            "properties": {"uri": {"type": "string", "pattern": "^[^ ]+$"}},
                        },
                        "region": {
                            "type": "object",
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            },
                        },
                    },
                },
                "logicalLocations": {"type": "array"},
            },
        },
    },
}
"""The part of the standard's schema that a log of ours uses."""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A project with a problem and a warning, in a folder whose name wants escaping."""
    root = tmp_path / "50%, a b"
    (root / "agents.d").mkdir(parents=True)
    (root / "runner.yaml").write_text("use: [std/files, std/files]\nmodels: {default: {provider: olama, model: m}}\n")
    (root / "agents.d" / "a.yaml").write_text("description: Helps.\nprompt: Help.\nlimits: {turns: 0}\n")
    return root


def test_concise_is_a_line_each_on_stdout(cli: Cli, wrong: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an editor's error list reads; the path is seen from where the command was typed."""
    monkeypatch.chdir(wrong.parent)
    answer = cli("-C", wrong, "check", "--format", "concise")
    assert answer.code == 3
    first, second, *_ = answer.out.splitlines()
    assert first == "50%, a b/agents.d/a.yaml:3:17: bad-value 0 is too small (the least is 1)"
    assert second.startswith('50%, a b/runner.yaml:2:30: not-a-choice "olama" is not one of ')
    assert answer.err == "not ok: 2 problems\n"


def test_a_warning_says_so_and_a_good_project_is_no_line(cli: Cli, wrong: Path) -> None:
    """Only the lists of problems make the exit code."""
    (wrong / "runner.yaml").write_text("use: [std/files, std/files]\nmodels: {default: {provider: ollama, model: m}}\n")
    (wrong / "agents.d" / "a.yaml").write_text("description: Helps.\nprompt: Help.\n")
    answer = cli("-C", wrong, "check", "--format", "concise")
    assert answer.code == 0
    assert answer.out.endswith("runner.yaml:1:18: warning: duplicate-use `std/files` stands here twice (remove one)\n")
    (wrong / "runner.yaml").write_text("models: {default: {provider: ollama, model: m}}\n")
    assert cli("-C", wrong, "check", "--format", "concise").out == ""


def test_github_marks_the_line_and_its_signs_are_escaped(
    cli: Cli, wrong: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A percent sign, a comma or a line end of a file cannot end the command or begin another."""
    monkeypatch.chdir(wrong.parent)
    answer = cli("-C", wrong, "check", "--format", "github")
    expected = (
        "::error file=50%25%2C a b/agents.d/a.yaml,line=3,col=17,title=runner bad-value::"
        "0 is too small%0Ahint: the least is 1"
    )
    assert answer.out.splitlines()[0] == expected
    assert all(line.startswith("::error ") for line in answer.out.splitlines())


def test_sarif_has_the_standards_shape(cli: Cli, wrong: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each result names its rule, and each rule explains itself."""
    monkeypatch.chdir(wrong.parent)
    log = json.loads(cli("-C", wrong, "check", "--format", "sarif").out)
    jsonschema.Draft202012Validator(SARIF).validate(log)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["bad-value", "not-a-choice"]
    assert [(result["ruleId"], rules[result["ruleIndex"]]) for result in run["results"]] == [(r, r) for r in rules]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "50%25%2C%20a%20b/agents.d/a.yaml"
    assert place["region"] == {"startLine": 3, "startColumn": 17}
    assert {result["level"] for result in run["results"]} == {"error"}


def test_sarif_links_to_nothing_that_a_file_names(cli: Cli, wrong: Path) -> None:
    """Messages may hold links, which a code host shows as such."""
    (wrong / "runner.yaml").write_text('"[click](https://example.org)": 1\n')
    (wrong / "agents.d/[x](https:example.org).yaml").write_text("prompt: x\n")
    results = json.loads(cli("-C", wrong, "check", "--format", "sarif").out)["runs"][0]["results"]
    said = [result["message"]["text"] for result in results]
    assert sum("example.org" in text for text in said) == 2
    assert not any("](" in text for text in said)


@pytest.mark.parametrize("form", ["text", "concise", "json", "github", "sarif"])
def test_a_file_whose_name_is_no_text_is_told_in_every_format(cli: Cli, wrong: Path, form: str) -> None:
    """Its bytes are written out: one such file must not hide all other problems."""
    (wrong / "agents.d/b\udcff.yaml").write_text("prompt: x\n")
    answer = cli("-C", wrong, "check", "--format", form)
    assert answer.code == 3
    assert ("b%FF" if form == "sarif" else "b\\udcff") in answer.out + answer.err


def test_sarif_tells_warnings_apart(cli: Cli, wrong: Path) -> None:
    """A code host blocks on errors alone."""
    (wrong / "agents.d" / "a.yaml").write_text("description: Helps.\nprompt: Help.\n")
    (wrong / "runner.yaml").write_text("use: [std/files, std/files]\nmodels: {default: {provider: ollama, model: m}}\n")
    log = json.loads(cli("-C", wrong, "check", "--format", "sarif").out)
    assert [result["level"] for result in log["runs"][0]["results"]] == ["warning"]


def test_json_is_the_format_that_the_global_option_chooses(cli: Cli, wrong: Path) -> None:
    """Two different formats at once are refused."""
    assert cli("-C", wrong, "check", "--format", "json").out == cli("-C", wrong, "--json", "check").out
    answer = cli("-C", wrong, "--json", "check", "--format", "concise")
    assert (answer.code, "--json and --format concise are two formats" in answer.err) == (2, True)


def test_a_page_explains_a_code(cli: Cli, tmp_path: Path) -> None:
    """It needs no project; examples are indented, as no terminal shows Markdown."""
    answer = cli("-C", tmp_path, "check", "--explain", "unknown-key")
    assert answer.code == 0
    assert answer.out.startswith("unknown-key: a key that does not exist here\n\n")
    assert "\n    # agents.d/writer.yaml\n" in answer.out
    assert "```" not in answer.out
    data = json.loads(cli("--json", "check", "--explain", "unknown-key").out)
    assert (data["code"], data["title"]) == ("unknown-key", "a key that does not exist here")
    assert data["page"].startswith("# unknown-key: ")


def test_an_unknown_code_is_answered_with_the_nearest_or_all(cli: Cli) -> None:
    """Nobody has to remember them."""
    answer = cli("check", "--explain", "unknown-kye")
    assert (answer.code, "did you mean unknown-key?" in answer.err) == (2, True)
    assert "there are: alias, bad-key, " in cli("check", "--explain", "zzz").err
