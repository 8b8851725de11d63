"""Texts that are no templates, and what their author is told."""

from __future__ import annotations

import pytest

from runner.prompts import TemplateError, expression, template


@pytest.mark.parametrize(
    "source, message",
    [
        ("{{ a", "this {{ is never closed; write }} behind the name"),
        ("{% foo %}", "{% foo %} is no statement; a value is written {{ foo }}"),
        ("{{ a | uper }}", "there is no filter 'uper'; did you mean upper?"),
        ("{{ a | center(9) }}", "there is no filter 'center'"),
        ("{{ a | json }}", "there is no filter 'json'; write tojson"),
        ("{{ a is empty }}", "there is no test 'empty'; an empty text, list or mapping is false: write `not NAME`"),
        ("{{ a is high }}", "there is no test 'high'; a text is compared by == 'high'"),
        ("{{ a is strng }}", "there is no test 'strng'; did you mean string?"),
        ("{{ a | map('uper') }}", "'map' knows no 'uper'; did you mean upper?"),
        ("{{ a | selectattr('b', 'equals', 1) }}", "'selectattr' knows no 'equals'; did you mean equalto?"),
        ("{{ a.upper() }}", ".upper() is a call, and only range() can be called; write … | upper"),
        ("{{ a.strip() }}", ".strip() is a call, and only range() can be called; write … | trim"),
        ("{{ dict(a=1) }}", "only range() can be called; values are plain data; use a filter"),
        ("{{ len(a) }}", "only range() can be called; write … | length"),
        ("{{ }}", "there is nothing between {{ and }}; write a name, or remove it"),
        ("{{ {{ a }} }}", "{{ stands inside {{ }}; names stand bare inside {{ }}"),
        ("{{ .a }}", "a name does not begin with a `.`; write {{ a }}"),
        ("{{ a && b }}", "`&&` is not known here; write `and`"),
        ("{{ a | join: ',' }}", "what the filter `join` is given stands in parentheses; write join(',')"),
        ("{{#if a}}{{/if}}", "{{#if a}} is a statement, not a value; write {% if … %}…{% endif %}"),
        ("{% if a %}", "this {% if %} is never closed; write {% endif %} where it ends"),
        ("{% endif %}", "{% endif %} closes nothing; remove it, or write {% if … %} before it"),
        ("{% for b in a %}{% endif %}", "{% for %} is open here; write {% endfor %}"),
        ("{% end %}", "{% end %} is no statement; write {% endif %} or {% endfor %}"),
        ("{{ range() }}", "write range(stop), range(start, stop[, step])"),
        ("{% macro f() %}{% endmacro %}", "{% macro %} is not allowed; write {% include %} of a named prompt"),
        ("{% extends 'a' %}", "{% extends %} is not allowed; write {% include %}"),
        ("{% import 'a' as b %}", "{% import %} is not allowed; write {% include %}"),
        ("{% from 'a' import b %}", "{% from %} is not allowed; write {% include %}"),
        ("{% block a %}{% endblock %}", "{% block %} is not allowed; write {% include %}"),
        ("{% call a() %}{% endcall %}", "{% call %} is not allowed; write {% include %}"),
        ("{% filter upper %}{% endfilter %}", "{% filter %} is not allowed; write {{ … | the_filter }}"),
        ("{% set a %}{% endset %}", "{% set x %}…{% endset %} is not allowed; write {% set x = … %}"),
        ("{% set a.b = 1 %}", "a variable is set whole: write {% set x = … %}"),
        ("{% autoescape true %}{% endautoescape %}", "{% autoescape %} is not allowed; prompts are plain text"),
        ("{% for a in b recursive %}{% endfor %}", "a recursive loop is not allowed"),
        ("{% set loop = 1 %}", "'loop' is what a loop says of itself; choose another name"),
        ("{% include 'b' %}", "there is no prompt 'b'"),
        ("{% include 'frst' %}", "there is no prompt 'frst'; did you mean first?"),
        ("{% include name %}", 'an include is written {% include "name" %}, with nothing more'),
        (
            "{% include first %}",
            'an include is written {% include "first" %}, with nothing more; its name stands in quotes',
        ),
        ("{{ include('first') }}", 'include is a statement, not a value; write {% include "first" %}'),
        ("{{ include 'first' }}", "{{ include 'first' }} is a statement, not a value; write {% include \"first\" %}"),
        ("{% use first %}", '{% use first %} is no statement; write {% include "first" %}'),
        (
            "{% include 'first' with x=1 %}",
            (
                "{% include 'first' with x=1 %} is no statement; "
                'write {% include "first" %}; what it reads is set before it: {% set NAME = … %}'
            ),
        ),
        ("{% include 'first' %}{{ include }}{{ a b }}", "expected token 'end of print statement', got 'b'"),
        ("{% include 'first' ignore missing %}", 'an include is written {% include "name" %}, with nothing more'),
    ],
)
def test_a_bad_template_says_what_and_where(source: str, message: str) -> None:
    """What is wrong, what to write instead, and the line."""
    with pytest.raises(TemplateError) as caught:
        template(f"line one\n{source}", {"first": "1"})
    assert str(caught.value) == message
    assert caught.value.lineno == 2


@pytest.mark.parametrize(
    "source, message",
    [
        ("{{ a }}", "an expression stands bare here; leave out {{ and }}"),
        ("  ", "the expression is empty"),
        ("a b", "there is no `and`, `or` or `==` before 'b'"),
        ("a = b", "`=` is not known here; write `==` to compare"),
        ("a || '?'", "`||` is not known here; write `or`"),
        ("a ? b : c", "`?` is not known here; write `A if CONDITION else B`"),
        ("if a", "`if` does not begin an expression; leave out `if`"),
        ("unless a", "`unless` does not begin an expression; write `not (…)`"),
        ("${{ a }}", "an expression stands bare here; leave out ${{ and what closes it"),
        ("a contains b", "`contains` is not known here; write it the other way round: `'part' in NAME`"),
        ("a == 'b", "`'` is not known here; a text ends with the quote that it begins with"),
        ("a ==", "something is missing at its end"),
        ("a.upper()", ".upper() is a call, and only range() can be called; write … | upper"),
    ],
)
def test_a_bad_expression_says_what(source: str, message: str) -> None:
    """The same words as for a template."""
    with pytest.raises(TemplateError) as caught:
        expression(source)
    assert str(caught.value) == message
    assert caught.value.lineno == 1


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "+".join("1" * 300),
        "-" * 300 + "1",
        "[" * 300 + "]" * 300,
        "a" + "[0]" * 300,
    ],
)
def test_deep_nesting_is_a_message(source: str) -> None:
    """The reader's own stack is not the limit that is met first, or it is told alike."""
    with pytest.raises(TemplateError, match="nested too deeply"):
        template("{{ " + source + " }}")
    with pytest.raises(TemplateError, match="nested too deeply"):
        expression(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(not " * 45 + "1" + ")" * 45 + " }}",
        "{{ " + "[1, " * 45 + "a" + "]" * 45 + " }}",
        "{{ " + "(a ~ " * 20 + "1" + ")" * 20 + " }}",
        "{{ " + "(1 if a else " * 45 + "1" + ")" * 45 + " }}",
        "{{ 1" + " + 1" * 45 + " }}",
        "{{ a" + " | string" * 45 + " }}",
        "{% if a %}" * 45 + "x" + "{% endif %}" * 45,
        "{% for a in [1] %}" * 8 + "x" + "{% endfor %}" * 8,
    ],
)
def test_what_is_nested_as_deep_as_allowed_still_compiles(source: str) -> None:
    """No template that is read fails later in the compiler."""
    assert template(source).render({"a": 1}) != ""


def test_a_template_is_not_longer_than_any_prompt() -> None:
    """Half a megabyte of template is a mistake."""
    with pytest.raises(TemplateError, match="longer than 262,144 characters"):
        template("{{ a }}" + "x" * 500_000)


def test_an_include_sees_the_names_around_it() -> None:
    """Its text stands where the include is, with a scope of its own."""
    prompts = {"row": "- {{ x }}{% set x = 9 %}{% include 'end' %}\n", "end": "!"}
    source = "{% for x in xs %}\n{% include 'row' %}\n{{ x }}\n{% endfor %}\n"
    assert template(source, prompts).render({"xs": [1, 2]}) == "- 1!1\n- 2!2\n"


def test_prompts_that_include_each_other_are_refused() -> None:
    """The message shows the circle and the way to it."""
    prompts = {"a": "\n{% include 'b' %}", "b": "{% include 'a' %}"}
    with pytest.raises(TemplateError) as caught:
        template("x\n\n{% include 'a' %}", prompts)
    assert str(caught.value) == (
        "in the included prompt 'a', line 2: in the included prompt 'b', line 1: "
        "prompts include each other in a circle: a → b → a"
    )
    assert caught.value.lineno == 3


def test_a_mistake_in_an_include_names_the_prompt_and_its_line() -> None:
    """The line of the error is the include's; the message has the line inside."""
    with pytest.raises(TemplateError) as caught:
        template("x\n{% include 'a' %}", {"a": "ok\n\n{{ b | uper }}"})
    assert str(caught.value) == "in the included prompt 'a', line 3: there is no filter 'uper'; did you mean upper?"
    assert caught.value.lineno == 2


def test_includes_cannot_multiply_without_end() -> None:
    """Twice two, twenty times over, is refused early."""
    prompts = {f"p{i}": f"{{% include 'p{i + 1}' %}}" * 2 for i in range(20)} | {"p20": "x"}
    with pytest.raises(TemplateError, match="more than 100 includes"):
        template("{% include 'p0' %}", prompts)


@pytest.mark.parametrize(
    "name", ["index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem", "depth"]
)
def test_what_a_loop_says_of_itself_is_known(name: str) -> None:
    """Outside of a loop `loop` may be any value."""
    assert template(f"{{{{ loop.size }}}}{{% for x in loop.all %}}{{{{ loop.{name} }}}}{{% endfor %}}").source


def test_what_no_loop_says_is_told_with_its_name_here() -> None:
    """By what it is called elsewhere, by its likeness, or with all there is."""
    for name, hint in (("counter", "write `loop.index`"), ("lst", "write `loop.last`"), ("xyz", "it has: depth")):
        with pytest.raises(TemplateError, match=f"`loop` has no `{name}`; {hint}"):
            template(f"{{% for x in y %}}\n{{% if x %}}{{{{ loop.{name} }}}}{{% endif %}}{{% endfor %}}")
