"""Real container engines of the tests' own, and one image, which has little of its own but links.

What a container of it runs are the programs of this machine, when its /usr is mounted.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IMAGE = "localhost/links:1"


@contextmanager
def podman() -> Iterator[dict[str, str]]:
    """Its storage, locks and counts are in a folder of its own; gives the environment that makes it so."""
    with _folder("podman") as folder:
        (folder / "containers.conf").write_text(
            '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nlock_type = "file"\nevents_logger = "none"\n'
            f'tmp_dir = "{folder}/tmp"\n'
        )
        (folder / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/root"\nrunroot = "{folder}/run"\n'
        )
        names = {"CONTAINERS_CONF": "containers.conf", "CONTAINERS_STORAGE_CONF": "storage.conf"}
        env = {name: str(folder / file) for name, file in names.items()}
        _import(folder, "podman", env)
        yield env


@contextmanager
def docker() -> Iterator[dict[str, str]]:
    """An engine with all it has in a folder of its own, without networks; gives the environment that leads to it."""
    with _folder("docker") as folder:
        words = ["--host", f"unix://{folder}/socket", "--pidfile", f"{folder}/pid", "--storage-driver", "vfs"]
        words += ["--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--log-level", "error"]
        words += ["--bridge", "none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"]
        path = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(["dockerd", *words], env=path, stdout=log, stderr=log) as engine,
        ):
            try:
                while not (folder / "socket").exists():
                    assert engine.poll() is None, (folder / "log").read_text()
                    time.sleep(0.02)
                env = {"DOCKER_HOST": f"unix://{folder}/socket"}
                _import(folder, "docker", env)
                yield env
            finally:
                engine.terminate()


def told(*words: str) -> str:
    """What an engine's command line says."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """A folder whose path is short, as those of sockets must be; what an engine mounted in it is unmounted after."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        yield folder
    finally:
        for line in Path("/proc/self/mounts").read_text().splitlines():
            if (place := line.split()[1]).startswith(f"{folder}/"):
                subprocess.run(["umount", place], check=True)
        shutil.rmtree(folder)


def _import(folder: Path, program: str, env: dict[str, str]) -> None:
    _image(folder / "image.tar")
    words = [program, "import", str(folder / "image.tar"), IMAGE]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **env})
    assert done.returncode == 0, done.stderr


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
