"""Charts made by chance: of any size, with ways from anywhere to anywhere, and with words that nobody would write."""

from __future__ import annotations

from random import Random

from runner.project.drawing.chart import Box, Chart, Line, Via

KINDS = ("agent", "tool", "workflow", "approval", "wait")
VIAS: tuple[Via, ...] = ("next", "errors", "exhausted")
ODD = (
    *('"', "'", "`ticks`", "<b>", "</text>", "]]>", "&amp;", "#35;", "%%{init: {}}%%", "%% no comment", "$$x$$", "end"),
    *("subgraph", "1. one", "- one", "a|b", "[x]", "(x)", "{x}", "{{x}}", "-->", ";", "\n", "\x1b[31m", "\u202e"),
    *(
        "\ud800",
        "日本語のとても長い文字列",
        "e\u0301",
        "🎉",
        "click",
        "x" * 90,
        "\\",
        "**bold**",
        "_it_",
        "a.b/c?d=e&f",
        "@{x}",
    ),
)


def chart_by_chance(random: Random, most: int = 12) -> Chart:
    """A chart of up to `most` boxes, each of which a way leads to."""
    names = [_name(random, index) for index in range(random.randint(1, most))]
    boxes = [_box(random, name) for name in names]
    last = _box(random, "finally") if random.random() < 0.3 else None
    lines: dict[tuple[str, str, Via], Line] = {}
    for index, name in enumerate(names):
        ways = [(random.choice(names[:index]), name)] if index else []
        ways += [
            (name, random.choice([*names, "pass", "fail", "error"])) for _ in range(random.choice([0, 1, 1, 2, 4]))
        ]
        for source, target in ways:
            via = random.choice(VIAS)
            lines[source, target, via] = Line(source, target, via, _words(random, 2))
    return Chart(random.choice(["build", "end"]), _text(random), tuple(boxes), tuple(lines.values()), last)


def _name(random: Random, index: int) -> str:
    words = (
        "end",
        "subgraph",
        "click",
        "style",
        "default",
        "o",
        "x",
        "graph",
        "step",
        "a_name_of_more_than_thirty_four_signs",
    )
    return f"{random.choice(words)}_{index}" if index else "end"


def _box(random: Random, name: str) -> Box:
    if name != "finally" and random.random() < 0.2:
        branches = tuple(
            Box(f"b_{n}", random.choice(KINDS), _words(random, 1) or ("tool t",)) for n in range(random.randint(1, 7))
        )
        return Box(name, "parallel", ("all of these",), branches=branches)
    each = ("↻ each item in inputs.names",) if random.random() < 0.2 else ()
    return Box(name, random.choice(KINDS), ("tool t", *_words(random, 2)), each)


def _words(random: Random, most: int) -> tuple[str, ...]:
    return tuple(_text(random) for _ in range(random.randint(0, most)))


def _text(random: Random) -> str:
    words = [random.choice(ODD) if random.random() < 0.5 else "phases.verify.ok" for _ in range(random.randint(1, 6))]
    return " ".join(words)
