"""Cassettes: recorded once, answered from for ever, and clear about what is not on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runner.errors import ConfigInvalid, ModelFailed, UsageError
from runner.models.cassettes import Player, Recorder
from runner.models.cassettes.plain import Places
from runner.models.port import Deadline, Message, OnDelta, Place, Reply, Request, Sampling, ToolDef
from runner.runs.events import Call, Kept, Usage
from runner.secrets import Secrets

SERVED = "openai:tiny"
ANSWERED = (
    b"- {call: a, model: m, served: s, offers: o, asked: [], at: {agent: a, phase: p, visit: 1, turn: 1}, "
    b"reply: {finish: stop, usage: {%b}}}"
)
KEY = "sk-verysecretvalue-123456"


class Mind:
    """A model that gives what it was made with, one after the other."""

    def __init__(self, *came: Reply | ModelFailed) -> None:
        self._came = list(came)
        self.is_closed = False

    async def reply(self, _request: Request, on_delta: OnDelta) -> Reply:
        """The next answer, or the next fault."""
        came = self._came.pop(0)
        if isinstance(came, ModelFailed):
            raise came
        on_delta("text", came.text)
        return came

    async def close(self) -> None:
        """Be closed."""
        self.is_closed = True


Ask = Callable[..., Any]


def said(text: str = "Done.", **more: Any) -> Reply:
    """An answer."""
    return Reply(**{"text": text, "calls": [], "usage": Usage(input=3, output=2), "finish": "stop", **more})


def request(*texts: str, turn: int = 1, agent: str = "coder", **more: Any) -> Request:
    """A conversation whose texts are of the system and then of the user."""
    messages = [Message("system", "You help."), *(Message("user", text) for text in texts)]
    return Request(messages, [], None, Deadline(5.0), Place(agent, "execute", 1, turn), **more)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the cassette is, in a folder that is not there yet."""
    return tmp_path / "kept" / "tape.yaml"


@pytest.fixture
def places() -> Places:
    """A project's folder, and one secret."""
    return Places("/home/ada/project", Secrets({"MY_KEY": KEY}, "").redact)


@pytest.fixture
def record(file: Path, places: Places) -> Ask:
    """Put requests to a model that gives some answers, and record them."""

    def record(*pairs: tuple[Request, Reply | ModelFailed], served: str = SERVED) -> list[Any]:
        tape = Recorder(file, places)
        mind = Mind(*(came for _, came in pairs))
        model = tape.around("default", served, lambda: mind)
        got = [asked(model, one) for one, _ in pairs]
        asyncio.run(model.close())
        assert mind.is_closed
        return got

    return record


def asked(model: Any, one: Request, told: list[tuple[str, str]] | None = None) -> Any:
    """What a model answers, or the fault it raises."""
    heard = told if told is not None else []
    try:
        return asyncio.run(model.reply(one, lambda kind, text: heard.append((kind, text))))
    except ModelFailed as fault:
        return fault


@pytest.fixture
def replay(file: Path, places: Places) -> Ask:
    """Put requests to the cassette; a model that would be opened fails the test."""

    def replay(*requests: Request, served: str = SERVED, places: Places = places) -> list[Any]:
        model = Player(file, places).around("default", served, lambda: pytest.fail("a model was opened"))
        return [asked(model, one) for one in requests]

    return replay


def test_every_part_of_an_answer_comes_back(record: Ask, replay: Ask) -> None:
    """Text, thinking, calls, usage, finish, and what the provider wants back word for word."""
    whole = said(
        "Deux lignes\nici: é\tx ",
        calls=[Call(id="c1", tool="read_file", arguments={"path": "a: b", "no": [1, 2.5, None, True]})],
        usage=Usage(input=10, output=4, cached=3, cost=0.25),
        finish="tool_calls",
        thinking="Hm.\n",
        kept=Kept(wire="anthropic", provider="anthropic", blocks=[{"signature": "abc=="}]),
    )
    assert record((request("hello"), whole)) == [whole]
    assert replay(request("hello")) == [whole]


def test_words_are_told_as_they_would_stream(record: Ask, file: Path, places: Places) -> None:
    """Thinking first, then the text."""
    record((request("hello"), said("Yes.", thinking="Is it?")))
    told: list[tuple[str, str]] = []
    model = Player(file, places).around("default", SERVED, lambda: pytest.fail("opened"))
    asked(model, request("hello"), told)
    assert told == [("thinking", "Is it?"), ("text", "Yes.")]


def test_equal_requests_are_answered_in_their_order(record: Ask, replay: Ask) -> None:
    """Once all answers were given they are given again, from the first on."""
    record((request("roll"), said("1")), (request("roll"), said("2")))
    assert [one.text for one in replay(*[request("roll")] * 3)] == ["1", "2", "1"]


def test_of_equal_requests_the_place_tells_which_was_meant(record: Ask, replay: Ask) -> None:
    """Two agents that are told the same may answer differently, whoever asks first."""
    record((request("go", agent="ada"), said("A")), (request("go", agent="bob"), said("B")))
    assert [one.text for one in replay(request("go", agent="bob"), request("go", agent="ada"))] == ["B", "A"]


@pytest.mark.parametrize(
    "recorded,now",
    [
        ("3 passed in 0.02s", "3 passed in 1.7 s"),
        ("at 2026-01-02T03:04:05Z", "at 2027-05-06 07:08"),
        ("/home/ada/project/app.py", "/home/ada/project/app.py"),
        ("run 1k0aaaaaaaaaaaaaaaaa", "run 1k0bbbbbbbbbbbbbbbbb"),
    ],
)
def test_times_and_ids_of_runs_make_no_difference(record: Ask, replay: Ask, recorded: str, now: str) -> None:
    """Another day, another run, the same question."""
    record((request(recorded, cache_key="1k0aaaaaaaaaaaaaaaaa/execute/1"), said()))
    (answer,) = replay(request(now, cache_key="1k0bbbbbbbbbbbbbbbbb/execute/1"))
    assert answer.text == "Done."


def test_a_request_that_is_equal_in_every_letter_comes_first(record: Ask, replay: Ask) -> None:
    """Where only times differ, each gets its own answer."""
    record((request("wait 5s"), said("five")), (request("wait 9s"), said("nine")))
    assert [one.text for one in replay(request("wait 9s"), request("wait 5s"))] == ["nine", "five"]


def test_a_project_in_another_folder_is_answered_with_its_own_paths(record: Ask, replay: Ask, file: Path) -> None:
    """The folder stands on no cassette: it is named anew in every call."""
    call = Call(id="c1", tool="read_file", arguments={"path": "/home/ada/project/app.py"})
    record((request("see /home/ada/project"), said("", calls=[call])))
    assert "/home/ada" not in file.read_text()
    (answer,) = replay(request("see /srv/other-place"), places=Places("/srv/other-place", lambda data: data))
    assert answer.calls[0].arguments == {"path": "/srv/other-place/app.py"}


@pytest.mark.parametrize("where", ["calls", "text", "fault"])
def test_an_answer_that_names_its_run_names_the_one_that_replays_it(
    record: Ask, replay: Ask, file: Path, where: str
) -> None:
    """And the next request, which repeats the answer, is the one that was recorded."""
    former, now = "1k0aaaaaaaaaaaaaaaaa", "1k0bbbbbbbbbbbbbbbbb"

    def came(run: str) -> Any:
        call = Call(id="c1", tool="write_file", arguments={"path": f"report-{run}.md"})
        answers = {"calls": said("", calls=[call]), "text": said(f"report-{run}.md")}
        return answers.get(where) or ModelFailed(f"no report-{run}.md")

    def then(run: str) -> Request:
        said = came(run)
        repeated = Message("assistant", getattr(said, "text", ""), getattr(said, "calls", ()))
        first = request("go", cache_key=f"{run}/execute/1")
        return replace(first, messages=[*first.messages, repeated])

    record((request("go", cache_key=f"{former}/execute/1"), came(former)), (then(former), said()))
    assert former not in file.read_text()
    first, second = replay(request("go", cache_key=f"{now}/execute/1"), then(now))
    assert now in str(first) + str(getattr(first, "calls", ""))
    assert second.text == "Done."


@pytest.mark.parametrize("where", ["message", "answer", "thinking", "arguments", "fault", "tool"])
def test_a_secret_never_gets_onto_a_cassette(record: Ask, file: Path, where: str) -> None:
    """Whoever says it: a tool's output, the model, or a server that refuses the key."""
    call = Call(id="c", tool="send", arguments={"with": [f"token={KEY}"]})
    one = request(f"tool said {KEY}" if where == "message" else "x")
    answers: dict[str, Reply | ModelFailed] = {
        "answer": said(f"It is {KEY}."),
        "thinking": said(thinking=KEY),
        "arguments": said(calls=[call]),
        "fault": ModelFailed(f"the key {KEY} is refused", trouble="key"),
    }
    came = answers.get(where, said())
    if where == "tool":
        one = replace(one, messages=[*one.messages, Message("tool", f"KEY={KEY}", call_id="c")])
    record((one, came))
    assert KEY not in file.read_text()
    assert "***" in file.read_text()


def test_what_failed_and_was_then_answered_is_answered_at_once(record: Ask, replay: Ask) -> None:
    """The failure stays on the cassette for people to read."""
    record((request("x"), ModelFailed("busy", trouble="overloaded")), (request("x"), said("late")))
    assert [one.text for one in replay(request("x"))] == ["late"]


@pytest.mark.parametrize("trouble,again", [("overloaded", "other"), ("overflow", "overflow"), ("filtered", "filtered")])
def test_what_only_failed_fails_again(record: Ask, replay: Ask, trouble: Any, again: str) -> None:
    """In the same words and with the same match, and nothing is tried again that was tried when it was recorded."""
    record((request("x"), ModelFailed("no luck", trouble=trouble, match="timeout", hint="wait")))
    (fault,) = replay(request("x"))
    assert (fault.message, fault.match, fault.trouble, fault.hint) == ("no luck (recorded)", "timeout", again, "wait")


def test_each_message_is_written_once(record: Ask, file: Path) -> None:
    """A long conversation makes no longer file than its words."""
    record(*[(request(*(f"word {number}" for number in range(turn))), said()) for turn in range(1, 9)])
    assert [file.read_text().count(f"text: word {number}\n") for number in range(8)] == [1] * 8


def test_the_file_can_be_read_by_people(record: Ask, file: Path) -> None:
    """Lines stay lines, letters stay letters, and what cannot be seen is written out."""
    record((request("Où est\nla clé ?"), said("ici\u202e et là\nbas\u200b")))
    text = file.read_text(encoding="utf-8")
    assert "text: |-\n        Où est\n        la clé ?" in text
    assert "\u202e" not in text
    assert r"\U0000202e" in text


def test_odd_characters_come_back_as_they_were(record: Ask, replay: Ask) -> None:
    """Whatever a model or a tool may say."""
    odd = [
        "",
        " ",
        "a\r\nb",
        "\ufeffx",
        "no",
        "1e3",
        "2026-01-01",
        "- a\n- b",
        "\x00\x1b[2J",
        "\U0001f600",
        "'\"\\",
        "\n",
    ]
    answers = [said(text, calls=[Call(id="1", tool="t", arguments={"k": text, text or "e": 1})]) for text in odd]
    questions = [request(f"q{number} {text}") for number, text in enumerate(odd)]
    record(*zip(questions, answers, strict=True))
    assert replay(*questions) == answers


@pytest.mark.parametrize(
    "now,served,told",
    [
        (request("Please mend app.js now"), SERVED, "message 2 (user) differs: recorded 'Please mend app.py now'"),
        (request("Please mend app.py now", "more"), SERVED, "it has 2 messages, this one 3"),
        (
            request("Please mend app.py now"),
            "openai:big",
            "it was asked of openai:tiny, this one is asked of openai:big",
        ),
        (
            replace(request("Please mend app.py now"), tools=[ToolDef("rm", "Remove.", {})]),
            SERVED,
            "the tools differ: now with rm",
        ),
        (
            request("Please mend app.py now", sampling=Sampling(temperature=0.5)),
            SERVED,
            "the tools, the schema or `sampling` differ",
        ),
        (replace(request(), messages=[Message("user", "hi")]), SERVED, "message 1 (user) differs: it was of system"),
    ],
)
def test_a_request_that_is_not_on_it_is_told_with_its_difference(
    record: Ask, replay: Ask, file: Path, now: Request, served: str, told: str
) -> None:
    """Which request, what differs from the nearest one, and what to do."""
    record((request("something else", agent="other"), said()), (request("Please mend app.py now"), said()))
    (fault,) = replay(now, served=served)
    assert fault.message.startswith(
        f"{file} has no answer of model default for agent coder, phase execute, visit 1, turn 1: nearest is turn 1"
    )
    assert told in fault.message
    assert (fault.match, fault.trouble) == ("unavailable", "other")
    assert fault.hint == "record again with --record"


def test_an_empty_cassette_says_so(replay: Ask, file: Path) -> None:
    """As one is that was begun and never answered."""
    file.parent.mkdir()
    file.write_text("# nothing\n")
    (fault,) = replay(request("x"))
    assert "the cassette is empty" in fault.message


@pytest.mark.parametrize(
    "content,told",
    [
        (b"- {call: [}", ":1:11: this cassette cannot be read: "),
        (b"- {call: x}", "entry 1, model: Field required"),
        (b"just a text", "Input should be a valid list"),
        (b"\xff\xfe\x00", "this cassette cannot be read"),
        (
            b"- {call: a, model: m, served: s, offers: o, asked: [], at: {agent: a, phase: p, visit: 1, turn: 1}}",
            "entry 1: Value error, an entry has either `reply` or `failed`",
        ),
        (b"- {a: &a [1], b: *a}", ":1:7: this cassette cannot be read: an alias"),
        (b"- &a [*a]", ":1:3: this cassette cannot be read: an alias"),
        (b"[" * 100_000, "more than 128 collections inside one another"),
        (b"- !!python/object/apply:os.getcwd []", "could not determine a constructor"),
        (b"- {call: %b}" % (b"9" * 5000), "this cassette cannot be read: "),
        (ANSWERED % b"cost: .inf", "entry 1, reply.usage.cost: "),
        (ANSWERED % b"input: 9999999999999999999999", "entry 1, reply.usage.input: "),
        (ANSWERED % b"output: -1", "entry 1, reply.usage.output: "),
    ],
)
def test_what_is_no_cassette_is_refused(file: Path, places: Places, content: bytes, told: str) -> None:
    """With its place, and the advice to record it again."""
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(ConfigInvalid) as caught:
        Player(file, places)
    assert caught.value.message.startswith(str(file))
    assert told in caught.value.message


def test_a_cassette_that_is_not_there_is_a_wrong_command(file: Path, places: Places) -> None:
    """It says how one is made."""
    with pytest.raises(UsageError) as caught:
        Player(file, places)
    assert caught.value.hint == "`--record FILE` makes one"


def test_a_place_that_cannot_be_written_is_refused_before_anybody_is_asked(tmp_path: Path, places: Places) -> None:
    """No answer is paid for that cannot be kept."""
    (tmp_path / "kept").write_text("a file")
    with pytest.raises(UsageError, match="cannot be written"):
        Recorder(tmp_path / "kept" / "tape.yaml", places)


def test_a_new_recording_replaces_the_old_one_with_its_first_answer(record: Ask, file: Path, places: Places) -> None:
    """Until then the old one stays: a run that does not come so far costs nothing."""
    record((request("old"), said()))
    before = file.read_text()
    Recorder(file, places)
    assert file.read_text() == before
    record((request("new"), said()))
    assert "text: old" not in file.read_text()


def test_a_folder_is_no_cassette(file: Path, places: Places) -> None:
    """And none is made of it."""
    file.mkdir(parents=True)
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        Player(file, places)


def test_messages_of_any_shape_are_compared(replay: Ask, file: Path) -> None:
    """Those of a cassette may be anybody's."""
    file.parent.mkdir()
    asked = b"messages: {d: {role: system, text: [1]}}, reply: {finish: stop}}"
    file.write_bytes(ANSWERED.partition(b"reply:")[0].replace(b"asked: []", b"asked: [d]") + asked)
    (fault,) = replay(request("x"))
    assert "message 1 (system) differs: recorded '[1]'" in fault.message
