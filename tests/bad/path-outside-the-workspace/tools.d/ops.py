from pathlib import Path

from runner.tools.context import Context


def count(context: Context, path: Path) -> dict[str, int]:
    return {"count": len(context.read_text(path))}


def peek(context: Context, path: Path) -> str:
    return Path(path).read_text()
