"""Which runs are accepted and worked on, by how many, and how work stops: always one, never lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from runner.engine import Start
from runner.errors import RunnerError, UsageError
from runner.runs.events import RunClaimed
from tests.engine.acting import Clock, alive, ended, has, parked, start, told, until
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path

    from runner.engine import Engine


def test_a_run_that_is_just_being_accepted_is_no_orphan(tmp_path: Path) -> None:
    """However often the engine looks for orphans while runs come in, each is claimed once."""
    house = House(tmp_path)

    async def scene() -> list[int]:
        async with house.engine() as engine:
            looking = asyncio.create_task(_look_without_rest(engine))
            runs = [await engine.submit(Start("helper", {"text": "Hello"})) for _ in range(40)]
            await asyncio.gather(*(engine.settled(run) for run in runs))
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            return [sum(isinstance(event, RunClaimed) for event in engine.store.events(run)) for run in runs]

    assert asyncio.run(scene()) == [1] * 40


async def _look_without_rest(engine: Engine) -> None:
    workbench = engine.workbench
    assert workbench is not None
    while True:
        await engine.adopt(workbench)  # ends in a look around
        await asyncio.sleep(0)


# ------------------------------------------------------------------------------------------------------- accepting


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with a workflow that takes an input."""
    house = House(tmp_path)
    house.workflow('a: {tool: note, with: {text: "{{ inputs.n | string }}"}}', head="inputs: {n: int}")
    return house


def submitted(house: House, given: Start) -> str:
    """Hand a start in; the run's id."""

    async def scene() -> str:
        async with house.engine() as engine:
            return await engine.submit(given)

    return asyncio.run(scene())


@pytest.mark.parametrize(
    "given, message, hint",
    [
        (Start("jobb", {"n": 1}), "there is no agent or workflow `jobb`", "did you mean job?"),
        (Start("zzz"), "there is no agent or workflow `zzz`", "there are: helper, job"),
        (Start("job"), "inputs of job: n: is missing", ""),
        (Start("job", {"n": "x"}), "inputs of job: n: expected a whole number", ""),
        (Start("job", {"n": 1, "m": 2}), "inputs of job: ", ""),
        (Start("helper", {}), "inputs of helper: text: is missing", ""),
    ],
)
def test_what_cannot_be_started_is_refused_in_words(house: House, given: Start, message: str, hint: str) -> None:
    """The caller reads what is wrong; nothing is journaled."""
    with pytest.raises(UsageError) as refusal:
        submitted(house, given)
    assert message in refusal.value.message
    assert hint in refusal.value.hint
    assert not (house.root / "notes").exists()


def test_a_workspace_outside_the_allowed_folders_is_refused(house: House, tmp_path_factory: Any) -> None:
    """Also when the way there is a link inside of them."""
    outside = tmp_path_factory.mktemp("outside")
    (house.root / "link").symlink_to(outside)
    house.workflow("a: {tool: green}", head='inputs: {repo: path}\nworkspace: "{{ inputs.repo }}"')
    for folder in (str(outside), "..", "link"):
        with pytest.raises(UsageError, match="is outside the folders that runs may work in") as refusal:
            submitted(house, Start("job", {"repo": folder}))
        assert "workspaces" in refusal.value.hint
    with pytest.raises(UsageError, match="is no folder"):
        submitted(house, Start("job", {"repo": "nowhere"}))


def test_a_phase_cannot_work_outside_the_allowed_folders(house: House) -> None:
    """A phase's own workspace is judged as the run's is."""
    run = house.told("a: {tool: green, workspace: .., errors: [{match: policy, to: pass}]}")
    assert run.end.verdict == "pass"
    assert run.of("tool.called") == []


def test_a_start_with_a_key_begins_once(house: House) -> None:
    """Whoever asks again, also at the same moment or after a restart, is given the run that there is."""

    async def scene() -> None:
        given = Start("job", {"n": 1}, key="abc")
        async with house.engine() as engine:
            first, second = await asyncio.gather(engine.submit(given), engine.submit(given))
            assert first == second
            await engine.settled(first)
        async with house.engine() as engine:
            assert await engine.submit(given) == first
            assert await engine.submit(Start("job", {"n": 1}, key="other")) != first

    asyncio.run(scene())


def test_no_more_runs_are_worked_on_than_there_are_slots(house: House) -> None:
    """The others wait in the queue, in the order they came, and each gets its turn."""
    house.write("runner.yaml", (house.root / "runner.yaml").read_text() + "limits: {concurrent_runs: 2}\n")
    house.workflow("a: {tool: when_there, with: {file: go}}")

    async def scene() -> None:
        async with house.engine() as engine:
            runs = [await start(engine) for _ in range(5)]
            await has(engine, runs[1], "tool.called")
            assert (engine.counts()["active"], engine.counts()["queued"]) == (2, 3)
            house.write("go", "go")
            ends = [(await ended(engine, run)).end for run in runs]
            assert [end.verdict for end in ends] == ["pass"] * 5
            begun = [told(engine, run).of("run.claimed")[0].time for run in runs]
            assert begun == sorted(begun)

    asyncio.run(scene())


# -------------------------------------------------------------------------------------------------------- stopping


def test_a_stop_lets_what_writes_finish_and_drops_the_rest(house: House) -> None:
    """The tool that changes something gets its time and its record; what reads is killed; the run goes on later."""
    tools = (house.root / "tools.d/test.yaml").read_text()
    house.write("tools.d/test.yaml", tools + SLOW)
    house.workflow("a: {parallel: {w: {tool: slow_write}, r: {tool: when_there, with: {file: go}}}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await until(lambda: (house.root / "begun").exists() and alive(f"{run}/a/1/r"))
            closing = asyncio.create_task(engine.close(grace=20))
            await until(lambda: alive(f"{run}/a/1/r") == [])
            house.write("finish", "now")
            await closing
            stopped = told(engine, run)
            (returned,) = stopped.of("tool.returned")
            assert (returned.path, returned.target, returned.seconds > 0) == ("a/1/w", "local", True)
            assert stopped.call("a/1/w").ok
            assert stopped.of("run.ended") == []
            assert alive(run) == []
        house.write("go", "go")
        async with house.engine() as engine:
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "pass"
            assert run_told.of("tool.interrupted")[0].path == "a/1/r"

    asyncio.run(scene())
    assert house.notes("begun") == ["begun"]


SLOW = """
  slow_write:
    description: Write, and end when it may.
    command: [sh, -c, 'echo begun >> begun; until [ -s finish ]; do sleep 0.01; done; exit ${1:-0}', sh]
    interrupted: ask
"""


def test_what_writes_and_fails_during_a_stop_is_recorded_too(house: House) -> None:
    """It is known what became of it: nobody is asked about an interruption."""
    tools = (house.root / "tools.d/test.yaml").read_text()
    house.write("tools.d/test.yaml", tools + SLOW.replace("${1:-0}", "3"))
    house.workflow("a: {parallel: {w: {tool: slow_write}, r: {tool: when_there, with: {file: go}}}}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await until(lambda: (house.root / "begun").exists() and alive(f"{run}/a/1/r"))
            closing = asyncio.create_task(engine.close(grace=20))
            await until(lambda: alive(f"{run}/a/1/r") == [])
            house.write("finish", "now")
            await closing
        house.write("go", "go")
        async with house.engine() as engine:
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "error"
            assert [event.path for event in run_told.of("tool.interrupted")] == ["a/1/r"]

    asyncio.run(scene())


def test_what_writes_longer_than_the_grace_is_interrupted(house: House) -> None:
    """It is killed, and at the next start a person is asked whether to do it again."""
    tools = (house.root / "tools.d/test.yaml").read_text()
    house.write("tools.d/test.yaml", tools + SLOW)
    house.workflow("a: {tool: slow_write}")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            await until((house.root / "begun").exists)
            await engine.close(grace=0.05)
            assert alive(run) == []
        async with house.engine() as engine:
            question = (await has(engine, run, "approval.asked"))[0]
            assert question.reason == "interrupted"

    asyncio.run(scene())


def test_a_stopped_engine_accepts_no_runs(house: House) -> None:
    """Nothing is accepted that nobody would work on."""

    async def scene() -> None:
        async with house.engine() as engine:
            await engine.close(grace=0)
            with pytest.raises(RunnerError, match="stopping"):
                await start(engine, n=1)

    asyncio.run(scene())


# --------------------------------------------------------------------------------------------------------- waiting


@pytest.mark.parametrize("pause", ["{for: 1h}", "{until: inputs.at}"])
def test_a_timer_fires_after_a_restart(house: House, pause: str) -> None:
    """What was set when the step began holds, also when its time came while no engine ran."""
    clock = Clock()
    at = datetime.fromtimestamp(clock.now + 3600, UTC).isoformat()
    house.workflow(f"a: {{wait: {pause}}}", head="inputs: {at: str}")

    async def scene() -> None:
        async with house.engine(clock=clock) as engine:
            run = await start(engine, at=at)
            await parked(engine, run)
            assert [engine.store.due(clock.now + late) for late in (3599, 3600)] == [[], [run]]
        clock.turn(3599)
        async with house.engine(clock=clock) as engine:
            assert engine.store.find(run).status == "waiting"
        clock.turn(1)
        async with house.engine(clock=clock) as engine:
            run_told = await ended(engine, run)
            assert run_told.end.verdict == "pass"
            assert (len(run_told.of("timer.set")), len(run_told.of("timer.fired"))) == (1, 1)

    asyncio.run(scene())


@pytest.mark.parametrize("at", ["soon", "12:30", 7])
def test_a_time_that_is_none_fails_the_wait(house: House, at: object) -> None:
    """`until` takes ISO 8601; the fault names what it was given."""
    run = house.told("a: {wait: {until: inputs.at}}", head="inputs: {at: any}", at=at)
    assert run.end.evidence["match"] == "output"
    assert f"{at!r}, which is no ISO 8601 time" in run.end.why


def test_a_time_that_has_passed_is_no_wait(house: House) -> None:
    """The phase is left at once; nothing parks."""
    run = house.told("a: {wait: {until: inputs.at}}", head="inputs: {at: str}", at="2001-01-01T00:00:00Z")
    assert (run.end.verdict, run.of("run.waiting")) == ("pass", [])
