"""Functions that know a secret and do not keep it."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

from runner.tools.context import ToolFailed


def _secret() -> str:
    lines = dict(line.split("=", 1) for line in Path(".env").read_text().splitlines() if "=" in line)
    return lines["COMMAND_TOKEN"].strip("'")


def returns() -> dict[str, Any]:
    """In values and keys."""
    secret = _secret()
    return {"text": secret, secret: [secret, (secret,)], "nested": {"deep": {secret: secret}}}


def raises() -> None:
    """As an error."""
    raise ValueError(_secret())


def fails() -> None:
    """In words for the model."""
    raise ToolFailed(f"not with {_secret()}", hint=f"use {_secret()}")


def logs() -> None:
    """In print that is cut through it, and in a log."""
    sys.stdout.write("x" * 1980 + _secret() + "x" * 3000 + _secret() + "x" * 1980)
    logging.getLogger("tool").error("with %s", _secret())
    sys.exit(f"at {_secret()}")


def dies() -> None:
    """In its last words."""
    sys.stderr.write(_secret())
    sys.stderr.flush()
    os._exit(3)


def parse(text: str, exit: int) -> dict[str, Any]:  # noqa: A002 - what parsers are given
    """In parts."""
    return {"parts": text.split("-"), "short": text[:30], "upper": text.upper()}
