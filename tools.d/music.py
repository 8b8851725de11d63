"""The music pack: search a library in SQLite, and keep playlists in it."""
# ruff: noqa: UP037 - the name of a resource is a text

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from runner.tools.context import Resource, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection as music  # noqa: N813 - the type that the name of the resource stands for

_MOST = 100
"""Tracks of one answer."""
_FAR = 40
"""Beats per minute that count as much as another genre."""


def search_by_genre(library: Resource["music"], genre: str, limit: int = 20) -> dict[str, Any]:
    """The tracks of a genre."""
    return _answer([track for track in _tracks(library) if _is_of(library, track, genre)], limit)


def search_by_bpm(library: Resource["music"], low: int, high: int, genre: str = "", limit: int = 20) -> dict[str, Any]:
    """The tracks between two tempos."""
    if low > high:
        raise ToolFailed(f"no tempo lies between {low} and {high}", hint="give the lower bound as low")
    found = [track for track in _tracks(library) if low <= track["bpm"] <= high]
    return _answer([track for track in found if not genre or _is_of(library, track, genre)], limit)


def search_tracks(
    library: Resource["music"], words: str = "", min_energy: int = 1, max_energy: int = 10, limit: int = 20
) -> dict[str, Any]:
    """The tracks that hold all words."""
    wanted = _folded(words).split()
    found = [track for track in _tracks(library) if min_energy <= track["energy"] <= max_energy]
    return _answer([track for track in found if all(word in _said(track) for word in wanted)], limit)


def get_similar_tracks(library: Resource["music"], track: int, limit: int = 5) -> dict[str, Any]:
    """The nearest tracks."""
    _known(library, [track])
    every = _tracks(library)
    one = next(other for other in every if other["id"] == track)
    others = sorted(
        (other for other in every if other is not one), key=lambda other: (_distance(one, other), other["id"])
    )
    return {"track": one, "similar": others[: _bounded(limit)]}


def create_playlist(library: Resource["music"], name: str, tracks: list[int]) -> dict[str, Any]:
    """Make a playlist."""
    wanted = list(dict.fromkeys(_known(library, tracks)))
    if _playlist(library, name) is not None:
        raise ToolFailed(f"there is a playlist {name!r} already", hint="add_tracks_to_playlist adds to it")
    made = library.execute("INSERT INTO playlists (name) VALUES (?)", (name,)).lastrowid or 0
    _append(library, made, wanted, 0)
    return {"playlist": name, "added": len(wanted), "tracks": _listed(library, made)}


def add_tracks_to_playlist(library: Resource["music"], name: str, tracks: list[int]) -> dict[str, Any]:
    """Add to a playlist."""
    playlist = _playlist(library, name)
    if playlist is None:
        raise ToolFailed(f"there is no playlist {name!r}; {_names(library)}")
    there = {track["id"] for track in _listed(library, playlist)}
    wanted = [track for track in dict.fromkeys(_known(library, tracks)) if track not in there]
    sql = "SELECT COALESCE(MAX(place), 0) FROM playlist_tracks WHERE playlist = ?"
    _append(library, playlist, wanted, library.execute(sql, (playlist,)).fetchone()[0])
    return {"playlist": name, "added": len(wanted), "tracks": _listed(library, playlist)}


def _tracks(library: music) -> list[dict[str, Any]]:
    return [dict(row) for row in library.execute("SELECT * FROM tracks ORDER BY bpm, id")]


def _answer(found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    return {"count": len(found), "tracks": found[: _bounded(limit)]}


def _bounded(limit: int) -> int:
    return min(max(limit, 1), _MOST)


def _folded(text: str) -> str:
    """Without case and accents."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).strip()


def _said(track: dict[str, Any]) -> str:
    return _folded(" ".join(str(track[key]) for key in ("title", "artist", "genre", "mood", "year")))


def _is_of(library: music, track: dict[str, Any], genre: str) -> bool:
    """Whether a track is of a genre; one that the library does not have is refused with those that it has."""
    if _folded(track["genre"]) == _folded(genre):
        return True
    genres = [row[0] for row in library.execute("SELECT DISTINCT genre FROM tracks ORDER BY genre")]
    if _folded(genre) not in map(_folded, genres):
        raise ToolFailed(f"there is no genre {genre!r}", hint=f"the genres are: {', '.join(genres)}")
    return False


def _distance(one: dict[str, Any], other: dict[str, Any]) -> float:
    differs = (one["genre"] != other["genre"]) + 0.5 * (one["mood"] != other["mood"])
    distance: float = differs + abs(one["bpm"] - other["bpm"]) / _FAR + abs(one["energy"] - other["energy"]) / 5
    return distance


def _known(library: music, tracks: Sequence[int]) -> Sequence[int]:
    """The same ids, none of them invented."""
    if not tracks:
        raise ToolFailed("no track is named", hint="search first: each track that is found has its id")
    there = {row[0] for row in library.execute("SELECT id FROM tracks")}
    unknown = [str(track) for track in tracks if track not in there]
    if unknown:
        what = f"no track has the id {', '.join(unknown[:10])}"
        raise ToolFailed(what, hint="search first: each track that is found has its id")
    return tracks


def _playlist(library: music, name: str) -> int | None:
    row = library.execute("SELECT id FROM playlists WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def _names(library: music) -> str:
    names = [row[0] for row in library.execute("SELECT name FROM playlists ORDER BY name LIMIT 20")]
    return f"there are: {', '.join(names)}" if names else "there is none yet"


def _append(library: music, playlist: int, tracks: list[int], last: int) -> None:
    rows = [(playlist, place, track) for place, track in enumerate(tracks, last + 1)]
    library.executemany("INSERT INTO playlist_tracks (playlist, place, track) VALUES (?, ?, ?)", rows)


def _listed(library: music, playlist: int) -> list[dict[str, Any]]:
    sql = "SELECT tracks.* FROM playlist_tracks JOIN tracks ON tracks.id = track WHERE playlist = ? ORDER BY place"
    return [dict(row) for row in library.execute(sql, (playlist,))]
