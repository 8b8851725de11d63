"""Commands in the sandbox: what works as ever, what they are given, how they end, and when none is run."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from runner.errors import ProgramMissing, ToolFailed
from runner.runs.blobs import Blobs
from runner.targets.port import Command, Completed
from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec
from tests.targets.sandbox.conftest import Run, python
from tests.targets.sandbox.workspaces import LEAST, STARTER

ELSEWHERE = """
import asyncio, os, sys
from pathlib import Path
from runner.runs.blobs import Blobs
from runner.targets.port import Command
from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec
folder = Path(sys.argv[1])
sandbox = Sandbox("owner-2", Blobs(folder / "blobs"), SandboxSpec())
"""


def alive(word: str) -> list[str]:
    """The command lines of this machine that hold a word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if word in line.split("\0"):
            found.append(line)
    return found


def until(count: int, word: str) -> None:
    """Wait until so many processes live whose words are such."""
    while len(alive(word)) != count:
        time.sleep(0.01)


def test_what_is_written_is_the_owners(run: Run, workspace: Path) -> None:
    """A file made inside belongs, outside, to whoever owns the workspace."""
    assert run("sh", "-c", "mkdir -p a/b && echo Grüße > 'a/b/ä ö.txt' && cat 'a/b/ä ö.txt'").text == "Grüße\n"
    made = workspace / "a" / "b" / "ä ö.txt"
    assert made.read_text() == "Grüße\n"
    assert made.stat().st_uid == workspace.stat().st_uid


def test_files_that_were_there_can_be_changed(run: Run, workspace: Path) -> None:
    """Existing files are changed, removed and made to be programs."""
    (workspace / "old").write_text("old")
    (workspace / "gone").write_text("gone")
    assert run("sh", "-c", "echo '#!/bin/sh\necho run' > old && chmod 755 old && rm gone && ./old").text == "run\n"
    assert not (workspace / "gone").exists()


@pytest.mark.parametrize("code", [0, 1, 3, 126, 127, 255])
def test_exit_codes_come_through(code: int, run: Run) -> None:
    """The code is the command's."""
    assert run("sh", "-c", f"exit {code}").exit == code


def test_a_signal_is_an_exit_code_above_128(run: Run) -> None:
    """As a shell tells it."""
    assert run("sh", "-c", "kill -TERM $$").exit == 128 + signal.SIGTERM


def test_words_arrive_as_they_were_given(run: Run) -> None:
    """No shell reads them."""
    nasty = ["", " ", "a b", "\n", "$(id)", "; id", "--", "-x", "é日本", "*", "'\"`", "\udce9", "{{ 7*7 }}"]
    code = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(map(os.fsencode, sys.argv[1:])))"
    assert run(*python(code, *nasty)).text == "\0".join(nasty).encode(errors="surrogateescape").decode(errors="replace")


def test_python_git_and_pytest_work(run: Run, workspace: Path) -> None:
    """What agents do all day: a status of git, a script, and the tests of a small project."""
    (workspace / "test_small.py").write_text(
        "import asyncio, multiprocessing, socket\n"
        "def test_loop(): assert asyncio.run(asyncio.sleep(0, 1)) == 1\n"
        "def test_lock(): assert multiprocessing.Lock().acquire()\n"
        "def test_loopback():\n"
        "    with socket.create_server(('127.0.0.1', 0)) as server:\n"
        "        socket.create_connection(server.getsockname()).close()\n"
    )
    assert "?? test_small.py" in run("git", "status", "--short").text
    done = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_small.py")
    assert (done.exit, "3 passed" in done.text) == (0, True), done.text


def test_it_knows_which_system_it_is_on(run: Run) -> None:
    """Tools ask for it, and choose by it."""
    assert run("cat", "/etc/os-release").text == Path("/etc/os-release").read_text()


def test_the_environment_is_made_from_nothing(run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five variables and the tool's own, which stand in no process list."""
    monkeypatch.setenv("OF_THE_DAEMON", "CANARY")
    lines = run("env", SECRET="two\nlines").text.splitlines()
    names = {line.partition("=")[0] for line in lines}
    assert names == {"PATH", "HOME", "LANG", "PWD", "SECRET", "lines"}
    assert f"PATH={workspace}/.venv/bin:" in "\n".join(lines)


def test_a_secret_stands_in_no_process_list(sandbox: Sandbox, workspace: Path) -> None:
    """The environment goes to bubblewrap by descriptor."""

    async def shown() -> str:
        words, env = ["sh", "-c", "sleep 615.25; true"], {"KEY": "CANARY-in-environment"}
        running = asyncio.ensure_future(sandbox.run(Command(words, workspace, 20, env, "r/step")))
        await asyncio.to_thread(until, 1, "615.25")
        lines = await asyncio.to_thread(subprocess.check_output, ["ps", "-eww", "-o", "args"], text=True)
        running.cancel()
        await asyncio.wait({running})
        return lines

    lines = asyncio.run(shown())
    assert "sleep 615.25; true" in lines
    assert "CANARY-in-environment" not in lines


def test_long_output_is_cut_and_kept(sandbox: Sandbox, workspace: Path) -> None:
    """As on every target: head and tail, and the whole in a blob."""
    done = asyncio.run(sandbox.run(Command(["seq", "100000"], workspace, 20, {}, "r/step")))
    assert done.truncated > 0
    assert done.blob
    assert done.text.startswith("1\n2\n")


def test_a_child_that_left_the_session_ends_with_the_command(run: Run) -> None:
    """What a command leaves behind is gone when its result is there."""
    assert run("sh", "-c", "setsid sleep 611.25 & setsid nohup sleep 611.25 & sleep 0.1").exit == 0
    assert alive("611.25") == []


def test_nothing_is_alive_after_a_time_out(run: Run) -> None:
    """Children in sessions of their own included."""
    with pytest.raises(ToolFailed, match="not finished after") as failed:
        run("sh", "-c", "trap '' TERM; setsid sleep 612.25 & nohup setsid sleep 612.25 & sleep 612.25", seconds=0.5)
    assert failed.value.match == "timeout"
    assert alive("612.25") == []


def test_nothing_is_alive_after_a_cancellation(sandbox: Sandbox, workspace: Path) -> None:
    """Cancelling waits until all of it has ended."""

    async def cancelled() -> None:
        words = ["sh", "-c", "setsid sleep 613.25 & sleep 613.25"]
        running = asyncio.ensure_future(sandbox.run(Command(words, workspace, 20, {}, "r/step")))
        await asyncio.to_thread(until, 2, "613.25")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cancelled())
    assert alive("613.25") == []


def test_nothing_is_alive_after_the_daemon_was_killed(tmp_path: Path) -> None:
    """SIGKILL leaves nobody to clean up but the kernel."""
    code = "asyncio.run(sandbox.run(Command(['sh', '-c', 'setsid sleep 614.25 & sleep 614.25'], folder, 60)))"
    with subprocess.Popen([sys.executable, "-c", ELSEWHERE + code, str(tmp_path)]) as daemon:
        until(2, "614.25")
        daemon.kill()
    until(0, "614.25")


def test_many_at_once(sandbox: Sandbox, workspace: Path) -> None:
    """Commands side by side do not see each other's /tmp, nor count each other's processes."""

    async def all_of_them() -> list[Completed]:
        words = ["sh", "-c", "echo $0 > /tmp/mine; for i in $(seq 20); do sleep 0.2 & done; wait; cat /tmp/mine"]
        commands = [Command([*words, str(number)], workspace, 20, {}, f"r/{number}") for number in range(6)]
        return await asyncio.gather(*map(sandbox.run, commands))

    assert [done.text for done in asyncio.run(all_of_them())] == [f"{number}\n" for number in range(6)]


def test_a_program_that_is_not_there_is_said_so(run: Run) -> None:
    """With where it was looked for and what helps."""
    with pytest.raises(ProgramMissing, match="program no-such-program is not there in the sandbox") as failed:
        run("no-such-program")
    assert failed.value.match == "unavailable"
    assert "sandbox.read_only" in failed.value.hint


def test_what_is_no_program_is_said_so(run: Run, workspace: Path) -> None:
    """A file without the right to be executed."""
    (workspace / "data").write_text("x")
    with pytest.raises(ToolFailed, match=r"\./data may not be executed"):
        run("./data")


def test_what_is_shown_besides_can_be_read_and_not_written(tmp_path: Path, workspace: Path) -> None:
    """`read_only` names it."""
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "tool").write_text("#!/bin/sh\necho extra\n")
    (extra / "tool").chmod(0o755)
    extra.chmod(0o755)
    shown = Sandbox(STARTER, Blobs(tmp_path / "blobs"), SandboxSpec(read_only=(str(extra), str(extra / "tool"))))
    done = asyncio.run(shown.run(Command(["sh", "-c", f"{extra}/tool; touch {extra}/x"], workspace, 20)))
    assert done.text.startswith("extra\n")
    assert not (extra / "x").exists()


def test_the_network_of_this_machine_when_it_is_wanted(tmp_path: Path, workspace: Path) -> None:
    """`network: true` shares it."""
    open_to_all = Sandbox(STARTER, Blobs(tmp_path / "blobs"), SandboxSpec(network=True))
    done = asyncio.run(open_to_all.run(Command(["cat", "/proc/net/dev"], workspace, 20)))
    assert done.text == Path("/proc/net/dev").read_text() or len(done.text.splitlines()) > 3


def test_places_that_are_not_there_are_made_before_the_command_could(run: Run, workspace: Path) -> None:
    """Empty, and the owner's."""
    assert run("touch", "workflows/evil.yaml").exit == 1
    assert list((workspace / "workflows").iterdir()) == []
    assert (workspace / "workflows").stat().st_uid == workspace.stat().st_uid


@pytest.mark.parametrize("folder", ["below", "below/deeper"])
def test_repositories_below_the_workspace_are_kept_as_well(run: Run, workspace: Path, folder: str) -> None:
    """Outside git would run their hooks; nor are they put aside for another one."""
    subprocess.run(["git", "init", "-q", str(workspace / folder)], check=True)
    assert run("sh", "-c", f"echo x > {folder}/.git/hooks/post-checkout").exit != 0
    assert run("mv", f"{folder}/.git", f"{folder}/other").exit != 0
    assert run("mv", "below", "other").exit != 0
    assert run("sh", "-c", f"echo x > {folder}/file && git -C {folder} status --short").text == "?? file\n"


def test_nothing_is_let_out_when_a_hidden_file_was_replaced(sandbox: Sandbox, workspace: Path) -> None:
    """As editors save: the mount over the old one goes with it, and the command reads the new one."""

    async def replaced(words: str) -> str:
        running = asyncio.ensure_future(sandbox.run(Command(["sh", "-c", words], workspace, 3, {}, "r/step")))
        while not (workspace / "begun").exists() and not running.done():  # noqa: ASYNC110 - it is another process's file
            await asyncio.sleep(0.01)
        (workspace / "begun").unlink()
        (workspace / "saved").write_text("KEY=ANOTHER CANARY\n")
        (workspace / "saved").replace(workspace / ".env")
        with pytest.raises(ToolFailed, match=r"\.env was replaced while the command ran") as failed:
            await running
        return f"{failed.value.message} {failed.value.hint}"

    waiting = "touch begun; until grep -s KEY= .env; do sleep 0.02; done"
    for words in (waiting, f"{waiting}; sleep 9"):
        assert "CANARY" not in asyncio.run(replaced(words))


def test_a_link_in_place_of_a_kept_file_is_refused(run: Run, workspace: Path) -> None:
    """The command could put another in its place."""
    (workspace / "tools.d").rmdir()
    (workspace / "tools.d").symlink_to("agents.d")
    with pytest.raises(ToolFailed, match=r"tools\.d is a symbolic link in the workspace"):
        run("true")


def test_a_workspace_among_the_projects_own_files_is_read_only(sandbox: Sandbox, workspace: Path) -> None:
    """Whole."""
    done = asyncio.run(sandbox.run(Command(["touch", "x"], workspace / "agents.d", 20)))
    assert "Read-only file system" in done.text


@pytest.mark.parametrize("folder", ["/", "/etc", "/usr", "/var", "/home"])
def test_no_system_folder_is_a_workspace(folder: str, sandbox: Sandbox) -> None:
    """Its owner is root, and so would the command be."""
    with pytest.raises(ToolFailed, match="no system folder as its workspace"):
        asyncio.run(sandbox.run(Command(["true"], Path(folder), 20)))


def test_a_workspace_behind_a_link_is_refused(sandbox: Sandbox, workspace: Path, tmp_path: Path) -> None:
    """An earlier command may have put the link there."""
    (tmp_path / "link").symlink_to(workspace)
    with pytest.raises(ToolFailed, match="reached by a symbolic link"):
        asyncio.run(sandbox.run(Command(["true"], tmp_path / "link", 20)))


def test_a_workspace_that_is_not_there_is_said_so(sandbox: Sandbox, tmp_path: Path) -> None:
    """Before anything is started."""
    with pytest.raises(ToolFailed, match="nowhere is not there"):
        asyncio.run(sandbox.run(Command(["true"], tmp_path / "nowhere", 20)))


def test_without_bubblewrap_nothing_is_run(
    tmp_path: Path, workspace: Path, spec: SandboxSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It refuses, with the way to install it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    without = Sandbox(STARTER, Blobs(tmp_path / "blobs"), spec)
    assert "apt-get install bubblewrap" in (without.available() or "")
    with pytest.raises(ToolFailed, match="no command can run in the sandbox: the program bwrap is not there") as failed:
        asyncio.run(without.run(Command(["touch", "x"], workspace, 20)))
    assert failed.value.match == "unavailable"
    assert not (workspace / "x").exists()


@pytest.mark.parametrize(
    "words, said",
    [
        ("bwrap: No permissions to create new namespace", "allow user namespaces"),
        ("bwrap: Unknown option --disable-userns", "too old"),
        ("bwrap: something else", "bubblewrap does not start here: bwrap: something else"),
        ("", "bubblewrap does not start here: it said nothing; exit 1"),
    ],
)
def test_where_bubblewrap_fails_nothing_is_run(
    words: str, said: str, tmp_path: Path, workspace: Path, spec: SandboxSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says is told, with what helps."""
    programs = Path(tempfile.mkdtemp(prefix="runner-test-"))  # where another user may go too
    programs.chmod(0o755)
    try:
        fake = programs / "bwrap"
        fake.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        refusing = Sandbox(STARTER, Blobs(tmp_path / "blobs"), spec)
        assert said in (refusing.available() or "")
        with pytest.raises(ToolFailed, match="no command can run in the sandbox"):
            asyncio.run(refusing.run(Command(["touch", "x"], workspace, 20)))
    finally:
        shutil.rmtree(programs)
    assert not (workspace / "x").exists()


def test_with_the_least_limits_programs_run(tmp_path: Path, workspace: Path) -> None:
    """Less is refused where it is written: each call would fail, and hardly say why."""
    narrow = Sandbox(STARTER, Blobs(tmp_path / "blobs"), SandboxSpec.model_validate(LEAST))
    done = asyncio.run(narrow.run(Command(["sh", "-c", "/bin/true | /bin/true && echo x > /tmp/x"], workspace, 20)))
    assert (done.text, done.exit) == ("", 0)
    for name, less in {"memory": "15MiB", "processes": 7, "file_size": "3KiB", "tmp_size": "3KiB"}.items():
        with pytest.raises(ValidationError, match=f"write {LEAST[name]} or more"):
            SandboxSpec.model_validate({name: less})


def test_memory_of_all_processes_together(tmp_path: Path, workspace: Path) -> None:
    """Held by a control group; where none can be made, nothing is run."""
    bounded = Sandbox(STARTER, Blobs(tmp_path / "blobs"), SandboxSpec.model_validate({"memory_total": "64MiB"}))
    code = "import os\nfor _ in range(4):\n  if os.fork() == 0:\n    b = b'x' * (40 << 20); os._exit(0)\n"
    code += "print(sorted(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)))"
    command = Command(python(code), workspace, 20)
    if reason := bounded.available():
        assert "sandbox.memory_total cannot be held here" in reason
        with pytest.raises(ToolFailed, match="memory_total"):
            asyncio.run(bounded.run(command))
    else:
        assert "-9" in (done := asyncio.run(bounded.run(command))).text or done.exit == 137


def test_an_ordinary_user_has_the_same(tmp_path: Path) -> None:
    """Without root there is nothing to lend: it writes its own workspace and sees as little."""
    folder = Path(tempfile.mkdtemp(prefix="runner-test-"))
    code = "if os.geteuid() == 0:\n    asyncio.run(sandbox.run(Command(['true'], folder, 20)))\n"
    code += (
        "    os.chown(folder, 12345, 12345); os.setgroups([]); os.setresgid(*[12345] * 3); os.setresuid(*[12345] * 3)\n"
    )
    code += "sandbox = Sandbox('owner-3', Blobs(folder / 'blobs'), SandboxSpec(processes=30))\n"
    code += "code = 'echo fine > made; cat made; ls /etc/shadow; for i in $(seq 50); do sleep 1 & done'\n"
    code += "print(asyncio.run(sandbox.run(Command(['sh', '-c', code], folder, 20))).text)\n"
    try:
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE + code, str(folder)], capture_output=True, text=True, check=False
        )
        assert "fine\n" in done.stdout, done.stderr
        assert "/etc/shadow': No such file" in done.stdout
        assert "Cannot fork" in done.stdout
        assert (folder / "made").stat().st_uid == (12345 if os.geteuid() == 0 else os.geteuid())
    finally:
        shutil.rmtree(folder)
