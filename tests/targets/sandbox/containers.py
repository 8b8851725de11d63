"""A real podman of the tests' own: its storage in a folder, and one image, which has nothing of its own but links.

What a container of it runs are the programs of this machine, which `read_only` shows.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from runner.runs.blobs import Blobs
from runner.targets.sandbox.container import Container
from runner.targets.sandbox.layout import programs
from runner.targets.sandbox.spec import SandboxSpec
from tests.targets.sandbox.workspaces import closed_and_fixed, make_workspace

IMAGE = "localhost/links:1"
OWNER = 12_345
"""Who owns the workspace: a container has nothing for root."""
SHOWN = [str(path) for path in (Path("/usr"), Path("/etc/ld.so.cache"), *programs()) if path.exists()]


def install(folder: Path) -> dict[str, str]:
    """Make storage and image in a folder; gives the environment by which `podman` uses them."""
    # What podman locks and counts is of this folder too, so that several sessions do not meet; no driver mounts.
    (folder / "containers.conf").write_text(
        f'[engine]\nruntime = "{"runc" if shutil.which("runc") else "crun"}"\ncgroup_manager = "cgroupfs"\n'
        f'lock_type = "file"\nevents_logger = "none"\ntmp_dir = "{folder}/tmp"\n'
    )
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/root"\nrunroot = "{folder}/run"\n'
    )
    env = {
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
    }
    _image(folder / "image.tar")
    words = ["podman", "import", str(folder / "image.tar"), IMAGE]
    subprocess.run(words, check=True, capture_output=True, env={**os.environ, **env})
    return env


def told(*words: str) -> str:
    """What podman answers."""
    return subprocess.run(["podman", *words], check=True, capture_output=True, text=True).stdout


def workspace_of_another(root: Path) -> Path:
    """A workspace that belongs to an ordinary user."""
    make_workspace(root)
    for path in (root, *root.rglob("*")):
        os.chown(path, OWNER, OWNER, follow_symlinks=False)
    return root


def container(workspace: Path, **fields: Any) -> Container:
    """The sandbox as a workbench would open it, with limits that are small enough to be reached at once."""
    small = {"memory": "512MiB", "processes": 40, "file_size": "4MiB", "tmp_size": "8MiB", "cpu_seconds": 5}
    spec = SandboxSpec.model_validate({"driver": "podman", "image": IMAGE, **small, "read_only": SHOWN, **fields})
    return Container("owner-1", Blobs(workspace.parent / "blobs"), spec, keep=10_000, **closed_and_fixed(workspace))


def _image(file: Path) -> None:
    with tarfile.open(file, "w") as archive:
        for name in ("usr", "tmp", "proc", "dev", "sys", "etc"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(folder)
        for name in ("bin", "sbin", "lib", "lib64"):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, f"usr/{name}"
            archive.addfile(link)
        said = tarfile.TarInfo("image")
        said.size = len(b"of the image\n")
        archive.addfile(said, io.BytesIO(b"of the image\n"))
