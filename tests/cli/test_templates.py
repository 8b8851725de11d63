"""Each template of `runner init` is right as it is, and does what its steps say, without key or network."""

from __future__ import annotations

import json
import os
import re
import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from runner.cli.templates import FOLDER, TEMPLATES
from tests.cli.modelserver import ModelServer

Cli = Callable[..., Any]
Made = Callable[[str], Path]


@pytest.fixture
def made(cli: Cli, tmp_path: Path) -> Made:
    """A project of a template."""

    def made(name: str) -> Path:
        folder = tmp_path / name
        assert cli("init", folder, "--template", name).code == 0
        return folder

    return made


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_checks_without_a_warning(cli: Cli, made: Made, name: str) -> None:
    """Nothing of it has to be mended first."""
    answer = cli("-C", made(name), "check")
    assert (answer.code, answer.err) == (0, "")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_writes_all_its_files(made: Made, name: str) -> None:
    """What lies in its folder is what is written, and each file is told."""
    ships = {str(path.relative_to(FOLDER / name)) for path in (FOLDER / name).rglob("*") if path.is_file()}
    assert {file for file in ships if "__pycache__" not in file} == set(TEMPLATES[name].files)
    folder = made(name)
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        *TEMPLATES[name].files,
        ".gitignore",
    }


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name not in ("build", "minimal")])
def test_the_steps_of_a_template_can_be_typed(cli: Cli, made: Made, name: str) -> None:
    """Each run of them passes, and its agent has used a tool."""
    folder = made(name)
    for step in TEMPLATES[name].steps:
        words = shlex.split(step)[1:]
        if words[0] == "run":
            answer = cli("-C", folder, *words)
            assert (answer.code, "1 call" in answer.err or "✓ " in answer.err) == (0, True), answer.err
            assert "replies.yaml" not in answer.out


def test_the_minimal_template_has_a_case_that_passes(cli: Cli, made: Made) -> None:
    """Judged without key or network, as its model is scripted."""
    answer = cli("-C", made("minimal"), "test")
    assert (answer.code, "ok   notes" in answer.err) == (0, True), answer.err


def test_the_shipped_case_survives_being_recorded(cli: Cli, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a real model, and on a machine whose disk is never twice the same."""
    folder = made("minimal")
    (folder / "bin").mkdir()
    (folder / "bin/df").write_text("#!/bin/sh\nhead -c 8 /dev/urandom | od -An -tx1\n")
    (folder / "bin/df").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
    (case,) = (folder / "tests/cases").glob("*.yaml")
    (call,) = yaml.safe_load(case.read_text())["expect"]["calls"]

    def answer(body: dict[str, Any]) -> Any:
        looked = body["messages"][-1]["role"] == "tool"
        return f"df and the notes say 3: {body['messages'][-1]['content']}" if looked else [(call["tool"], {})]

    with ModelServer(answer) as server:
        real = f"default: {{provider: openai, base_url: '{server.url}', key: none, model: tiny}}"
        settings = folder / "runner.yaml"
        settings.write_text(settings.read_text().replace("default: {provider: scripted, replies: replies.yaml}", real))
        recorded = cli("-C", folder, "test", "--record")
        assert recorded.code == 0, recorded.err
    replayed = cli("-C", folder, "test")
    assert replayed.code == 0, replayed.err


def test_the_music_template_finds_only_tracks_that_exist(cli: Cli, made: Made) -> None:
    """Between two tempos, of one genre; the database is made of its SQL at the first call."""
    folder = made("music")
    answer = cli("-C", folder, "run", "music", "De l'electro entre 120 et 130 BPM", "--json")
    assert answer.code == 0, answer.err
    events = [json.loads(line) for line in answer.out.splitlines()]
    (found,) = [event["record"]["output"]["tracks"] for event in events if event["type"] == "tool.returned"]
    with closing(sqlite3.connect(folder / "data/music.db")) as library:
        sql = "SELECT id, title FROM tracks WHERE genre = 'electro' AND bpm BETWEEN 120 AND 130 ORDER BY bpm, id"
        assert [(track["id"], track["title"]) for track in found] == library.execute(sql).fetchall()
        titles = {title for _, title in library.execute(sql)}
    assert titles == set(re.findall(r"(?:^|, | et )([^,()]+?) \(", events[-1]["output"]))


def test_the_music_template_keeps_a_playlist(cli: Cli, made: Made) -> None:
    """Only of tracks that are there."""
    folder = made("music")
    assert cli("-C", folder, "run", "music", "Fais-en une liste").code == 0
    with closing(sqlite3.connect(folder / "data/music.db")) as library:
        sql = (
            "SELECT title FROM playlists JOIN playlist_tracks ON playlist = playlists.id"
            " JOIN tracks ON tracks.id = track WHERE name = 'soirée' ORDER BY place"
        )
        titles = [title for (title,) in library.execute(sql)]
    assert titles == ["Verre fumé", "Néon sur la Seine", "Courant alternatif", "Minuit moins trois"]


def test_the_concierge_remembers(cli: Cli, made: Made) -> None:
    """The note is a line of a file."""
    folder = made("concierge")
    assert cli("-C", folder, "run", "alex", "Retiens : arroser").code == 0
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "arroser les plantes le jeudi\n"


def test_the_build_template_mends_its_code(cli: Cli, made: Made) -> None:
    """VERIFY is red first, REPAIR is taken once, and the test passes at the end."""
    folder = made("build")
    answer = cli("-C", folder, "run", "build", "Greet people properly", "-i", f"repo={folder / 'app'}")
    assert answer.code == 0, answer.err
    assert 'return f"Hello, {name}!"' in (folder / "app/greeting.py").read_text()
    assert "→ repair (1 of 2)" in answer.err


def test_an_unknown_template_names_the_nearest(cli: Cli, tmp_path: Path) -> None:
    """Nothing is written."""
    answer = cli("init", tmp_path / "new", "--template", "devop")
    assert (answer.code, (tmp_path / "new").exists()) == (2, False)
    assert "there is no template `devop`" in answer.err
    assert "devops" in answer.err


def test_help_lists_the_templates(cli: Cli) -> None:
    """With a sentence each."""
    said = cli("init", "--help").out
    assert all(f"{name} " in said and template.about in said for name, template in TEMPLATES.items())
