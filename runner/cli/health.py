"""The daemon's report on itself, as people read it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from runner.cli.display import moment, one_line, seconds, show
from runner.spec.layout import with_commit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.project.problems import Problem

FIRST = 3
"""Problems that `ps` names; `check` shows all."""


def show_health(url: str, health: dict[str, Any]) -> None:
    """Print where it listens, what it runs on, and how the last load of the files went."""
    watching, last, runs, parts = health["watching"], health["reload"], health["runs"], health["open"]
    show(f"daemon    {health['status']} at {url}, process {health['pid']}")
    show(f"started   {moment(health['started'])}, {seconds(time.time() - health['started'])} ago")
    show(f"revision  {with_commit(health['revision'], health['commit'], dirty=health['dirty'])}")
    show(f"files     {'ok' if last['ok'] else refused(last)}, read {moment(last['at'])}")
    if last["ok"] and last["why"]:
        show(f"          {last['why']}")
    _show_problems(last["problems"])
    for note in [*last["notes"], *(f"needs restart: `{name}` has changed" for name in last["needs_restart"])]:
        show(f"          {note}")
    show(f"watching  {watching['mode']}, last change seen: {moment(watching['changed_at']) or 'none yet'}")
    for words in (watching["why"], watching["waits_for"]):
        if words:
            show(f"          {words}")
    for path in watching["paths"]:
        show(f"          {path}")
    for name, reason in health["unavailable"].items():
        show(f"missing   {name}: {reason}")
    show_servers(health["servers"])
    show_triggers(health)
    show(f"runs      {runs['active']} active, {runs['waiting']} waiting, {runs['queued']} queued")
    show(
        f"open      workbenches {parts['workbenches']}, live parts {parts['parts']}, python workers {parts['workers']}"
    )


def show_triggers(health: dict[str, Any]) -> None:
    """Print what begins runs by itself, and the alerts whose condition holds."""
    for trigger in health["triggers"]:
        last = f"last {moment(trigger['last'])}, " if trigger["last"] else ""
        show(f"trigger   {trigger['name']}: {last}next {moment(trigger['next'])}")
        if trigger["note"]:
            show(f"          {trigger['skipped']} skipped since: {one_line(trigger['note'])}")
    for row in health["alerts"]:
        runs = f"{row['count']} run{'s' * (row['count'] != 1)}"
        show(f"alert     {row['state']} {row['workflow']}.{row['alert']}: {one_line(row['text'])}")
        show(f"          since {moment(row['since'])}, in {runs}, the last one {row['run']}")


def show_servers(servers: Sequence[dict[str, Any]]) -> None:
    """Print a line for each server of models: who is served by it, and whether it is asked."""
    for server in servers:
        show(f"server    {server['url']} ({', '.join(server['models'])}): {standing(server)}")


def standing(server: dict[str, Any]) -> str:
    """Whether a model server is asked, in a few words."""
    breaker, held = server["breaker"], server["held"]
    failed = f"failed {breaker['failures']} times in a row: {one_line(breaker['last'])}"
    if breaker["state"] == "open":
        return f"left alone for {seconds(breaker['seconds'])}, {failed}"
    if breaker["state"] == "trying":
        return f"the next call tries whether it is there again; it {failed}"
    if held:
        return f"asked to be left alone for {seconds(held)}"
    return failed if breaker["failures"] else "ok"


def refused(report: dict[str, Any]) -> str:
    """Since when files are refused and why, in one line."""
    return f"refused since {moment(report['since'])}: {why(report)}"


def why(report: dict[str, Any]) -> str:
    """Why a load was refused, in one line."""
    from runner.project.problems import refusal

    return refusal(report["why"], len(report["problems"]))


def problems(rows: Sequence[dict[str, Any]]) -> list[Problem]:
    """The problems of a report."""
    from runner.project.problems import Problem

    return [Problem(**row) for row in rows]


def _show_problems(problems: Sequence[dict[str, Any]]) -> None:
    for row in problems[:FIRST]:
        place = f"{row['file']}:{row['line']}:{row['column']}"
        show(f"          {place}  {one_line(row['what'])}")
    if len(problems) > FIRST:
        show(f"          and {len(problems) - FIRST} more: `runner check`")
