"""What is written and has no effect: parameters and variables that no word takes, replies that nobody gets."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from runner.project.checks import answers, script_variables, shell_words
from runner.project.checks.arguments import check_arguments
from runner.project.findings import Finding
from runner.project.names import texts
from runner.project.project import ToolEntry, by_file
from runner.prompts import TemplateError, template
from runner.spec.words import did_you_mean
from runner.tools.command import CommandTool
from runner.tools.http import HttpTool

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from runner.models.scripted import ReplySpec
    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.project import AnyEntry, Project


def check(project: Project, recall: Recall, replies: Mapping[str, Sequence[ReplySpec]]) -> Iterator[Finding]:
    """A warning for each; `replies` are the entries of each file of a scripted model."""
    for file, tools in by_file(project.tools.values()).items():
        yield from recall.result(("idle", file), partial(_of_tools, tools), *tools)
    phases = {phase for workflow in project.workflows.values() for phase in workflow.spec.phases} if replies else set()
    places = list(answers.asked(project)) if replies else []
    for file, entries in replies.items():
        for index, entry in enumerate(entries):
            found = (*_reply(project, phases, file, index, entry), *answers.of_script(places, file, index, entry))
            yield from (replace(finding, severity="warning") for finding in found)


def _of_tools(tools: Iterable[AnyEntry]) -> tuple[Finding, ...]:
    return tuple(finding for tool in tools if isinstance(tool, ToolEntry) for finding in _of_tool(tool))


def _of_tool(tool: ToolEntry) -> Iterator[Finding]:
    if isinstance(tool.spec, CommandTool):
        words = tool.spec.command
        yield from _unused(tool, _read(words), "no word of `command`")
        yield from shell_words.check(tool, words)
        yield from script_variables.check(tool, words, tool.spec.env)
        yield from _never_ok(tool, tool.spec.exit)
    if isinstance(tool.spec, HttpTool):
        yield from _unused(tool, _read(text.source for text in texts.of_tool(tool)), "nothing in `http`")


def _unused(tool: ToolEntry, read: set[str], who: str) -> Iterator[Finding]:
    params = set(tool.spec.params.types) if tool.spec.params else set()
    for name in sorted(params - read) if read <= params else ():  # else a name is mistyped, which is told elsewhere
        what = f"{who} takes the parameter `{name}`"
        hint = f'write it where it belongs: "{{{{ {name} }}}}"'
        yield Finding(
            "unused-parameter", tool.file, ("tools", tool.name, "params", name), what, hint, "warning", at_key=True
        )


def _never_ok(tool: ToolEntry, codes: Mapping[int, str]) -> Iterator[Finding]:
    if "ok" not in codes.values():
        what = "no exit code is `ok`: the tool can only say no, or fail"
        hint = "say which code is a success, as in {0: no, 1: ok}"
        if 0 not in codes:
            what, hint = "no exit code is `ok`: a program that ends with 0, as after a success, has failed", "add 0: ok"
        yield Finding("never-ok", tool.file, ("tools", tool.name, "exit"), what, hint, "warning", at_key=True)


def _read(words: Iterable[str]) -> set[str]:
    """The names that the words of a command read; a fault in one is told elsewhere."""
    names: set[str] = set()
    for word in words:
        try:
            names |= {path.parts[0] for path in template(word).paths}
        except TemplateError:
            continue
    return names


def _reply(project: Project, phases: set[str], file: str, index: int, entry: ReplySpec) -> Iterator[Finding]:
    yield from _unknown(file, (index, "when", "agent"), entry.when.agent, "agent", project.agents)
    yield from _unknown(file, (index, "when", "phase"), entry.when.phase, "phase", phases)
    for number, call in enumerate(entry.calls):
        place = (index, "calls", number)
        tool = project.tools.get(call.tool)
        if tool is None:
            yield from _unknown(file, (*place, "tool"), call.tool, "tool", project.tools)
        else:
            yield from check_arguments(file, place, call.arguments, tool.params, f"tool `{call.tool}`", "parameter")


def _unknown(file: str, loc: Loc, name: str | None, word: str, known: Collection[str]) -> Iterator[Finding]:
    if name is not None and name not in known:
        yield Finding("idle-reply", file, loc, f"there is no {word} `{name}`", did_you_mean(name, known))
