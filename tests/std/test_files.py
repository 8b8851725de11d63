"""The files pack: what each tool does, refuses, and says to lead on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from runner.tools.context import Context, ToolFailed

Put = Callable[[dict[str, str]], None]


def refused(function: Callable[..., Any], context: Context, **arguments: Any) -> tuple[str, str]:
    """The message and the hint of a call that fails."""
    with pytest.raises(ToolFailed) as caught:
        function(context, **arguments)
    return caught.value.message, caught.value.hint


@pytest.fixture
def with_code(put: Put, workspace: Path) -> Path:
    """A workspace with a small package."""
    put({"src/prices.py": "a = 1\nb = 2\na = 1\n", "src/deep/totals.py": "x = 0\n", "README.md": "# hi\n"})
    return workspace


def test_a_file_is_read_exactly_as_it_stands(files: ModuleType, context: Context, workspace: Path) -> None:
    """Text comes back byte for byte, so that an edit can quote it."""
    (workspace / "a.txt").write_bytes("é\tone\r\n  two".encode())
    assert files.read_file(context, "a.txt") == "é\tone\r\n  two"


def test_some_lines_say_where_to_go_on(files: ModuleType, put: Put, context: Context, workspace: Path) -> None:
    """A part names its lines and the next offset; the last part names none."""
    put({"a.txt": "".join(f"line {number}\n" for number in range(1, 11))})
    middle = "line 4\nline 5\n[lines 4-5 of 10; go on with offset 6]"
    assert files.read_file(context, "a.txt", offset=4, limit=2) == middle
    assert files.read_file(context, "a.txt", offset=10, numbers=True) == "    10\tline 10\n[lines 10-10 of 10]"


def test_a_large_file_is_given_in_bounded_parts(files: ModuleType, put: Put, context: Context, workspace: Path) -> None:
    """However many lines are asked for, an answer stays small, and over-long lines are cut."""
    put({"a.txt": ("x" * 5000 + "\n") * 500})
    text = files.read_file(context, "a.txt", limit=500)
    assert len(text) < 70_000
    assert "… [5001 characters]" in text
    assert re.search(r"\[lines 1-\d+ of 500; go on with offset \d+\]$", text)


def test_an_offset_outside_the_file_is_refused(files: ModuleType, context: Context, with_code: Path) -> None:
    """The message says how long the file is."""
    message, _ = refused(files.read_file, context, path="README.md", offset=3)
    assert message == "'README.md' has 1 lines; line 3 is past its end"
    message, _ = refused(files.read_file, context, path="README.md", offset=0)
    assert message == "offset counts lines from 1; 0 is none"


def test_a_wrong_path_leads_to_the_right_one(files: ModuleType, context: Context, with_code: Path) -> None:
    """A path that is not there names close ones and the tools that find more."""
    message, hint = refused(files.read_file, context, path="lib/price.py")
    assert message == "'lib/price.py' is not there"
    assert hint.startswith("did you mean src/prices.py? search_files")
    assert "search_directory" in hint


def test_a_path_like_no_other_still_names_the_search_tools(
    files: ModuleType, context: Context, with_code: Path
) -> None:
    """Without a close name the hint proposes none."""
    _, hint = refused(files.list_directory, context, path="zzzz")
    assert hint == "search_files finds a path by its name, search_directory by the text in it"


def test_writing_makes_folders_and_says_whether_the_file_is_new(
    files: ModuleType, context: Context, workspace: Path
) -> None:
    """The first write creates, the second replaces."""
    made = files.write_file(context, "a/b/c.txt", "one\ntwo\n")
    assert made == {"path": "a/b/c.txt", "created": True, "lines": 2}
    assert files.write_file(context, "a/b/c.txt", "")["created"] is False
    assert (workspace / "a/b/c.txt").read_text() == ""


def test_an_edit_replaces_the_only_occurrence(files: ModuleType, context: Context, with_code: Path) -> None:
    """The rest of the file stays as it was, its mode too."""
    (with_code / "src/prices.py").chmod(0o750)
    done = files.edit_file(context, "src/prices.py", "b = 2", "b = 3")
    assert done == {"path": "src/prices.py", "replaced": 1, "lines": [2]}
    assert (with_code / "src/prices.py").read_text() == "a = 1\nb = 3\na = 1\n"
    assert (with_code / "src/prices.py").stat().st_mode & 0o777 == 0o750


def test_an_edit_of_text_that_stands_twice_says_where(files: ModuleType, context: Context, with_code: Path) -> None:
    """Nothing is changed, until every occurrence is meant."""
    message, hint = refused(files.edit_file, context, path="src/prices.py", old_string="a = 1", new_string="a = 9")
    assert message == "old_string stands 2 times in 'src/prices.py' (lines 1, 3); it must stand once"
    assert "replace_all" in hint
    done = files.edit_file(context, "src/prices.py", "a = 1", "a = 9", replace_all=True)
    assert done["replaced"] == 2
    assert (with_code / "src/prices.py").read_text() == "a = 9\nb = 2\na = 9\n"


def test_an_edit_of_text_that_is_not_there_shows_the_nearest_lines(
    files: ModuleType, put: Put, context: Context, workspace: Path
) -> None:
    """White space that differs is what goes wrong most: the lines are shown as they are."""
    put({"a.py": "def f():\n    if x:\n        return 1\n"})
    message, hint = refused(files.edit_file, context, path="a.py", old_string="  if x:\n    return 1", new_string="")
    assert message == "old_string does not stand in 'a.py'"
    assert hint == "nearest is line 2 (white space counts):\n    if x:\n        return 1"


def test_an_edit_of_text_like_nothing_in_the_file_sends_to_read_it(
    files: ModuleType, context: Context, with_code: Path
) -> None:
    """No nearest line is made up."""
    _, hint = refused(files.edit_file, context, path="src/prices.py", old_string="import numpy", new_string="")
    assert hint.startswith("read_file shows")


@pytest.mark.parametrize("old, new, why", [("", "x", "is empty"), ("b = 2", "b = 2", "nothing to do")])
def test_an_edit_that_cannot_mean_anything_is_refused(
    files: ModuleType, context: Context, with_code: Path, old: str, new: str, why: str
) -> None:
    """An empty text, or the same one twice."""
    message, _ = refused(files.edit_file, context, path="src/prices.py", old_string=old, new_string=new)
    assert why in message


def test_an_edit_keeps_the_line_ends_of_the_file(files: ModuleType, context: Context, workspace: Path) -> None:
    """Models write plain line ends; a file from Windows keeps its own."""
    (workspace / "a.txt").write_bytes(b"one\r\ntwo\r\nthree\r\n")
    files.edit_file(context, "a.txt", "one\ntwo", "1\n2")
    assert (workspace / "a.txt").read_bytes() == b"1\r\n2\r\nthree\r\n"


def test_a_folder_lists_folders_and_links_with_their_signs(
    files: ModuleType, context: Context, with_code: Path
) -> None:
    """Names come sorted, and how many are left out is said."""
    (with_code / "link").symlink_to("README.md")
    assert files.list_directory(context) == {"path": ".", "entries": ["README.md", "link@", "src/"], "more": 0}
    assert files.list_directory(context, "src", limit=1) == {"path": "src", "entries": ["deep/"], "more": 1}


def test_a_folder_is_made_with_those_above_it(files: ModuleType, context: Context, workspace: Path) -> None:
    """Making it again changes nothing."""
    assert files.make_directory(context, "a/b") == {"path": "a/b"}
    assert files.make_directory(context, "a/b") == {"path": "a/b"}
    assert (workspace / "a/b").is_dir()


def test_moving_makes_the_folders_of_the_new_path(files: ModuleType, context: Context, with_code: Path) -> None:
    """Files and whole folders move."""
    files.move_path(context, "src", "lib/inner")
    assert (with_code / "lib/inner/deep/totals.py").is_file()
    assert not (with_code / "src").exists()


def test_moving_overwrites_nothing(files: ModuleType, context: Context, with_code: Path) -> None:
    """A path that is taken, by a file or a folder, is refused."""
    for taken in ("src/prices.py", "src"):
        message, _ = refused(files.move_path, context, source="README.md", destination=taken)
        assert message == f"'{taken}' is there already"
    assert (with_code / "README.md").read_text() == "# hi\n"


def test_deleting_takes_a_file_a_link_or_an_empty_folder(files: ModuleType, context: Context, with_code: Path) -> None:
    """A link goes, what it leads to stays; a folder that holds something stays."""
    (with_code / "link").symlink_to("README.md")
    files.delete_path(context, "link")
    files.delete_path(context, "src/deep/totals.py")
    files.delete_path(context, "src/deep")
    message, _ = refused(files.delete_path, context, path="src")
    assert "not empty" in message.lower()
    assert sorted(os.listdir(with_code)) == ["README.md", "src"]  # noqa: PTH208 - names only


def test_deleting_what_is_not_there_names_what_is(files: ModuleType, context: Context, with_code: Path) -> None:
    """The same lead as for reading."""
    message, hint = refused(files.delete_path, context, path="README.txt")
    assert message == "'README.txt' is not there"
    assert "did you mean README.md?" in hint


@pytest.mark.parametrize("path", [".git/config", "sub/.git/hooks/x", ".GIT/config", "link/config", ".git"])
def test_what_git_keeps_is_written_by_git_alone(
    files: ModuleType, put: Put, context: Context, with_code: Path, path: str
) -> None:
    """Its settings and hooks start programs: no spelling and no link leads a change there."""
    put({".git/config": "[core]\n", "sub/.git/hooks/y": ""})
    (with_code / "link").symlink_to(".git")
    changes = [
        (files.write_file, {"path": path, "content": "x"}),
        (files.move_path, {"source": "README.md", "destination": path}),
        (files.delete_path, {"path": path}),
        (files.make_directory, {"path": f"{path}/x"}),
    ]
    for function, arguments in changes:
        message, _ = refused(function, context, **arguments)
        assert "belongs to git" in message
    assert (with_code / ".git/config").read_text() == "[core]\n"


@pytest.mark.parametrize("path", [".venv/bin/df", "sub/.venv/x", ".VENV/bin/df", "env/bin/df", ".venv"])
def test_no_command_is_put_where_commands_are_looked_for_first(
    files: ModuleType, put: Put, context: Context, with_code: Path, path: str
) -> None:
    """A program moved there would run in place of one that is allowed to run without asking."""
    put({"env/bin/pip": "#!/bin/sh\n"})
    (with_code / ".venv").symlink_to("env")
    changes = [
        (files.write_file, {"path": path, "content": "x"}),
        (files.move_path, {"source": "README.md", "destination": path}),
        (files.make_directory, {"path": f"{path}/x"}),
    ]
    for function, arguments in changes:
        message, _ = refused(function, context, **arguments)
        assert "environment that commands come from" in message


def test_what_runner_keeps_is_not_even_read(files: ModuleType, put: Put, context: Context, workspace: Path) -> None:
    """The token of the daemon lies there."""
    put({".runner/token": "t"})
    for function in (files.read_file, files.list_directory, files.delete_path):
        message, _ = refused(function, context, path=".runner/token")
        assert message == "'.runner/token' belongs to runner itself"


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/passwd", "out/secret"])
def test_nothing_outside_the_workspace_is_reached(
    files: ModuleType, put: Put, context: Context, workspace: Path, path: str
) -> None:
    """By no way up, no absolute path and no link; the message names the workspace."""
    put({"../outside/secret": "s", "../outside.txt": "s"})
    (workspace / "out").symlink_to(workspace.parent / "outside")
    changes = [
        (files.read_file, {"path": path}),
        (files.write_file, {"path": path, "content": "x"}),
        (files.edit_file, {"path": path, "old_string": "s", "new_string": "x"}),
        (files.move_path, {"source": path, "destination": "here"}),
        (files.delete_path, {"path": path}),
    ]
    for function, arguments in changes:
        message, _ = refused(function, context, **arguments)
        assert "leaves the workspace" in message
    assert (workspace.parent / "outside/secret").read_text() == "s"
