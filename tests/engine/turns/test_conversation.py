"""What a model reads of a tool's record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.turns.conversation import result_text
from runner.runs.record import Fault, Record
from tests.engine.calls.test_targets import agent, fleet, sshd
from tests.engine.house import House

if TYPE_CHECKING:
    from typing import Any

    from tests.sshd import Sshd

__all__ = ["fleet", "sshd"]


def table(*rows: tuple[str, list[str], Any]) -> dict[str, Any]:
    """The output of a call on many hosts."""
    statuses = ("ok", "no", "failed", "unreachable", "skipped")
    lists = {status: [host for said, hosts, _ in rows if said == status for host in hosts] for status in statuses}
    return {**lists, "answers": [{"status": said, "hosts": hosts, "output": output} for said, hosts, output in rows]}


FIFTY = [f"web{number}" for number in range(1, 51)]


def test_fifty_hosts_with_the_same_answer_are_one_row_and_short() -> None:
    """Their answer stands there once, and not every host is named."""
    text = result_text(Record.of("ok", table(("ok", FIFTY, {"text": "up 3 days\n", "exit": 0}))))
    assert text == (
        "50 hosts: 50 ok\n"
        '[{"status": "ok", "hosts": "web1, web2, web3, web4, web5 and 45 more", '
        '"output": {"text": "up 3 days\\n", "exit": 0}}]'
    )


def test_of_those_that_answer_otherwise_every_host_is_named() -> None:
    """A model has to know which they are to act on them."""
    others = [f"db{number}" for number in range(8)]
    text = result_text(Record.of("ok", table(("ok", FIFTY, {"v": 2}), ("ok", others, {"v": 1}))))
    assert text.startswith("58 hosts: 58 ok\n")
    assert '"hosts": "db0, db1, db2, db3, db4, db5, db6, db7", "output": {"v": 1}' in text


def test_what_failed_is_said_before_the_table() -> None:
    """The rest of the hosts have done it all the same."""
    output = table(("ok", ["web1"], {"v": 2}), ("unreachable", ["web2"], {"error": "no route"}))
    text = result_text(Record.of("failed", output, Fault(match="unavailable", message="1 of 2 hosts failed")))
    assert text.splitlines()[:2] == ["error: 1 of 2 hosts failed", "2 hosts: 1 ok, 1 unreachable"]


def test_a_model_is_sent_the_table_of_real_hosts(fleet: House, sshd: list[Sshd]) -> None:
    """After its call on a group."""
    agent(fleet, "{tool: where, with: {target: 'group:web'}}", "['group:web']")
    told = fleet.told("a: {agent: ops, message: Where?}")
    text = result_text(told.call("a/1/turn-1/call-1"))
    assert text.startswith("2 hosts: 2 ok\n")
    assert f"port {sshd[1].port}" in text
