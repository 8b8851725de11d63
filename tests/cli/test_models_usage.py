"""`runner models usage`: what model calls took, in groups; and where else their cost is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runner.runs.database import Database

Cli = Callable[..., Any]
FILES = {
    "runner.yaml": (
        "models:\n"
        "  default: {provider: scripted, replies: replies.yaml, price: {input: 0, output: 1000}}\n"
        "  own: {provider: scripted, replies: own.yaml}\n"
        "  broken: {provider: vllm, model: m, base_url: 'http://127.0.0.1:9/v1', key: none, fallback: [own]}\n"
    ),
    "own.yaml": "- text: Done, at home.\n",
    "agents.d/dear.yaml": "description: A.\nprompt: P.\n",
    "agents.d/cheap.yaml": "description: A.\nprompt: P.\nmodel: broken\n",
}


@pytest.fixture
def spent(cli: Cli, project: Callable[..., Path]) -> Path:
    """A project with three runs behind it, one of them on its second model."""
    root = project(FILES)
    for agent in ("dear", "dear", "cheap"):
        assert cli("-C", root, "run", agent, "Hello").code == 0
    return root


def columns(out: str) -> list[list[str]]:
    """The words of each row of a table."""
    return [re.split(r"  +", line) for line in out.splitlines()]


def test_usage_is_summed_up_by_agent(cli: Cli, spent: Path) -> None:
    """The dearest first, attempts that failed among the calls, and all together below."""
    rows = columns(cli("-C", spent, "models", "usage", "--by", "agent").out)
    assert rows[0] == ["AGENT", "RUNS", "CALLS", "FAILED", "TOKENS IN", "FROM CACHE", "TOKENS OUT", "COST"]
    dear, cheap, total = rows[1:]
    assert (dear[:4], dear[5:]) == (["dear", "2", "2", "0"], ["0", "2", "$0.002"])
    assert (cheap[0], cheap[1], cheap[7]) == ("cheap", "1", "$0.00")
    assert int(cheap[2]) == int(cheap[3]) + 1
    assert int(cheap[3]) >= 1
    assert (total[0], total[1], total[7]) == ("total", "3", "$0.002")


def test_usage_is_summed_up_by_what_the_provider_calls_the_model(cli: Cli, spent: Path) -> None:
    """So that a name of runner.yaml that came to mean another model is no mixture."""
    told = json.loads(cli("-C", spent, "--json", "models", "usage").out)
    assert told["by"] == "model"
    costs = {one["key"]: (one["runs"], one["cost_micros"], one["unpriced"]) for one in told["usage"]}
    assert costs["scripted:replies.yaml"] == (2, 2000, 0)
    assert costs["scripted:own.yaml"] == (1, 0, 0)
    assert told["total"]["runs"] == 3
    assert told["total"]["cost_micros"] == 2000


def test_usage_is_summed_up_by_day_and_by_revision(cli: Cli, spent: Path) -> None:
    """Both have one row here."""
    today = datetime.now(UTC).astimezone().strftime("%Y-%m-%d")
    assert [row[:2] for row in columns(cli("-C", spent, "models", "usage", "--by", "day").out)[1:]] == [[today, "3"]]
    (row,) = columns(cli("-C", spent, "models", "usage", "--by", "revision").out)[1:]
    assert re.fullmatch(r"[0-9a-f]{8,12}", row[0])


@pytest.mark.parametrize("since, runs", [("1h", 3), ("2020-01-31", 3), ("2999-01-01", 0), ("2999-01-01T08:00", 0)])
def test_usage_since_a_time(cli: Cli, spent: Path, since: str, runs: int) -> None:
    """A day, a moment, or how long ago."""
    assert json.loads(cli("-C", spent, "--json", "models", "usage", "--since", since).out)["total"]["runs"] == runs


def test_a_time_that_is_none_is_told(cli: Cli, spent: Path) -> None:
    """With how to write one."""
    answer = cli("-C", spent, "models", "usage", "--since", "yesterday")
    assert answer.code == 2
    assert "'yesterday' is no time; write a day such as 2026-01-31, or how long ago, such as 7d" in answer.err


def test_no_usage_is_said(cli: Cli, spent: Path) -> None:
    """Instead of an empty table."""
    answer = cli("-C", spent, "models", "usage", "--since", "2999-01-01")
    assert (answer.code, answer.out) == (0, "")
    assert "no model was asked since then" in answer.err


def test_runs_show_what_they_cost(cli: Cli, spent: Path) -> None:
    """Each run, and the two that are compared."""
    cheap, dear, other = (row["id"] for row in json.loads(cli("-C", spent, "--json", "runs", "ls").out))
    assert "  cost       $0.001\n" in cli("-C", spent, "runs", "show", dear).out
    assert "  cost       $0.00\n" in cli("-C", spent, "runs", "show", cheap).out
    assert json.loads(cli("-C", spent, "--json", "runs", "show", dear).out)["cost_micros"] == 1000
    assert "cost $0.00 → $0.001" in cli("-C", spent, "runs", "diff", cheap, dear).out
    assert "cost $0.001," in cli("-C", spent, "runs", "diff", other, dear).out


def test_a_sum_says_how_many_calls_it_leaves_out(cli: Cli, project: Callable[..., Path]) -> None:
    """Calls of a model whose price nobody knows, which took tokens all the same."""
    root = project(FILES)
    assert cli("-C", root, "run", "dear", "Hello").code == 0
    database = Database.open(root / ".runner" / "runner.db")
    with database.transaction() as connection:
        connection.execute("UPDATE model_calls SET cost_micros = NULL")
    database.close()
    (row,) = columns(cli("-C", root, "models", "usage").out)[1:]
    assert row[7] == "$0.00 + 1 call of unknown price"
