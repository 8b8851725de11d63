"""Dry runs: what reads is done, all else is judged, told and not done; nobody is asked, nothing is waited for."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner.engine import Start
from tests.engine.acting import ended, fault, has
from tests.engine.house import House, Told

if TYPE_CHECKING:
    from runner.runs.events import StepForeseen

RULES = """
models: {default: {provider: scripted, replies: replies.yaml}}
permissions:
  - {tool: note, action: RULE}
"""
SEND = """
  send:
    description: Send a text away.
    command: [touch, sent]
    risk: read
    egress: true
"""


def dry(house: House, name: str = "job", **inputs: Any) -> Told:
    """What the journal of a dry run tells."""

    async def scene() -> Told:
        async with house.engine() as engine:
            run = await engine.submit(Start(name, inputs, dry=True))
            return await asyncio.wait_for(ended(engine, run), 20)

    return asyncio.run(scene())


def foreseen(told: Told) -> list[StepForeseen]:
    """What would have happened, in order."""
    return told.of("step.foreseen")


@pytest.mark.parametrize("rule", ["allow", "ask"])
def test_a_call_that_changes_something_is_judged_told_and_not_made(house: House, rule: str) -> None:
    """Its record is ok, and says what would be done, whether it might, and by which rule."""
    house.write("runner.yaml", RULES.replace("RULE", rule))
    house.workflow("a: {tool: note, with: {text: x}}")
    told = dry(house)
    output = told.call("a/1").output
    assert (told.end.verdict, told.call("a/1").status) == ("pass", "ok")
    assert {**output, "would": ""} == {
        "dry": True,
        "would": "",
        "decision": rule,
        "rule": "runner.yaml permissions[0]",
    }
    assert '"text": "x"' in output["would"]
    assert (house.notes(), told.of("tool.called"), told.of("approval.asked")) == ([], [], [])
    (event,) = foreseen(told)
    assert (event.kind, event.tool, event.decision, event.targets) == ("tool", "note", rule, ["local"])
    assert told.of("tool.returned")[0].dry


def test_a_denial_is_the_one_that_it_would_be(house: House) -> None:
    """The same record as in a run that is meant, and it is told among the others."""
    house.write("runner.yaml", RULES.replace("RULE", "deny"))
    house.workflow("a: {tool: note, with: {text: x}, errors: [{match: policy, to: pass}]}")
    told, meant = dry(house), asyncio.run(house.run())
    assert told.call("a/1") == meant.call("a/1")
    assert fault(told.call("a/1")).message == "denied by runner.yaml permissions[0]"
    assert [event.decision for event in foreseen(told)] == ["deny"]


def test_what_reads_is_done(house: House) -> None:
    """Its record is the real one, and the run goes by it."""
    house.workflow("""
    a: {tool: green, next: [{when: phases.a.output.exit == 0, to: b}, {to: fail}]}
    b: {tool: red, next: [{when: phases.b.ok, to: fail}, {to: pass}]}
    """)
    told = dry(house)
    assert (told.end.verdict, len(told.of("tool.called")), foreseen(told)) == ("pass", 2, [])


def test_a_read_that_a_person_has_to_allow_is_not_done(house: House) -> None:
    """Nobody is asked, so nobody has said yes."""
    house.write("runner.yaml", RULES.replace("note", "green").replace("RULE", "ask"))
    house.workflow("a: {tool: green}")
    told = dry(house)
    assert (told.of("tool.called"), foreseen(told)[0].decision) == ([], "ask")


def test_what_sends_data_out_is_not_done_although_it_only_reads(house: House) -> None:
    """Also where it is allowed."""
    house.write("tools.d/test.yaml", (house.root / "tools.d/test.yaml").read_text() + SEND)
    house.workflow("a: {tool: send}")
    told = dry(house)
    assert (foreseen(told)[0].decision, (house.root / "sent").exists()) == ("allow", False)


def test_questions_and_waits_are_passed_at_once(house: House) -> None:
    """As if a person had said yes and the time had come; both are told."""
    house.workflow(
        """
    a: {approval: {ask: "Ship {{ inputs.what }}?", show: All of it.}, next: [{when: phases.a.ok, to: b}, {to: fail}]}
    b: {wait: {for: 9h}, next: [{when: phases.b.ok, to: pass}, {to: fail}]}
    """,
        head="inputs: {what: str}",
    )
    told = dry(house, what="this")
    assert told.end.verdict == "pass"
    assert told.record("a/1").output == {"by": "", "note": "dry run: nobody was asked"}
    assert [(event.kind, event.decision) for event in foreseen(told)] == [("approval", "ask"), ("wait", "allow")]
    assert foreseen(told)[0].would == "Ship this?\nAll of it."
    assert told.of("approval.asked") + told.of("timer.set") + told.of("run.waiting") == []


def test_called_workflows_and_agents_are_walked_and_do_nothing_either(house: House) -> None:
    """As a phase and as a tool; a child that a person has to allow is walked, as all that it does is withheld."""
    house.write("runner.yaml", RULES.replace("RULE", "ask"))
    house.workflow("note: {tool: note, with: {text: inner}}", name="inner")
    house.write("agents.d/helper.yaml", "description: Helps.\nprompt: Help.\ntools: [note, green]\n")
    house.write(
        "tools.d/more.yaml",
        """
        description: More.
        tools:
          call_inner: {description: Calls it., workflow: inner}
          ask_helper: {description: Asks it., agent: helper}
        """,
    )
    house.write(
        "replies.yaml",
        """
    - {when: {turn: 1}, calls: [{tool: note, with: {text: y}}, {tool: green}]}
    - {text: Done.}
    """,
    )
    house.workflow("""
    a: {workflow: inner}
    b: {tool: call_inner}
    c: {tool: ask_helper, with: {text: Note it.}}
    """)
    told = dry(house)
    assert told.end.verdict == "pass"
    assert [(event.path, event.kind, event.decision) for event in foreseen(told)] == [
        ("a/1/note/1", "tool", "ask"),
        ("b/1", "child", "ask"),
        ("b/1/note/1", "tool", "ask"),
        ("c/1", "child", "ask"),
        ("c/1/answer/1/turn-1/call-1", "tool", "ask"),
    ]
    assert [event.tool for event in told.of("tool.called")] == ["call_inner", "ask_helper", "green"]
    assert (house.notes(), told.of("approval.asked")) == ([], [])


def test_a_model_reads_that_its_call_was_not_made(house: House) -> None:
    """It is asked for real, and goes on with what it is told."""
    house.write("agents.d/helper.yaml", "description: Helps.\nprompt: Help.\ntools: [note]\n")
    house.write(
        "replies.yaml",
        """
    - {when: {turn: 1}, calls: [{tool: note, with: {text: y}}]}
    - {when: {contains: '"dry": true'}, text: It would be noted.}
    """,
    )
    told = dry(house, "helper", text="Note y")
    assert (told.end.output, house.notes()) == ("It would be noted.", [])


def test_a_rule_answers_with_what_it_would_do(house: House) -> None:
    """Its reply is written for what was done, and nothing was."""
    house.write(
        "agents.d/helper.yaml",
        """
    description: Helps.
    prompt: Help.
    tools: [note]
    intents:
      - {say: ["note {text}"], tool: note, reply: "Noted {{ result.noted }}."}
    """,
    )
    told = dry(house, "helper", text="note milk")
    assert told.end.output.startswith("dry run: {")
    assert '"text": "milk"' in told.end.output
    assert told.of("model.requested") == []


def test_a_dry_run_that_was_killed_goes_on_dry(house: House) -> None:
    """What it is stands in the journal; nothing is told twice."""
    house.workflow("""
    a: {tool: note, with: {text: x}}
    b: {tool: when_there, with: {file: go}}
    c: {tool: note, with: {text: y}}
    """)
    told = asyncio.run(_killed_and_resumed(house))
    assert told.end.verdict == "pass"
    assert [event.path for event in foreseen(told)] == ["a/1", "c/1"]
    assert house.notes() == []


async def _killed_and_resumed(house: House) -> Told:
    argv = [sys.executable, "-m", "tests.engine.calls.test_dry", str(house.root)]
    process = await asyncio.create_subprocess_exec(*argv, cwd=Path(__file__).parents[3])
    assert await process.wait() == -signal.SIGKILL
    house.write("go", "go")
    async with house.engine() as engine:
        return await ended(engine, engine.store.runs()[0].id)


def test_a_rerun_of_a_dry_run_is_one(house: House) -> None:
    """A run is repeated as what it was."""
    house.workflow("a: {tool: note, with: {text: x}}")

    async def scene() -> Told:
        async with house.engine() as engine:
            run = await engine.submit(Start("job", dry=True))
            await ended(engine, run)
            return await ended(engine, await engine.rerun(run))

    told = asyncio.run(scene())
    assert (told.of("run.queued")[0].dry, house.notes()) == (True, [])


async def _killed(root: Path) -> None:
    """Start a dry run and end this process without a word once its second phase works."""
    async with House(root).engine() as engine:
        run = await engine.submit(Start("job", dry=True))
        await has(engine, run, "tool.called")
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(_killed(Path(sys.argv[1])))
