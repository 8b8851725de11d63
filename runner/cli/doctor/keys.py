"""The keys that the project asks for: where each was found, and what is odd about its value, which is never shown."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from runner import secrets
from runner.cli.doctor.lines import Line, fail, ok, warn
from runner.models import address_of, needs_key
from runner.models.chains import answering, chain
from runner.models.keys import withheld_key
from runner.models.pricing import is_loopback
from runner.secrets.env_file import ENV_FILE, read_env

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.project.project import Project

_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
_PLACEHOLDER = re.compile(
    r"(?i)(^|[-_ <\[])(your|my|insert|replace|change|example|dummy|placeholder|todo|fixme)([-_ >\]]|$|me)"
    r"|^<.*>$|^\[.*\]$|^\$\{?\w|x{5,}|\*{3,}|\.{3}|…|^(none|null|secret|password|key|token|test|changeme)$"
)
_PRINTABLE = range(0x21, 0x7F)


def check(project: Project) -> Iterator[Line]:
    """A line for each key."""
    users = users_of(project)
    known = secrets.find(users, project.root)
    for name in sorted(users):
        who = "needed by " + ", ".join(users[name])
        if name in known.values:
            yield _found(project, name, known, who)
            yield from _shadowed(project, name, known)
        else:
            hint = f"{known.mended(name)}, or set it where the daemon is started"
            tell = fail if _is_urgent(project, users[name], known) else warn
            instead = "".join(_instead(project, users[name], known))
            yield tell("key", f"{name} is not set (looked in {known.looked(name)}); {who}{instead}", hint)
    yield from _withheld(project)


def _withheld(project: Project) -> Iterator[Line]:
    """The models that are sent no key, as their provider's own goes to the provider alone."""
    for model, spec in project.settings.models.items():
        if variable := withheld_key(spec):
            what = (
                f"{variable} is not sent to {address_of(spec)} (model {model}): it goes to {spec.provider} itself alone"
            )
            hint = f'write `key: "${{NAME}}"` of its own key into models.{model} in runner.yaml, or `key: none`'
            yield ok("key", what) if is_loopback(address_of(spec)) else warn("key", what, hint)


def _is_urgent(project: Project, users: Sequence[str], known: secrets.Secrets) -> bool:
    """Whether a run would fail without it: of a tool, a host, or an agent for which no other model has its key."""
    models = project.settings.models
    lost = {one for one in _asked(project) if not answering(models, one, known.values)}
    lacking = {f"model {one}" for name in lost for one in chain(models, name)}
    return any(user in lacking or not user.startswith("model ") for user in users)


def _instead(project: Project, users: Sequence[str], known: secrets.Secrets) -> Iterator[str]:
    """Who is asked in place of the models that lack it."""
    for user in users:
        name = user.removeprefix("model ")
        if user.startswith("model ") and (other := answering(project.settings.models, name, known.values)):
            yield f"; {other} answers in place of {name}"


def _asked(project: Project) -> set[str]:
    """The models that agents name."""
    return {entry.spec.model for entry in project.agents.values()}


def users_of(project: Project) -> dict[str, list[str]]:
    """Who needs each key: `model NAME`, `host NAME`, or `tools`."""
    users: dict[str, list[str]] = defaultdict(list)
    for model, spec in project.settings.models.items():
        if variable := needs_key(spec):
            users[variable].append(f"model {model}")
    for host, about in project.hosts.items():
        for secret in about.secrets:
            users[secret].append(f"host {host}")
    for name in project.secrets:
        users[name] = users.get(name) or ["tools"]
    return users


def idle_models(project: Project) -> set[str]:
    """Models that no agent asks, not even as a fallback."""
    models = project.settings.models
    used = {one for name in _asked(project) for one in chain(models, name)}
    return {f"model {name}" for name in models if name not in used}


def fault_of(value: str) -> tuple[str, str] | None:
    """What is odd about a value, and what to do; None for one that could be a key."""
    bare = value.strip()
    if bare[:1] in _QUOTES or bare[-1:] in _QUOTES:
        return "has quotes around it", "write it without quotes (docker's --env-file and systemd keep them)"
    if value != bare:
        end = "ends in a CR or a line end" if value.endswith(("\r", "\n")) else "begins or ends with a blank"
        return end, "write it without"
    if _PLACEHOLDER.search(value):
        return "looks like a placeholder", "put the real key there"
    odd = next((letter for letter in value if ord(letter) not in _PRINTABLE), None)
    if odd is not None:
        told = "a blank" if odd in " \t" else f"U+{ord(odd):04X}"
        return f"holds {told}, which no key has", "copy it again"
    return None


def _found(project: Project, name: str, known: secrets.Secrets, who: str) -> Line:
    where = place_of(project, name, known)
    odd = fault_of(known.values[name])
    if odd:
        return fail("key", f"{name} {odd[0]} (found in {where}; {who})", odd[1])
    return ok("key", f"{name} was found in {where}; {who}")


def place_of(project: Project, name: str, known: secrets.Secrets) -> str:
    """Where the value was found; in `.env` with its line."""
    where = known.found[name]
    line = read_env(project.root).lines.get(name)
    return f"{ENV_FILE}:{line}" if where == ENV_FILE and line else where


def _shadowed(project: Project, name: str, known: secrets.Secrets) -> Iterator[Line]:
    file = read_env(project.root)
    if os.environ.get(name) and file.values.get(name, known.values[name]) != known.values[name]:
        what = f"{ENV_FILE}:{file.lines[name]} gives {name} another value than the environment, which counts"
        yield warn("key", what, f"`unset {name}`, or take it out of {ENV_FILE}")
