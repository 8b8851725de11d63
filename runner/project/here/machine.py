"""Whether this machine has what the files ask for: programs and modules of tools, and keys of models.

Loading asks nothing of this, as a revision has to load alike anywhere; what is missing may be there when a run begins.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from runner import secrets
from runner.models import needs_key
from runner.models.chains import answering
from runner.project.findings import Finding
from runner.project.here import hosts, imports
from runner.project.parsing.parse import parse
from runner.project.problems import problem_of
from runner.project.std import PREFIX
from runner.project.words import flow
from runner.spec.layout import SETTINGS
from runner.targets.local import environment
from runner.targets.sandbox.spec import INSTALL, INSTALL_ENGINE, ONLY_COMMANDS
from runner.tools.command import CommandTool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.problems import Problem
    from runner.project.project import Project, ToolEntry

_VARIABLE = re.compile(r"[A-Za-z_]\w*=")


def warnings(project: Project, *, keys: bool = True) -> tuple[Problem, ...]:
    """What `check` finds, with its places; without `keys` nothing of those that models need."""
    found = [
        problem_of(one, parse(one.file, b"" if one.place else project.files.get(one.file, b""), empty=True))
        for one in check(project, keys=keys)
    ]
    return tuple(sorted(found, key=lambda one: (one.file, one.line, one.column, one.what)))


def check(project: Project, *, keys: bool = True) -> Iterator[Finding]:
    """What is missing here; nothing is started."""
    if keys:
        yield from _keys(project)
    for tool in project.tools.values():
        if not tool.file.startswith(PREFIX) and tool.spec.enabled:
            yield from _program(project, tool)
    yield from _sandbox(project)
    yield from imports.check(project)
    yield from _databases(project)
    yield from hosts.check(project)


def _keys(project: Project) -> Iterator[Finding]:
    wanted = {name: needs_key(spec) for name, spec in project.settings.models.items()}
    found = secrets.find(filter(None, wanted.values()), project.root)
    for name, variable in wanted.items():
        if variable and found.missing([variable]):
            what = f"{variable} not set (looked in {found.looked(variable)})"
            instead = answering(project.settings.models, name, found.values)
            before = "" if variable in found.faults else f", before a run asks model `{name}`"
            hint = found.mended(variable) + before + (f"; until then `{instead}` answers" if instead else "")
            yield Finding("no-key", SETTINGS, ("models", name), what, hint, "warning", at_key=True)


def _databases(project: Project) -> Iterator[Finding]:
    for name, database in project.settings.resources.items():
        if not database.init and not (project.root / database.sqlite).exists():
            what, hint = f"the database {database.sqlite} is not there", "make it, or name the SQL that does: `init:`"
            yield Finding("no-file", SETTINGS, ("resources", name, "sqlite"), what, hint, "warning")


def _sandbox(project: Project) -> Iterator[Finding]:
    """What makes the sandbox; whether the system lets it, `doctor` tries."""
    driver = project.settings.sandbox.driver
    if driver == "bubblewrap":
        yield from _bubblewrap(project)
        return
    if project.settings.execute == "sandbox" and not shutil.which(driver):
        what, hint = f"the program {driver} is not there: no command can run", INSTALL_ENGINE.format(driver=driver)
        yield Finding("no-program", SETTINGS, ("sandbox", "driver"), what, hint, "warning")
    for pack in project.packs.values():
        if not pack.file.startswith(PREFIX) and pack.server and pack.server.command and pack.server.sandbox:
            what, _, hint = ONLY_COMMANDS.format(driver=driver).partition("; ")
            yield Finding("no-program", pack.file, ("mcp", "command"), what, hint, "warning")


def _bubblewrap(project: Project) -> Iterator[Finding]:
    if shutil.which("bwrap"):
        return
    what = "the program bwrap is not there, which makes the sandbox: "
    if project.settings.execute == "sandbox":
        yield Finding("no-program", SETTINGS, ("execute",), f"{what}no command can run", INSTALL, "warning")
    for pack in project.packs.values():
        if not pack.file.startswith(PREFIX) and pack.server and pack.server.command and pack.server.sandbox:
            at = ("mcp", "command")
            yield Finding("no-program", pack.file, at, f"{what}the server cannot be started", INSTALL, "warning")


def _program(project: Project, tool: ToolEntry) -> Iterator[Finding]:
    if not isinstance(tool.spec, CommandTool) or tool.spec.free or "PATH" in tool.spec.env:
        return
    program = tool.spec.command[0]
    if "/" in program and not program.startswith("/"):  # it stands in the workspace, which a run may have to make
        return
    folders = (environment(project.root / folder, {})["PATH"] for folder in project.settings.workspaces)
    paths = os.pathsep.join(folders)
    if not shutil.which(program, path=paths):
        what, words = f"the program {program} is not there", program.split()
        hint = f"install {program}, or write where it is" if "/" not in program else "mend the path, or install it"
        if _VARIABLE.match(program):
            hint = "write it as `env: {NAME: value}` beside `command`, which begins with the program"
        elif words[1:] and ("/" not in program or shutil.which(words[0], path=paths)):
            what = f"the program is `{program}`, blanks and all, and is not there"
            hint = f"write each word as an entry of its own: {flow([*words, *tool.spec.command[1:]])}"
        yield Finding("no-program", tool.file, ("tools", tool.name, "command", 0), what, hint, "warning")
