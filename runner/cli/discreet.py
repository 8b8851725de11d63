"""What must not be printed or kept, for who has no workbench: every secret of the project that can be known."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from runner.cli import options
from runner.errors import RunnerError

if TYPE_CHECKING:
    from pathlib import Path


def without_secrets(data: Any) -> Any:
    """Plain data without the value of any secret that the files name, is called like one, or is kept."""
    from runner.secrets import guarded

    with suppress(RunnerError, OSError):
        root = options.current().directory.resolve()
        return guarded(_named(root), root).redact(data)
    return data


def _named(root: Path) -> set[str]:
    """The names that the files give to secrets; files that have faults name them too."""
    from runner.secrets import REFERENCE
    from runner.spec.layout import LARGEST, SETTINGS

    files = [root / SETTINGS, *(root / "tools.d").glob("*.yaml")]
    read = (file for file in files if file.is_file() and file.stat().st_size <= LARGEST)
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in read)
    return {name for text in texts for name in REFERENCE.findall(text)}
