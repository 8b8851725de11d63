"""`runner tools explain`: what would happen with a call, which rule says so, and no call."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
RULES = """use: [std/commands, std/qa]
models: {default: {provider: ollama, model: m}}
permissions:
  - {argv: [git, push, "*"], action: deny}
  - {tool: run_command, risk: read, action: allow}
  - {tool: run_command, action: ask}
"""
AGENT = """description: Acts.
prompt: Act.
tools: [run_command, run_lint]
permissions: [{argv: [ls, "*"], action: ask}]
"""


@pytest.fixture
def acting(tmp_path: Path) -> Path:
    """Free command lines, and rules about them."""
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "runner.yaml").write_text(RULES)
    (tmp_path / "agents.d/actor.yaml").write_text(AGENT)
    return tmp_path


def told(cli: Cli, project: Path, *words: str) -> dict[str, Any]:
    """What --json says."""
    found: dict[str, Any] = json.loads(cli("-C", project, "--json", "tools", "explain", *words).out)
    return found


def test_each_list_says_its_rule(acting: Path, cli: Cli) -> None:
    """The one that decides, those below it that match too, and the strictest as the answer."""
    found = told(cli, acting, "run_command", "-i", "command=ls -la", "--agent", "actor")
    assert (found["risk"], found["action"]) == ("read", "ask")
    assert found["rule"] == "agents.d/actor.yaml permissions[0]"
    assert found["lists"] == [
        {"file": "runner.yaml", "action": "allow", "rule": 1, "covered": [2]},
        {"file": "agents.d/actor.yaml", "action": "ask", "rule": 0, "covered": []},
    ]


def test_a_person_reads_the_same(acting: Path, cli: Cli) -> None:
    """A line a fact."""
    shown = cli("-C", acting, "tools", "explain", "run_command", "-i", "command=git push origin main").out
    assert "risk         danger (unknown: git: the subcommand 'push' is not known" in shown
    assert "rules        runner.yaml: permissions[0] says deny" in shown
    assert "answer       denied (runner.yaml permissions[0])" in shown


def test_what_needs_a_shell_says_so(acting: Path, cli: Cli) -> None:
    """With the words that a person would be asked about, and why a rule about other words holds."""
    shown = cli("-C", acting, "tools", "explain", "run_command", "-i", "command=ls | wc -l").out
    assert "runs         /bin/sh -c 'ls | wc -l'" in shown
    assert "shell use: a shell acts on |" in shown
    assert "rules with argv that ask or deny count" in shown


def test_a_text_for_a_shell_is_shown_as_it_would_run(acting: Path, cli: Cli) -> None:
    """With the values in it, its own risk, and rules about words that only make it stricter."""
    (acting / "tools.d").mkdir()
    pack = "description: d\ntools:\n  count: {description: d, shell: 'ls -- {{ path }} | wc -l', params: {path: str}}\n"
    (acting / "tools.d" / "own.yaml").write_text(pack)
    found = told(cli, acting, "count", "-i", "path=it's; id")
    text = "ls -- 'it'\"'\"'s; id' | wc -l"
    assert (found["runs"], found["argv"], found["shell"]) == (text, ["/bin/sh", "-c", text], True)
    assert (found["risk"], found["action"], found["rule"]) == ("danger", "deny", "runner.yaml permissions[0]")
    shown = cli("-C", acting, "tools", "explain", "count", "-i", "path=a\nb").out
    assert "runs         ls -- 'a\n               b' | wc -l\n" in shown


def test_a_tool_of_words_has_them_too(acting: Path, cli: Cli) -> None:
    """Its arguments are filled in."""
    found = told(cli, acting, "run_lint", "-i", "path=src")
    assert found["argv"][0] == "ruff"
    assert found["argv"][-1] == "src"
    assert found["action"] == "ask"


@pytest.mark.parametrize(
    "words, message",
    [
        (["run_command"], "command: is missing"),
        (["run_command", "-i", "comand=ls"], "comand"),
        (["run_comand", "-i", "command=ls"], "did you mean run_command?"),
        (["run_command", "-i", "command=ls", "--agent", "nobody"], "there is no agent `nobody`"),
        (["run_command", "-i", "command=ls", "--target", "web9"], "there is no target `web9`"),
        (["git_diff", "-i", "revision=a; b"], "revision"),
    ],
)
def test_what_cannot_be_explained_is_a_wrong_use(words: list[str], message: str, acting: Path, cli: Cli) -> None:
    """With what would be right."""
    done = cli("-C", acting, "tools", "explain", *words)
    assert done.code == 2
    assert message in done.err


def test_each_host_of_a_group_is_judged(acting: Path, cli: Cli) -> None:
    """The strictest answer is that of the call; no such group, and a tool that acts from here, are told."""
    hosts = 'hosts: {web1: {address: "::1", groups: [web]}, web2: {address: "::1", groups: [web]}}\n'
    rules = 'permissions:\n  - {target: web2, action: deny}\n  - {target: "group:web", action: allow}\n'
    (acting / "runner.yaml").write_text(f"use: [std/commands, std/files]\n{hosts}{rules}")
    (acting / "agents.d/actor.yaml").unlink()
    words = ("run_command", "-i", "command=git push origin", "--target", "group:web")
    found = told(cli, acting, *words)
    assert (found["target"], found["action"], found["rule"]) == ("group:web", "deny", "runner.yaml permissions[0]")
    assert [(one["target"], one["action"]) for one in found["hosts"]] == [("web1", "allow"), ("web2", "deny")]
    shown = cli("-C", acting, "tools", "explain", *words).out
    assert "answer       denied (runner.yaml permissions[0])\n" in shown
    assert " web1: allowed (runner.yaml permissions[1])\n" in shown
    assert "there is no target `group:db`" in cli("-C", acting, "tools", "explain", *words[:-1], "group:db").err
    assert "acts from here" in cli("-C", acting, "tools", "explain", "read_file", "-i", "path=x", *words[-2:]).err


def test_a_group_without_its_word_is_told_how_it_is_written(acting: Path, cli: Cli) -> None:
    """So is a host that is nearly right; what there is, is told of any other."""
    (acting / "runner.yaml").write_text('use: [std/commands]\nhosts: {db1: {address: "::1", groups: [web]}}\n')
    (acting / "agents.d/actor.yaml").unlink()
    words = ("-C", acting, "tools", "explain", "run_command", "-i", "command=ls", "--target")
    assert "there is no target `web`\nhint: did you mean group:web?" in cli(*words, "web").err
    assert "hint: did you mean db1?" in cli(*words, "db2").err
    assert "hint: targets: local, sandbox, db1, group:hosts, group:web" in cli(*words, "x").err


@pytest.mark.parametrize(
    "where, target",
    [
        ("", "local"),
        ("targets: [web1, local]\n", "web1"),
        ("targets: [sandbox]\n", "sandbox"),
    ],
)
def test_without_a_target_it_is_the_agents_first(acting: Path, cli: Cli, where: str, target: str) -> None:
    """As in a run; a phase's own call is made here."""
    (acting / "runner.yaml").write_text(f'{RULES}hosts: {{web1: {{address: "::1"}}}}\n')
    (acting / "agents.d/actor.yaml").write_text(AGENT + where)
    words = ("run_command", "-i", "command=ls -la")
    assert told(cli, acting, *words, "--agent", "actor")["target"] == target
    assert told(cli, acting, *words)["target"] == "local"


def test_under_execute_sandbox_it_is_the_sandbox(acting: Path, cli: Cli) -> None:
    """Also for `--target local`: nothing runs on this machine outside of it."""
    (acting / "runner.yaml").write_text(f"{RULES}execute: sandbox\n")
    words = ("-C", acting, "tools", "explain", "run_command", "-i", "command=ls -la")
    for more in ([], ["--agent", "actor"], ["--target", "local"]):
        assert "  target       sandbox (`execute: sandbox`)\n" in cli(*words, *more).out
    assert "  target       local\n" not in cli(*words, "--target", "sandbox").out


def test_an_agent_whose_phases_have_a_sandbox_runs_there(acting: Path, cli: Cli) -> None:
    """With the phases by name; where only some have one, the other place is told beside this machine."""
    (acting / "workflows").mkdir()
    file = acting / "workflows/w.yaml"
    inside = "description: W.\nphases:\n  one: {agent: actor, message: m, workspace: sandbox}\n"
    file.write_text(inside)
    words = ("-C", acting, "tools", "explain", "run_command", "-i", "command=ls -la", "--agent", "actor")
    assert "  target       sandbox (`workspace: sandbox` of w.one)\n" in cli(*words).out
    file.write_text(f"{inside}  two: {{agent: actor, message: m}}\n")
    assert (
        "  target       local (in the sandbox in w.one, which has `workspace: sandbox`: --target sandbox tells)\n"
        in cli(*words).out
    )


def test_an_agent_without_the_tool_cannot_call_it(acting: Path, cli: Cli) -> None:
    """Whatever the rules say, as a denial; which tools it has is told."""
    (acting / "agents.d/idler.yaml").write_text("description: Idles.\nprompt: I.\n")
    why = "agents.d/actor.yaml: actor cannot call run_tests; its tools: run_command, run_lint"
    found = told(cli, acting, "run_tests", "--agent", "actor")
    assert (found["action"], found["rule"]) == ("deny", why)
    shown = cli("-C", acting, "tools", "explain", "run_tests", "--agent", "actor")
    assert (shown.code, f"answer       denied ({why})" in shown.out) == (0, True)
    lacking = told(cli, acting, "run_tests", "--agent", "idler")
    assert lacking["rule"] == "agents.d/idler.yaml: idler cannot call run_tests; its tools: none"
