"""What is asked again, and when."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import ModelFailed, Trouble
from runner.models.calling.retry import ATTEMPTS, LONGEST, PASSING, PATIENCE, after, patience


def fault(trouble: Trouble, wait: float | None = None) -> ModelFailed:
    """A failed attempt."""
    return ModelFailed("no", trouble=trouble, wait=wait)


@pytest.mark.parametrize("trouble", sorted(get_args(Trouble)))
def test_only_what_may_pass_is_asked_again(trouble: Trouble) -> None:
    """A refused key stays refused."""
    assert (after(fault(trouble), 1) is not None) == (trouble in PASSING)


def test_attempts_come_to_an_end() -> None:
    """Three of each model."""
    assert after(fault("reset"), ATTEMPTS - 1) is not None
    assert after(fault("reset"), ATTEMPTS) is None


def test_the_servers_own_wait_is_the_least() -> None:
    """Its words count before our figures, up to a minute."""
    again = after(fault("limited", 7.0), 1, chance=lambda: 0.0)
    assert again is not None
    assert again.wait == 7.0
    assert after(fault("limited", PATIENCE + 1), 1) is None


def test_who_has_a_fallback_waits_briefly() -> None:
    """The same as for a call that finds the model held."""
    assert after(fault("limited", 5.0), 1, most=patience("spare")) is None
    assert after(fault("limited", 1.5), 1, most=patience("spare")) is not None
    assert after(fault("limited", 5.0), 1, most=patience("")) is not None


def test_what_limits_leave_is_not_waited_away() -> None:
    """Who has two seconds left is told at once that the server wants twelve."""
    assert after(fault("limited", 12.0), 1, left=2.0) is None
    assert after(fault("limited", 1.0), 1, left=2.0) is not None


@given(attempt=st.integers(1, ATTEMPTS - 1), chance=st.floats(0, 1))
def test_waits_are_drawn_below_a_bound_that_doubles(attempt: int, chance: float) -> None:
    """So that many callers do not come back together."""
    again = after(fault("overloaded"), attempt, chance=lambda: chance)
    assert again is not None
    assert 0 <= again.wait <= min(LONGEST, 0.5 * 2 ** (attempt - 1))
