"""What templates and expressions read: syntax, names, fields, prompts (rules R9, R11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.project.project import Project

    Make = Callable[..., Project]
    Say = Callable[[Project], list[str]]

PLAN = "plan: {agent: planner, message: m}\n"

NO_INPUTS = "an agent's prompt knows no run's inputs: tell it in the phase's `message`"


def ask(text: str, before: str = "") -> str:
    """Phases of which the last asks a person this question."""
    return f"{before}ask: {{approval: {{ask: '{text}'}}, next: [{{when: phases.ask.ok, to: pass}}, {{to: fail}}]}}"


def test_everything_that_is_there_can_be_read(project_of: Make, names_say: Say) -> None:
    """Inputs, the run, phases and their declared fields, down to the last."""
    text = "{{ inputs.request }} {{ run.id }} {{ phases.plan.output.first.title }} {{ phases.plan.output.steps[0] }}"
    assert names_say(project_of(ask(text, PLAN))) == []


@pytest.mark.parametrize(
    "path, said",
    [
        ("inptus.request", "unknown-name|`inptus` is not known here (did you mean inputs?)"),
        ("request", "unknown-name|`request` is not known here (write `inputs.request`)"),
        ("plan.output", "unknown-name|`plan` is not known here (write `phases.plan`)"),
        ("agent.name", "unknown-name|`agent` is not known here (known here: inputs, phases, run)"),
        ("inputs.reqest", "unknown-name|`inputs` has no `reqest` (did you mean request?)"),
        (
            "inputs.count.x",
            "unknown-name|`inputs.count` is a number and has no `x` (it is one value: leave out `.x`)",
        ),
        (
            "inputs.names.x",
            (
                "unknown-name|`inputs.names` is a list and has no `x` "
                "(go over it: {% for x in inputs.names %}{{ x }}{% endfor %})"
            ),
        ),
        ("run.nmae", "unknown-name|`run` has no `nmae` (did you mean name?)"),
        ("phases.paln.ok", "unknown-phase|there is no phase `paln` in this workflow (did you mean plan?)"),
        ("phases.plan.outptu", "unknown-name|`phases.plan` has no `outptu` (did you mean output?)"),
        ("phases.plan.items", "unknown-name|phase `plan` has no `items` (only a `foreach` has them)"),
        ("phases.plan.output.stesp", "unknown-name|`phases.plan.output` has no `stesp` (did you mean steps?)"),
        ("phases.plan.output.first.name", "unknown-name|`phases.plan.output.first` has no `name` (it has: title)"),
        ("phases.plan.error.why", "unknown-name|`phases.plan.error` has no `why` (it has: match, message, hint)"),
    ],
)
def test_r11_what_is_not_there_is_named(project_of: Make, names_say: Say, path: str, said: str) -> None:
    """At every level of a path, with the nearest name."""
    code, words = said.split("|")
    assert names_say(project_of(ask(f"{{{{ {path} }}}}", PLAN))) == [
        (f"problem {code} workflows/build.yaml:phases.ask.approval.ask: {words}")
    ]


def test_the_line_of_a_fault_is_the_line_inside_the_text(project_of: Make, names_say: Say) -> None:
    """Counted from the text's first line."""
    project = project_of(
        'a: {agent: coder, message: "one\\ntwo\\n{{ inputs.no }}"}\nb: {agent: coder, message: "x\\n{% if %}"}'
    )
    assert [said.split(": ")[0].rpartition(":")[2] for said in names_say(project)] == [
        "phases.a.message+2",
        "phases.b.message+1",
    ]


@pytest.mark.parametrize(
    "phase, place",
    [
        ("{agent: coder, message: '{{ x }}'}", "message"),
        ("{agent: coder, message: m, workspace: '{{ x }}'}", "workspace"),
        ("{agent: coder, message: m, when: x}", "when"),
        ("{agent: coder, message: {use: task, with: {goal: '{{ x }}'}}}", "message.with.goal"),
        ("{tool: look, with: {path: '{{ x }}'}}", "with.path"),
        ("{tool: look, with: {path: [{deep: '{{ x }}'}]}}", "with.path.0.deep"),
        ("{workflow: sub, with: {text: '{{ x }}'}}", "with.text"),
        ("{approval: {ask: q, show: '{{ x }}'}, next: fail}", "approval.show"),
        ("{wait: {until: x}}", "wait.until"),
        ("{foreach: {in: x}, tool: run_tests}", "foreach.in"),
        ("{parallel: {one: {tool: look, with: {path: '{{ x }}'}}}}", "parallel.one.with.path"),
        ("{tool: run_tests, next: [{when: x, to: pass}, {to: fail}]}", "next.0.when"),
    ],
)
def test_every_place_of_a_template_is_checked(project_of: Make, names_say: Say, phase: str, place: str) -> None:
    """Wherever a text is a template or an expression."""
    project = project_of(f"a: {phase}", sub="{inputs: {text: str}, phases: {s: {tool: run_tests}}}")
    assert [said.split(": ")[0] for said in names_say(project)] == [
        (f"problem unknown-name workflows/build.yaml:phases.a.{place}")
    ]


def test_r9_an_expression_in_braces_is_told_to_stand_bare(project_of: Make, names_say: Say) -> None:
    """The commonest slip in `when`."""
    [said] = names_say(project_of("a: {tool: run_tests, when: '{{ inputs.request }}'}"))
    assert said.startswith("problem template workflows/build.yaml:phases.a.when: an expression stands bare here")


def test_the_workspace_of_a_workflow_sees_its_inputs_only(project_of: Make, names_say: Say) -> None:
    """It is worked out before anything runs."""
    text = "{inputs: {repo: path}, workspace: '{{ inputs.repo }}/{{ run.id }}', phases: {a: {tool: run_tests}}}"
    assert names_say(project_of(build=text)) == [
        ("problem unknown-name workflows/build.yaml:workspace: `run` is not known here (known here: inputs)")
    ]


def test_the_item_is_known_inside_its_foreach_only(project_of: Make, names_say: Say) -> None:
    """Under its `as` name; a name that hides another is refused."""
    inside = "a: {foreach: {in: inputs.names, as: n}, tool: look, with: {path: '{{ n }}'}, when: n}"
    assert names_say(project_of(inside)) == []
    outside = f"{inside}\nb: {{tool: look, with: {{path: '{{{{ n }}}}'}}}}"
    assert names_say(project_of(outside))[0].startswith("problem unknown-name workflows/build.yaml:phases.b.with.path")
    hiding = inside.replace("as: n", "as: inputs").replace("{ n }", "{ run.id }").replace("when: n", "when: run.id")
    [hidden] = names_say(project_of(hiding))
    assert hidden.startswith("problem hidden-name workflows/build.yaml:phases.a.foreach.as: `inputs` would hide")


def test_fields_of_branches_and_items_are_known(project_of: Make, names_say: Say) -> None:
    """A branch by its name, an item by its number, each with the output of what it does."""
    phases = """
both: {parallel: {one: {agent: planner, message: m}, two: {tool: run_tests}}}
each: {foreach: {in: inputs.names}, agent: planner, message: m}
"""
    right = (
        "{{ phases.both.one.output.steps }} {{ phases.both.two.output.text }} {{ phases.each.items[0].output.steps }}"
    )
    assert names_say(project_of(ask(right, phases))) == []
    wrong = "{{ phases.both.three.ok }} {{ phases.both.one.output.no }} {{ phases.each.items[0].output.no }}"
    wrong += " {{ phases.each.output[0].no }}"
    assert [said.split(": ", 1)[1].split(" (")[0] for said in names_say(project_of(ask(wrong, phases)))] == [
        "`phases.both` has no `three`",
        "`phases.both.one.output` has no `no`",
        "`phases.each.items.0.output` has no `no`",
        "`phases.each.output.0` has no `no`",
    ]


def test_the_output_of_an_agent_without_fields_is_text(project_of: Make, names_say: Say) -> None:
    """The hint says how it gets fields; a phase's own output comes before the agent's."""
    [said] = names_say(project_of(ask("{{ phases.a.output.files }}", "a: {agent: coder, message: m}\n")))
    assert said.endswith(
        "`phases.a.output` is a text and has no `files`: agent `coder` declares no `output` "
        "(declare it in agents.d/coder.yaml: output: {files: …})"
    )
    own = "a: {agent: planner, message: m, output: {files: [str]}}\n"
    assert names_say(project_of(ask("{{ phases.a.output.files }}", own))) == []


@pytest.mark.parametrize(
    "schema, path, said",
    [
        ("{type: object, properties: {a: true}}", "a.b", None),
        ("{type: object, properties: {a: {}}}", "other", None),
        ("{type: object, properties: {a: {}}, additionalProperties: false}", "other", "has no `other`"),
        ("{type: object, properties: {a: {type: [string, 'null']}}}", "a.b", "is a text and has no `b`"),
        ("{type: object, properties: {a: {type: [string, object]}}}", "a.b", None),
        ("{anyOf: [{type: array, items: false}, {type: 'null'}]}", "a", "is a list and has no `a`"),
        ("{anyOf: [true, {type: 'null'}]}", "a", None),
    ],
)
def test_a_json_schema_is_followed_as_far_as_it_is_sure(
    project_of: Make, names_say: Say, schema: str, path: str, said: str | None
) -> None:
    """What it leaves open passes."""
    phases = f"a: {{agent: coder, message: m, output: {{x: {{schema: {schema}}}}}}}\n"
    found = names_say(project_of(ask(f"{{{{ phases.a.output.x.{path} }}}}", phases)))
    assert len(found) == (said is not None)
    assert all(said in line for line in found if said)


def test_an_agents_prompt_sees_the_agent_and_the_run(project_of: Make, names_say: Say) -> None:
    """In one text and in each part; what belongs to a workflow is not there."""
    agents = """
one: {description: d, prompt: "{{ agent.name }} {{ run.workspace }} {% for t in agent.tools %}{{ t.name }}{% endfor %}"}
two: {description: d, prompt: {role: "{{ agent.nmae }}", rules: [a, "{{ inputs.text }}"]}}
"""
    assert names_say(project_of(agents=agents)) == [
        "problem unknown-name agents.d/two.yaml:prompt.role: `agent` has no `nmae` (did you mean name?)",
        f"problem unknown-name agents.d/two.yaml:prompt.rules.1: `inputs` is not known here ({NO_INPUTS})",
    ]


def test_the_templates_of_a_tool_see_its_parameters(project_of: Make, names_say: Say) -> None:
    """In its words."""
    tools = "t: {description: d, command: [ls, '{{ pth }}', '{{ run }}'], params: {path: str}}"
    assert names_say(project_of(tools=tools)) == [
        "problem unknown-name tools.d/work.yaml:tools.t.command.1: `pth` is not known here (did you mean path?)",
        "problem unknown-name tools.d/work.yaml:tools.t.command.2: `run` is not known here (known here: path)",
    ]


def test_a_prompt_that_is_not_there_is_named(project_of: Make, names_say: Say) -> None:
    """With the nearest one."""
    [said] = names_say(project_of("a: {agent: coder, message: {use: tsak}}"))
    assert said == (
        "problem unknown-prompt workflows/build.yaml:phases.a.message.use: "
        "there is no prompt `tsak` (did you mean task?)"
    )


def test_the_inputs_of_a_prompt_are_checked_where_it_is_used(project_of: Make, names_say: Say) -> None:
    """Unknown, missing and misfitting ones, as for a tool."""
    found = names_say(project_of("a: {agent: coder, message: {use: task, with: {gaol: x, tone: [1]}}}"))
    assert len(found) == 2
    assert found[0].endswith(".with.gaol: prompt `task` has no input `gaol` (did you mean goal?)")
    assert ".with.tone: input `tone` of prompt `task`" in found[1]


def test_a_prompt_is_checked_with_the_names_of_the_place_that_uses_it(project_of: Make, names_say: Say) -> None:
    """The fault stands in the prompt's file; the message says who uses it."""
    project = project_of(
        "a: {agent: coder, message: m}",
        agents="boss: {description: d, prompt: {use: task, with: {goal: g}}}",
    )
    assert names_say(project) == [
        (
            "problem unknown-name agents.d/prompts/task.yaml:template: "
            f"`inputs` is not known here (for agent `boss`) ({NO_INPUTS})"
        )
    ]


def test_a_fault_of_a_prompt_used_twice_in_one_place_is_said_once(project_of: Make, names_say: Say) -> None:
    """Syntax does not depend on who uses it."""
    project = project_of(
        "a: {agent: coder, message: {use: bad}}\nb: {agent: coder, message: {use: bad}}",
        prompts='bad: {description: d, template: "x\\n{{ 1 + }}"}',
    )
    [said] = names_say(project)
    assert said.startswith("problem template agents.d/prompts/bad.yaml:template+1: ")


def test_a_prompt_that_nobody_uses_is_read_all_the_same(project_of: Make, names_say: Say) -> None:
    """Its syntax is checked; its names are known only where it is used."""
    prompts = """
odd: {description: d, template: "{% iff %}"}
fine: {description: d, template: "{{ whatever }}"}
"""
    [said] = names_say(project_of(prompts=prompts))
    assert said.startswith("problem template agents.d/prompts/odd.yaml:template: ")


def test_an_included_prompt_sees_the_names_around_it(project_of: Make, names_say: Say) -> None:
    """What it reads is checked in the template that includes it, at the include's line."""
    prompts = "part: {description: d, template: '{{ inputs.nope }}'}"
    project = project_of("a: {agent: coder, message: \"x\\n{% include 'part' %}\"}", prompts=prompts)
    [said] = names_say(project)
    assert said.startswith("problem unknown-name workflows/build.yaml:phases.a.message+1: `inputs` has no `nope`")


def test_the_same_fault_in_one_text_is_said_once(project_of: Make, names_say: Say) -> None:
    """However often the path is written."""
    assert len(names_say(project_of(ask("{{ inputs.no }} {{ inputs.no }}\n{{ inputs.no }}")))) == 1


@pytest.mark.parametrize("target", ['"group:web"', '"*"', '"{{ inputs.request }}"'])
def test_what_many_hosts_answer_is_a_table(project_of: Make, names_say: Say, target: str) -> None:
    """A call on one target has the output of its tool, and nothing is known of one that may be on several."""
    one = "look: {tool: look, with: {path: a}, target: TARGET}\n"
    many = "{{ phases.look.output.answers }} {{ phases.look.output.unreachable }}"
    assert names_say(project_of(ask(many, one.replace("TARGET", target)))) == []
    assert len(names_say(project_of(ask(many, one.replace("TARGET", "web1"))))) == 2


def test_a_target_is_a_template(project_of: Make, names_say: Say) -> None:
    """Its names are known like those of any other text of a phase."""
    (said,) = names_say(project_of("look: {tool: look, with: {path: a}, target: '{{ inputs.hots }}'}"))
    assert "unknown-name workflows/build.yaml:phases.look.target: `inputs` has no `hots`" in said
