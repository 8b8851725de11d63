"""`runner run`: start an agent or a workflow and watch it, through the daemon when one is up, else in this process."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli import place
from runner.cli.client import Daemon, find
from runner.cli.display import complain, say
from runner.cli.follow import hand_over
from runner.cli.health import refused
from runner.cli.inputs import given
from runner.cli.names import pick, refuse_more
from runner.engine.workbenches.versions import LIVE
from runner.errors import DaemonUnreachable, RunnerError, UsageError
from runner.spec.layout import short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.models.cassettes import Recorder, Tape
    from runner.project.project import Project, WorkflowEntry

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings={"allow_extra_args": True})
@click.argument("name", required=False, metavar="NAME")
@click.argument("text", required=False)
@click.option("-i", "--input", "pairs", multiple=True, metavar="NAME=VALUE", help="An input; may be given again.")
@click.option("--at", metavar="REVISION", default=LIVE, help="With the files of a kept revision or of a commit.")
@click.option("--detach", is_flag=True, help="Leave it to the daemon, print its id and return.")
@click.option("--dry", is_flag=True, help="Only read; tell what else would be done, and whether it might.")
@click.option("--record", type=FILE, metavar="FILE", help="Write down what the models answer.")
@click.option("--replay", type=FILE, metavar="FILE", help="Let this file answer instead of the models.")
def run(
    name: str | None,
    text: str | None,
    pairs: tuple[str, ...],
    at: str,
    *,
    detach: bool,
    dry: bool,
    **tapes: Path | None,
) -> int:
    """Run an agent or a workflow and watch it.

    TEXT is what an agent is asked, or a workflow's only required text; `-` reads it from stdin. What it gives is
    printed on stdout, what happens meanwhile on stderr. With a daemon up the run belongs to it, and Ctrl-C leaves it
    running; without one, and with --record or --replay, the run is worked on here, and Ctrl-C cancels it.

    REVISION is a revision that was in use or run before (six of its digits are enough), else a commit, branch or tag
    of git. Of the files on disk only permissions and workspaces hold then: the strictest answer of both wins.

    A --dry run asks models and reads, and does nothing else: what would change something or send data out is judged
    and listed, questions and waits are passed at once.

    Exits with 0 pass, 1 fail, 5 waiting for approval, 6 error, 7 cancelled, 124 out of time.
    """
    if name is None:
        raise _without_name()
    refuse_more(f'put TEXT in quotes: `runner run {name} "…"`')
    wanted = _Wanted(name, text, pairs, at, dry)
    return _taped(wanted, **tapes, detach=detach) if any(tapes.values()) else _run(wanted, detach=detach)


@dataclass(frozen=True)
class _Wanted:
    """What is to be run, and how."""

    name: str
    text: str | None
    pairs: tuple[str, ...]
    at: str
    dry: bool


def _run(wanted: _Wanted, *, detach: bool) -> int:
    """Through the daemon when one is up, else in this process."""
    daemon = find(place.storage())
    if daemon is None and detach:
        raise DaemonUnreachable("no daemon is up to leave the run to", hint="start one: `runner up -d`")
    found = _found(wanted, daemon)
    if daemon is None:
        return _here(found)
    entry = found.entry
    kind = "agent" if entry.agent else "workflow"
    run_id = daemon.submit(kind, wanted.name, found.inputs, found.at, dry=wanted.dry)
    return hand_over(daemon, run_id, entry.spec.phases, detach=detach)


def _taped(wanted: _Wanted, record: Path | None, replay: Path | None, *, detach: bool) -> int:
    """A run whose models are recorded or replayed: the daemon's are not, so it is worked on here."""
    from runner.cli import tapes

    if detach or (record and replay):
        raise UsageError("only one of --record, --replay and --detach can be given")
    found = _found(wanted, None)
    if record is None:
        return _here(found, tapes.player(replay or Path(), found.project))
    tape = tapes.recorder(record, found.project)
    return _recorded(tape, record, _here(found, tape))


@dataclass(frozen=True)
class _Found:
    """What is wanted, as the files have it: those in use, and those that it runs with."""

    live: Project
    project: Project
    entry: WorkflowEntry
    inputs: Mapping[str, Any]
    at: str
    dry: bool


def _found(wanted: _Wanted, daemon: Daemon | None) -> _Found:
    is_live = wanted.at == LIVE
    live = project_of(daemon) if daemon else place.project("" if is_live else place.RULES)
    version = None if is_live else place.version(wanted.at)
    project = version.project if version else live
    entry = _entry(None if version else daemon, project, wanted.name)
    inputs = given(entry, wanted.text, wanted.pairs)
    return _Found(live, project, entry, inputs, version.name if version else "", wanted.dry)


def _here(found: _Found, tape: Tape | None = None) -> int:
    from runner.cli import local

    return local.run(found.live, found.entry, found.inputs, found.at, tape, dry=found.dry)


def _recorded(tape: Recorder, file: Path, code: int) -> int:
    """Tell what became of a recording; one that is not whole is an error where the run itself had none."""
    if tape.fault:
        why = tape.fault.strerror or tape.fault
        complain(f"{file} is no whole recording: {why}", "the run itself went on; record it again elsewhere")
        return code or RunnerError.exit_code
    say(f"recorded: {file}" if tape.has_begun else f"nothing was recorded in {file}: no model was asked")
    return code


def _without_name() -> UsageError:
    """What could be run here, told by the names of files: whether they are good does not matter yet."""
    folder = place.root()
    names = sorted(path.stem for sort in ("agents.d", "workflows") for path in (folder / sort).glob("*.yaml"))
    here = f"; there are: {', '.join(names)}" if names else ""
    return UsageError("missing argument 'NAME'", hint=f"write `runner run [OPTIONS] NAME [TEXT]`{here}")


def project_of(daemon: Daemon) -> Project:
    """What the daemon runs on, which is not what the files say while they are bad or not read yet."""
    from runner.project.load import load
    from runner.project.sources import Stored
    from runner.runs.store import Store

    health = daemon.health()
    if not health["reload"]["ok"]:
        used = short(health["revision"])
        say(f"files {refused(health['reload'])} (`runner check`); revision {used} is used", fg="yellow")
    store = Store.open(daemon.folder)
    try:
        files = store.revisions.files(health["revision"])
    finally:
        store.close()
    loaded = load(Stored(files or {}), place.root())
    return loaded.project or place.project()


def _entry(daemon: Daemon | None, project: Project, name: str) -> WorkflowEntry:
    try:
        return pick("agent or workflow", project.workflows, name)
    except UsageError as error:
        hint = error.hint if "did you mean" in error.hint else _sentence(name) or error.hint
        error.hint = "; ".join(filter(None, (hint, _astray(daemon))))
        raise


def _sentence(name: str) -> str:
    """What is meant by words that are no name: somebody talks to nobody in particular."""
    words = " ".join(name.split())
    if " " not in words:
        return ""
    return f"that is no name but a sentence; `runner agents route {shlex.quote(words)}` tells which agent answers it"


def _astray(daemon: Daemon | None) -> str:
    """Why the files may hold a name that is not known."""
    from runner.project.files.folders import misplaced
    from runner.project.sources import Disk

    if daemon and daemon.health()["reload"]["problems"]:
        return "the files have problems and an earlier revision is used: `runner check`"
    return misplaced(Disk(place.root()))
