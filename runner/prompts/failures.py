"""The two ways a template fails: as it is read, and as it is rendered."""

from __future__ import annotations


class TemplateError(ValueError):
    """A text that is no template; for its author: what is wrong, and behind `; ` what to write.

    `lineno` counts from 1 inside the text, `near` is what is wrong there.
    """

    def __init__(self, message: str, lineno: int | None = None, near: str = "") -> None:
        super().__init__(message)
        self.lineno = lineno
        self.near = near


class RenderError(Exception):
    """A template that could not be rendered with these values; `lineno` is the line inside its text."""

    def __init__(self, message: str, lineno: int | None = None) -> None:
        super().__init__(message)
        self.lineno = lineno
