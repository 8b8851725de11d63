"""The fields of workflows/NAME.yaml."""

from __future__ import annotations

from pydantic import Field

from runner.policy import Rule
from runner.project.agents import Limits
from runner.project.phases import AnyBody, PhaseSpec
from runner.project.triggers import Alert, Trigger
from runner.spec import FieldName, Items, Spec
from runner.spec.types import Fields


class WorkflowSpec(Spec):
    """A graph of phases."""

    description: str = Field(min_length=1)
    """What it does, in one sentence."""
    inputs: Fields | None = None
    """What it is started with: a name and a type each."""
    workspace: str | None = None
    """The folder that it works in, a template over `inputs`, inside one of `workspaces`; `sandbox` is the run's own."""
    limits: Limits = Limits()
    """What the whole run of it may take."""
    permissions: Items[Rule] = ()
    """Rules for the tool calls of its runs; the strictest answer wins."""
    triggers: Items[Trigger] = ()
    """When runs of it begin by themselves, while the daemon is up."""
    alerts: Items[Alert] = ()
    """Conditions that people are told of, judged at its end in runs that a trigger began."""
    phases: dict[FieldName, PhaseSpec] = Field(min_length=1)
    """The phases by name; the first one is entered first."""
    finally_: AnyBody | None = Field(default=None, alias="finally")
    """One step, without `next` and `errors`, after any end, cancel included; it cannot change the verdict."""
