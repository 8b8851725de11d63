"""A workflow as Mermaid text: its shapes and arrows, and nothing in a label that the format would act on."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

from runner.project.drawing.chart import Box, Chart, Line, chart_of
from runner.project.drawing.mermaid import mermaid
from tests.project.drawing.charts import chart_by_chance

PHASES = """
verify:
  parallel: {tests: {tool: run_tests}, read: {agent: reader, message: m}}
  errors: [{match: any, to: ask}]
  next: [{when: phases.verify.ok, to: pass}, {to: repair, max: 2}]
repair: {foreach: {in: inputs.names}, agent: coder, message: m, next: verify}
ask: {approval: {ask: "Go on?"}, next: pause}
pause: {wait: {for: 10m}}
"""
SHAPES = (r"\(L\)", r"\[L\]", r"\[\[L\]\]", r"\{\{L\}\}", r"\(\[L\]\)", r"\(\(\(L\)\)\)")
LINE = re.compile(
    r"flowchart TD|  start\(\( \)\) --> phase_\w+|  end|    direction LR|  subgraph phase_\w+\[L\]"
    rf"|  (  )?(phase|end)_[\w.]+({'|'.join(SHAPES)})"
    r"|  phase_\w+ (-->|-\.->)(\|L\|)? (phase|end)_\w+|  end_\w+ -\.- phase_finally"
    r"|  classDef \w+ [\w:#,.\- ]+|  class (phase|end)_\w+ \w+"
)
"""Each line of a chart, with L in the place of its labels."""
LABEL = re.compile(r'"([^"]+)"')


def test_a_workflow_is_a_flowchart(project_of: Callable[..., Any]) -> None:
    """A shape for each kind, a subgraph for branches, dashes after failures, and how the run ends."""
    text = mermaid(chart_of(project_of(PHASES).workflows["build"]))
    assert text.splitlines() == [
        "flowchart TD",
        "  start(( )) --> phase_verify",
        '  subgraph phase_verify["<b>verify</b> · all of these"]',
        "    direction LR",
        '    phase_verify.tests["<b>tests</b><br/>tool run_tests"]',
        '    phase_verify.read("<b>read</b><br/>agent reader")',
        "  end",
        '  phase_repair("<b>repair</b><br/>↻ each item in inputs.names<br/>agent coder")',
        '  phase_ask{{"<b>ask</b><br/>approval #34;Go on?#34;"}}',
        '  phase_pause(["<b>pause</b><br/>wait 10m"])',
        '  end_pass((("pass")))',
        '  end_fail((("fail")))',
        '  phase_verify -->|"phases.verify.ok"| end_pass',
        '  phase_verify -->|"else<br/>max 2"| phase_repair',
        '  phase_verify -->|"after 2 times"| end_fail',
        '  phase_verify -.->|"on any failure"| phase_ask',
        "  phase_repair --> phase_verify",
        "  phase_ask --> phase_pause",
        "  phase_pause --> end_pass",
        "  classDef each stroke-width:3px,stroke-dasharray:8 3",
        "  classDef good stroke:#1a7f37,stroke-width:2px",
        "  classDef bad stroke:#cf222e,stroke-width:2px",
        "  class phase_repair each",
        "  class end_pass good",
        "  class end_fail bad",
    ]


def test_nothing_in_a_label_is_acted_on() -> None:
    """Quotes, HTML, codes, comments, directives, formulas, lists, hidden signs: all are text."""
    text = 'a "b" <c> &amp; #35; %%{init}%% $$x$$ 1. `d` *e* \n\x1b\u202e'
    found = mermaid(Chart("x", "", (Box("end", "tool", (text,)),), (Line("end", "pass", "next", (text,)),)))
    escaped = (
        "a #34;b#34; #60;c#62; #38;amp#59; #35;35#59; #37;#37;{init}#37;#37; #36; #36;x#36; #36;"
        " 1#46; #96;d#96; #42;e#42; #92;x1b#92;u202e"
    )
    assert f'phase_end["<b>end</b><br/>{escaped}"]' in found
    assert f'phase_end -->|"{escaped}"| end_pass' in found


def test_words_that_say_nothing_make_no_label() -> None:
    """An empty label is no Mermaid."""
    found = mermaid(Chart("x", "", (Box("a", "tool", ("t",)),), (Line("a", "pass", "next", (" ", "\n")),)))
    assert "  phase_a --> end_pass\n" in found


def test_every_chart_is_made_of_lines_of_the_format(seed: int, rounds: Callable[[int], int]) -> None:
    """Whatever its texts are: no label ends early, and each line is one of the few that the format is used with."""
    random = Random(seed)
    for _ in range(rounds(1000)):
        for line in mermaid(chart_by_chance(random)).splitlines():
            assert LINE.fullmatch(LABEL.sub("L", line)), line
            for label in LABEL.findall(line):
                plain = re.sub(r"<b>|</b>|<br/>|#\d+;", "", label)
                assert not set(plain) & set('<>&"#%;`*$\\|'), label
