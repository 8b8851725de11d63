"""The token file: made once, private, never trusted when others could have read it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from runner.errors import StoreError
from runner.server.token import TOKEN_FILE, ensure_token


def test_a_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """32 random bytes, kept over restarts, in a file of mode 0600."""
    token = ensure_token(tmp_path)
    assert len(token) == 43
    assert ensure_token(tmp_path) == token
    assert stat.S_IMODE((tmp_path / TOKEN_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o604])
def test_a_token_that_others_could_touch_is_replaced(tmp_path: Path, mode: int) -> None:
    """What a group or everybody could read or write is no secret any more."""
    token = ensure_token(tmp_path)
    (tmp_path / TOKEN_FILE).chmod(mode)
    assert ensure_token(tmp_path) != token
    assert stat.S_IMODE((tmp_path / TOKEN_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "short\n"])
def test_an_empty_or_short_token_is_replaced(tmp_path: Path, content: str) -> None:
    """A file cut off by a full disk never becomes a token that anybody can guess."""
    (tmp_path / TOKEN_FILE).write_text(content)
    (tmp_path / TOKEN_FILE).chmod(0o600)
    assert len(ensure_token(tmp_path)) == 43


def test_a_link_in_the_tokens_place_is_replaced_not_followed(tmp_path: Path) -> None:
    """A link could lead to a file whose content somebody else knows."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("x" * 50)
    elsewhere.chmod(0o600)
    (tmp_path / TOKEN_FILE).symlink_to(elsewhere)
    assert ensure_token(tmp_path) != "x" * 50
    assert elsewhere.read_text() == "x" * 50


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The one line an operator reads says which file it is about."""
    with pytest.raises(StoreError, match="nowhere/token cannot be used: No such file"):
        ensure_token(tmp_path / "nowhere")
