"""A small music library in SQLite: music.db of the workspace, made with a dozen tracks when it is not there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from runner.tools.context import Context, ToolFailed

TRACKS = (
    ("Néon sur la Seine", "Club Mistral", "electro", 124),
    ("Machine douce", "Club Mistral", "electro", 118),
    ("Minuit moins trois", "Vera Lune", "electro", 128),
    ("Fréquence bleue", "Atelier 9", "electro", 136),
    ("Rue des Ormes", "Trio Palissade", "jazz", 92),
    ("Café froid", "Trio Palissade", "jazz", 124),
    ("Le facteur chante", "Odile Perrin", "chanson", 104),
    ("Lettre à Marthe", "Odile Perrin", "chanson", 78),
    ("Granit", "Les Écluses", "rock", 142),
    ("Dernier bac", "Les Écluses", "rock", 126),
    ("Marée lente", "Ana Sorel", "ambient", 60),
    ("Sous la verrière", "Ana Sorel", "ambient", 72),
)
_TABLES = """
CREATE TABLE tracks (id INTEGER PRIMARY KEY, title TEXT, artist TEXT, genre TEXT, bpm INTEGER);
CREATE TABLE entries (playlist TEXT, place INTEGER, track INTEGER REFERENCES tracks, PRIMARY KEY (playlist, place));
"""


def search_by_genre(context: Context, genre: str) -> list[dict[str, Any]]:
    """The tracks of a genre."""
    with _library(context) as library:
        return _rows(library, "SELECT * FROM tracks WHERE genre = ? ORDER BY bpm", genre.casefold())


def search_by_bpm(context: Context, low: int, high: int, genre: str = "") -> list[dict[str, Any]]:
    """The tracks between two tempos, both included."""
    sql = "SELECT * FROM tracks WHERE bpm BETWEEN ? AND ? AND (? = '' OR genre = ?) ORDER BY bpm"
    with _library(context) as library:
        return _rows(library, sql, low, high, genre.casefold(), genre.casefold())


def create_playlist(context: Context, name: str, tracks: list[int]) -> dict[str, Any]:
    """Keep tracks under a name."""
    with _library(context) as library:
        unknown = [track for track in tracks if not _rows(library, "SELECT id FROM tracks WHERE id = ?", track)]
        if unknown:
            raise ToolFailed(f"aucun titre n'a le numéro {unknown[0]}", hint="cherchez d'abord : l'outil donne les id")
        with library:
            library.execute("DELETE FROM entries WHERE playlist = ?", (name,))
            library.executemany(
                "INSERT INTO entries VALUES (?, ?, ?)", [(name, place, track) for place, track in enumerate(tracks, 1)]
            )
    return {"playlist": name, "tracks": len(tracks)}


def playlist(context: Context, name: str) -> list[dict[str, Any]]:
    """The tracks of a playlist, in order."""
    sql = "SELECT tracks.* FROM entries JOIN tracks ON tracks.id = track WHERE playlist = ? ORDER BY place"
    with _library(context) as library:
        return _rows(library, sql, name)


@contextmanager
def _library(context: Context) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(context.workspace / "music.db")) as library:
        library.row_factory = sqlite3.Row
        if not library.execute("SELECT 1 FROM sqlite_master WHERE name = 'tracks'").fetchone():
            library.executescript(_TABLES)
            library.executemany("INSERT INTO tracks (title, artist, genre, bpm) VALUES (?, ?, ?, ?)", TRACKS)
            library.commit()
        yield library


def _rows(library: sqlite3.Connection, sql: str, *values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in library.execute(sql, values)]
