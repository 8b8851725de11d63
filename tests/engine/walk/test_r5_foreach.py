"""Rule R5, `foreach`: the same body for each item of a list, in order, so many at once, so many failures borne."""

from __future__ import annotations

import asyncio
import json
from itertools import accumulate

import pytest

from tests.engine.acting import answered_after_restart, ended, start
from tests.engine.house import House, Told

IDS = "inputs: {ids: [any]}"


@pytest.fixture(autouse=True)
def late(house: House) -> None:
    """A workflow whose call with `a` ends only after the one with `b`."""
    house.workflow(
        """
        hold: {tool: when_there, with: {file: b}, when: inputs.key == 'a'}
        mark: {tool: note, with: {file: "{{ inputs.key }}", text: "{{ inputs.key }}"}}
    """,
        name="late",
        head="inputs: {key: str}",
    )


@pytest.fixture(autouse=True)
def one(house: House) -> None:
    """A workflow that ends as it is told."""
    house.workflow(
        """
        fork:
          tool: green
          next: [{when: inputs.which == 'red', to: fail}, {when: inputs.which == 'green', to: pass}, {to: bad}]
        bad: {tool: broken}
    """,
        name="one",
        head="inputs: {which: str}",
    )


def most_at_once(told: Told) -> int:
    """The most items that were under way at one moment, by the journal."""
    steps = {"item.started": 1, "item.left": -1}
    return max(accumulate(steps.get(event.type, 0) for event in told.events))


def test_items_are_done_one_after_the_other_unless_said_otherwise(house: House) -> None:
    """In the order of the list."""
    told = house.told(
        "many: {foreach: {in: inputs.ids}, tool: note, with: {text: '{{ item }}'}}", head=IDS, ids=[*"cab"]
    )
    assert (house.notes(), most_at_once(told)) == (["c", "a", "b"], 1)
    assert [event.path for event in told.of("item.left")] == ["many/1/0", "many/1/1", "many/1/2"]


def test_as_names_the_item(house: House) -> None:
    """An item may be a mapping; a value that is exactly one template keeps its type."""
    house.told(
        """
        many:
          foreach: {in: inputs.ids, as: host}
          tool: note
          with: {file: "{{ host.file }}", text: "{{ host.name }}"}
        """,
        head=IDS,
        ids=[{"file": "one", "name": "web1"}, {"file": "two", "name": "web2"}],
    )
    assert (house.notes("one"), house.notes("two")) == (["web1"], ["web2"])


@pytest.mark.parametrize("concurrency", [2, 3])
def test_no_more_items_than_concurrency_are_under_way(house: House, concurrency: int) -> None:
    """So many go in together, as each waits for the others; none more is inside before one is out."""
    told = house.told(
        f"""
        many:
          foreach: {{in: inputs.ids, concurrency: {concurrency}}}
          tool: meet
          with: {{others: "{concurrency}"}}
        """,
        head=IDS,
        ids=[*range(7)],
    )
    doors = (house.root / "doors").read_text().split()
    inside = [*accumulate(1 if door == "in" else -1 for door in doors)]
    assert (max(inside), inside[-1], len(doors)) == (concurrency, 0, 14)
    assert most_at_once(told) == concurrency


def test_records_stand_in_the_order_of_the_list_whoever_is_first(house: House) -> None:
    """The first item ends after the second."""
    told = house.told("""
        many: {foreach: {in: "['a', 'b']", concurrency: 2}, workflow: late, with: {key: "{{ item }}"}}
    """)
    assert told.end.output == [{"noted": "a"}, {"noted": "b"}]


def test_an_empty_list_is_ok_and_leaves_no_items(house: House) -> None:
    """The output is an empty list."""
    told = house.told("many: {foreach: {in: inputs.ids}, tool: broken}", head=IDS, ids=[])
    assert (told.record("many/1").status, told.record("many/1").output, told.of("item.started")) == ("ok", [], [])


def test_the_list_is_journaled_once_as_the_phase_is_entered(house: House) -> None:
    """And never worked out again: a resume goes over the list that was there."""
    house.workflow(
        """
        many: {foreach: {in: inputs.ids, as: key}, workflow: asked, with: {key: "{{ key }}"}}
        tell: {tool: note, with: {text: "{{ phases.many.items | length }} items"}}
    """,
        head=IDS,
    )
    house.workflow(
        """
        mark: {tool: note, with: {text: "{{ inputs.key }}"}}
        gate: {approval: {ask: "{{ inputs.key }}?"}}
    """,
        name="asked",
        head="inputs: {key: str}",
    )

    told = answered_after_restart(house, engines=2, ids=["a", "b"])
    assert house.notes() == ["a", "b", "2 items"]
    assert [event.items for event in told.of("phase.entered") if event.path == "many/1"] == [["a", "b"]]
    assert [event.path for event in told.of("item.started")] == ["many/1/0", "many/1/1"]


@pytest.mark.parametrize(
    "borne, status",
    [(0, "failed"), (1, "failed"), (2, "ok"), (3, "ok")],
)
def test_up_to_max_failures_items_may_be_no_or_failed(house: House, borne: int, status: str) -> None:
    """All items are done whatever becomes of the others."""
    told = house.told(f"""
        many:
          foreach: {{in: "['green', 'red', 'broken']", max_failures: {borne}}}
          workflow: one
          with: {{which: "{{{{ item }}}}"}}
          errors: [{{match: any, to: end}}]
        end: {{tool: green}}
    """)
    assert told.statuses("many/1/0", "many/1/1", "many/1/2", "many/1") == ["ok", "no", "failed", status]


@pytest.mark.parametrize("borne, status", [(0, "no"), (1, "no"), (2, "ok")])
def test_too_many_items_that_are_no_make_the_phase_no(house: House, borne: int, status: str) -> None:
    """Nothing failed."""
    told = house.told(f"""many: {{foreach: {{in: "[1, 2]", max_failures: {borne}}}, tool: red, next: pass}}""")
    assert told.record("many/1").status == status


def test_a_failed_foreach_names_the_item(house: House) -> None:
    """Its fault is that of the first item that failed, counted as the list is."""
    told = house.told("""
        many: {foreach: {in: "['0', '300']"}, tool: nap, with: {seconds: "{{ item }}"}, timeout: 100ms}
    """)
    fault = told.record("many/1").error
    assert fault is not None
    assert (fault.match, fault.message[:8]) == ("timeout", "item 1: ")


def test_an_item_whose_condition_is_false_is_skipped(house: House) -> None:
    """The condition sees the item; skipped is no failure."""
    told = house.told("""
        many: {foreach: {in: "[1, 2, 3]", as: n}, tool: note, with: {text: "n{{ n }}"}, when: n != 2}
    """)
    assert house.notes() == ["n1", "n3"]
    assert told.statuses("many/1/0", "many/1/1", "many/1/2", "many/1") == ["ok", "skipped", "ok", "ok"]


def test_what_is_no_list_has_failed(house: House) -> None:
    """A mapping or a text is not gone over by accident."""
    told = house.told("many: {foreach: {in: inputs.ids}, tool: green}", head="inputs: {ids: any}", ids="abc")
    fault = told.record("many/1").error
    assert fault is not None
    assert (fault.match, fault.message) == ("output", "foreach.in: `inputs.ids` gives str, not a list")


@pytest.mark.parametrize(
    "body, output",
    [
        ("agent: helper, message: '{{ item }}'", "Done."),
        ("tool: note, with: {text: '{{ item }}'}", {"noted": "x"}),
        ("workflow: late, with: {key: '{{ item }}'}", {"noted": "x"}),
    ],
)
def test_a_body_may_be_an_agent_a_tool_or_a_workflow(house: House, body: str, output: object) -> None:
    """Each item leaves one record with its output."""
    told = house.told(f"many: {{foreach: {{in: inputs.ids}}, {body}}}", head=IDS, ids=["x"])
    assert told.record("many/1/0").output == output
    assert told.record("many/1").output == [output]


def test_items_may_wait_for_people_and_for_time(house: House) -> None:
    """All questions are asked at once, as concurrency allows; the answers make the records."""
    house.workflow("""
        gates: {foreach: {in: "['a', 'b']", concurrency: 2}, approval: {ask: "{{ item }}?"}}
        pauses: {foreach: {in: "[1, 2]", concurrency: 2}, wait: {for: 1ms}, next: pass}
    """)

    async def answered() -> Told:
        async with house.engine() as engine:
            run = await start(engine)
            await engine.settled(run)
            for approval in engine.store.approvals(run=run):
                await engine.decide(approval.id, "approve" if approval.ask == "a?" else "deny")
            return await ended(engine, run)

    told = asyncio.run(answered())
    assert told.statuses("gates/1/0", "gates/1/1", "gates/1", "pauses/1") == ["ok", "no", "no", "ok"]


def test_a_loop_for_each_item_is_a_foreach_over_a_workflow(house: House) -> None:
    """Each item has its own loop with its own counts, side by side; the records are in the order of the list."""
    house.workflow(
        """
        mend: {tool: note, with: {file: "{{ inputs.key }}", text: "n{{ phases.mend.visits }}"}}
        check:
          tool: flip
          with: {file: "flips-{{ inputs.key }}", after: "{{ inputs.rounds }}"}
          errors: [{match: tool, to: mend, max: 2}]
    """,
        name="mended",
        head="inputs: {key: str, rounds: int}",
    )
    told = house.told(
        """
        many:
          foreach: {in: inputs.ids, as: job, concurrency: 3}
          workflow: mended
          with: {key: "{{ job.key }}", rounds: "{{ job.rounds }}"}
          next: [{when: phases.many.ok, to: pass}, {to: tell}]
        tell: {tool: note, with: {text: "{{ phases.many.items | tojson }}"}, next: fail}
    """,
        head=IDS,
        ids=[{"key": "a", "rounds": 1}, {"key": "b", "rounds": 3}, {"key": "c", "rounds": 9}],
    )
    assert [len(house.notes(key)) for key in "abc"] == [1, 3, 3]
    (line,) = house.notes()
    assert [(item["status"], item["output"]) for item in json.loads(line)] == [
        ("ok", {"count": 1}),
        ("ok", {"count": 3}),
        ("no", None),
    ]
    assert "many/1/1/mend/3" in told.visits()


def test_a_stop_between_items_does_no_item_twice(house: House) -> None:
    """Items that are done keep their records; the others begin under the next engine."""
    house.workflow("""
        many: {foreach: {in: "['a', 'b', 'c']"}, workflow: gated, with: {key: "{{ item }}"}}
    """)
    house.workflow(
        """
        gate: {approval: {ask: Well?}, when: inputs.key == 'b'}
        mark: {tool: note, with: {text: "{{ inputs.key }}"}}
    """,
        name="gated",
        head="inputs: {key: str}",
    )

    async def stopped_in_between() -> Told:
        async with house.engine() as engine:
            run = await start(engine)
            await engine.settled(run)
        assert house.notes() == ["a"]
        async with house.engine() as engine:
            (approval,) = engine.store.approvals(run=run)
            await engine.decide(approval.id, "approve")
            return await ended(engine, run)

    told = asyncio.run(stopped_in_between())
    assert (house.notes(), told.record("many/1").status) == (["a", "b", "c"], "ok")
