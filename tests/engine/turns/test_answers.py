"""What a reply comes to: whole JSON, almost JSON, JSON in prose, and what was cut short."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from runner.engine.turns.answers import answer_of, asking_again
from runner.errors import OutputInvalid
from runner.spec.types import parse_fields
from tests.models.badserver import DONE, BadServer, Script, delta

if TYPE_CHECKING:
    from tests.engine.house import House, Told

FIELDS = parse_fields({"count": "int", "names": {"type": ["str"], "default": []}})


@pytest.mark.parametrize(
    "text",
    [
        '{"count": 3}',
        '\n```json\n{"count": 3}\n```\n',
        'Here you are:\n\n```json\n{"count": 3}\n```\nAnything else?',
        'I counted {a, b, c}: {"count": 3}',
        "{'count': 3}",
        '{"count": 3,}',
        '{count: 3, "names": []}',
        '{"count": 3 // three of them\n}',
        '{"count": 3.0}',
    ],
)
def test_an_answer_is_found_in_what_models_write(text: str) -> None:
    """Fences, prose around it, and JSON that is not quite JSON."""
    assert answer_of(text, FIELDS) == {"count": 3, "names": []}


def test_a_value_that_stands_over_several_lines_is_read() -> None:
    """JSON does not allow a line break inside a text; models write it."""
    assert answer_of('{"count": 1, "names": ["a\nb"]}', FIELDS)["names"] == ["a\nb"]


@pytest.mark.parametrize(
    "text",
    [
        '{"count": 3, "names": ["a", "b"',
        '{"count": 3',
        '{"count": 3, "names": ["a", "b}',
        "three",
        "3",
        "[]",
        "{}",
        '{"count": "three"}',
        '{"count": 3, "colour": "red"}',
        'Either {"count": 3} or {"count": 4}.',
        "",
        '"{"',
        "{" * 5000,
        "[" * 100_000,
    ],
)
def test_nothing_is_made_up(text: str) -> None:
    """What is not whole, does not fit, or could be two answers is none."""
    with pytest.raises(OutputInvalid, match="does not fit the declared output"):
        answer_of(text, FIELDS)


@pytest.mark.parametrize(
    "text,told",
    [
        ('{"count": 3, "names": [x', 'a value is missing at character 24, behind `{"count": 3, "names": [`'),
        ('{"count": 3, "names": ["a"', "a comma or a closing bracket is missing at character 27, behind "),
        ('{"count" 3', 'a colon is missing at character 10, behind `{"count"`'),
        ('{"count": 3, names', 'a name in double quotes is missing at character 14, behind `{"count": 3,`'),
        ('{"count": 3, "names": ["a', "a text is never closed that begins at character 24, behind "),
        ('{"count": "\\q"', "a backslash stands before what it cannot stand before at character 12, behind "),
        ("three", "a value is missing at character 1"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(text: str, told: str) -> None:
    """In words of our own, which a model can use when it is asked again."""
    with pytest.raises(OutputInvalid) as fault:
        answer_of(text, FIELDS)
    assert f"output: it is no JSON: {told}" in fault.value.message


def test_an_answer_that_was_cut_short_is_asked_for_again_and_shorter() -> None:
    """It is not mended, and the model is told why."""
    with pytest.raises(OutputInvalid, match="cut short") as fault:
        answer_of('{"count": 3, "names": ["a", "b"', FIELDS, "length")
    assert asking_again(fault.value.message, "length").endswith("Answer again, shorter; give nothing but the answer.")


def test_a_whole_answer_stands_although_the_words_behind_it_were_cut() -> None:
    """What the model went on to say does not matter."""
    assert answer_of('{"count": 3}\n\nThis is because', FIELDS, "length")["count"] == 3


def test_a_text_stands_as_it_is() -> None:
    """Without `output` there is nothing that it must fit; one that was cut short is still worth having."""
    assert answer_of(" {count", None, "length") == " {count"


# ------------------------------------------------------------------------------------------------------- in a run

SERVED = """
models: {default: {provider: vllm, model: tiny, base_url: "URL"}}
"""


def script(text: str, finish: str = "stop") -> Script:
    """A served answer."""
    return Script([delta(content=text), delta(finish), DONE])


def served(house: House, *scripts: Script, agent: str = "") -> tuple[Told, list[list[dict[str, str]]]]:
    """What a run tells whose model is served so, and the messages of each request."""
    house.write("agents.d/helper.yaml", f"description: Answers.\nprompt: You answer.\n{agent}")
    house.workflow("a: {agent: helper, message: Go.}")

    async def scenario() -> tuple[Told, list[list[dict[str, str]]]]:
        async with BadServer(*scripts) as server:
            house.write("runner.yaml", SERVED.replace("URL", server.url))
            return await house.run(), [body["messages"] for body in server.bodies]

    return asyncio.run(scenario())


def test_a_cut_object_is_asked_for_again_within_the_visit(house: House) -> None:
    """The model reads its own half answer and that it was cut short."""
    half = script('{"count": 3, "na', "length")
    told, asked = served(house, half, script('{"count": 3}'), agent="output: {count: int}\n")
    assert told.end.output == {"count": 3}
    assert [message["role"] for message in asked[1]] == ["system", "user", "assistant", "user"]
    assert "cut short" in asked[1][-1]["content"]
    assert "shorter" in asked[1][-1]["content"]


def test_a_cut_text_is_an_answer_and_its_record_in_the_journal_says_so(house: House) -> None:
    """Half a report is more than none: the phase is ok, `finish` of the reply tells the rest."""
    told, asked = served(house, script("Once upon a", "length"))
    assert (told.end.verdict, told.end.output) == ("pass", "Once upon a")
    assert told.of("model.replied")[0].finish == "length"
    assert len(asked) == 1


def test_an_empty_answer_is_told_with_what_may_help(house: House) -> None:
    """After as many attempts as a model gets."""
    told, asked = served(house, script(" "))
    assert len(asked) == 3
    fault = told.record("a/1").error
    assert fault is not None
    more = "`sampling` of agents.d/helper.yaml may leave it too few `max_tokens`"
    assert fault.hint == f"name a `fallback` of models.default in runner.yaml; {more}"


def test_an_answer_that_stays_wrong_is_asked_for_three_times_and_then_told(house: House) -> None:
    """The fault names what is wrong with the last one."""
    told, asked = served(house, script(json.dumps({"count": "many"})), agent="output: {count: int}\n")
    assert len(asked) == 3
    assert (told.end.verdict, told.end.evidence["match"]) == ("error", "output")
    assert "model default: the answer does not fit the declared output: count: expected a whole number" in told.end.why
    fault = told.record("a/1").error
    assert fault is not None
    assert "more plainly in agents.d/helper.yaml what it is to answer" in fault.hint
