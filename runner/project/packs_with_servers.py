"""The packs that name a server, read by themselves: their lock may be what the project still lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import ConfigInvalid
from runner.project.memory import Recall
from runner.project.packs import PackSpec
from runner.project.project import Pack
from runner.project.reading import Reading
from runner.project.remembered import Memory
from runner.project.servers import FOLDER, outside
from runner.project.settings import Settings
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from runner.project.sources import Source


def packs_with_servers(source: Source) -> tuple[dict[str, Pack], Settings]:
    """They by name, and the settings; raises `ConfigInvalid` with what is wrong in their files."""
    reading = Reading(source, Recall(Memory()))
    settings = reading.spec(SETTINGS, Settings) or Settings()
    found = {}
    for name, file in reading.stems(FOLDER):
        spec = reading.spec(file, PackSpec)
        if spec is not None and spec.mcp is not None:
            found[name] = Pack(name, file, spec.description, spec.mcp)
            reading.findings += outside(file, spec.mcp, settings)
    problems = [*reading.faults, *(reading.problem(one) for one in reading.findings if one.severity == "problem")]
    if problems:
        raise ConfigInvalid("the packs cannot be read", problems)
    return found, settings
