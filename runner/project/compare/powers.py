"""What runner.yaml, the tools and the agents let happen: where data goes, what is run, who may, how long, how often."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from runner.models import ScriptedModel, address_of, needs_key
from runner.project.compare import command_policy, grants, judges, rules
from runner.project.compare.plain import written
from runner.project.compare.walk import compare_fields, compare_named
from runner.project.files.literals import references_of
from runner.project.settings import BUILT_IN_TIMEOUTS
from runner.project.targets import places_of
from runner.spec.layout import short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.models import ModelSpec
    from runner.project.compare.walk import Found
    from runner.project.project import AgentEntry, Project, ToolEntry

RISK = judges.changed  # a risk that is called lower is called for more easily; what comes of it, the grants say
INTERRUPTED = judges.order("fail", "ask", "again")


def compare_powers(found: Found) -> None:
    """Note what differs in settings, models, tools, agents and in the code that they run."""
    old, new = found.sides.old, found.sides.new
    found.capabilities += [*grants.changes(old, new), *rules.changes(old, new)]
    _secrets(found)
    compare_fields(found, "runner.yaml", old.settings, new.settings)
    _models(found, old.settings.models, new.settings.models)
    _timeouts(found)
    compare_named(found, "host", old.hosts, new.hosts)
    compare_named(found, "resource", old.settings.resources, new.settings.resources)
    _tools(found, old.tools, new.tools)
    _agents(found, old.agents, new.agents)
    _code(found)
    command_policy.compare_policies(found, old.policy, new.policy)


def _secrets(found: Found) -> None:
    old, new = secrets(found.sides.old), secrets(found.sides.new)
    for name, user in sorted(old ^ new):
        if (name, user) in new:
            found.power("gained", f"secret {name}", "given to", new=user)
        else:
            found.power("lost", f"secret {name}", "given to", old=user)


def secrets(project: Project) -> set[tuple[str, str]]:
    """The name of each secret, with who is given it and the file that says so."""
    models = project.settings.models.items()
    given = {(key, f"model {name} (runner.yaml)") for name, one in models if (key := needs_key(one))}
    for name, tool in project.tools.items():
        given |= {(secret, f"tool {name} ({tool.file})") for secret in references_of(tool.spec)}
    for name, host in project.hosts.items():
        given |= {(secret, f"host {name}") for secret in host.secrets}
    return given


def _models(found: Found, old: Mapping[str, ModelSpec], new: Mapping[str, ModelSpec]) -> None:
    for name in compare_named(found, "model", old, new):
        found.judged(f"model {name}", "address", judges.changed, address(old[name]), address(new[name]))


def address(spec: ModelSpec | None) -> str | None:
    """Where the conversations of a model's agents are sent."""
    if spec is None:
        return None
    return "nowhere" if isinstance(spec, ScriptedModel) else address_of(spec)


def _timeouts(found: Found) -> None:
    old, new = ({**BUILT_IN_TIMEOUTS, **project.settings.timeouts} for project in (found.sides.old, found.sides.new))
    compare_named(found, "timeout class", old, new)


def _tools(found: Found, old: Mapping[str, ToolEntry], new: Mapping[str, ToolEntry]) -> None:
    for name in sorted(old.keys() | new.keys()):
        where, before, after = f"tool {name}", old.get(name), new.get(name)
        if before is None or after is None:
            found.power("lost" if before else "gained", where, "", _whole(before), _whole(after))
            continue
        compare_fields(found, where, before.spec, after.spec)
        found.interface(where, "params", before.params, after.params)
        found.judged(where, "risk", RISK, before.risk, after.risk)
        for said in ("egress", "untrusted"):
            found.judged(where, said, judges.changed, bool(getattr(before.spec, said)), bool(getattr(after.spec, said)))
        found.judged(where, "targets", judges.names, _places(found.sides.old, before), _places(found.sides.new, after))
        found.judged(where, "interrupted", INTERRUPTED, before.interrupted, after.interrupted)
        found.judged(where, "agents", judges.names, before.agents, after.agents)
        found.judged(where, "file", judges.changed, before.file, after.file)


def _places(project: Project, entry: ToolEntry) -> tuple[str, ...] | None:
    """Where a tool may run; None for one that says nothing of it, and runs wherever its caller may act."""
    return None if getattr(entry.spec, "targets", None) is None else places_of(project, entry)


def _whole(entry: ToolEntry | None) -> dict[str, Any] | None:
    return None if entry is None else {**written(entry.spec), "risk": entry.risk, "file": entry.file}


def _agents(found: Found, old: Mapping[str, AgentEntry], new: Mapping[str, AgentEntry]) -> None:
    specs = ({name: entry.spec for name, entry in entries.items()} for entries in (old, new))
    for name in compare_named(found, "agent", *specs):
        where = f"agent {name}"
        sides = (found.sides.old, found.sides.new)
        sends = [address(side.settings.models.get(side.agents[name].spec.model)) for side in sides]
        found.judged(where, "address", judges.changed, *sends)
        found.judged(where, "targets", judges.names, old[name].targets, new[name].targets)
        found.judged(where, "file", judges.changed, old[name].file, new[name].file)


def _code(found: Found) -> None:
    """Python beside packs and the replies of scripted models are what acts, although no field differs."""
    old, new = _files(found.sides.old), _files(found.sides.new)
    for name in sorted(old.keys() | new.keys()):
        before, after = _print(old.get(name)), _print(new.get(name))
        sort = "module" if name.endswith(".py") else "replies"
        if before is None or after is None:
            found.power("lost" if before else "gained", f"{sort} {name}", "", before, after)
        else:
            found.judged(f"{sort} {name}", "", judges.changed, before, after)


def _files(project: Project) -> dict[str, bytes]:
    replies = {model.replies for model in project.settings.models.values() if isinstance(model, ScriptedModel)}
    return {name: content for name, content in project.files.items() if name.endswith(".py") or name in replies}


def _print(content: bytes | None) -> str | None:
    if content is None:
        return None
    lines = content.count(b"\n")
    return f"{lines} line{'s' * (lines != 1)}, sha256 {short(hashlib.sha256(content).hexdigest())}"
