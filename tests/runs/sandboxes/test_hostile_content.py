"""What a command may leave in its workspace is archived, unpacked, measured and removed without following it."""

from __future__ import annotations

import io
import os
import socket
import stat
import tarfile
from pathlib import Path

import pytest

from runner.errors import StepFailed
from runner.runs.sandboxes import trees
from runner.runs.sandboxes.packing import pack
from runner.runs.sandboxes.unpacking import unpack
from tests.runs.sandboxes.conftest import Shop
from tests.runs.sandboxes.test_keeper import IDLE, SPEC


def round_trip(shop: Shop, work: Path) -> None:
    """Archive the sandbox and unpack it again."""
    shop.keeper.tidy(SPEC, IDLE)
    assert not work.parent.exists()
    shop.take(shop.begin(), sandbox=work.parent.name)


def nothing() -> None:
    """Go on."""


def test_links_stay_links_and_lead_nobody_out(shop: Shop, tmp_path: Path) -> None:
    """Links out, dangling, in circles and to a folder outside: what they lead to is neither read nor touched."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("CANARY")
    work = shop.left()
    links: dict[str, str | Path] = {"file": outside / "secret", "folder": outside, "up": "../../../.."}
    links |= {"circle": "circle", "none": "/nowhere"}
    for name, to in links.items():
        (work / name).symlink_to(to)
    round_trip(shop, work)
    assert {path.name: path.readlink() for path in work.iterdir()} == {name: Path(to) for name, to in links.items()}
    shop.keeper.rows()
    trees.remove(work.parent)
    assert (outside / "secret").read_text() == "CANARY"
    assert not any(b"CANARY" in path.read_bytes() for path in shop.folder.iterdir())


def test_pipes_and_sockets_hold_nobody_up_and_are_named(shop: Shop, tmp_path: Path) -> None:
    """They are no files: they are left out, and the archive says so."""
    work = shop.left()
    os.mkfifo(work / "pipe")
    with socket.socket(socket.AF_UNIX) as one:
        home = Path.cwd()
        os.chdir(work)  # a socket's path is short
        one.bind("socket")
        os.chdir(home)
    (work / "file").write_text("kept")
    pack(work.parent, archive := tmp_path / "a.tar.gz", nothing)
    with tarfile.open(archive) as tar:
        said = tar.extractfile("left-out.txt")
        assert said is not None
        assert said.read().decode().splitlines() == [
            "'work/pipe': neither a file, a folder nor a link",
            "'work/socket': neither a file, a folder nor a link",
        ]
    round_trip(shop, work)
    assert [path.name for path in work.iterdir()] == ["file"]


def test_a_huge_sparse_file_costs_neither_time_nor_space(shop: Shop) -> None:
    """A terabyte of holes stays holes, there and back; what is between them is kept."""
    work = shop.left()
    with (work / "huge").open("wb") as file:
        file.write(b"head")
        file.seek(1 << 39)
        file.write(b"middle")
        file.truncate(1 << 40)
    with (work / "empty").open("wb") as file:
        file.truncate(1 << 40)
    round_trip(shop, work)
    for name in ("huge", "empty"):
        assert (work / name).stat().st_size == 1 << 40
        assert (work / name).stat().st_blocks < 1000
    with (work / "huge").open("rb") as file:
        assert file.read(5) == b"head\0"
        file.seek((1 << 39) - 1)
        assert file.read(7) == b"\0middle"


def test_a_tree_deeper_than_any_path_is_archived_as_far_as_it_can_be_named_and_removed(shop: Shop) -> None:
    """Twelve hundred levels: no recursion, no descriptor each, no path that the kernel refuses."""
    work = shop.left()
    home = Path.cwd()
    os.chdir(work)
    for _ in range(1200):
        Path("deep").mkdir()
        os.chdir("deep")
    Path("bottom").write_text("x")
    os.chdir(home)
    round_trip(shop, work)
    depth = max(entry.path.count("/deep") for entry in trees.walk(work.parent, "work"))
    assert 600 < depth < 800
    trees.remove(work.parent)
    assert not work.parent.exists()


def test_what_is_hidden_from_measuring_is_no_way_round_the_limit(shop: Shop) -> None:
    """Too deep to be walked into: a list passes over it, a limit does not."""
    work = shop.left()
    home = Path.cwd()
    os.chdir(work)
    for _ in range(1200):
        Path("deep").mkdir()
        os.chdir("deep")
    os.chdir(home)
    assert trees.size(work.parent, "work") > 0
    with pytest.raises(OSError, match=r"^'work/deep/.*'… is too deep$"):
        trees.whole_size(work.parent, "work")
    trees.remove(work.parent)


def test_what_its_owner_closed_to_himself_is_read_kept_closed_and_removed(shop: Shop) -> None:
    """Modes come back as they were; nothing runs set-user-ID afterwards."""
    work = shop.left()
    (work / "dark").mkdir()
    (work / "dark" / "inner").mkdir()
    (work / "dark" / "inner" / "file").write_text("kept")
    (work / "dark" / "inner" / "file").chmod(0)
    (work / "tool").write_text("kept")
    (work / "tool").chmod(0o6755)
    (work / "dark" / "inner").chmod(0)
    (work / "dark").chmod(0)
    round_trip(shop, work)
    modes = {path: stat.S_IMODE((work / path).stat().st_mode) for path in ("dark", "tool")}
    assert modes == {"dark": 0, "tool": 0o755}
    found = {entry.path: stat.S_IMODE(entry.stat.st_mode) for entry in trees.walk(work.parent, "work")}
    assert found["work/dark/inner"] == found["work/dark/inner/file"] == 0
    trees.remove(work.parent)
    assert not work.parent.exists()


def test_odd_names_times_and_hard_links_come_back(shop: Shop) -> None:
    """Bytes that are no UTF-8, line ends, names that look like options or like tar's own; two names of one file."""
    work = shop.left()
    names = [b"no \xff utf-8", b"line\nend", b"-rf", b"PaxHeaders", b"x" * 255, "é".encode()]
    for name in names:
        (Path(os.fsdecode(os.fsencode(work) + b"/" + name))).write_bytes(name)
    os.link(work / "-rf", work / "also")
    os.utime(work / "-rf", (5.0, 5.0))
    round_trip(shop, work)
    assert sorted(os.fsencode(path.name) for path in work.iterdir()) == sorted([*names, b"also"])
    assert all(Path(os.fsdecode(os.fsencode(work) + b"/" + name)).read_bytes() == name for name in names)
    assert (work / "also").samefile(work / "-rf")
    assert (work / "-rf").stat().st_mtime == 5.0


def test_two_folders_that_would_be_moved_to_one_name_are_both_removed(shop: Shop) -> None:
    """Many folders of the same name on many levels, beside files of that name."""
    work = shop.left()
    for first in range(12):
        for second in range(12):
            (work / f"{first}" / f"{second}" / "1").mkdir(parents=True)
            (work / f"{first}" / f"{second}" / "2").write_text("x")
    trees.remove(work.parent)
    assert not work.parent.exists()


def member(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    """A member as somebody else would write it."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, to, 0o755
    info.size = 6 if kind == tarfile.REGTYPE else 0
    return info


WORK = member("work", tarfile.DIRTYPE)


@pytest.mark.parametrize(
    "members",
    [
        [member("/tmp/evil")],
        [WORK, member("work/../../evil")],
        [WORK, member("../evil")],
        [WORK, member("work/link", tarfile.SYMTYPE, "/tmp"), member("work/link/evil")],
        [WORK, member("work/link", tarfile.SYMTYPE, "../../evil"), member("work/link")],
        [WORK, member("work/hard", tarfile.LNKTYPE, "/etc/passwd")],
        [WORK, member("work/link", tarfile.SYMTYPE, "/etc/passwd"), member("work/hard", tarfile.LNKTYPE, "work/link")],
        [member("work", tarfile.SYMTYPE, "/tmp"), member("work/evil")],
        [WORK, member("work/device", tarfile.CHRTYPE)],
        [WORK, member("work/pipe", tarfile.FIFOTYPE)],
        [member("evil", tarfile.DIRTYPE)],
        [WORK, member("work/", tarfile.DIRTYPE), member("work//evil")],
        [],
    ],
)
def test_an_archive_that_was_made_by_somebody_else_leads_nowhere(
    tmp_path: Path, members: list[tarfile.TarInfo]
) -> None:
    """Refused whole, with nothing written elsewhere and nothing left behind."""
    top = tmp_path / "top" / "inner"
    top.mkdir(parents=True)
    with tarfile.open(archive := tmp_path / "a.tar.gz", "w:gz") as tar:
        for one in members:
            tar.addfile(one, io.BytesIO(b"CANARY") if one.size else None)
    with pytest.raises(StepFailed, match="cannot be unpacked"):
        unpack(archive, top)
    assert list(top.iterdir()) == []
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.tar.gz", "inner", "top"]
