"""What the daemon made of the model servers: one that answers a look may have failed all of its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.cli.client import find
from runner.cli.doctor.lines import Line, warn
from runner.cli.health import standing
from runner.errors import RunnerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check(storage: Path) -> Iterator[Line]:
    """A line for each server that the daemon, if there is one, does not ask as it would."""
    try:
        daemon = find(storage)
        servers = daemon.health()["servers"] if daemon else []
    except RunnerError:
        return  # it has just gone
    for server in servers:
        if server["breaker"]["state"] != "closed" or server["held"]:
            what = f"{', '.join(server['models'])}: the daemon says of {server['url']}: {standing(server)}"
            yield warn("model", what, "the server's own log may say why; `runner ps` tells when it is asked again")
