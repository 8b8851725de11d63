"""The tables of triggers and of alerts that hold: which moments were dealt with, what began, what is told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.runs.events.alert import AlertFired, AlertHeld, AlertKey, AlertResolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.runs.database import Database, Row
    from runner.runs.events import RunQueued

BEGUN = """
UPDATE triggers SET tick = max(tick, ?), fired_at = ?, run = ?, skipped = 0, note = '' WHERE name = ?
"""
HELD = """
INSERT INTO alerts ("trigger", workflow, alert, about, state, count, since, fired_at, seen_at, text, run)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    state = excluded.state, count = excluded.count, since = excluded.since,
    fired_at = iif(excluded.state = 'pending', NULL, coalesce(fired_at, excluded.fired_at)),
    seen_at = excluded.seen_at, text = excluded.text, run = excluded.run
"""
RESOLVED = 'DELETE FROM alerts WHERE "trigger" = ? AND workflow = ? AND alert = ? AND about = ?'


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """What a trigger has begun last; `tick` is the last moment of its cadence that was dealt with."""

    name: str
    tick: float
    fired_at: float | None
    run: str
    skipped: int
    note: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert whose condition holds; `seen_at` is when it was judged last."""

    trigger: str
    workflow: str
    alert: str
    about: str
    state: str
    count: int
    since: float
    fired_at: float | None
    seen_at: float
    text: str
    run: str

    @property
    def key(self) -> AlertKey:
        """Which alert it is."""
        return AlertKey(self.trigger, self.workflow, self.alert, self.about)


def begun(event: RunQueued) -> Row:
    """The parameters of `BEGUN`."""
    return (event.tick, event.time, event.run, event.trigger)


def held(event: AlertHeld | AlertFired) -> Row:
    """The parameters of `HELD`."""
    state = event.state if isinstance(event, AlertHeld) else "firing"
    fired_at = event.time if state == "firing" else None
    return (*event.key, state, event.count, event.since, fired_at, event.time, event.text, event.run)


def resolved(event: AlertResolved) -> Row:
    """The parameters of `RESOLVED`."""
    return tuple(event.key)


def alerts(database: Database, trigger: str | None = None) -> list[AlertRow]:
    """The alerts that hold, of one trigger or of all, those that fire first."""
    sql = """
    SELECT "trigger", workflow, alert, about, state, count, since, fired_at, seen_at, text, run FROM alerts
    WHERE ?1 IS NULL OR "trigger" = ?1 ORDER BY state = 'pending', since, workflow, alert, about
    """
    return [AlertRow(*row) for row in database.read(sql, (trigger,))]


def triggers(database: Database) -> dict[str, TriggerRow]:
    """All triggers by name."""
    rows = database.read("SELECT name, tick, fired_at, run, skipped, note FROM triggers ORDER BY name")
    return {row[0]: TriggerRow(*row) for row in rows}


def keep_triggers(database: Database, ticks: Mapping[str, float]) -> list[AlertRow]:
    """Have these triggers and no others, a new one with its tick; the alerts that nothing judges any more."""
    known = triggers(database)
    gone = [row for row in alerts(database) if row.trigger not in ticks]
    fresh = [(name, tick) for name, tick in ticks.items() if name not in known]
    lost = [(name,) for name in known if name not in ticks]
    if gone or fresh or lost:
        with database.transaction() as connection:
            connection.executemany("INSERT INTO triggers (name, tick) VALUES (?, ?)", fresh)
            connection.executemany("DELETE FROM triggers WHERE name = ?", lost)
            connection.executemany(RESOLVED, [tuple(row.key) for row in gone])
    return gone


def skip_tick(database: Database, name: str, tick: float, note: str) -> None:
    """Note that a trigger began no run at a tick, and why."""
    with database.transaction() as connection:
        sql = "UPDATE triggers SET tick = ?, skipped = skipped + (? <> ''), note = ? WHERE name = ?"
        connection.execute(sql, (tick, note, note, name))
