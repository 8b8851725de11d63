"""The comparison of two projects: nothing that differs is missing, and a gain seen from the other side is a loss."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runner.project.compare import Change, Comparison, compare
from runner.project.load import load
from runner.project.project import Project
from runner.project.sources import Stored
from tests.fuzz.judging import leaves
from tests.fuzz.mutations import mutate
from tests.project.compare.edits import EDITS, FILES, Edit, edited, loaded

TURNED = {"gained": "lost", "lost": "gained", "changed": "changed", "added": "removed", "removed": "added"}


@pytest.fixture(scope="module")
def base() -> Project:
    """The project as it stands."""
    return loaded(edited([]))


def lines(comparison: Comparison) -> Iterator[str]:
    """What a comparison says, a line for each change."""
    yield from map(line, comparison.capabilities)
    yield from (f"other {line(change)}" for change in comparison.others)
    for text in comparison.prompts:
        yield f"{text.kind} of {', '.join(text.users)}: {text.old} -> {text.new}"
    for graph in comparison.graphs:
        yield from (f"graph {graph.workflow} {line(change)}" for change in graph.changes)
        yield f"worst case {graph.workflow}: {' -> '.join(map(str, graph.worst_case))}"


def line(change: Change) -> str:
    """A change in one line."""
    return f"{change.effect} {change.where} {change.key}: {change.old} -> {change.new}"


@pytest.mark.parametrize("edit,told", EDITS)
def test_each_edit_is_told(base: Project, edit: Edit, told: str) -> None:
    """In the section, with the effect and the values that a review needs."""
    after = loaded(edited([edit]))
    found = list(lines(compare(base, after)))
    assert [one for one in found if one.startswith(told)] != [], "\n".join(found)


def test_a_project_is_the_same_as_itself(base: Project) -> None:
    """Also when it was loaded a second time."""
    assert compare(base, base).is_empty
    assert compare(base, loaded(edited([]))).is_empty


def test_a_comment_changes_a_file_and_nothing_else(base: Project) -> None:
    """Files are told apart from what they say."""
    found = compare(base, loaded(edited([("runner.yaml", "models:", "# mine\nmodels:")])))
    assert (list(lines(found)), [file.name for file in found.files]) == ([], ["runner.yaml"])


@pytest.mark.soak
def test_what_one_side_gained_the_other_lost(seed: int, rounds: Callable[[int], int]) -> None:
    """For any two versions: with the sides swapped every effect and every pair of values is turned round."""
    chance = random.Random(seed)
    edits = list(dict.fromkeys(edit for edit, _ in EDITS))
    for _ in range(rounds(300)):
        old, new = (_some(chance, edits) for _ in range(2))
        there, back = compare(old, new), compare(new, old)
        assert Counter(map(repr, there.capabilities)) == Counter(map(repr, map(_turned, back.capabilities)))
        assert Counter(map(repr, there.others)) == Counter(map(repr, map(_turned, back.others)))
        assert Counter(map(repr, there.prompts)) == Counter(
            repr(replace(text, old=text.new, new=text.old)) for text in back.prompts
        )
        assert _ways(there, turned=False) == _ways(back, turned=True)


def _some(chance: random.Random, edits: list[Edit]) -> Project:
    """A version with a few edits that go together."""
    while True:
        try:
            return loaded(edited(chance.sample(edits, chance.randint(0, 6))))
        except AssertionError:
            continue


def _turned(change: Change) -> Change:
    return Change(TURNED[change.effect], change.where, change.key, change.new, change.old)  # type: ignore[arg-type]  # an effect


def _ways(comparison: Comparison, *, turned: bool) -> Counter[str]:
    return Counter(
        repr(
            (
                graph.workflow,
                TURNED.get(graph.status, graph.status) if turned else graph.status,
                sorted(repr(_turned(change) if turned else change) for change in graph.changes),
                graph.worst_case[::-1] if turned else graph.worst_case,
            )
        )
        for graph in comparison.graphs
    )


@pytest.mark.soak
def test_no_accident_that_changes_what_files_say_goes_unseen(
    base: Project, seed: int, rounds: Callable[[int], int]
) -> None:
    """Whatever a value changed into: there is a line of it besides the name of its file."""
    chance, said, seen = random.Random(seed), leaves(base), 0
    names = [name for name in FILES if name.endswith(".yaml")]
    for _ in range(rounds(4000)):
        name = chance.choice(names)
        files = edited([(name, "", mutate(FILES[name], chance).text)])
        after = load(Stored(files), Path("/project")).project
        if after is not None and leaves(after) != said:
            seen += 1
            assert list(lines(compare(base, after))) != [], files[name].decode()
    assert seen > 0


def test_whatever_widens_is_said_to_widen(base: Project) -> None:
    """The summary that `--fail-on gained` asks: power, and ways through workflows."""
    wider = [("agents.d/coder.yaml", "turns: 12", "turns: 13")]
    assert compare(base, loaded(edited(wider))).widens
    assert not compare(loaded(edited(wider)), base).widens
    assert compare(base, loaded(edited([("workflows/build.yaml", "when: phases.check.ok", "when: 'true'")]))).widens
