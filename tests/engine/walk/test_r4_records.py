"""Rule R4: the one record that everything leaves, how failures are routed by it, and what templates see of it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from runner.runs.events import BranchStarted, ItemStarted, PhaseEntered, ToolCalled
from tests.engine.acting import answered_after_restart, ended, has, start
from tests.engine.house import House, Told

SHOW = """{tool: note, with: {text: "{{ phases.%s | tojson }}"}}"""
UNKNOWN_PROGRAM = """
description: What is not there.
tools:
  absent: {description: Not installed., command: [no-such-program-anywhere], risk: read}
  refused: {description: Not allowed., command: ["true"], risk: write}
"""
RULES = """
models:
  default: {provider: scripted, replies: replies.yaml}
  keyless: {provider: openrouter, model: any/any}
permissions:
  - {tool: "test/*", action: allow}
  - {tool: refused, action: deny}
"""
MATCHES = {
    "timeout": "tool: nap, with: {seconds: '300'}, timeout: 20ms",
    "budget": "agent: helper, message: Hi, limits: {turns: 1}, output: {answer: str}",
    "tool": "tool: broken",
    "model": "agent: mute, message: Hi",
    "output": "foreach: {in: inputs.text}, tool: green",
    "policy": "tool: refused",
    "unavailable": "tool: absent",
}
"""One way to fail for each word."""


@pytest.fixture
def fragile(house: House) -> House:
    """A house in which one can fail in every way."""
    house.write("runner.yaml", RULES)
    house.write("tools.d/more.yaml", UNKNOWN_PROGRAM)
    house.write("agents.d/mute.yaml", "description: Has no reply.\nprompt: You say nothing.\n")
    house.write("replies.yaml", "- {when: {agent: helper}, text: Done.}")
    return house


def shown(house: House) -> Any:
    """What the one note says, read as JSON."""
    (line,) = house.notes()
    return json.loads(line)


def routed(house: House, body: str, match: str) -> Told:
    """A run of a phase with one entry in `errors`."""
    return house.told(
        f"""
        first: {{tool: fields, next: [{{when: phases.first.ok, to: bad}}, {{to: caught}}]}}
        bad: {{{body}, errors: [{{match: {match}, to: caught}}], next: pass}}
        caught: {{tool: green, next: fail}}
        """,
        head="inputs: {text: any}",
        text="no list",
    )


# ------------------------------------------------------------------------------------------------------- statuses


@pytest.mark.parametrize("tool, status, ok", [("green", "ok", True), ("red", "no", False), ("broken", "failed", False)])
def test_a_phase_has_the_record_of_its_call(house: House, tool: str, status: str, ok: bool) -> None:
    """ok: done, yes; no: done, and the answer is no; failed: could not be done."""
    told = house.told(f"check: {{tool: {tool}, next: pass}}")
    record = told.record("check/1")
    assert (record.status, record.ok, record.visits) == (status, ok, 1)
    assert told.call("check/1") == record
    assert (record.error is None) == (status != "failed")


def test_a_no_goes_by_next_and_a_failure_by_errors(house: House) -> None:
    """`errors` does not see a no, `next` does not see a failure."""
    told = house.told("""
        no: {tool: red, errors: [{match: any, to: error}], next: failure}
        failure: {tool: broken, errors: [{match: any, to: end}], next: error}
        end: {tool: green}
    """)
    assert told.route == ["failure", "end", "pass"]
    assert [event.via for event in told.of("edge.taken")] == ["next", "errors", "next"]


def test_everything_that_began_has_left_one_record(house: House) -> None:
    """Phases, branches, items and tool calls alike, however they ended."""
    house.workflow("a: {tool: green}\nb: {tool: red, next: fail}", name="inner")
    told = house.told("""
        work:
          parallel: {yes: {tool: green}, no: {tool: red}, bad: {tool: broken}, sub: {workflow: inner}}
          errors: [{match: any, to: each}]
        each: {foreach: {in: "[1, 2]", max_failures: 2}, workflow: inner}
    """)
    begun = [event.path for event in told.events if isinstance(event, PhaseEntered | BranchStarted | ItemStarted)]
    left = [event.path for event in told.events if event.type in LEFT]
    assert sorted(begun) == sorted(left)
    assert len(begun) == len(set(begun)) == 2 + 4 + 2 + 3 * 2
    calls = [event.path for event in told.events if isinstance(event, ToolCalled)]
    assert sorted(calls) == sorted(event.path for event in told.of("tool.returned"))


LEFT = {"phase.left", "phase.failed", "branch.left", "item.left"}


def test_a_cancelled_run_leaves_cancelled_records(house: House) -> None:
    """What was at work when the order came: the phase, its branches, their calls."""
    house.workflow("""
        before: {tool: green}
        work: {parallel: {quick: {tool: green}, slow: {tool: sleeper}}}
    """)

    async def cancelled() -> Told:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "branch.left")
            await engine.cancel(run, by="ann")
            return await ended(engine, run)

    told = asyncio.run(cancelled())
    assert told.statuses("before/1", "work/1", "work/1/quick", "work/1/slow") == ["ok", "cancelled", "ok", "cancelled"]
    assert (told.call("work/1/slow").status, told.end.verdict) == ("cancelled", "cancelled")


def test_a_model_s_calls_leave_records_too(house: House) -> None:
    """A failed call is read by the model; the agent's phase is ok all the same."""
    house.write("agents.d/helper.yaml", "description: Calls.\nprompt: You call.\ntools: [test/*]\n")
    house.write(
        "replies.yaml",
        """
        - {when: {turn: 1}, calls: [{tool: green}, {tool: red}, {tool: broken}]}
        - {text: Done.}
    """,
    )
    told = house.told("ask: {agent: helper, message: Go}")
    calls = [told.call(f"ask/1/turn-1/call-{number}").status for number in (1, 2, 3)]
    assert (calls, told.record("ask/1").status) == (["ok", "no", "failed"], "ok")


# -------------------------------------------------------------------------------------------------------- routing


@pytest.mark.parametrize("match", MATCHES)
def test_a_failure_goes_by_the_word_for_it(fragile: House, match: str) -> None:
    """Each of the words, by a failure of its kind."""
    told = routed(fragile, MATCHES[match], match)
    fault = told.record("bad/1").error
    assert fault is not None
    assert (fault.match, told.route) == (match, ["bad", "caught", "fail"])
    assert told.of("edge.taken")[1].expression == f"match {match}"


@pytest.mark.parametrize("match", MATCHES)
def test_any_takes_every_failure(fragile: House, match: str) -> None:
    """The word of the failure is in the edge's values."""
    told = routed(fragile, MATCHES[match], "any")
    assert told.route == ["bad", "caught", "fail"]
    assert told.of("edge.taken")[1].values == {"error": match}


@pytest.mark.parametrize("match", MATCHES)
def test_a_failure_that_no_entry_takes_ends_the_run_in_error(fragile: House, match: str) -> None:
    """Entries for other words are passed over; the verdict's evidence is the fault."""
    told = routed(fragile, MATCHES[match], "tool" if match != "tool" else "model")
    assert (told.route, told.end.verdict) == (["bad"], "error")
    assert told.end.evidence["phase"] == "bad/1"
    assert told.end.evidence["match"] == match
    assert told.end.why.startswith("`bad/1` failed: ")


def test_the_first_entry_that_fits_takes_the_failure(house: House) -> None:
    """In the order of the file."""
    told = house.told("""
        bad: {tool: broken, errors: [{match: model, to: a}, {match: tool, to: b}, {match: any, to: c}], next: a}
        a: {tool: green, next: pass}
        b: {tool: green, next: c}
        c: {tool: green, next: fail}
    """)
    assert told.visits() == ["bad/1", "b/1", "c/1"]
    assert told.of("edge.taken")[0].index == 1


def test_a_model_that_cannot_be_used_is_unavailable(fragile: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names what is missing."""
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    fragile.write("agents.d/mute.yaml", "description: Has no key.\nmodel: keyless\nprompt: You say nothing.\n")
    told = routed(fragile, "agent: mute, message: Hi", "unavailable")
    fault = told.record("bad/1").error
    assert fault is not None
    assert "OPENROUTER_API_KEY" in fault.message
    assert told.route == ["bad", "caught", "fail"]


@pytest.mark.parametrize(
    "body",
    [
        """tool: note, with: {text: "{{ phases.first.output.data.nonsense }}"}""",
        """agent: helper, message: "{{ phases.first.output.data.nonsense }}\"""",
        """approval: {ask: "{{ phases.first.output.data.nonsense }}"}""",
        """wait: {until: phases.first.output.data.nonsense}""",
        """foreach: {in: phases.first.output.data.nonsense}, tool: green""",
        """parallel: {a: {tool: note, with: {text: "{{ phases.first.output.data.nonsense }}"}}}""",
    ],
)
def test_a_template_that_cannot_be_rendered_is_a_failure_of_its_phase(fragile: House, body: str) -> None:
    """With match `output`, and the message says what is missing."""
    told = routed(fragile, body, "output")
    fault = told.record("bad/1").error
    assert fault is not None
    assert "nonsense" in fault.message
    assert told.route == ["bad", "caught", "fail"]


# ------------------------------------------------------------------------------------------------- what templates see


def test_a_phase_never_entered_is_there_and_blank(house: House) -> None:
    """Status null, ok false, output null; no visits and no history."""
    house.told(f"""
        first: {{tool: green, next: [{{when: phases.first.ok, to: tell}}, {{to: later}}]}}
        later: {{tool: green}}
        tell: {SHOW % "later"}
    """)
    blank = {"status": None, "ok": False, "output": None, "error": None, "visits": 0}
    assert shown(house) == {**blank, "history": []}


def test_the_parts_of_a_phase_never_entered_are_there_and_blank(house: House) -> None:
    """Branches by name; items are an empty list."""
    house.workflow(f"""
        first: {{tool: green, next: [{{when: phases.first.ok, to: tell}}, {{to: both}}]}}
        both: {{parallel: {{a: {{tool: green}}, b: {{tool: red}}}}}}
        many: {{foreach: {{in: "[1]"}}, tool: green}}
        tell: {SHOW % "both"}
        more: {SHOW % "many"}
    """)
    asyncio.run(house.run())
    both, many = (json.loads(line) for line in house.notes())
    assert both["a"] == both["b"] == {"status": None, "ok": False, "output": None, "error": None, "visits": 0}
    assert many["items"] == []


def test_a_phase_shows_its_last_record_and_the_history_of_all(house: House) -> None:
    """Failures, skips and all, in order."""
    house.told(f"""
        try:
          tool: flip
          with: {{file: shaky, after: 2}}
          when: phases.try.visits < 2
          errors: [{{match: any, to: back}}]
        back: {{tool: green, next: [{{when: phases.try.visits < 3, to: try, max: 5}}, {{to: tell}}]}}
        tell: {SHOW % "try"}
    """)
    seen = shown(house)
    assert [visit["status"] for visit in seen["history"]] == ["failed", "ok", "skipped"]
    assert [visit["visits"] for visit in seen["history"]] == [1, 2, 3]
    assert (seen["status"], seen["ok"], seen["visits"], seen["output"]) == ("skipped", True, 3, None)
    assert seen["history"][0]["error"] == {"match": "tool", "message": "asked 1 times", "hint": ""}
    assert seen["history"][1]["output"] == {"count": 2}


def test_branches_are_fields_of_their_phase(house: House) -> None:
    """Each with a record of its own; the phase's output has theirs by name."""
    house.told(f"""
        both: {{parallel: {{yes: {{agent: helper, message: Hi}}, no: {{tool: red}}}}}}
        tell: {SHOW % "both"}
    """)
    seen = shown(house)
    assert (seen["status"], seen["yes"]["ok"], seen["no"]["status"]) == ("no", True, "no")
    assert seen["output"] == {"yes": "Done.", "no": seen["no"]["output"]}
    assert seen["no"]["output"]["exit"] == 1


def test_the_history_keeps_the_branches_of_each_visit(house: House) -> None:
    """Not only those of the last."""
    house.told(f"""
        both:
          parallel: {{a: {{tool: flip, with: {{file: shaky, after: 2}}}}, b: {{tool: green}}}}
          errors: [{{match: any, to: both, max: 3}}]
        tell: {SHOW % "both"}
    """)
    seen = shown(house)
    assert [visit["a"]["status"] for visit in seen["history"]] == ["failed", "ok"]
    assert seen["a"]["output"] == {"count": 2}


def test_items_are_a_list_of_records(house: House) -> None:
    """In the order of the list, whatever became of each."""
    house.told(f"""
        many:
          foreach: {{in: "[1, 2, 3]", max_failures: 1}}
          agent: helper
          message: "{{{{ item }}}}"
          when: item != 2
        tell: {SHOW % "many"}
    """)
    seen = shown(house)
    assert [item["status"] for item in seen["items"]] == ["ok", "skipped", "ok"]
    assert seen["output"] == ["Done.", None, "Done."]


def test_what_a_phase_sees_of_itself_are_its_earlier_visits(house: House) -> None:
    """The visit under way has no record yet and is not counted."""
    house.told("""
        work:
          tool: note
          with: {text: "{{ phases.work.visits }} {{ phases.work.status }} {{ phases.work.history | length }}"}
          next: [{when: phases.work.visits < 2, to: work, max: 5}, {to: pass}]
    """)
    assert house.notes() == ["0 None 0", "1 ok 1"]


def test_what_a_phase_sees_of_itself_is_the_same_after_a_restart(house: House) -> None:
    """The visit that goes on is not counted then either."""
    house.workflow("""
        gate:
          parallel:
            first: {approval: {ask: Well?}}
            then: {workflow: inner, with: {seen: "{{ phases.gate.visits }}"}}
    """)
    house.workflow(
        """
        pause: {approval: {ask: And?}}
        tell: {tool: note, with: {text: "n{{ inputs.seen }}"}}
    """,
        name="inner",
        head="inputs: {seen: int}",
    )

    told = answered_after_restart(house)
    assert (house.notes(), told.end.verdict) == (["n0"], "pass")
