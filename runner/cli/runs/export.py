"""`runner runs export`."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Any

import click

from runner.cli import place
from runner.cli.display import as_json


@click.command
@click.argument("run")
def export(run: str) -> None:
    """Print a run, the files of its revision and all its events as one JSON document.

    A file that is no text is given as {"base64": ...}.
    """
    with place.store() as store:
        row = store.find(run)
        files = store.revisions.files(row.revision)
        document = {
            "run": asdict(row),
            "files": None if files is None else {name: readable(content) for name, content in files.items()},
            "events": [event.model_dump(mode="json") for event in store.events(row.id)],
        }
    click.echo(as_json(document, indent=2))


def readable(content: bytes) -> Any:
    """A file as JSON can hold it: its text, or its bytes in base64."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}
