"""Print how long and how complex the functions and files of runner/ are; fail on what is over and not allowed.

It stands in `dev/`, the room for what only the developers of this checkout run: no part of the package, no test.
Lengths are counted in lines as they stand; ruff measures the complexity, whatever a `noqa` says.
`dev/size-allowed.txt` holds the exceptions, a line each: `path` or `path:function`, then the reason.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = ROOT / "dev" / "size-allowed.txt"
LONGEST_FUNCTION = 40
LONGEST_FILE = 250
HIGHEST_COMPLEXITY = 10


@dataclass(frozen=True)
class Measure:
    """A function or a file and what was counted: lines, or branches."""

    name: str
    value: int


def main() -> int:
    """Print the table, then each one that is over; 1 if one of them is not allowed."""
    sizes = measure(ROOT, "runner")
    over = {"lines": sizes.long_functions, "lines in the file": sizes.long_files, "branches": sizes.complex_functions}
    allowed = read_allowed(ALLOWED.read_text())
    print(table(sizes))
    refused = False
    for unit, measures in over.items():
        for one in measures:
            refused |= one.name not in allowed
            print(f"  {one.name}  {one.value} {unit}: {allowed.get(one.name, 'NOT ALLOWED, shorten it')}")
    return int(refused)


@dataclass(frozen=True)
class Sizes:
    """What was measured in one package: all functions and files by length, and the functions that are too complex."""

    functions: list[Measure]
    files: list[Measure]
    complex_functions: list[Measure]

    @property
    def long_functions(self) -> list[Measure]:
        """Those above the limit, the longest first."""
        return [function for function in self.functions if function.value > LONGEST_FUNCTION]

    @property
    def long_files(self) -> list[Measure]:
        """Those above the limit, the longest first."""
        return [file for file in self.files if file.value > LONGEST_FILE]


def measure(root: Path, package: str) -> Sizes:
    """Measure all Python files of a package that lies below a root; names are paths from there."""
    functions: list[Measure] = []
    files: list[Measure] = []
    names: dict[tuple[str, int], str] = {}
    for path in sorted((root / package).rglob("*.py")):
        file, text = path.relative_to(root).as_posix(), path.read_text()
        files.append(Measure(file, len(text.splitlines())))
        for qualified, node in functions_of(ast.parse(text)):
            name = f"{file}:{qualified}"
            names[file, node.lineno] = name
            functions.append(Measure(name, (node.end_lineno or node.lineno) - node.lineno + 1))
    return Sizes(longest_first(functions), longest_first(files), complex_functions(root, package, names))


def functions_of(node: ast.AST, prefix: str = "") -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """All functions below a node, methods and inner ones too, each with its qualified name."""
    found: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = []
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{prefix}{child.name}."
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((f"{prefix}{child.name}", child))
        found += functions_of(child, inner)
    return found


def complex_functions(root: Path, package: str, names: dict[tuple[str, int], str]) -> list[Measure]:
    """The functions that ruff finds above the limit, by the names that stand at their lines."""
    limit = f"lint.mccabe.max-complexity={HIGHEST_COMPLEXITY}"
    argv = [sys.executable, "-m", "ruff", "check", "--isolated", "--ignore-noqa", "--no-cache", "--exit-zero"]
    argv += ["--select", "C901", "--config", limit, "--output-format", "json", package]
    answer = subprocess.run(argv, cwd=root, check=True, capture_output=True, text=True)
    return longest_first([complexity(finding, root, names) for finding in json.loads(answer.stdout)])


def complexity(finding: dict[str, Any], root: Path, names: dict[tuple[str, int], str]) -> Measure:
    """One finding of ruff, whose message ends in `(12 > 10)`."""
    file = Path(finding["filename"]).relative_to(root).as_posix()
    branches = finding["message"].rpartition("(")[2].partition(" ")[0]
    return Measure(names[file, finding["location"]["row"]], int(branches))


def longest_first(measures: list[Measure]) -> list[Measure]:
    """Sort by value, then by name."""
    return sorted(measures, key=lambda one: (-one.value, one.name))


def read_allowed(text: str) -> dict[str, str]:
    """The exceptions and their reasons; a line without a reason allows nothing, one that begins with # is a comment."""
    parts = [line.partition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: reason.strip() for name, _, reason in parts if reason.strip()}


def table(sizes: Sizes) -> str:
    """The figures in six lines."""
    count = len(sizes.functions)
    share = 100 * len(sizes.long_functions) / max(count, 1)
    longest = ", ".join(f"{one.name.rpartition(':')[2]} {one.value}" for one in sizes.functions[:3])
    rows = {
        "files": f"{len(sizes.files)}",
        "functions": f"{count}",
        f"functions over {LONGEST_FUNCTION} lines": f"{len(sizes.long_functions)} ({share:.1f} %)",
        "longest functions": longest or "none",
        f"files over {LONGEST_FILE} lines": f"{len(sizes.long_files)}",
        f"functions of complexity over {HIGHEST_COMPLEXITY}": f"{len(sizes.complex_functions)}",
    }
    return "\n".join(f"{what:<36}{figure}" for what, figure in rows.items())


if __name__ == "__main__":
    sys.exit(main())
