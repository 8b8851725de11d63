"""Results as JUnit XML, which every CI reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.cli.testing.run import Ran

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, not even written out."""


def write(file: Path, ran: Sequence[Ran]) -> None:
    """Write the results; raises `UsageError` where that cannot be."""
    failed = sum(not one.is_good for one in ran)
    total = f"{sum(one.seconds for one in ran):.3f}"
    counts = {"name": "runner test", "tests": str(len(ran)), "failures": str(failed), "errors": "0", "time": total}
    root = Element("testsuites", counts)
    suite = SubElement(root, "testsuite", counts)
    for one in ran:
        _add(suite, one)
    indent(root)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from error


def _add(suite: Element, one: Ran) -> None:
    group = f"{one.case.file}:{one.model}" if one.model else one.case.file
    attributes = {"classname": group, "name": one.case.name, "time": f"{one.seconds:.3f}", "file": one.case.file}
    case = SubElement(suite, "testcase", attributes)
    if one.failures:
        failure = SubElement(case, "failure", {"message": _plain(one.failures[0])})
        failure.text = _plain("\n".join(one.failures))


def _plain(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
