"""The loop VERIFY -> REPAIR of the shipped `build` on a real repository, with daemons killed in the middle of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from runner.project import std
from runner.runs.events import AnyEvent, EdgeTaken, PhaseEntered, RunEnded, ToolCalled, ToolReturned
from tests.durability.site import Site

MENDS_TYPES = """\
    - tool: edit_file
      with: {path: basket/numbers.py, old_string: "(text):", new_string: "(text: str) -> str:"}
"""
DECIDED = "not (phases.verify.ok or not inputs.verify_required)"
VALUES = {"phases.verify.ok": False, "inputs.verify_required": True}
GIT = ("git", "-c", "user.name=tester", "-c", "user.email=tester@localhost")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The demo's project as a fresh repository, and a model that mends the tests but never the types."""
    demo, root = tmp_path / "demo", tmp_path / "site"
    shutil.copytree(std.demo(), demo, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    replies = (demo / "replies.yaml").read_text()
    assert replies.count(MENDS_TYPES) == 1
    (demo / "replies.yaml").write_text(replies.replace(MENDS_TYPES, ""))
    with closing(Site(root, demo)) as made:
        for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "Red")):
            subprocess.run([*GIT, *words], cwd=root / "project", check=True)
        yield made


def test_red_types_never_pass_and_the_loop_keeps_its_bound_through_restarts(site: Site) -> None:
    """Killed in VERIFY, in REPAIR and between them, the loop is taken twice in all, then exhausted: the run fails."""
    site.up()
    assert site.submit("build", "build", request="Make the tests pass.", repo=str(site.root / "project"))
    for begun in ("verify/1/types", "repair/1", "verify/2/tests", "repair/2"):
        site.until(partial(has_begun, site, begun))
        site.kill()
        site.up()
        assert site.left_over() == {}
    site.work()
    assert site.down() == 0
    ((run, events),) = site.events().items()
    prove_exhausted(events)
    prove_red_types(events)
    prove_why(site, run)


def has_begun(site: Site, step: str) -> bool:
    """Whether the journal knows that a phase was entered or a tool called."""
    events = [event for journal in site.events().values() for event in journal]
    return any(isinstance(event, PhaseEntered | ToolCalled) and event.path == step for event in events)


def prove_exhausted(events: list[AnyEvent]) -> None:
    """The bounded edge was taken twice, and the third time its bound led to `fail`."""
    edges = [event for event in events if isinstance(event, EdgeTaken) and event.max is not None]
    assert [(edge.path, edge.to, edge.count, edge.exhausted) for edge in edges] == [
        ("verify/1", "repair", 1, False),
        ("verify/2", "repair", 2, False),
        ("verify/3", "fail", 2, True),
    ]
    assert [event.path for event in events if isinstance(event, PhaseEntered) and event.kind == "parallel"] == [
        "verify/1",
        "verify/2",
        "verify/3",
    ]
    ended = events[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.verdict, ended.evidence["exhausted"]) == ("fail", True)


def prove_red_types(events: list[AnyEvent]) -> None:
    """At the end mypy, really run, is red; each check has one result.

    Nothing else is red but by an edit that a kill cut off: it is not repeated (`interrupted: fail`), and the scripted
    model does not look again.
    """
    results = [event for event in events if isinstance(event, ToolReturned)]
    assert len({result.path for result in results}) == len(results)
    last = {result.path: result.record.status for result in results if result.path.startswith("verify/3/")}
    assert set(last) == {"verify/3/tests", "verify/3/lint", "verify/3/types"}
    assert last["verify/3/types"] == "no"
    red = {path for path, status in last.items() if status != "ok"}
    cut_off = [one for one in results if one.record.error and "interrupted by a crash" in one.record.error.message]
    assert red == {"verify/3/types"} or cut_off


def prove_why(site: Site, run: str) -> None:
    """`runs why` names the edge, its expression and the values it saw, as data and in words."""
    told: dict[str, Any] = json.loads(runner(site, "--json", "runs", "why", run))
    decided = {"path": "verify/3", "to": "fail", "exhausted": True, "expression": DECIDED, "values": VALUES}
    assert told["verdict"] == "fail"
    assert told["evidence"].items() >= decided.items()
    (last,) = [edge for edge in told["edges"] if edge["path"] == "verify/3"]
    assert last.items() >= decided.items()
    words = runner(site, "runs", "why", run)
    assert all(word in words for word in ("verify/3 no → fail", "2 of 2, exhausted", DECIDED, *VALUES))


def runner(site: Site, *words: str) -> str:
    """What the command line answers, without a daemon."""
    argv = [sys.executable, "-m", "runner", "-C", str(site.root), *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
