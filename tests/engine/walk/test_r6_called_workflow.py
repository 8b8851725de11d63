"""Rule R6: a called workflow is part of its caller's run: its journal, its revision, its limits; one record."""

from __future__ import annotations

import asyncio

import pytest

from tests.engine.acting import Clock, answered_after_restart, ended, has, parked, start
from tests.engine.house import House, Told

ENDS = """
    fork:
      tool: green
      next:
        - {when: inputs.end == 'pass', to: pass}
        - {when: inputs.end == 'fail', to: fail}
        - {when: inputs.end == 'error', to: error}
        - {when: inputs.end == 'given up', to: shaky}
        - {to: broken}
    shaky: {tool: broken, errors: [{match: any, to: fail}], next: pass}
    broken: {tool: nap, with: {seconds: "300"}, timeout: 20ms}
"""
"""Each way in which a workflow can end."""
END = "inputs: {end: str}"
TALK = """
    ask: {agent: helper, message: One}
    again: {agent: helper, message: Two}
    more: {agent: helper, message: Three}
"""
"""Three model calls."""
HOLD = "hold: {wait: {for: 1h}}"
AS_TOOLS = """
description: Workflows as tools.
defaults: {risk: read}
tools:
  ends: {description: Ends as told., workflow: inner, params: {end: str}}
  holds: {description: Waits., workflow: holding}
"""


def called(house: House, inner: str, outer: str, *, head: str = "", caller: str = "") -> Told:
    """A run of a workflow that calls `inner`."""
    house.workflow(inner, name="inner", head=head)
    return house.told(outer, head=caller)


# -------------------------------------------------------------------------------------------------------- one record


@pytest.mark.parametrize(
    "end, status, match",
    [
        ("pass", "ok", None),
        ("fail", "no", None),
        ("given up", "no", None),
        ("error", "failed", "tool"),
        ("timeout", "failed", "timeout"),
    ],
)
def test_pass_fail_and_error_are_ok_no_and_failed(house: House, end: str, status: str, match: str | None) -> None:
    """A failure keeps its word, so that the caller's `errors` can route it; what is no has no fault."""
    told = called(
        house,
        ENDS,
        f"sub: {{workflow: inner, with: {{end: {end}}}, errors: [{{match: any, to: fail}}], next: pass}}",
        head=END,
    )
    record = told.record("sub/1")
    assert (record.status, record.error.match if record.error else None) == (status, match)
    assert told.end.verdict == ("fail" if match else "pass")


def test_a_failed_call_says_what_failed_inside(house: House) -> None:
    """Also when an edge led to `error` and nothing had failed."""
    told = called(house, ENDS, "sub: {workflow: inner, with: {end: error}}", head=END)
    fault = told.record("sub/1").error
    assert fault is not None
    assert "`sub/1/fork/1` leads to error" in fault.message
    assert fault.message in told.end.why


@pytest.mark.parametrize("end, status", [("pass", "ok"), ("fail", "no"), ("given up", "no"), ("timeout", "failed")])
def test_a_workflow_called_as_a_tool_leaves_the_same_record(house: House, end: str, status: str) -> None:
    """For a tool phase and for a model's call."""
    house.write("tools.d/flows.yaml", AS_TOOLS)
    house.workflow(HOLD, name="holding")
    house.write("agents.d/helper.yaml", "description: Calls.\nprompt: You call.\ntools: [ends]\n")
    house.write("replies.yaml", f"- {{calls: [{{tool: ends, with: {{end: {end}}}}}]}}\n- {{text: Done.}}\n")
    told = called(
        house,
        ENDS,
        f"""
        sub: {{tool: ends, with: {{end: {end}}}, errors: [{{match: any, to: ask}}]}}
        ask: {{agent: helper, message: Go}}
        """,
        head=END,
    )
    assert (told.record("sub/1").status, told.call("ask/1/turn-1/call-1").status) == (status, status)
    assert told.record("ask/1/turn-1/call-1/fork/1").status == "ok"


def test_the_output_is_that_of_the_last_phase_inside(house: House) -> None:
    """The caller reads it as any phase's."""
    called(
        house,
        "first: {tool: note, with: {file: inner, text: a}}\nlast: {agent: helper, message: Hi}",
        """
        sub: {workflow: inner}
        tell: {tool: note, with: {text: "{{ phases.sub.output }} {{ phases.sub.status }}"}}
        """,
    )
    assert house.notes() == ["Done. ok"]


# ------------------------------------------------------------------------------------------------------- one journal


def test_its_steps_are_in_the_caller_s_journal_under_the_phase_s_path(house: House) -> None:
    """Two deep, and each visit of the caller anew."""
    house.workflow("leaf: {tool: green}", name="deepest")
    told = called(
        house,
        "middle: {workflow: deepest}",
        "sub: {workflow: inner, next: [{when: phases.sub.visits < 2, to: sub, max: 3}, {to: pass}]}",
    )
    assert told.visits() == [
        *("sub/1", "sub/1/middle/1", "sub/1/middle/1/leaf/1"),
        *("sub/2", "sub/2/middle/1", "sub/2/middle/1/leaf/1"),
    ]
    assert len(told.of("run.queued")) == len(told.of("run.ended")) == 1
    assert told.call("sub/2/middle/1/leaf/1").status == "ok"


def test_names_inside_are_its_own(house: House) -> None:
    """Its phases and inputs are not the caller's, though they are called alike; `run` is the one run."""
    told = called(
        house,
        """
        fork: {tool: green, next: [{when: inputs.what == '', to: work}, {to: look}]}
        work: {tool: green}
        look: {tool: note, with: {file: inner, text: "{{ inputs.what }} {{ phases.work.visits }} {{ run.id }}"}}
        """,
        """
        work: {tool: green}
        sub: {workflow: inner, with: {what: "inner of {{ inputs.what }}"}}
        """,
        head="inputs: {what: str}",
        caller="inputs: {what: {type: str, default: outer}}",
    )
    assert house.notes("inner") == [f"inner of outer 0 {told.events[0].run}"]


def test_its_workspace_is_the_caller_s_unless_it_names_one(house: House) -> None:
    """A template over its own inputs."""
    (house.root / "elsewhere").mkdir()
    house.workflow("mark: {tool: note, with: {text: x}}", name="stays")
    called(
        house,
        "mark: {tool: note, with: {text: y}}",
        "sub: {workflow: inner, with: {where: elsewhere}}\nstay: {workflow: stays, workspace: elsewhere}",
        head='inputs: {where: str}\nworkspace: "{{ inputs.where }}"',
    )
    assert (house.notes("elsewhere/notes"), house.notes()) == (["y", "x"], [])


def test_it_is_of_the_revision_that_the_run_began_with(house: House) -> None:
    """Files changed and adopted in the meantime are not the run's."""
    house.workflow("mark: {tool: note, with: {text: old}}", name="inner")
    house.workflow("gate: {approval: {ask: Well?}}\nsub: {workflow: inner}")

    async def changed_while_it_waits() -> Told:
        async with house.engine() as engine:
            run = await start(engine)
            await engine.settled(run)
            house.workflow("mark: {tool: note, with: {text: new}}", name="inner")
            await engine.adopt(await engine.open(house.load()))
            (approval,) = engine.store.approvals(run=run)
            await engine.decide(approval.id, "approve")
            return await ended(engine, run)

    told = asyncio.run(changed_while_it_waits())
    assert (house.notes(), told.end.verdict) == (["old"], "pass")


def test_it_goes_on_in_the_middle_after_a_restart(house: House) -> None:
    """What was done inside is not done again."""
    house.workflow(
        """
        mark: {tool: note, with: {text: before}}
        gate: {approval: {ask: Well?}}
        tell: {tool: note, with: {text: "after {{ phases.gate.output.by }}"}}
        """,
        name="inner",
    )
    house.workflow("sub: {workflow: inner}\nlast: {tool: note, with: {text: last}}")

    told = answered_after_restart(house)
    assert house.notes() == ["before", "after ann", "last"]
    assert told.visits() == ["sub/1", "sub/1/mark/1", "sub/1/gate/1", "sub/1/tell/1", "last/1"]


# ------------------------------------------------------------------------------------------------------------ inputs


def test_inputs_are_checked_as_a_run_s_are(house: House) -> None:
    """What fits is taken with its defaults; the caller's values keep their types."""
    called(
        house,
        """mark: {tool: note, with: {text: "{{ inputs.n + 1 }} {{ inputs.tone }}"}}""",
        """sub: {workflow: inner, with: {n: "{{ inputs.n }}"}}""",
        head="inputs: {n: int, tone: {type: str, default: kind}}",
        caller="inputs: {n: {type: int, default: 6}}",
    )
    assert house.notes() == ["7 kind"]


def test_an_input_that_does_not_fit_is_a_failure_of_the_phase(house: House) -> None:
    """With match `output`, before anything inside begins; the message names the workflow and the input."""
    told = called(
        house,
        "mark: {tool: green}",
        """
        ask: {agent: helper, message: Hi}
        sub: {workflow: inner, with: {n: "{{ inputs.n }}"}, errors: [{match: output, to: fail}]}
        """,
        head="inputs: {n: int}",
        caller="inputs: {n: {type: any, default: many}}",
    )
    fault = told.record("sub/1").error
    assert fault is not None
    assert fault.message.startswith("inputs of workflow inner: ")
    assert "n" in fault.message.removeprefix("inputs of workflow inner: ")
    assert (told.end.verdict, "sub/1/mark/1" in told.visits()) == ("fail", False)


# ------------------------------------------------------------------------------------------------------------ limits


def test_its_own_limit_is_its_error(house: House) -> None:
    """The caller goes on by `errors` with match `budget`."""
    told = called(
        house,
        TALK,
        "sub: {workflow: inner, errors: [{match: budget, to: after}]}\nafter: {agent: helper, message: Hi}",
        head="limits: {turns: 2}",
    )
    fault = told.record("sub/1").error
    assert fault is not None
    assert "workflow inner has used up its limit `turns`" in fault.message
    assert told.statuses("sub/1", "sub/1/again/1", "sub/1/more/1") == ["failed", "ok", "cancelled"]
    assert (told.record("after/1").status, told.end.verdict) == ("ok", "pass")


def test_its_own_limit_cannot_give_more_than_the_caller_has_left(house: House) -> None:
    """The run's own two model calls are spent inside, and the run ends in error."""
    told = called(
        house,
        TALK,
        "sub: {workflow: inner, errors: [{match: budget, to: after}]}\nafter: {tool: green}",
        head="limits: {turns: 9}",
        caller="limits: {turns: 2}",
    )
    assert (told.end.verdict, told.end.evidence["limit"]) == ("error", "turns")
    assert "workflow job has used up" in told.end.why
    assert (len(told.of("model.requested")), "after/1" in told.visits()) == (2, False)


def test_a_limit_of_the_calling_phase_holds_for_all_inside(house: House) -> None:
    """It is the phase that has failed."""
    told = called(
        house, TALK, "sub: {workflow: inner, limits: {turns: 1}, errors: [{match: budget, to: fail}], next: pass}"
    )
    assert told.statuses("sub/1", "sub/1/ask/1", "sub/1/again/1") == ["failed", "ok", "cancelled"]
    assert (len(told.of("model.requested")), told.end.verdict) == (1, "fail")


def test_model_calls_before_the_call_count_for_the_caller_only(house: House) -> None:
    """The called workflow's own limit begins with the call, each time anew."""
    told = called(
        house,
        "ask: {agent: helper, message: One}",
        """
        before: {agent: helper, message: Hi}
        sub: {workflow: inner, next: [{when: phases.sub.visits < 3, to: sub, max: 3}, {to: pass}]}
        """,
        head="limits: {turns: 1}",
        caller="limits: {turns: 4}",
    )
    assert (len(told.of("model.requested")), told.end.verdict) == (4, "pass")


@pytest.mark.parametrize(
    "body",
    [
        "workflow: holding",
        "tool: holds",
        "agent: helper, message: Go",
        "parallel: {a: {workflow: holding}}",
        "foreach: {in: '[1]'}, workflow: holding",
    ],
)
def test_a_deadline_of_a_called_workflow_ends_it_however_it_is_called(house: House, body: str) -> None:
    """Counted from the call, also while the run waits; the caller goes on."""
    house.write("tools.d/flows.yaml", AS_TOOLS)
    house.write("agents.d/helper.yaml", "description: Calls.\nprompt: You call.\ntools: [holds]\n")
    house.write("replies.yaml", "- {calls: [{tool: holds}]}\n- {text: Done.}\n")
    house.workflow(ENDS, name="inner", head=END)
    house.workflow(HOLD, name="holding", head="limits: {deadline: 5m}")
    house.workflow(f"sub: {{{body}, errors: [{{match: any, to: after}}]}}\nafter: {{tool: green}}")
    clock = Clock()

    async def five_minutes_later() -> Told:
        async with house.engine(clock=clock) as engine:
            run = await start(engine)
            await parked(engine, run)
            clock.turn(299)
            await engine.resume(run)
            await has(engine, run, "run.waiting", 2)
            clock.turn(2)
            return await ended(engine, run)

    told = asyncio.run(five_minutes_later())
    (hold,) = (event for event in told.of("phase.entered") if event.path.endswith("/hold/1"))
    assert told.record(hold.path).status == "cancelled"
    assert (told.end.verdict, told.visits()[-1]) == ("pass", "after/1")


def test_a_workflow_may_be_the_last_step_of_a_cancelled_run(house: House) -> None:
    """`finally` calls it and it is walked to its end."""
    house.workflow("mark: {tool: note, with: {text: tidy}}\nagain: {tool: note, with: {text: gone}}", name="inner")
    house.workflow("slow: {tool: sleeper}", head="finally: {workflow: inner}")

    async def cancelled() -> Told:
        async with house.engine() as engine:
            run = await start(engine)
            await has(engine, run, "tool.called")
            await engine.cancel(run)
            return await ended(engine, run)

    told = asyncio.run(cancelled())
    assert (told.end.verdict, house.notes()) == ("cancelled", ["tidy", "gone"])
    assert told.record("finally/1").status == "ok"
