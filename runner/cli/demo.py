"""`runner demo`: a small repository with red tests is mended by the workflow `build`, before your eyes."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from runner.cli import options, place
from runner.cli.child import Child
from runner.cli.client import Daemon
from runner.cli.display import safe, say
from runner.cli.follow import follow
from runner.errors import UsageError

REQUEST = "Make the failing tests pass and clear the lint findings, without changing a test."
AUTHOR = ("-c", "user.name=runner demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false")
QUIET_GIT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


@click.command
@click.option("--exit", "is_short", is_flag=True, help="End with the verdict's exit code instead of staying up.")
@click.option(
    "--model", metavar="NAME", help="PROVIDER:MODEL, or a model of the runner.yaml here, instead of a script."
)
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Work in this new folder.")
def demo(model: str | None, folder: Path | None, *, is_short: bool) -> int:
    """Watch a small repository being mended, without key or network.

    Real pytest, ruff and mypy fail, the workflow `build` plans, edits, is sent back by red checks, and passes. The
    model is a script unless --model names a real one. Then the daemon stays up for you to play with, until Ctrl-C.
    """
    entry = _model(model) if model else None
    root = _copy(folder, entry)
    options.current().folder = str(root)
    project = root / "project"
    _begin(project)
    child = Child(root)
    try:
        daemon = child.wait()
        say(f"\nrunner is up at {daemon.url}\n")
        run_id = _submit(daemon, project)
        code = follow(daemon.follow(run_id), list(place.project().workflows["build"].spec.phases))
        _show_result(project, run_id)
        if not is_short:
            _suggest(root, run_id)
            child.wait_for_end()
    except KeyboardInterrupt:
        if is_short:
            raise
        return 0
    finally:
        child.stop()
        say(f"stopped; everything stays in {root}")
    return code


# ------------------------------------------------------------------------------------------------------- the start


def _copy(folder: Path | None, model: dict[str, Any] | None) -> Path:
    """A fresh copy of the demo, with its workflow and one of its agents beside it for you to edit."""
    from runner.project import std

    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", hint="the demo needs a new folder")
    root = Path(tempfile.mkdtemp(prefix="runner-demo-") if folder is None else folder).resolve()
    shutil.copytree(std.demo(), root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("workflows/build.yaml", "agents.d/reporter.yaml"):
        (root / name).parent.mkdir()
        shutil.copy(std.folder() / name, root / name)
    if model is not None:
        _set_model(root / "runner.yaml", model)
    return root


def _set_model(path: Path, model: dict[str, Any]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [f"  default: {json.dumps(model)}" if line.startswith("  default:") else line for line in lines]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _model(name: str) -> dict[str, Any]:
    """An entry for `models:` from PROVIDER:MODEL, or the entry of that name of the project here."""
    from runner.models import PROVIDERS

    provider, sign, model = name.partition(":")
    if sign and model and provider in PROVIDERS:
        return {"provider": provider, "model": model}
    here = place.is_here() and place.project().settings.models.get(name)
    if not here or here.provider == "scripted":
        raise UsageError(
            f"{name} is neither PROVIDER:MODEL nor a served model of the runner.yaml here",
            hint=f"such as ollama:qwen3:8b; providers: {', '.join(PROVIDERS)}",
        )
    return here.model_dump(exclude_none=True)


def _begin(project: Path) -> None:
    """Make the project a repository with one commit, and show that it is red."""
    say(f"A small project with failing tests, in a fresh git repository: {project}", bold=True)
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "."),
        (*AUTHOR, "commit", "-qm", "A project with failing tests"),
    ):
        _git(project, *words)
    _show("pytest", *_pytest(project))


def _submit(daemon: Daemon, project: Path) -> str:
    """Start the workflow as `runner run build` does, and return the run's id."""
    say(f"runner run build {shlex.quote(REQUEST)} -i repo=project\n", bold=True)
    return daemon.submit("workflow", "build", {"request": REQUEST, "repo": str(project)})


# --------------------------------------------------------------------------------------------------------- the end


def _show_result(project: Path, run_id: str) -> None:
    from runner.cli.runs.why import explain

    say("\nrunner runs why", bold=True)
    explain(run_id)
    say()
    _show("pytest", *_pytest(project))
    _git(project, "add", "--intent-to-add", ".")
    say("git diff --stat", bold=True)
    say(_git(project, "diff", "--stat").rstrip())


def _suggest(root: Path, run_id: str) -> None:
    command = "runner" if shutil.which("runner") else f"{sys.executable} -m runner"
    where = f"{command} -C {shlex.quote(str(root))}"
    say(f"""
The daemon stays up until Ctrl-C. In another terminal:

  {where} runs show {run_id}

Edit {root}/workflows/build.yaml: add one line under `parallel:`

      format: {{tool: run_format, with: {{check: true}}}}

Save, and run it again: the new check is there, nothing was restarted.

  git -C {root}/project checkout -q . && {where} run build {shlex.quote(REQUEST)} -i repo={root}/project

Break the file, and see what `{where} ps` says of it.""")


# ------------------------------------------------------------------------------------------------------- programs


def _pytest(project: Path) -> tuple[int, str]:
    argv = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "--color=no"]
    return _run(project, argv, {"PYTHONDONTWRITEBYTECODE": "1"})


def _show(name: str, code: int, text: str) -> None:
    say(f"{name}: {'green' if code == 0 else 'red'}", bold=True, fg="green" if code == 0 else "red")
    for line in text.splitlines()[-6:]:
        say(f"  {safe(line)}")


def _git(project: Path, *words: str) -> str:
    code, text = _run(project, ["git", *words], QUIET_GIT)
    if code:
        raise UsageError(f"git {words[0]} does not work here: {text.strip()}", hint="the demo needs git")
    return text


def _run(folder: Path, argv: list[str], environment: dict[str, str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            argv,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except FileNotFoundError:
        return 127, f"{argv[0]} is not installed"
    return done.returncode, done.stdout.decode(errors="replace")
