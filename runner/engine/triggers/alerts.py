"""Alerts: judged at the end of each workflow in a run that a trigger began; their state goes on from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.engine.steps.step import rendering
from runner.errors import OutputInvalid
from runner.prompts import expression, template
from runner.runs.events import AlertFired, AlertHeld, AlertKey, AlertResolved, AlertUnknown
from runner.spec.cuts import begin_of

if TYPE_CHECKING:
    from runner.engine.steps.context import RunContext
    from runner.engine.walk.ending import End
    from runner.engine.walk.walk import Walk
    from runner.project.triggers import Alert
    from runner.runs.alerts import AlertRow

LONGEST = 500
"""Characters of what an alert says."""


def judge(walk: Walk) -> None:
    """Judge the alerts of a workflow that has come to its end; one that was judged before a stop is not again."""
    queued = walk.ctx.state.queued
    trigger = queued.trigger if queued else ""
    for alert in walk.entry.spec.alerts if trigger else ():
        try:
            key = AlertKey(trigger, walk.entry.name, alert.name, _about(walk, alert))
            if key not in walk.ctx.state.alerts:
                _judge(walk, alert, key)
        except OutputInvalid as error:
            key = AlertKey(trigger, walk.entry.name, alert.name, "")
            walk.ctx.append(AlertUnknown(path=walk.scope, **key._asdict(), error=error.message))


def settle(ctx: RunContext, end: End) -> None:
    """At the end of a run, resolve what its trigger's runs look at no more, such as a host that was left out."""
    queued = ctx.state.queued
    if queued is None or not queued.trigger or end.verdict not in ("pass", "fail"):
        return
    for row in ctx.standing_alerts.values():
        if row.key not in ctx.state.alerts:
            ctx.append(_resolved("", row, "nothing looks at it any more"))


def _about(walk: Walk, alert: Alert) -> str:
    return str(rendering(lambda: template(alert.about).render(walk.values())))


def _judge(walk: Walk, alert: Alert, key: AlertKey) -> None:
    ctx, values, path = walk.ctx, walk.values(), walk.scope
    former = ctx.standing_alerts.get(key)
    try:
        holds = bool(rendering(lambda: expression(alert.when).evaluate(values)))
    except OutputInvalid as error:
        ctx.append(AlertUnknown(path=path, **key._asdict(), error=f"`{alert.when}`: {error.message}"))
        return
    if not holds:
        if former is not None:
            ctx.append(_resolved(path, former, f"not ({alert.when})"))
        return
    now, count = ctx.clock(), former.count + 1 if former else 1
    said: dict[str, Any] = {"path": path, **key._asdict(), "count": count, "text": _text(alert, values)}
    said["since"] = former.since if former else now
    is_firing = former is not None and former.state == "firing"
    if count >= alert.for_ and not is_firing:
        explained = expression(alert.when).explain(values)
        ctx.append(AlertFired(**said, expression=alert.when, values=explained))
    else:
        ctx.append(AlertHeld(**said, state="firing" if is_firing else "pending"))


def _text(alert: Alert, values: dict[str, Any]) -> str:
    """What people are told: an alert is not lost because its words cannot be made."""
    try:
        text = rendering(lambda: template(alert.text).render(values))
    except OutputInvalid as error:
        text = f"{alert.when} (its text: {error.message})"
    return begin_of(text, LONGEST)


def _resolved(path: str, row: AlertRow, why: str) -> AlertResolved:
    fired = row.state == "firing"
    return AlertResolved(path=path, **row.key._asdict(), fired=fired, since=row.since, text=row.text, why=why)
