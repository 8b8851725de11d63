"""Rule R5, `parallel`: branches side by side, joined in their phase; what is not needed is gone before it is left."""

from __future__ import annotations

import asyncio

import pytest

from tests.engine.acting import alive, answered_after_restart, start
from tests.engine.house import House, Told

OK, NO, FAILED = "{tool: green}", "{tool: red}", "{tool: broken}"
SKIPPED = "{tool: broken, when: 'false'}"
HELD = "{approval: {ask: Well?}}"
"""A branch that does not end by itself."""


def joined(house: House, join: str, *branches: str) -> Told:
    """A run of one block; its branches are called a, b, c …, and it ends whatever comes of them."""
    named = ", ".join(f"{name}: {body}" for name, body in zip("abcdef", branches, strict=False))
    return house.told(f"""
        block: {{parallel: {{{named}}}, join: {join}, errors: [{{match: any, to: after}}]}}
        after: {{tool: green}}
    """)


@pytest.mark.parametrize(
    "branches, status",
    [
        ((OK, OK), "ok"),
        ((OK, SKIPPED), "ok"),
        ((SKIPPED, SKIPPED), "ok"),
        ((OK, NO), "no"),
        ((SKIPPED, NO), "no"),
        ((OK, FAILED), "failed"),
        ((NO, FAILED), "failed"),
        ((FAILED, SKIPPED), "failed"),
    ],
)
def test_all_is_the_worst_of_its_branches(house: House, branches: tuple[str, ...], status: str) -> None:
    """A block is failed if a branch failed, else no if one is no, else ok; skipped counts as ok."""
    assert joined(house, "all", *branches).record("block/1").status == status


def test_all_waits_for_every_branch_also_after_a_failure(house: House) -> None:
    """Nothing is cancelled: every branch has its own word."""
    told = joined(house, "all", FAILED, "{tool: nap, with: {seconds: '0.2'}}", NO)
    assert told.statuses("block/1/a", "block/1/b", "block/1/c") == ["failed", "ok", "no"]


def test_a_failed_block_names_the_branch_that_failed(house: House) -> None:
    """Its fault is the branch's, so that `errors` can tell a time-out from the rest."""
    told = joined(house, "all", OK, "{tool: nap, with: {seconds: '300'}, timeout: 20ms}")
    fault = told.record("block/1").error
    assert fault is not None
    assert (fault.match, fault.message[:3]) == ("timeout", "b: ")


@pytest.mark.parametrize(
    "join, branches, status",
    [
        ("any", (OK, NO, NO), "ok"),
        ("any", (FAILED, OK), "ok"),
        ("any", (NO, NO), "no"),
        ("any", (NO, FAILED), "failed"),
        ("any", (SKIPPED, NO), "no"),
        ("any", (SKIPPED, SKIPPED), "no"),
        ("2", (OK, NO, OK), "ok"),
        ("2", (OK, FAILED, OK), "ok"),
        ("2", (OK, NO, NO), "no"),
        ("2", (OK, NO, FAILED), "failed"),
        ("2", (OK, SKIPPED, NO), "no"),
    ],
)
def test_any_and_a_number_count_branches_that_are_ok(
    house: House, join: str, branches: tuple[str, ...], status: str
) -> None:
    """Skipped is no ok here; out of reach is no, or failed if a failure made it so."""
    assert joined(house, join, *branches).record("block/1").status == status


def test_any_leaves_as_soon_as_one_branch_is_ok(house: House) -> None:
    """The rest is cancelled: a question to a person holds nobody up."""
    told = joined(house, "any", HELD, OK, HELD)
    assert told.statuses("block/1", "block/1/a", "block/1/b", "block/1/c") == ["ok", "cancelled", "ok", "cancelled"]
    assert told.visits() == ["block/1", "after/1"]


def test_a_number_leaves_with_the_last_branch_it_needs(house: House) -> None:
    """Two of four."""
    told = joined(house, "2", HELD, OK, HELD, OK)
    assert told.statuses("block/1", "block/1/a", "block/1/c") == ["ok", "cancelled", "cancelled"]


@pytest.mark.parametrize("bad, status", [(NO, "no"), (FAILED, "failed"), (SKIPPED, "no")])
def test_a_join_out_of_reach_leaves_at_once(house: House, bad: str, status: str) -> None:
    """Two of three cannot come true any more once two are not ok; the third is not waited for."""
    told = joined(house, "2", HELD, bad, bad)
    assert told.statuses("block/1", "block/1/a") == [status, "cancelled"]
    assert told.visits() == ["block/1", "after/1"]


@pytest.mark.parametrize("tool", ["sleeper", "snorer"])
def test_a_cancelled_branch_s_process_is_gone_before_the_next_phase(house: House, tool: str) -> None:
    """A command and a Python function alike; the call leaves its record."""
    told = house.told(f"""
        race: {{parallel: {{slow: {{tool: {tool}}}, quick: {{tool: when_there, with: {{file: {tool}}}}}}}, join: any}}
        look: {{tool: is_alive, with: {{file: {tool}}}}}
    """)
    assert told.statuses("race/1", "race/1/slow", "look/1") == ["ok", "cancelled", "no"]
    assert told.call("race/1/slow").status == "cancelled"
    assert alive(told.events[0].run) == []


def test_a_cancelled_branch_s_workflow_leaves_its_records(house: House) -> None:
    """Its phases, branches and calls too are cancelled, in the journal as in the world."""
    house.workflow(
        "deep: {parallel: {one: {tool: sleeper}, two: {agent: helper, message: Hi}}}\nnever: {tool: green}",
        name="inner",
    )
    told = house.told("""
        race: {parallel: {slow: {workflow: inner}, quick: {tool: when_there, with: {file: sleeper}}}, join: any}
        look: {tool: is_alive, with: {file: sleeper}}
    """)
    assert told.statuses("race/1/slow", "race/1/slow/deep/1", "race/1/slow/deep/1/one", "look/1") == [
        "cancelled",
        "cancelled",
        "cancelled",
        "no",
    ]
    assert "race/1/slow/never/1" not in told.visits()
    left = [event.path for event in told.events if event.type in ("phase.left", "branch.left")]
    assert left.index("race/1/slow/deep/1/one") < left.index("race/1/slow/deep/1") < left.index("race/1/slow")


def test_a_cancelled_branch_s_question_can_be_answered_no_more(house: House) -> None:
    """It is closed before the next phase begins."""
    house.workflow("""
        race: {parallel: {ask: {approval: {ask: Well?}}, quick: {tool: green}}, join: any}
        gate: {approval: {ask: And this?}}
    """)

    async def open_questions() -> list[str]:
        async with house.engine() as engine:
            run = await start(engine)
            await engine.settled(run)
            return [approval.ask for approval in engine.store.approvals(run=run)]

    assert asyncio.run(open_questions()) == ["And this?"]


def test_branches_see_the_phases_before_the_block_and_not_each_other(house: House) -> None:
    """A branch's own block has not been left: its fields are as they were."""
    house.told("""
        before: {agent: helper, message: Hi}
        block:
          parallel:
            a: {tool: note, with: {file: a, text: "{{ phases.before.output }} {{ phases.before.ok }}"}}
            b: {tool: note, with: {file: b, text: "{{ phases.before.status }}"}}
    """)
    assert (house.notes("a"), house.notes("b")) == (["Done. True"], ["ok"])


def test_branches_run_side_by_side(house: House) -> None:
    """Each waits for the other to have come in: one after the other they would never go."""
    told = house.told("""
        block: {parallel: {a: {tool: meet, with: {others: "2"}}, b: {tool: meet, with: {others: "2"}}}}
    """)
    assert told.end.verdict == "pass"


def test_a_block_that_is_done_again_does_its_branches_again(house: House) -> None:
    """A visit's branches have paths of their own."""
    told = house.told("""
        block:
          parallel: {a: {tool: flip, with: {file: one, after: 2}}, b: {tool: note, with: {text: b}}}
          errors: [{match: tool, to: block, max: 2}]
    """)
    assert told.statuses("block/1/a", "block/1/b", "block/2/a", "block/2/b") == ["failed", "ok", "ok", "ok"]
    assert house.notes() == ["b", "b"]


def test_branches_that_are_done_are_not_done_again_after_a_restart(house: House) -> None:
    """Only the one that waited goes on."""
    house.workflow("""
        block: {parallel: {a: {tool: note, with: {text: a}}, b: {approval: {ask: Well?}}}}
        tell: {tool: note, with: {text: "{{ phases.block.a.status }} {{ phases.block.b.status }}"}, next: pass}
    """)

    told = answered_after_restart(house, "deny")
    assert house.notes() == ["a", "ok no"]
    assert [event.path for event in told.of("branch.started")] == ["block/1/a", "block/1/b"]


def test_a_branch_has_limits_of_its_own(house: House) -> None:
    """One branch's limit is that branch's failure; the other goes on."""
    house.write("agents.d/helper.yaml", "description: Calls.\nprompt: You call.\ntools: [green]\n")
    house.write(
        "replies.yaml",
        """
        - {when: {turn: 1}, calls: [{tool: green}]}
        - {text: Done.}
    """,
    )
    told = joined(house, "all", "{agent: helper, message: Hi, limits: {turns: 1}}", "{agent: helper, message: Hi}")
    assert told.statuses("block/1/a", "block/1/b") == ["failed", "ok"]
    fault = told.record("block/1/a").error
    assert fault is not None
    assert (fault.match, "`block/1/a`" in fault.message) == ("budget", True)


def test_a_block_s_own_limit_ends_all_of_its_branches(house: House) -> None:
    """It is the block that failed; its branches were cut off, and all leave their records."""
    house.write("agents.d/helper.yaml", "description: Calls.\nprompt: You call.\ntools: [green]\n")
    house.write("replies.yaml", "- {when: {turn: 1}, calls: [{tool: green}]}\n- {text: Done.}\n")
    told = house.told(f"""
        block:
          parallel: {{a: {{agent: helper, message: Hi}}, b: {HELD}}}
          limits: {{turns: 1}}
          errors: [{{match: budget, to: after}}]
        after: {{tool: green}}
    """)
    assert told.statuses("block/1", "block/1/a", "block/1/b", "after/1") == ["failed", "cancelled", "cancelled", "ok"]
    fault = told.record("block/1").error
    assert fault is not None
    assert (fault.match, "`block/1`" in fault.message) == ("budget", True)


def test_a_block_that_is_tried_again_shows_its_last_try(house: House) -> None:
    """The records of the first try stay in the journal, and no check is called red that was mended since."""
    told = house.told("""
        block:
          parallel: {a: {tool: flip, with: {file: one, after: 2}}, b: {tool: green}}
          retry: {max: 2, delay: 1ms..2ms}
        tell: {tool: note, with: {text: "{{ phases.block.a.status }} after {{ phases.block.visits }} visit"}}
    """)
    assert house.notes() == ["ok after 1 visit"]
    assert told.statuses("block/1/a", "block/1/try-2/a", "block/1/try-2/b") == ["failed", "ok", "ok"]
    assert told.end.red == []
