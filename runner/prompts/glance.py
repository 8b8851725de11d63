"""What a template reads, seen at a glance: text with a `{{ a.b }}` or `{{ a.b | filter }}` here and there, as most are.

The tree of such a template says the same, and takes thirty times as long to make; of any other only the tree is asked.
"""

from __future__ import annotations

import re

from runner.prompts.filters import NAMES_OF_FILTERS
from runner.prompts.names import NamePath

LONGEST = 64 * 1024
"""Characters of what is looked at: of more, the tree is asked."""
_OUTPUT = re.compile(r"[ \t]*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,9})[ \t]*(?:\|[ \t]*([a-z]+)[ \t]*)?\}\}", re.ASCII)
_WORDS = frozenset(
    ["true", "True", "false", "False", "none", "None", "not", "and", "or", "in", "is", "if", "else", "loop"]
)
"""What is no variable, or not everywhere."""
_GUARDS = frozenset({"default", "d"})
_OTHERWISE = re.compile(r"\{[%#]|\r")


def paths_at_a_glance(source: str) -> tuple[NamePath, ...] | None:
    """Every path that a template reads, in order; None when only its tree tells, as of one that is a single `{{ }}`."""
    data, *outputs = source.split("{{")
    if not outputs:
        return None if _OTHERWISE.search(source) else ()
    if len(source) > LONGEST or _OTHERWISE.search(source):
        return None
    paths: dict[NamePath, None] = {}
    line, is_text = 1 + data.count("\n"), bool(data) or len(outputs) > 1
    for output in outputs:
        found = _OUTPUT.match(output)
        parts = tuple(found[1].split(".")) if found else ()
        if found is None or parts[0] in _WORDS or found[2] in _GUARDS or found[2] not in {None, *NAMES_OF_FILTERS}:
            return None
        paths[NamePath(parts, line, guarded=False, written=found[1])] = None
        line += output.count("\n")
        is_text = is_text or found.end() < len(output)
    return tuple(paths) if is_text else None
