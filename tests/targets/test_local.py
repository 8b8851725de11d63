"""Commands on this machine: what they are given, what they leave, and that nothing of them stays."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ToolFailed
from runner.runs.blobs import Blobs
from runner.targets.local import Local
from runner.targets.port import Command, Completed
from runner.targets.processes import STEP, marks, processes

ECHO = "import sys; sys.stdout.buffer.write(b'\\0'.join(__import__('os').fsencode(word) for word in sys.argv[1:]))"
MARK = f"r-{os.getpid()}/step"

NASTY = [
    "",
    " ",
    "  two  blanks  ",
    "a b",
    "\t",
    "\n",
    "a\nb",
    "\r\n",
    "\\",
    "\\\\",
    "\\n",
    "'",
    "''",
    '"',
    "'\"'\"'",
    "`id`",
    "$(id)",
    "${HOME}",
    "$HOME",
    "$$",
    "$'\\x41'",
    "; id",
    "& id",
    "&& id",
    "|| id",
    "| id",
    "> /tmp/x",
    "< /etc/passwd",
    "2>&1",
    "<(id)",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "~",
    "~root",
    "!",
    "!!",
    "#",
    "# no comment",
    "%s%n",
    "%PATH%",
    "--",
    "-",
    "-rf",
    "--help",
    "=",
    "A=b",
    "/",
    "../../etc/passwd",
    "{{ 7*7 }}",
    "{% raw %}",
    "é",
    "e\u0301",
    "日本語",
    "😀👩\u200d👩\u200d👧",
    "\u202eabc",
    "\u200b\ufeff",
    "\x1b[31mred\x1b[0m",
    "\x1b]52;c;aGk=\x07",
    "\x7f\x01\x02",
    "\udce9",
    "\U0010ffff",
    "x" * 100_000,
]


@pytest.fixture
def local(tmp_path: Path) -> Local:
    """A target that keeps 1,000 bytes of head and tail and listens to a million."""
    return Local("owner-1", Blobs(tmp_path / "blobs"), keep=1_000, most=1_000_000)


def run(local: Local, argv: list[str], seconds: float = 20, cwd: Path = Path("/tmp"), **env: str) -> Completed:
    """Run one command to its end."""
    return asyncio.run(local.run(Command(argv, cwd, seconds, env, MARK)))


def python(code: str, *words: str) -> list[str]:
    """The words that run a little program."""
    return [sys.executable, "-c", code, *words]


def alive() -> list[int]:
    """The living processes of the tests' step."""
    return [process.pid for process in processes() if marks(process.pid).get(STEP) == MARK]


def until_alive(count: int) -> None:
    """Wait until so many processes of the tests' step live."""
    while len(alive()) < count:
        time.sleep(0.01)


def failure(work: Coroutine[Any, Any, object]) -> ToolFailed:
    """The failure that work ends in."""
    with pytest.raises(ToolFailed) as caught:
        asyncio.run(work)
    return caught.value


def stopped(local: Local, argv: list[str], seconds: float = 0.5) -> ToolFailed:
    """The failure of a command that does not end in time; nothing of it is alive."""
    error = failure(local.run(Command(argv, Path("/tmp"), seconds, {}, MARK)))
    assert alive() == []
    return error


def test_a_command_gives_its_output_and_exit_code(local: Local) -> None:
    """Both streams come as one text, in order."""
    done = run(local, ["sh", "-c", "echo one; echo two >&2; echo three; exit 3"])
    assert done == Completed("one\ntwo\nthree\n", 3)


def test_words_arrive_byte_for_byte(local: Local, tmp_path: Path) -> None:
    """No word is split, expanded or changed on its way."""
    wide = Local("owner-1", Blobs(tmp_path / "blobs"), keep=1_000_000)
    words = [word for word in NASTY if "\udce9" not in word]
    assert run(wide, python(ECHO, *words)).text.split("\0") == words
    assert run(local, [sys.executable, "-c", "import os,sys; print(os.fsencode(sys.argv[1]))", "\udce9"]).text == (
        "b'\\xe9'\n"
    )


def test_the_environment_is_made_from_nothing(local: Local, tmp_path: Path) -> None:
    """A variable of this process does not reach the child; what the command names does."""
    os.environ["CANARY_SECRET"] = "leak"
    try:
        text = run(local, python("import json, os; print(json.dumps(dict(os.environ)))"), cwd=tmp_path, MINE="x").text
    finally:
        del os.environ["CANARY_SECRET"]
    env = json.loads(text)
    assert set(env) - {"LC_CTYPE"} == {"PATH", "HOME", "LANG", "MINE", "RUNNER_OWNER", "RUNNER_STEP"}
    assert env["PATH"].split(":")[:2] == [f"{tmp_path}/.venv/bin", str(Path(sys.executable).parent)]
    assert (env["MINE"], env["RUNNER_OWNER"], env["RUNNER_STEP"]) == ("x", "owner-1", MARK)


def test_standard_input_is_empty(local: Local) -> None:
    """A command that reads gets the end of the file at once, and no terminal."""
    assert run(local, ["cat"]) == Completed("", 0)


def test_a_long_output_keeps_head_and_tail_and_goes_whole_to_a_blob(local: Local, tmp_path: Path) -> None:
    """What is left out is counted, and is in the blob."""
    done = run(local, python("print('A' * 3000 + 'B' * 3000 + 'C' * 3000, end='')"))
    assert done.truncated == 7_000
    assert done.text == "A" * 1_000 + "\n[... 7,000 bytes left out ...]\n" + "C" * 1_000
    assert Blobs(tmp_path / "blobs").get(done.blob) == b"A" * 3000 + b"B" * 3000 + b"C" * 3000


def test_a_character_cut_at_a_seam_is_left_out(local: Local) -> None:
    """Head and tail begin and end with whole characters."""
    text = run(local, python("print('x' + 'é' * 3000, end='')")).text
    assert "\ufffd" not in text
    assert text.startswith("xé")


def test_invalid_text_is_shown_and_kept_raw(local: Local, tmp_path: Path) -> None:
    """Bytes that are no UTF-8 become a sign in the text; the blob has them."""
    done = run(local, python(r"import sys; sys.stdout.buffer.write(b'a\xff\xfeb')"))
    assert done.text == "a\ufffd\ufffdb"
    assert Blobs(tmp_path / "blobs").get(done.blob) == b"a\xff\xfeb"


def test_endless_output_is_stopped(local: Local) -> None:
    """`yes` ends at the limit, not at the time-out."""
    error = stopped(local, ["yes"], seconds=30)
    assert (error.match, "more than 1,000,000 bytes" in error.message) == ("tool", True)


def test_one_line_of_100_megabytes_is_held_in_bounded_memory(tmp_path: Path) -> None:
    """The text is small however long the line is."""
    local = Local("owner-1", Blobs(tmp_path / "blobs"), most=200_000_000)
    done = run(local, ["head", "-c", "100000000", "/dev/zero"])
    assert (done.exit, done.truncated) == (0, 100_000_000 - 128_000)
    assert len(done.text) < 130_000


@pytest.mark.parametrize(
    "script",
    [
        "tail -f /dev/null",
        "exec >&- 2>&-; sleep 60",
        "trap '' TERM; while true; do sleep 0.1; done",
        "setsid sleep 60 & sleep 60",
        "setsid sh -c 'trap \"\" TERM; sleep 60 & wait; sleep 60' & sleep 60",
        "env -i setsid sleep 60 & sleep 60",
        "kill -STOP $$",
    ],
)
def test_nothing_is_alive_after_a_time_out(local: Local, script: str) -> None:
    """Whoever waits, closes its output, ignores SIGTERM, leaves the group or forgets its environment is ended."""
    assert stopped(local, ["sh", "-c", script]).match == "timeout"


def test_an_orphan_in_its_own_session_is_ended_with_a_time_out(local: Local) -> None:
    """A grandchild whose parent is gone is found by its mark."""
    script = "import subprocess,sys; subprocess.Popen(['sleep','60'], start_new_session=True)"
    assert stopped(local, ["sh", "-c", f'{sys.executable} -c "{script}"; sleep 60']).match == "timeout"


def test_a_time_out_shows_the_last_output(local: Local) -> None:
    """The model sees how far it came."""
    assert "step 7" in stopped(local, ["sh", "-c", "echo step 7; sleep 60"]).message


def test_a_child_that_holds_the_output_does_not_hold_us(local: Local) -> None:
    """The parent's end is the command's end; what it left in its group is gone."""
    assert run(local, ["sh", "-c", "sleep 60 & echo done"]) == Completed("done\n", 0)
    assert alive() == []


def test_a_service_that_left_the_group_lives_on(local: Local) -> None:
    """A command that ended by itself may have started a service on purpose."""
    service = (
        "import subprocess as s; s.Popen(['sleep', '60'], start_new_session=True, stdout=s.DEVNULL, stderr=s.DEVNULL)"
    )
    done = run(local, python(f"{service}; print('done')"))
    left = alive()
    assert (done.text, len(left)) == ("done\n", 1)
    os.kill(left[0], signal.SIGKILL)


def test_cancelling_leaves_nothing_alive(local: Local) -> None:
    """A cancelled call ends its processes before it lets go."""

    async def cancelled() -> None:
        task = asyncio.create_task(
            local.run(Command(["sh", "-c", "setsid sleep 60 & sleep 60"], Path("/tmp"), 60, {}, MARK))
        )
        await asyncio.to_thread(until_alive, 3)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert alive() == []


def test_a_command_cancelled_twice_at_any_moment_leaves_nothing(local: Local) -> None:
    """Also while it starts or is being ended, and though the loop ends right after: no process, no open file."""

    async def cancelled(ticks: int) -> None:
        task = asyncio.create_task(local.run(Command(["sleep", "60"], Path("/tmp"), 60, {}, MARK)))
        for pause in (ticks, 1):
            for _ in range(pause):
                await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled(0))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for ticks in range(1, 7):
        asyncio.run(cancelled(ticks))
        assert alive() == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_missing_program_is_unavailable(local: Local) -> None:
    """The hint says what to install and where it was looked for."""
    error = failure(local.run(Command(["no-such-program"], Path("/tmp"), 5)))
    assert (error.match, error.message) == ("unavailable", "the program no-such-program is not there")
    assert error.hint.startswith("install no-such-program")
    assert os.environ["PATH"] in error.hint


def test_a_script_without_interpreter_says_so(local: Local, tmp_path: Path) -> None:
    """The file is there; what its first line names is not."""
    script = tmp_path / "tool"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    error = failure(local.run(Command([str(script)], tmp_path, 5)))
    assert (error.match, error.message) == ("unavailable", f"{script} is a script whose interpreter is not there")


def test_a_file_that_may_not_be_executed_says_so(local: Local, tmp_path: Path) -> None:
    """It is no program."""
    (tmp_path / "data").write_text("x")
    error = failure(local.run(Command(["./data"], tmp_path, 5)))
    assert (error.match, error.message) == ("unavailable", "./data may not be executed")


def test_a_missing_working_directory_says_so(local: Local, tmp_path: Path) -> None:
    """The folder is named, not the program."""
    error = failure(local.run(Command(["true"], tmp_path / "gone", 5)))
    assert error.message == f"the working directory {tmp_path}/gone is not there"


def test_words_longer_than_the_system_takes_say_so(local: Local) -> None:
    """The limit is named, with the length."""
    error = failure(local.run(Command(["true", "x" * 3_000_000], Path("/tmp"), 5)))
    assert error.message == "the arguments of true are too long for the system; the longest has 3,000,000 characters"


def test_descriptors_do_not_leak(local: Local) -> None:
    """After many commands, failed ones too, as many files are open as before."""

    async def many() -> tuple[int, int]:
        await local.run(Command(["true"], Path("/tmp"), 5))
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(10):
            await local.run(Command(["true"], Path("/tmp"), 5))
            with pytest.raises(ToolFailed):
                await local.run(Command(["no-such-program"], Path("/tmp"), 5))
        return before, len(list(Path("/proc/self/fd").iterdir()))

    before, after = asyncio.run(many())
    assert after == before


def test_a_command_that_crashes_leaves_no_memory_on_the_disk(local: Local) -> None:
    """Its secrets would lie there; it cannot raise the limit again."""
    assert run(local, ["sh", "-c", "ulimit -Sc; ulimit -Hc"]).text == "0\n0\n"
