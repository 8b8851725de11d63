"""Rule R1: the seven kinds of phase, and the keys they share, as they run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.engine.acting import ended, start
from tests.engine.house import House, Told


def test_an_agent_answers_the_message_it_is_given(house: House) -> None:
    """The rendered prompts are journaled; the answer is the phase's output."""
    told = house.told('ask: {agent: helper, message: "Say {{ inputs.word }}."}', head="inputs: {word: str}", word="yes")
    (prompt,) = told.of("prompt.rendered")
    assert (prompt.path, prompt.message) == ("ask/1", "Say yes.")
    assert (told.record("ask/1").output, told.end.verdict) == ("Done.", "pass")


def test_a_phase_may_ask_an_agent_for_fields_of_its_own(house: House) -> None:
    """`output` on the phase replaces the agent's own: the answer is read as these fields."""
    house.write("replies.yaml", "- {text: {goals: [a, b]}}")
    told = house.told("ask: {agent: helper, message: Goals?, output: {goals: [str]}}")
    assert told.record("ask/1").output == {"goals": ["a", "b"]}


def test_a_tool_is_called_with_the_rendered_arguments(house: House) -> None:
    """The call's record is the phase's; what it did is there."""
    told = house.told("""mark: {tool: note, with: {text: "n {{ inputs.n + 1 }}"}}""", head="inputs: {n: int}", n=6)
    assert house.notes() == ["n 7"]
    assert told.record("mark/1").output == told.call("mark/1").output == {"noted": "n 7"}


def test_a_workflow_runs_as_a_phase(house: House) -> None:
    """Its last output is the phase's."""
    house.workflow("mark: {tool: note, with: {text: inside}}", name="inner")
    told = house.told("sub: {workflow: inner}")
    assert house.notes() == ["inside"]
    assert told.record("sub/1").output == {"noted": "inside"}


@pytest.mark.parametrize(
    "decision, status, phase",
    [("approve", "ok", "yes"), ("deny", "no", "refused")],
)
def test_an_approval_waits_for_a_person(house: House, decision: str, status: str, phase: str) -> None:
    """The run is rows until somebody answers; yes is ok and no is no, and both go by `next`."""
    house.workflow(
        """
        gate:
          approval: {ask: "Go on with {{ inputs.what }}?", show: "All of {{ inputs.what }}"}
          next: [{when: phases.gate.ok, to: yes}, {to: refused}]
        yes: {tool: green, next: pass}
        refused: {tool: green, next: pass}
    """,
        head="inputs: {what: str}",
    )
    told = asyncio.run(answered(house, decision))
    (asked,) = told.of("approval.asked")
    assert (asked.ask, asked.show, len(told.of("run.waiting"))) == ("Go on with it?", "All of it", 1)
    assert told.record("gate/1").status == status
    assert told.record("gate/1").output == {"by": "ann", "note": "as agreed"}
    assert told.route == [phase, "pass"]


async def answered(house: House, decision: str) -> Told:
    """The run's journal once its one question was answered."""
    async with house.engine() as engine:
        run = await start(engine, what="it")
        await engine.settled(run)
        (approval,) = engine.store.approvals(run=run)
        assert Told(engine.store.events(run)).state.ended is None
        await engine.decide(approval.id, "approve" if decision == "approve" else "deny", by="ann", note="as agreed")
        await engine.settled(run)
        return Told(engine.store.events(run))


def test_a_question_that_nobody_answers_in_time_has_failed(house: House) -> None:
    """It goes by `errors` with match `timeout`."""
    house.workflow("""
        gate: {approval: {ask: Well?, deadline: 1ms}, errors: [{match: timeout, to: late}]}
        late: {tool: green}
    """)
    told = asyncio.run(over(house))
    assert told.statuses("gate/1", "late/1") == ["failed", "ok"]
    assert told.of("approval.decided")[0].decision == "expired"


async def over(house: House) -> Told:
    """The run's journal once it has ended, however long it waited."""
    async with house.engine() as engine:
        return await ended(engine, await start(engine))


def test_a_wait_goes_on_when_its_time_has_come(house: House) -> None:
    """`for` is counted from the visit's beginning; the output is the time it went on at."""
    house.workflow("pause: {wait: {for: 20ms}}\nafter: {tool: green}")
    told = asyncio.run(over(house))
    (timer,) = told.of("timer.set")
    assert told.of("timer.fired")[0].time >= timer.until
    assert told.record("pause/1").output["until"].startswith("20")
    assert told.visits() == ["pause/1", "after/1"]


def test_a_wait_until_a_time_that_has_passed_does_not_wait(house: House) -> None:
    """`until` is an expression that gives an ISO time."""
    told = house.told(
        "pause: {wait: {until: inputs.when}}", head="inputs: {when: str}", when="2020-01-01T00:00:00+00:00"
    )
    assert told.record("pause/1").output == {"until": "2020-01-01T00:00:00+00:00"}
    assert told.of("run.waiting") == []


def test_a_wait_until_what_is_no_time_has_failed(house: House) -> None:
    """The fault says what the expression gave."""
    told = house.told("pause: {wait: {until: inputs.when}}", head="inputs: {when: str}", when="tomorrow")
    fault = told.record("pause/1").error
    assert fault is not None
    assert fault.match == "output"
    assert "'tomorrow'" in fault.message


def test_branches_of_a_parallel_are_one_phase(house: House) -> None:
    """Each branch leaves its record under the phase's path; the phase's output has a field for each."""
    told = house.told("both: {parallel: {a: {tool: green}, b: {agent: helper, message: Hi}}}")
    assert told.statuses("both/1", "both/1/a", "both/1/b") == ["ok", "ok", "ok"]
    assert told.record("both/1").output["b"] == "Done."


def test_a_foreach_does_its_body_for_each_item(house: House) -> None:
    """`item` is the name of the item unless `as` says another."""
    house.told(
        """many: {foreach: {in: inputs.ids}, tool: note, with: {text: "{{ item }}"}}""", head=IDS, ids=["a", "b"]
    )
    assert house.notes() == ["a", "b"]


IDS = "inputs: {ids: [any]}"


def test_a_phase_works_in_the_workspace_it_names(house: House) -> None:
    """A template, read from the root of the project; the other phases stay in the run's own."""
    (house.root / "elsewhere").mkdir()
    house.told(
        """
        there: {tool: note, with: {text: there}, workspace: "{{ inputs.where }}"}
        here: {tool: note, with: {text: here}}
    """,
        head="inputs: {where: str}",
        where="elsewhere",
    )
    assert (house.notes("elsewhere/notes"), house.notes()) == (["there"], ["here"])


def test_a_workspace_outside_those_of_the_settings_is_refused(house: House, tmp_path: Path) -> None:
    """The phase has failed by policy and nothing was done."""
    told = house.told("""there: {tool: note, with: {text: there}, workspace: ".."}""")
    fault = told.record("there/1").error
    assert fault is not None
    assert (fault.match, told.of("tool.called")) == ("policy", [])
    assert not (tmp_path.parent / "notes").exists()


def test_a_phase_s_timeout_holds_for_each_of_its_calls(house: House) -> None:
    """A duration stands in place of a class."""
    told = house.told("slow: {tool: nap, with: {seconds: '300'}, timeout: 50ms}")
    fault = told.record("slow/1").error
    assert fault is not None
    assert fault.match == "timeout"
    assert "0.05 s" in fault.message


def test_a_failed_phase_is_tried_again_as_often_as_retry_says(house: House) -> None:
    """One visit, one record; each try is a call of its own."""
    told = house.told("""
        shaky: {tool: flip, with: {file: shaky, after: 3}, retry: {max: 3, on: [tool], delay: 1ms..2ms}}
    """)
    assert [event.path for event in told.of("tool.called")] == ["shaky/1", "shaky/1/try-2", "shaky/1/try-3"]
    assert (told.record("shaky/1").output, told.visits()) == ({"count": 3}, ["shaky/1"])


def test_what_retry_does_not_name_is_not_tried_again(house: House) -> None:
    """A failed tool is no time-out."""
    told = house.told("shaky: {tool: broken, retry: {max: 3, on: [timeout], delay: 1ms..2ms}}")
    assert len(told.of("tool.called")) == 1


def test_an_answer_of_no_is_not_tried_again(house: House) -> None:
    """It was done, and the answer is no."""
    told = house.told("check: {tool: red, retry: {max: 3, delay: 1ms..2ms}}")
    assert len(told.of("tool.called")) == 1
    assert told.record("check/1").status == "no"


def test_a_phase_that_went_on_failing_has_the_last_fault(house: House) -> None:
    """After the last try there is no other."""
    told = house.told("shaky: {tool: flip, with: {file: shaky, after: 9}, retry: {max: 1, delay: 1ms..2ms}}")
    fault = told.record("shaky/1").error
    assert fault is not None
    assert fault.message == "asked 2 times"
    assert told.end.verdict == "error"


def test_a_phase_is_entered_no_more_often_than_its_limit_of_visits(house: House) -> None:
    """One visit too many has failed with match `budget`, before anything was done."""
    told = house.told("""
        mark: {tool: note, with: {text: x}, limits: {visits: 2}, errors: [{match: budget, to: done}], next: again}
        again: {tool: green, next: [{when: "true", to: mark, max: 9}, {to: pass}]}
        done: {tool: green, next: pass}
    """)
    assert told.statuses("mark/1", "mark/2", "mark/3") == ["ok", "ok", "failed"]
    assert len(house.notes()) == 2
    assert told.route[-2:] == ["done", "pass"]
