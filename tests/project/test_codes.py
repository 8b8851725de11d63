"""Every code has a title, a page whose example gives it, and a folder of tests/bad that shows it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from runner.project import std
from runner.project.codes import TITLES
from runner.project.findings import Finding
from runner.project.load import load
from runner.project.sources import Disk

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "problems"
OF_BYTES = {"encoding", "too-big", "too-deep", "too-many", "unreadable"}
"""Codes whose examples are no text that a page could show."""
OF_THE_MACHINE = {
    "env-line",
    "missing-secret",
    "no-import",
    "no-key",
    "no-program",
    "open-secrets",
    "suspicious-secret",
}
"""Codes that `runner check` gives for what is on the machine, not for what a file says."""
BASE = {
    "runner.yaml": 'models: {default: {provider: ollama, model: "qwen3:8b"}}\n',
    "agents.d/writer.yaml": "description: Writes texts.\nprompt: You write short texts.\n",
    "tools.d/notes.yaml": "description: Notes.\ntools:\n  read_note: {description: Read a note., "
    'command: [cat, "{{ path }}"], params: {path: str}, risk: read}\n',
    "workflows/publish.yaml": "description: Write a text.\ninputs: {topic: str}\nphases:\n"
    '  write: {agent: writer, message: "Write about {{ inputs.topic }}."}\n'
    "  look: {tool: read_note, with: {path: text.md}}\n",
}
NOT_THERE = {"folder-name": "workflows/publish.yaml"}
"""Files of the base that an example is without."""
_BLOCK = re.compile(r"^```(?:yaml|python)\n# (\S+)\n(.*?)^```$|^(Mended:)$", re.MULTILINE | re.DOTALL)


def examples(code: str) -> tuple[dict[str, str], dict[str, str]]:
    """The files of a page's wrong example and of its mended one."""
    both: tuple[dict[str, str], dict[str, str]] = ({}, {})
    is_mended = False
    for name, content, mended in _BLOCK.findall((PAGES / f"{code}.md").read_text(encoding="utf-8")):
        if mended:
            is_mended = True
        else:
            both[is_mended][name] = content
    return both


def codes_of(root: Path, files: dict[str, str]) -> list[str]:
    """The codes that a load of these files gives."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    loaded = load(Disk(root), root)
    return [problem.code for problem in (*loaded.problems, *loaded.warnings)]


@pytest.mark.parametrize("code", sorted(set(TITLES) - OF_BYTES - OF_THE_MACHINE))
def test_the_example_of_a_page_gives_its_code_and_the_mended_one_nothing(code: str, tmp_path: Path) -> None:
    """A page that is wrong is worse than none."""
    wrong, mended = examples(code)
    base = {name: content for name, content in BASE.items() if name != NOT_THERE.get(code)}
    assert set(codes_of(tmp_path / "wrong", {**base, **wrong})) == {code}
    assert codes_of(tmp_path / "mended", {**BASE, **mended}) == []


@pytest.mark.parametrize("code", sorted(TITLES))
def test_a_page_is_short_and_bears_its_title(code: str) -> None:
    """Nobody reads a long page at three in the morning."""
    lines = (PAGES / f"{code}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {code}: {TITLES[code]}"
    assert 5 <= len(lines) <= 75


def test_the_list_names_each_page_and_nothing_else_is_there() -> None:
    """The list is in the order of the alphabet."""
    said = (PAGES / "README.md").read_text(encoding="utf-8")
    rows = [f"| [{code}]({code}.md) | {TITLES[code]} |" for code in sorted(TITLES)]
    assert [line for line in said.splitlines() if line.startswith("| [")] == rows
    assert sorted(path.stem for path in PAGES.iterdir()) == sorted([*TITLES, "README"])


def test_every_code_of_the_sources_is_in_the_table_and_none_is_left_over() -> None:
    """Codes are looked for in the sources: a text that stands in a call, a tuple or a table."""
    written: set[str] = set()
    for folder in ("project", "cli"):
        for path in (ROOT / "runner" / folder).rglob("*.py"):
            if path.name == "codes.py" and folder == "project":
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            written |= {
                node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in TITLES
            }
    assert set(TITLES) - written == set()


def test_every_call_that_tells_of_a_fault_names_a_code_of_the_table() -> None:
    """Findings look at their code themselves; other faults are made from a report of another runner too."""
    for path in (ROOT / "runner" / "project").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("Problem", "Fault", "_at"):
                given = [node.value for node in call.args if isinstance(node, ast.Constant)]
                words = {word for word in given if isinstance(word, str) and re.fullmatch(r"[a-z]+(-[a-z]+)*", word)}
                assert words <= set(TITLES), path


def test_a_finding_with_a_code_that_has_no_page_is_refused() -> None:
    """It is the author of a check who learns it, in the first test."""
    with pytest.raises(ValueError, match="no-such-code"):
        Finding("no-such-code", "f.yaml", (), "what")


def test_the_pages_are_where_the_command_line_looks_for_them() -> None:
    """In the checkout they are the documents themselves."""
    assert std.problems() == PAGES
