"""The documents: every YAML block in them is a file of a project that loads.

A block's first line may be a comment that says where it belongs (`# agents.d/hello.yaml`); one without belongs to
runner.yaml. Blocks of one document add up: after each section the project made of all blocks so far is loaded. Keys of
runner.yaml are added to those of earlier blocks, any other file is replaced whole. Python blocks with a place are put
beside them. A scripted model named `default` is always there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from runner.project import cases
from runner.project.load import load
from runner.project.sources import Disk

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    *(path for path in sorted((ROOT / "docs").rglob("*.md")) if path.parent.name != "problems"),
]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$|^#+ [^\n]*$", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"# ((?:runner|replies|(?:agents\.d|tools\.d|workflows|tests/cases)/[\w/-]+)\.(?:yaml|py|lock))\n")
_BASE = {"models": {"default": {"provider": "scripted", "replies": "replies.yaml"}}}


def sections(text: str) -> Iterator[list[tuple[str, str]]]:
    """The blocks of each section as (place, content)."""
    blocks: list[tuple[str, str]] = []
    for found in _FENCE.finditer(text):
        if found[1] is None:  # a heading
            yield blocks
            blocks = []
            continue
        place = _PLACE.match(found[2])
        if found[1] == "yaml" or (found[1] == "python" and place):
            blocks.append((place[1] if place else "runner.yaml", found[2]))
    yield blocks


def put(root: Path, place: str, content: str) -> None:
    """Add a block to the project."""
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if place == "runner.yaml":
        content = yaml.safe_dump({**yaml.safe_load(path.read_text()), **yaml.safe_load(content)})
    path.write_text(content, encoding="utf-8")


@pytest.fixture
def empty_project(tmp_path: Path) -> Path:
    """A project with its model and nothing else."""
    (tmp_path / "runner.yaml").write_text(yaml.safe_dump(_BASE))
    (tmp_path / "replies.yaml").write_text("- text: Done.\n")
    return tmp_path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_yaml_block_loads(document: Path, empty_project: Path) -> None:
    """Section by section, without a problem."""
    for blocks in sections(document.read_text(encoding="utf-8")):
        for place, content in blocks:
            put(empty_project, place, content)
        loaded = load(Disk(empty_project), empty_project)
        assert loaded.problems == ()
        assert loaded.project is not None
        assert cases.load(Disk(empty_project), loaded.project).problems == ()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_inside_the_checkout_leads_somewhere(document: Path) -> None:
    """Files that a document names as a link are there."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_a_block_that_does_not_load_is_found(empty_project: Path) -> None:
    """The reading of documents itself: headings part sections, places are read, faults are seen."""
    text = "# One\n```yaml\n# agents.d/a.yaml\nprompt: x\n```\n## Two\n```yaml\nreload: poll\n```\n"
    first, second = [blocks for blocks in sections(text) if blocks]
    assert [place for place, _ in first + second] == ["agents.d/a.yaml", "runner.yaml"]
    put(empty_project, *first[0])
    (problem,) = load(Disk(empty_project), empty_project).problems
    assert (problem.file, "description" in problem.what) == ("agents.d/a.yaml", True)
