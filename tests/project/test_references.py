"""Models, named by runner.yaml as fallbacks of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.project.load import load
from runner.project.sources import Disk

if TYPE_CHECKING:
    from pathlib import Path


def found(root: Path, fallbacks: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """What is wrong with models that have these fallbacks."""
    rows = (f"  {name}: {{provider: ollama, model: m, fallback: {others}}}\n" for name, others in fallbacks.items())
    (root / "runner.yaml").write_text(f"models:\n{''.join(rows)}".replace("'", ""))
    return [(one.code, one.where, one.what.partition(": ")[2]) for one in load(Disk(root), root).problems]


@pytest.mark.parametrize(
    "fallbacks,told",
    [
        ({"a": ["b"], "b": ["a"]}, [("models.b.fallback[0]", "a → b → a")]),
        ({"a": ["b"], "b": ["c"], "c": ["d", "b"], "d": []}, [("models.c.fallback[1]", "b → c → b")]),
        (
            {"a": ["b", "c"], "b": ["a"], "c": ["a"]},
            [("models.b.fallback[0]", "a → b → a"), ("models.c.fallback[0]", "a → c → a")],
        ),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, []),
        ({"a": ["b"], "b": []}, []),
    ],
)
def test_a_circle_of_fallbacks_is_told_once_where_it_closes(
    tmp_path: Path, fallbacks: dict[str, list[str]], told: list[tuple[str, str]]
) -> None:
    """Two ways to one model are none."""
    assert found(tmp_path, fallbacks) == [("fallback-circle", *one) for one in told]


def test_a_model_that_is_its_own_fallback_is_told_in_its_own_words(tmp_path: Path) -> None:
    """And not as a circle besides."""
    assert [code for code, *_ in found(tmp_path, {"a": ["a", "b"], "b": []})] == ["unknown-model"]


def test_a_long_way_is_no_deep_one(tmp_path: Path) -> None:
    """A file may name more models than Python may call functions inside one another."""
    names = [f"m{number}" for number in range(1200)]
    ways = {name: [other] for name, other in zip(names, [*names[1:], names[0]], strict=True)}
    assert [where for _, where, _ in found(tmp_path, ways)] == ["models.m1199.fallback[0]"]
