"""The checkout itself: what is pinned, what is tracked, what ruff is told, what the wheel holds."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKED_AS = {
    "agents.d": "runner/std/agents.d",
    "tools.d": "runner/std/tools.d",
    "workflows": "runner/std/workflows",
    "demo": "runner/demo",
}


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    """The parsed pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def pinned() -> list[str]:
    """The lines of constraints.txt."""
    return (ROOT / "constraints.txt").read_text().splitlines()


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """The files that the project consists of: git's, or all that an unpacked archive holds."""
    argv = ["git", "-C", str(ROOT), "ls-files", "-z"]
    answer = subprocess.run(argv, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        return [name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file()]
    hidden = re.compile(r"(^|/)(\.venv|\.\w+_cache|__pycache__)/")
    files = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
    return [name for name in files if not hidden.search(name)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from the checkout, without network."""
    folder = tmp_path_factory.mktemp("wheel")
    argv = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def test_constraints_hold_only_names_and_versions(pinned: list[str]) -> None:
    """No address, no path, no option: the file is right wherever packages come from."""
    wrong = [line for line in pinned if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)]
    assert wrong == []


def test_constraints_are_sorted_and_name_each_package_once(pinned: list[str]) -> None:
    """Sorted without regard to case, so that a change shows as one line."""
    names = [line.partition("==")[0].lower() for line in pinned]
    assert names == sorted(set(names))


def test_each_dependency_is_pinned(pyproject: dict[str, Any], pinned: list[str]) -> None:
    """What pyproject.toml asks for stands in constraints.txt, and so does what builds the package."""
    project = pyproject["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"], *pyproject["build-system"]["requires"]]
    versions = {normal(line.partition("==")[0]) for line in pinned}
    assert [name for name in asked if normal(name) not in versions] == []


def normal(name: str) -> str:
    """A package's name as the indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_tracked_file_names_this_machine_or_a_registry(tracked: list[str]) -> None:
    """The checkout's own folder and the addresses of package indexes belong to a machine."""
    telling = re.compile(rf"{re.escape(str(ROOT))}\b|\bindex-url\s*[=:]|\b(pypi|pythonhosted)\.org")
    found = [name for name in tracked if name != "tests/test_house.py" and telling.search(text_of(name))]
    assert found == []


def text_of(name: str) -> str:
    """A tracked file's text; bytes that are none are replaced."""
    return (ROOT / name).read_text(errors="replace")


def test_each_rule_that_ruff_ignores_has_its_reason() -> None:
    """A rule's code that stands on a line of its own is followed by a comment."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    rules = [line for line in lines if re.match(r'\s+"[A-Z]+[0-9]+",', line)]
    assert rules != []
    assert [line for line in rules if not re.search(r'",\s+# \w+', line)] == []


def test_the_wheel_holds_what_the_project_ships(wheel: set[str], tracked: list[str]) -> None:
    """Every tracked file of the standard folders and the demo is in the wheel under its new name."""
    missing = [
        name
        for name in tracked
        for folder, _, rest in [name.partition("/")]
        if folder in PACKED_AS and f"{PACKED_AS[folder]}/{rest}" not in wheel
    ]
    assert missing == []


def test_the_wheel_holds_the_package_and_nothing_else(wheel: set[str]) -> None:
    """Tests, benchmarks and tools of the checkout stay at home."""
    assert "runner/__init__.py" in wheel
    assert "runner/py.typed" in wheel
    assert {name.partition("/")[0] for name in wheel if ".dist-info/" not in name} == {"runner"}
