"""Secrets: found by name, filled in where they are used, and never in what is written."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path

import pytest

from runner.runs.events import ModelHeld
from runner.secrets import Secrets, find, guarded
from tests.engine.acting import ended, fault, parked, start
from tests.engine.house import House
from tests.models.badserver import BadServer, Script

VALUE = 'hunter2-"quoted"-value'
KEY = "canary-key-of-the-lab"
LEAK = """
description: Tools that hold a secret.
tools:
  leak:
    description: Put the secret out.
    command: [sh, -c, 'echo "$1 $TOKEN"', sh, "{{ text }}"]
    params: {text: {type: str, default: x}}
    env: {TOKEN: "${MY_TOKEN}"}
    risk: read
  fails:
    description: Fail with the secret in its words.
    command: [sh, -c, 'echo "$TOKEN" >&2; exit 3']
    env: {TOKEN: "${MY_TOKEN}"}
    risk: read
  writes:
    description: Take a text.
    command: ["true", "{{ text }}"]
    params: {text: str}
    risk: write
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house whose tools hold a secret from `.env`."""
    house = House(tmp_path)
    house.write("tools.d/leak.yaml", LEAK)
    house.write(".env", f"MY_TOKEN='{VALUE}'\n")
    return house


def test_names_are_looked_up_in_the_environment_and_then_in_the_env_file(tmp_path: Path) -> None:
    """The environment wins; an empty value is none; only what was asked for is read."""
    (tmp_path / ".env").write_text("A=file-a\nB=file-b\nC=\nD=file-d\n")
    found = find({"A", "B", "C", "E"}, tmp_path, {"A": "environment-a", "X": "x"})
    assert found.values == {"A": "environment-a", "B": "file-b"}
    assert found.missing(["A", "C", "E"]) == ["C", "E"]
    assert found.places == "the environment, .env and .runner/secrets"


def test_credentials_of_systemd_come_last(tmp_path: Path) -> None:
    """Each is a file of that name, its line end no part of it; where a value was found is kept beside it."""
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfA=file-a\nB=file-b\n")
    folder = tmp_path / "credentials"
    folder.mkdir()
    for name, text in {"B": "kept-b", "C": "kept-c\n", "D": "", "X": "x"}.items():
        (folder / name).write_text(text)
    found = find({"A", "B", "C", "D", "E"}, tmp_path, {"A": "own-a", "CREDENTIALS_DIRECTORY": str(folder)})
    assert found.values == {"A": "own-a", "B": "file-b", "C": "kept-c"}
    assert found.found == {"A": "the environment", "B": ".env", "C": "systemd's credentials"}
    assert found.places == "the environment, .env, .runner/secrets and systemd's credentials"


def test_what_others_may_read_holds_nothing_that_is_called_like_a_secret(tmp_path: Path) -> None:
    """Also values that no file asks for; short ones and words are none."""
    (tmp_path / ".env").write_text("DEPLOY_TOKEN=0123456789abcdefgh\nPLAIN=0123456789abcdefgh-plain\n")
    around = {"APP_SECRET": "ponmlkjihgfedcba", "SSH_KEY": "short", "MY_PASSWORD": "four words of a sentence"}
    known = guarded({"WANTED"}, tmp_path, {**around, "WANTED": "wanted-value"})
    assert sorted(known.values) == ["APP_SECRET", "DEPLOY_TOKEN", "WANTED"]


def test_an_env_file_in_another_encoding_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """Its other names are there; the one whose value cannot be read is not."""
    (tmp_path / ".env").write_bytes(b"A=caf\xe9\nB=plain\n")
    assert find({"A", "B"}, tmp_path, {}).values == {"B": "plain"}


def test_references_are_filled_and_unknown_ones_stay() -> None:
    """What is missing is told elsewhere; the text keeps its reference."""
    assert Secrets({"A": "1"}, "").fill("${A}-${B}-$A-{A}") == "1-${B}-$A-{A}"


def test_values_are_hidden_everywhere_in_plain_data() -> None:
    """In keys, lists and the middle of texts; what is no text is left alone."""
    known = Secrets({"A": "secret-one"}, "")
    data = {"a secret-one b": ["xsecret-onex", 7, None, {"k": "secret-one"}]}
    assert known.redact(data) == {"a *** b": ["x***x", 7, None, {"k": "***"}]}


def test_the_longest_value_is_hidden_first() -> None:
    """A value that contains another one leaves no rest of itself."""
    assert Secrets({"A": "secret", "B": "secret-long"}, "").redact("secret-long secret") == "*** ***"


def test_very_short_values_are_not_hidden() -> None:
    """They would blot out ordinary words."""
    assert Secrets({"A": "yes"}, "").redact("yes, of course") == "yes, of course"


def test_a_value_is_hidden_where_json_has_escaped_it() -> None:
    """A text may be JSON that holds the value in its escaped form."""
    known = Secrets({"A": 'one"two\nthree'}, "")
    assert known.redact(json.dumps({"k": 'one"two\nthree'})) == '{"k": "***"}'


@pytest.mark.parametrize(
    "form", ["b25lIHR3by90aHJlZQ==", "b25lIHR3by90aHJlZQo=", "one%20two%2Fthree", "one+two%2Fthree"]
)
def test_a_value_is_hidden_in_an_address_and_in_base64(form: str) -> None:
    """Headers and addresses of programs that show what they do; of base64 at most two letters stay."""
    assert len(Secrets({"A": "one two/three"}, "").redact(f"<{form}>")) <= len("<***ZQ==>")


@pytest.mark.parametrize("before", ["", "x", "Bearer ", "user:", "xyz"])
def test_a_value_is_hidden_in_base64_of_what_holds_it(before: str) -> None:
    """Wherever it begins, in both alphabets: at most three letters of it stay at each end."""
    value = "sk-\u00bf\u00ff/\u00fb+canary-0123456789"
    known = Secrets({"A": value}, "")
    for encode in (b64encode, urlsafe_b64encode):
        shown = known.redact(encode(f"{before}{value}".encode()).decode())
        assert "***" in shown
        assert len(shown) <= len(b64encode(before.encode())) + len("***") + 8


def test_a_value_is_hidden_in_an_address_of_small_letters() -> None:
    """Programs escape in both."""
    assert Secrets({"A": "one/two/three"}, "").redact("?key=one%2ftwo%2fthree") == "?key=***"


def test_a_value_is_hidden_without_the_blanks_around_it() -> None:
    """A header holds it so, and what it was sent to may say it again."""
    assert Secrets({"A": " sk-0123456789\r\n"}, "").redact("wrong key: sk-0123456789") == "wrong key: ***"


def test_a_value_is_hidden_in_an_output_that_is_kept_apart(house: House) -> None:
    """A very long output is kept as a file; none of it holds the value."""
    house.write(
        "tools.d/much.yaml",
        """
        description: Much.
        tools:
          much:
            description: Put the secret out very often.
            command: [sh, -c, 'yes "$TOKEN" | head -n 20000']
            env: {TOKEN: "${MY_TOKEN}"}
            risk: read
        """,
    )
    told = house.told("a: {tool: much}")
    digest = told.record("a/1").output["blob"]
    assert (house.root / ".runner/blobs" / digest[:2] / digest[2:]).read_text() == "***\n" * 20_000


def written(house: House) -> str:
    """All that the store has on disk, as text."""
    files = [path for path in (house.root / ".runner").rglob("*") if path.is_file()]
    return "".join(path.read_bytes().decode(errors="replace") for path in files)


@pytest.mark.parametrize("tool", ["leak", "fails"])
def test_a_secret_reaches_the_tool_and_nothing_that_is_written(house: House, tool: str) -> None:
    """The process has the value; journal, verdict and lists have stars in its place."""
    told = house.told(f"a: {{tool: {tool}, errors: [{{match: any, to: pass}}]}}")
    assert "***" in str(told.of("tool.returned")[0].record)
    assert "hunter2" not in written(house)


def test_a_secret_reaches_no_model(house: House) -> None:
    """Neither by a tool's result nor by what a person typed."""
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [leak]\n")
    house.write(
        "replies.yaml", "- {when: {contains: quoted}, text: LEAKED}\n- {calls: [{tool: leak}]}\n- {text: Fine.}"
    )
    house.workflow('a: {agent: helper, message: "Use {{ inputs.text }}."}', head="inputs: {text: str}")

    async def scene() -> None:
        async with house.engine() as engine:
            told = await ended(engine, await start(engine, text=f"the key {VALUE}"))
            assert told.end.output == "Fine."
            assert told.of("prompt.rendered")[0].message == "Use the key ***."

    asyncio.run(scene())
    assert "hunter2" not in written(house)


def test_a_key_that_a_server_says_back_is_not_told(house: House) -> None:
    """Neither in the journal nor in the state of the server, which is kept for all revisions of the files."""
    words = json.dumps({"error": {"message": f"overloaded; got Authorization: Bearer {KEY}"}}).encode()

    async def scene() -> None:
        async with BadServer(Script([words], status="503 Service Unavailable", kind="application/json")) as server:
            model = f"{{provider: vllm, model: x, key: '${{LAB_KEY}}', base_url: '{server.url}'}}"
            house.write("runner.yaml", f"models: {{default: {model}}}\n")
            house.write(".env", f"LAB_KEY={KEY}\n")
            house.workflow("a: {agent: helper, message: Go.}")
            async with house.engine() as engine:
                told = await ended(engine, await start(engine))
                assert f"Bearer {KEY}" in server.heads[0]
                assert "Bearer ***" in fault(told.record("a/1")).message
                assert engine.model_servers()[0]["breaker"]["last"].endswith("Authorization: Bearer ***")
                house.write("runner.yaml", f"models: {{default: {model.replace('LAB_KEY', 'NEW_KEY')}}}\n")
                house.write(".env", "NEW_KEY=another-key-of-the-lab\n")
                await engine.adopt(await engine.open(house.load()))
                assert KEY not in json.dumps(engine.model_servers())

    asyncio.run(scene())
    assert KEY not in written(house)


def test_a_secret_is_not_shown_to_who_approves(house: House) -> None:
    """The question, its list and the answer's note have stars in its place."""
    house.workflow(f"a: {{tool: writes, with: {{text: {json.dumps(VALUE)}}}}}")
    house.write("runner.yaml", "models: {default: {provider: scripted, replies: replies.yaml}}\n")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            assert "***" in question.show
            assert question.arguments == {"text": "***"}
            await engine.decide(question.approval, "approve", by="ann", note=f"it is {VALUE}")
            told = await ended(engine, run)
            assert (told.end.verdict, told.of("approval.decided")[0].note) == ("pass", "it is ***")

    asyncio.run(scene())


def test_neither_columns_nor_parsers_part_a_secret(house: House) -> None:
    """They read an output that has stars already."""
    house.write(
        "tools.d/table.yaml",
        """
        description: Columns.
        tools:
          columns:
            description: Show the secret in columns.
            command: [sh, -c, 'echo A B; echo "$TOKEN x"']
            env: {TOKEN: "${MY_TOKEN}"}
            output: {table: [a, b]}
            risk: read
        """,
    )
    house.write(".env", "MY_TOKEN='two words-of-a-secret'\n")
    assert house.told("a: {tool: columns}").record("a/1").output["rows"] == [{"a": "***", "b": "x"}]


def test_what_is_called_like_a_secret_is_hidden_though_no_file_names_it(house: House) -> None:
    """A program may show the file of secrets."""
    house.write(".env", f"MY_TOKEN='{VALUE}'\nOTHER_PASSWORD=hunter2-of-nobody-else\n")
    house.write(
        "tools.d/shows.yaml",
        "description: D.\ntools: {shows: {description: D., command: [cat, .env], risk: read}}\n",
    )
    assert house.told("a: {tool: shows}").record("a/1").output["text"] == "MY_TOKEN='***'\nOTHER_PASSWORD=***\n"


def test_a_figure_of_ours_that_equals_a_secret_of_digits_stops_no_run(house: House) -> None:
    """It stays a figure, and the run goes on."""
    house.write(".env", "MY_TOKEN=123456\n")

    async def scene() -> None:
        async with house.engine() as engine:
            assert engine.workbench is not None
            asked = ModelHeld(path="a", model="m 123456", server="s", seconds=None, why="w", then="", seq=123456)
            shown = engine.workbench.redacted(asked)
            assert (shown.model, shown.seq) == ("m ***", 123456)

    asyncio.run(scene())


def test_a_note_is_kept_without_secrets_before_its_run_sees_it(house: House) -> None:
    """The inbox is on disk, too."""
    house.workflow("a: {tool: writes, with: {text: x}}")
    house.write("runner.yaml", "models: {default: {provider: scripted, replies: replies.yaml}}\n")

    async def scene() -> None:
        async with house.engine() as engine:
            run = await start(engine)
            question = (await parked(engine, run)).of("approval.asked")[0]
            await engine.decide(question.approval, "deny", by=VALUE, note=f"it is {VALUE}")
            await ended(engine, run)

    asyncio.run(scene())
    assert "hunter2" not in written(house)


def test_a_model_without_its_key_is_said_to_be_unavailable(house: House) -> None:
    """Which name is missing, and where it was looked for."""
    house.write("runner.yaml", "models: {default: {provider: openrouter, model: x, key: '${NOT_SET_ANYWHERE}'}}\n")

    async def scene() -> None:
        async with house.engine() as engine:
            assert engine.workbench is not None
            assert engine.workbench.unavailable == {
                "model default": "NOT_SET_ANYWHERE not set (looked in the environment, .env and .runner/secrets): "
                "write `NOT_SET_ANYWHERE=…` into .env, or `runner secrets set NOT_SET_ANYWHERE`"
            }

    asyncio.run(scene())


@pytest.mark.parametrize(
    "text", ["a tokenabcdefgh b", "tokenabcd", "x tokenabc, abcdefgh, tokenabc", "abcdeftokenabcdefghi"]
)
def test_a_text_in_pieces_shows_no_more_than_the_whole(text: str) -> None:
    """Wherever it is cut in three, also where one secret begins inside of another or is the beginning of one."""
    secrets = Secrets({"ONE": "tokenabc", "TWO": "abcdefgh", "THREE": "tokenabcdefghi"}, "")
    for first in range(len(text)):
        for second in range(first, len(text)):
            held, shown = "", []
            for piece in (text[:first], text[first:second], text[second:]):
                held += piece
                cut = secrets.settled(held)
                shown.append(secrets.redact(held[:cut]))
                held = held[cut:]
            assert "".join(shown) + secrets.redact(held) == secrets.redact(text)
