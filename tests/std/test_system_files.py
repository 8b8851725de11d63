"""The system pack: the tools for files of hosts, tried on files of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.project import targets
from runner.project.load import load
from runner.project.sources import Disk
from tests.std.staged import Tools


@pytest.fixture
def system(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("system")


NAMES = ("show_file", "tail_file", "list_folder", "find_path", "grep_text", "file_info", "folder_size")


@pytest.mark.parametrize("hosts, places", [("", ()), ("hosts: {web1: {address: 10.0.0.11}}\n", ("web1",))])
def test_they_run_on_hosts_alone(tmp_path: Path, hosts: str, places: tuple[str, ...]) -> None:
    """Here they could open the keys of runner itself; a project without hosts has them to no avail, and no mistake."""
    (tmp_path / "runner.yaml").write_text(f"use: [std/system]\n{hosts}")
    loaded = load(Disk(tmp_path), tmp_path)
    assert loaded.problems == ()
    assert loaded.project is not None
    for name in NAMES:
        tool = loaded.project.tools[name]
        assert (targets.places_of(loaded.project, tool), tool.risk) == (places, "read"), name
        assert tool.spec.untrusted, name


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A folder with a log, a folder, and a name with blanks."""
    folder = tmp_path / "logs"
    (folder / "old").mkdir(parents=True)
    (folder / "app.log").write_text("".join(f"line {n}\n" for n in range(1, 301)))
    (folder / "old" / "two words.log").write_text("error: disk - full\n")
    (folder / "link").symlink_to("app.log")
    return folder


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/root/.ssh/id_ed25519",
            "/root//.ssh",
            "/etc/shadow",
            "/srv/app/.env",
            "/srv/app/.env.local",
            "/proc/1/environ",
        ),
        *("/etc/ssh/ssh_host_ed25519_key", "/etc/ssl/private/a", "/x/server.key", "/root/.bash_history", "/a\n/.ssh/b"),
        *("/var/log/../../root/.aws/credentials", "/etc/ssh/../shadow-"),
    ],
)
def test_secrets_of_a_host_are_not_shown(system: Tools, path: str) -> None:
    """By the names that they commonly have."""
    for name, more in (("show_file", {}), ("tail_file", {}), ("grep_text", {"text": "x"})):
        with pytest.raises(ValueError, match="path"):
            system.call(name, path=path, **more)


def test_secrets_are_passed_over_by_a_search(system: Tools, logs: Path) -> None:
    """A folder is searched but for them; names that only look like theirs are searched."""
    for name in (".ssh/config", ".env", ".env.local", "shadow", "server.key", "id_rsa", ".bash_history"):
        (logs / name).parent.mkdir(exist_ok=True)
        (logs / name).write_text("CANARY\n")
    for name in ("environment", "keys.txt", "shadows"):
        (logs / name).write_text("CANARY\n")
    _, output = system.call("grep_text", path=str(logs), text="CANARY")
    assert sorted(Path(row["path"]).name for row in output["rows"]) == ["environment", "keys.txt", "shadows"]


def test_a_file_is_shown_from_either_end(system: Tools, logs: Path) -> None:
    """As text."""
    assert system.call("show_file", path=f"{logs}/app.log", lines=2)[1]["text"] == "line 1\nline 2\n"
    assert system.call("tail_file", path=f"{logs}/app.log", lines=2)[1]["text"] == "line 299\nline 300\n"


@pytest.mark.parametrize("name", ["show_file", "tail_file"])
def test_no_more_lines_are_shown_than_is_sensible(system: Tools, tmp_path: Path, name: str) -> None:
    """Whatever is asked for."""
    (tmp_path / "long").write_text("x\n" * 3000)
    assert system.call(name, path=f"{tmp_path}/long", lines=10**9)[1]["text"].count("\n") == 2000


def test_a_folder_is_listed_with_what_each_name_is(system: Tools, logs: Path) -> None:
    """Links say where they lead."""
    _, output = system.call("list_folder", path=str(logs))
    rows = {row["name"]: row for row in output["rows"]}
    assert {name: row["kind"] for name, row in rows.items()} == {"app.log": "file", "old": "folder", "link": "link"}
    assert rows["app.log"]["bytes"] == (logs / "app.log").stat().st_size
    assert rows["link"]["leads_to"] == "app.log"


def test_a_folder_of_devices_is_listed_too(system: Tools) -> None:
    """They have no size."""
    rows = {row["name"]: row for row in system.call("list_folder", path="/dev")[1]["rows"]}
    assert rows["null"]["kind"] == "device"


def test_a_path_is_found_by_name_and_depth(system: Tools, logs: Path) -> None:
    """Case does not count; what is not there fails."""
    assert system.call("find_path", path=str(logs), name="*WORDS*")[1]["paths"] == [f"{logs}/old/two words.log"]
    assert system.call("find_path", path=str(logs), name="*words*", depth=1)[1]["count"] == 0
    assert system.call("find_path", path=f"{logs}/none", name="*")[0] == "failed"


@pytest.mark.parametrize(
    "text, regex, count", [("disk - full", False, 1), ("line 29[0-9]$", True, 10), ("line 29[", False, 0)]
)
def test_lines_are_found_by_their_text(system: Tools, logs: Path, text: str, regex: bool, count: int) -> None:
    """A text is taken as it stands unless it is said to be an expression; none is the answer no."""
    status, output = system.call("grep_text", path=str(logs), text=text, regex=regex)
    assert (status, output["count"]) == ("ok" if count else "no", count)


def test_a_text_that_looks_like_an_option_is_a_text(system: Tools, logs: Path) -> None:
    """Also in a single file."""
    path = f"{logs}/old/two words.log"
    assert system.call("grep_text", path=path, text="- full")[1]["rows"] == [
        {"path": path, "line": 1, "text": "error: disk - full"}
    ]


def test_a_file_is_described(system: Tools, logs: Path) -> None:
    """Mode and time as well."""
    (logs / "app.log").chmod(0o640)
    os.utime(logs / "app.log", (0, 1_800_000_000))
    _, output = system.call("file_info", path=f"{logs}/app.log")
    assert (output["kind"], output["mode"], output["changed"]) == ("regular file", "640", "2027-01-15T08:00:00+00:00")


def test_a_folder_is_measured_with_the_largest_part_first(system: Tools, logs: Path) -> None:
    """The whole stands apart."""
    (logs / "old" / "big").write_bytes(b"x" * 3_000_000)
    (logs / "new").mkdir()
    _, output = system.call("folder_size", path=str(logs))
    assert [row["path"] for row in output["rows"]] == [f"{logs}/old", f"{logs}/new"]
    assert output["total_mib"] >= output["rows"][0]["mib"] > 2
    assert system.call("folder_size", path=f"{logs}/none")[0] == "failed"


@pytest.mark.parametrize("name", ["show_file", "tail_file", "list_folder", "file_info", "folder_size"])
def test_a_path_is_whole(system: Tools, name: str) -> None:
    """One from somewhere on would mean another place on each host."""
    for path in ("relative", "-n", "~/x"):
        with pytest.raises(ValueError, match="pattern"):
            system.call(name, path=path)
