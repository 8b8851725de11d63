"""Secrets in files: what looks like one is refused, and `${NAME}` stands only where it is filled in."""

from __future__ import annotations

import pytest

from runner.project.files.literals import check_literals, references

LONG = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
"""Long enough for any provider's key; it is none."""


@pytest.mark.parametrize(
    "text",
    [
        f"sk-{LONG}",
        f"ghp_{LONG}",
        f"github_pat_{LONG}",
        "AKIA" + "ABCDEFGHIJ012345",
        f"xoxb-{LONG}",
        f"glpat-{LONG}",
        f"hf_{LONG}",
        f"AIza{LONG}",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        f"curl -H 'Authorization: Bearer sk-{LONG}'",
    ],
)
@pytest.mark.parametrize("file", ["runner.yaml", "agents.d/a.yaml", "tools.d/t.yaml", "workflows/w.yaml"])
def test_what_looks_like_a_key_is_refused_in_every_file(file: str, text: str) -> None:
    """Wherever in the file it stands."""
    (finding,) = check_literals(file, {"a": [{"b": text}]})
    assert (finding.code, finding.loc) == ("literal-secret", ("a", 0, "b"))


@pytest.mark.parametrize("text", ["none", "${MY_KEY}", "prefix-${MY_KEY}"])
def test_a_models_key_may_be_a_reference_or_none(text: str) -> None:
    """`none` is a word of its own: no header."""
    assert list(check_literals("runner.yaml", {"models": {"default": {"key": text}}})) == []


def test_a_models_key_that_is_written_out_is_refused_whatever_it_looks_like() -> None:
    """A short password is a password."""
    (finding,) = check_literals("runner.yaml", {"models": {"default": {"key": "hunter2"}}})
    assert (finding.code, finding.loc) == ("literal-secret", ("models", "default", "key"))


@pytest.mark.parametrize("text", ["sk-short", "task-list", "the key is under the mat", "a" * 60, "sha256:" + "0f" * 32])
def test_ordinary_words_are_no_secrets(text: str) -> None:
    """Long words and digests neither."""
    assert list(check_literals("agents.d/a.yaml", {"prompt": text, "key": text})) == []


@pytest.mark.parametrize(
    "file, data",
    [
        ("runner.yaml", {"models": {"default": {"key": "${NAME}"}}}),
        ("tools.d/t.yaml", {"tools": {"t": {"env": {"A": "x ${NAME}"}}}}),
        ("std/tools.d/t.yaml", {"tools": {"t": {"command": ["sh", "-c", "echo ${NAME}"]}}}),
        ("tools.d/t.yaml", {"tools": {"t": {"shell": "echo ${NAME}"}}}),
    ],
)
def test_a_reference_stands_where_it_is_filled_in(file: str, data: dict[str, object]) -> None:
    """A model's key, a tool's environment; a script's own `${NAME}` is the shell's."""
    assert list(check_literals(file, data)) == []


@pytest.mark.parametrize(
    "file, data",
    [
        ("runner.yaml", {"models": {"default": {"base_url": "http://${NAME}"}}}),
        ("tools.d/t.yaml", {"tools": {"t": {"description": "${NAME}"}}}),
        ("agents.d/a.yaml", {"prompt": "${NAME}"}),
        ("workflows/w.yaml", {"phases": {"a": {"message": "${NAME}"}}}),
        ("agents.d/prompts/p.yaml", {"template": "${NAME}"}),
    ],
)
def test_a_reference_elsewhere_is_refused(file: str, data: dict[str, object]) -> None:
    """It would be read as it stands."""
    assert [finding.code for finding in check_literals(file, data)] == ["misplaced-secret"]


def test_references_are_found_where_they_are_filled_in() -> None:
    """In a model's key and in a tool's environment, several in one text; a script's own `${NAME}` is none."""
    data = {
        "models": {"default": {"key": "${ONE}"}},
        "tools": {"t": {"env": {"A": "${TWO}:${ONE}"}, "command": ["sh", "-c", "echo ${THREE}"]}},
    }
    assert sorted(references(data)) == ["ONE", "ONE", "TWO"]
