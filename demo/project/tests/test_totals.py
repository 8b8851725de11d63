from basket import discounted, total


def test_quantities_count() -> None:
    assert total([("2.00", 3), ("0.25", 2)]) == 650


def test_an_empty_basket_costs_nothing() -> None:
    assert total([]) == 0


def test_a_small_basket_has_no_discount() -> None:
    assert discounted(9_999) == 9_999


def test_the_discount_begins_at_exactly_one_hundred() -> None:
    assert discounted(10_000) == 9_000
