"""The schemas say what the loader says, as far as they can: of what ships, of the documents, of the known mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from runner.project import cases
from runner.project.load import load
from runner.project.parsing.parse import parse
from runner.project.schema import KINDS, schema, text
from runner.project.sources import Disk

ROOT = Path(__file__).resolve().parents[3]
PROJECTS = [ROOT, ROOT / "demo", *(file.parent for file in sorted(ROOT.glob("runner/cli/templates/*/runner.yaml")))]
SHIPPED = [
    (root, path) for root in PROJECTS for path in sorted(root.glob("*.yaml")) + sorted(root.glob("*[.]d/**/*.yaml"))
]
SHIPPED += [(root, path) for root in PROJECTS for path in sorted(root.glob("workflows/*.yaml"))]
SHIPPED += [(root, path) for root in PROJECTS for path in sorted(root.glob("tests/cases/*.yaml"))]
DOCUMENTS = [
    ROOT / "README.md",
    *(path for path in sorted((ROOT / "docs").rglob("*.md")) if path.parent.name != "problems"),
]
MISTAKES = sorted(folder for folder in (ROOT / "tests/bad").iterdir() if folder.is_dir())

BOTH_REFUSE = {"unknown-key", "missing-key", "wrong-type", "not-a-choice", "kind"}
"""Mistakes of structure, which every schema sees.

The others are beyond a schema: what names lead to (agents, tools, phases, models, timeouts), what is inside of texts
(templates, expressions, addresses, regular expressions), what several places say together (edges, loops, ranges,
defaults that do not fit their types, arguments), what is on the disk, and YAML itself, which an editor's parser tells.
Some values it does see: `bad-value`, `bad-type` and `bad-name`, where a pattern or a bound is all that is needed.
"""

Faults = Callable[[str, str], list[str]]
KindOf = Callable[[str], str | None]


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one(kind: str) -> None:
    """The dialect's own schema agrees, and every reference leads somewhere."""
    made = schema(kind)
    Draft202012Validator.check_schema(made)
    assert set(re.findall(r'"#/\$defs/(\w+)"', text(kind))) == set(made["$defs"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_committed_schemas_are_those_of_the_fields(kind: str) -> None:
    """The checkout is a project too, and holds its schemas."""
    kept = (ROOT / f"schemas/{kind}.json").read_text(encoding="utf-8")
    assert kept == text(kind), "the fields have changed: run `runner schema write`"


def test_no_other_schemas_are_committed() -> None:
    """A kind that is gone leaves no file behind."""
    assert {path.name for path in (ROOT / "schemas").iterdir()} == {f"{kind}.json" for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_only_words_that_older_editors_know_are_used(kind: str) -> None:
    """Nothing that came after draft-07, but the place of definitions."""
    newer = {"prefixItems", "unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas"}
    assert [word for word in newer if f'"{word}"' in text(kind)] == []


@pytest.mark.parametrize("root, path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_ships_is_right_by_its_schema(root: Path, path: Path, faults: Faults, kind_of: KindOf) -> None:
    """Every YAML file of the standard folders, the demo and the templates."""
    kind = kind_of(path.relative_to(root).as_posix())
    assert kind is not None
    assert faults(kind, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_block_of_the_documents_is_right_by_its_schema(document: Path, faults: Faults, kind_of: KindOf) -> None:
    """A block's first line says which file it is; one without is of runner.yaml, and a lock file has no schema."""
    for block in re.findall(r"^```yaml\n(.*?)^```$", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        place = re.match(r"# (\S+\.(?:yaml|lock))\n", block)
        name = place[1] if place else "runner.yaml"
        if not name.endswith(".lock"):
            assert faults(kind_of(name) or "", block) == [], block


@pytest.mark.parametrize("folder", MISTAKES, ids=lambda folder: folder.name)
def test_a_mistake_of_structure_is_refused_by_both(folder: Path, faults: Faults, kind_of: KindOf) -> None:
    """And what the schema refuses, the loader refuses: an editor never complains about a file that is right."""
    loaded = load(Disk(folder), folder)
    problems = (*loaded.problems, *cases.load(Disk(folder), loaded.project).problems)
    structural = {problem.file for problem in problems if problem.code in BOTH_REFUSE}
    readable = {
        name: path.read_text(encoding="utf-8")
        for path in folder.rglob("*.yaml")
        if path.is_file() and kind_of(name := path.relative_to(folder).as_posix())
        if not parse(name, path.read_bytes(), top=list if name == "replies.yaml" else dict, empty=True).faults
    }
    refused = {name for name, content in readable.items() if faults(kind_of(name) or "", content)}
    assert structural & set(readable) <= refused <= {problem.file for problem in problems}
