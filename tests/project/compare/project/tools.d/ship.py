"""Functions of the pack."""

from typing import Any


def deploy(name: str) -> str:
    """Deploys."""
    return name


def other(name: str) -> str:
    """Deploys elsewhere."""
    return name


def parse(text: str, exit: int) -> dict[str, Any]:  # noqa: A002 - the name that runner gives it
    """Reads an output."""
    return {"text": text, "exit": exit}


def read(text: str, exit: int) -> dict[str, Any]:  # noqa: A002 - likewise
    """Reads it otherwise."""
    return {"text": text, "code": exit}
