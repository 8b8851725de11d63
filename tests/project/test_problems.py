"""Problems as people and programs get them, and what the real models' refusals become."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from runner.models.scripted import Replies
from runner.project.agents import AgentSpec
from runner.project.findings import Finding, Loc
from runner.project.parsing.parse import parse
from runner.project.problems import Problem, from_validation, problem_of
from runner.project.settings import Settings
from runner.project.workflows import WorkflowSpec
from runner.tools.command import CommandTool


def problems_of(model: Any, text: str, loc: Loc = ()) -> list[Problem]:
    """What is wrong with a file whose data at `loc` is checked against a model."""
    parsed = parse("f.yaml", text.encode(), top=list if model is Replies else dict)
    data: Any = parsed.data
    for part in loc:
        data = data[part]
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(model).validate_python(data)
    return [problem_of(finding, parsed) for finding in from_validation(caught.value, "f.yaml", model, loc)]


def told(model: Any, text: str, loc: Loc = ()) -> list[str]:
    """`line:column code where: what (hint)` of each problem."""
    problems = problems_of(model, text, loc)
    return [f"{one.line}:{one.column} {one.code} {one.where}: {one.what} ({one.hint})" for one in problems]


def of_phase(body: str) -> list[str]:
    """What is told of the only phase, whose body begins at 4:5."""
    return told(WorkflowSpec, f"description: d\nphases:\n  x:\n    {body}\n")


# ------------------------------------------------------------------------------------------------ people and programs


def test_what_stands_several_times_is_told_once_with_the_lines() -> None:
    """No more than ten of them."""
    parsed = parse("f.yaml", b"- a\n" * 14, top=list)
    for also, words in [
        ((), "wrong"),
        (((2,),), "wrong; it stands again in line 3"),
        (((2,), (4,), (5,)), "wrong; it stands again in lines 3, 5 and 6"),
        (
            tuple((index,) for index in range(1, 14)),
            "wrong; it stands again in lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more",
        ),
    ]:
        assert problem_of(Finding("idle-reply", "f.yaml", (0,), "wrong", also=also), parsed).what == words


def test_programs_get_the_fields_that_the_check_promises() -> None:
    """The list a problem stands in says how severe it is."""
    problem = Problem("kind", "f.yaml", 1, 2, "a.b", "what", "hint", "warning")
    assert problem.to_dict() == {
        "code": "kind",
        "file": "f.yaml",
        "line": 1,
        "column": 2,
        "where": "a.b",
        "what": "what",
        "hint": "hint",
    }


def test_a_finding_gets_its_line_and_its_way() -> None:
    """A warning stays one."""
    parsed = parse("f.yaml", b"phases:\n  verify:\n    next: [{to: a}]\n")
    finding = Finding("kind", "f.yaml", ("phases", "verify", "next", 0, "to"), "what", severity="warning")
    expected = Problem("kind", "f.yaml", 3, 17, "phases.verify.next[0].to", "what", severity="warning")
    assert problem_of(finding, parsed) == expected


def test_keys_with_signs_of_their_own_are_quoted_in_the_way() -> None:
    """A dot in a key is no step."""
    parsed = parse("f.yaml", b"a: {b.c: {d-e: 1}}\n")
    assert problem_of(Finding("kind", "f.yaml", ("a", "b.c", "d-e"), "w"), parsed).where == 'a."b.c".d-e'


# ------------------------------------------------------------------------------------------------ keys


def test_a_missing_key_is_told_at_its_holder_with_what_it_is_for() -> None:
    """The sentence under the field is the hint."""
    hint = "what it is asked: a template, or a named prompt"
    assert of_phase("agent: coder") == [f"3:3 missing-key phases.x.message: the key `message` is missing ({hint})"]


def test_a_misspelt_key_is_told_once() -> None:
    """What is missing for it goes without saying."""
    expected = "5:5 unknown-key phases.x.mesage: there is no key `mesage` here (did you mean message?)"
    assert of_phase("agent: coder\n    mesage: hi") == [expected]


def test_an_unknown_key_that_is_near_none_lists_those_there_are() -> None:
    """As the files name them: `with`, not the field's name in Python."""
    (said,) = of_phase("tool: x\n    zzz: 1")
    known = "known here: next, errors, when, workspace, timeout, limits, retry, tool, with, target, fleet"
    assert said.endswith(f"(an argument? write `with: {{zzz: 1}}`; {known})")


def test_the_keys_beside_foreach_are_known_together() -> None:
    """The phase's own and those of what is done for each item."""
    said = of_phase("foreach: {in: x}\n    tool: t\n    nxt: a\n    wiht: {}\n    retry: {max: 0}")
    assert sorted(said) == [
        "6:5 unknown-key phases.x.nxt: there is no key `nxt` here (did you mean next?)",
        "7:5 unknown-key phases.x.wiht: there is no key `wiht` here (did you mean with?)",
        "8:18 bad-value phases.x.retry.max: 0 is too small (the least is 1)",
    ]


def test_names_say_which_signs_they_take() -> None:
    """A name is pointed at where it stands: as a key, or as a value."""
    text = "description: d\nphases:\n  Bad: {tool: t}\n  good: {agent: a, message: {use: B}}\n  1: {tool: t}\n"
    signs = "use small letters, digits{} and _, beginning with a letter"
    assert told(WorkflowSpec, text) == [
        f'3:3 bad-name phases.Bad: "Bad" is no name here ({signs.format("")})',
        f'4:35 bad-name phases.good.message.use: "B" is no name here ({signs.format(", -")})',
        '5:3 bad-key phases[1]: a key is a text here, not 1 (quote it: "1")',
    ]


# ------------------------------------------------------------------------------------------------ values

JOIN = "what it waits for: all branches, any one that is ok, or this many"


@pytest.mark.parametrize(
    "body, said",
    [
        ("tool: 5", '4:11 wrong-type phases.x.tool: expected a text, got 5 (quote it: "5")'),
        ("tool: t\n    when: true", '5:11 wrong-type phases.x.when: expected a text, got true (quote it: "true")'),
        ("tool: t\n    next: 5", '5:11 wrong-type phases.x.next: expected a text or a list, got 5 (quote it: "5")'),
        (
            "tool: t\n    next: [{to: a}, b]",
            '5:21 wrong-type phases.x.next[1]: expected a mapping, got "b" (write {to: b})',
        ),
        (
            "tool: t\n    limits: {turns: '3'}",
            '5:21 wrong-type phases.x.limits.turns: expected a whole number, got "3" (write it without quotes)',
        ),
        (
            "tool: t\n    limits: {time: 5}",
            "5:20 bad-value phases.x.limits.time: 5 is no duration (write 5s for seconds, 5m for minutes)",
        ),
        (
            "parallel: {a: {tool: t}}\n    join: []",
            f"5:11 wrong-type phases.x.join: expected all, any or a whole number, got an empty list ({JOIN})",
        ),
        (
            "parallel: {a: {tool: t}}\n    join: al",
            '5:11 not-a-choice phases.x.join: "al" is not one of all or any (did you mean all?)',
        ),
        ("parallel: {a: {tool: t}}\n    join: 0", "5:11 bad-value phases.x.join: 0 is too small (the least is 1)"),
        (
            "parallel: {}",
            "4:15 bad-value phases.x.parallel: it is empty (the branches by name, without `next` and `errors`)",
        ),
        (
            "agent: a\n    message: 5",
            '5:14 wrong-type phases.x.message: expected a text or a mapping, got 5 (quote it: "5")',
        ),
        (
            "agent: a\n    message: m\n    output: {a: {b: strr}}",
            "6:21 bad-type phases.x.output.a.b: 'strr' is no type (did you mean str?)",
        ),
    ],
)
def test_a_wrong_value_is_told_in_words_of_yaml(body: str, said: str) -> None:
    """What was expected, what was found, what to type."""
    assert of_phase(body) == [said]


def test_of_a_union_only_the_member_that_was_meant_is_told() -> None:
    """A list with a fault is not also called no text."""
    assert of_phase("tool: t\n    next: [{to: a, max: 0}, {too: b}]") == [
        "5:25 bad-value phases.x.next[0].max: 0 is too small (the least is 1)",
        "5:30 unknown-key phases.x.next[1].too: there is no key `too` here (did you mean to?)",
    ]


def test_yes_and_no_are_texts_and_told_so() -> None:
    """What older YAML took for true and false."""
    text = "description: d\ncommand: [ls]\nenabled: yes\n"
    assert told(CommandTool, text) == [
        '3:10 wrong-type enabled: expected true or false, got "yes" (write true)',
    ]


def test_a_single_text_for_a_list_shows_the_brackets() -> None:
    """The most frequent slip."""
    assert told(Settings, "use: std/qa\n") == [
        '1:6 wrong-type use: expected a list, got "std/qa" (write it in brackets: ["std/qa"])'
    ]


def test_nothing_after_a_key_is_told_as_nothing() -> None:
    """With what the key is for."""
    said = told(AgentSpec, "description: d\nprompt: p\nmodel:\n")
    assert said == [
        "3:7 wrong-type model: expected a text, got nothing (the model that it runs on, by its name in runner.yaml)"
    ]


# ------------------------------------------------------------------------------------------------ kinds


def test_a_phase_of_no_kind_and_of_two_kinds() -> None:
    """Which keys say it, which were found, which one was meant."""
    kinds = "exactly one of agent, tool, workflow, approval, wait, parallel says what it is"
    assert of_phase("agnet: a\n    message: m") == [f"3:3 kind phases.x: {kinds} (did you mean agent?)"]
    both = f"3:3 kind phases.x: it is agent and tool at once; {kinds} (keep one of these keys)"
    assert of_phase("agent: a\n    tool: t") == [both]
    assert of_phase("text") == [f'4:5 wrong-type phases.x: expected a mapping, got "text" ({kinds})']


def test_a_body_of_no_kind_is_the_phase_that_holds_it() -> None:
    """The files know no `body`."""
    assert of_phase("foreach: {in: x}") == [
        "3:3 kind phases.x: exactly one of agent, tool, workflow, approval, wait says what it is ()"
    ]


def test_a_branch_with_a_word_of_records() -> None:
    """The model's own words, at the branch."""
    assert of_phase("parallel:\n      status: {tool: t}") == [
        "5:15 reserved-name phases.x.parallel.status: `status` is a part of every record and cannot name a branch ()"
    ]


def test_an_unknown_provider_is_pointed_at() -> None:
    """The entry's kind is the key `provider`."""
    text = "models:\n  a: {model: x, provider: olama}\n  b: {model: x}\n  c: {provider: openai, modle: x}\n  d: 5\n"
    served = "openai, anthropic, xai, openrouter, deepseek, gemini, groq, mistral, ollama, llamacpp, lmstudio, vllm"
    assert told(Settings, text) == [
        f'2:27 not-a-choice models.a.provider: "olama" is not one of {served} or scripted (did you mean ollama?)',
        "3:3 missing-key models.b.provider: the key `provider` is missing ()",
        "4:25 unknown-key models.c.modle: there is no key `modle` here (did you mean model?)",
        "5:6 wrong-type models.d: expected a mapping, got 5 ()",
    ]


def test_one_step_in_finally_is_like_a_phase() -> None:
    """A union that may also be left out."""
    text = "description: d\nphases: {x: {tool: t}}\nfinally: {agent: 1, message: m}\n"
    assert told(WorkflowSpec, text) == ['3:18 wrong-type finally.agent: expected a text, got 1 (quote it: "1")']


# ------------------------------------------------------------------------------------------------ tools and lists


def test_a_tool_is_told_at_its_place_in_the_pack() -> None:
    """The way begins where the model does."""
    text = "tools:\n  x: {description: d, command: [ls], exit: {'0': ok, 1: noo, 999: ok}, risc: read}\n"
    assert told(CommandTool, text, ("tools", "x")) == [
        '2:45 bad-key tools.x.exit.0: a key is a whole number here, not "0" (write it without quotes)',
        '2:57 not-a-choice tools.x.exit[1]: "noo" is not one of ok or no (did you mean no?)',
        "2:62 bad-value tools.x.exit[999]: 999 is too big (the most is 255)",
        "2:72 unknown-key tools.x.risc: there is no key `risc` here (did you mean risk?)",
    ]


def test_a_list_is_not_called_short_for_its_faulty_entries() -> None:
    """An entry that is refused is there all the same."""
    problems = problems_of(CommandTool, "description: d\ncommand: ['{{ x']\n")
    assert [(one.line, one.column, one.code, one.where) for one in problems] == [(2, 11, "bad-value", "command[0]")]


def test_a_file_that_is_a_list_is_told_by_its_entries() -> None:
    """Replies of the scripted model."""
    assert told(Replies, "- {txt: x}\n- {}\n- 5\n") == [
        "1:4 unknown-key [0].txt: there is no key `txt` here (did you mean text?)",
        '2:3 bad-value [1]: an entry needs `text` or `calls` (the empty answer is `text: ""`)',
        "3:3 wrong-type [2]: expected a mapping, got 5 (known keys: when, text, calls, thinking)",
    ]


def test_a_long_value_is_cut() -> None:
    """A message stays one line."""
    (problem,) = problems_of(AgentSpec, f"description: d\nprompt: p\nmodel: {'Q' * 999}\n")
    assert len(problem.what) < 100
