"""The hosts: whether each has an address, something that we can show, and a key that is trusted; and who lets us in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runner import secrets
from runner.cli.display import one_line, seconds
from runner.cli.doctor.keys import place_of, users_of
from runner.cli.doctor.lines import Line, fail, ok, warn
from runner.errors import RunnerError
from runner.secrets import kept_by
from runner.spec.cuts import some_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.project.project import Project
    from runner.targets.hosts.dialer import Dialer
    from runner.targets.hosts.spec import HostSpec

SHOWN = 4
"""Keys that are named of a host."""
AREA = "host"
_RULES = {name.lower(): name for name in ("HostName", "User", "Port", "IdentityFile", "ProxyJump", "ProxyCommand")}
"""What is taken from ~/.ssh/config, as it is written there."""


def check(project: Project, *, online: bool) -> Iterator[Line]:
    """A line for each host; with `online` each that could be reached by what is found here is logged in on, at once."""
    from runner.cli.hosts import log_in
    from runner.targets.hosts.dialer import Dialer

    known = secrets.find(users_of(project), project.root)
    # What would be shown is told by its name: here no value is needed, and none is asked for.
    named = Dialer(project.hosts, project.root, lambda _: "-")
    doctor = _Doctor(project, known, named)
    lines = {name: doctor.look(name, spec) for name, spec in project.hosts.items()}
    hopeful = [name for name, line in lines.items() if line.level != "fail" or name in doctor.untrusted]
    hopeful = hopeful if online else []
    said = dict(zip(hopeful, log_in(Dialer(project.hosts, project.root, known.fill), hopeful), strict=True))
    for name, line in lines.items():
        if not (name in said and name in doctor.untrusted):  # asking it says that too, unless it is down
            yield line
        if name in said:
            yield _reached(name, said[name], known)


class _Doctor:
    def __init__(self, project: Project, known: secrets.Secrets, named: Dialer) -> None:
        self._project = project
        self._known = known
        self._named = named
        self.untrusted: set[str] = set()
        """Hosts that lack nothing but trust: they can be asked for their key, and are told nothing."""

    def look(self, name: str, spec: HostSpec) -> Line:
        """What is found here of a host; nobody is asked."""
        try:
            return self._look(name, spec)
        except (RunnerError, OSError, UnicodeError) as error:
            return fail(AREA, f"{name}: {error}", getattr(error, "hint", "") or "mend what `runner hosts show` tells")

    def _look(self, name: str, spec: HostSpec) -> Line:
        from runner.targets.hosts import known
        from runner.targets.hosts.credentials import credentials

        where = self._named.where(name)
        given = self._named.connection(name, 1).connect_kwargs
        lost = [file for file in given.get("key_filename") or () if not Path(file).is_file()]
        shown = credentials(given, spec.password or "")
        trusted = known.trusted(known.entry_name(where.address, where.port), self._project.root)
        what = f"{name}: {where.user}@{where.address}:{where.port}, {self._told(shown, spec)}{_rules(name)}"
        if lost:
            return fail(
                AREA, f"{what}; {lost[0]} is not there", f"mend `key` of {name}, or IdentityFile of ~/.ssh/config"
            )
        if unset := [secret for secret in spec.secrets if secret not in self._known.values]:
            return fail(AREA, f"{what}; {unset[0]} is not set", kept_by(unset[0]))
        if not trusted:
            self.untrusted.add(name)
            return fail(AREA, f"{what}; nobody has trusted its key yet", f"`runner hosts trust {name}`")
        file, root = trusted[0].file, self._project.root
        what += f"; trusted by {file.relative_to(root) if file.is_relative_to(root) else file}:{trusted[0].line}"
        if not shown:
            return warn(AREA, what, "give `key` or `password`, or load a key into an agent and set SSH_AUTH_SOCK")
        return ok(AREA, what)

    def _told(self, shown: list[str], spec: HostSpec) -> str:
        """What would be shown, and where the password was found."""
        from runner.targets.hosts.spec import secret_name

        password = secret_name(spec.password or "")
        is_found = password in self._known.values
        found = f" (found in {place_of(self._project, password, self._known)})" if is_found else ""
        names = [f"{one}{found}" if one.startswith("password ") else one for one in shown]
        return f"shows {some_of(names, SHOWN)}" if shown else "has nothing to show: no key, no agent, no password"


def _rules(name: str) -> str:
    """What the rules of SSH say of a host."""
    from runner.targets.hosts.dialer import spec_name, ssh_config

    asked = spec_name(name)
    rules = ssh_config().lookup(asked)
    said = [_RULES[key] for key, value in rules.items() if key in _RULES and (key, value) != ("hostname", asked)]
    return f"; ~/.ssh/config says its {', '.join(said)}" if said else ""


def _reached(name: str, said: Mapping[str, object], known: secrets.Secrets) -> Line:
    if said["reached"]:
        return ok(AREA, f"{name} lets us in, after {seconds(float(str(said['seconds'])))}")
    return fail(AREA, one_line(known.redact(str(said["says"])), 1000), known.redact(str(said["hint"])))
