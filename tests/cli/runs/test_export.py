"""`runner runs export`: a run as one document."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runner.runs.events import AnyEvent


def test_a_run_its_files_and_its_events_are_one_document(
    cli: Callable[..., Any], with_runs: Path, looped: list[AnyEvent]
) -> None:
    """Everything that is needed to tell what happened; what is no text is in base 64."""
    document = json.loads(cli("-C", with_runs, "runs", "export", "1k0aaaaaaaaaaaaaaaaa").out)
    assert set(document) == {"run", "files", "events"}
    assert document["run"]["verdict"] == "fail"
    assert document["files"]["workflows/build.yaml"].startswith("\ndescription: Two phases")
    assert base64.b64decode(document["files"]["picture.bin"]["base64"]) == b"\xff\x00"
    assert len(document["events"]) == len(looped)
