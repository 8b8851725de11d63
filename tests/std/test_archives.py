"""Archives of the utilities pack: made, listed and unpacked, and what hostile ones are refused for."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.tools.workers import Given
from tests.std.staged import Tools, failure

Put = Callable[[dict[str, str]], None]
KINDS = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2"]


@pytest.fixture
def tools(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("utilities")


def tar(path: Path, *entries: tarfile.TarInfo, mode: str = "w:gz") -> None:
    """An archive of entries, with as many bytes as each says."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # one of its modes
        for entry in entries:
            archive.addfile(entry, io.BytesIO(b"\0" * entry.size))


def entry(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> tarfile.TarInfo:
    """An entry as somebody wants it."""
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, size, link
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_packed_comes_out_again(tools: Tools, workspace: Path, put: Put, kind: str) -> None:
    """Files of folders and files by name, in each kind of archive."""
    put({"src/a.txt": "one\n", "src/deep/é b.txt": "two\n", "c.txt": "three\n", "src/.git/config": "no"})
    (workspace / "src/link").symlink_to("/etc/passwd")
    _, made = tools.call("archive_create", path=f"out/a{kind}", sources=["src", "c.txt"])
    assert made["files"] == ["c.txt", "src/a.txt", "src/deep/é b.txt"]
    _, listed = tools.call("archive_list", path=f"out/a{kind}")
    assert [(one["name"], one["size"]) for one in listed["entries"]] == [
        ("c.txt", 6),
        ("src/a.txt", 4),
        ("src/deep/é b.txt", 4),
    ]
    _, unpacked = tools.call("archive_extract", path=f"out/a{kind}", folder="new")
    assert (unpacked["count"], unpacked["size"]) == (3, 14)
    assert (workspace / "new/src/deep/é b.txt").read_text() == "two\n"


def test_an_archive_is_never_overwritten_and_overwrites_nothing(tools: Tools, workspace: Path, put: Put) -> None:
    """Neither the archive nor what is in the folder."""
    put({"a.txt": "one\n", "b.zip": "mine", "new/a.txt": "mine"})
    assert "is there already" in failure(tools, "archive_create", path="b.zip", sources=["a.txt"])
    tools.call("archive_create", path="c.zip", sources=["a.txt"])
    assert "'new/a.txt' is there already" in failure(tools, "archive_extract", path="c.zip", folder="new")
    assert (workspace / "new/a.txt").read_text() == "mine"
    assert "names no kind of archive" in failure(tools, "archive_create", path="c.rar", sources=["a.txt"])
    assert "there is no file to pack" in failure(tools, "archive_create", path="d.zip", sources=[])


@pytest.mark.parametrize(
    "name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "..\\out.txt", ".git/hooks/x", "C:/x"]
)
def test_no_entry_leads_out_of_the_folder(tools: Tools, workspace: Path, name: str) -> None:
    """Of either kind of archive; nothing of it is written."""
    tar(workspace / "a.tgz", entry("good.txt"), entry(name))
    with zipfile.ZipFile(workspace / "b.zip", "w") as archive:
        archive.writestr("good.txt", "")
        archive.writestr(name, "")
    for path in ("a.tgz", "b.zip"):
        said = failure(tools, "archive_extract", path=path, folder="new")
        assert "leads out of the folder" in said or "belongs to .git" in said
    assert sorted(path.name for path in workspace.iterdir()) == ["a.tgz", "b.zip"]
    assert not (workspace.parent / "out.txt").exists()


@pytest.mark.parametrize(
    "odd",
    [
        entry("x", tarfile.SYMTYPE, link="/etc/passwd"),
        entry("x", tarfile.LNKTYPE, link="good.txt"),
        entry("x", tarfile.FIFOTYPE),
        entry("x", tarfile.CHRTYPE),
    ],
)
def test_only_files_and_folders_are_unpacked(tools: Tools, workspace: Path, odd: tarfile.TarInfo) -> None:
    """No link, no FIFO, no device."""
    tar(workspace / "a.tar", entry("good.txt"), odd, mode="w:")
    assert "'x' is no plain file" in failure(tools, "archive_extract", path="a.tar", folder="new")
    assert not (workspace / "new").exists()


def test_a_link_of_a_zip_is_no_file(tools: Tools, workspace: Path) -> None:
    """Whatever it points to; nor is what is packed in a way that gives out without bounds."""
    info = zipfile.ZipInfo("x")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(workspace / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with zipfile.ZipFile(workspace / "b.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x", "x" * 100)
    for path in ("a.zip", "b.zip"):
        assert "'x' is no plain file" in failure(tools, "archive_extract", path=path, folder="new")


def test_a_bomb_is_refused_before_it_goes_off(tools: Tools, workspace: Path) -> None:
    """By what it says of itself, and by what comes out of it when it lies; headers too."""
    tar(workspace / "a.tgz", entry("zeros", size=15_000_000))
    with zipfile.ZipFile(workspace / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 15_000_000)
    lying = (workspace / "b.zip").read_bytes().replace((15_000_000).to_bytes(4, "little"), (9).to_bytes(4, "little"))
    (workspace / "c.zip").write_bytes(lying)
    head = entry("x", tarfile.XHDTYPE, size=200_000_000).tobuf()
    with gzip.open(workspace / "d.tgz", "wb") as file:
        file.write(head)
        for _ in range(50):
            file.write(b"\0" * 1_000_000)
    for path in ("a.tgz", "b.zip", "c.zip", "d.tgz"):
        said = failure(tools, "archive_extract", path=path, folder="new")
        assert "may come out of it" in said or "cannot be read as an archive" in said, path
    assert not list(workspace.glob("new/*"))


def test_an_archive_of_very_many_entries_is_refused(tools: Tools, workspace: Path) -> None:
    """Also when it is only listed."""
    tar(workspace / "a.tgz", *(entry(f"f{number}") for number in range(2_001)))
    assert "more than 2,000 entries" in failure(tools, "archive_list", path="a.tgz")


def test_what_is_no_archive_is_told(tools: Tools, put: Put) -> None:
    """With what can be read; a missing one too."""
    put({"a.zip": "no archive at all"})
    assert "zip and tar are read" in failure(tools, "archive_list", path="a.zip")
    assert "is not there" in failure(tools, "archive_list", path="b.zip")
    assert "leaves the workspace" in failure(tools, "archive_extract", path="/etc/passwd", folder="x")


def test_files_of_runner_are_neither_packed_nor_put_in_place(
    pack: Callable[..., Tools], workspace: Path, put: Put
) -> None:
    """Secrets stay out of archives, and rules are not unpacked over."""
    put({".env": "KEY=x\n", "a.txt": "a\n"})
    tools = pack("utilities", Given([str(workspace / ".env")], [str(workspace / "agents.d")]))
    _, made = tools.call("archive_create", path="a.zip", sources=["."])
    assert made["files"] == ["a.txt"]
    assert "say what agents may do" in failure(tools, "archive_extract", path="a.zip", folder="agents.d")
    assert "belongs to .venv" in failure(tools, "archive_extract", path="a.zip", folder=".venv/bin")
