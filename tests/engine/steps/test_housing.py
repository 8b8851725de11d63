"""Workspaces of runs' own: made at a start, worked in by real commands in bubblewrap, waited for, shared by a rerun."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner.engine import Start
from runner.errors import UsageError
from runner.runs.events import RunEnded, RunWaiting, SandboxTaken, ToolCalled
from runner.runs.sandboxes import trees
from runner.runs.sandboxes.keeper import Sandboxes
from runner.runs.sandboxes.spec import SandboxesSpec
from tests.engine.house import MODELS, Told

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.engine import Engine
    from runner.runs.record import Fault
    from runner.runs.rows import RunRow
    from tests.engine.house import House

TOOLS = """
description: Tools that tell where they are.
tools:
  leave:
    description: Leave a file.
    command: [sh, -c, 'echo "$2" > "$1"', sh, "{{ file }}", "{{ text }}"]
    params: {file: str, text: {type: str, default: left}}
  show:
    description: Show a file.
    command: [cat, --, "{{ file }}"]
    params: {file: str}
    risk: read
  places:
    description: Say where it runs, and as a process of how many.
    command: [sh, -c, 'pwd; ls -a /proc | grep -c "^[0-9]"']
    risk: read
  peek:
    description: Try to list what is beside the workspace.
    command: [sh, -c, 'ls ../../.. ../.. .. 2>&1; cat ../../../runner.db 2>&1; true']
    risk: read
  read_here:
    description: Read a file by the tool's context.
    python: "own:read_here"
    params: {file: str}
    risk: read
  fill:
    description: Leave two mebibytes.
    command: [sh, -c, 'head -c 2097152 /dev/urandom > full']
  keep_here:
    description: Leave a file by the tool's context.
    python: "own:keep_here"
    params: {file: str}
  only_there:
    description: Runs in the sandbox only.
    command: ["true"]
    targets: [sandbox]
    risk: read
  escape:
    description: Leave a link that leads to the project.
    command: [ln, -s, "{{ to }}", link]
    params: {to: str}
"""
CODE = '''
"""A tool that works by its context."""

from runner.tools.context import Context


def read_here(context: Context, file: str) -> str:
    return context.read_text(file)


def keep_here(context: Context, file: str) -> None:
    context.write_text(file, "kept")
'''


def settings(more: str = "") -> str:
    """A runner.yaml that asks nobody."""
    return f"{MODELS}permissions: [{{tool: '*', action: allow}}]\n{more}\n"


@pytest.fixture
def own(house: House) -> House:
    """A house with tools that tell where they are."""
    house.write("runner.yaml", settings())
    house.write("tools.d/own.yaml", TOOLS)
    house.write("tools.d/own.py", CODE)
    return house


HEAD = "workspace: sandbox"


def work(told: Told) -> Path:
    """The workspace that the run took."""
    return Path(next(event for event in told.events if isinstance(event, SandboxTaken)).workspace)


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def fault(told: Told, path: str) -> Fault:
    """Why a step failed."""
    error = told.record(path).error
    assert error is not None
    return error


def ended(told: Told) -> RunEnded:
    """How it ended."""
    return next(event for event in told.events if isinstance(event, RunEnded))


def test_a_run_has_a_private_workspace_of_its_own_which_stays(own: House) -> None:
    """Made before the first phase, 0700, under the run's id; what a command leaves there is there afterwards."""
    told = own.told("leave: {tool: leave, with: {file: a}}", head=HEAD)
    assert ended(told).verdict == "pass", ended(told).why
    folder = own.root / ".runner" / "sandboxes" / told.events[0].run
    assert work(told) == folder / "work"
    assert (folder / "work" / "a").read_text() == "left\n"
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE((folder / "work").stat().st_mode) == 0o700
    assert not (own.root / "a").exists()
    assert [event.how for event in told.events if isinstance(event, SandboxTaken)] == ["made"]


def test_its_commands_run_in_the_sandbox_whatever_execute_and_target_say(own: House) -> None:
    """`local` means the sandbox there, also where a phase says it."""
    told = own.told("a: {tool: places}\nb: {tool: places, target: local}\nc: {tool: only_there}", head=HEAD)
    assert [event.target for event in told.events if isinstance(event, ToolCalled)] == ["sandbox"] * 3
    for phase in "ab":
        where, count = told.record(f"{phase}/1").output["text"].split()
        assert Path(where) == work(told)
        assert int(count) < 6


def test_the_rest_of_the_store_is_not_there_for_a_command_nor_for_a_file_tool(own: House) -> None:
    """The one folder is open; journal, other sandboxes and the project are not."""
    told = own.told(
        """
        leave: {tool: leave, with: {file: a, text: mine}}
        peek: {tool: peek}
        mine: {tool: read_here, with: {file: a}}
        journal: {tool: read_here, with: {file: ../../../runner.db}, errors: [{match: any, to: pass}]}
        """,
        head=HEAD,
    )
    peeked = told.record("peek/1").output["text"]
    assert "runner.db" not in peeked.replace("../../../runner.db", "")
    assert "../../../runner.db: No such file" in peeked
    assert told.record("mine/1").output == {"text": "mine\n"}
    assert "leaves the workspace" in fault(told, "journal/1").message


def test_called_workflows_and_finally_share_it(own: House) -> None:
    """A workflow that is called works in its caller's, `finally` sees what was left."""
    own.workflow("inner: {tool: leave, with: {file: b}}", name="sub")
    told = own.told(
        "a: {tool: leave, with: {file: a}}\nsub: {workflow: sub}",
        head="workspace: sandbox\nfinally: {tool: show, with: {file: b}}",
    )
    assert ended(told).verdict == "pass", ended(told).why
    assert names(work(told)) == ["a", "b"]
    assert told.record("finally/1").output["text"] == "left\n"


def test_a_phase_may_have_it_while_the_others_work_in_the_project(own: House) -> None:
    """Two phases of one run have the same one, side by side too."""
    told = own.told(
        """
        here: {tool: leave, with: {file: in-project}}
        both:
          parallel:
            one: {tool: leave, with: {file: one}, workspace: sandbox}
            two: {tool: leave, with: {file: two}, workspace: sandbox}
        """
    )
    assert ended(told).verdict == "pass", ended(told).why
    assert names(work(told)) == ["one", "two"]
    assert (own.root / "in-project").exists()
    assert [event.target for event in told.events if isinstance(event, ToolCalled)] == ["local", "sandbox", "sandbox"]


def test_a_link_out_of_the_sandbox_is_no_workspace(own: House) -> None:
    """What a command made leads no phase elsewhere; by its own path the sandbox can be said."""
    told = own.told(
        f"""
        escape: {{tool: escape, with: {{to: "{own.root}"}}}}
        out: {{tool: places, workspace: "{{{{ run.workspace }}}}/link", errors: [{{match: any, to: itself}}]}}
        itself: {{tool: places, workspace: "{{{{ run.workspace }}}}"}}
        """,
        head=HEAD,
    )
    assert "in runner's own store" in fault(told, "out/1").message
    assert told.record("itself/1").output["text"].split()[0] == str(work(told))


@pytest.mark.parametrize("said", ["{{ inputs.where }}", "{{ inputs.where }}/"])
def test_a_template_may_not_give_the_word(own: House, said: str) -> None:
    """`sandbox` is the author's word; what comes from an input is a folder, and is asked to be said as one."""
    (own.root / "sandbox").mkdir()
    told = own.told(
        f"a: {{tool: leave, with: {{file: a}}, workspace: '{said}', errors: [{{match: any, to: pass}}]}}",
        head="inputs: {where: {type: str, default: sandbox}}",
    )
    if said.endswith("/"):
        assert (own.root / "sandbox" / "a").exists()
    else:
        assert "./sandbox" in fault(told, "a/1").hint


def test_the_word_in_capitals_is_a_folder_and_the_hint_says_so(own: House) -> None:
    """It is refused before the run begins, as it is not there."""
    with pytest.raises(UsageError, match="is no folder") as refused:
        own.told("leave: {tool: leave, with: {file: a}}", head="workspace: Sandbox")
    assert refused.value.hint == "`workspace: sandbox` gives a run one of its own"


# -------------------------------------------------------------------------------------------------- the size

FULL = """
small: {tool: leave, with: {file: small}}
fill: {tool: fill}
command: {tool: show, with: {file: full}, errors: [{match: budget, to: python}]}
python: {tool: keep_here, with: {file: b}, errors: [{match: budget, to: read}]}
read: {tool: read_here, with: {file: small}}
elsewhere: {tool: leave, with: {file: a}, workspace: .}
"""


def test_one_that_is_over_its_size_is_read_and_no_more(own: House) -> None:
    """The command that went over has ended well; then no command and no other tool that may write is begun there."""
    own.write("runner.yaml", settings("sandboxes: {size: 1MiB}"))
    told = own.told(FULL, head=HEAD)
    assert ended(told).verdict == "pass", ended(told).why
    name = told.events[0].run
    for path in ("command/1", "python/1"):
        refused = fault(told, path)
        assert refused.match == "budget"
        assert refused.message == f"the sandbox of run {name} holds 2.1 MiB, at most 1 MiB (sandboxes.size)"
        assert refused.hint == (
            f"a person removes files in {work(told)}, or raises `sandboxes: {{size: …}}` of runner.yaml"
        )
    assert told.record("read/1").output == {"text": "left\n"}
    assert names(work(told)) == ["full", "small"]
    assert (own.root / "a").exists()
    called = [event.tool for event in told.events if isinstance(event, ToolCalled)]
    assert called == ["leave", "fill", "read_here", "leave"]


def test_within_its_size_nothing_is_refused(own: House) -> None:
    """The same steps."""
    own.write("runner.yaml", settings("sandboxes: {size: 8MiB}"))
    told = own.told(
        "fill: {tool: fill}\npython: {tool: keep_here, with: {file: b}}\nagain: {tool: leave, with: {file: a}}",
        head=HEAD,
    )
    assert ended(told).verdict == "pass", ended(told).why
    assert names(work(told)) == ["a", "b", "full"]


def test_one_that_cannot_be_measured_is_over(own: House) -> None:
    """A folder so deep that nobody can walk into it may hold anything."""
    own.write(
        "tools.d/deep.yaml",
        """
description: Digs.
tools:
  dig:
    description: Make twelve hundred folders, one in another.
    command: [sh, -c, 'i=0; while [ $i -lt 1200 ]; do mkdir deep; cd -P deep; i=$((i+1)); done']
    risk: read
""",
    )
    told = own.told("dig: {tool: dig}\nleave: {tool: leave, with: {file: a}}", head=HEAD)
    trees.remove(work(told).parent)  # pytest could not
    assert ended(told).verdict == "error"
    assert fault(told, "leave/1").match == "budget"
    assert fault(told, "leave/1").message.startswith(
        f"the sandbox of run {told.events[0].run} cannot be measured: 'work/deep/deep"
    )


# ------------------------------------------------------------------------------------------------- the quota

NAP = "nap: {tool: nap, with: {seconds: '60'}, timeout: 90s}"


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that others do."""
    while not is_so():  # noqa: ASYNC110 - other processes do it
        await asyncio.sleep(0.01)


async def ended_row(engine: Engine, run: str) -> RunRow:
    """The row of a run that may wait before it ends."""
    await until(lambda: engine.store.find(run).status == "ended")
    return engine.store.find(run)


async def holder(engine: Engine, by: str) -> str:
    """A run that has the only sandbox and does not end."""
    run = await engine.submit(Start("nap", by=by))
    await until(lambda: any(isinstance(event, ToolCalled) for event in engine.store.events(run)))
    return run


async def parked(engine: Engine, run: str) -> RunWaiting:
    """How a run waits."""
    assert (await engine.settled(run)).status == "waiting"
    return next(event for event in engine.store.events(run) if isinstance(event, RunWaiting))


def crowded(own: House, head: str = HEAD) -> None:
    """One sandbox for all; a workflow that holds it, and one that wants it."""
    own.write("runner.yaml", settings("sandboxes: {max: 1}"))
    own.workflow(NAP, name="nap", head=HEAD)
    own.workflow("leave: {tool: leave, with: {file: a}}", head=head)


def test_while_all_are_in_use_a_run_waits_as_rows_and_says_for_whom(own: House) -> None:
    """It goes on once one is free, and the other's is archived for it at once."""
    crowded(own)

    async def wait() -> None:
        async with own.engine() as engine:
            first = await holder(engine, "ada")
            second = await engine.submit(Start("job", by="bob"))
            waiting = (await parked(engine, second)).on[0]
            assert waiting.kind == "sandbox"
            assert waiting.why.startswith(f"1 of 1 sandboxes are in use: {first} by ada since ")
            await engine.cancel(first)
            row = await ended_row(engine, second)
            assert row.verdict == "pass", row.why
            assert [one.state for one in Sandboxes(engine.store).rows()] == ["archived", "idle"]

    asyncio.run(wait())


@pytest.mark.parametrize(
    "head, phases",
    [
        (f"{HEAD}\nlimits: {{deadline: 1s}}", "leave: {tool: leave, with: {file: a}}"),
        ("limits: {deadline: 1s}", "leave: {tool: leave, with: {file: a}, workspace: sandbox}"),
        ("", "leave: {tool: leave, with: {file: a}, workspace: sandbox, limits: {deadline: 1s}}"),
    ],
)
def test_a_limit_that_ends_the_wait_names_who_has_them(own: House, head: str, phases: str) -> None:
    """Of the workflow or of the phase; nothing was made for the run."""
    crowded(own)
    own.workflow(phases, head=head)

    async def wait() -> None:
        async with own.engine() as engine:
            first = await holder(engine, "ada")
            second = await engine.submit(Start("job", by="bob"))
            await parked(engine, second)
            row = await ended_row(engine, second)
            assert row.verdict == "error"
            assert f"waiting for a sandbox: 1 of 1 sandboxes are in use: {first} by ada since " in row.why
            assert [one.run for one in Sandboxes(engine.store).rows()] == [first]
            await engine.cancel(first)
            await engine.settled(first)

    asyncio.run(wait())


def test_a_waiting_run_can_be_cancelled(own: House) -> None:
    """It had none, and gets none."""
    crowded(own)

    async def wait() -> None:
        async with own.engine() as engine:
            first = await holder(engine, "ada")
            second = await engine.submit(Start("job", by="bob"))
            await parked(engine, second)
            await engine.cancel(second, by="bob")
            assert (await engine.settled(second)).verdict == "cancelled"
            assert [one.run for one in Sandboxes(engine.store).rows()] == [first]
            await engine.cancel(first)
            await engine.settled(first)

    asyncio.run(wait())


def test_a_rerun_works_in_the_sandbox_of_the_first_unpacked_if_need_be(own: House) -> None:
    """Idle or archived, what the first left is there; it is the first one's still."""
    own.workflow(
        "show: {tool: show, with: {file: a}, errors: [{match: any, to: leave}], next: pass}\n"
        "leave: {tool: leave, with: {file: a}}",
        head=HEAD,
    )

    async def again() -> None:
        async with own.engine() as engine:
            first = await engine.submit(Start("job", by="ada"))
            await engine.settled(first)
            spec = SandboxesSpec.model_validate({"idle": "1s"})
            for how in ("found", "unpacked"):
                run = await engine.rerun(first, by="bob")
                assert (await engine.settled(run)).verdict == "pass"
                told = Told(engine.store.events(run))
                assert told.record("show/1").output["text"] == "left\n"
                taken = next(event for event in told.events if isinstance(event, SandboxTaken))
                assert (taken.how, taken.sandbox) == (how, first)
                Sandboxes(engine.store).tidy(spec, engine.store.find(run).queued_at + 3600)
            assert [(one.run, one.by, one.state) for one in Sandboxes(engine.store).rows()] == [
                (first, "ada", "archived")
            ]

    asyncio.run(again())


def test_the_daemon_archives_what_is_idle(own: House) -> None:
    """Its first look is at its start."""
    own.write("runner.yaml", settings("sandboxes: {idle: 1ms}"))
    folder = work(own.told("leave: {tool: leave, with: {file: a}}", head=HEAD)).parent

    async def look() -> None:
        async with own.engine():
            await until(lambda: not folder.exists())

    asyncio.run(look())
    assert names(folder.parent) == [f"{folder.name}.tar.gz"]


def test_an_agent_works_in_it_and_what_it_calls_local_is_the_sandbox(own: House) -> None:
    """Its targets are its files' word; the run's own sandbox is stricter."""
    own.write("agents.d/maker.yaml", "description: Makes.\nprompt: Make.\ntools: [leave]\ntargets: [local]\n")
    own.write("replies.yaml", "- {calls: [{tool: leave, with: {file: a}}]}\n- {text: Made.}\n")
    told = own.told("make: {agent: maker, message: Make.}", head=HEAD)
    assert ended(told).verdict == "pass", ended(told).why
    assert [event.target for event in told.events if isinstance(event, ToolCalled)] == ["sandbox"]
    assert names(work(told)) == ["a"]
