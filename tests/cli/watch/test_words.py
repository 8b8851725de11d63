"""Events in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runner.cli.watch.words import lines
from runner.runs.events import (
    AnyEvent,
    ApprovalDecided,
    Call,
    IntentMatched,
    ItemLeft,
    ModelHeld,
    ModelReplied,
    ModelRetried,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    PhaseSkipped,
    RunCancelRequested,
    RunClaimed,
    RunEnded,
    RunQueued,
    SummaryMade,
    TimerSet,
    ToolCalled,
    ToolInterrupted,
    ToolReturned,
    Usage,
)
from runner.runs.fleets import STATUSES
from runner.runs.record import Fault, Record
from runner.runs.state import fold

Stamped = Callable[..., list[AnyEvent]]
CALL = ToolCalled(path="a/1/turn-1/call-1", tool="read", arguments={}, risk="read", target="local", cwd="/", rule="")


def words(*events: AnyEvent) -> list[str]:
    """The lines of the last of these events."""
    return [line.text for line in lines(events[-1], fold(events))]


def replied(text: str = "", *calls: Call) -> ModelReplied:
    """A model's answer in the first turn."""
    return ModelReplied(path="a/1/turn-1", text=text, calls=[*calls], usage=Usage(), finish="stop", seconds=1)


FAULT = Fault(match="tool", message="there is no\nsuch file", hint="look")


@pytest.mark.parametrize(
    "event,line",
    [
        (RunClaimed(owner="x", why="resume"), "goes on after an interruption"),
        (RunClaimed(owner="x", why="wake"), "goes on after the wait"),
        (RunCancelRequested(by="ada", note="enough"), "cancel asked for by ada: enough"),
        (
            PhaseSkipped(path="fix/1", visit=1, expression="not phases.a.ok", values={}),
            "– fix skipped: not phases.a.ok is false",
        ),
        (ItemLeft(path="many/1/2", index=2, record=Record.of("ok")), "  ✓ item 2"),
        (ModelRetried(path="a/1/turn-1", error="no JSON", message="again"), "  asked again: no JSON"),
        (
            IntentMatched(path="a/1/intent", phrase="note {text}", slots={}, tool="note", arguments={}),
            "  by rule: note {text}",
        ),
        (
            SummaryMade(path="a/1", text="Long ago", messages=12),
            "  conversation shortened, 12 earlier messages summed up",
        ),
        (
            ModelHeld(path="a/1/turn-1", model="main", server="http://lab", seconds=8, why="it is down", then="main"),
            "  waits 8.0 s for main (http://lab): it is down",
        ),
        (
            ModelHeld(path="a/1/turn-1", model="main", server="http://lab", seconds=None, why="taken", then="main"),
            "  waits for main (http://lab): taken",
        ),
        (
            ModelHeld(path="a/1/turn-1", model="main", server="http://lab", seconds=60, why="no key", then="spare"),
            "  spare is asked, as main (http://lab) is left alone for 1 m 00 s: no key",
        ),
        (
            ModelHeld(path="a/1/turn-1", model="main", server="http://lab", seconds=0, why="no key", then="spare"),
            "  spare is asked, as main (http://lab) cannot be: no key",
        ),
        (ToolInterrupted(path="a/1", tool="push", decision="ask"), "  push was interrupted; a person is asked"),
        (ToolReturned(path="a/1", tool="read", record=Record.of("cancelled")), "  × read  cancelled"),
    ],
)
def test_what_happened_is_one_line(event: AnyEvent, line: str) -> None:
    """Whatever the event holds, line breaks included."""
    assert words(event) == [line]


def test_a_summary_is_told_as_a_shortening_and_not_as_an_answer() -> None:
    """By the tokens of its call, whose words are nobody's."""
    usage = Usage(input=7600, output=300)
    call = replied("Long ago").model_copy(update={"path": "a/1/summary", "usage": usage, "thinking": "Hm."})
    assert words(call) == []
    assert words(call.model_copy(update={"path": "a/1/turn-6/summary-7"})) == []
    made = SummaryMade(path="a/1", text="Long ago", messages=12)
    told = "  conversation shortened, 12 earlier messages summed up: about 7,600 → 300 tokens"
    assert words(call, made) == [told]


def test_thinking_is_shown_apart_from_what_a_model_says() -> None:
    """Before its words, marked, in one line."""
    thought = replied("I look.", Call(id="1", tool="look", arguments={}))
    said = words(thought.model_copy(update={"thinking": "First\nthe files."}))
    assert said == ["  ~ First the files.", "  I look."]


def test_an_answer_that_was_cut_short_is_told() -> None:
    """It stands as it is; whoever reads it should know."""
    assert words(replied("Once upon").model_copy(update={"finish": "length"})) == [
        "  Once upon",
        "  cut short at the most tokens that an answer may have",
    ]


def test_a_hint_stands_below_its_failure_and_at_the_end() -> None:
    """Once below the tool and the phase that only calls it; a phase that failed otherwise has it to itself."""
    record = Record.of("failed", error=FAULT)
    returned = ToolReturned(path="fix/1", tool="read", record=record, seconds=0.25)
    left = PhaseFailed(path="fix/1", record=record)
    assert words(returned) == ["  ! read  0.2 s  there is no such file", "    hint: look"]
    assert words(returned, left) == ["! fix  failed: there is no such file"]
    assert words(left) == ["! fix  failed: there is no such file", "  hint: look"]
    assert words(ItemLeft(path="many/1/0", index=0, record=record))[1:] == ["    hint: look"]
    ended = RunEnded(verdict="error", why="`fix/1` failed", evidence={"hint": "look"})
    assert words(ended)[1:] == ["  `fix/1` failed", "  hint: look"]


DEAD = Fault(match="unavailable", message="web1 cannot be reached: no connection: Connection refused", hint="is it up?")


def test_a_failure_is_told_once_and_then_referred_to() -> None:
    """What fails because of a call, up to the run's end, does not say its words and its hint again."""
    record = Record.of("failed", error=DEAD)
    returned = ToolReturned(path="look/1", tool="uptime", record=record, seconds=1, target="web1")
    left = PhaseFailed(path="look/1", record=record)
    outer = Fault(match="unavailable", message=f"`look/1` failed: {DEAD.message}", hint=DEAD.hint)
    ended = RunEnded(verdict="error", why=outer.message, evidence={"hint": DEAD.hint})
    assert words(returned) == [f"  ! uptime  1.0 s  {DEAD.message}", "    hint: is it up?"]
    assert words(returned, left) == ["! look  failed: as told above"]
    assert words(returned, PhaseFailed(path="sub/1", record=Record.of("failed", error=outer))) == [
        "! sub  failed: `look/1` failed: as told above"
    ]
    assert words(returned, left, ended)[1:] == ["  `look/1` failed: as told above"]


def test_what_a_phase_failed_with_is_told_once_too() -> None:
    """Words so short that nobody minds them twice aside, and where they were not told before."""
    entered = PhaseEntered(path="ask/1", visit=1, kind="agent")
    left = PhaseFailed(path="ask/1", record=Record.of("failed", error=DEAD))
    ended = RunEnded(verdict="error", why=f"`ask/1` failed: {DEAD.message}", evidence={"hint": DEAD.hint})
    assert words(entered, left) == [f"! ask  0.0 s  failed: {DEAD.message}", "  hint: is it up?"]
    assert words(entered, left, ended)[1:] == ["  `ask/1` failed: as told above"]
    assert words(ended)[1:] == [f"  `ask/1` failed: {DEAD.message}", "  hint: is it up?"]


def test_a_denial_is_told_once_however_short_it_is() -> None:
    """So is what to do about it."""
    denied = Record.of("failed", error=Fault(match="policy", message="denied by rules[0]", hint="look there"))
    returned = ToolReturned(path="call/1", tool="look", record=denied, seconds=0)
    ended = RunEnded(verdict="error", why="`call/1` failed: denied by rules[0]", evidence={"hint": "look there"})
    assert words(returned) == ["  ! look  0.0 s  denied by rules[0]", "    hint: look there"]
    assert words(returned, PhaseFailed(path="call/1", record=denied)) == ["! call  failed: as told above"]
    assert words(returned, ended)[1:] == ["  `call/1` failed: as told above"]


def test_a_table_of_hosts_tells_what_befell_each() -> None:
    """The line above it only counts, so that no host's failure stands there twice."""
    row = {"status": "unreachable", "hosts": ["web1"], "output": {"error": DEAD.message, "hint": DEAD.hint}}
    fault = DEAD.model_copy(update={"message": f"1 of 1 hosts failed or are out of reach: web1; web1: {DEAD.message}"})
    record = Record.of("failed", {**{key: [] for key in STATUSES}, "unreachable": ["web1"], "answers": [row]}, fault)
    told = words(ToolReturned(path="look/1", tool="uptime", record=record, seconds=1))
    assert told[0] == "  ! uptime  1.0 s  1 hosts: 1 unreachable"
    assert sum(DEAD.message in line for line in told) == 1


def test_a_question_shows_what_is_asked_about_and_for_whom(waiting: list[AnyEvent], stamped: Stamped) -> None:
    """The arguments with their tricks written out, the run by id and name, the step, and how to answer."""
    asked = words(*stamped("x", *waiting[:-1]))
    assert asked[:4] == [
        "? May git_push be called?",
        "  │ {",
        '  │   "to": "main\\u001b[2K\\u202e",',
        '  │   "force": true',
    ]
    assert asked[5:] == [
        "  run x (workflow ask), step push/1",
        "  runner approve 1k0aaaaaaaaaaaaaaaab-1   (or with --deny)",
    ]


def test_a_phase_took_the_time_that_was_worked_on_it(waiting: list[AnyEvent], stamped: Stamped) -> None:
    """The wait for a person is told beside it, as the run's own line does."""
    decided = ApprovalDecided(approval="1k0aaaaaaaaaaaaaaaab-1", decision="approve", by="ada")
    more = [decided, RunClaimed(owner="me", why="wake"), PhaseLeft(path="push/1", record=Record.of("ok"))]
    assert words(*stamped("x", *waiting, *more)) == ["✓ push  3.0 s, waited 2.0 s"]


def test_a_first_claim_needs_no_words() -> None:
    """Every run is claimed."""
    assert words(RunClaimed(owner="x", why="start")) == []


def test_a_call_shows_the_arguments_that_the_model_gave() -> None:
    """Defaults that were filled in would hide them."""
    call = CALL.model_copy(update={"arguments": {"path": "a.py", "offset": 1, "limit": 1000}})
    asked = replied("", Call(id="1", tool="read", arguments={"path": "a.py"}))
    assert words(asked, call) == ["  read path=a.py"]
    assert words(call) == ["  read path=a.py offset=1 limit=1000"]


def test_a_command_shows_its_words_but_no_script() -> None:
    """A word of several lines would hide the rest."""
    assert words(CALL.model_copy(update={"argv": ["sh", "-c", "a\nb", "git", "diff"]})) == ["  read: sh -c … git diff"]


def test_an_agents_last_word_is_left_to_its_output() -> None:
    """It is printed on stdout; what it says on the way to its tools is shown."""
    queued = RunQueued(kind="agent", name="a", inputs={}, revision="r")
    assert words(queued, replied("The answer.")) == []
    assert words(queued, replied("I look.", Call(id="1", tool="read", arguments={}))) == ["  I look."]


def test_a_decision_names_the_person_and_the_reason(waiting: list[AnyEvent], stamped: Stamped) -> None:
    """As the record has it."""
    decided = ApprovalDecided(approval="1k0aaaaaaaaaaaaaaaab-1", decision="deny", by="ada", note="not today")
    assert words(*stamped("x", *waiting, decided)) == ["  denied by ada: not today"]


def test_a_timer_names_its_time() -> None:
    """In this machine's time zone."""
    (line,) = words(TimerSet(path="a/1", until=1_800_000_000))
    assert line.startswith("  until 2027-01-1")


def test_a_failure_of_ours_is_told_whole() -> None:
    """Two fingerprints are there to be compared."""
    long = (
        f"it shows SHA256:{'a' * 43} (/home/ada/project/known_hosts:3), trusted is SHA256:{'b' * 43}; nothing was sent"
    )
    fault = Fault(match="unavailable", message=f"nas IS REFUSED: {long}")
    failed = Record.of("failed", error=fault)
    assert words(CALL, ToolReturned(path=CALL.path, tool="read", record=failed))[0].endswith(long)
    assert words(PhaseFailed(path="a/1", record=failed))[0].endswith(long)
