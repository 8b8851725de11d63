"""The schemas, as a program that checks JSON reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner.project.parsing.parse import parse
from runner.project.schema import KINDS, schema

Faults = Callable[[str, str], list[str]]


@lru_cache
def validator(kind: str) -> Draft202012Validator:
    """The validator of a kind of file; made once, as the schemas never change."""
    return Draft202012Validator(schema(kind))


def kind_of(name: str) -> str | None:
    """The kind of a project's file; None when it is of none."""
    folder = PurePosixPath(name).parent
    for kind, about in KINDS.items():
        pattern = PurePosixPath(about.files.removeprefix("**/"))
        if fnmatch(name, about.files.removeprefix("**/")) and folder == pattern.parent:
            return kind
    return None


def faults(kind: str, text: str) -> list[str]:
    """What the schema of a kind says against a file's text; YAML must be right."""
    parsed = parse("file.yaml", text.encode(), top=list if kind == "replies" else dict, empty=True)
    assert not parsed.faults, parsed.faults
    data: Any = json.loads(json.dumps(parsed.data))  # keys of JSON are texts
    return [error.message for error in validator(kind).iter_errors(data)]


@pytest.fixture(name="faults")
def _faults() -> Faults:
    return faults


@pytest.fixture(name="kind_of")
def _kind_of() -> Callable[[str], str | None]:
    return kind_of
