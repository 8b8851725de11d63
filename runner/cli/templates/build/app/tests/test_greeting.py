"""What a greeting says."""

from greeting import greet


def test_a_greeting_has_a_comma_and_an_exclamation_mark() -> None:
    """As people write it."""
    assert greet("Ada") == "Hello, Ada!"
