"""What other languages write for types, and how it is written here."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any

from runner.spec.values import shown

WORDS = {
    **dict.fromkeys(("string", "text"), "str"),
    **dict.fromkeys(("integer", "long"), "int"),
    **dict.fromkeys(("number", "double", "decimal"), "float"),
    **dict.fromkeys(("boolean", "flag"), "bool"),
    **dict.fromkeys(("list", "array", "tuple"), "[str]"),
    **dict.fromkeys(("object", "dict", "map", "mapping"), "{key: str}"),
    **dict.fromkeys(("file", "folder", "directory"), "path"),
}
"""The words of other languages, and what is written here."""
_LONG = {
    **dict.fromkeys(("optional", "nullable"), "a type that ends in ? may be left out: `str?`"),
    "required": "what has neither ? at its end nor a default is required",
    **dict.fromkeys(("desc", "help", "doc", "title"), "write `description: …`"),
    **dict.fromkeys(("regex", "regexp", "format", "match"), "write `pattern: …`, a regular expression"),
    **dict.fromkeys(("items", "of", "item"), "a list is its type in brackets: `[str]`"),
    **dict.fromkeys(("properties", "fields", "keys"), "write the fields themselves: `{NAME: str, NAME: int}`"),
    **dict.fromkeys(
        ("min", "max", "minimum", "maximum", "ge", "le", "gt", "lt", "range"),
        "bounds are said in a JSON Schema: `{schema: {type: integer, minimum: 0, maximum: 9}}`",
    ),
    **dict.fromkeys(("enum", "choices", "options", "values", "oneof"), 'write a choice: `"a|b"`'),
}
"""Keys beside `type` elsewhere, and what is done here."""
_NAME = r"[A-Za-z_]\w*"
_FORMS = (
    (re.compile(rf"(?P<T>{_NAME})\s*\[\]"), "[{T}]"),
    (
        re.compile(
            rf"(?:list|array|set|sequence|tuple)s?\s*(?:[\[<(]\s*|of\s+)(?P<T>{_NAME}?)s?\s*[\]>)]?", re.IGNORECASE
        ),
        "[{T}]",
    ),
    (re.compile(rf"optional\s*[\[<(]?\s*(?P<T>{_NAME})\s*[\]>)]?", re.IGNORECASE), "{T}?"),
    (re.compile(r"(?P<T>str|int|float|bool)\s*\|\s*(?:null|none)", re.IGNORECASE), "{T}?"),
    (
        re.compile(rf"(?P<T>{_NAME}\??)\s*(?:=|\(?default:?)\s*(?P<D>[^\s)]+)\)?", re.IGNORECASE),
        "{{type: {T}, default: {D}}}",
    ),
)
"""How other languages write a type with another one in it, and how it is written here."""
_CHOICE = re.compile(
    r"(?:(?:one of|enum|choice)\b[:(\s]*)?(?P<words>[\w-]+(?:\s*(?:[,/]|\bor\b)\s*[\w-]+)+)\)?", re.IGNORECASE
)


def of_word(word: str, known: Container[str]) -> str:
    """How a type is written that stands in the form of another language; nothing for other words."""
    for form, written in _FORMS:
        if found := form.fullmatch(word):
            inner = found["T"].lower()
            kind = inner if inner.rstrip("?") in known else WORDS.get(inner, "")
            if kind:
                return "write " + written.format(**{**found.groupdict(), "T": kind})
    if (choice := _CHOICE.fullmatch(word)) and not any(option in known for option in _options(choice["words"])):
        return f'write "{"|".join(_options(choice["words"]))}", a choice'
    return ""


def of_optional(name: str, kind: object, known: Container[str]) -> str:
    """How a field is written whose name ends in ? elsewhere, as it may be left out."""
    if isinstance(kind, str):
        word = kind.removesuffix("?")
        word = word if word in known else WORDS.get(word.lower(), word)
        return f"the ? stands behind the type: write `{name}: {_maybe(word, needed=False)}`"
    if isinstance(kind, list) and len(kind) == 1 and isinstance(kind[0], str):
        return f"a list may be left out by its default: write `{name}: {_maybe(f'[{kind[0]}]', needed=False)}`"
    inner = kind.get("type") if isinstance(kind, Mapping) else None
    if isinstance(kind, Mapping) and "default" in kind:
        return f"what has a default may be left out: write `{name}` without the ?"
    if isinstance(inner, str):
        return f"the ? stands behind the type: write `{name}` without it, and `type: {inner.removesuffix('?')}?`"
    return f"write `{name}` without it, and put ? behind the types inside, such as str?"


def _options(words: str) -> list[str]:
    return re.split(r"\s*(?:[,/]|\bor\b)\s*", words)


def of_long(key: Any, value: Any) -> str:
    """What is written in place of a key beside `type`; nothing for a key that is nowhere known."""
    word = str(key).lower()
    if _LONG.get(word, "").startswith("write a choice") and isinstance(value, list) and value:
        return f'write a choice as the type: "{"|".join(map(str, value))}"'
    return _LONG.get(word, "")


def of_schema(data: Mapping[Any, Any]) -> str:
    """How the fields are written of a JSON Schema of an object; nothing of any other mapping."""
    properties = data.get("properties")
    if data.get("type") != "object" or not isinstance(properties, Mapping) or not properties:
        return ""
    required = data.get("required")
    needed = required if isinstance(required, list) else []
    words = {name: _of_property(kind) for name, kind in properties.items()}
    return f"{{{', '.join(f'{name}: {_maybe(word, needed=name in needed)}' for name, word in words.items())}}}"


def in_place_of_fields(data: object) -> str:
    """What stands where names and types do, and how it is written."""
    if isinstance(data, str):
        return f"{shown(data)}; write {{NAME: str, NAME: int}}, or nothing where there are no fields"
    if not isinstance(data, list) or not data:
        return shown(data)
    if all(isinstance(item, str) for item in data):
        return f"a list: write {{{', '.join(f'{item}: str' for item in data)}}}"
    return "a list: write each name without the - before it"


def _maybe(word: str, *, needed: bool) -> str:
    """A type that may be left out unless it is needed."""
    if needed:
        return word
    return f"{{type: {word}, default: []}}" if word.startswith("[") else f"{word}?"


def _of_property(schema: Any) -> str:
    """The word of a type, from the schema of one."""
    word = schema.get("type") if isinstance(schema, Mapping) else None
    if word == "array":
        return f"[{_of_property(schema.get('items'))}]"
    return "any" if word in (None, "object") or not isinstance(word, str) else WORDS.get(word, "any")
