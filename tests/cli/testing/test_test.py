"""`runner test`: cases replayed offline, judged, reported."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.cli.modelserver import ModelServer

Cli = Callable[..., Any]
Make = Callable[..., Path]
TELLER = {"agents.d/teller.yaml": "description: Tells.\nprompt: Tell.\n"}
CASE = "tests/cases/hello.yaml"
WRITER = {
    "agents.d/writer.yaml": "description: Writes.\nprompt: Write.\ntools: [note]\n",
    "tools.d/own.yaml": (
        "description: Own.\ntools:\n"
        "  note:\n    description: Notes.\n    command: [sh, -c, 'ls -A; echo new > kept.txt']\n"
    ),
    "replies.yaml": "- {when: {turn: 1}, calls: [{tool: note}]}\n- text: Noted.\n",
    "kept.txt": "old\n",
}
WAITS = {
    "workflows/ask.yaml": (
        "description: Asks.\nphases:\n  rest: {wait: {for: 12h}}\n  question: {approval: {ask: 'Go on?', by: [ada]}}\n"
    )
}


@pytest.fixture
def served(project: Make) -> Iterator[tuple[Path, ModelServer]]:
    """A project whose two models are behind a server that says which of them it was asked for."""
    with ModelServer(lambda body: f"I am {body['model']}.") as server:
        spec = f'{{provider: openai, base_url: "{server.url}", key: none, model: '
        models = f"models:\n  default: {spec}tiny}}\n  big: {spec}large, fallback: [default]}}\n"
        yield project({**TELLER, "runner.yaml": models, CASE: "run: teller\ntext: hi\n"}), server


def report(answer: Any) -> Any:
    """The JSON that was printed."""
    return json.loads(answer.out)


def test_a_scripted_project_needs_no_cassette(cli: Cli, project: Make) -> None:
    """The case passes, its line is talk, the table is data."""
    root = project({**TELLER, CASE: "run: teller\ntext: hi\nexpect: {output: {equals: Done.}}\n"})
    answer = cli("-C", root, "test")
    assert answer.code == 0
    assert "ok   hello" in answer.err
    assert answer.out.splitlines()[1].split()[4:7] == ["1", "1", "100%"]


def test_what_is_not_as_it_should_be_is_told_and_the_exit_code_is_one(cli: Cli, project: Make) -> None:
    """Each failure in a line of its own."""
    root = project({**TELLER, CASE: "run: teller\ntext: hi\nexpect: {verdict: fail, output: {contains: Hello}}\n"})
    answer = cli("-C", root, "test")
    assert answer.code == 1
    assert "FAIL hello" in answer.err
    assert "verdict: fail was expected, it is pass" in answer.err
    assert "output: 'Hello' is not in Done." in answer.err


def test_a_case_that_cannot_be_read_is_exit_code_three(cli: Cli, project: Make) -> None:
    """Nothing is run; the problem is shown with its line."""
    answer = cli("-C", project({**TELLER, CASE: "run: teler\ntext: hi\n"}), "test")
    assert answer.code == 3
    assert f"{CASE}:1:6" in answer.err
    assert "did you mean teller?" in answer.err


def test_tools_act_in_a_copy_that_is_thrown_away(cli: Cli, project: Make) -> None:
    """What the case changes is changed nowhere else, and nothing is left in the journal."""
    root = project({**WRITER, CASE: "run: writer\ntext: go\napprovals: approve\nexpect: {calls: [{tool: note}]}\n"})
    assert cli("-C", root, "test").code == 0
    assert (root / "kept.txt").read_text() == "old\n"
    assert not (root / ".runner").exists()


def test_the_copy_of_a_repository_is_one_with_all_that_git_does_not_ignore(cli: Cli, project: Make) -> None:
    """Changed and new files are there, ignored ones are not, `.env` is."""
    command = "ls -A; cat kept.txt; git status -s; git log --oneline"
    look = f"  look:\n    description: Looks.\n    command: [sh, -c, '{command}']\n"
    root = project(
        {
            **WRITER,
            "tools.d/own.yaml": f"description: Own.\ndefaults: {{risk: read}}\ntools:\n{look}",
            "agents.d/writer.yaml": "description: W.\nprompt: W.\ntools: [look]\n",
            ".gitignore": "ignored.txt\n.env\n",
            "ignored.txt": "x",
            ".env": "A=b\n",
            "workflows/see.yaml": "description: S.\nphases:\n  see: {tool: look}\n",
            CASE: (
                "run: see\nexpect:\n  output:\n    contains: [changed, new.txt, .env, As it is]\n"
                "    not: {contains: [ignored.txt, '?? ', ' M ']}\n"
            ),
        }
    )
    for words in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "First"),
    ):
        subprocess.run(["git", *words], cwd=root, check=True)
    (root / "kept.txt").write_text("changed\n")
    (root / "new.txt").write_text("n\n")
    answer = cli("-C", root, "test", "--json")
    assert report(answer)["cases"][0]["failures"] == []


def test_the_copy_of_a_project_below_the_top_of_a_repository_is_whole(cli: Cli, project: Make) -> None:
    """Git names files from its top; those beside the project are no part of it."""
    tool = "description: O.\ntools:\n  look: {description: L., command: [sh, -c, 'ls -A; cat kept.txt'], risk: read}\n"
    see = "description: S.\nphases:\n  see: {tool: look}\n"
    expect = "run: see\nexpect: {output: {contains: [runner.yaml, old], not: {contains: beside}}}\n"
    files = {"kept.txt": "old\n", "tools.d/own.yaml": tool, "workflows/see.yaml": see, CASE: expect}
    root = project(files, "top/[in]side")
    (root.parent / "beside.txt").write_text("x")
    subprocess.run(["git", "init", "-q"], cwd=root.parent, check=True)
    answer = cli("-C", root, "test", "--json")
    assert report(answer)["cases"][0]["failures"] == []


def test_a_question_is_answered_as_the_case_says_and_timers_are_over_at_once(cli: Cli, project: Make) -> None:
    """Twelve hours pass in no time; who may decide is asked in the case's name."""
    root = project(
        {
            **WAITS,
            "tests/cases/several.yaml": (
                "cases:\n"
                "  - {name: granted, run: ask, approvals: approve}\n"
                "  - {name: denied, run: ask, approvals: deny, expect: {phases: [rest, question]}}\n"
                "  - {name: left, run: ask, expect: {verdict: waiting}}\n"
                "  - {name: forgotten, run: ask}\n"
            ),
        }
    )
    answer = cli("-C", root, "test", "--json")
    cases = {one["name"].partition("/")[2]: one for one in report(answer)["cases"]}
    assert {name: one["verdict"] for name, one in cases.items()} == {
        "granted": "pass",
        "denied": "pass",
        "left": "waiting",
        "forgotten": "waiting",
    }
    assert [one["ok"] for one in cases.values()] == [True, True, True, False]
    assert "Go on?" in cases["forgotten"]["failures"][0]
    assert "`approvals: approve`" in cases["forgotten"]["failures"][0]


def test_cassettes_are_recorded_then_answered_from(cli: Cli, served: tuple[Path, ModelServer]) -> None:
    """Without one the case fails and says how it is made; with it the server is not asked."""
    root, server = served
    answer = cli("-C", root, "test")
    assert answer.code == 1
    assert "there is no cassette tests/cases/cassettes/hello.yaml (`runner test hello --record` makes it)" in answer.err
    assert cli("-C", root, "test", "--record").code == 0
    assert (root / "tests/cases/cassettes/hello.yaml").is_file()
    assert len(server.bodies) == 1
    assert cli("-C", root, "test").code == 0
    assert len(server.bodies) == 1
    assert cli("-C", root, "test", "--live").code == 0
    assert len(server.bodies) == 2


def test_a_failed_recording_leaves_the_cassette_as_it_was(cli: Cli, served: tuple[Path, ModelServer]) -> None:
    """A first one that fails makes none; the next run without network answers as it did before."""
    root, server = served
    kept = root / "tests/cases/cassettes/hello.yaml"
    server.key = "another"
    answer = cli("-C", root, "test", "--record")
    assert (answer.code, kept.exists()) == (1, False)
    assert "not recorded: the model call answer/1/turn-1 failed; the cassette hello.yaml is not made" in answer.err
    server.key = ""
    assert cli("-C", root, "test", "--record").code == 0
    before, server.key = kept.read_bytes(), "another"
    answer = cli("-C", root, "test", "--record")
    assert answer.code == 1
    assert "the cassette hello.yaml stays as it was" in answer.err
    assert kept.read_bytes() == before
    assert cli("-C", root, "test").code == 0


def test_what_a_run_recorded_that_waits_unexpectedly_is_no_cassette(cli: Cli, project: Make) -> None:
    """It would have asked more; where the case says that it waits, it is kept."""
    with ModelServer(lambda _: [("note", {})]) as server:
        models = f"models:\n  default: {{provider: openai, base_url: '{server.url}', key: none, model: tiny}}\n"
        root = project({**WRITER, "runner.yaml": models, CASE: "run: writer\ntext: go\n"})
        answer = cli("-C", root, "test", "--record")
        assert "not recorded: the run waits; the cassette hello.yaml is not made" in answer.err
        (root / CASE).write_text("run: writer\ntext: go\nexpect: {verdict: waiting}\n")
        assert cli("-C", root, "test", "--record").code == 0
    assert cli("-C", root, "test").code == 0


@pytest.fixture
def paid(project: Make) -> Iterator[tuple[Path, ModelServer]]:
    """A project whose model takes $0.0045 for an answer, of $0.006 a day: enough for one call."""
    with ModelServer() as server:
        price = "price: {input: 100, output: 500}"
        model = f"{{provider: openai, base_url: '{server.url}', key: none, model: tiny, {price}}}"
        files = {
            "runner.yaml": f"models: {{default: {model}}}\nlimits: {{cost_usd_per_day: 0.006}}\n",
            "agents.d/teller.yaml": f"{TELLER['agents.d/teller.yaml']}sampling: {{max_tokens: 5}}\n",
            CASE: "run: teller\ntext: hi\n",
        }
        yield project(files), server


@pytest.mark.parametrize("words", ["--live", "--record"])
def test_what_a_live_test_spends_is_in_the_books(cli: Cli, paid: tuple[Path, ModelServer], words: str) -> None:
    """And under the limit of the day: the second one is stopped, and so is a run; a replay costs nothing."""
    root, server = paid
    assert cli("-C", root, "test", words).code == 0
    (usage,) = json.loads(cli("-C", root, "models", "usage", "--json").out)["usage"]
    assert (usage["runs"], usage["calls"], usage["cost_micros"]) == (1, 1, 4500)
    answer = cli("-C", root, "test", words)
    assert answer.code == 1
    assert "limits.cost_usd_per_day" in answer.err
    assert cli("-C", root, "run", "teller", "hi").code == 6
    assert len(server.bodies) == 1
    if words == "--record":
        assert cli("-C", root, "test").code == 0
        assert json.loads(cli("-C", root, "models", "usage", "--json").out)["total"]["cost_micros"] == 4500


def test_what_runs_have_spent_counts_for_a_live_test(cli: Cli, paid: tuple[Path, ModelServer]) -> None:
    """Of the day and of the person alike, who starts both."""
    root, server = paid
    settings = root / "runner.yaml"
    settings.write_text(settings.read_text().replace("cost_usd_per_day", "cost_usd_per_user_per_day"))
    assert cli("-C", root, "run", "teller", "hi").code == 0
    answer = cli("-C", root, "test", "--live")
    assert (answer.code, len(server.bodies)) == (1, 1)
    assert "limits.cost_usd_per_user_per_day" in answer.err


def test_a_live_test_is_kept_as_a_run_that_has_ended(cli: Cli, paid: tuple[Path, ModelServer]) -> None:
    """Also where the case ends while it waits, after a timer that was put forward: nobody goes on with it."""
    root, _ = paid
    (root / "workflows").mkdir()
    (root / "workflows/ask.yaml").write_text(
        "description: A.\nphases:\n  say: {agent: teller, message: hi}\n  rest: {wait: {for: 48h}}\n"
        "  question: {approval: {ask: 'Go on?'}}\n"
    )
    (root / CASE).write_text("run: ask\nexpect: {verdict: waiting}\n")
    answer = cli("-C", root, "test", "--live")
    assert answer.code == 0, answer.err
    (run,) = json.loads(cli("-C", root, "runs", "ls", "--json").out)
    assert (run["status"], run["verdict"], run["cost_micros"]) == ("ended", "cancelled", 4500)
    assert run["ended_at"] <= time.time()
    assert cli("-C", root, "runs", "show", run["id"]).code == 0
    assert "hi" in cli("-C", root, "runs", "show", run["id"], "--json").out
    assert json.loads(cli("-C", root, "approve", "--json").out) == []


def test_a_timer_that_is_put_forward_begins_no_new_day_of_money(cli: Cli, paid: tuple[Path, ModelServer]) -> None:
    """The second call is two days later by the clock of the case alone."""
    root, server = paid
    (root / "workflows").mkdir()
    (root / "workflows/twice.yaml").write_text(
        "description: T.\nphases:\n  say: {agent: teller, message: hi}\n  rest: {wait: {for: 48h}}\n"
        "  again: {agent: teller, message: hi}\n"
    )
    (root / CASE).write_text("run: twice\nexpect: {verdict: error, phases: [say, rest, again]}\n")
    answer = cli("-C", root, "test", "--live")
    assert (answer.code, len(server.bodies)) == (0, 1), answer.err


def test_no_two_cases_have_one_cassette(cli: Cli, served: tuple[Path, ModelServer]) -> None:
    """Neither those of files and cases whose names run together, nor those of a model that is called like a file."""
    root, server = served
    for file, cases in {"all": ("calls", "big", None), "all-calls": (None,), "big-all": ("calls",)}.items():
        text = "cases:\n" + "".join(
            f"  - {{{f'name: {name}, ' if name else ''}run: teller, text: {file} {name}}}\n" for name in cases
        )
        (root / f"tests/cases/{file}.yaml").write_text(text)
    (root / "tests/cases/all_.yaml").write_text("run: teller\ntext: hi\n")
    for words in ((), ("--models", "default,big")):
        before = len(server.bodies)
        assert cli("-C", root, "test", "--record", *words).code == 0
        asked = len(server.bodies)
        assert asked - before == 7 * (len(words) or 1)
        assert cli("-C", root, "test", *words).code == 0
        assert len(server.bodies) == asked
    kept = [
        str(file.relative_to(root / "tests/cases/cassettes")) for file in root.glob("tests/cases/cassettes/**/*.yaml")
    ]
    assert len(kept) == 3 * 7
    assert {"hello.yaml", "all.calls.yaml", "all.3.yaml", "big/all.calls.yaml"} <= {*kept}


@pytest.mark.parametrize("where", ["../kept.yaml", "/ROOT/../kept.yaml", "way/kept.yaml"])
def test_a_cassette_outside_of_the_project_is_neither_read_nor_written(
    cli: Cli, served: tuple[Path, ModelServer], where: str
) -> None:
    """A case of somebody else could have a file overwritten."""
    root, _ = served
    kept = root.parent / "kept.yaml"
    kept.write_text("old")
    (root / "way").symlink_to("..")
    (root / CASE).write_text(f"run: teller\ntext: hi\ncassette: {where.replace('/ROOT', str(root))}\n")
    for words in ((), ("--record",)):
        answer = cli("-C", root, "test", *words)
        assert answer.code == 1
        assert "lies outside of the project" in answer.err
    assert kept.read_text() == "old"


def test_several_models_are_compared(cli: Cli, served: tuple[Path, ModelServer]) -> None:
    """Each on cassettes of its own; quality, latency and tokens side by side."""
    root, _ = served
    (root / CASE).write_text("run: teller\ntext: hi\nexpect: {output: {contains: large}}\n")
    recorded = cli("-C", root, "test", "--models", "default,big", "--record")
    answer = cli("-C", root, "test", "--models", "default,big", "--json", "--min-pass", "0.5")
    assert recorded.code == answer.code == 1
    assert (root / "tests/cases/cassettes/big/hello.yaml").is_file()
    models = report(answer)["models"]
    assert [(one["model"], one["quality"], one["tokens"]) for one in models] == [("default", 0.0, 25), ("big", 1.0, 25)]
    assert models[1]["latency"]["p95"] is not None
    assert report(answer)["faults"] == ["0% of the cases passed on default; 50% have to"]
    assert "hello on big" in recorded.err


def test_tokens_are_told_as_everywhere(cli: Cli, project: Make) -> None:
    """With a comma at each thousand; JSON has the number."""
    root = project({**TELLER, "replies.yaml": f"- text: '{'word ' * 2000}'\n", CASE: "run: teller\ntext: hi\n"})
    tokens = report(cli("-C", root, "test", "--json"))["models"][0]["tokens"]
    assert tokens > 1000
    assert f"{tokens:,}" in cli("-C", root, "test").out


def test_a_cassette_of_other_words_fails_with_what_differs(cli: Cli, served: tuple[Path, ModelServer]) -> None:
    """Who changes a prompt has to record again."""
    root, _ = served
    cli("-C", root, "test", "--record")
    (root / "agents.d/teller.yaml").write_text("description: Tells.\nprompt: Speak.\n")
    (failure,) = report(cli("-C", root, "test", "--json"))["cases"][0]["failures"]
    assert "message 1 (system) differs: recorded 'Tell." in failure
    assert failure.endswith("(record again with --record)")


def test_slow_answers_fail_where_a_limit_is_given(cli: Cli, served: tuple[Path, ModelServer]) -> None:
    """Of a cassette the time counts that it was recorded with."""
    root, _ = served
    cli("-C", root, "test", "--record")
    file = root / "tests/cases/cassettes/hello.yaml"
    text = file.read_text()
    assert text.count("\n    finish: stop\n") == 1
    file.write_text(
        text.replace("finish: stop\n", "finish: stop\n    seconds: 7.5\n").replace("    seconds: 0", "    x-s: 0")
    )
    answer = cli("-C", root, "test", "--max-latency", "5s")
    assert answer.code == 1
    assert "95 of 100 model calls took up to 7.5 s; 5.0 s are allowed" in answer.err
    assert cli("-C", root, "test", "--max-latency", "8s").code == 0


def test_junit_is_well_formed_whatever_a_model_says(cli: Cli, project: Make, tmp_path: Path) -> None:
    """Every character that XML cannot hold is written out."""
    root = project(
        {
            **TELLER,
            "replies.yaml": '- text: "<&>\\"]]>\\u0000\\u001b[2J\\ufffe é"\n',
            CASE: "run: teller\ntext: hi\nexpect: {output: {equals: x}}\n",
            "tests/cases/other.yaml": "run: teller\ntext: hi\n",
        }
    )
    file = tmp_path / "out" / "junit.xml"
    assert cli("-C", root, "test", "--junit", file).code == 1
    suite = ET.parse(file).getroot()[0]  # noqa: S314 - just written
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    (failure,) = suite.iter("failure")
    assert '<&>"]]>' in (failure.get("message") or "")
    assert [case.get("name") for case in suite] == ["hello", "other"]


@pytest.mark.parametrize(
    "words,told",
    [
        (("nothing",), "no case is called like 'nothing'"),
        (("--models", "defalt"), "did you mean default?"),
        (("--models", ","), "--models names no model"),
        (("--live", "--record"), "only one of --live and --record can be given"),
        (("--max-latency", "5"), '"5" is no duration'),
        (("--min-pass", "95"), "0<=x<=1"),
        (("--junit", "/proc/nowhere/x.xml"), "cannot be written"),
    ],
)
def test_what_cannot_be_is_a_wrong_command(cli: Cli, project: Make, words: tuple[str, ...], told: str) -> None:
    """In one line."""
    root = project({**TELLER, CASE: "run: teller\ntext: hi\n"})
    answer = cli("-C", root, "test", *words)
    assert (answer.code, told in answer.err) == (2, True), answer.err


def test_a_project_without_cases_is_told_how_to_write_one(cli: Cli, project: Make) -> None:
    """Nothing to test is no success."""
    answer = cli("-C", project(TELLER), "test")
    assert answer.code == 2
    assert "tests/cases/NAME.yaml" in answer.err


def test_a_pattern_chooses_cases(cli: Cli, project: Make) -> None:
    """A part of the name, or a pattern."""
    names = ("shop", "shopping", "bank")
    root = project({**TELLER, **{f"tests/cases/{name}.yaml": "run: teller\ntext: hi\n" for name in names}})
    ran = {
        pattern: [one["name"] for one in report(cli("-C", root, "test", pattern, "--json"))["cases"]]
        for pattern in ("shop", "*ping", "bank")
    }
    assert ran == {"shop": ["shop", "shopping"], "*ping": ["shopping"], "bank": ["bank"]}


def test_a_folder_that_cannot_be_copied_fails_the_case(cli: Cli, project: Make) -> None:
    """One that is far too big before anything is copied."""
    root = project({**TELLER, CASE: "run: teller\ntext: hi\n"})
    with (root / "disk.img").open("wb") as file:
        file.truncate(1_100_000_000)
    (failure,) = report(cli("-C", root, "test", "--json"))["cases"][0]["failures"]
    assert "holds more than 1 GB" in failure
    assert ".gitignore" in failure


def test_an_input_that_is_a_path_is_seen_from_the_copy(cli: Cli, project: Make) -> None:
    """Runs may work in the copy, and in no other workspace of the files."""
    root = project(
        {
            "runner.yaml": "workspaces: [part, /]\n",
            "part/there.txt": "x",
            "tools.d/own.yaml": "description: O.\ntools:\n  ls: {description: L., command: [ls], risk: read}\n",
            "workflows/see.yaml": (
                "description: S.\ninputs: {repo: path}\nworkspace: '{{ inputs.repo }}'\nphases:\n  see: {tool: ls}\n"
            ),
            "tests/cases/both.yaml": (
                "cases:\n  - {run: see, inputs: {repo: part}, expect: {output: {contains: there.txt}}}\n"
                "  - {run: see, inputs: {repo: /usr}}\n"
            ),
        }
    )
    inside, outside = report(cli("-C", root, "test", "--json"))["cases"]
    assert inside["failures"] == []
    assert "is outside the folders that runs may work in" in outside["failures"][0]
