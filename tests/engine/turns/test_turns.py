"""The turns of an agent: its calls side by side, faults fed back, answers that must fit, limits."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING

import pytest

from runner.engine.turns.conversation import whole
from runner.runs.live import Delta
from tests.engine.acting import ended, fault, start, until
from tests.engine.house import House, Told
from tests.models.badserver import DONE, BadServer, Script, delta

if TYPE_CHECKING:
    from pathlib import Path

    from runner.models.port import Message

AGENT = """
description: Answers.
prompt: You answer.
tools: [test/*]
"""
ODD = r"""
description: Odd output.
tools:
  odd:
    description: Clears the screen and turns the direction of reading.
    command: [printf, 'a\033[2Jb\342\200\256c\nd']
    risk: read
"""
ONE = "a: {agent: helper, message: Go.}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house whose agent may call every tool of the tests."""
    house = House(tmp_path)
    house.write("agents.d/helper.yaml", AGENT)
    return house


def answered(house: House, replies: str, phases: str = ONE, **agent: str) -> Told:
    """What a run tells in which the model answers so; further fields of the agent by name."""
    house.write("replies.yaml", replies)
    if agent:
        house.write("agents.d/helper.yaml", AGENT + "".join(f"{key}: {value}\n" for key, value in agent.items()))
    return house.told(phases)


def sent(told: Told, path: str) -> list[Message]:
    """The conversation of a visit, as a model is sent it."""
    return whole(told.state, path)


# --------------------------------------------------------------------------------------------------------- calls


def test_the_calls_of_one_turn_run_side_by_side(house: House) -> None:
    """Each waits until the other has come in: one after the other they would never end."""
    told = answered(
        house,
        """
        - {calls: [{tool: meet, with: {others: "2"}}, {tool: meet, with: {others: "2"}}]}
        - {text: Met.}
        """,
    )
    assert told.end.verdict == "pass"
    assert told.call("a/1/turn-1/call-1").ok
    assert told.call("a/1/turn-1/call-2").ok


def test_results_go_to_the_model_in_the_order_of_the_calls(house: House) -> None:
    """The second call returns first; the model still reads the first one's result first."""
    house.write(
        "replies.yaml",
        """
        - calls: [{tool: when_there, with: {file: go}}, {tool: note, with: {file: go, text: second}}]
        - {text: Done.}
        """,
    )
    told = house.told(ONE)
    assert [event.path for event in told.of("tool.returned")] == ["a/1/turn-1/call-2", "a/1/turn-1/call-1"]
    messages = sent(told, "a/1")
    assert [message.role for message in messages] == ["system", "user", "assistant", "tool", "tool", "assistant"]
    calls = told.of("model.replied")[0].calls
    assert [message.call_id for message in messages[3:5]] == [call.id for call in calls]
    assert '"noted": "second"' in messages[4].text


def test_invalid_arguments_are_fed_back_and_nothing_is_run(house: House) -> None:
    """The model reads which argument is wrong and what was expected, and mends its call."""
    told = answered(
        house,
        """
        - {when: {turn: 2, contains: "text: expected a text, got 7"}, calls: [{tool: note, with: {text: seven}}]}
        - {when: {turn: 3}, text: Done.}
        - {calls: [{tool: note, with: {text: 7, colour: red}}]}
        """,
    )
    assert told.end.verdict == "pass"
    error = told.call("a/1/turn-1/call-1").error
    assert error is not None
    assert "colour" in error.message
    assert house.notes() == ["seven"]


def test_an_unknown_tool_is_fed_back_with_those_that_there_are(house: House) -> None:
    """The model reads its tools and takes one of them."""
    told = answered(
        house,
        """
        - {when: {turn: 2, contains: "there is no tool `notes`"}, text: I see.}
        - {calls: [{tool: notes}]}
        """,
    )
    assert told.end.output == "I see."
    assert "note" in sent(told, "a/1")[3].text.partition("your tools:")[2]
    assert told.of("tool.called") == []


def test_a_tool_that_exists_but_is_not_the_agents_is_unknown_to_it(house: House) -> None:
    """What an agent does not list it cannot call, whatever its model says."""
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [green]\n")
    house.write("replies.yaml", "- {calls: [{tool: note, with: {text: x}}]}\n- {text: Done.}\n")
    told = house.told(ONE)
    assert told.call("a/1/turn-1/call-1").status == "failed"
    assert house.notes() == []


def test_a_failed_tool_is_fed_back_with_its_hint(house: House) -> None:
    """A tool's fault is the model's to adapt to; the phase goes on."""
    tools = (house.root / "tools.d/test.yaml").read_text()
    house.write("tools.d/test.yaml", tools.replace("description: Cannot be done.", "description: B.\n    hint: Leave."))
    told = answered(house, '- {when: {turn: 2, contains: "hint: Leave."}, text: Left.}\n- {calls: [{tool: broken}]}\n')
    assert told.end.output == "Left."


def test_a_no_is_fed_back_as_a_result(house: House) -> None:
    """Red tests are no fault: the model reads the word and the output."""
    told = answered(house, '- {when: {turn: 2, contains: "no: {"}, text: Red.}\n- {calls: [{tool: red}]}\n')
    assert told.end.output == "Red."


def test_a_result_is_bounded_before_the_model_reads_it(house: House) -> None:
    """Head and tail stay, and how much was left out is said; the record keeps what the tool gave."""
    house.write("replies.yaml", "- {calls: [{tool: note, with: {text: '" + "x" * 60_000 + "'}}]}\n- {text: Done.}\n")
    told = house.told(ONE)
    text = sent(told, "a/1")[3].text
    assert 40_000 < len(text) < 41_000
    assert "characters left out" in text
    assert len(told.call("a/1/turn-1/call-1").output["noted"]) == 60_000


def test_control_characters_of_a_result_are_escaped_before_the_model_reads_them(house: House) -> None:
    """What could move a cursor or turn the reading direction is shown as what it is."""
    house.write("tools.d/odd.yaml", ODD)
    house.write("agents.d/helper.yaml", AGENT.replace("test/*", "odd"))
    told = answered(house, "- {calls: [{tool: odd}]}\n- {text: Done.}\n")
    text = sent(told, "a/1")[3].text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert told.call("a/1/turn-1/call-1").output["text"] == "a\x1b[2Jb\u202ec\nd"


# ------------------------------------------------------------------------------------------------------- answers


def test_an_answer_that_does_not_fit_is_asked_for_again(house: House) -> None:
    """The model is told what is wrong with it and answers once more."""
    told = answered(
        house,
        """
        - {when: {turn: 1}, text: {count: many}}
        - {when: {turn: 2, contains: "count: expected a whole number"}, text: {count: 3}}
        """,
        output="{count: int}",
    )
    assert told.end.output == {"count": 3}
    assert len(told.of("model.retried")) == 1


def test_an_answer_that_never_fits_fails_with_match_output(house: House) -> None:
    """After two more tries the phase has failed, and `errors` can route it."""
    told = answered(
        house,
        "- {text: Three.}",
        "a: {agent: helper, message: Go., errors: [{match: output, to: b}]}\nb: {tool: green}",
        output="{count: int}",
    )
    assert told.end.verdict == "pass"
    assert len(told.of("model.requested")) == 3
    assert fault(told.record("a/1")).match == "output"


@pytest.mark.parametrize(
    "text", ['"```json\\n{\\"count\\": 3}\\n```"', '"```\\n{\\"count\\": 3}\\n```\\n"', "{count: 3}"]
)
def test_an_answer_in_a_fence_is_read(house: House, text: str) -> None:
    """Many models put their JSON into a fenced block."""
    told = answered(house, f"- {{text: {text}}}", output="{count: int}")
    assert told.end.output == {"count": 3}
    assert told.of("model.retried") == []


def test_a_phases_output_replaces_the_agents(house: House) -> None:
    """The same agent gives another answer where a phase asks for one."""
    told = answered(
        house,
        "- {text: {colour: red}}",
        "a: {agent: helper, message: Go., output: {colour: str}}",
        output="{count: int}",
    )
    assert told.end.output == {"colour": "red"}


def test_an_answer_that_stays_empty_fails_with_match_model(house: House) -> None:
    """It is the model's failure, not the tool's or the output's."""
    told = answered(house, '- {text: ""}')
    assert (told.end.verdict, told.end.evidence["match"]) == ("error", "model")
    assert [failed.trouble for failed in told.of("model.failed")] == ["empty"] * 3
    assert [requested.attempt for requested in told.of("model.requested")] == [1, 2, 3]
    assert "(3 attempts)" in told.end.why


# -------------------------------------------------------------------------------------------------------- limits


def test_a_reply_with_very_many_calls_has_the_first_ones_made(house: House) -> None:
    """They run side by side, each as a process; the model is told of the rest."""
    calls = [{"tool": "nap", "with": {"seconds": f"0.{number}"}} for number in range(100, 170)]
    house.write("replies.yaml", json.dumps([{"when": {"turn": 1}, "calls": calls}, {"text": "Done."}]))
    told = house.told(ONE)
    assert len(told.of("tool.called")) == 64
    error = told.call("a/1/turn-1/call-65").error
    assert error is not None
    assert (error.match, error.hint) == ("budget", "make fewer calls at a time")
    assert told.end.output == "Done."


def test_the_same_call_is_refused_once_and_then_ends_the_visit(house: House) -> None:
    """After `same_call` times the model is told; when it insists, the visit fails with match budget."""
    told = answered(
        house,
        "".join(f"- {{when: {{turn: {turn}}}, calls: [{{tool: note, with: {{text: x}}}}]}}\n" for turn in range(1, 9)),
        limits="{same_call: 2}",
    )
    assert house.notes() == ["x", "x"]
    assert len(told.of("model.requested")) == 4
    assert fault(told.call("a/1/turn-3/call-1")).match == "budget"
    assert told.end.evidence["match"] == "budget"
    assert "limits.same_call" in told.end.why


def test_the_same_call_is_counted_apart_for_each_visit_and_for_other_arguments(house: House) -> None:
    """Other arguments are another call, and a fresh visit begins to count anew."""
    told = answered(
        house,
        """
        - {when: {turn: 1}, calls: [{tool: note, with: {text: x}}, {tool: note, with: {text: y}}]}
        - {text: Done.}
        """,
        'a: {agent: helper, message: "1"}\nb: {agent: helper, message: "2"}',
        limits="{same_call: 1}",
    )
    assert told.end.verdict == "pass"
    assert sorted(house.notes()) == ["x", "x", "y", "y"]


def test_turns_bound_the_model_calls_of_a_visit(house: House) -> None:
    """The agent's limit is a failure of its phase, which `errors` can route."""
    told = answered(
        house,
        "".join(
            f"- {{when: {{turn: {turn}}}, calls: [{{tool: note, with: {{text: '{turn}'}}}}]}}\n" for turn in range(1, 9)
        ),
        "a: {agent: helper, message: Go., errors: [{match: budget, to: b}]}\nb: {tool: green}",
        limits="{turns: 3}",
    )
    assert told.end.verdict == "pass"
    assert len(told.of("model.requested")) == 3
    assert "`turns`: 3 of 3 model calls" in fault(told.record("a/1")).message


def test_tokens_bound_what_a_run_may_use(house: House) -> None:
    """The call that goes beyond is the last one; the verdict names the limit."""
    house.write("replies.yaml", "- {text: " + "word " * 200 + "}")
    house.workflow("a: {agent: helper, message: Go.}\nb: {agent: helper, message: Go.}", head="limits: {tokens: 100}")
    told = asyncio.run(house.run())
    assert (told.end.verdict, told.end.evidence["limit"]) == ("error", "tokens")
    assert len(told.of("model.requested")) == 1


def test_visits_bound_how_often_a_phase_is_entered(house: House) -> None:
    """One visit too many is a failed record with match budget."""
    told = house.told(
        """
        a: {tool: red, limits: {visits: 2}, errors: [{match: budget, to: c}], next: b}
        b: {tool: green, next: [{when: phases.b.visits > 5, to: pass}, {to: a, max: 9}]}
        c: {tool: note, with: {text: routed}}
        """
    )
    assert [path for path in told.visits() if path.startswith("a/")] == ["a/1", "a/2", "a/3"]
    assert fault(told.record("a/3")).match == "budget"
    assert house.notes() == ["routed"]


# -------------------------------------------------------------------------------------------------- model failures


def test_a_failed_model_is_routed_by_match_model(house: House) -> None:
    """The scripted model has no answer for this: the phase failed, the run goes on where `errors` says."""
    told = answered(
        house,
        "- {when: {agent: nobody}, text: Never.}",
        "a: {agent: helper, message: Go., errors: [{match: unavailable, to: fail}, {match: model, to: pass}]}",
    )
    assert told.end.verdict == "pass"
    assert fault(told.record("a/1")).hint.startswith("add an entry to replies.yaml")


def test_an_unavailable_model_is_routed_by_match_unavailable(house: House) -> None:
    """Its key is not set: opening marked it, the call says so."""
    settings = (house.root / "runner.yaml").read_text()
    house.write(
        "runner.yaml",
        settings.replace("models:\n", "models:\n  far: {provider: openrouter, model: x, key: '${NO_SUCH_KEY_SET}'}\n"),
    )
    told = answered(
        house,
        "- {text: Done.}",
        "a: {agent: helper, message: Go., errors: [{match: model, to: fail}, {match: unavailable, to: pass}]}",
        model="far",
    )
    assert told.end.verdict == "pass"
    assert "not set" in fault(told.record("a/1")).message


def test_a_model_that_does_not_answer_in_time_is_routed_by_match_timeout(house: House) -> None:
    """A server that takes connections and says nothing: the call is given up after the phase's timeout."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        house.write("runner.yaml", f"models: {{default: {{provider: openai, model: x, key: none, base_url: '{url}'}}}}")
        told = house.told("a: {agent: helper, message: Go., timeout: 1s, errors: [{match: timeout, to: pass}]}")
    assert told.end.verdict == "pass"
    assert fault(told.record("a/1")).match == "timeout"


# ----------------------------------------------------------------------------------------------------------- live


def test_a_models_words_reach_those_who_watch(house: House) -> None:
    """Pieces with their offsets add up to the text that is journaled."""
    text = "A long answer in many words, so that it comes in pieces. " * 3

    async def scene() -> None:
        house.write("replies.yaml", f"- {{text: {text!r}}}")
        house.workflow(ONE)
        async with house.engine() as engine:
            watching = engine.live.subscribe(None)
            run = await start(engine)
            told = await ended(engine, run)
            items = [await anext(watching)]
            while getattr(items[-1], "type", "") != "run.ended":
                items.append(await anext(watching))
            deltas = [item for item in items if isinstance(item, Delta)]
            assert len(deltas) > 2
            assert "".join(delta.text for delta in deltas) == told.of("model.replied")[0].text
            assert [delta.offset for delta in deltas] == [
                sum(len(earlier.text) for earlier in deltas[:index]) for index in range(len(deltas))
            ]
            assert {delta.path for delta in deltas} == {"a/1/turn-1"}
            await until(lambda: engine.live.text_so_far(run) == [])

    asyncio.run(scene())


def test_a_secret_in_two_pieces_is_shown_to_nobody(house: House) -> None:
    """What may be its beginning waits for what follows; what was none is shown whole."""
    pieces = ["It is hunter2-a", "nd-more, hunt", "er2-and-less, hunter"]

    async def scene() -> None:
        script = Script([*(delta(content=piece) for piece in pieces), delta("stop"), DONE])
        async with BadServer(script) as server:
            spec = f'{{provider: openai, model: x, key: "${{LAB_KEY}}", base_url: "{server.url}"}}'
            house.write("runner.yaml", f"models: {{default: {spec}}}\n")
            house.write(".env", "LAB_KEY=hunter2-and-more\n")
            house.workflow(ONE)
            async with house.engine() as engine:
                watching = engine.live.subscribe(None)
                told = await ended(engine, await start(engine))
                items = [await anext(watching)]
                while getattr(items[-1], "type", "") != "run.ended":
                    items.append(await anext(watching))
        shown = [item for item in items if isinstance(item, Delta)]
        assert "".join(piece.text for piece in shown) == "It is ***, hunter2-and-less, hunter"
        assert told.of("model.replied")[0].text == "It is ***, hunter2-and-less, hunter"
        assert shown[0].text == "It is "

    asyncio.run(scene())
