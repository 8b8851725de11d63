"""The tables of visits and tool calls: what each call came to, of whom, on which hosts, and what they add up to."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, get_args

import pytest

from runner.runs.database import MIGRATIONS
from runner.runs.events import IntentMatched, PromptRendered, RunEnded, RunQueued, ToolCalled, ToolReturned
from runner.runs.record import Fault, Record
from runner.runs.store import FILE, Store
from runner.runs.tool_calls import Subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.runs.events import AnyEvent
    from runner.runs.tool_calls import ToolFigures

AGENT = RunQueued(kind="agent", name="devops", inputs={}, revision="r1")
FLEET = {
    "ok": ["web1", "web2"],
    "no": [],
    "failed": ["web3"],
    "unreachable": ["web4"],
    "skipped": ["web5"],
    "answers": [
        {"status": "ok", "hosts": ["web1", "web2"], "output": {"text": "fine"}},
        {"status": "failed", "hosts": ["web3"], "output": {"error": "exit 3"}},
        {"status": "unreachable", "hosts": ["web4"], "output": {"error": "no route"}},
        {"status": "skipped", "hosts": ["web5"], "output": None},
    ],
}


def told(path: str, agent: str = "devops") -> PromptRendered:
    """A visit of an agent begins."""
    return PromptRendered(path=path, agent=agent, system="", message="")


def called(path: str, tool: str = "disk_usage", target: str = "local") -> ToolCalled:
    """A call is about to be made."""
    return ToolCalled(path=path, tool=tool, arguments={}, risk="read", target=target, cwd="/", rule="")


def gave(path: str, status: Any = "ok", tool: str = "disk_usage", output: Any = None, error: str = "") -> ToolReturned:
    """A call is over; an error that begins with `denied` is a rule's."""
    match = "policy" if error.startswith("denied") else "tool"
    fault = Fault(match=match, message=error) if error else None  # type: ignore[arg-type]  # one of two words
    return ToolReturned(path=path, tool=tool, record=Record.of(status, output, fault))


def one(path: str, status: Any = "ok", **more: Any) -> list[AnyEvent]:
    """A whole call, a second long."""
    tool = more.get("tool", "disk_usage")
    return [called(path, tool, more.pop("target", "local")), gave(path, status, **more)]


EVENTS: list[AnyEvent] = [
    AGENT,
    told("answer/1"),
    *one("answer/1/turn-1/call-1"),
    *one("answer/1/turn-1/call-2", "no"),
    *one("answer/1/turn-2/call-1", "failed", error="exit 1"),
    *one("answer/1/turn-2/call-1/try-2", "failed", error="exit 2"),
    gave("answer/1/turn-3/call-1", "failed", tool="reboot", error="denied by a rule"),
    gave("answer/1/turn-3/call-2", "failed", tool="no_such", error="there is no tool `no_such`"),
    told("answer/2"),
    IntentMatched(path="answer/2/intent", phrase="état du disque", slots={}, tool="disk_usage", arguments={}),
    *one("answer/2/intent/call-1", "failed", error="first"),
    *one("answer/2/intent/call-1/try-2"),
    *one("check/1", tool="uptime", target="web1"),
    *one(
        "fleet/1", "failed", tool="uptime", target="web1, web2, web3, web4, web5", output=FLEET, error="2 of 5 failed"
    ),
    told("answer/2/turn-9/call-1/answer/1", "helper"),
    *one("answer/2/turn-9/call-1/answer/1/turn-1/call-1", tool="uptime", output={"answers": [{"hosts": 7}, "x"]}),
    *one("odd/1", tool="odd", target="web1, web2", output={"answers": ["x", 1, None]}),
    *one("odd/2", tool="odd", output={"answers": {"a b": {"hosts": [None, 3]}}}),
    called("answer/2/turn-8/call-1", "slow"),
]


@pytest.fixture
def kept(store: Store, numbered: Callable[..., list[AnyEvent]]) -> Store:
    """A store with one run of every kind of call."""
    store.append(numbered("run-1", *EVENTS))
    return store


def counts(figures: list[ToolFigures]) -> dict[str, tuple[int, ...]]:
    """Calls, ok, no, failed, denied, cancelled, open of each group."""
    return {row.key: row[1:8] for row in figures}


def test_calls_are_counted_by_tool(kept: Store) -> None:
    """Each by what it came to; one that no rule allowed was never made, and so is no failure."""
    rows = kept.tool_figures("tool")
    assert counts(rows) == {
        "disk_usage": (6, 2, 1, 3, 0, 0, 0),
        "uptime": (3, 2, 0, 1, 0, 0, 0),
        "odd": (2, 2, 0, 0, 0, 0, 0),
        "no_such": (1, 0, 0, 1, 0, 0, 0),
        "reboot": (1, 0, 0, 0, 1, 0, 0),
        "slow": (1, 0, 0, 0, 0, 0, 1),
    }
    assert [row.key for row in rows] == ["disk_usage", "uptime", "odd", "no_such", "reboot", "slow"]
    rates = {row.key: row.rate for row in rows}
    assert rates == {"disk_usage": 0.5, "uptime": 2 / 3, "odd": 1, "no_such": 0, "reboot": None, "slow": None}


def test_a_group_tells_its_last_error_and_when(kept: Store) -> None:
    """Not that of an earlier call, and none where nothing went wrong."""
    rows = {row.key: row for row in kept.tool_figures("tool")}
    assert (rows["disk_usage"].error, rows["disk_usage"].error_at) == ("first", 1014.0)
    assert rows["reboot"].error == "denied by a rule"
    assert (rows["odd"].error, rows["odd"].error_at) == ("", None)


def test_calls_are_counted_by_the_agent_that_made_them(kept: Store) -> None:
    """Those of a phase by the empty name; a helper's own are not its caller's."""
    rows = counts(kept.tool_figures("agent"))
    assert {key: row[0] for key, row in rows.items()} == {"devops": 9, "": 4, "helper": 1}
    assert counts(kept.tool_figures("tool", agent="helper")) == {"uptime": (1, 1, 0, 0, 0, 0, 0)}


def test_a_call_on_many_hosts_counts_for_each(kept: Store) -> None:
    """What a host answered is its own; one that was never asked is not counted, nor one that nobody knows of."""
    rows = {row.key: row for row in kept.tool_figures("host", tool="uptime")}
    assert counts(list(rows.values())) == {
        "web1": (2, 2, 0, 0, 0, 0, 0),
        "local": (1, 1, 0, 0, 0, 0, 0),
        "web2": (1, 1, 0, 0, 0, 0, 0),
        "web3": (1, 0, 0, 1, 0, 0, 0),
        "web4": (1, 0, 0, 1, 0, 0, 0),
    }
    assert (rows["web3"].error, rows["web4"].error, rows["web1"].error) == ("exit 3", "no route", "")
    assert (rows["web1"].p50, rows["web4"].p50) == (1.0, None)
    assert "web1, web2" not in counts(kept.tool_figures("host"))


def test_intents_are_counted_by_their_phrase(kept: Store) -> None:
    """Each message once, however often its tool was tried."""
    assert counts(kept.tool_figures("intent")) == {"état du disque": (1, 0, 0, 1, 0, 0, 0)}


def test_a_call_that_was_only_foreseen_counts_nowhere(store: Store, numbered: Callable[..., list[AnyEvent]]) -> None:
    """Nothing was done."""
    store.append(numbered("run-1", gave("a/1").model_copy(update={"dry": True})))
    assert store.tool_figures("tool") == []


def test_only_calls_since_a_time_are_counted(kept: Store) -> None:
    """By when they began."""
    assert counts(kept.tool_figures("tool", since=1010.0))["disk_usage"] == (2, 1, 0, 1, 0, 0, 0)
    assert kept.tool_figures("tool", since=5000.0) == []


def test_quantiles_are_the_least_that_so_many_do_not_exceed(
    store: Store, numbered: Callable[..., list[AnyEvent]]
) -> None:
    """Of 20 calls of 1 to 20 seconds the tenth and the nineteenth."""
    for seconds in range(1, 21):
        first, last = one("a/1")
        store.append(numbered(f"run-{seconds:02}", first))
        store.append([last.model_copy(update={"run": f"run-{seconds:02}", "seq": 1, "time": 1000.0 + seconds})])
    (row,) = store.tool_figures("tool")
    assert (row.calls, row.p50, row.p95) == (20, 10.0, 19.0)


def test_a_clock_that_was_set_back_makes_no_negative_time(
    store: Store, numbered: Callable[..., list[AnyEvent]]
) -> None:
    """The call took no time then."""
    first, last = one("a/1")
    store.append(numbered("run-1", first))
    store.append([last.model_copy(update={"run": "run-1", "seq": 1, "time": 900.0})])
    assert [row.p50 for row in store.tool_figures("tool")] == [0.0]


def test_a_call_begun_again_after_a_crash_is_one_call(store: Store, numbered: Callable[..., list[AnyEvent]]) -> None:
    """It took the time since it was begun again."""
    again = called("a/1").model_copy(update={"attempt": 2})
    store.append(numbered("run-1", called("a/1"), again, gave("a/1")))
    assert [(*row[:3], row.p50) for row in store.tool_figures("tool")] == [("disk_usage", 1, 1, 1.0)]


def rows_of(store: Store) -> dict[str, Any]:
    """All that both tables hold."""
    with closing(sqlite3.connect(store.folder / FILE)) as connection:
        return {
            "visits": connection.execute("SELECT * FROM visits ORDER BY run, path").fetchall(),
            "tool_calls": connection.execute("SELECT * FROM tool_calls ORDER BY run, path").fetchall(),
        }


def test_the_tables_are_made_anew_from_the_events(kept: Store) -> None:
    """As they were, to the last value."""
    before = rows_of(kept)
    assert len(before["tool_calls"]) == 14
    kept.rebuild()
    assert rows_of(kept) == before


def test_an_earlier_store_has_its_calls_counted_when_it_is_opened(kept: Store, tmp_path: Path) -> None:
    """As if they had been counted as they were made."""
    former = tmp_path / "former"
    former.mkdir()
    with closing(sqlite3.connect(former / FILE)) as connection:
        for script in sorted(MIGRATIONS.glob("*.sql"))[:5]:
            connection.executescript(script.read_text())
        connection.execute("ATTACH ? AS kept", (str(kept.folder / FILE),))
        connection.execute("INSERT INTO events SELECT * FROM kept.events")
        connection.execute("PRAGMA user_version = 5")
        connection.commit()
    opened = Store.open(former)
    try:
        assert rows_of(opened)["visits"] == rows_of(kept)["visits"]
        for by in get_args(Subject):
            assert opened.tool_figures(by) == kept.tool_figures(by)
    finally:
        opened.close()
        shutil.rmtree(former)


def test_the_latest_runs_of_each_agent_tell_how_many_passed(
    store: Store, numbered: Callable[..., list[AnyEvent]]
) -> None:
    """Cancelled runs, dry ones and workflows say nothing of an agent; of more runs only the latest count."""
    verdicts = ["pass", "fail", "error", "pass", "cancelled"]
    for number, verdict in enumerate(verdicts):
        ended = RunEnded(verdict=verdict, why="")  # type: ignore[arg-type]  # one of four words
        store.append(numbered(f"run-{number}", AGENT, ended))
    store.append(numbered("w", AGENT.model_copy(update={"kind": "workflow", "name": "build"}), ended))
    store.append(numbered("x", AGENT.model_copy(update={"name": "other"})))
    store.append(numbered("y", AGENT.model_copy(update={"dry": True}), ended.model_copy(update={"verdict": "fail"})))
    assert store.passed(100) == {"devops": (2, 4)}
    assert store.passed(2) == {"devops": (1, 2)}
