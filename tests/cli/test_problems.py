"""Problems for people: the caret stands below the fault, whatever the line is made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def shown(cli: Cli, root: Path, content: bytes) -> tuple[str, str]:
    """The line and the caret line of the first problem of an agent, without their margins."""
    (root / "agents.d").mkdir(exist_ok=True)
    (root / "runner.yaml").write_text("models: {default: {provider: ollama, model: m}}\n")
    (root / "agents.d" / "a.yaml").write_bytes(content)
    lines = cli("-C", root, "--no-color", "check").err.splitlines()
    line, caret = (text.partition("| ")[2] for text in lines[2:4])
    return line, caret


@pytest.mark.parametrize(
    "text, cells",
    [
        ("abc", 3),
        ("日本語", 6),
        ("e\u0301a\u0300", 2),
        ("a\tb", 3),
        ("日e\u0301", 3),
    ],
)
def test_the_caret_stands_below_the_fault(cli: Cli, tmp_path: Path, text: str, cells: int) -> None:
    """Wide characters have two cells, joined marks none, a tab is shown as one blank."""
    line, caret = shown(cli, tmp_path, f'description: Helps.\nprompt: {{role: "{text}", rolle: b}}\n'.encode())
    assert line == f'prompt: {{role: "{text}", rolle: b}}'.replace("\t", " ")
    assert caret == " " * (len('prompt: {role: "", ') + cells) + "^"


def test_of_a_very_long_line_the_part_around_the_fault_is_shown(cli: Cli, tmp_path: Path) -> None:
    """The terminal is not filled with one line."""
    long = "word " * 2000
    line, caret = shown(cli, tmp_path, f'description: Helps.\nprompt: {{role: "{long}", rolle: b}}\n'.encode())
    assert len(line) <= 160
    assert line[caret.index("^") :].startswith("rolle")


def test_what_acts_on_a_terminal_is_written_out(cli: Cli, tmp_path: Path) -> None:
    """The caret counts what is shown, not what is there."""
    line, caret = shown(cli, tmp_path, 'description: Helps.\nprompt: {role: "\u202e", rolle: b}\n'.encode())
    assert line == 'prompt: {role: "\\u202e", rolle: b}'
    assert caret.index("^") == line.index("\\u202e")


def test_a_line_end_in_a_name_begins_no_line(cli: Cli, tmp_path: Path) -> None:
    """What stands behind it would read like words of ours, or like a command to whoever reads the log of a job."""
    shown(cli, tmp_path, b'prompt: x\n"a\\n::error::b": 1\n')
    (tmp_path / "agents.d/x\n::stop-commands::y.yaml").write_text("prompt: x\n")
    lines = cli("-C", tmp_path, "check").err.splitlines()
    assert sum("::" in line for line in lines) >= 2
    assert not any(line.strip().startswith("::") for line in lines)


def test_a_byte_order_mark_and_line_ends_of_windows_move_nothing(cli: Cli, tmp_path: Path) -> None:
    """Files that come from Windows are read as they are."""
    line, caret = shown(cli, tmp_path, b"\xef\xbb\xbfdescripton: Helps.\r\nprompt: Help.\r\n")
    assert (line, caret) == ("descripton: Helps.", "^")


def test_bytes_that_are_no_text_are_shown_as_numbers(cli: Cli, tmp_path: Path) -> None:
    """Whoever saved in another encoding sees which letter it was."""
    line, caret = shown(cli, tmp_path, "description: Déployer.\nprompt: Help.\n".encode("latin-1"))
    assert (line, caret.index("^")) == ("description: D\\xe9ployer.", line.index("\\xe9"))


@pytest.mark.parametrize("form", ["text", "concise", "json", "github", "sarif"])
def test_a_line_of_the_file_with_secrets_is_never_printed(cli: Cli, tmp_path: Path, form: str) -> None:
    """Its place and what is wrong with it is all, in every format."""
    (tmp_path / "runner.yaml").write_text("models: {default: {provider: ollama, model: m}}\n")
    (tmp_path / ".env").write_text("KEY: hunter2-value\n")
    answer = cli("-C", tmp_path, "--no-color", "check", "--format", form)
    assert answer.code == 0
    assert "`:` stands behind KEY, not `=`" in answer.out + answer.err
    assert "hunter2" not in answer.out + answer.err


@pytest.mark.parametrize("name", ["./.env", "agents.d/../.env", "link.yaml"])
def test_a_line_of_it_is_not_printed_by_another_name_either(cli: Cli, tmp_path: Path, name: str) -> None:
    """Another way to write its path, and a link to it."""
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "link.yaml").symlink_to(".env")
    (tmp_path / "runner.yaml").write_text(f"models: {{default: {{provider: scripted, replies: {name}}}}}\n")
    (tmp_path / ".env").write_text("KEY=hunter2-value\n")
    answer = cli("-C", tmp_path, "check")
    assert (answer.code, f"{name}:1:1" in answer.err) == (3, True)
    assert "hunter2" not in answer.err


def test_a_secret_that_stands_in_a_file_is_not_shown(cli: Cli, tmp_path: Path) -> None:
    """Neither beside its own problem nor beside another one of its line; the caret points at what is shown."""
    (tmp_path / "runner.yaml").write_text("hosts:\n  w: {password: hunter22secret, port: 70000}\n")
    told = cli("-C", tmp_path, "--no-color", "check").err
    assert "hunter22" not in told
    lines = told.splitlines()
    assert lines[2].partition("| ")[2] == "  w: {password: ***, port: 70000}"
    assert [lines[number].index("^") - lines[2].index("w:") for number in (3, 8)] == [14, 25]
    assert "hunter22" not in cli("-C", tmp_path, "check", "--json").out


def test_no_message_quotes_a_password(cli: Cli, tmp_path: Path) -> None:
    """Also not to say of what type it is."""
    (tmp_path / "runner.yaml").write_text("hosts: {w: {password: 12345678}}\nlisten: {password: hunter22}\n")
    said = cli("-C", tmp_path, "check", "--json").out
    assert "a password never stands in a file" in said
    assert "12345678" not in said
    assert "hunter22" not in said
