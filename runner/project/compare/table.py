"""Every field that files have, and what a change of it means: the section that shows it, and which value can do more.

A field that stands nowhere here is shown among the capabilities, as one that may have widened them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from runner.models import Answering, ScriptedModel, ServedModel
from runner.models.prices import Price
from runner.models.profile import Profile
from runner.models.sampling import Sampling
from runner.policy import Rule
from runner.project import agents, flow, packs, phases, resources, settings, triggers, workflows
from runner.project.compare import judges
from runner.runs.sandboxes.spec import SandboxesSpec
from runner.targets.hosts.spec import HostSpec
from runner.targets.sandbox.spec import SandboxSpec
from runner.tools import agent, base, command, http, programs, python, shell, workflow
from runner.tools.http import fields as http_fields
from runner.tools.mcp import spec as mcp_spec
from runner.tools.mcp import tool as mcp_tool
from runner.tools.mcp.oauth import spec as mcp_auth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.project.compare.judges import Judge
    from runner.spec import Spec

Section = Literal[
    "capability",
    "interface",
    "graph",
    "other",
    "inside",
    "whole",
    "powers",
    "rules",
    "texts",
    "steps",
    "graphs",
]
"""`interface`: what lets values through, a capability unless only its words differ · `inside`: a mapping whose own
fields are placed · `whole`: shown as one value with the field that holds it · the rest: the module that shows it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a field is shown, and who judges it."""

    section: Section
    judge: Judge = judges.changed


def _power(judge: Judge = judges.changed) -> Placed:
    return Placed("capability", judge)


_CHANGED = _power()
_MORE = _power(judges.more)
_LONGER = _power(judges.longer)
_RANGE = _power(judges.at_most)
_NAMES = _power(judges.names)
_INTERFACE = Placed("interface")
_GRAPH = Placed("graph")
_OTHER = Placed("other")
_INSIDE = Placed("inside")
_WHOLE = Placed("whole")
_POWERS = Placed("powers")
_RULES = Placed("rules")
_TEXTS = Placed("texts")
_STEPS = Placed("steps")
_EDGES = Placed("graphs")
_TRUTH = _power(judges.truth)

FIELDS: Mapping[type[Spec], Mapping[str, Placed]] = {
    # runner.yaml
    settings.Settings: {
        "use": _NAMES,
        "models": _POWERS,
        "timeouts": _POWERS,
        "limits": _INSIDE,
        "workspaces": _NAMES,
        "execute": _CHANGED,
        "sandbox": _INSIDE,
        "sandboxes": _INSIDE,
        "hosts": _POWERS,
        "inventory": _OTHER,
        "permissions": _RULES,
        "resources": _POWERS,
        "learn": _OTHER,
        "router": _INSIDE,
        "reload": _OTHER,
        "server": _INSIDE,
        "storage": _INSIDE,
    },
    settings.TimeoutClass: {"model": _RANGE, "tool": _RANGE, "ssh": _RANGE},
    settings.EngineLimits: dict.fromkeys(settings.EngineLimits.model_fields, _MORE),
    settings.RouterSpec: {
        **dict.fromkeys(("agents", "model", "fallback"), _CHANGED),
        **dict.fromkeys(("threshold", "margin"), _OTHER),
    },
    settings.Server: {"listen": _power(judges.listening)},
    settings.Storage: {"path": _CHANGED},
    SandboxesSpec: {"max": _MORE, "size": _MORE, "idle": _OTHER, "keep": _OTHER},
    SandboxSpec: dict.fromkeys(SandboxSpec.model_fields, _MORE)
    | {"driver": _CHANGED, "image": _CHANGED, "network": _TRUTH, "read_only": _NAMES},
    HostSpec: {
        **dict.fromkeys(("address", "port", "user", "key", "password", "sudo_password", "jump"), _CHANGED),
        "groups": _NAMES,
        "idle": _OTHER,
        "channels": _MORE,
    },
    resources.Database: dict.fromkeys(("sqlite", "init"), _CHANGED),
    Answering: {"fallback": _NAMES, "price": _OTHER},
    Price: dict.fromkeys(Price.model_fields, _WHOLE),
    ServedModel: {
        "provider": _CHANGED,
        "model": _CHANGED,
        "base_url": _CHANGED,
        "key": _CHANGED,
        "wire": _OTHER,
        "context": _OTHER,
        "keep_alive": _OTHER,
        "concurrency": _MORE,
        "profile": _OTHER,
    },
    Profile: dict.fromkeys(Profile.model_fields, _WHOLE),
    ScriptedModel: {"provider": _CHANGED, "replies": _CHANGED},
    Rule: dict.fromkeys(("tool", "risk", "agent", "target", "argv", "action"), _RULES),
    # agents.d
    agents.AgentSpec: {
        "description": _OTHER,
        "model": _CHANGED,
        "timeout": _power(judges.timeout("model")),
        "prompt": _TEXTS,
        "output": _OTHER,
        "tools": _power(judges.found_by),
        "targets": _POWERS,
        "permissions": _RULES,
        "limits": _INSIDE,
        "sampling": _INSIDE,
        "examples": _OTHER,
        "memory": _OTHER,
        "intents": _CHANGED,
        "suggestions": _OTHER,
    },
    Sampling: {"temperature": _OTHER, "top_p": _OTHER, "max_tokens": _MORE, "seed": _OTHER},
    agents.Memory: {"window": _WHOLE, "summarize": _WHOLE},
    agents.ExampleCall: dict.fromkeys(("tool", "with_", "result"), _WHOLE),
    agents.Example: dict.fromkeys(("user", "calls", "answer"), _WHOLE),
    agents.Intent: dict.fromkeys(("say", "tool", "with_", "reply"), _WHOLE),
    agents.Limits: {"time": _LONGER, "deadline": _LONGER, "turns": _MORE, "tokens": _MORE, "cost_usd": _MORE},
    agents.PhaseLimits: {"visits": _MORE},
    agents.AgentLimits: {"turns": _MORE, "same_call": _MORE},
    agents.NamedPrompt: dict.fromkeys(("use", "with_"), _TEXTS),
    agents.Rtcros: dict.fromkeys(("role", "task", "constraints", "rules", "state"), _TEXTS),
    agents.PromptSpec: {"description": _OTHER, "inputs": _OTHER, "template": _TEXTS},
    agents.SearchedTools: dict.fromkeys(("mode", "from_"), _WHOLE),
    # tools.d
    packs.PackSpec: {"description": _OTHER, "defaults": _POWERS, "tools": _POWERS, "mcp": _POWERS},
    base.Retry: dict.fromkeys(("max", "on", "delay"), _WHOLE),
    base.Shared: {
        "timeout": _power(judges.timeout("tool")),
        "risk": _POWERS,
        "egress": _POWERS,
        "untrusted": _POWERS,
        "agents": _POWERS,
        "tags": _OTHER,
        "enabled": _power(judges.truth),
        "retry": _power(judges.retry),
        "concurrency": _MORE,
        "interrupted": _POWERS,
        "hint": _OTHER,
    },
    base.ToolSpec: {"description": _OTHER, "params": _POWERS},
    programs.ProgramTool: {
        "exit": _CHANGED,
        "env": _CHANGED,
        "output": _CHANGED,
        "targets": _POWERS,
        "sudo": _power(judges.truth),
    },
    programs.CommandOutput: dict.fromkeys(("table", "as_json", "parse"), _WHOLE),
    command.CommandTool: {"command": _CHANGED},
    shell.ShellTool: {"shell": _CHANGED},
    http.HttpTool: {"http": _CHANGED, "egress": _POWERS, "untrusted": _POWERS, "output": _CHANGED},
    http_fields.Request: dict.fromkeys(http_fields.Request.model_fields, _WHOLE),
    http_fields.Auth: dict.fromkeys(("bearer", "basic"), _WHOLE),
    http_fields.HttpOutput: dict.fromkeys(("as_json", "fields", "parse"), _WHOLE),
    mcp_spec.McpOverride: {"description": _OTHER},
    mcp_spec.Lifecycle: dict.fromkeys(("required", "restart", "backoff"), _WHOLE),
    mcp_spec.McpServerSpec: dict.fromkeys(mcp_spec.McpServerSpec.model_fields, _WHOLE),
    mcp_auth.Authorization: dict.fromkeys(("client_credentials", "authorization_code"), _WHOLE),
    mcp_auth.Grant: dict.fromkeys(("scope", "allow"), _WHOLE),
    mcp_auth.ClientCredentials: dict.fromkeys(("issuer", "client_id", "client_secret", "private_key"), _WHOLE),
    mcp_auth.AuthorizationCode: dict.fromkeys(("issuer", "client_id", "client_secret"), _WHOLE),
    mcp_tool.McpTool: {"pack": _CHANGED, "server": _CHANGED, "mcp": _CHANGED, "sha256": _CHANGED}
    | dict.fromkeys(("egress", "untrusted"), _POWERS),
    python.PythonTool: {"python": _CHANGED},
    agent.AgentTool: {"agent": _CHANGED},
    workflow.WorkflowTool: {"workflow": _CHANGED},
    # workflows
    workflows.WorkflowSpec: {
        "description": _OTHER,
        "inputs": _INTERFACE,
        "workspace": _CHANGED,
        "limits": _INSIDE,
        "permissions": _RULES,
        "triggers": _CHANGED,
        "alerts": _OTHER,
        "phases": _STEPS,
        "finally_": _STEPS,
    },
    triggers.Trigger: dict.fromkeys(triggers.Trigger.model_fields, _WHOLE),
    triggers.Alert: dict.fromkeys(triggers.Alert.model_fields, _WHOLE),
    phases.Body: {
        "when": _CHANGED,
        "workspace": _CHANGED,
        "timeout": _power(judges.timeout("model", "tool")),
        "limits": _INSIDE,
        "retry": _power(judges.retry),
    },
    phases.AgentBody: {"agent": _CHANGED, "message": _TEXTS, "output": _OTHER, "target": _CHANGED},
    phases.AgentPhase: {"continue_": _GRAPH},
    phases.ToolBody: {"tool": _CHANGED, "with_": _CHANGED, "target": _CHANGED, "fleet": _CHANGED},
    phases.Fleet: dict.fromkeys(phases.Fleet.model_fields, _WHOLE),
    phases.WorkflowBody: {"workflow": _CHANGED, "with_": _CHANGED},
    phases.ApprovalBody: {"approval": _INSIDE},
    phases.Question: {"ask": _CHANGED, "show": _CHANGED, "by": _power(judges.deciders), "deadline": _LONGER},
    phases.WaitBody: {"wait": _INSIDE},
    phases.Pause: {"for_": _GRAPH, "until": _GRAPH},
    phases.ParallelPhase: {"parallel": _STEPS, "join": _GRAPH},
    phases.ForeachPhase: {"foreach": _INSIDE, "body": _STEPS},
    phases.Each: {"in_": _CHANGED, "as_": _GRAPH, "concurrency": _MORE, "max_failures": _MORE},
    flow.Flow: {"next": _EDGES, "errors": _EDGES},
    flow.Edge: dict.fromkeys(("to", "when", "max", "exhausted"), _EDGES),
    flow.ErrorEdge: dict.fromkeys(("match", "to", "max", "exhausted"), _EDGES),
}
"""By the class that says the field; a class has those of the classes it is made from."""

UNPLACED = _CHANGED


def placed(spec: type[Spec], name: str) -> Placed:
    """Where a field of a class is shown."""
    return next((FIELDS[one][name] for one in spec.__mro__ if name in FIELDS.get(one, {})), UNPLACED)
