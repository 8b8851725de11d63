"""A secret in every source, a whole day of work with them, and then: not a piece of one where none may be."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterator

import pytest

from tests.canaries.canaries import fresh, hits
from tests.canaries.loud_server import LoudServer
from tests.canaries.site import Site, fake_sudo
from tests.sshd import servers

pytestmark = pytest.mark.timeout(240)  # the day itself is on the first test's account
STARS = "***"
SILENT = {"echo", "no_program", "core_limit", "page_elsewhere", "page_fields"}
"""Steps whose tools have a secret and do not say it."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The project when all is done: nothing runs any more."""
    folder = tmp_path_factory.mktemp("canaries")
    keys = folder / "keys"
    keys.mkdir()
    path = f"SetEnv HOME=/nonexistent PATH={fake_sudo(folder / 'bin')}:/usr/bin:/bin\n"
    with LoudServer() as server, servers(keys, 1, settings=path) as (host,):
        site = Site(folder / "site", server, host)
        try:
            day(site)
            yield site
        finally:
            site.kill()


def day(site: Site) -> None:
    """All that is done with the project."""
    site.keep()
    look_around(site)
    site.up()
    hands_and_minds(site)
    a_thief(site)
    what_people_type(site)
    a_crash(site)
    site.down()
    without_a_daemon(site)
    look_back(site)


def look_around(site: Site) -> None:
    """What is said of files, models, hosts and servers before anything runs."""
    site.verb("mcp", "lock", "echoing", "--json")
    site.verb("mcp", "lock", "elsewhere")
    (site.root / "tools.d" / "elsewhere.yaml").unlink()
    site.verbs("check --json --secrets", "doctor --json --online", "hosts ls --json --online", "tools ls --json")
    site.verbs("models show default --json --online", "agents render thief")


def hands_and_minds(site: Site) -> None:
    """Every tool, and every model, by the daemon."""
    runs = [site.begin("hands"), site.begin("minds")]
    site.events |= {"hands": site.follow(runs[0]), "minds": site.follow(runs[1])}
    for path in (
        "tools",
        "agents",
        "workflows",
        "runs",
        "system/health",
        "system/models",
        "system/reload",
        "approvals",
    ):
        site.ask("GET", f"/api/v1/{path}")
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        site.ask("GET", path)
    for run in runs:
        site.ask("GET", f"/api/v1/runs/{run}")
        site.ask("GET", f"/api/v1/runs/{run}/why")


def a_thief(site: Site) -> None:
    """A model that knows its key and asks for the others."""
    everything = "KEY ${COMMAND_TOKEN} {{ COMMAND_TOKEN }} {{ secrets }} $COMMAND_TOKEN ${PROVIDER_KEY}"
    site.server.calls += [("echo", {"text": everything}), ("KEY", {"KEY": "KEY"}), ("colours", {"KEY": 1})]
    site.server.calls += [
        ("read_env", {}),
        ("forms", {}),
        ("echoing_tell", {"how": "KEY"}),
        ("echo", {"text": ["KEY"]}),
    ]
    site.server.calls += [("say_to_all", {"text": "KEY"})]
    run = str(site.ask("POST", "/api/v1/runs", {"agent": "thief", "inputs": {"text": "Go."}})["id"])
    _decide(site, run, "--deny", "--note", f"no: {site.secrets['PROVIDER_KEY']}")
    site.follow(run)


def what_people_type(site: Site) -> None:
    """Inputs, notes and mistakes that hold a secret."""
    typed = site.secrets["TYPED_TOKEN"] + " " + site.secrets["COMMAND_TOKEN"]
    run = site.begin("typed", text=typed)
    _decide(site, run, "--note", typed)
    site.verb("approve", "--json")
    _decide(site, run, "--note", typed)
    site.events["typed"] = site.follow(run)
    other = site.begin("typed", text=typed)
    site.ask("POST", f"/api/v1/runs/{other}/cancel", {"by": typed, "note": typed})
    site.follow(other)
    for body in (
        {"workflow": "typed", "inputs": {"text": typed, "number": typed}},
        {"workflow": typed},
        {typed: typed},
    ):
        site.ask("POST", "/api/v1/runs", body)
    site.ask("POST", "/api/v1/runs", {"workflow": "typed", "inputs": {"text": "x", typed: typed}})
    site.ask("POST", "/api/v1/runs", {"agent": "talker", "inputs": {"text": typed}, "at": typed})
    site.ask("POST", "/api/v1/approvals/none", {"decision": typed})
    site.verb("run", "typed", "-i", f"text={typed}", "-i", f"number={typed}")
    site.verb("run", "typed", "-i", f"text={typed}", "-i", f"{typed}=1")


def _decide(site: Site, run: str, *words: str) -> None:
    """Answer what a run asks, as soon as it does."""
    asked: list[str] = []

    def is_asked() -> bool:
        rows = site.ask("GET", f"/api/v1/approvals?run={run}")["approvals"]
        asked[:] = [row["id"] for row in rows]
        return bool(asked)

    site.until(is_asked, site.folder / "daemon.log")
    site.verb("approve", asked[0], *words)


def a_crash(site: Site) -> None:
    """The daemon is killed in the middle of a tool that has shown its secret; another goes on. Then a bad file."""
    run = site.begin("crash")
    site.until((site.root / "lingering").exists, site.folder / "daemon.log")
    site.kill()
    site.up()
    site.follow(run)
    (site.root / "agents.d" / "bad.yaml").write_text("description: Bad.\nprompt: '{{ nothing }}'\n")
    site.verb("reload")
    (site.root / "agents.d" / "bad.yaml").unlink()
    site.verb("reload")
    site.verb("ps", "--json")


def without_a_daemon(site: Site) -> None:
    """Runs in the command line's own process: recorded, replayed, as cases, as events."""
    site.verb("run", "minds", "--record", str(site.root / "minds.tape.yaml"))
    site.verb("run", "minds", "--replay", str(site.root / "minds.tape.yaml"), "--json")
    site.verb("test", "--record", "--junit", str(site.root / "junit.xml"))
    site.verb("test", "--live", "--json")
    site.verb("run", "crash", "--json")


def look_back(site: Site) -> None:
    """All that is told of runs when they are over."""
    runs = [row["id"] for row in json.loads(site.verb("runs", "ls", "--json"))]
    site.verbs(*(f"runs export {run}" for run in runs[-3:]), f"runs logs {runs[-1]}", f"runs why {runs[-2]}")
    site.verbs(f"runs show {runs[-4]}", f"runs diff {runs[0]} {runs[-1]}", "tools ls --stats")


def test_no_piece_of_a_secret_is_anywhere(site: Site, record_property: Callable[[str, object], None]) -> None:
    """Database, journal, blobs, revisions, prompts, streams, answers, tapes, reports, temporary files."""
    traces = site.traces()
    found = hits(site.secrets, traces)
    size = sum(map(len, traces.values()))
    streams, prompts = len(site.streams), len(site.server.prompts)
    files = len(traces) - streams - prompts
    record_property(
        "figures", f"{size:,} bytes in {files} files, {streams} streams and {prompts} prompts: {len(found)} hits"
    )
    assert [f"{hit.name} in {hit.where}: {hit.around!r}" for hit in found] == []


def test_the_secrets_went_where_they_had_to_go(site: Site) -> None:
    """Else nothing was tried: servers were shown keys and tokens, sudo its password."""
    told = "".join(site.server.heads)
    for name in ("PROVIDER_KEY", "HTTP_TOKEN", "MCP_HEADER"):
        assert f"Bearer {site.secrets[name]}" in told
    assert f"x-token: {site.secrets['HEADER_TOKEN']}" in told
    assert b64encode(f"user:{site.secrets['BASIC_PASSWORD']}".encode()).decode() in told
    assert hashlib.sha256(site.secrets["SUDO_PASSWORD"].encode()).hexdigest() in site.sudo_was_told()


def test_stars_stand_where_each_tool_said_its_secret(site: Site) -> None:
    """Nearly every tool did say one: the others say nothing, stop in front of it, or were asked for a limit."""
    records = {event["path"].split("/")[0]: event for event in site.events["hands"] if event["type"] == "tool.returned"}
    assert {path for path, event in records.items() if STARS not in json.dumps(event)} == SILENT
    assert records["core_limit"]["record"]["output"]["text"] == "0\n0\n"
    assert "TOKEN=***" in records["on_host"]["record"]["output"]["text"]
    blob = records["long"]["record"]["output"]["blob"]
    content = (site.root / ".runner" / "blobs" / blob[:2] / blob[2:]).read_bytes()
    assert content.count(STARS.encode()) == 2


def test_stars_stand_where_each_model_said_its_key(site: Site) -> None:
    """In words, thoughts, refusals and errors; not of headers and broken JSON, of which nothing is kept."""
    events = [event for event in site.events["minds"] if event["type"] in ("model.replied", "model.failed")]
    silent = {event["path"].split("/")[0] for event in events if STARS not in json.dumps(event)}
    assert {event["path"].split("/")[0] for event in events} > silent
    assert silent <= {"header", "no_json"}


def test_what_a_person_typed_is_kept_with_stars(site: Site) -> None:
    """The run began with them, and the model was asked with them."""
    assert site.events["typed"][0]["inputs"]["text"] == "*** ***"
    assert any(b"I say *** ***." in prompt for prompt in site.server.prompts)


@pytest.mark.parametrize(
    "shown",
    [
        lambda value: value.encode(),
        lambda value: value[:20].encode(),
        lambda value: value[-16:].encode(),
        lambda value: json.dumps({value: json.dumps(value)}).encode(),
        lambda value: "\x1b[0m".join(value).encode(),
        lambda value: json.dumps("\x1b[31m".join(value)).encode(),
        lambda value: "\n".join([value[:15], value[15:]]).encode(),
        lambda value: b64encode(f"x{value}".encode()),
        lambda value: b64encode(f"Bearer {value}".encode()),
        lambda value: b64encode(f"user:{value}".encode())[:44],
        lambda value: value.encode().hex().encode(),
    ],
)
def test_a_piece_of_a_secret_is_found(shown: Callable[[str], bytes]) -> None:
    """Else the search would say nothing."""
    value = fresh()
    assert [hit.name for hit in hits({"ONE": value}, {"here": b"<" + shown(value) + b">"})][:1] == ["ONE"]
    assert hits({"ONE": value}, {"here": shown(fresh())}) == []
