"""Functions of Python files, called in processes of their own."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ToolFailed
from runner.targets.processes import OWNER, marks, processes
from runner.tools.port import Call
from runner.tools.workers import FolderWorkers

OWNED = f"workers-{os.getpid()}"

TOOLS = """
from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

import helper
from runner.tools.context import Context, ToolFailed

calls = 0


def add(a: int, b: int = 2) -> int:
    return a + b


def count() -> int:
    global calls
    calls += 1
    return calls


def where(context: Context, path: Path, other: Path | None = None) -> dict:
    return {
        "cwd": os.getcwd(),
        "workspace": str(context.workspace),
        "run": context.run,
        "step": context.step,
        "path": type(path).__name__,
        "other": other,
        "helper": helper.NAME,
        "input": sys.stdin.read(),
    }


def environment() -> dict:
    return dict(os.environ)


def noisy(fail: bool) -> str:
    print("printed")
    subprocess.run(["echo", "echoed"])
    if fail:
        raise ValueError("it broke")
    return "fine"


def flood() -> None:
    print("x" * 1_000_000)
    raise ValueError("it broke")


def refuse() -> None:
    raise ToolFailed("not like that", hint="like this")


def leave() -> None:
    sys.exit(3)


def crash() -> None:
    print("before the crash")
    ctypes.string_at(0)


def hang(started: str = "") -> None:
    subprocess.Popen(["sleep", "60"], start_new_session=True)
    print("hanging")
    if started:
        Path(started).touch()
    time.sleep(60)


def odd() -> object:
    return {1, 2}


def not_a_number() -> float:
    return float("nan")


def nasty(text: str) -> str:
    return text


def large(size: int) -> str:
    return "x" * size


def hoard(size: int) -> int:
    return len(bytes(size))


kept = []


def fill() -> None:
    while True:
        kept.append(bytes(256 << 20))


def write(context: Context, path: str) -> None:
    context.write_text(path, "x")


def slow() -> int:
    time.sleep(0.2)
    return os.getpid()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files of tools: good ones, a broken one, and one named like a module of Python."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "tools.py").write_text(TOOLS)
    (tmp_path / "pack" / "helper.py").write_text("NAME = 'helper'\n")
    (tmp_path / "pack" / "broken.py").write_text("x = 1\ndef f(:\n")
    (tmp_path / "pack" / "absent.py").write_text("import nothing_of_that_name\ndef f(): ...\n")
    (tmp_path / "pack" / "json.py").write_text("def name() -> str:\n    return 'mine'\n")
    return tmp_path / "pack"


def using(folder: Path, work: Callable[[Callable[..., Awaitable[Any]]], Awaitable[Any]], at_once: int = 4) -> Any:
    """Do work with `call(function, **arguments)`; no process is alive afterwards."""

    async def main() -> Any:
        workers = FolderWorkers(folder, OWNED, at_once)

        def call(function: str, seconds: float = 20, **arguments: Any) -> Awaitable[Any]:
            call = Call("tool", arguments, folder.parent, "local", seconds, "r1", "p/1/call-1")
            name = function if ":" in function else f"tools:{function}"
            return workers.call(name, arguments, call)

        try:
            return await work(call)
        finally:
            await workers.close()
            assert owned() == []

    return asyncio.run(main())


def one(folder: Path, function: str, **arguments: Any) -> Any:
    """The result of one call."""
    return using(folder, lambda call: call(function, **arguments))


def failure(folder: Path, function: str, **arguments: Any) -> ToolFailed:
    """The failure of one call."""
    with pytest.raises(ToolFailed) as caught:
        one(folder, function, **arguments)
    return caught.value


def owned() -> list[int]:
    """The living processes of these tests."""
    return [process.pid for process in processes() if marks(process.pid).get(OWNER) == OWNED]


def test_a_function_is_called_and_its_process_stays_warm(folder: Path) -> None:
    """The second call finds what the first one left in memory."""

    async def work(call: Callable[..., Awaitable[Any]]) -> list[Any]:
        return [await call("add", a=1), await call("add", a=1, b=1), await call("count"), await call("count")]

    assert using(folder, work) == [3, 2, 1, 2]


def test_a_function_is_given_its_context_and_paths(folder: Path) -> None:
    """The working directory is the workspace, standard input is empty, files beside it are found."""
    assert one(folder, "where", path="x") == {
        "cwd": str(folder.parent),
        "workspace": str(folder.parent),
        "run": "r1",
        "step": "p/1/call-1",
        "path": "PosixPath",
        "other": None,
        "helper": "helper",
        "input": "",
    }


def test_the_environment_is_made_from_nothing(folder: Path) -> None:
    """A variable of this process does not reach a tool; the workspace's programs come first."""
    os.environ["CANARY_SECRET"] = "leak"
    try:
        env = one(folder, "environment")
    finally:
        del os.environ["CANARY_SECRET"]
    assert set(env) - {"LC_CTYPE"} == {"PATH", "HOME", "LANG", "RUNNER_OWNER", "RUNNER_STEP"}
    assert (env["RUNNER_OWNER"], env["RUNNER_STEP"]) == (OWNED, "r1/p/1/call-1")
    assert env["PATH"].startswith(f"{folder.parent}/.venv/bin:")


def test_what_is_printed_does_not_disturb_and_is_shown_with_a_failure(folder: Path) -> None:
    """By the tool and by its children."""
    assert one(folder, "noisy", fail=False) == "fine"
    error = failure(folder, "noisy", fail=True)
    line = TOOLS[: TOOLS.index('raise ValueError("it broke")')].count("\n") + 1
    assert error.message == f"ValueError: it broke (tools.py:{line}); it printed:\nprinted\nechoed"
    assert error.match == "tool"


def test_a_flood_of_prints_is_bounded(folder: Path) -> None:
    """Head and tail are shown."""
    error = failure(folder, "flood")
    assert "bytes left out" in error.message
    assert len(error.message) < 5_000


def test_a_tool_says_itself_what_is_wrong(folder: Path) -> None:
    """Its words and its hint reach the model as they are."""
    error = failure(folder, "refuse")
    assert (error.message, error.hint, error.match) == ("not like that", "like this", "tool")


@pytest.mark.parametrize(
    "function, message",
    [
        ("leave", r"SystemExit: 3 \(tools\.py:\d+\)"),
        ("odd", "tools:odd returned what is no JSON data: Object of type set is not JSON serializable"),
        ("not_a_number", "tools:not_a_number returned what is no JSON data: Out of range float"),
        ("add", r"TypeError: add\(\) missing 1 required positional argument: 'a'"),
        ("gone", r"tools\.py has no function gone"),
        ("nowhere:f", r"nowhere\.py is not there"),
        ("broken:f", r"SyntaxError: invalid syntax \(broken\.py:2\)"),
        ("absent:f", r"ModuleNotFoundError: No module named 'nothing_of_that_name' \(absent\.py:1\)"),
    ],
)
def test_what_goes_wrong_is_named_with_its_place(folder: Path, function: str, message: str) -> None:
    """In the tool's own files."""
    with pytest.raises(ToolFailed, match=message):
        one(folder, function)


def test_a_file_named_like_a_module_of_python_takes_nobodys_place(folder: Path) -> None:
    """It is the tool's, and the worker goes on with Python's."""
    assert one(folder, "json:name") == "mine"


def test_texts_come_back_as_they_went(folder: Path) -> None:
    """Line ends, quotes, signs that turn text around, half pairs and long ones."""

    async def work(call: Callable[..., Awaitable[Any]]) -> None:
        for text in ["", "\n\r\u2028", "'\"\\", "\u202e😀\ud800", "\0", "x" * 3_000_000]:
            assert await call("nasty", text=text) == text

    using(folder, work)


def test_a_result_beyond_the_limit_is_refused_and_the_next_call_works(folder: Path) -> None:
    """The process that sends it is not kept."""

    async def work(call: Callable[..., Awaitable[Any]]) -> Any:
        with pytest.raises(ToolFailed, match="tools:large returned more than 32,000,000 bytes"):
            await call("large", size=40_000_000)
        return await call("add", a=1)

    assert using(folder, work) == 3


def test_a_crash_is_a_failure_of_the_tool_and_the_next_call_works(folder: Path) -> None:
    """With its signal, and what was printed before."""

    async def work(call: Callable[..., Awaitable[Any]]) -> Any:
        with pytest.raises(ToolFailed, match="ended in the middle of the call") as caught:
            await call("crash")
        assert caught.value.match == "tool"
        assert "exit code -11" in caught.value.message
        return await call("add", a=1)

    assert using(folder, work) == 3


def test_a_time_out_ends_the_process_with_its_children_and_the_next_call_works(folder: Path) -> None:
    """Also a child in a session of its own."""

    async def work(call: Callable[..., Awaitable[Any]]) -> Any:
        with pytest.raises(ToolFailed, match=r"not finished after 0\.5 s") as caught:
            await call("hang", seconds=0.5)
        assert caught.value.match == "timeout"
        assert "hanging" in caught.value.message
        assert owned() == []
        return await call("add", a=1)

    assert using(folder, work) == 3


def test_a_cancelled_call_leaves_nothing_alive(folder: Path) -> None:
    """The process is ended before the call lets go."""
    started = folder / "started"

    async def work(call: Callable[..., Awaitable[Any]]) -> None:
        task = asyncio.ensure_future(call("hang", started=str(started)))
        await asyncio.to_thread(until, started)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert owned() == []

    using(folder, work)


@pytest.mark.parametrize("ticks", [1, 2, 4, 9])
def test_a_call_cancelled_while_its_process_starts_leaves_nothing(folder: Path, ticks: int) -> None:
    """Twice, and the loop ends right after: no process, no open file."""

    async def work(call: Callable[..., Awaitable[Any]]) -> None:
        task = asyncio.ensure_future(call("count"))
        for _ in range(ticks):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    before = len(list(Path("/proc/self/fd").iterdir()))
    using(folder, work)
    assert owned() == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def until(path: Path) -> None:
    """Wait for a file."""
    while not path.exists():
        time.sleep(0.01)


def test_calls_at_once_have_a_process_each_up_to_the_limit(folder: Path) -> None:
    """The others wait for one."""

    async def work(call: Callable[..., Awaitable[Any]]) -> Any:
        return await asyncio.gather(*(call("slow") for _ in range(5)))

    assert len(set(using(folder, work, at_once=2))) == 2


def test_a_tool_writes_only_in_its_workspace(folder: Path) -> None:
    """The refusal reaches the model with its hint."""
    error = failure(folder, "write", path="../x")
    assert error.message.startswith("'../x' leaves the workspace")
    assert error.hint == "give a path inside the workspace, such as src/app.py"


def test_a_process_that_died_while_idle_is_replaced(folder: Path) -> None:
    """Nobody sees it, though it died a moment ago and the loop was not told yet."""

    async def work(call: Callable[..., Awaitable[Any]]) -> Any:
        pid = await call("slow")
        os.kill(pid, 9)
        until_dead(pid)
        return await call("add", a=1)

    assert using(folder, work) == 3


def until_dead(pid: int) -> None:
    """Wait until a process is no more, while the loop stands still."""
    while any(process.pid == pid for process in processes()):
        time.sleep(0.001)


def test_too_much_memory_is_a_failure_with_a_hint_and_the_next_call_works(folder: Path) -> None:
    """Four gigabytes are not to be had; half of one is. Where memory stays full, the next call gets another process."""

    async def work(call: Callable[..., Awaitable[Any]]) -> Any:
        with pytest.raises(ToolFailed) as hoarded:
            await call("hoard", size=4 << 30)
        with pytest.raises(ToolFailed) as filled:
            await call("fill")
        return hoarded.value, filled.value, await call("hoard", size=512 << 20)

    hoarded, filled, fine = using(folder, work, at_once=1)
    assert hoarded.message.startswith("MemoryError (tools.py:")
    assert "2 GiB" in hoarded.hint
    assert filled.hint == hoarded.hint
    assert fine == 512 << 20
