"""The time of an attempt: by the model's own speed, inside the range of the files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.models.calling.deadlines import choose
from runner.models.calling.speeds import ENOUGH, KEPT, Figures, Sample, Speed


def known(*samples: Sample, times: int = ENOUGH) -> Figures:
    """The figures of a model that answered like this again and again."""
    speed = Speed()
    for _ in range(times):
        for sample in samples:
            speed.add(sample)
    figures = speed.figures()
    assert figures is not None
    return figures


STEADY = Sample(prompt=1000, output=100, first=2.0, seconds=12.0)
"""One second a thousand tokens read (and one for the way), a tenth of a second a token written."""


def test_a_model_that_nobody_knows_gets_the_upper_end() -> None:
    """Nothing is guessed of it."""
    deadline, why = choose((60, 300), 500, None)
    assert (deadline.total, deadline.most, deadline.idle) == (300, 300, 30)
    assert why == "the upper end: the model's speed is not known yet"


def test_one_duration_is_fixed() -> None:
    """Whatever was measured."""
    assert choose((10, 10), 500, known(STEADY))[0].total == 10
    assert choose((10, 10), 500, known(STEADY))[1] == "fixed by the files"


def test_a_known_model_gets_twice_what_is_usual() -> None:
    """(1 + 4) thousand tokens at 1 s, 100 tokens of answer at 0.1 s: 15 s, and as much again."""
    deadline, why = choose((5, 300), 4000, known(STEADY))
    assert deadline.total == pytest.approx(30)
    assert deadline.most == 300
    assert why == "15s expected of 4000 tokens by 5 calls, times 2"


def test_spread_counts_beside_the_mean() -> None:
    """A model that is fast at times and slow at others gets the time of a slow answer."""
    uneven = known(STEADY._replace(seconds=4.0), STEADY._replace(seconds=20.0))
    assert choose((1, 300), 1000, uneven)[0].total > choose((1, 300), 1000, known(STEADY))[0].total


def test_both_ends_of_the_range_are_said() -> None:
    """The reason names the end."""
    assert choose((60, 300), 1000, known(STEADY))[1].startswith("the lower end: 12s expected")
    assert choose((1, 5), 1000, known(STEADY))[1].startswith("the upper end: 12s expected")


def test_what_limits_leave_is_the_most() -> None:
    """Also for an answer that makes progress."""
    deadline, why = choose((60, 300), 1000, None, left=7.0)
    assert (deadline.total, deadline.most, why) == (7, 7, "what the limits leave")


def test_little_is_not_believed_and_old_calls_are_forgotten() -> None:
    """Five calls make a figure, fifty are kept."""
    speed = Speed()
    for _ in range(ENOUGH - 1):
        speed.add(STEADY)
    assert speed.figures() is None
    for _ in range(KEPT):
        speed.add(STEADY._replace(first=1.0, seconds=2.0))
    figures = speed.figures()
    assert figures is not None
    assert figures.calls == KEPT
    assert figures.first == (0.5, 0.0)


@given(
    least=st.floats(0.01, 100),
    width=st.floats(0, 500),
    tokens=st.integers(0, 200_000),
    samples=st.lists(
        st.builds(
            Sample,
            st.integers(0, 100_000),
            st.integers(0, 10_000),
            st.floats(0, 50),
            st.floats(50, 500),
        ),
        min_size=ENOUGH,
        max_size=KEPT,
    ),
)
def test_no_figure_leaves_the_range(least: float, width: float, tokens: int, samples: list[Sample]) -> None:
    """What is learned chooses inside the bounds of the files, and nowhere else."""
    speed = Speed()
    for sample in samples:
        speed.add(sample)
    deadline, why = choose((least, least + width), tokens, speed.figures())
    assert least <= deadline.total <= least + width
    assert deadline.most == least + width
    assert why
