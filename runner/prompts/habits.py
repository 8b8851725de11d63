"""Names of tests, filters, methods and functions that other languages have, and what is written here."""

from __future__ import annotations

TESTS = {
    "empty": "an empty text, list or mapping is false: write `not NAME`",
    **dict.fromkeys(("null", "nil", "None", "NULL", "Null"), "write `is none`"),
    **dict.fromkeys(("True", "TRUE"), "write `is true`"),
    **dict.fromkeys(("False", "FALSE"), "write `is false`"),
    **dict.fromkeys(("str", "text"), "write `is string`"),
    **dict.fromkeys(("int", "float"), "write `is number`"),
    **dict.fromkeys(("list", "array"), "write `is sequence`"),
    **dict.fromkeys(("dict", "object"), "write `is mapping`"),
    **dict.fromkeys(("set", "present", "exists"), "write `is defined`"),
    **dict.fromkeys(("contains", "containing"), "write `'part' in NAME`"),
    "equal": "write `==`",
}
"""What may not stand behind `is`."""
FILTERS = {
    **dict.fromkeys(("size", "len", "strlen"), "length"),
    **dict.fromkeys(("json", "to_json", "dump", "stringify"), "tojson"),
    **dict.fromkeys(("strip", "chomp"), "trim"),
    **dict.fromkeys(("lowercase", "downcase", "to_lower"), "lower"),
    **dict.fromkeys(("uppercase", "upcase", "to_upper"), "upper"),
    **dict.fromkeys(("number", "to_i", "integer"), "int"),
    **dict.fromkeys(("str", "text", "to_s"), "string"),
    **dict.fromkeys(("where", "filter"), "selectattr"),
    **dict.fromkeys(("pluck",), "map"),
    **dict.fromkeys(("uniq", "distinct"), "unique"),
    **dict.fromkeys(("else", "fallback", "ifnull", "coalesce", "or"), "default"),
}
"""What stands behind `|` elsewhere, and here."""
METHODS = {
    **FILTERS,
    **dict.fromkeys(("toUpperCase", "toUpper"), "upper"),
    **dict.fromkeys(("toLowerCase", "toLower"), "lower"),
    **dict.fromkeys(("toString",), "string"),
    "get": "default",
}
LOOP = {
    **dict.fromkeys(("i", "idx", "counter", "iteration", "number", "position", "nr"), "index"),
    **dict.fromkeys(("counter0", "i0", "idx0", "zero"), "index0"),
    **dict.fromkeys(("size", "len", "total", "count"), "length"),
    **dict.fromkeys(("prev", "previous"), "previtem"),
    "next": "nextitem",
    **dict.fromkeys(("is_first", "start"), "first"),
    **dict.fromkeys(("is_last", "end"), "last"),
    **dict.fromkeys(("odd", "is_odd"), "index is odd"),
    **dict.fromkeys(("even", "is_even"), "index is even"),
}
"""What a loop says of itself elsewhere, and here."""
_IN = "write `'part' in NAME`"
CALLS = {
    **dict.fromkeys(("contains", "includes", "count", "find", "indexOf", "index"), _IN),
    "startswith": "write `NAME[:3] == 'abc'`",
    "startsWith": "write `NAME[:3] == 'abc'`",
    "endswith": "write `NAME[-3:] == 'abc'`",
    "endsWith": "write `NAME[-3:] == 'abc'`",
    "keys": "a loop over a mapping goes over its keys",
    "values": "write {% for key, value in NAME | items %}",
    **dict.fromkeys(("success", "succeeded"), "write `phases.NAME.ok`"),
    **dict.fromkeys(("failure", "failed"), "write `not phases.NAME.ok`"),
    **dict.fromkeys(("now", "date", "today"), "the time that a run began is `run.started_at`"),
    "always": "leave the condition out",
    "defined": "write `NAME is defined`",
    "any": "write `NAME | select | list`",
    "all": "write `not (NAME | reject | list)`",
}
"""Calls of other languages that no filter stands for."""
