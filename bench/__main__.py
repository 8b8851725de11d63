"""Measure and print one table: `python -m bench [--quick]`. What it means is told in docs/performance.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.answers import answers
from bench.crowds import crowds
from bench.figures import Figure, table
from bench.hosts import hosts
from bench.journal import journal
from bench.load import load
from bench.reload import reload
from bench.sandbox import sandbox
from bench.starts import starts
from bench.streams import streams

PARTS: dict[str, Callable[..., list[Figure]]] = {
    "answers": answers,
    "crowds": crowds,
    "hosts": hosts,
    "journal": journal,
    "load": load,
    "reload": reload,
    "sandbox": sandbox,
    "starts": starts,
    "streams": streams,
}


def main() -> None:
    """Measure the parts asked for, one after another, and print what came out."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure runner beside bare clients.")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to measure; all of it by default")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: a look, not a figure")
    options = parser.parse_args()
    figures: list[Figure] = []
    # On the disk of the checkout: a folder in memory would make every commit free.
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as folder:
        for part in options.parts or PARTS:
            print(f"measuring {part} ...", file=sys.stderr)
            figures += PARTS[part](Path(folder).resolve() / part, quick=options.quick)
    print(table(figures))


if __name__ == "__main__":
    main()
