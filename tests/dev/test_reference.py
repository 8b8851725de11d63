"""docs/reference is what the fields say."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from runner.project.schema import KINDS, schema

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The script, which is no part of a package."""
    spec = spec_from_file_location("reference", ROOT / "dev/reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(reference: ModuleType) -> dict[str, str]:
    """The pages by name, made anew."""
    made: dict[str, str] = reference.pages()
    return made


def test_the_committed_pages_are_those_of_the_fields(pages: dict[str, str], reference: ModuleType) -> None:
    """Byte by byte, and no page too many."""
    kept = {path.name: path.read_text(encoding="utf-8") for path in reference.FOLDER.iterdir()}
    assert kept == pages, f"the fields have changed: run `{reference.COMMAND}`"


def test_every_key_has_a_sentence(pages: dict[str, str]) -> None:
    """It begins with a capital or a code word, ends with a full stop, and says more than a word."""
    rows = [row for page in pages.values() for row in page.splitlines() if row.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if not re.fullmatch(r"[A-Z`\d].* .*\. \|", row.split(" | ")[-1])] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_mapping_has_a_section(pages: dict[str, str], reference: ModuleType, kind: str) -> None:
    """Also one that stands behind names of the file's own, as hosts do; a step is the phase that it has the keys of."""
    page, definitions = pages[f"{kind}.md"], schema(kind)["$defs"]
    fields = {name: one for name, one in definitions.items() if one.get("additionalProperties") is False}
    told = {name for name, one in fields.items() if f"\n## {str(one['title']).capitalize()}\n" in page}
    steps = {name for name in fields if reference.STEP.fullmatch(name)}
    assert fields.keys() - told - steps - {"Fields", "LongType"} == set()


def test_every_link_inside_a_page_leads_to_a_heading(pages: dict[str, str]) -> None:
    """Anchors are headings in small letters with dashes."""
    for name, page in pages.items():
        headings = {found.lower().replace(" ", "-") for found in re.findall(r"^## (.*)$", page, re.MULTILINE)}
        assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= headings, name
        assert len(headings) == len(re.findall(r"^## ", page, re.MULTILINE)), name
