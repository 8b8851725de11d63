"""The fuzzer: small accidents in everything that ships; each is refused at its place, or read as it now stands."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.engine.workbenches.benches import Benches
from runner.project import std
from runner.project.load import load
from runner.project.project import Project
from runner.project.sources import Disk
from runner.runs.store import Store
from tests.fuzz.judging import explain, leaves
from tests.fuzz.mutations import Mutant, mutate
from tests.fuzz.projects import Site, check, demo, report, starters

MUTANTS = 500
IN_WORDS = 5
"""Every so many mutants the report for people is looked at too."""
Tell = Callable[[str, object], None]


@pytest.fixture
def sites(tmp_path: Path) -> list[Site]:
    """The demo and what `runner init` makes."""
    (tmp_path / "demo").mkdir()
    return [demo(tmp_path / "demo"), *starters(tmp_path / "starters")]


def test_the_files_are_good_before(sites: list[Site]) -> None:
    """What is broken below has no problem and no warning as it is."""
    for site in sites:
        code, found = report(site.root)
        assert (site.name, code, found["problems"], found["warnings"]) == (site.name, 0, [], [])


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_an_accident_is_refused_at_its_place_or_read_as_it_stands(
    sites: list[Site], seed: int, rounds: Callable[[int], int], record_property: Tell
) -> None:
    """No traceback, no hang, no refusal without file and line, no value misread; what is accepted is explained."""
    chance, accepted = random.Random(seed), list[tuple[str, str]]()
    files = [(site, file) for site in sites for file in site.originals]
    before = {site.name: leaves(loaded(site)) for site in sites}
    total = rounds(MUTANTS)
    for number in range(total):
        site, file = chance.choice(files)
        mutant = mutate(site.originals[file], chance)
        words = f"{site.name}/{file}:{mutant.line} {mutant.words}"
        sys.stdout.write(f"{number}: {words}\n")  # of a failure or a hang the last one is shown
        site.put(file, mutant.text)
        if number % IN_WORDS == 0:
            speaks(site)
        if is_good(site):
            now = loaded(site)
            why = explain(site.originals[file], mutant.text, before[site.name], leaves(now))
            assert why, f"misread in silence: {words}\n{mutant.text}"
            accepted.append((why, words))
        site.restore(file)
    record_property("figures", summary(total, accepted))


def test_what_is_accepted_can_be_opened(sites: list[Site], tmp_path: Path, seed: int) -> None:
    """A workbench of an accepted mutant opens; what cannot be used in it is marked, nothing is raised."""
    chance, benches = random.Random(seed), Benches(Store.open(tmp_path / "store"), "fuzz")
    opened = 0
    while opened < MUTANTS // 25:
        site = chance.choice(sites)
        file = chance.choice(list(site.originals))
        mutant: Mutant = mutate(site.originals[file], chance)
        site.put(file, mutant.text)
        project = load(Disk(site.root), site.root).project
        if project:
            sys.stdout.write(f"{site.name}/{file}:{mutant.line} {mutant.words}\n")
            bench = benches.open(project)
            opened += 1
            asyncio.run(bench.close_if_unused())
            assert bench.is_closed
        site.restore(file)


def loaded(site: Site) -> Project:
    """The project of a site, which has no problem."""
    project = load(Disk(site.root), site.root).project
    assert project
    return project


def is_good(site: Site) -> bool:
    """Whether the files are accepted; a refusal has to say what is wrong and where."""
    code, found = report(site.root)
    assert code in (0, 3)
    assert found["ok"] is (code == 0)
    assert bool(found["problems"]) is (code == 3)
    for problem in [*found["problems"], *found["warnings"]]:
        has_a_place(site.root, problem)
    return code == 0


def has_a_place(root: Path, problem: dict[str, Any]) -> None:
    """A problem names a file that is there, a line that it has, a column, and what is wrong."""
    lines = std.place(root, problem["file"]).read_bytes().split(b"\n")
    assert 1 <= problem["line"] <= len(lines), problem
    assert 1 <= problem["column"] <= len(lines[problem["line"] - 1]) + 1, problem
    assert problem["what"].strip(), problem
    assert problem["code"], problem


def speaks(site: Site) -> None:
    """The report for people names the place of each problem."""
    _, found = report(site.root)
    code, out, err = check(site.root, form="")
    assert "Traceback" not in out + err
    assert out.startswith("ok: ") is (code == 0)
    for problem in found["problems"]:
        assert f"{problem['file']}:{problem['line']}:{problem['column']}" in err


def summary(total: int, accepted: list[tuple[str, str]]) -> str:
    """How many were accepted and why; in a soak each one of them."""
    counts = ", ".join(f"{count} {why}" for why, count in Counter(why for why, _ in accepted).most_common())
    listing = [f"\n  {why} | {words}" for why, words in sorted(accepted)] if os.environ.get("RUNNER_SOAK") else []
    return f"{total} mutants, {total - len(accepted)} refused, {len(accepted)} accepted ({counts}){''.join(listing)}"
