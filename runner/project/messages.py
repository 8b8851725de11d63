"""What can be said to an agent, however it comes: a text, and one that its prompt can be made of."""

from __future__ import annotations

from runner.errors import UsageError
from runner.prompts import Bounds

LONGEST = Bounds().output
"""Characters of a message: no template gives more."""


def check_message(text: str) -> None:
    """Raise `UsageError` for what is no message."""
    if not text.strip():
        raise UsageError("there is no message")
    if len(text) > LONGEST:
        raise UsageError(f"the message is too long: {len(text):,} characters, at most {LONGEST:,}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError("the message is no UTF-8 text") from error
