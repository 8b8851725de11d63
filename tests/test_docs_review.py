"""The commands that docs/review.md gives for a pull request, run as they stand in a real clone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = ("pip install", "gh pr")
"""What needs a network or a host."""
AGENT = "description: Helps.\nprompt: Help people.\ntools: [look]\n"
FILES = {
    "runner.yaml": "models:\n  default: {provider: ollama, model: any}\n",
    "agents.d/helper.yaml": AGENT,
    "tools.d/own.yaml": (
        "description: Own.\ntools:\n  look: {description: Looks., command: [ls], risk: read}\n"
        "  wipe: {description: Wipes., command: [rm, -r, x], risk: danger}\n"
    ),
    "test_own.py": "def test_own() -> None:\n    assert True\n",
}


def snippets(language: str) -> list[str]:
    """The blocks of a language."""
    text = (ROOT / "docs/review.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def steps() -> str:
    """What the workflow of the document runs, without what another machine has to do."""
    (workflow,) = snippets("yml")
    runs = [step["run"] for step in yaml.safe_load(workflow)["jobs"]["review"]["steps"] if "run" in step]
    return "\n".join(run for run in runs if not run.startswith(ELSEWHERE))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which a branch gives its agent one more tool, while main has gone on."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    for name, text in FILES.items():
        (origin / name).parent.mkdir(parents=True, exist_ok=True)
        (origin / name).write_text(text)
    shell(origin, "git init -qb main && git add -A && git commit -qm one")
    shell(tmp_path, "git clone -q origin clone && git -C clone checkout -qb feature")
    (origin / "agents.d/other.yaml").write_text(AGENT)
    shell(origin, "git add -A && git commit -qm two")
    (clone / "agents.d/helper.yaml").write_text(AGENT.replace("[look]", "[look, wipe]"))
    shell(clone, "git fetch -q && git commit -qam three")
    return clone


def shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a check does: it ends with the first command that fails."""
    who = {f"GIT_{role}_{what}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    places = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder), **who}
    check = {"GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    bash = shutil.which("bash") or "bash"
    argv = [bash, "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(argv, cwd=folder, env={**places, **check}, capture_output=True, text=True, check=False)


def test_the_shell_lines_check_compare_and_test(clone: Path) -> None:
    """What main gained meanwhile is no part of it."""
    done = shell(clone, snippets("sh")[0])
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    review = (clone / "review.md").read_text()
    assert "`calls wipe`: `asks a person (risk danger)`" in review
    assert "other" not in review.replace("Other words", "")


def test_the_workflow_writes_the_same_into_its_summary(clone: Path) -> None:
    """The file that the comment is made of, and the summary of the job."""
    done = shell(clone, steps())
    assert done.returncode == 0, done.stdout + done.stderr
    assert (clone / "summary.md").read_text() == (clone / "review.md").read_text()
    assert "calls wipe" in (clone / "review.md").read_text()


def test_the_second_check_is_red_when_something_was_gained(clone: Path) -> None:
    """And green again when it is taken back."""
    assert shell(clone, snippets("sh")[1]).returncode == 1
    shell(clone, "git revert --no-edit HEAD")
    assert shell(clone, snippets("sh")[1]).returncode == 0
