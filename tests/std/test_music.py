"""The music pack on the library of the template: what is found is in it, and what is kept stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runner.tools.workers import Given
from tests.std.staged import Tools

ROOT = Path(__file__).resolve().parents[2]
SQL = ROOT / "runner/cli/templates/music/data/music.sql"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the library will be."""
    return tmp_path / "music.db"


@pytest.fixture
def music(pack: Callable[..., Tools], database: Path) -> Tools:
    """The pack, with the library of the template."""
    place = {"sqlite": database.name, "root": str(database.parent), "init": str(SQL)}
    return pack("music", Given(resources={"music": place}))


def rows(database: Path, sql: str) -> list[Any]:
    """What the database answers to anybody else."""
    with closing(sqlite3.connect(database)) as library:
        return library.execute(sql).fetchall()


def ids(answer: tuple[str, dict[str, Any]]) -> list[int]:
    """The tracks of an answer."""
    status, output = answer
    assert status == "ok", output
    return [track["id"] for track in output["tracks"]]


def test_electro_between_two_tempos_is_only_what_exists(music: Tools, database: Path) -> None:
    """Both bounds are included; case and accents do not count."""
    found = ids(music.call("search_by_bpm", low=122, high=128, genre="ÉLECTRO"))
    sql = "SELECT id FROM tracks WHERE genre = 'electro' AND bpm BETWEEN 122 AND 128 ORDER BY bpm, id"
    assert [(one,) for one in found] == rows(database, sql)
    assert found


def test_a_genre_is_found_and_an_unknown_one_leads_on(music: Tools) -> None:
    """The hint names those that there are."""
    _, output = music.call("search_by_genre", genre="Jazz", limit=3)
    assert {track["genre"] for track in output["tracks"]} == {"jazz"}
    assert (len(output["tracks"]), output["count"]) == (3, 8)
    status, output = music.call("search_by_genre", genre="polka")
    assert (status, output["text"]) == ("failed", "there is no genre 'polka'")
    assert output["hint"].startswith("the genres are: ambient, chanson, electro")


def test_bounds_the_wrong_way_round_are_told(music: Tools) -> None:
    """Instead of an empty answer."""
    status, output = music.call("search_by_bpm", low=130, high=120)
    assert (status, output["hint"]) == ("failed", "give the lower bound as low")


def test_words_and_energy_find_tracks(music: Tools) -> None:
    """All words have to be there, in any field; energy has bounds."""
    assert ids(music.call("search_tracks", words="neon seine mistral")) == [1]
    _, output = music.call("search_tracks", words="energique", min_energy=9, limit=100)
    assert output["count"] == len(output["tracks"]) > 0
    assert all(track["energy"] >= 9 and track["mood"] == "énergique" for track in output["tracks"])
    assert ids(music.call("search_tracks", words="no such words")) == []


def test_similar_tracks_come_nearest_first(music: Tools) -> None:
    """Of its genre and near its tempo, and never the track itself."""
    _, output = music.call("get_similar_tracks", track=1, limit=4)
    assert output["track"]["title"] == "Néon sur la Seine"
    assert 1 not in [track["id"] for track in output["similar"]]
    assert output["similar"][0]["genre"] == "electro"
    assert len(output["similar"]) == 4


def test_a_playlist_is_made_and_grows(music: Tools, database: Path) -> None:
    """In order, each track once; it is in the database for everybody."""
    assert ids(music.call("create_playlist", name="soirée", tracks=[3, 1, 3])) == [3, 1]
    status, output = music.call("add_tracks_to_playlist", name="soirée", tracks=[1, 13])
    assert (status, output["added"], ids((status, output))) == ("ok", 1, [3, 1, 13])
    assert rows(database, "SELECT place, track FROM playlist_tracks ORDER BY place") == [(1, 3), (2, 1), (3, 13)]


@pytest.mark.parametrize("tracks", [[1, 9999], []])
def test_a_playlist_of_invented_tracks_is_not_made(music: Tools, database: Path, tracks: list[int]) -> None:
    """Nothing of it is kept."""
    status, output = music.call("create_playlist", name="soirée", tracks=tracks)
    assert (status, output["hint"]) == ("failed", "search first: each track that is found has its id")
    assert rows(database, "SELECT * FROM playlists") == []


def test_a_name_that_is_taken_or_missing_leads_to_the_other_tool(music: Tools) -> None:
    """Nothing is replaced, nothing is made by adding."""
    status, output = music.call("add_tracks_to_playlist", name="matin", tracks=[1])
    assert (status, output["text"]) == ("failed", "there is no playlist 'matin'; there is none yet")
    music.call("create_playlist", name="soirée", tracks=[1])
    status, output = music.call("create_playlist", name="soirée", tracks=[2])
    assert (status, output["hint"]) == ("failed", "add_tracks_to_playlist adds to it")
    assert "soirée" in music.call("add_tracks_to_playlist", name="matin", tracks=[1])[1]["text"]
