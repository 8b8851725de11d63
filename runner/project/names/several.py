"""A value that stands by itself behind a comparison, as in `x == "a" or "b"`: what is written for both of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.project.words import in_quotes

if TYPE_CHECKING:
    from runner.project.names.texts import Text

_VALUE = r"(?:\"[^\"\\]*\"|'[^'\\]*'|-?\d+(?:\.\d+)?)(?![\w.]|\s*(?:[=!<>|]|in\b|is\b|not\b))"
_NAME = r"(?P<name>[A-Za-z_][\w.]*(?:\[[^\[\]]*\][\w.]*)*(?:\s*\|\s*\w+)*)"
_OR, _AND = rf"(?:\s+or\s+{_VALUE})+", rf"(?:\s+(?:or|and)\s+{_VALUE})+"
_SEVERAL = re.compile(rf"{_NAME}\s*(?:(?P<same>==)\s*(?P<of>{_VALUE}{_OR})|!=\s*(?P<but>{_VALUE}{_AND}))")
_EACH = re.compile(_VALUE)
_TEXT = re.compile(r"'[^']*'|\"([^\"'\\]*)\"|\"[^\"]*\"")


def meant(text: Text) -> str:
    """How such a comparison is written, a condition as a whole and in quotes; empty where none is found."""
    found = _SEVERAL.search(text.source)
    if found is None:
        return ""
    if not text.is_expression:
        return f"write `{_with_single_quotes(_listed(found))}`"
    return f"write {in_quotes(_with_single_quotes(_SEVERAL.sub(_listed, text.source.strip())))}"


def _listed(found: re.Match[str]) -> str:
    values = ", ".join(one[0] for one in _EACH.finditer(found["of"] or found["but"]))
    return f"{found['name']} {'in' if found['same'] else 'not in'} [{values}]"


def _with_single_quotes(source: str) -> str:
    """Its texts in single quotes where that is possible, as the double ones stand around the whole in YAML."""
    return _TEXT.sub(lambda text: text[0] if text[1] is None else f"'{text[1]}'", source)
