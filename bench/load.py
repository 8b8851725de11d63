"""Loading a large project: beside bare YAML on the same files, its memory, and a load after one file has changed."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import Figure
from bench.village import furnish

_COLD = """
import json, sys, time
from pathlib import Path
import yaml
from runner.project.load import load
from runner.project.sources import Disk
def bare():
    for path in sorted(root.rglob("*.yaml")):
        yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
def ours():
    assert load(Disk(root), root).project
def cpu(work):
    begin = time.process_time()
    work()
    return time.process_time() - begin
root, first = Path(sys.argv[1]), sys.argv[2]
names = ["bare", "ours"] if first == "bare" else ["ours", "bare"]
print(json.dumps({name: cpu(globals()[name]) for name in names}))
"""
_WARM = """
import json, sys, time
from pathlib import Path
from runner.project.load import load
from runner.project.sources import Disk
root, rounds = Path(sys.argv[1]), int(sys.argv[2])
seconds = {name: [] for name in sys.argv[3:]}
texts = {name: (root / name).read_text() for name in seconds}
load(Disk(root), root)
for number in range(rounds):
    for name, text in texts.items():
        changed = text.replace("description: ", f"description: {number} ", 1)
        (root / name).write_text(f"{changed}x-round: {number}\\n")
        begin, cpu = time.perf_counter(), time.process_time()
        assert load(Disk(root), root).project
        seconds[name].append((time.perf_counter() - begin, time.process_time() - cpu))
for name, text in texts.items():
    (root / name).write_text(text)
print(json.dumps(seconds))
"""
_MEMORY = """
import sys
from pathlib import Path
from runner.project.load import load
from runner.project.sources import Disk
if len(sys.argv) > 1:
    held = load(Disk(Path(sys.argv[1])), Path(sys.argv[1])).project
    assert held
# Not by getrusage, which also counts what the process was forked from.
print(next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
CHANGED = {
    "an agent": "agents.d/agent-500.yaml",
    "a workflow": "workflows/flow-50.yaml",
    "a pack": "tools.d/pack-25.yaml",
    "runner.yaml": "runner.yaml",
}


def load(folder: Path, *, quick: bool) -> list[Figure]:
    """Cold loads beside bare YAML, the memory of one, and warm loads after a change of each sort of file."""
    rounds = 3 if quick else 9
    furnish(folder)
    return [*_cold(folder, rounds), *_memory(folder), *_warm(folder, rounds), _check(folder, rounds)]


def _cold(folder: Path, rounds: int) -> list[Figure]:
    """Each round in a process of its own; they take turns at being first."""
    taken = [json.loads(_python(_COLD, str(folder), "bare" if number % 2 else "ours")) for number in range(rounds)]
    ours, bare = ([one[name] for one in taken] for name in ("ours", "bare"))
    best, usual = (
        _ratio("CPU of a cold load / yaml.load", ours, bare, min, 3.5),
        _ratio("the same, medians", ours, bare),
    )
    return [best, usual]


def _ratio(
    what: str,
    ours: list[float],
    bare: list[float],
    choose: Callable[[list[float]], float] = statistics.median,
    goal: float | None = None,
) -> Figure:
    return Figure(what, _ms(choose(ours)), _ms(choose(bare)), choose(ours) / choose(bare), goal)


def _memory(folder: Path) -> list[Figure]:
    held, empty = (int(_python(_MEMORY, *names)) / 1e6 for names in ((str(folder),), ()))
    return [Figure("peak resident MB with the project", f"{held:.0f} MB", f"{empty:.0f} MB imports", held, 110)]


def _warm(folder: Path, rounds: int) -> list[Figure]:
    taken = json.loads(_python(_WARM, str(folder), str(rounds * 3), *CHANGED.values()))
    return [_warm_one(what, *zip(*taken[name], strict=True)) for what, name in CHANGED.items()]


def _warm_one(what: str, seconds: tuple[float, ...], cpu: tuple[float, ...]) -> Figure:
    """By the clock on the wall, beside the processor's own: other programs lengthen the first far more."""
    middle = _middle(seconds)
    beside = f"{_ms(min(seconds))} to {_ms(max(seconds))}, CPU {_ms(_middle(cpu))}"
    return Figure(f"load with {what} changed, median ms", _ms(middle), beside, middle * 1000, 40)


def _check(folder: Path, rounds: int) -> Figure:
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        subprocess.run(
            (sys.executable, "-m", "runner", "-C", str(folder), "check", "--json"), check=True, capture_output=True
        )
        seconds.append(time.perf_counter() - begin)
    return Figure("`runner check` of it", _ms(_middle(seconds)), "", _middle(seconds))


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _python(code: str, *words: str) -> str:
    done = subprocess.run((sys.executable, "-c", code, *words), check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout
