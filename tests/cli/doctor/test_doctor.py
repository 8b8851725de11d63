"""`runner doctor`: each thing that would keep runs from working is a line with what to do; no key is ever shown."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cli.modelserver import ModelServer

Cli = Callable[..., Any]
Make = Callable[..., Path]
KEY = "sk-abcdefghijklmnop-1234"
TELLER = {"agents.d/teller.yaml": "description: Tells.\nprompt: Tell.\n"}
Look = Callable[..., list[tuple[str, str, str, str]]]


@pytest.fixture
def look(cli: Cli) -> Look:
    """The report of a doctor on a project: (level, area, what, hint) of the lines of one area."""

    def look(root: Path, area: str, *words: str) -> list[tuple[str, str, str, str]]:
        answer = cli("-C", root, "doctor", "--json", *words)
        assert KEY not in answer.out + answer.err
        data = json.loads(answer.out)
        assert data["ok"] is (answer.code == 0)
        assert answer.code == any(line["level"] == "fail" for line in data["lines"])
        return [
            (line["level"], line["area"], line["what"], line["hint"]) for line in data["lines"] if line["area"] == area
        ]

    return look


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A model server on this machine."""
    with ModelServer(key=KEY) as server:
        yield server


@pytest.fixture
def keyed(project: Make, server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A project with one model on that server, whose key is in `.env` as it is given there."""
    monkeypatch.delenv("LAB_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)

    def make(env: bytes = f"LAB_KEY={KEY}\n".encode(), model: str = "tiny", more: str = "") -> Path:
        entry = f'{{provider: openai, model: {model}, base_url: "{server.url}", key: "${{LAB_KEY}}"{more}}}'
        root = project({**TELLER, "runner.yaml": f'models:\n  default: {entry}\nserver: {{listen: "127.0.0.1:0"}}\n'})
        (root / ".env").write_bytes(env)
        (root / ".env").chmod(0o600)
        return root

    return make


def test_a_healthy_project_is_all_right(cli: Cli, keyed: Callable[..., Path]) -> None:
    """A line for each thing, no failure, exit code 0."""
    answer = cli("-C", keyed(), "doctor", "--online")
    assert answer.code == 0, answer.out
    assert "ok   key     LAB_KEY was found in .env:1; needed by model default" in answer.out
    assert "has tiny" in answer.out
    assert ": 1 agent, " in answer.out
    assert ".env can be read: 1 name\n" in answer.out
    assert "\nok   store" in answer.out


def test_a_secret_of_a_host_is_said_to_be_that_of_the_host(look: Look, project: Make) -> None:
    """One line for the two that stand on it."""
    web2 = 'web2: {password: "${OLD_PASSWORD_9}", sudo_password: "${OLD_PASSWORD_9}"}'
    root = project({"runner.yaml": f'hosts:\n  {web2}\n  web3: {{password: "${{OLD_PASSWORD_9}}"}}\n'})
    ((level, _, what, hint),) = look(root, "key")
    assert (level, what.rpartition("; ")[2]) == ("fail", "needed by host web2, host web3")
    assert "`runner secrets set OLD_PASSWORD_9`" in hint


def test_files_that_do_not_load_are_named_first(look: Look, project: Make) -> None:
    """What can be looked at without them is."""
    root = project({"agents.d/teller.yaml": "prompt: [\n"})
    ((level, _, what, hint),) = look(root, "files")
    assert (level, what.startswith("agents.d/teller.yaml:1:9: ")) == ("fail", True)
    assert "`runner check`" in hint
    assert look(root, "git")


@pytest.mark.parametrize(
    "env,level,told,hint",
    [
        (b"\xef\xbb\xbfLAB_KEY=%s\n", "warn", ".env:1: the file begins with a byte order mark", "UTF-8"),
        (b"A=1\nLAB_KEY=%s\r\n", "warn", ".env:2: the line ends in CR LF", "sed -i"),
        (b"LAB_KEY=%s\nA=\xe9\n", "fail", ".env:2: the line is no UTF-8 text", "UTF-8"),
        (b"\xff\xfeL\0A\0", "fail", ".env:1: the file is UTF-16", "UTF-8"),
        (b"LAB_KEY=%s\n\n# x\nB='x\n", "fail", ".env:4: the quote behind B= is never closed", "B=VALUE"),
        (b"LAB_KEY=%s\nB\n", "fail", ".env:2: the line has no `=`", "NAME=VALUE"),
        (b"LAB_KEY: %s\n", "fail", ".env:1: `:` stands behind LAB_KEY, not `=`", "LAB_KEY=VALUE"),
        (b"LAB_KEY = %s\n", "warn", ".env:1: blanks stand around the `=` of LAB_KEY", "LAB_KEY=VALUE"),
        (b"LAB_KEY=x\nLAB_KEY=%s\n", "warn", ".env:2: LAB_KEY stands here a second time; first in line 1", "remove"),
    ],
)
def test_each_odd_line_of_env_is_told_with_its_place(
    look: Look, keyed: Callable[..., Path], env: bytes, level: str, told: str, hint: str
) -> None:
    """File and line, what it is, what to do."""
    root = keyed(env.replace(b"%s", KEY.encode()))
    lines = look(root, ".env")
    assert any((one[0], told in one[2], hint in one[3]) == (level, True, True) for one in lines), lines


def test_who_may_read_env_is_told(look: Look, keyed: Callable[..., Path]) -> None:
    """For its owner alone it is all right; in git it is not, whatever its mode."""
    root = keyed()
    assert [one[0] for one in look(root, ".env")] == ["ok"]
    (root / ".env").chmod(0o644)
    ((level, _, what, hint),) = look(root, ".env")
    assert (level, what, hint) == ("warn", ".env is open to everybody on this machine (mode 644)", "`chmod 600 .env`")
    for words in (("init", "-q"), ("add", "-f", ".env")):
        subprocess.run(["git", *words], cwd=root, check=True)
    assert ".env is in git" in [one[2] for one in look(root, ".env")]


@pytest.mark.parametrize(
    "value,told,hint",
    [
        (f"\"'{KEY}'\"", "has quotes around it", "without quotes"),
        (f"\u201c{KEY}\u201d", "has quotes around it", "without quotes"),
        (f'" {KEY}"', "begins or ends with a blank", "without"),
        (f'"{KEY}\\r"', "ends in a CR or a line end", "without"),
        ("your-api-key-here", "looks like a placeholder", "the real key"),
        ("<key>", "looks like a placeholder", "the real key"),
        ("sk-xxxxxxxx", "looks like a placeholder", "the real key"),
        ("changeme", "looks like a placeholder", "the real key"),
        ('"sk-abc def-123456"', "holds a blank, which no key has", "copy it again"),
        ("sk-abc\u200bdef-123456", "holds U+200B, which no key has", "copy it again"),
    ],
)
def test_a_value_that_can_be_no_key_is_told_with_its_place(
    look: Look, keyed: Callable[..., Path], value: str, told: str, hint: str
) -> None:
    """The variable, what is odd, where it was found, who needs it; the server is not asked with it."""
    root = keyed(f"A=1\nLAB_KEY={value}\n".encode())
    ((level, _, what, does),) = look(root, "key")
    assert (level, what) == ("fail", f"LAB_KEY {told} (found in .env:2; needed by model default)")
    assert hint in does
    assert [one[0] for one in look(root, "model", "--online")] == ["warn"]


def test_a_key_with_quotes_in_the_environment_is_told(
    look: Look, keyed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `docker --env-file` leaves them; and that `.env` says something else."""
    root = keyed()
    monkeypatch.setenv("LAB_KEY", f'"{KEY}"')
    quoted, shadowed = look(root, "key")
    assert quoted[2] == "LAB_KEY has quotes around it (found in the environment; needed by model default)"
    assert shadowed[2] == ".env:1 gives LAB_KEY another value than the environment, which counts"


def test_a_credential_of_systemd_is_found(
    look: Look, keyed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its line end is no part of it: the server takes the key."""
    root = keyed(b"")
    (tmp_path / "LAB_KEY").write_text(f"{KEY}\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    ((level, _, what, _),) = look(root, "key")
    assert (level, what) == ("ok", "LAB_KEY was found in systemd's credentials; needed by model default")
    assert [one[0] for one in look(root, "model", "--online")] == ["ok"]


def test_a_missing_key_fails_where_an_agent_needs_it(
    look: Look, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fallback without one is none; a model that nobody asks is worth a warning."""
    for name in ("OPENAI_API_KEY", "GROQ_API_KEY", "MISTRAL_API_KEY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    models = (
        "models:\n  default: {provider: openai, model: a, fallback: [spare]}\n"
        "  spare: {provider: groq, model: b}\n"
        "  idle: {provider: mistral, model: c}\n"
        "  also: {provider: groq, model: d}\n"
    )
    lines = {one[2].split()[0]: one for one in look(project({**TELLER, "runner.yaml": models}), "key")}
    assert {name: one[0] for name, one in lines.items()} == {
        "OPENAI_API_KEY": "fail",
        "GROQ_API_KEY": "fail",
        "MISTRAL_API_KEY": "warn",
    }
    assert lines["GROQ_API_KEY"][2] == (
        "GROQ_API_KEY is not set (looked in the environment, .env and .runner/secrets); "
        "needed by model spare, model also"
    )
    assert "into .env" in lines["GROQ_API_KEY"][3]


def test_a_missing_key_is_a_warning_where_another_model_answers(
    look: Look, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run fails only when no model of the chain has its key."""
    for name in ("OPENAI_API_KEY", "MISTRAL_API_KEY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    models = (
        "models:\n  default: {provider: openai, model: a, fallback: [spare]}\n"
        "  spare: {provider: groq, model: b, fallback: [last]}\n"
        "  last: {provider: mistral, model: c}\n"
    )
    lines = look(project({**TELLER, "runner.yaml": models}), "key")
    places = "looked in the environment, .env and .runner/secrets"
    assert [line[::2] for line in lines] == [
        ("ok", "GROQ_API_KEY was found in the environment; needed by model spare"),
        ("warn", f"MISTRAL_API_KEY is not set ({places}); needed by model last"),
        (
            "warn",
            f"OPENAI_API_KEY is not set ({places}); needed by model default; spare answers in place of default",
        ),
    ]


@pytest.mark.parametrize(
    "url,level,hint",
    [
        ("http://127.0.0.1:9/v1", "ok", ""),
        (
            "https://llm.example.com/v1",
            "warn",
            'write `key: "${NAME}"` of its own key into models.spare in runner.yaml, or `key: none`',
        ),
    ],
)
def test_a_key_that_is_not_sent_to_another_address_is_told(
    look: Look, project: Make, monkeypatch: pytest.MonkeyPatch, url: str, level: str, hint: str
) -> None:
    """It is set, and belongs to the provider; a server on this machine seldom wants one."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    models = f'models:\n  spare: {{provider: openai, model: a, base_url: "{url}"}}\n'
    what = f"OPENAI_API_KEY is not sent to {url} (model spare): it goes to openai itself alone"
    assert look(project({"runner.yaml": models}), "key") == [(level, "key", what, hint)]


def test_asking_a_server_about_itself_sends_no_key_of_another(
    look: Look, project: Make, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of models is asked for without it."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    root = project({"runner.yaml": f'models:\n  x: {{provider: openai, model: tiny, base_url: "{server.url}"}}\n'})
    ((level, _, what, hint),) = look(root, "model", "--online")
    assert (level, "the key is refused (no key at all)" in what) == ("fail", True)
    assert hint == 'write `key: "${NAME}"` into models.x in runner.yaml'


def test_a_refused_key_names_the_variable_and_its_place(look: Look, keyed: Callable[..., Path]) -> None:
    """What the server says is shown with it."""
    root = keyed(b"\nLAB_KEY=sk-expired-0123456789\n")
    ((level, _, what, _),) = look(root, "model", "--online")
    assert level == "fail"
    assert "default: the key is refused (LAB_KEY of .env:2): " in what
    assert "HTTP 401: Incorrect API key provided" in what


def test_an_unknown_model_is_told_with_the_nearest_name(look: Look, keyed: Callable[..., Path]) -> None:
    """Of those that the server has."""
    ((level, _, what, hint),) = look(keyed(model="tinny"), "model", "--online")
    assert (level, hint) == ("fail", "did you mean tiny?")
    assert what.endswith("has no model tinny (models.default in runner.yaml)")


def test_a_key_that_a_server_names_as_its_model_is_not_shown(
    look: Look, keyed: Callable[..., Path], server: ModelServer
) -> None:
    """It had it from us."""
    server.models = [f"other-{KEY}"]
    ((level, _, _, hint),) = look(keyed(), "model", "--online")
    assert (level, hint) == ("fail", "it has other-***")


def test_a_server_on_this_machine_that_is_down_is_told_without_being_asked_for(
    look: Look, keyed: Callable[..., Path], server: ModelServer
) -> None:
    """A connection costs nothing; the project's other servers are asked with --online only."""
    root = keyed()
    assert look(root, "model")[0][2] == f"default: {server.url} takes connections"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = root / "runner.yaml"
    settings.write_text(settings.read_text().replace(str(server.port), str(port)))
    ((level, _, what, hint),) = look(root, "model")
    assert (level, what) == ("fail", f"default: nothing answers at http://127.0.0.1:{port}/v1: connection refused")
    assert "`base_url` of models.default in runner.yaml" in hint


MANY = "models:\n" + "".join(f'  m{n}: {{provider: vllm, model: tiny, base_url: "URL"}}\n' for n in range(8))
"""Many models of one server."""


def test_a_server_of_many_models_is_looked_at_once(look: Look, project: Make) -> None:
    """One that takes one connection at a time is there, for all of its models."""
    with socket.socket() as slow:
        slow.bind(("127.0.0.1", 0))
        slow.listen(0)
        url = f"http://127.0.0.1:{slow.getsockname()[1]}/v1"
        lines = look(project({"runner.yaml": MANY.replace("URL", url)}), "model")
    assert [line[:3] for line in lines] == [("ok", "model", f"m{n}: {url} takes connections") for n in range(8)]


def test_a_server_that_is_busy_is_not_said_to_be_gone(look: Look, project: Make) -> None:
    """Nobody takes its connections, and the queue of them is full."""
    with socket.socket() as busy, ExitStack() as waiting:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for _ in range(3):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(busy.getsockname())
        url = f"http://127.0.0.1:{busy.getsockname()[1]}/v1"
        lines = look(project({"runner.yaml": MANY.replace("URL", url)}), "model")
    told = f"{url}: no connection within 2 s: something listens there, and is busy"
    assert [line[:3] for line in lines] == [("warn", "model", f"m{n}: {told}") for n in range(8)]


def test_a_server_of_many_models_is_asked_once_for_them(look: Look, project: Make, server: ModelServer) -> None:
    """All of them share its answer."""
    server.key = ""
    lines = look(project({"runner.yaml": MANY.replace("URL", server.url)}), "model", "--online")
    assert [line[0] for line in lines] == ["ok"] * 8
    assert server.lists == 1


def test_a_server_elsewhere_is_not_asked_unless_wanted(
    look: Look, project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line says so."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    root = project({**TELLER, "runner.yaml": "models:\n  default: {provider: openai, model: x}\n"})
    assert look(root, "model") == [("ok", "model", "default (openai:x) was not asked", "--online asks its server")]


def test_a_server_without_a_list_of_models_is_no_failure(
    look: Look, keyed: Callable[..., Path], server: ModelServer
) -> None:
    """Some have none."""
    server.more["/v1/models"] = {"object": "list"}
    ((level, _, what, _),) = look(keyed(), "model", "--online")
    assert (level, what.endswith("no names of models")) == ("warn", True)


@pytest.mark.parametrize(
    "running,level,told",
    [
        ([], "warn", "it runs with a context of 2048 tokens, and Ollama cuts off what is longer"),
        ([{"name": "tiny:latest", "context_length": 4096}], "warn", "it runs with a context of 4096 tokens"),
    ],
)
def test_a_small_context_of_ollama_is_told(
    look: Look, project: Make, running: list[Any], level: str, told: str
) -> None:
    """It cuts off what is longer, and nobody would know."""
    with ModelServer() as server:
        server.models = ["tiny:latest"]
        server.more = {
            "/api/show": {"model_info": {"qwen3.context_length": 40960}, "parameters": "temperature 1\nnum_ctx 2048"},
            "/api/ps": {"models": running},
        }
        models = f'models:\n  default: {{provider: ollama, model: tiny, base_url: "{server.url}"}}\n'
        named, context = look(project({**TELLER, "runner.yaml": models}), "model", "--online")
    assert named[0] == "ok"
    assert (context[0], told in context[2], "at most 40960" in context[3]) == (level, True, True)


def test_more_context_than_the_server_gives_a_model_is_a_failure(
    look: Look, keyed: Callable[..., Path], server: ModelServer
) -> None:
    """As its list says; no more than that is right."""
    server.more["/v1/models"] = {"data": [{"id": "tiny", "max_model_len": 4096}]}
    assert [line[0] for line in look(keyed(more=", context: 4096"), "model", "--online")] == ["ok"]
    _, context = look(keyed(more=", context: 99999"), "model", "--online")
    assert context == (
        "fail",
        "model",
        f"default: `context: 99999` is more than {server.url} gives tiny, 4096 tokens",
        "set `context` of models.default in runner.yaml to at most 4096",
    )


def test_a_port_that_is_taken_is_told_with_its_holder(look: Look, project: Make) -> None:
    """The process that holds it, as far as it may be seen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        root = project({"runner.yaml": f'server: {{listen: "{listen}"}}\n'})
        ((level, _, what, hint),) = look(root, "port")
    assert level == "fail"
    assert what.startswith(f"{listen} cannot be listened on: address already in use; process {os.getpid()} holds it")
    assert "server: {listen" in hint
    assert look(root, "port")[0][:3] == ("ok", "port", f"{listen} is free")


def test_the_daemon_of_this_project_is_no_conflict(look: Look, project: Make, up: Callable[[Path], Any]) -> None:
    """Where it listens is told."""
    root = project({})
    url = up(root).url
    assert look(root, "port")[0][2] == f"the daemon is up at {url}"


def test_a_server_that_the_daemon_leaves_alone_is_told(
    look: Look, keyed: Callable[..., Path], server: ModelServer, up: Callable[[Path], Any]
) -> None:
    """Although it takes connections: `ps` says the same."""
    root = keyed()
    daemon = up(root)
    assert [line[0] for line in look(root, "model")] == ["ok"]
    server.status = 500
    for _ in range(2):  # of three attempts each; the fifth failure is one too many
        daemon.submit("agent", "teller", {"text": "Hello"})
    end = time.monotonic() + 30
    while daemon.health()["servers"][0]["breaker"]["state"] != "open" and time.monotonic() < end:
        time.sleep(0.02)
    there, left = look(root, "model")
    assert there[0] == "ok"
    assert (left[0], left[2].startswith(f"default: the daemon says of {server.url}: left alone for ")) == ("warn", True)
    assert " s, failed 5 times in a row: model default: " in left[2]


def test_a_store_of_a_newer_runner_is_told(look: Look, with_runs: Path) -> None:
    """It is left as it is."""
    (with_runs / "workflows/x.yaml").unlink()
    assert look(with_runs, "store")[0][0] == "ok"
    with sqlite3.connect(with_runs / ".runner/runner.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    ((level, _, what, _),) = look(with_runs, "store")
    assert (level, "newer runner" in what) == ("fail", True)


def test_nothing_is_made_in_a_project_that_never_ran(look: Look, project: Make) -> None:
    """The doctor only looks."""
    root = project({})
    before = sorted(path.name for path in root.iterdir())
    assert "will be made" in look(root, "store")[0][2]
    assert "no repository" in look(root, "git")[0][2]
    assert sorted(path.name for path in root.iterdir()) == before


def test_the_sandbox_is_really_made_where_it_is_asked_for(look: Look, project: Make) -> None:
    """And not looked for where nothing runs in it."""
    assert look(project({"runner.yaml": "learn: true\n"}), "sandbox") == []
    root = project({"runner.yaml": "execute: sandbox\n"})
    assert [line[:3] for line in look(root, "sandbox")] == [("ok", "sandbox", "it works; needed by `execute: sandbox`")]


def test_a_sandbox_that_cannot_be_made_fails(
    look: Look, project: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason, and what helps."""
    monkeypatch.setenv("PATH", str(tmp_path))
    ((level, _, what, hint),) = look(project({"runner.yaml": "execute: sandbox\n"}), "sandbox")
    assert (level, what) == ("fail", "none can be made here; needed by `execute: sandbox`")
    assert "apt-get install bubblewrap" in hint


def test_a_container_whose_engine_is_not_there_fails(look: Look, project: Make, tmp_path: Path) -> None:
    """It is the named driver that is tried, whatever else there is."""
    settings = "execute: sandbox\nsandbox: {driver: podman, image: debian:12}\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        ((level, _, what, hint),) = look(project({"runner.yaml": settings}), "sandbox")
    assert (level, what) == ("fail", "none can be made here; needed by `execute: sandbox`")
    assert "install podman" in hint
