from basket import format_price, parse_price


def test_a_price_with_two_digits_of_cents() -> None:
    assert parse_price("12.50") == 1250


def test_a_price_without_cents() -> None:
    assert parse_price("12") == 1200


def test_a_price_with_one_digit_of_cents() -> None:
    assert parse_price("0.5") == 50


def test_a_price_with_thousands() -> None:
    assert parse_price("1,299.50") == 129950


def test_a_price_is_written_with_two_digits_of_cents() -> None:
    assert format_price(129950) == "1,299.50"
