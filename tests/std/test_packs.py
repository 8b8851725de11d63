"""The packs and their page in the docs say the same, and what the page shows works."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.project.settings import Settings
from runner.tools import kind_of, signature, spec_of
from runner.tools.port import Call
from runner.tools.workers import FolderWorkers

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "tools.md": ("files", "qa"),
    "tools-system.md": ("system", "network"),
    "tools-servers.md": ("nginx", "docker", "pm2"),
    "tools-data.md": ("utilities", "git", "databases", "music"),
    "http.md": ("web",),
}
PACKS = [pack for packs in PAGES.values() for pack in packs]
Read = Callable[[str], Any]


@pytest.fixture
def packs(read_yaml: Read) -> dict[str, dict[str, Any]]:
    """The tools of the packs as their files say them, with the defaults of their pack."""
    found = [read_yaml((ROOT / "tools.d" / f"{name}.yaml").read_text()) for name in PACKS]
    return {name: pack["defaults"] | tool for pack in found for name, tool in pack["tools"].items()}


@pytest.fixture
def blocks() -> dict[str, str]:
    """The blocks of the page, by the file that each says it is."""
    page = (ROOT / "docs" / "tools.md").read_text()
    return dict(re.findall(r"^```(?:yaml|python)\n# (\S+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL))


def test_every_tool_leads_on_when_it_fails(packs: dict[str, dict[str, Any]]) -> None:
    """Each has a hint and describes each of its parameters."""
    for name, tool in packs.items():
        assert tool["hint"], name
        assert all(field["description"] for field in tool.get("params", {}).values()), name


def test_what_a_server_says_that_a_call_names_is_untrusted(packs: dict[str, dict[str, Any]]) -> None:
    """Whoever is asked writes the answer; the others that send something out give numbers and addresses alone."""
    plain = {"ping", "trace_route", "resolve_name", "port_check"}
    # What is asked by HTTP is untrusted by its kind.
    asked = {name for name, tool in packs.items() if tool.get("egress") and "http" not in tool}
    assert {name for name in asked if not packs[name].get("untrusted")} == plain
    assert asked - plain == {"dns_lookup", "http_check", "certificate_show", "postgres_query", "redis_info"}


def test_reads_find_their_programs_outside_of_the_workspace(packs: dict[str, dict[str, Any]]) -> None:
    """Else one that the workspace brings would be run by a read: its .venv/bin comes first."""
    commands = {name: tool for name, tool in packs.items() if "command" in tool and tool["risk"] == "read"}
    assert len(commands) > 50
    for name, tool in commands.items():
        assert all(folder.startswith("/") for folder in tool["env"]["PATH"].split(":")), name


def test_tool_names_are_unique_and_counted_on_the_page(read_yaml: Read) -> None:
    """A project may use all packs at once; the page says of each how many tools it has, and how many there are."""
    files = {path.stem: read_yaml(path.read_text()) for path in (ROOT / "tools.d").glob("*.yaml")}
    names = {pack: list(said["tools"]) for pack, said in files.items() if "tools" in said}
    every = [name for tools in names.values() for name in tools]
    assert sorted(every) == sorted(set(every))
    page = (ROOT / "docs" / "tools.md").read_text()
    rows = re.findall(r"^\| `std/(\w+)` \| (\d+) \|", page, re.MULTILINE)
    assert {pack: int(count) for pack, count in rows} == {pack: len(tools) for pack, tools in names.items()}
    assert f"; {len(names)} packs ship" in page
    assert f"What ships, {len(every)} tools:" in page


def test_parameters_are_those_of_the_functions(packs: dict[str, dict[str, Any]]) -> None:
    """The same names and defaults in the file and in the code."""
    for name, tool in packs.items():
        if "python" in tool:
            module, _, function = tool["python"].partition(":")
            taken = signature.read((ROOT / "tools.d" / f"{module}.py").read_text(), function)
            defaults = {key: kind.get("default") if isinstance(kind, dict) else None for key, kind in taken.items()}
            assert {key: field.get("default") for key, field in tool.get("params", {}).items()} == defaults, name


def test_the_pages_list_every_tool_with_its_risk_and_parameters(packs: dict[str, dict[str, Any]]) -> None:
    """And none that is not there."""
    text = "".join((ROOT / "docs" / page).read_text() for page in PAGES)
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|(.*?)\|", text, re.MULTILINE)
    listed = {name: (risk, re.findall(r"(?<!= )`(\w+)`", parameters)) for name, risk, parameters in rows}
    assert listed == {name: (tool["risk"], list(tool.get("params", {}))) for name, tool in packs.items()}


def test_the_blocks_of_the_page_are_settings_and_tools(blocks: dict[str, str], read_yaml: Read) -> None:
    """Each is complete as it stands."""
    assert Settings.model_validate(read_yaml(blocks["runner.yaml"])).use == ("std/files", "std/qa")
    packs = {name: text for name, text in blocks.items() if name.endswith(".yaml") and name.startswith("tools.d/")}
    assert len(packs) == 4
    for text in packs.values():
        pack = read_yaml(text)
        for tool in pack["tools"].values():
            spec_of(kind_of(tool)).model_validate(pack.get("defaults", {}) | tool)


def test_the_functions_of_the_page_run(blocks: dict[str, str], tmp_path: Path) -> None:
    """In a worker, as tools do."""
    for name, text in blocks.items():
        if name.endswith(".py"):
            (tmp_path / Path(name).name).write_text(text)
    (tmp_path / "a.txt").write_text("TODO one\ntwo\n")

    async def run() -> list[Any]:
        workers = FolderWorkers(tmp_path, "owner")
        call = Call("t", {}, tmp_path, "local", 20, "r1", "p/1")
        try:
            return [
                await workers.call("notes:count_notes", {"path": "a.txt"}, call),
                await workers.call("size:kilobytes", {"text": "12\t.\n", "exit": 0}, call),
            ]
        finally:
            await workers.close()

    assert asyncio.run(run()) == [{"count": 1}, {"kilobytes": 12}]
