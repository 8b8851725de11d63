"""The qa pack: real git, pytest, ruff and mypy, and what their output says as fields."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.std.staged import Tools

Put = Callable[[dict[str, str]], None]


def test_a_clean_repository_says_so(tools: Tools, in_repository: Path) -> None:
    """The branch is named and nothing is listed."""
    status, output = tools.call("git_status")
    assert status == "ok"
    assert (output["branch"], output["changed"], output["untracked"], output["clean"]) == ("main", [], [], True)


def test_changed_new_and_deleted_files_are_told_apart(
    tools: Tools, in_repository: Path, put: Put, git: Callable[..., str]
) -> None:
    """Staged or not; names with blanks, quotes and accents come as they are."""
    put({"app.py": "one = 3\n", 'new/a "b" é.txt': "x", "staged.py": ""})
    (in_repository / "notes.txt").unlink()
    git("add", "staged.py")
    _, output = tools.call("git_status")
    assert output["changed"] == ["app.py", "notes.txt", "staged.py"]
    assert output["untracked"] == ['new/a "b" é.txt']
    assert output["clean"] is False


def test_a_branch_is_named_before_its_first_commit_and_with_its_upstream(
    tools: Tools, workspace: Path, put: Put, git: Callable[..., str]
) -> None:
    """And is empty when HEAD stands on none."""
    git("init", "-q", "-b", "work")
    assert tools.call("git_status")[1]["branch"] == "work"
    put({"a": "a"})
    git("add", ".")
    git("commit", "-qm", "begin")
    git("branch", "-q", "up")
    git("branch", "-q", "--set-upstream-to", "up")
    assert tools.call("git_status")[1]["branch"] == "work"
    git("checkout", "-q", "--detach")
    assert tools.call("git_status")[1]["branch"] == ""


def test_a_diff_counts_lines_and_names_files(tools: Tools, in_repository: Path, put: Put) -> None:
    """Binary files have no lines; the text holds the changes themselves."""
    put({"app.py": "one = 1\ntwo = 3\nthree = 3\n"})
    (in_repository / "notes.txt").write_bytes(b"\0\1")
    status, output = tools.call("git_diff")
    assert (status, output["files"], output["insertions"], output["deletions"]) == ("ok", ["app.py", "notes.txt"], 2, 1)
    assert "+two = 3" in output["text"]
    assert tools.call("git_diff", path="notes.txt")[1]["files"] == ["notes.txt"]


def test_git_in_a_folder_without_a_repository_fails(tools: Tools, workspace: Path) -> None:
    """Not as an answer: nothing could be looked at."""
    for tool in ("git_status", "git_diff"):
        status, output = tools.call(tool)
        assert status == "failed"
        assert "not a git repository" in output["text"]


@pytest.mark.parametrize("path", ["..", "../outside", "/etc/passwd", "./../outside"])
def test_no_diff_leads_out_of_the_workspace(tools: Tools, in_repository: Path, path: str) -> None:
    """Neither a path nor a repository whose settings say that its files are elsewhere."""
    with pytest.raises(ValueError, match="path"):
        tools.call("git_diff", path=path)
    outside = in_repository.parent / "outside"
    outside.mkdir()
    (outside / "app.py").write_text("CANARY\n")
    with (in_repository / ".git/config").open("a") as config:
        config.write(f"[core]\n\tworktree = {outside}\n")
    for name in ("git_status", "git_diff"):
        status, output = tools.call(name)
        assert (status, "is in no working tree" in output["text"]) == ("failed", True)
        assert not {"CANARY", "app.py"} & set(output["text"].split())


def test_no_setting_of_a_repository_starts_a_program(
    tools: Tools, in_repository: Path, put: Put, git: Callable[..., str]
) -> None:
    """No hook, monitor, filter, driver, pager or program of the workspace runs, and the index is not written."""
    trap = in_repository / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {in_repository.parent}/sprung\ncat\n")
    trap.chmod(0o755)
    put(
        {
            ".gitattributes": "* filter=a.b diff=c\n",
            ".venv/bin/git": trap.read_text(),
            "hooks/post-index-change": trap.read_text(),
        }
    )
    for name in (".venv/bin/git", "hooks/post-index-change"):
        (in_repository / name).chmod(0o755)
    settings = [
        *("core.fsmonitor", "core.pager", "pager.diff", "pager.status", "diff.external", "diff.c.command"),
        *("diff.c.textconv", "filter.a.b.clean", "filter.a.b.process", "core.sshCommand"),
    ]
    for name in settings:
        git("config", name, str(trap))
    git("config", "filter.a.b.required", "true")
    git("config", "core.hooksPath", str(in_repository / "hooks"))
    put({"app.py": "one = 7\n"})
    before = (in_repository / ".git/index").read_bytes()
    _, status = tools.call("git_status")
    _, diff = tools.call("git_diff")
    assert "app.py" in status["changed"]
    assert "app.py" in diff["files"]
    assert "+one = 7" in diff["text"]
    assert (in_repository / ".git/index").read_bytes() == before
    assert not (in_repository.parent / "sprung").exists()
    git("config", "--remove-section", "filter.a.b")
    git("config", "filter.a.b.clean", str(trap))
    git("add", "app.py")  # the traps do work: git by itself springs one
    assert (in_repository.parent / "sprung").exists()


def test_green_tests_are_ok_and_counted(tools: Tools, put: Put) -> None:
    """Also through a project's own quiet options."""
    put(
        {
            "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-qq"\n',
            "test_a.py": "import pytest\ndef test_a(): pass\n@pytest.mark.skip\ndef test_b(): pass\n",
        }
    )
    status, output = tools.call("run_tests")
    assert status == "ok"
    assert {key: output[key] for key in ("passed", "failed", "errors", "skipped", "failures")} == {
        "passed": 1,
        "failed": 0,
        "errors": 0,
        "skipped": 1,
        "failures": [],
    }


def test_red_tests_are_no_and_name_each_failure(tools: Tools, put: Put) -> None:
    """Failed assertions and broken fixtures, with their messages."""
    put(
        {
            "test_a.py": "import pytest\n@pytest.fixture\ndef f(): raise ValueError('no')\n"
            "def test_a(f): pass\n@pytest.mark.parametrize('x', ['p - q'])\ndef test_b(x): assert 1 == 2\n"
        }
    )
    status, output = tools.call("run_tests")
    assert (status, output["failed"], output["errors"], output["passed"]) == ("no", 1, 1, 0)
    assert output["failures"] == [
        {"test": "test_a.py::test_b[p - q]", "message": "assert 1 == 2"},
        {"test": "test_a.py::test_a", "message": "ValueError: no"},
    ]


def test_one_test_can_be_run_alone(tools: Tools, put: Put) -> None:
    """By a -k expression or by its path."""
    put({"tests/test_a.py": "def test_a(): pass\ndef test_b(): assert 0\n"})
    assert tools.call("run_tests", only="test_a and not test_b")[1]["passed"] == 1
    assert tools.call("run_tests", path="tests/test_a.py::test_b")[1]["failed"] == 1


@pytest.mark.parametrize(
    "files, test, message",
    [
        ({"test_a.py": "def f(:\n"}, "test_a.py", "SyntaxError: invalid syntax"),
        ({"test_a.py": "import nowhere\n"}, "test_a.py", "ModuleNotFoundError: No module named 'nowhere'"),
        ({"conftest.py": "import nowhere\n"}, "", "ModuleNotFoundError: No module named 'nowhere'"),
        ({"pytest.ini": "[pytest]\naddopts = --nope\n"}, "", "unrecognized arguments: --nope"),
        ({"a.py": ""}, "", "no tests were found"),
    ],
)
def test_tests_that_cannot_begin_are_an_answer_too(
    tools: Tools, put: Put, files: dict[str, str], test: str, message: str
) -> None:
    """What stops them stands in the files, where it can be mended: no, and why."""
    put(files)
    status, output = tools.call("run_tests")
    assert (status, output["passed"]) == ("no", 0)
    assert output["failures"][0]["test"] == test
    assert message in output["failures"][0]["message"]


def test_lint_names_each_finding(tools: Tools, put: Put) -> None:
    """And syntax errors; a project's `fix` changes nothing."""
    put({"a.py": "import os\n", "b.py": "x = (\n", "ruff.toml": "fix = true\nlint.select = ['F']\n"})
    status, output = tools.call("run_lint")
    assert status == "no"
    assert output["problems"][0] == {"file": "a.py", "line": 1, "code": "F401", "message": "`os` imported but unused"}
    assert output["problems"][1]["code"] == "invalid-syntax"
    assert output["count"] == len(output["problems"])
    put({"a.py": "", "b.py": ""})
    assert tools.call("run_lint")[0] == "ok"


def test_lint_with_unreadable_settings_fails(tools: Tools, put: Put) -> None:
    """Nothing was checked, so there is no answer."""
    put({"a.py": "", "ruff.toml": "[\n"})
    assert tools.call("run_lint")[0] == "failed"


def test_formatting_can_be_asked_for_and_done(tools: Tools, put: Put, workspace: Path) -> None:
    """A check names the files and changes none; without it they are changed."""
    put({"a.py": "x=1\n", "b.py": "y = 1\n"})
    status, output = tools.call("run_format", check=True)
    assert (status, output["count"], output["files"]) == ("no", 1, ["a.py"])
    assert (workspace / "a.py").read_text() == "x=1\n"
    status, output = tools.call("run_format")
    assert (status, output["count"]) == ("ok", 1)
    assert (workspace / "a.py").read_text() == "x = 1\n"
    assert tools.call("run_format", check=True)[1]["count"] == 0


def test_the_build_finds_each_file_that_does_not_compile(tools: Tools, put: Put) -> None:
    """With line and reason; what is not the project's own is passed over."""
    put({"a.py": "x = 1\n", "p/b.py": "x = 1\nx = (\n", "p/c.py": "return\n", ".venv/d.py": "(\n"})
    status, output = tools.call("run_build")
    assert status == "no"
    assert output["count"] == 2
    assert output["errors"][0] == {"file": "p/b.py", "line": 2, "message": "'(' was never closed"}
    assert output["errors"][1]["message"] == "'return' outside function"


def test_types_name_each_error(tools: Tools, put: Put) -> None:
    """Notes are no errors."""
    put({"a.py": "def f(x: int) -> str:\n    reveal_type(x)\n    return x\n"})
    status, output = tools.call("run_typecheck")
    assert (status, output["count"]) == ("no", 1)
    assert output["errors"] == [
        {
            "file": "a.py",
            "line": 3,
            "code": "return-value",
            "message": 'Incompatible return value type (got "int", expected "str")',
        }
    ]
    put({"a.py": "def f(x: int) -> str:\n    return str(x)\n"})
    assert tools.call("run_typecheck")[0] == "ok"


@pytest.mark.parametrize("files", [{"a.py": "x = (\n"}, {"README.md": ""}])
def test_types_that_cannot_be_checked_are_no_pass(tools: Tools, put: Put, files: dict[str, str]) -> None:
    """A syntax error, or no Python at all: the answer is no, with a reason."""
    put(files)
    status, output = tools.call("run_typecheck")
    assert (status, output["count"]) == ("no", 1)
    assert output["errors"][0]["message"]


def test_checks_leave_nothing_behind(tools: Tools, in_repository: Path, put: Put, git: Callable[..., str]) -> None:
    """No caches, no compiled files: git sees the workspace as it was."""
    put({"test_app.py": "import app\n\n\ndef test_a() -> None:\n    assert app.one\n"})
    git("add", ".")
    git("commit", "-qm", "tests")
    for tool in ("run_tests", "run_lint", "run_build", "run_typecheck"):
        assert tools.call(tool)[0] == "ok"
    tools.call("run_format", check=True)
    assert git("status", "--porcelain", "--ignored", "--untracked-files=all") == ""


@pytest.mark.parametrize("tool", ["run_tests", "run_lint", "run_format", "run_typecheck"])
@pytest.mark.parametrize("path", ["@/etc/passwd", "/etc/passwd", "~/x", "..", "../x.py", "src/../../x.py", "./../x.py"])
def test_a_path_stays_in_the_workspace(tools: Tools, tool: str, path: str) -> None:
    """Nor is it the name of a file with more words, which these programs would read and quote."""
    parameters = tools.tools[tool].params
    assert parameters is not None
    with pytest.raises(ValueError, match="does not match"):
        parameters.check({"path": path})


@pytest.mark.parametrize("path", [".", "./src", "src/", ".github/a.py", "tests/test_a.py::test_b[x-1]", "a b/é..py"])
def test_paths_as_people_write_them_are_taken(tools: Tools, path: str) -> None:
    """Folders, hidden ones, single tests."""
    parameters = tools.tools["run_tests"].params
    assert parameters is not None
    assert parameters.check({"path": path})["path"] == path
