"""A server that fails again and again is left alone for a while."""

from __future__ import annotations

from runner.models.calling.breaker import REST, TRIPS, Breaker


def opened(at: float = 100.0) -> Breaker:
    """A breaker that has just opened."""
    breaker = Breaker()
    for _ in range(TRIPS):
        breaker.failed("reset", "broke off", at)
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    """One success between them starts the count again."""
    breaker = Breaker()
    for _ in range(TRIPS - 1):
        breaker.failed("connect", "refused", 0.0)
    breaker.succeeded()
    breaker.failed("connect", "refused", 0.0)
    assert breaker.wait(0.0) == 0
    assert opened().wait(100.0) == REST
    assert opened().report(101.0) == {"state": "open", "failures": TRIPS, "seconds": REST - 1, "last": "broke off"}


def test_what_is_not_the_servers_fault_does_not_open_it() -> None:
    """A wrong key, a limit, an empty answer."""
    breaker = Breaker()
    for _ in range(3 * TRIPS):
        breaker.failed("key", "401", 0.0)
        breaker.failed("limited", "429", 0.0)
        breaker.failed("empty", "empty", 0.0)
    assert breaker.wait(0.0) == 0


def test_after_its_rest_one_call_tries_and_the_others_wait() -> None:
    """Its success closes the breaker."""
    breaker = opened()
    assert breaker.wait(100.0 + REST) == 0
    breaker.begins(100.0 + REST)
    assert breaker.wait(100.0 + REST) > 0
    breaker.succeeded()
    assert breaker.wait(100.0 + REST) == 0
    assert breaker.report(0.0)["state"] == "closed"


def test_each_failed_try_doubles_the_rest() -> None:
    """Up to two minutes."""
    breaker, now, rests = opened(0.0), 0.0, []
    for _ in range(6):
        now += breaker.wait(now)
        breaker.begins(now)
        breaker.failed("first", "silent", now)
        rests.append(breaker.wait(now))
    assert rests == [20, 40, 80, 120, 120, 120]


def test_a_try_that_ends_for_another_reason_lets_the_next_one_try() -> None:
    """A refused key says that the server is up, not that it answers."""
    breaker = opened()
    breaker.begins(100.0 + REST)
    breaker.failed("key", "401", 100.0 + REST)
    assert breaker.report(100.0 + REST)["failures"] == TRIPS
