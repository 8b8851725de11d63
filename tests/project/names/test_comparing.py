"""Comparisons with only one outcome: what is told of them, and what is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

SORT = "sort: {agent: sorter, message: m}\n"
SORTER = """
sorter: {description: Sorts., prompt: Sort., output: {grade: "low|high", sure: bool, count: int, title: str,
  tags: [str], rest: any, maybe: "low|high?", rows: [{size: int}]}}
"""
OUTPUT = "phases.sort.output"


def told(make: Make, say: Say, condition: str) -> list[str]:
    """What is said of a condition behind a phase with typed answers, in which `.x` is a field of its answer."""
    quoted = condition.replace(" .", f" {OUTPUT}.").replace("'", "''")
    return say(make(f"{SORT}go: {{agent: coder, message: m, when: '{quoted}'}}", agents=SORTER))


@pytest.mark.parametrize(
    "condition, words",
    [
        (
            ' .grade == "hihg"',
            '`phases.sort.output.grade` is one of low or high, so it is never "hihg" (did you mean high?)',
        ),
        (' .grade != "hihg"', 'so it always differs from "hihg" (did you mean high?)'),
        ('"hihg" == .grade', 'so it is never "hihg" (did you mean high?)'),
        (' .grade in ["low", "hihg"]', 'so it is never "hihg" (did you mean high?)'),
        (' .grade not in ["huge"]', 'so it always differs from "huge"'),
        (' .grade is eq "hihg"', 'so it is never "hihg"'),
        (" .grade == 3", "`phases.sort.output.grade` is one of low or high, so it is never 3"),
        (' .sure == "yes"', 'is true or false, so it is never "yes" (write `phases.sort.output.sure`)'),
        (' .sure != "yes"', 'so it always differs from "yes" (write `not phases.sort.output.sure`)'),
        (' .count == "3"', 'is a number, so it is never "3" (write 3, without quotes)'),
        (' .tags == "a"', "is a list, so it is never \"a\" (write `'a' in phases.sort.output.tags`)"),
        (' .tags | length == "1"', 'what is compared is a number, so it is never "1"'),
        (" 3 in .tags", "an item of `phases.sort.output.tags` is a text, so it is never 3 (write '3')"),
        (' "a" in .count', "nothing can be in `phases.sort.output.count`: it is a number"),
        (" .count in .title", "is a number, and only a text can be in `phases.sort.output.title`"),
        (" .title > 3", "`>` compares two numbers: `phases.sort.output.title` is a text, 3 is a number"),
        (" .tags > 3", "is a list, 3 is a number (write `phases.sort.output.tags | length`)"),
        (" .grade > 3", "(write `phases.sort.output.grade in [...]`)"),
        (' .grade >= "low"', "`>=` goes by the alphabet, and `phases.sort.output.grade` is one of low or high"),
        (' .grade == "low" or "high"', 'the text "high" stands by itself, which is always true (write "'),
        (
            ' .grade == "low" or "high"',
            f"(write \"{OUTPUT}.grade in ['low', 'high']\")",
        ),
        (
            'phases.sort.ok and ( .grade | upper != "LOW" or "it\'s")',
            f"(write 'phases.sort.ok and ( {OUTPUT}.grade | upper not in [''LOW'', \"it''s\"])')",
        ),
        (' .grade == "low" and "high"', "(to compare with several texts write `NAME in ['high', …]`)"),
        ('"phases.sort.ok"', 'the text "phases.sort.ok" stands by itself, which is always true (leave out the quotes)'),
        ("phases.sort", "`phases.sort` is a record, which is always true (write `phases.sort.ok`)"),
        ("not phases.sort", "`phases.sort` is a record, which is always true"),
        ('phases.sort.status == "passed"', 'is one of ok, no, failed, skipped or cancelled, so it is never "passed"'),
        (
            'phases.sort == "ok"',
            '`phases.sort` is a mapping, so it is never "ok" (compare one of its fields: error, ok',
        ),
        (" .maybe == .count", "is one of low or high, so it is never `phases.sort.output.count`"),
    ],
)
def test_what_has_only_one_outcome_is_told(project_of: Make, names_say: Say, condition: str, words: str) -> None:
    """With what is known of the value, and what to write."""
    found = told(project_of, names_say, f" {condition}")
    assert len(found) == 1
    assert " comparison workflows/build.yaml:phases.go.when: " in found[0]
    assert words in found[0]


@pytest.mark.parametrize(
    "condition",
    [
        ' .grade == "low"',
        ' .grade in ["low", "high"]',
        " .maybe == none",
        ' .maybe == "high"',
        ' .rest == "x" or .rest == 3 or .rest > 2',
        " .rest.deep.down in .rest",
        ' .title == "x" and "x" in .title and .title < "b"',
        " .title | int > 3 and .title | length >= 2",
        " .count == 3.0 and .count > .count and 1 < .count < 9",
        " .sure == 1 and .count == true",
        ' .grade | default("none") == "none"',
        ' .tags[0] == "a" and "a" in .tags and .tags == []',
        " .rows[0].size > 3",
        ' inputs.request == "x" or inputs.count > 3',
        'run.name == "build" and 1 == 1',
        '(inputs.request or "x") == "x"',
        "true",
        " .title",
    ],
)
def test_what_may_be_either_is_left_alone(project_of: Make, names_say: Say, condition: str) -> None:
    """Values that fit, that may be missing, and those of which nothing is known."""
    assert told(project_of, names_say, f" {condition}") == []


def test_templates_and_ways_out_are_judged_too(project_of: Make, names_say: Say) -> None:
    """Wherever a value is compared, under whatever name the template gave it."""
    message = (
        '{% set s = phases.sort.output %}{% for t in s.tags %}{% if t == 3 or s.grade == "x" %}a{% endif %}{% endfor %}'
    )
    ways = "[{when: 'phases.go.ok == \"yes\"', to: pass}, {to: fail}]"
    found = names_say(project_of(f"{SORT}go: {{agent: coder, message: '{message}', next: {ways}}}", agents=SORTER))
    places = [one.split(":")[1] for one in found]
    assert places == ["phases.go.next.0.when", "phases.go.message", "phases.go.message"]


def test_a_named_prompt_is_judged_by_its_own_inputs_only(project_of: Make, names_say: Say) -> None:
    """It stands at several places, where a phase of the same name may answer otherwise."""
    text = "{{ 1 if kind == 'c' else 2 }}{{ 1 if phases.sort.output.grade == 'c' else 2 }}"
    prompts = f'shared: {{description: d, inputs: {{kind: "a|b"}}, template: "{text}"}}'
    call = "go: {agent: coder, message: {use: shared, with: {kind: a}}}"
    [said] = names_say(project_of(SORT + call, agents=SORTER, prompts=prompts))
    assert '`kind` is one of a or b, so it is never "c"' in said


def test_an_item_is_known_where_its_list_is(project_of: Make, names_say: Say) -> None:
    """A text has no fields; a list that is worked out may hold anything."""
    each = "go: {{foreach: {{in: {list}}}, agent: coder, message: '{{{{ item.size }}}}'}}"
    said = {
        listed: names_say(project_of(SORT + each.format(list=listed), agents=SORTER))
        for listed in (f"{OUTPUT}.tags", f"{OUTPUT}.rows", f"{OUTPUT}.rest", "'[1] + [2]'")
    }
    assert [len(found) for found in said.values()] == [1, 0, 0, 0]
    assert "`item` is a text and has no `size`" in said[f"{OUTPUT}.tags"][0]
