"""Files of a call: inside the workspace whatever path a model gives, and whatever is swapped meanwhile."""

from __future__ import annotations

import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from runner.tools.context import Context, ToolFailed

SWAPS = 1_000


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the workspace with a file that must not be read or changed."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_text("secret")
    return folder


@pytest.fixture
def context(tmp_path: Path, outside: Path) -> Context:
    """A workspace with a folder, links that stay inside, links that lead out, and things that are no files."""
    workspace = tmp_path / "ws"
    (workspace / "src" / "deep").mkdir(parents=True)
    (workspace / "src" / "app.py").write_text("app")
    (workspace / "lib").symlink_to("src")
    (workspace / "alias.py").symlink_to("src/app.py")
    (workspace / "out").symlink_to(outside)
    (workspace / "out.txt").symlink_to(outside / "secret")
    (workspace / "up").symlink_to("..")
    (workspace / "chain").symlink_to("out")
    (workspace / "loop").symlink_to("loop")
    (workspace / "broken").symlink_to("src/new.py")
    os.mkfifo(workspace / "fifo")
    return Context(workspace, "r1", "p/1")


LEAVING = [
    "..",
    "../outside/secret",
    "src/../../outside/secret",
    "src/deep/../../../outside/secret",
    "/etc/passwd",
    "/proc/self/root/etc/passwd",
    "/proc/self/cwd",
    "out/secret",
    "out.txt",
    "up/outside/secret",
    "chain/secret",
    "lib/../../outside/secret",
    "./././../outside/secret",
    "//etc//passwd",
    "../ws-evil/x",
]


@pytest.mark.parametrize("path", LEAVING)
def test_a_path_that_leaves_the_workspace_is_refused(context: Context, outside: Path, path: str) -> None:
    """Reading, writing, making and descriptors all refuse it, and say so."""
    with pytest.raises(ToolFailed, match="leaves the workspace") as caught:
        context.read_bytes(path)
    assert caught.value.hint == "give a path inside the workspace, such as src/app.py"
    for act in (context.resolve, context.relative, context.make_directory, lambda p: context.write_bytes(p, b"x")):
        with pytest.raises(ToolFailed, match="leaves the workspace"):
            act(path)
    with pytest.raises(ToolFailed, match="leaves the workspace"), context.directory(path):
        pass
    assert [entry.name for entry in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text() == "secret"


def test_the_message_says_where_a_link_leads(context: Context, outside: Path) -> None:
    """The path alone does not show why it was refused."""
    with pytest.raises(ToolFailed) as caught:
        context.open("out.txt")
    workspace = context.workspace
    assert caught.value.message == f"'out.txt' leaves the workspace {workspace}: it leads to {outside}/secret"


@pytest.mark.parametrize(
    "path", ["src/app.py", "./src//app.py", "lib/app.py", "alias.py", "src/../src/app.py", "up/ws/lib/app.py"]
)
def test_a_path_that_stays_is_read(context: Context, path: str) -> None:
    """Links that lead inside are followed."""
    assert context.read_text(path) == "app"
    assert context.relative(path) == "src/app.py"
    assert context.read_text(str(context.workspace / path)) == "app"


@pytest.mark.parametrize(
    "path, why",
    [
        ("fifo", "'fifo' is a FIFO, not a file"),
        ("socket", "'socket' is a socket, not a file"),
        ("src", "'src' is a folder, not a file"),
        (".", "'.' is a folder, not a file"),
        ("loop", "'loop' is a link that leads in a circle or has just been changed, not a file"),
        ("nope", "'nope' is not there"),
        ("src/app.py/x", "'src/app.py/x' goes through something that is no folder, or has just become a link"),
        ("", "'' is no path"),
        ("a\0b", "'a\\x00b' is no path"),
    ],
)
def test_what_is_no_file_says_what_it_is(context: Context, path: str, why: str) -> None:
    """And nothing waits for a writer."""
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(context.workspace)
        listener.bind("socket")
        with pytest.raises(ToolFailed) as caught:
            context.open(path)
    assert caught.value.message == why


def test_a_large_file_is_refused(context: Context) -> None:
    """The limit is named."""
    with pytest.raises(ToolFailed, match=r"'src/app\.py' is larger than the 2 bytes that may be read at once"):
        context.read_bytes("src/app.py", limit=2)
    assert context.read_bytes("src/app.py", limit=3) == b"app"


def test_text_must_be_utf_8(context: Context) -> None:
    """The first wrong byte is named; line ends stay."""
    context.write_bytes("x", b"ab\xff")
    with pytest.raises(ToolFailed, match="'x' is no UTF-8 text: byte 2 is 0xff"):
        context.read_text("x")
    context.write_text("y", "a\r\nb\n")
    assert context.read_bytes("y") == b"a\r\nb\n"
    assert context.read_text("y") == "a\r\nb\n"
    with pytest.raises(ToolFailed, match="half a surrogate pair"):
        context.write_text("z", "\ud800")


def test_writing_replaces_in_one_step(context: Context) -> None:
    """The mode stays, a link's goal is written, nothing else appears, and whoever reads keeps the old file."""
    app = context.workspace / "src" / "app.py"
    app.chmod(0o750)
    with context.open("alias.py") as old:
        context.write_text("alias.py", "new")
        assert old.read() == b"app"
    assert (app.read_text(), stat.S_IMODE(app.stat().st_mode)) == ("new", 0o750)
    assert (context.workspace / "alias.py").is_symlink()
    assert sorted(entry.name for entry in app.parent.iterdir()) == ["app.py", "deep"]


def test_a_broken_link_is_written_where_it_leads(context: Context) -> None:
    """The file appears at its goal."""
    context.write_text("broken", "new")
    assert (context.workspace / "src" / "new.py").read_text() == "new"


def test_writing_leaves_the_other_name_of_a_hard_link_alone(context: Context, outside: Path) -> None:
    """A file outside that shares its content does not change."""
    (context.workspace / "hard").hardlink_to(outside / "secret")
    context.write_text("hard", "changed")
    assert (outside / "secret").read_text() == "secret"


def test_folders_are_made_all_the_way(context: Context) -> None:
    """One that is there is left alone; a file in the way is named."""
    context.make_directory("a/b/c")
    context.make_directory("a/b/c")
    context.make_directory("lib/inner")
    assert (context.workspace / "src" / "inner").is_dir()
    with pytest.raises(ToolFailed, match=r"'src/app\.py/x' goes through something that is no folder"):
        context.make_directory("src/app.py/x")


def test_a_name_in_its_folder_is_the_link_itself(context: Context, outside: Path) -> None:
    """Deleting a link deletes the link."""
    with context.parent("out") as (folder, name):
        os.unlink(name, dir_fd=folder)
    assert not (context.workspace / "out").is_symlink()
    assert (outside / "secret").exists()


@pytest.mark.parametrize("path", [".", "src/..", "", "../ws", "up/ws", "src/deep/../.."])
def test_the_workspace_itself_has_no_name(context: Context, path: str) -> None:
    """So it cannot be moved or deleted."""
    with pytest.raises(ToolFailed, match=r"is the workspace itself|is no path"), context.parent(path):
        pass


def test_what_the_system_refuses_inside_is_explained(context: Context) -> None:
    """An OSError of the tool's own becomes words about the path."""
    with pytest.raises(ToolFailed, match="'src': Directory not empty"), context.parent("src") as (folder, name):
        os.rmdir(name, dir_fd=folder)


def test_descriptors_are_closed(context: Context) -> None:
    """After all kinds of access, failed ones too."""

    def use() -> None:
        for path in ("src/app.py", "fifo", "nope", "out/secret", "src/app.py/x"):
            try:
                context.read_bytes(path)
            except ToolFailed:
                continue
        context.write_text("src/x", "x")
        with context.directory("src"), context.parent("src/x"):
            pass

    use()
    before = len(list(Path("/proc/self/fd").iterdir()))
    use()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_folder_swapped_for_a_link_leads_nowhere(context: Context, outside: Path) -> None:
    """While a thread swaps a folder and a link out, no read or write gets out."""
    folder, link, spare = (context.workspace / name for name in ("swap", "link", "spare"))
    folder.mkdir()
    (folder / "secret").write_text("inside")
    link.symlink_to(outside)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for one, other in ((folder, spare), (link, folder), (folder, link), (spare, folder)):
                one.rename(other)

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    try:
        for count in range(SWAPS):
            try:
                seen.add(context.read_text("swap/secret"))
                context.write_text("swap/secret", "inside")
                context.write_text(f"swap/new{count % 7}", "x")
            except ToolFailed as error:
                seen.add(error.message.partition("'swap/")[0])
    finally:
        stop.set()
        thread.join()
    assert seen == {"inside", ""}
    assert (outside / "secret").read_text() == "secret"
    assert [entry.name for entry in outside.iterdir()] == ["secret"]


@pytest.fixture
def guarded(tmp_path: Path) -> Context:
    """A workspace that is also a project: `agents.d` is a link, the journal and `.env` are there."""
    workspace = tmp_path / "ws"
    for name in ("store/token", ".env", "runner.yaml", "config/agents/a.yaml", "sub/tools.d/t.yaml", "src/app.py"):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text("kept")
    (workspace / "agents.d").symlink_to("config/agents")
    (workspace / "alias").symlink_to("store")
    fixed = [str(workspace / name) for name in ("runner.yaml", "agents.d", "sub/tools.d", "workflows")]
    return Context(workspace, closed=[str(workspace / "store"), str(workspace / ".env")], fixed=fixed)


@pytest.mark.parametrize("path", ["store/token", "STORE/token", "alias/token", "src/../store/token", ".env"])
def test_the_journal_and_the_secrets_are_closed(guarded: Context, path: str) -> None:
    """The daemon's token and the keys lie there: no spelling and no link leads to them."""
    for access in (guarded.read_text, guarded.resolve, lambda path: guarded.write_text(path, "x")):
        with pytest.raises(ToolFailed, match="belongs to runner itself"):
            access(path)


@pytest.mark.parametrize(
    "path", ["runner.yaml", "Runner.yaml", "agents.d/new.yaml", "config/agents/a.yaml", "workflows/w.yaml", "workflows"]
)
def test_the_files_that_say_what_agents_may_do_are_not_changed(guarded: Context, path: str) -> None:
    """A model that could would write its own permissions; they go live when they are saved."""
    for change in (lambda path: guarded.write_text(path, "x"), guarded.make_directory):
        with pytest.raises(ToolFailed, match="say what agents may do"):
            change(path)
    with pytest.raises(ToolFailed, match="say what agents may do"), guarded.parent(path):
        pass


@pytest.mark.parametrize("path", ["agents.d", "config", "sub", "store"])
def test_nothing_that_holds_or_leads_to_them_is_moved_away(guarded: Context, path: str) -> None:
    """Another folder could be put in its place, for a link too."""
    with pytest.raises(ToolFailed), guarded.parent(path):
        pass


def test_they_are_read_and_all_beside_them_is_changed(guarded: Context) -> None:
    """An agent may look at what it is told; names that only begin alike are others'."""
    assert guarded.read_text("agents.d/a.yaml") == "kept"
    for path in ("src/app.py", "runner.yaml.md", "sub/x", ".env.example"):
        guarded.write_text(path, "new")
        assert guarded.read_text(path) == "new"
