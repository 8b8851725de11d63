"""Files beside the YAML that are not read because of their names."""

from __future__ import annotations

import pytest

from runner.project.files.odd_files import odd_file


@pytest.mark.parametrize(
    "name, hint",
    [
        ("a.yml", "rename it to a.yaml"),
        ("Agent.YAML", "rename it to agent.yaml"),
        ("my helper (1).yaml", "rename it to my-helper-1.yaml"),
        ("2nd.yaml", "rename it to nd.yaml"),
        ("été.yaml", "rename it to t.yaml"),
        ("日本.yaml", "rename it to NAME.yaml"),
        ("a.json", "write it as a.yaml"),
        ("a.yaml.txt", "rename it to a.yaml"),
        ("A.YML.txt", "rename it to a.yaml"),
    ],
)
def test_a_file_that_was_meant_to_be_read_is_told_its_name(name: str, hint: str) -> None:
    """The one that it would be read under."""
    odd = odd_file(f"agents.d/{name}", [])
    assert odd
    assert odd.hint == hint
    assert odd.is_sure == (not name.endswith(".txt"))


@pytest.mark.parametrize("name", ["a.yml", "A.yaml", "a.yaml.txt"])
def test_the_file_that_is_read_in_its_place_is_named(name: str) -> None:
    """It would be lost by renaming the other."""
    odd = odd_file(f"agents.d/{name}", ["agents.d/a.yaml"])
    assert odd
    assert odd.hint.startswith("a.yaml beside it is read")


@pytest.mark.parametrize(
    "name", ["a.yaml.bak", "a.yaml~", ".a.yaml.swp", "notes.txt", "README.md", "a.py", "4913", "run"]
)
def test_copies_and_other_files_are_passed_over(name: str) -> None:
    """A copy may be kept; a file without a say here is somebody else's."""
    assert odd_file(f"agents.d/{name}", []) is None
