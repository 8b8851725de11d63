"""Servers that change, hide, flood, die and never answer: nothing of it reaches further than its call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from runner.errors import ToolFailed
from runner.tools.mcp.lock import agreed
from runner.tools.mcp.server import McpServer
from tests.tools.mcp.acting import asked, hostile, pins_of, processes, program, until


def failure(how: str, folder: Path, seconds: float = 20) -> ToolFailed:
    """How a call of a hostile server fails."""

    async def act(server: McpServer) -> ToolFailed:
        with pytest.raises(ToolFailed) as caught:
            await server.call("look", {}, seconds)
        return caught.value

    return asked(hostile(how), folder, act)


def test_a_tool_whose_description_changes_is_disabled(tmp_path: Path) -> None:
    """The second listing says something else: the call after it is refused, and says what helps."""

    async def act(server: McpServer) -> tuple[str, ToolFailed, dict[str, str]]:
        first = await server.call("look", {}, 20)
        with pytest.raises(ToolFailed) as caught:
            await server.call("look", {}, 20)
        return first.output["text"], caught.value, server.changed

    text, error, changed = asked(hostile("changes"), tmp_path, act)
    assert (text, error.match) == ("seen", "unavailable")
    assert "something else" in error.message
    assert "runner mcp lock" in error.hint
    assert changed.keys() == {"look"}


def test_a_tool_that_was_never_agreed_on_is_told_from_one_that_was(tmp_path: Path) -> None:
    """A lock of another server: its digest is not this one's."""

    async def act(server: McpServer) -> str:
        with pytest.raises(ToolFailed) as caught:
            await server.call("look", {}, 20)
        return caught.value.message

    assert "not used" in asked(hostile("plain"), tmp_path, act, pins={"look": "0" * 64})


def test_names_that_would_be_alike_get_a_mark(tmp_path: Path) -> None:
    """`look` stays what it is; what would shadow it is called otherwise, whatever the order."""
    from runner.tools.mcp.connection import Connection
    from tests.tools.mcp.acting import program

    async def names() -> dict[str, str]:
        connection = Connection(program(hostile("shadowing"), tmp_path))
        await connection.open()
        await connection.close()
        found = [agreed("notes", listed).tools for listed in (connection.listed, connection.listed[::-1])]
        assert found[0] == found[1]
        return {tool.name: short for short, tool in found[0].items()}

    found = asyncio.run(names())
    assert (found["look"], found["lo_ok"]) == ("look", "lo_ok")
    assert found["Look"].startswith("look_")
    assert found["lo.ok"].startswith("lo_ok_")


def test_two_tools_of_one_name_are_both_refused(tmp_path: Path) -> None:
    """Nobody could say which one a call is for."""
    assert asyncio.run(pins_of(program(hostile("twice"), tmp_path))) == {}


def test_hidden_characters_are_spelled_out_or_refused(tmp_path: Path) -> None:
    """In a description a person sees them; in a name or a value they would reach the wire."""
    from runner.tools.mcp.locking import ask
    from tests.tools.mcp.acting import program

    found = asyncio.run(ask("notes", program(hostile("hidden"), tmp_path), legacy=False))
    assert found.locked.tools["look"].description == "Look.\\u200b\\u202eSend\\U000e0041 it."
    assert found.locked.tools.keys() == {"look"}
    assert found.flagged.keys() == {"look"}
    assert found.refused.keys() == {"lo\\u200bok", "enum"}


def test_a_schema_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    """Nothing is fetched."""
    from runner.tools.mcp.locking import ask
    from tests.tools.mcp.acting import program

    found = asyncio.run(ask("notes", program(hostile("elsewhere"), tmp_path), legacy=True))
    assert "nothing is fetched" in found.refused["look"]


def test_an_answer_without_end_is_cut_off(tmp_path: Path) -> None:
    """More than a message may have: the server is left, and the call says why."""
    error = failure("huge", tmp_path)
    assert error.match == "unavailable"
    assert "16,000,000 bytes" in error.message


def test_a_long_answer_loses_its_middle(tmp_path: Path) -> None:
    """Head and tail stay, and the model reads how much is missing."""
    output = asked(hostile("long"), tmp_path, lambda server: server.call("look", {}, 20)).output
    assert len(output["text"]) < 1_000_100
    assert "1,000,000 characters left out" in output["text"]


def test_a_call_that_is_never_answered_ends_and_is_cancelled(tmp_path: Path) -> None:
    """After its time; the server is told, and stays."""
    noted = tmp_path / "noted"

    async def act(server: McpServer) -> tuple[str, str]:
        with pytest.raises(ToolFailed) as caught:
            await server.call("look", {}, 0.2)
        await until(lambda: "cancelled" in noted.read_text())
        return caught.value.match, caught.value.message

    match, message = asked(hostile("silent", str(noted)), tmp_path, act)
    assert match == "timeout"
    assert "not finished after 0.2 s" in message


def test_a_caller_who_leaves_cancels_the_call(tmp_path: Path) -> None:
    """The server is told, and can be asked again."""
    noted = tmp_path / "noted"

    async def act(server: McpServer) -> int:
        task = asyncio.create_task(server.call("look", {}, 60))
        await asyncio.sleep(0.5)
        task.cancel()
        assert (await asyncio.gather(task, return_exceptions=True))[0].__class__ is asyncio.CancelledError
        await until(lambda: "cancelled" in noted.read_text())
        return server.starts

    assert asked(hostile("silent", str(noted)), tmp_path, act) == 1


def test_a_server_that_dies_in_the_middle_is_started_again(tmp_path: Path) -> None:
    """The call says what it printed; the next one finds a new process."""

    async def act(server: McpServer) -> tuple[str, int]:
        words = []
        for _ in range(2):
            with pytest.raises(ToolFailed) as caught:
                await server.call("look", {}, 20)
            words.append(caught.value.message)
        assert words[0] == words[1]
        return words[0], server.starts

    message, starts = asked(hostile("dies"), tmp_path, act)
    assert "exit code 3" in message
    assert "out of luck" in message
    assert starts == 2


def test_restart_false_leaves_a_dead_server_down(tmp_path: Path) -> None:
    """Every later call says so."""

    async def act(server: McpServer) -> tuple[str, int, str]:
        for _ in range(2):
            with pytest.raises(ToolFailed) as caught:
                await server.call("look", {}, 20)
        return caught.value.message, server.starts, server.fault

    message, starts, fault = asked(hostile("dies"), tmp_path, act, restart=False)
    assert "`restart` is false" in message
    assert starts == 1
    assert "out of luck" in fault


def test_between_two_tries_there_is_a_pause(tmp_path: Path) -> None:
    """A call that has less time than the pause is told when to come again."""

    async def act(server: McpServer) -> str:
        for _ in range(2):
            with pytest.raises(ToolFailed) as caught:
                await server.call("look", {}, 20)
        return caught.value.message

    assert "tried again in 300 s" in asked(hostile("dies"), tmp_path, act, backoff="5m..10m")


def test_a_required_server_comes_back_by_itself(tmp_path: Path) -> None:
    """Without a call: it was killed, and is there again."""
    noted = tmp_path / "noted"

    async def act(server: McpServer) -> int:
        server.keep_up()
        await until(lambda: noted.exists() and processes())
        for process in processes():
            process.kill()
        await until(lambda: server.starts > 1)
        await server.call("look", {}, 20)
        return noted.read_text().count("started")

    pins = asyncio.run(pins_of(program(hostile("plain"), tmp_path)))
    assert asked(hostile("plain", str(noted)), tmp_path, act, pins=pins, required=True) >= 2


def test_a_flood_on_stderr_holds_nobody_up(tmp_path: Path) -> None:
    """Two megabytes are listened to and not kept."""
    assert asked(hostile("floods"), tmp_path, lambda server: server.call("look", {}, 20)).output["text"] == "seen"


def test_a_server_that_prints_other_things_is_understood(tmp_path: Path) -> None:
    """What is no message is left out."""
    assert asked(hostile("noisy"), tmp_path, lambda server: server.call("look", {}, 20)).output["text"] == "seen"


def test_nothing_of_a_closed_server_is_alive(tmp_path: Path) -> None:
    """Nor what it started in a session of its own."""

    async def act(server: McpServer) -> int:
        return int((await server.call("look", {}, 20)).output["text"])

    child = asked(hostile("children"), tmp_path, act)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    assert processes() == []


def test_its_environment_is_made_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PATH, HOME, LANG and what the pack gives; no variable of ours."""
    monkeypatch.setenv("CANARY_TOKEN", "canary-value")

    async def act(server: McpServer) -> list[str]:
        server.keep_up()
        await until(processes)
        return sorted({name for one in processes() for name in one.environ()})

    names = asked(hostile("plain"), tmp_path, act)
    assert names == ["HOME", "LANG", "PATH", "RUNNER_OWNER", "RUNNER_STEP"]


def test_a_program_that_is_not_there_says_so(tmp_path: Path) -> None:
    """As every command does."""

    async def act(server: McpServer) -> ToolFailed:
        with pytest.raises(ToolFailed) as caught:
            await server.call("look", {}, 1)
        return caught.value

    error = asked(["no-such-server"], tmp_path, act, pins={})
    assert (error.match, "no-such-server" in error.message) == ("unavailable", True)


def test_closing_does_not_wait_for_one_that_is_starting(tmp_path: Path) -> None:
    """Whoever waits is told, and the process is gone."""

    async def act(server: McpServer) -> None:
        task = asyncio.create_task(server.call("look", {}, 20))
        await until(processes)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asked(hostile("deaf"), tmp_path, act, pins={})
    assert processes() == []
