"""What a text that cannot be read was meant as: signs and words of other languages, and what is written here."""

from __future__ import annotations

import re
from typing import NamedTuple

from runner.prompts import worded

_TAG = re.compile(r"\{(?:\{(?P<value>.*?)\}\}|%-?(?P<statement>.*?)-?%\})", re.DOTALL)
_OPEN = re.compile(r"\{\{(?:(?!\}\}|\{\{|\{%).)*(?=\{\{|\{%|\Z)", re.DOTALL)
"""A `{{` with no `}}` before the next one begins, or the text ends."""
_BLOCK = re.compile(r"\{%-?\s*(?P<end>end)?(?P<word>for|if)\b")
_PAIRS = "&& and,|| or,=== ==,!== !=,<> !=,=> >=,=< <=,equals ==,eq ==,ne !=,gt >,ge >=,lt <,le <="
_OTHERS = {
    **dict(pair.split() for pair in _PAIRS.split(",")),
    **{word: word.lower() for word in ("AND", "OR", "NOT", "IN", "IS", "IF", "ELSE")},
}
"""What stands between two values elsewhere, and here."""
_NO_PATTERN = "there are no patterns here; a part of a text is asked for by `'part' in NAME`"
_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        (r"&&|\|\||!==|===|<>|=>|=<", ""),
        (r"\?\?", "write `NAME | default(…)`"),
        (r"\?\.", "write `.`, and `| default(…)` behind the whole name"),
        (r"\?", "write `A if CONDITION else B`"),
        (r"=~|~=", _NO_PATTERN),
        (r"!(?!=)", "write `not`"),
        (r"[“”„‟‘’‚«»]", "write straight quotes: ' or \""),
        (r"\b(?:AND|OR|NOT|IN|IS|IF|ELSE)\b|(?<=\s)(?:equals|eq|ne|gt|ge|lt|le)(?=\s)", ""),
        (r"(?<=\s)(?:contains|includes|has)(?=\s)", "write it the other way round: `'part' in NAME`"),
        (r"(?<=\s)(?:matches|like|starts ?with|ends ?with)(?=\s)", _NO_PATTERN),
        (r"(?<=\s)between(?=\s)", "write `LEAST <= NAME <= MOST`"),
        (
            r"(?<=[\w\])])\s*(?:\+\+|--)",
            "nothing is changed here; how often a phase was entered is `phases.NAME.visits`",
        ),
        (r"\[[^\]]*\sfor\s", "there are no such lists here; write `NAME | selectattr(…)` or `NAME | map(…)`"),
        (r"\blambda\b", "there are no functions here; use filters"),
        (r"\$", "leave out the $: names stand bare"),
        (r";", "an expression is one: join two by `and` or `or`"),
        (r"#", "a comment stands outside of it"),
        (r"['\"]", "a text ends with the quote that it begins with"),
    )
)
"""Signs that no expression has, with what is written instead; without a hint `_OTHERS` knows it."""
_COMPARED = re.compile(r"(?<![=!<>])=(?!=)")
_LOOP, _CHOICE = "{% for x in LIST %}…{% endfor %}", "{% if … %}…{% endif %}"
_INCLUDE = ("include", "use")
_STATEMENTS = {
    **dict.fromkeys(("elseif", "elsif", "elif", "else"), "{% if … %}…{% elif … %}…{% else %}…{% endif %}"),
    **dict.fromkeys(("foreach", "each", "loop", "while", "range", "for", "endfor"), _LOOP),
    **dict.fromkeys(("unless", "switch", "case", "match", "if", "endif", "when"), _CHOICE),
    **dict.fromkeys(("assign", "let", "var", "define"), "{% set x = … %}"),
    **dict.fromkeys(("end", "fi", "done"), "{% endif %} or {% endfor %}"),
    **dict.fromkeys(("partial", "template", "import", "render", "use", "include"), '{% include "name" %}'),
}
"""Words that begin a statement, here or elsewhere, and what is written here."""


class Slip(NamedTuple):
    """What is wrong, and what to write; the line counts from 1."""

    line: int
    near: str
    what: str
    hint: str


def in_expression(source: str, said: str) -> Slip | None:
    """The first sign of a bare expression that none has; `said` is the parser's complaint."""
    bare = source.strip()
    opened = re.match(r"\$?\{[{%]?|\$\(", bare)
    if opened and bare.endswith(("}", ")")):
        return Slip(1, bare, "an expression stands bare here", f"leave out {opened[0]} and what closes it")
    word = bare.partition(" ")[0]
    if word in ("if", "when", "unless", "return", "while"):
        hint = "write `not (…)`" if word == "unless" else f"leave out `{word}`"
        return Slip(1, word, f"`{word}` does not begin an expression", hint)
    return _sign(source, 1, said)


def in_template(source: str, said: str) -> Slip | None:
    """The first tag of a template that is none, or is never closed; `said` is the parser's complaint."""
    for tag in _TAG.finditer(source):
        if "{{" in tag[0][2:].lstrip()[2:]:
            break
        line = _line(source, tag)
        slip = _in_tag(tag, line) or _sign(tag["value"] or tag["statement"] or "", line, said)
        if slip is not None:
            return slip
    opened = _OPEN.search(source)
    if opened is None:
        return _unpaired(source)
    near = opened[0].partition("\n")[0]
    return Slip(_line(source, opened), near, "this {{ is never closed", "write }} behind the name")


def _in_tag(tag: re.Match[str], line: int) -> Slip | None:
    inside = (tag["value"] or tag["statement"] or "").strip(" -")
    word = re.match(r"[#/>]?\s*(\w*)", inside)[1]  # type: ignore[index]  # it matches any text
    near = tag[0].partition("\n")[0]
    if tag["statement"] is None:
        return _in_value(near, inside, word, line)
    wrong = word in _STATEMENTS and not re.match(
        r"(if|for|elif)\s|(else|endif|endfor)$|include\s+(\"[^\"]*\"|'[^']*')$", inside
    )
    if wrong:
        return Slip(line, near, f"{near} is no statement", f"write {_statement(word, inside)}")
    if re.match(r"\w+[.[|]|\w+$", inside) and word not in _STATEMENTS and word not in ("raw", "endraw"):
        return Slip(line, near, f"{near} is no statement", f"a value is written {{{{ {inside} }}}}")
    return None


def _in_value(near: str, inside: str, word: str, line: int) -> Slip | None:
    if not inside:
        return Slip(line, near, "there is nothing between {{ and }}", "write a name, or remove it")
    is_name = inside in _INCLUDE or inside.startswith((f"{word}.", f"{word}["))
    if inside[0] in "#/>" or (word in _STATEMENTS and not is_name):
        return Slip(line, near, f"{near} is a statement, not a value", f"write {_statement(word, inside)}")
    if inside.startswith("{{"):
        return Slip(line, near, "{{ stands inside {{ }}", "names stand bare inside {{ }}")
    if inside[0] == ".":
        return Slip(line, near, "a name does not begin with a `.`", f"write {{{{ {inside[1:]} }}}}")
    given = re.search(r"\|\s*(\w+)\s*(?::|\s(?=['\"\d]))\s*([^|]+)", inside)
    if given:
        hint = f"write {given[1]}({given[2].strip()})"
        return Slip(line, near, f"what the filter `{given[1]}` is given stands in parentheses", hint)
    return None


def _statement(word: str, inside: str) -> str:
    """How a statement is written that begins with a word of elsewhere."""
    named = re.match(r"\w+[\s('\"]+([\w-]+)['\")\s]*(.?)", inside) if word in _INCLUDE else None
    if named is None:
        return _STATEMENTS.get(word, _CHOICE)
    return f'{{% include "{named[1]}" %}}' + (
        "; what it reads is set before it: {% set NAME = … %}" if named[2] else ""
    )


def _sign(source: str, line: int, said: str) -> Slip | None:
    compared = worded.first(source)
    if compared is not None:
        return Slip(line + source.count("\n", 0, compared.start), *compared[1:])
    bare = worded.QUOTED.sub(lambda text: "_" * len(text[0]), source)
    signs = (*_SIGNS, (_COMPARED, "write `==` to compare")) if "'='" in said else _SIGNS
    for pattern, hint in signs:
        found = pattern.search(bare)
        if found:
            sign = found[0].strip()
            line += bare.count("\n", 0, found.start())
            return Slip(line, sign, f"`{sign}` is not known here", hint or f"write `{_OTHERS[sign]}`")
    return None


def _unpaired(source: str) -> Slip | None:
    """The last block that is never closed, or the first end that closes nothing."""
    opened: list[re.Match[str]] = []
    for tag in _BLOCK.finditer(source):
        if not tag["end"]:
            opened.append(tag)
        elif opened and opened[-1]["word"] == tag["word"]:
            opened.pop()
        elif opened:
            hint = f"write {{% end{opened[-1]['word']} %}}"
            return Slip(_line(source, tag), tag[0], f"{{% {opened[-1]['word']} %}} is open here", hint)
        else:
            what = f"{{% end{tag['word']} %}} closes nothing"
            return Slip(_line(source, tag), tag[0], what, f"remove it, or write {{% {tag['word']} … %}} before it")
    if not opened:
        return None
    word = opened[-1]["word"]
    hint = f"write {{% end{word} %}} where it ends"
    return Slip(_line(source, opened[-1]), opened[-1][0], f"this {{% {word} %}} is never closed", hint)


def _line(source: str, found: re.Match[str]) -> int:
    return source.count("\n", 0, found.start()) + 1
