"""What a template must never reach (each attack is tried), and what it may use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from runner.prompts import RenderError, TemplateError, template


class Account:
    """An object with a secret and a method, as no template should ever be given."""

    def __init__(self) -> None:
        self.api_key = "CANARY-1"
        self.used = False

    def danger(self) -> str:
        """Note that it was called."""
        self.used = True
        return "CANARY-2"


class Frozen(Mapping[str, Any]):
    """A mapping that is no dict."""

    def __init__(self, **items: Any) -> None:
        self._items = items

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ text.__init__.__globals__ }}",
        "{{ text | items }}",
        "{{ text | dictsort }}",
        "{{ text is divisibleby(2) }}",
        "{{ text.format(account) }}",
        "{{ '{0.api_key}'.format(account) }}",
        "{{ text.format_map }}",
        "{{ account | attr('api_key') }}",
        "{{ [account] | map(attribute='api_key') | list }}",
        "{{ [account] | map('attr', 'api_key') | list }}",
        "{{ [account] | sum(attribute='api_key') }}",
        "{{ [account] | selectattr('api_key') }}",
        "{{ account.api_key }}",
        "{{ account['api_key'] }}",
        "{{ account }}",
        "{{ account ~ '' }}",
        "{{ account | string }}",
        "{{ [account] | join }}",
        "{{ account | tojson }}",
        "{{ account.danger() }}",
        "{{ account.danger }}",
        "{% set f = account.danger %}{{ f() }}",
        "{{ numbers.append(4) }}",
        "{{ numbers.append }}",
        "{{ settings.update({'a': 2}) }}",
        "{{ settings.pop }}",
        "{% set settings.a = 2 %}",
        "{{ self }}",
        "{{ self.__init__ }}",
        "{{ range.__class__ }}",
        "{{ cycler }}",
        "{{ namespace(a=1) }}",
        "{{ lipsum() }}",
        "{{ numbers | random }}",
        "{{ settings | pprint }}",
        "{{ settings | xmlattr }}",
        "{{ text | urlize }}",
        "{{ '%s' | format(account) }}",
        "{{ '%s' % account }}",
        "{% for n in numbers %}{{ loop.__init__ }}{% endfor %}",
        "{% for n in numbers %}{{ loop._iterator }}{% endfor %}",
        "{% for n in numbers %}{{ loop }}{% endfor %}",
        "{% for n in numbers %}{{ loop.cycle('a') }}{% endfor %}",
    ],
)
def test_an_attack_is_refused(attack: str) -> None:
    """Nothing but plain data is reached, nothing is called and nothing is changed."""
    values: dict[str, Any] = {"account": Account(), "text": "x", "numbers": [1, 2, 3], "settings": {"a": 1}}
    with pytest.raises((TemplateError, RenderError)) as caught:
        template(attack).render(values)
    assert "CANARY" not in str(caught.value)
    assert not values["account"].used
    assert values["numbers"] == [1, 2, 3]
    assert values["settings"] == {"a": 1}


def test_items_and_indexes_are_read() -> None:
    """By key, by index, from the end and in slices."""
    values = {"a": {"b c": [1, 2, 3]}, "i": 1, "text": "xyz"}
    assert template("{{ a['b c'][i] }}{{ a['b c'][-1] }}{{ a['b c'][:2] }}{{ text[0] }}").render(values) == "23[1, 2]x"


def test_a_mapping_need_not_be_a_dict() -> None:
    """Whatever is a Mapping is read by its items."""
    values = Frozen(run=Frozen(id=7, items="mine"))
    assert (
        template("{{ run.id }} {{ run.items }} {{ run | tojson }}").render(values)
        == '7 mine {"id": 7, "items": "mine"}'
    )


def test_a_computed_key_that_is_missing_is_named() -> None:
    """A missing key is found out before the lookup."""
    with pytest.raises(RenderError, match="'b' is not defined"):
        template("{{ a[b] }}").render({"a": {}})


@pytest.mark.parametrize(
    "source, expected",
    [
        ("{{ (-3) | abs }}", "3"),
        ("{{ 'ab' | capitalize }} {{ 'a b' | title }} {{ 'ab' | upper }} {{ 'AB' | lower }}", "Ab A B AB ab"),
        ("{{ {'b': 1, 'a': 2} | dictsort }}", '[["a", 2], ["b", 1]]'),
        ("{{ {'b': 1} | items }}", '[["b", 1]]'),
        ("{{ xs | first }}{{ xs | last }}{{ xs | length }}{{ xs | count }}", "3133"),
        ("{{ '4.5' | float }} {{ 'x' | int(7) }} {{ 2.567 | round(1) }}", "4.5 7 2.6"),
        ("{{ 'a\nb' | indent(2) }}", "a\n  b"),
        ("{{ xs | join('-') }} {{ people | join(',', attribute='name') }}", "3-2-1 Zoé,ann"),
        ("{{ xs | sort }} {{ xs | reverse }} {{ 'ab' | reverse }}", "[1, 2, 3] [1, 2, 3] ba"),
        ("{{ people | sort(attribute='name') | map(attribute='name') | join(' ') }}", "ann Zoé"),
        ("{{ xs | max }}{{ xs | min }}{{ xs | sum }}{{ people | sum(attribute='age') }}", "31670"),
        ("{{ xs | select('odd') }} {{ xs | reject('odd') }} {{ xs | select('>', 1) }}", "[3, 1] [2] [3, 2]"),
        ("{{ people | selectattr('age', 'ge', 40) | map(attribute='name') }}", '["Zoé"]'),
        ("{{ people | rejectattr('age', 'ge', 40) | map(attribute='name') }}", '["ann"]'),
        ("{{ ['a', 'A', 'b'] | unique }} {{ 'ab' | list }}", '["a", "b"] ["a", "b"]'),
        ("{{ 'a-b' | replace('-', '+') }} {{ ' a ' | trim }} {{ '-a-' | trim('-') }}", "a+b a a"),
        ("{{ 'one two three' | truncate(9, leeway=0) }}", "one..."),
        ("{{ people[0] | tojson }}", '{"name": "Zoé", "age": 40}'),
        (
            "{{ 'a' ~ 1 ~ none }} {{ 1 + 2 }} {{ [1] + [2] }} {{ 'ab' * 2 }} {{ 7 % 4 }} {{ 2 ** 5 }}",
            "a1None 3 [1, 2] abab 3 32",
        ),
        ("{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}", "3"),
        ("{% for k, v in {'a': 1} | items %}{{ loop.index }}{{ k }}{{ v }}{% endfor %}", "1a1"),
        ("{% for x in xs if x > 1 %}{{ x }}{{ loop.length }}{% else %}-{% endfor %}", "3222"),
        ("{{ 'y' if 2 in xs and xs is iterable and 'k' is string }}", "y"),
    ],
)
def test_what_is_allowed_means_what_it_means_in_jinja(source: str, expected: str) -> None:
    """Each filter on the list, with plain data as its result."""
    values = {"xs": [3, 2, 1], "people": [{"name": "Zoé", "age": 40}, {"name": "ann", "age": 30}]}
    assert template(source).render(values) == expected
