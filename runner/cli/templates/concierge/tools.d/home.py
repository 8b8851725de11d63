"""The concierge's notes: one line each, in notes.txt of the workspace."""

from __future__ import annotations

from runner.tools.context import Context

NOTES = "notes.txt"


def remember(context: Context, text: str) -> str:
    """Add a line."""
    line = " ".join(text.split())
    with (context.workspace / NOTES).open("a", encoding="utf-8") as notes:
        notes.write(f"{line}\n")
    return f"noté : {line}"


def recall(context: Context, word: str = "") -> list[str]:
    """The lines that hold a word."""
    file = context.workspace / NOTES
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [line for line in lines if word.casefold() in line.casefold()]
