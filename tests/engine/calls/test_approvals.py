"""Questions to people: the run waits as rows, survives a restart, and an answer counts once, for what was shown."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from runner.errors import UsageError
from runner.runs.store import FILE, Store
from tests.engine.acting import Clock, ended, fault, has, parked, start, told
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

MODELS = "models: {default: {provider: scripted, replies: replies.yaml}}\n"
ASK = """
a:
  approval: {ask: "Ship {{ inputs.what }}?", show: "It is {{ inputs.what }}."}
  next: [{when: phases.a.ok, to: b}, {to: fail}]
b: {tool: note, with: {text: shipped}}
"""
WHAT = "inputs: {what: {type: str, default: it}}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house whose run asks before it notes a line."""
    house = House(tmp_path)
    house.workflow(ASK, head=WHAT)
    return house


def test_a_run_that_waits_for_a_person_is_rows(house: House) -> None:
    """No task works on it; the question is in the list, with all that a person needs."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine, what="this")
            await parked(engine, run)
            assert engine.counts() == {"active": 0, "waiting": 1, "queued": 0}
            assert [task for task in asyncio.all_tasks() if task.get_name() == f"run {run}"] == []
            (row,) = engine.store.approvals(run=run)
            assert (row.ask, row.show, row.status) == ("Ship this?", "It is this.", "open")

    asyncio.run(scene())


@pytest.mark.parametrize("decision, verdict, notes", [("approve", "pass", ["shipped"]), ("deny", "fail", [])])
def test_yes_is_ok_and_no_is_no(house: House, decision: str, verdict: str, notes: list[str]) -> None:
    """Both go by `next`; who decided and the note are the output."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            await engine.decide(question.approval, "approve" if decision == "approve" else "deny", by="ann", note="N")
            run_told = await ended(engine, run)
            assert run_told.end.verdict == verdict
            assert run_told.record("a/1").status == ("ok" if decision == "approve" else "no")
            assert run_told.record("a/1").output == {"by": "ann", "note": "N"}

    asyncio.run(scene())
    assert house.notes() == notes


def test_a_question_survives_a_restart(house: House) -> None:
    """The next engine finds it, does not ask again, and takes the answer."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
        async with house.engine() as engine:
            await engine.decide(question.approval, "approve")
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "pass"
            assert len(run_told.of("approval.asked")) == 1

    asyncio.run(scene())


def test_nobodys_answer_before_the_deadline_is_a_failure(tmp_path: Path) -> None:
    """Expired: failed with match timeout, also when the deadline passed while no engine ran."""
    house, clock = House(tmp_path), Clock()
    house.workflow("a: {approval: {ask: Go?, deadline: 1h}, errors: [{match: timeout, to: pass}]}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            first, second = await start(engine), await start(engine)
            await parked(engine, first)
            clock.turn(3601)
            assert (await ended(engine, first)).of("approval.decided")[0].decision == "expired"
            clock.turn(-3601)
            late = await start(engine)
            await parked(engine, late)
        clock.turn(3601)
        async with house.engine(clock=clock) as engine:
            for run in (second, late):
                run_told = await ended(engine, run)
                assert run_told.end.verdict == "pass"
                assert fault(run_told.record("a/1")).match == "timeout"

    asyncio.run(scene())


def test_only_those_who_are_named_may_decide(tmp_path: Path) -> None:
    """Another's answer is refused in words, and leaves the question open."""
    house = House(tmp_path)
    house.workflow("a: {approval: {ask: Go?, by: [ann, eve]}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            with pytest.raises(UsageError, match="only ann, eve may decide this"):
                await engine.decide(question.approval, "approve", by="bob")
            with pytest.raises(UsageError, match="only ann, eve may decide this"):
                await engine.decide(question.approval, "approve")
            await engine.decide(question.approval, "approve", by="eve")
            assert (await ended(engine, run)).end.verdict == "pass"

    asyncio.run(scene())


def test_a_second_answer_is_told_who_gave_the_first(house: House) -> None:
    """An answer counts once, whatever the second one says."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            await engine.decide(question.approval, "deny", by="ann")
            with pytest.raises(UsageError, match="denied by ann"):
                await engine.decide(question.approval, "approve", by="bob")
            assert (await ended(engine, run)).end.verdict == "fail"
            with pytest.raises(UsageError, match="denied by ann"):
                await engine.decide(question.approval, "approve", by="bob")

    asyncio.run(scene())


def test_an_unknown_approval_is_refused_with_the_way_to_the_list(house: House) -> None:
    """The operator reads what to type."""

    async def scene() -> None:
        async with house.engine() as engine:
            with pytest.raises(UsageError, match="no approval nothing-1") as refusal:
                await engine.decide("nothing-1", "approve")
            assert "runner approve" in refusal.value.hint

    asyncio.run(scene())


def test_one_branch_waits_for_a_person_while_another_works(tmp_path: Path) -> None:
    """The run is not parked while something of it works; an answer reaches it in memory."""
    house = House(tmp_path)
    house.workflow("""
    p:
      parallel:
        ask: {approval: {ask: Go?}}
        work: {tool: when_there, with: {file: go}}
    """)

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await has(engine, run, "approval.asked"))[0]
            await engine.decide(question.approval, "approve")
            await has(engine, run, "branch.left")
            assert engine.store.find(run).status == "running"
            house.write("go", "go")
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "pass"
            assert run_told.of("run.waiting") == []

    asyncio.run(scene())


def test_several_questions_of_one_run_are_answered_one_by_one(tmp_path: Path) -> None:
    """After the first answer the run goes on, and waits again for the others."""
    house = House(tmp_path)
    house.workflow('p: {foreach: {in: "[1, 2, 3]", as: n, concurrency: 3}, approval: {ask: "Go {{ n }}?"}}')

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            questions = (await parked(engine, run)).of("approval.asked")
            assert [question.ask for question in questions] == ["Go 1?", "Go 2?", "Go 3?"]
            for question in reversed(questions):
                await engine.decide(question.approval, "approve", by="ann")
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "pass"
            assert len(run_told.of("approval.asked")) == 3

    asyncio.run(scene())


def test_a_run_can_be_cancelled_while_it_waits_for_a_person(house: House) -> None:
    """Its phase is recorded as cancelled, and the question can be answered no more."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            await engine.cancel(run, by="ann")
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "cancelled"
            assert run_told.record("a/1").status == "cancelled"
            assert engine.store.approvals(run=run) == []
            with pytest.raises(UsageError, match="void"):
                await engine.decide(question.approval, "approve", by="bob")

    asyncio.run(scene())
    assert house.notes() == []


def test_an_answer_left_in_the_inbox_by_another_process_wakes_the_run(house: House) -> None:
    """Whoever can open the store can answer: the engine that runs finds the command by itself."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            other = Store.open(house.root / ".runner")
            other.inbox.put("decide", run, {"approval": question.approval, "decision": "approve", "by": "eve"})
            other.close()
            assert (await ended(engine, run)).record("a/1").output["by"] == "eve"

    asyncio.run(scene())


def test_two_engines_on_one_store_answer_a_question_once(house: House) -> None:
    """Either may take the run up; the journal's fence lets only one of them work on it."""

    async def scene() -> None:
        async with house.engine() as engine, house.engine() as other:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            await other.decide(question.approval, "approve", by="eve")
            run_told = await ended(other, run)
            assert run_told.end.verdict == "pass"
            assert len(run_told.of("approval.decided")) == 1

    asyncio.run(scene())
    assert house.notes() == ["shipped"]


def test_a_question_of_the_policy_shows_the_command_and_its_answer_is_audited(tmp_path: Path) -> None:
    """A person sees the words that will run; the intent names the rule and who said yes."""
    house = House(tmp_path)
    settings = (house.root / "runner.yaml").read_text()
    house.write("runner.yaml", settings.replace("action: allow", "action: ask"))
    house.workflow('a: {tool: nap, with: {seconds: "0.1"}}')

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            assert (question.reason, question.show) == ("policy", f"sleep 0.1\nin {house.root}")
            assert question.rule == "runner.yaml permissions[0]"
            await engine.decide(question.approval, "approve", by="ann")
            run_told = await ended(engine, run)
            assert run_told.of("tool.called")[0].rule == "runner.yaml permissions[0]; approved by ann"

    asyncio.run(scene())


def test_a_denied_call_fails_with_the_persons_words(tmp_path: Path) -> None:
    """`match: policy`, who said no, and the note."""
    house = House(tmp_path)
    house.write("runner.yaml", MODELS)
    house.workflow("a: {tool: note, with: {text: x}, errors: [{match: policy, to: pass}]}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            await engine.decide(question.approval, "deny", by="ann", note="not today")
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "pass"
            assert fault(run_told.record("a/1")).message.endswith("and ann said no: not today")

    asyncio.run(scene())
    assert house.notes() == []


def test_each_call_needs_an_answer_of_its_own(tmp_path: Path) -> None:
    """A yes is used up by the call it was for: the next visit asks again."""
    house = House(tmp_path)
    house.write("runner.yaml", MODELS)
    house.workflow("""
    a: {tool: note, with: {text: x}, next: [{when: phases.a.visits > 1, to: pass}, {to: b}]}
    b: {tool: green, next: [{when: phases.a.visits > 5, to: pass}, {to: a, max: 3}]}
    """)

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            for count in (1, 2):
                await has(engine, run, "approval.asked", count)
                question = (await parked(engine, run)).of("approval.asked")[-1]
                assert question.path == f"a/{count}"
                await engine.decide(question.approval, "approve", by="ann")
            assert (await ended(engine, run)).end.verdict == "pass"

    asyncio.run(scene())
    assert house.notes() == ["x", "x"]


def test_a_rule_tightened_while_the_question_waited_wins_over_the_answer(tmp_path: Path) -> None:
    """A yes does not overrule a deny that came in between."""
    house = House(tmp_path)
    house.write("runner.yaml", MODELS)
    house.workflow("a: {tool: note, with: {text: x}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            house.write("runner.yaml", f"{MODELS}permissions: [{{tool: note, action: deny}}]\n")
            await engine.adopt(await engine.open(house.load()))
            await engine.decide(question.approval, "approve", by="ann")
            run_told = await ended(engine, run)
            assert (run_told.end.verdict, run_told.end.evidence["match"]) == ("error", "policy")

    asyncio.run(scene())
    assert house.notes() == []


def test_an_answer_counts_only_for_what_was_shown(house: House) -> None:
    """When the run's own revision is lost and it goes on with another one, the question is asked anew."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            first = (await parked(engine, run)).of("approval.asked")[0]
        lose_revisions(house)
        house.workflow(ASK + "\nc: {tool: green}", head=WHAT)
        async with house.engine() as engine:
            await engine.decide(first.approval, "approve", by="ann")
            await has(engine, run, "approval.asked", 2)
            lost = (await parked(engine, run)).of("approval.asked")[1]
            assert lost.reason == "revision"
            await engine.decide(lost.approval, "approve", by="ann")
            await has(engine, run, "approval.asked", 3)
            again = (await parked(engine, run)).of("approval.asked")[2]
            assert (again.reason, again.shown != first.shown) == ("phase", True)
            await engine.decide(again.approval, "approve", by="ann")
            assert (await ended(engine, run)).end.verdict == "pass"

    asyncio.run(scene())


def lose_revisions(house: House) -> None:
    """Take the kept files of all revisions away, as a backup without them would."""
    with closing(sqlite3.connect(house.root / ".runner" / FILE)) as connection:
        connection.execute("DELETE FROM revisions")
        connection.commit()


def test_denying_another_revision_cancels_the_run(house: House) -> None:
    """A run whose files cannot be had back goes on only if a person says so."""

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await parked(engine, run)
        lose_revisions(house)
        house.workflow(ASK + "\nc: {tool: green}", head=WHAT)
        async with house.engine() as engine:
            await engine.resume(run)
            await has(engine, run, "approval.asked", 2)
            lost = (await parked(engine, run)).of("approval.asked")[1]
            await engine.decide(lost.approval, "deny", by="ann")
            assert (await ended(engine, run)).end.why == "cancelled by ann: its revision cannot be opened"
            assert told(engine, run).record("a/1").status == "cancelled"

    asyncio.run(scene())
