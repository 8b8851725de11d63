"""Names in single braces, as other systems' templates have them: here they are text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.project.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.scopes import Scope
    from runner.project.texts import Text

_SINGLE = re.compile(r"(?<![{$\w])\{ ?([A-Za-z_]\w*)((?:\.\w+)*) ?\}(?!\})")


def check(file: str, text: Text, scope: Scope) -> Iterator[Finding]:
    """A warning for the first name in single braces that the scope knows."""
    for found in _SINGLE.finditer(text.source):
        if found[1] in scope.names:
            name = found[1] + found[2]
            hint = f"a value is written {{{{ {name} }}}}"
            line = text.source.count("\n", 0, found.start()) + 1
            what = f"{found[0]} is told as it stands"
            yield Finding("single-brace", file, text.loc, what, hint, "warning", line=line, near=found[0])
            return
