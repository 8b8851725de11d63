"""What is written and has no effect: parameters and variables that no word takes, replies that nobody gets."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from runner.project.checks import answers, idle_replies, script_variables, shell_words
from runner.project.checks.arguments import check_arguments
from runner.project.findings import Finding
from runner.project.names import texts
from runner.project.project import ToolEntry, by_file
from runner.project.searching import CALL, RESERVED
from runner.prompts import TemplateError, template
from runner.spec.words import did_you_mean
from runner.tools.command import CommandTool
from runner.tools.http import HttpTool
from runner.tools.programs import ProgramTool
from runner.tools.shell import SHELL, ShellTool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runner.models.scripted import ReplySpec
    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.project import AnyEntry, Project


def check(project: Project, recall: Recall, replies: Mapping[str, Sequence[ReplySpec]]) -> Iterator[Finding]:
    """A warning for each; `replies` are the entries of each file of a scripted model."""
    for file, tools in by_file(project.tools.values()).items():
        yield from recall.result(("idle", file), partial(_of_tools, tools), *tools)
    yield from (replace(finding, severity="warning") for finding in idle_replies.check(project, replies))
    places = list(answers.asked(project)) if replies else []
    for file, entries in replies.items():
        for index, entry in enumerate(entries):
            found = (*_reply(project, file, index, entry), *answers.of_script(places, file, index, entry))
            yield from (replace(finding, severity="warning") for finding in found)


def _of_tools(tools: Iterable[AnyEntry]) -> tuple[Finding, ...]:
    return tuple(finding for tool in tools if isinstance(tool, ToolEntry) for finding in _of_tool(tool))


def _of_tool(tool: ToolEntry) -> Iterator[Finding]:
    if isinstance(tool.spec, CommandTool):
        words = tool.spec.command
        yield from _unused(tool, _read(words), "no word of `command`")
        yield from shell_words.check(tool, words)
        yield from script_variables.check(tool, words, tool.spec.env)
    if isinstance(tool.spec, ShellTool):
        yield from _unused(tool, _read([tool.spec.shell]), "nothing in `shell`")
        yield from script_variables.check(tool, [*SHELL, tool.spec.shell], tool.spec.env)
    if isinstance(tool.spec, ProgramTool):
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


def _reply(project: Project, file: str, index: int, entry: ReplySpec) -> Iterator[Finding]:
    for number, call in enumerate(entry.calls):
        place = (index, "calls", number)
        tool = project.tools.get(call.tool)
        if call.tool in RESERVED and any(agent.spec.searches for agent in project.agents.values()):
            yield from _found(project, file, place, call.arguments.get("tool") if call.tool == CALL else None)
        elif tool is None:
            what = f"there is no tool `{call.tool}`"
            yield Finding("idle-reply", file, (*place, "tool"), what, did_you_mean(call.tool, project.tools))
        else:
            yield from check_arguments(file, place, call.arguments, tool.params, f"tool `{call.tool}`", "parameter")


def _found(project: Project, file: str, place: Loc, name: Any) -> Iterator[Finding]:
    """A tool that is called by `call_tool`, if there is none of that name."""
    if isinstance(name, str) and name not in project.tools:
        what = f"there is no tool `{name}`"
        yield Finding("idle-reply", file, (*place, "with", "tool"), what, did_you_mean(name, project.tools))
