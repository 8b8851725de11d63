"""Ways out of a container, each really tried in each engine: none may succeed. They are those of the other sandbox."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from runner.targets.port import Command
from tests.targets.sandbox.attacks import HEAD, ONLY_INSIDE, WORK_WITHOUT, attackable, harm
from tests.targets.sandbox.containers import container, workspace_of_another

ATTACKS = {name: attack for name, attack in (WORK_WITHOUT | ONLY_INSIDE).items() if name != "raising a limit"}
"""All but one: the number of processes is bounded by a control group, which knows nothing of who may have more."""

ONE_BY_ONE = """
import ctypes, glob, json, os, signal, sys, socket
said, (head, facts, attacks) = {}, sys.argv[1:]
for name, attack in json.loads(attacks).items():
    child = os.fork()
    if child == 0:
        os.setsid()
        out = os.open("/tmp/said", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(out, 1), os.dup2(out, 2), os.close(out)
        sys.argv[1:] = facts, attack
        try:
            exec(head, {"__name__": "attack"})
            sys.stdout.flush()
        finally:
            os._exit(0)
    end = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    said[name] = end, open("/tmp/said", errors="replace").read()
    try:
        os.kill(-1, signal.SIGKILL)
        while True: os.wait()
    except (ProcessLookupError, ChildProcessError):
        pass
    for left in glob.glob("/tmp/*") + glob.glob("/dev/shm/*"):
        if os.path.isfile(left): os.remove(left)
print("SAID" + json.dumps(said))
"""
"""Tries all in one container, as the first process of which it ends what each leaves."""


def test_no_way_leads_out(driver: str, tmp_path: Path) -> None:
    """Each attack ends without success, as it says itself, or was killed; nothing outside or kept is changed."""
    workspace = workspace_of_another(tmp_path / "workspace")
    with attackable(workspace) as facts:
        words = [sys.executable, "-B", "-c", ONE_BY_ONE, HEAD, json.dumps(facts), json.dumps(ATTACKS)]
        done = asyncio.run(container(driver, workspace).run(Command(words, workspace, 50, {}, "r/step")))
        assert harm(facts) == []
    said = json.loads(done.text.partition("SAID")[2] or json.dumps({"none": done.text}))
    assert said.keys() == ATTACKS.keys()
    assert [name for name, (_, words) in said.items() if "ESCAPED" in words] == []
    assert [name for name, (end, words) in said.items() if words and "held" not in words and end >= 0] == []
