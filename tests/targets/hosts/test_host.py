"""Commands on real SSH servers: what arrives there, what comes back, and that nothing of them stays."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ToolFailed
from runner.runs.blobs import Blobs
from runner.targets.hosts.host import Host
from runner.targets.hosts.spec import HostSpec
from runner.targets.port import Completed
from runner.targets.processes import STEP, marks, processes
from tests.sshd import servers

from .conftest import Fleet, command, spec

ECHO = "import sys; sys.stdout.buffer.write(b'\\0'.join(__import__('os').fsencode(word) for word in sys.argv[1:]))"
NASTY = [
    *("", " ", "  two  blanks  ", "\t", "\n", "a\nb\n", "\r\n", "\r", "\x0b", "\x0c", "\x7f", "\x01\x02\x03"),
    *(
        "\\",
        "\\\\",
        "\\n",
        "\\'",
        "'",
        "''",
        '"',
        '""',
        "'\"'\"'",
        "a'b",
        'a"b',
        "`",
        "`id`",
        "$(id)",
        "${HOME}",
        "$HOME",
    ),
    *(
        "$$",
        "$?",
        "$!",
        "$'\\x41'",
        "$((1+1))",
        ";",
        "; id",
        "& id",
        "&& id",
        "|| id",
        "| id",
        "|&",
        "&",
        ">",
        "> /tmp/x",
    ),
    *(
        ">> /tmp/x",
        "< /etc/passwd",
        "<<EOF",
        "EOF",
        "2>&1",
        "<(id)",
        ">(id)",
        "*",
        "?",
        "[a-z]",
        "[!a]",
        "{a,b}",
        "{1..9}",
    ),
    *(
        "~",
        "~root",
        "~/x",
        "!",
        "!!",
        "!$",
        "^a^b",
        "#",
        "# no comment",
        "%s%n%x",
        "%PATH%",
        "^",
        "(",
        ")",
        "()",
        "{",
        "}",
    ),
    *(
        "--",
        "-",
        "-rf",
        "--help",
        "-c id",
        "=",
        "A=b",
        "PATH=/tmp",
        "LD_PRELOAD=x",
        "/",
        "../../etc/passwd",
        "file:///x",
    ),
    *("{{ 7*7 }}", "{% raw %}", "<script>", "' OR 1=1 --", "é", "e\u0301", "日本語", "😀👩\u200d👧", "\u202eabc"),
    *(
        "\u200b\ufeff",
        "\x1b[31mred\x1b[0m",
        "\x1b]52;c;aGk=\x07",
        "\U0010ffff",
        "\u2028",
        "if",
        "then",
        "fi",
        "do",
        "done",
    ),
    *("}\nid\n{", "exit 1", "null", "true", "0", "1e999", "x" * 100_000),
]


def alive(mark: str) -> list[int]:
    """The living processes of a step; the servers are on this machine."""
    return [one.pid for one in processes() if marks(one.pid).get(STEP) == mark]


def until_alive(mark: str) -> None:
    """Wait until a step has a process."""
    while not alive(mark):
        time.sleep(0.01)


def sleeping(seconds: str) -> list[int]:
    """The living processes that sleep so long, whatever their environment."""
    found = []
    for one in processes():
        try:
            words = Path(f"/proc/{one.pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", seconds.encode()]:
            found.append(one.pid)
    return found


def test_a_command_gives_its_output_and_exit_code(fleet: Fleet) -> None:
    """Both streams come as one text, in order."""
    done = fleet.run("sh", "-c", "echo one; echo two >&2; echo three; exit 3")
    assert done == Completed("one\ntwo\nthree\n", 3)


def test_words_arrive_byte_for_byte(fleet: Fleet) -> None:
    """No word is split, expanded or changed on its way through two shells."""
    assert len(NASTY) > 100
    assert fleet.run(sys.executable, "-c", ECHO, *NASTY).text.split("\0") == NASTY


def test_words_that_are_no_text_arrive_too(fleet: Fleet) -> None:
    """A file's name may be any bytes."""
    done = fleet.run(sys.executable, "-c", "import os, sys; print(os.fsencode(sys.argv[1]))", "\udce9\udcff")
    assert done.text == "b'\\xe9\\xff'\n"


@pytest.mark.parametrize("word", ["eval", ".", "exec", "cd", "export", "trap", "if", "A=b", "{"])
def test_the_first_word_is_a_program_or_nothing(fleet: Fleet, word: str) -> None:
    """What only a shell understands is not there."""
    error = fleet.failure(word, "id")
    assert (error.match, error.message) == ("unavailable", f"there is no program {word} on web1")


@pytest.mark.parametrize("argv", [[], [""], ["-c", "id"], ["echo", "a\0b"]])
def test_what_no_program_can_be_given_is_refused_here(fleet: Fleet, argv: list[str]) -> None:
    """Nothing is sent."""
    assert fleet.failure(*argv).match == "tool"
    assert fleet.use(lambda host: refused_quietly(host, argv)) == 0


async def refused_quietly(host: Host, argv: list[str]) -> int:
    """How many connections a refused command opens."""
    with pytest.raises(ToolFailed):
        await host.run(command(*argv))
    return host.opened


def test_variables_arrive_and_are_in_no_command_line(fleet: Fleet) -> None:
    """Neither the values nor the words of a command are in the process list of the shells that start it."""
    script = "echo $CANARY; tr '\\0' ' ' </proc/$PPID/cmdline"
    done = fleet.run("sh", "-c", script, env={"CANARY": "it's a $secret\nof two lines"}, mark="r-1/step")
    assert done.text == "it's a $secret of two lines\n/bin/sh "
    assert fleet.failure("env", env={"A B": "x"}).message == "`A B` is no name of an environment variable"


def test_standard_input_is_empty(fleet: Fleet) -> None:
    """A command that reads gets the end of the file at once."""
    assert fleet.run("cat") == Completed("", 0)


def test_noise_of_the_login_shell_is_left_out(fleet: Fleet, tmp_path: Path) -> None:
    """What a host puts out before the command is none of its output."""
    with servers(tmp_path, 1, settings="ForceCommand echo welcome; $SSH_ORIGINAL_COMMAND\n") as noisy:
        (fleet.root / "known_hosts").write_text(noisy[0].known)
        fleet.hosts["noisy"] = spec(noisy[0])
        assert fleet.run("echo", "hello", name="noisy") == Completed("hello\n", 0)


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", ""])
def test_a_host_that_lies_about_its_process_is_heard_out(fleet: Fleet, tmp_path: Path, number: str) -> None:
    """What it calls the process of a command is no number, or none that a process has."""
    (tmp_path / "number").write_text(number)
    lies = f"call=$(sed -n 's/^RUNNER_CALL=\\([^;]*\\);.*/\\1/p'); echo \"$call $(cat {tmp_path}/number)\"; echo hello"
    with servers(tmp_path, 1, settings=f"ForceCommand {lies}\n") as liar:
        (fleet.root / "known_hosts").write_text(liar[0].known)
        fleet.hosts["liar"] = spec(liar[0])
        assert fleet.run("id", name="liar", seconds=5) == Completed("hello\n", 0)


def test_what_a_server_calls_itself_reaches_no_terminal(fleet: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    """The library logs it as it came; the failure that tells of it is shown with its escapes spelled out."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        fleet.hosts["evil"] = HostSpec(address="127.0.0.1", port=server.getsockname()[1], user="x")
        thread = threading.Thread(target=_call_itself, args=(server, b"SSH-\x1b[31mred\x1b]52;c;aGk=\x07-x\r\n"))
        thread.start()
        assert "instead of 2.0" in fleet.failure("id", name="evil").message
        thread.join()
    assert caplog.records == []


def _call_itself(server: socket.socket, name: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(name)
        while connection.recv(4096):
            pass


def test_a_host_whose_shell_is_none_says_so(fleet: Fleet, tmp_path: Path) -> None:
    """An account without a shell cannot run anything."""
    with servers(tmp_path, 1, settings="ForceCommand echo this account is not available; exit 1\n") as closed:
        (fleet.root / "known_hosts").write_text(closed[0].known)
        fleet.hosts["closed"] = spec(closed[0])
        error = fleet.failure("id", name="closed")
    assert error.match == "unavailable"
    assert "this account is not available" in error.message


def test_a_long_output_keeps_head_and_tail_and_goes_whole_to_a_blob(fleet: Fleet) -> None:
    """What is left out is counted, and is in the blob."""
    code = "import sys; sys.stdout.write('A' * 3000 + 'B' * 3000 + 'C' * 3000)"
    done = fleet.use(lambda host: host.run(command(sys.executable, "-c", code)), keep=1_000)
    assert done.text == "A" * 1_000 + "\n[... 7,000 bytes left out ...]\n" + "C" * 1_000
    assert Blobs(fleet.root / "blobs").get(done.blob) == b"A" * 3000 + b"B" * 3000 + b"C" * 3000


def test_invalid_text_is_shown_and_kept_raw(fleet: Fleet) -> None:
    """Bytes that are no UTF-8 become a sign in the text; the blob has them."""
    done = fleet.run("printf", "a\\377\\376b")
    assert done.text == "a\ufffd\ufffdb"
    assert Blobs(fleet.root / "blobs").get(done.blob) == b"a\xff\xfeb"


def test_one_line_of_30_megabytes_is_held_in_bounded_memory(fleet: Fleet) -> None:
    """The text is small however long the line is."""
    done = fleet.use(lambda host: host.run(command("head", "-c", "30000000", "/dev/zero")), keep=1_000)
    assert (done.exit, done.truncated) == (0, 30_000_000 - 2_000)


@pytest.mark.soak
def test_one_line_of_100_megabytes(fleet: Fleet, rounds: Callable[[int], int]) -> None:
    """More than the default bound, in a window that is as large."""
    size = rounds(100) * 1_000_000
    done = fleet.use(lambda host: host.run(command("head", "-c", str(size), "/dev/zero", seconds=50)), most=2 * size)
    assert (done.exit, done.truncated + 2_000_000) == (0, size)


def test_endless_output_is_stopped(fleet: Fleet) -> None:
    """`yes` ends at the limit, not at the time-out, and is gone there."""
    with pytest.raises(ToolFailed) as caught:
        fleet.use(lambda host: host.run(command("yes", mark="r-yes/step")), most=1_000_000)
    assert (caught.value.match, "more than 1,000,000 bytes" in caught.value.message) == ("tool", True)
    assert alive("r-yes/step") == []


@pytest.mark.parametrize(
    "script",
    [
        "exec >&- 2>&-; sleep {0}",
        "setsid sleep {0} & sleep {0}",
        "env -i setsid sleep {0} & sleep {0}",
        "sh -c 'kill -STOP $$' & trap '' TERM; while true; do sleep 0.1; done",
    ],
)
def test_nothing_is_alive_after_a_time_out(fleet: Fleet, script: str) -> None:
    """Whoever waits, closes its output, ignores SIGTERM, stands still or leaves the group is ended on the host."""
    mark, length = f"r-{os.getpid()}/time-out", str(100_000 + os.getpid())
    error = fleet.failure("sh", "-c", f"echo begun; {script.format(length)}", seconds=0.3, mark=mark)
    assert (error.match, "begun" in error.message, "MAY STILL RUN" in error.message) == ("timeout", True, False)
    assert (alive(mark), sleeping(length)) == ([], [])


def test_cancelling_leaves_nothing_alive(fleet: Fleet) -> None:
    """A cancelled call ends its processes there before it lets go, at whatever moment it comes."""
    mark = f"r-{os.getpid()}/cancelled"

    async def cancelled(host: Host) -> None:
        for moment in (0.0, 0.002, 0.01, 0.03, 0.3):
            task = asyncio.create_task(host.run(command("sh", "-c", "setsid sleep 60 & sleep 60", mark=mark)))
            await asyncio.sleep(moment)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert alive(mark) == []
        assert (await host.run(command("echo", "on"))).text == "on\n"

    fleet.use(cancelled)


def test_a_child_that_holds_the_output_does_not_hold_us(fleet: Fleet) -> None:
    """The parent's end is the command's end; what it left in its group is gone."""
    mark = f"r-{os.getpid()}/held"
    assert fleet.run("sh", "-c", "sleep 60 & echo done", mark=mark) == Completed("done\n", 0)
    assert alive(mark) == []


def test_a_service_that_left_the_output_lives_on(fleet: Fleet) -> None:
    """A command that ended by itself may have started a service on purpose."""
    mark = f"r-{os.getpid()}/service"
    assert fleet.run("sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo done", mark=mark).text == "done\n"
    (left,) = alive(mark)
    os.kill(left, 9)


def test_a_killed_command_has_the_code_of_shells(fleet: Fleet) -> None:
    """128 and the signal's number."""
    assert fleet.run("sh", "-c", "kill -9 $$").exit == 137


def test_a_missing_program_is_unavailable(fleet: Fleet) -> None:
    """It is told from a program that ends with 127."""
    error = fleet.failure("no-such-program")
    assert (error.match, error.hint) == ("unavailable", "install no-such-program on web1, or give its folder")
    assert fleet.run("sh", "-c", "echo something else; exit 127").exit == 127


def test_many_commands_share_one_connection(fleet: Fleet) -> None:
    """Twenty commands, eight at once: one handshake."""
    before = fleet.servers[0].logins

    async def many(host: Host) -> list[str]:
        return [done.text for done in await asyncio.gather(*(host.run(command("echo", str(n))) for n in range(20)))]

    assert fleet.use(many) == [f"{number}\n" for number in range(20)]
    assert fleet.servers[0].logins == before + 1


def test_an_idle_connection_is_closed_and_opened_anew(fleet: Fleet) -> None:
    """Nothing is held that nobody uses."""
    fleet.hosts["web1"] = spec(fleet.servers[0], idle="50ms")

    async def twice(host: Host) -> int:
        await host.run(command("true"))
        await asyncio.sleep(0.3)
        await host.run(command("true"))
        return host.opened

    assert fleet.use(twice) == 2


def test_a_connection_that_died_is_opened_anew(fleet: Fleet, tmp_path: Path) -> None:
    """A server that was restarted in between costs nobody a failure."""
    with servers(tmp_path, 1) as started:
        (fleet.root / "known_hosts").write_text(started[0].known)
        fleet.hosts["web1"] = spec(started[0])

        async def killed(host: Host) -> tuple[str, int]:
            await host.run(command("true"))
            kill_sessions(started[0].process.pid)
            return (await host.run(command("echo", "again"))).text, host.opened

        assert fleet.use(killed) == ("again\n", 2)


def test_a_connection_that_breaks_off_in_a_command_is_told_apart(fleet: Fleet, tmp_path: Path) -> None:
    """Nobody knows what became of the command, so it is not run again and not called unreachable."""
    with servers(tmp_path, 1) as started:
        (fleet.root / "known_hosts").write_text(started[0].known)
        fleet.hosts["web1"] = spec(started[0])
        mark = f"r-{os.getpid()}/broken"

        async def killed(host: Host) -> Any:
            work = asyncio.create_task(host.run(command("sleep", "60", mark=mark)))
            await asyncio.to_thread(until_alive, mark)
            kill_sessions(started[0].process.pid)
            return await work

        with pytest.raises(ToolFailed) as caught:
            fleet.use(killed)
        for pid in alive(mark):
            os.kill(pid, 9)
    assert (caught.value.match, "what became of it is not known" in caught.value.message) == ("tool", True)


def kill_sessions(server: int) -> None:
    """Kill what a server started for its connections."""
    children = [one.pid for one in processes() if one.parent == server]
    for pid in [*children, *(one.pid for one in processes() if one.parent in children and is_sshd(one.pid))]:
        os.kill(pid, 9)
    while [one for one in processes() if one.pid in children]:
        time.sleep(0.005)


def is_sshd(pid: int) -> bool:
    """Whether a process is a part of the server, and not what it started."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().startswith("sshd")
    except OSError:
        return False


def test_more_commands_than_channels_wait_their_turn(fleet: Fleet) -> None:
    """A bound of the files, not of the server."""
    fleet.hosts["web1"] = spec(fleet.servers[0], channels=1)

    async def together(host: Host) -> list[int]:
        script = "mkdir /tmp/$0 || exit 1; sleep 0.05; rmdir /tmp/$0"
        work = (host.run(command("sh", "-c", script, f"runner-test-{os.getpid()}")) for _ in range(4))
        return [done.exit for done in await asyncio.gather(*work)]

    assert fleet.use(together) == [0, 0, 0, 0]


def test_a_server_that_takes_no_further_command_says_so_and_the_others_go_on(fleet: Fleet, tmp_path: Path) -> None:
    """One channel is refused; what runs on the same connection is not disturbed."""
    with servers(tmp_path, 1, settings="MaxSessions 1\n") as started:
        (fleet.root / "known_hosts").write_text(started[0].known)
        fleet.hosts["web1"] = spec(started[0])
        mark = f"r-{os.getpid()}/first"

        async def two(host: Host) -> tuple[str, str, int]:
            first = asyncio.create_task(host.run(command("sh", "-c", "sleep 0.5; echo first", mark=mark)))
            await asyncio.to_thread(until_alive, mark)
            with pytest.raises(ToolFailed) as caught:
                await host.run(command("true"))
            return (await first).text, caught.value.match, host.opened

        assert fleet.use(two) == ("first\n", "unavailable", 1)


@pytest.mark.soak
def test_fifty_hosts_at_once(fleet: Fleet, tmp_path: Path, rounds: Callable[[int], int]) -> None:
    """Each gets its own command; one that is not there is told apart, and the rest is done."""
    count = rounds(50)
    with servers(tmp_path, count) as started:
        (fleet.root / "known_hosts").write_text("".join(one.known for one in started))
        fleet.hosts = {f"h{number}": spec(one) for number, one in enumerate(started)}
        started[0].process.terminate()
        started[0].process.wait()

        async def everywhere() -> list[Any]:
            hosts = [fleet.open(name) for name in fleet.hosts]
            try:
                work = (host.run(command("echo", host.name)) for host in hosts)
                return await asyncio.gather(*work, return_exceptions=True)
            finally:
                await asyncio.gather(*(host.close() for host in hosts))

        first, *others = asyncio.run(everywhere())
    assert isinstance(first, ToolFailed)
    assert (first.match, "no connection: Connection refused" in first.message) == ("unavailable", True)
    assert [done.text for done in others] == [f"h{number}\n" for number in range(1, count)]
