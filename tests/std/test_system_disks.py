"""The system pack: file systems and disks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.std import staged
from tests.std.staged import Tools


@pytest.fixture
def system(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("system")


def test_the_file_system_of_a_path_is_measured(system: Tools) -> None:
    """As the kernel says it."""
    space = os.statvfs("/")
    _, output = system.call("disk_usage", path="/")
    assert len(output["rows"]) == 1
    assert output["rows"][0]["size_gib"] == pytest.approx(space.f_frsize * space.f_blocks / 1024**3, abs=0.02)
    assert output["rows"][0]["mount"] == "/"


def test_all_disks_are_listed_without_file_systems_in_memory(system: Tools, tmp_path: Path) -> None:
    """The fullest first; a line that df could not read does not hide the others."""
    assert system.call("disk_usage")[0] == "ok"
    text = (
        "df: /run/user/1000/doc: Operation not permitted\n"
        "Filesystem     Type     1024-blocks      Used Available Capacity Mounted on\n"
        "tmpfs          tmpfs        1048576         0   1048576       0% /dev/shm\n"
        "/dev/sda1      ext4        10485760   2097152   8388608      20% /\n"
        "//nas/my files cifs       104857600 101711872   3145728      97% /mnt/my files\n"
    )
    calls = staged.program(system, tmp_path / "bin", "df", text, code=1)
    status, output = system.call("disk_usage")
    assert (status, output["text"]) == ("ok", "fullest: /mnt/my files, 97 % used")
    assert [(row["mount"], row["available_gib"], row["filesystem"]) for row in output["rows"]] == [
        ("/mnt/my files", 3.0, "//nas/my files"),
        ("/", 8.0, "/dev/sda1"),
    ]
    assert calls.read_text() == "-P -T -k --\n"


def test_a_path_that_is_not_there_fails(system: Tools) -> None:
    """In df's own words."""
    status, output = system.call("disk_usage", path="/no/such/place")
    assert (status, "No such file" in output["text"]) == ("failed", True)


def test_inodes_are_counted(system: Tools) -> None:
    """A file system that counts none is left out."""
    status, output = system.call("disk_inodes", path="/")
    total = os.statvfs("/").f_files
    assert status == "ok"
    assert [row["total"] for row in output["rows"]] == ([total] if total else [])


def test_disks_stand_before_what_is_on_them(system: Tools, tmp_path: Path) -> None:
    """Numbers may be texts, as in old versions of lsblk."""
    assert system.call("block_devices")[0] == "ok"
    part = {"name": "sda1", "type": "part", "size": "1073741824", "fstype": "ext4", "model": None, "ro": "0"}
    disk = {"name": "sda", "type": "disk", "size": 2147483648, "fstype": None, "model": "Disk ", "ro": False}
    tree = disk | {"mountpoint": None, "children": [part | {"mountpoint": "/"}]}
    staged.program(system, tmp_path / "bin", "lsblk", json.dumps({"blockdevices": [tree]}))
    rows = system.call("block_devices")[1]["rows"]
    assert [(row["name"], row["on"], row["size_gib"], row["mount"], row["model"]) for row in rows] == [
        ("sda", "", 2.0, None, "Disk"),
        ("sda1", "sda", 1.0, "/", ""),
    ]
    assert [row["read_only"] for row in rows] == [False, False]


def test_mounts_have_names_as_they_are(system: Tools, tmp_path: Path) -> None:
    """The root is among them; the kernel writes a blank as four signs."""
    assert "/" in [row["mount"] for row in system.call("mounts")[1]["rows"]]
    text = "/dev/sdb1 /mnt/my\\040disk ext4 ro,noatime 0 0\nproc /proc proc rw 0 0\n"
    mounts = system.tools["mounts"]
    (tmp_path / "mounts").write_text(text)
    system.tools["mounts"] = mounts.model_copy(update={"command": ("cat", str(tmp_path / "mounts"))})
    rows = system.call("mounts")[1]["rows"]
    assert [(row["mount"], row["read_only"]) for row in rows] == [("/mnt/my disk", True)]
