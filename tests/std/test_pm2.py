"""The pm2 pack, on a real PM2 that runs an application."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.std import real_pm2, staged
from tests.std.real_pm2 import Pm2
from tests.std.staged import Tools, with_env


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pm2]:
    """A PM2 for all tests of this file."""
    with real_pm2.running(tmp_path_factory.mktemp("pm2")) as pm2:
        yield pm2


@pytest.fixture
def pm2(pack: Callable[..., Tools], real: Pm2) -> Tools:
    """The pack, which finds the real program."""
    return with_env(pack("pm2"), PATH=f"{real.programs}:/usr/bin:/bin", PM2_HOME=str(real.home))


def status(tools: Tools) -> Any:
    """The state of the one application."""
    return tools.call("pm2_list")[1]["rows"][0]["status"]


def test_applications_are_listed_with_what_they_use(pm2: Tools) -> None:
    """As fields."""
    _, output = pm2.call("pm2_list")
    (row,) = output["rows"]
    assert output["text"] == "1 application, 1 en ligne"
    assert (row["name"], row["id"], row["status"], row["mode"]) == ("api", 0, "online", "fork")
    assert row["pid"] > 1
    assert row["up_seconds"] >= 0


def test_an_application_is_shown_without_its_environment(pm2: Tools, real: Pm2) -> None:
    """PM2 itself prints all secrets of it."""
    assert real_pm2.SECRET in real("jlist")
    for name in ("pm2_list", "pm2_monitor"):
        assert real_pm2.SECRET not in json.dumps(pm2.call(name))
    _, output = pm2.call("pm2_show", name="api")
    assert real_pm2.SECRET not in json.dumps(output)
    assert (output["script"], output["folder"]) == (str(real.home / "app.js"), str(real.home))
    assert output["error_log"].endswith("api-error.log")
    assert pm2.call("pm2_show", name="0")[1]["name"] == "api"


def test_an_application_that_pm2_does_not_know_leads_on(pm2: Tools) -> None:
    """Shown or restarted."""
    assert pm2.call("pm2_show", name="web")[1]["hint"] == "pm2_list montre les noms"
    said, output = pm2.call("pm2_restart", name="web")
    assert (said, "web not found" in output["text"]) == ("failed", True)
    assert output["hint"].startswith("pm2_list montre les noms")


def test_what_applications_wrote_is_read_from_both_logs(pm2: Tools) -> None:
    """Errors apart from outputs; strangers may have written them."""
    deadline = time.monotonic() + 20
    while len(rows := pm2.call("pm2_logs", name="api")[1]["rows"]) < 2:
        assert time.monotonic() < deadline, "nothing is written"
    assert {(row["errors"], row["text"].splitlines()[-1]) for row in rows} == {(False, "bonjour"), (True, "oups")}
    (row,) = pm2.call("pm2_logs", name="api", errors_only=True, lines=1)[1]["rows"]
    assert (row["errors"], row["text"]) == (True, "oups")
    assert pm2.tools["pm2_logs"].untrusted


def test_the_use_of_all_is_summed(pm2: Tools) -> None:
    """Those that use most first, and what is down by name."""
    _, output = pm2.call("pm2_monitor")
    assert output["memory_mib"] == output["rows"][0]["memory_mib"]
    assert (output["down"], output["memory_mib"] > 0) == ([], True)


def test_an_application_is_stopped_started_restarted_and_reloaded(pm2: Tools) -> None:
    """Each asks before."""
    verbs = ("stop", "start", "restart", "reload")
    assert {pm2.tools[f"pm2_{verb}"].risk for verb in verbs} == {"write"}
    before = pm2.call("pm2_show", name="api")[1]["restarts"]
    seen = []
    for verb in verbs:
        said, output = pm2.call(f"pm2_{verb}", name="api")
        assert (said, "api" in output["text"], "│" in output["text"]) == ("ok", True, False), output
        seen.append(status(pm2))
    assert seen == ["stopped", "online", "online", "online"]
    assert pm2.call("pm2_show", name="api")[1]["restarts"] > before


@pytest.mark.parametrize("name", ["--all", "app.js", "/srv/app", "ecosystem.config.cjs", "a b", "x;id", "a.json"])
def test_no_file_and_no_option_is_an_application(pm2: Tools, name: str) -> None:
    """PM2 would run a file of that name."""
    with pytest.raises(ValueError, match="pattern"):
        pm2.call("pm2_start", name=name)


def test_no_file_of_the_workspace_is_run_as_an_application(pm2: Tools, workspace: Path) -> None:
    """One that has the name of no application, and no ending."""
    (workspace / "payload").write_text("require('fs').writeFileSync('sprung', '')\n")
    assert pm2.call("pm2_start", name="payload")[0] == "failed"
    assert [row["name"] for row in pm2.call("pm2_list")[1]["rows"]] == ["api"]
    assert not (workspace / "sprung").exists()


def test_to_look_starts_no_pm2(pm2: Tools, tmp_path: Path) -> None:
    """Where none runs there are no applications."""
    with_env(pm2, PM2_HOME=str(tmp_path / "none"))
    assert pm2.call("pm2_list")[1]["text"] == "PM2 ne fait tourner aucune application"
    assert pm2.call("pm2_logs")[1]["text"] == "aucune ligne"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name, words", [("pm2_list", {}), ("pm2_logs", {}), ("pm2_restart", {"name": "api"})])
def test_without_pm2_the_hint_says_how_to_install_it(
    pack: Callable[..., Tools], tmp_path: Path, name: str, words: dict[str, str]
) -> None:
    """In French."""
    tools = with_env(pack("pm2"), PATH=str(tmp_path))
    said, output = tools.call(name, **words)
    assert (said, "npm install -g pm2" in output["hint"]) == ("failed", True), output


def test_words_before_the_list_are_passed_over(pack: Callable[..., Tools], tmp_path: Path) -> None:
    """PM2 says now and then that a newer one is there; what is no list at all is told."""
    tools = pack("pm2")
    said = 'In-memory PM2 is out-of-date\n{"now": 5000, "apps": [{"id": 3, "name": "web", "status": "errored"}]}\n'
    staged.program(tools, tmp_path / "bin", "sh", said)
    tool = tools.tools["pm2_list"]
    tools.tools["pm2_list"] = tool.model_copy(update={"command": ("sh", *tool.command[1:])})
    _, output = tools.call("pm2_list")
    assert (output["rows"][0]["status"], output["online"]) == ("errored", 0)
    staged.program(tools, tmp_path / "bin", "sh", "PM2 is busy")
    assert tools.call("pm2_list")[1]["text"] == "PM2 n'a pas répondu par une liste : PM2 is busy"
