"""Models, named by runner.yaml as fallbacks of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models.chains import chain
from runner.project.load import load
from runner.project.sources import Disk

if TYPE_CHECKING:
    from pathlib import Path

    from runner.project.load import Loaded


def loaded(root: Path, fallbacks: dict[str, list[str]]) -> Loaded:
    """A project whose models have these fallbacks."""
    rows = (f"  {name}: {{provider: ollama, model: m, fallback: {others}}}\n" for name, others in fallbacks.items())
    (root / "runner.yaml").write_text(f"models:\n{''.join(rows)}".replace("'", ""))
    return load(Disk(root), root)


def test_models_may_stand_in_for_each_other(tmp_path: Path) -> None:
    """Each is asked once, nearest first, wherever one begins."""
    project = loaded(tmp_path, {"a": ["b"], "b": ["c", "a"], "c": ["b"]}).project
    assert project is not None
    assert [list(chain(project.settings.models, name)) for name in "abc"] == [list("abc"), list("bca"), list("cba")]


def test_a_model_that_is_its_own_fallback_is_told(tmp_path: Path) -> None:
    """It would be asked again by retries, not by this."""
    (problem,) = loaded(tmp_path, {"a": ["a", "b"], "b": []}).problems
    assert (problem.code, problem.where) == ("unknown-model", "models.a.fallback[0]")
