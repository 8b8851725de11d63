"""The check of every template and expression: it can be read, and all that it reads is there (R9, R11)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

from runner.project.checks.arguments import check_arguments
from runner.project.checks.habits import texts_of_intents
from runner.project.findings import Finding
from runner.project.graph.denials import unread_denials
from runner.project.graph.ways import PhaseGraph
from runner.project.names import bare_names, comparing, given, minus, settled, texts, undeclared, wiring
from runner.project.names.reads import PhaseReads
from runner.project.names.scopes import AGENT, RUN, Scope, inputs_read, phases_read, shape_of, tested_phases
from runner.project.names.shapes import OPEN, closed
from runner.project.names.texts import Text, Use
from runner.project.phases import ForeachPhase, ToolBody, WorkflowBody
from runner.project.project import AgentEntry, AnyEntry, ToolEntry, by_file
from runner.project.steps import steps
from runner.prompts import ITEM, TemplateError, expression, template
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.project.findings import Loc
    from runner.project.memory import Recall
    from runner.project.names.shapes import Schema
    from runner.project.project import Project, WorkflowEntry
    from runner.project.steps import Step
    from runner.prompts import Expression, Template


def check(project: Project, seen: Project, recall: Recall) -> Iterator[Finding]:
    """What is wrong with the templates and expressions of all files, each fault once; `seen` is the project's view."""
    yield from dict.fromkeys(_findings(project, seen, recall))


def _findings(project: Project, seen: Project, recall: Recall) -> Iterator[Finding]:
    told: list[_Told] = []
    agents, workflows = project.agents, project.declared_workflows
    told += recall.each("names of agents", lambda name: _of_entries(seen, [agents[name]]), agents)
    for file, tools in by_file(project.tools.values()).items():
        told.append(recall.result(("names of tools", file), partial(_of_entries, seen, tools), *tools))
    told += recall.each("names of workflows", lambda name: _of_entries(seen, [workflows[name]]), workflows)
    yield from chain.from_iterable([one.findings for one in told])
    yield from undeclared.told([read for one in told for read in one.reads], project)
    calls = [call for one in told for call in one.calls]
    yield from given.told([misfit for one in told for misfit in one.misfits], calls)
    yield from _unused_prompts(project, {call.prompt for call in calls})


class _Told(NamedTuple):
    """What is wrong with some entries; how it is told of the last two depends on all others."""

    findings: tuple[Finding, ...]
    calls: list[given.Call]
    reads: list[undeclared.FieldRead]
    misfits: list[given.Misfit]


def _of_entries(project: Project, entries: Iterable[AnyEntry]) -> _Told:
    checker = _Checker(project)
    findings = tuple(finding for entry in entries for finding in checker.findings(entry))
    return _Told(findings, checker.calls, checker.reads, checker.misfits)


def _unused_prompts(project: Project, used: set[str]) -> Iterator[Finding]:
    """Syntax only, of prompts that others include or nobody uses: where they will stand is not known."""
    for name, prompt in project.prompts.items():
        if name not in used:
            try:
                template(prompt.template, project.prompt_texts)
            except TemplateError as error:
                yield texts.unreadable(texts.prompt_file(project, name), ("template",), error)


class _Checker:
    """One pass over an agent, a tool or a workflow; remembers what can be told only with all others."""

    def __init__(self, project: Project) -> None:
        self.calls: list[given.Call] = []
        self.reads: list[undeclared.FieldRead] = []
        self.misfits: list[given.Misfit] = []
        self._project = project
        self._name = ""
        self._read: set[str] = set()
        """Phases of the workflow at hand that something reads."""
        self._inputs: set[str] = set()
        """Inputs of it that something reads."""
        self._sources: list[str] = []

    def findings(self, entry: AnyEntry) -> Iterator[Finding]:
        self._name = entry.name
        if isinstance(entry, AgentEntry):
            scope = Scope({"agent": AGENT, "run": RUN}, user=f"agent `{entry.name}`")
            yield from self._texts(entry.file, texts.of_agent(entry.spec), scope)
            for written, known in texts_of_intents(entry.spec):
                yield from self._texts(entry.file, written, Scope(known))
        elif isinstance(entry, ToolEntry):
            found = list(texts.of_tool(entry))
            if any("{" in text.source for text in found):
                yield from self._texts(entry.file, found, Scope(shape_of(entry.params)["properties"]))
        else:
            yield from self._workflow(entry)

    def _workflow(self, entry: WorkflowEntry) -> Iterator[Finding]:
        spec = entry.spec
        inputs = shape_of(spec.inputs)
        if spec.workspace is not None:
            yield from self._texts(entry.file, [Text(("workspace",), spec.workspace)], Scope({"inputs": inputs}))
        names = {"inputs": inputs, "phases": closed(dict.fromkeys(spec.phases, OPEN)), "run": RUN}
        graph = PhaseGraph(spec)
        reads = {name: PhaseReads(self._project, spec, graph, name) for name in ("", *spec.phases)}
        for name in spec.phases:
            yield from self._flow(entry, name, Scope(names, reads[name]))
        for step in steps(spec):
            user = f"{step.words} of workflow `{entry.name}`"
            yield from self._step(entry.file, step, Scope(names, reads[step.phase], user=user))
        for loc, when, found in texts.of_alerts(spec):
            yield from self._conditional(entry.file, loc, when, found, Scope(names, reads[""]))
        yield from settled.check(entry, graph)
        yield from unread_denials(entry, self._read)
        yield from wiring.unread_inputs(entry, self._inputs, self._sources)

    def _flow(self, entry: WorkflowEntry, name: str, scope: Scope) -> Iterator[Finding]:
        """The expressions around a phase's own work: the list it goes over, and the ways out."""
        phase, loc = entry.spec.phases[name], ("phases", name)
        if isinstance(phase, ForeachPhase):
            goes_over = Text((*loc, "foreach", "in"), phase.foreach.in_, is_expression=True)
            yield from self._texts(entry.file, [goes_over], scope)
            yield from wiring.listed(entry.file, loc, phase.foreach.in_, scope)
            if phase.foreach.as_ in scope.names:
                what = f"`{phase.foreach.as_}` would hide what templates know by that name"
                yield Finding("hidden-name", entry.file, (*loc, "foreach", "as"), what, "choose another name")
        assert scope.phases is not None  # noqa: S101 - the caller made it so
        outward = replace(scope, phases=replace(scope.phases, has_run=True))
        edges = phase.next if isinstance(phase.next, tuple) else ()
        for index, edge in enumerate(edges):
            if edge.when is not None:
                text = Text((*loc, "next", index, "when"), edge.when, is_expression=True)
                yield from self._texts(entry.file, [text], outward)

    def _step(self, file: str, step: Step, scope: Scope) -> Iterator[Finding]:
        if step.item:
            scope = replace(scope, names={**scope.names, step.item: self._item(step, scope)})
        yield from self._conditional(file, step.loc, step.spec.when, texts.of_step(step), scope)
        if isinstance(step.spec, ToolBody) and step.spec.tool in self._project.tools:
            tool = self._project.tools[step.spec.tool]
            yield from wiring.arguments(file, step.loc, step.spec.with_, tool.params, scope, f"tool `{tool.name}`")
        elif isinstance(step.spec, WorkflowBody) and step.spec.workflow in self._project.workflows:
            called = self._project.workflows[step.spec.workflow]
            owner = f"workflow `{called.name}`"
            yield from wiring.arguments(file, step.loc, step.spec.with_, called.spec.inputs, scope, owner)

    def _conditional(
        self, file: str, loc: Loc, when: str | None, found: Iterable[Text | Use], scope: Scope
    ) -> Iterator[Finding]:
        """A condition, and the texts that are rendered only where it holds."""
        if when is not None:
            condition = Text((*loc, "when"), when, is_expression=True)
            yield from self._texts(file, [condition], scope)
            with suppress(TemplateError):
                scope = replace(scope, tested=tested_phases(self._read_of(condition).paths))
        yield from self._texts(file, found, scope)

    def _item(self, step: Step, scope: Scope) -> Schema:
        """What is known of an item, where the list is a plain name."""
        assert scope.phases is not None  # noqa: S101 - only a workflow has steps
        phase = scope.phases.workflow.phases[step.phase]
        try:
            path = expression(phase.foreach.in_).whole.path if isinstance(phase, ForeachPhase) else None
        except TemplateError:
            return OPEN
        return scope.known((*path, ITEM)) if path else OPEN

    def _texts(self, file: str, found: Iterable[Text | Use], scope: Scope) -> Iterator[Finding]:
        for text in found:
            if isinstance(text, Use):
                yield from self._use(file, text, scope)
            elif "{" not in text.source and " " in text.source and not text.is_expression:
                if scope.phases is not None:  # several words without a brace: nothing is read
                    self._sources.append(text.source)
            else:
                yield from self._text(file, text, scope)

    def _text(self, file: str, text: Text, scope: Scope, suffix: str = "") -> Iterator[Finding]:
        if scope.phases is not None:
            self._sources.append(text.source)
        if not text.is_expression:
            yield from bare_names.check(file, text, scope)
            if "{" not in text.source:
                return
        try:
            read = self._read_of(text)
        except TemplateError as error:
            yield texts.unreadable(file, text.loc, error)
            self._inputs |= inputs_read(None, scope)
            return
        if "inputs" in scope.names:
            self._read |= phases_read(read.paths, scope)
            self._inputs |= inputs_read(read.paths, scope)
        for path, fault in minus.meant(scope.faults(read.paths, is_bare=text.is_expression), text, scope):
            severity: Literal["problem", "warning"] = "warning" if fault.is_warning else "problem"
            what = f"{fault.what}{suffix}"
            hint = bare_names.meant(text, path.parts[0]) or fault.hint
            found = Finding(fault.code, file, text.loc, what, hint, severity, line=path.line, near=path.written)
            if fault.answer is not None:
                self.reads.append(undeclared.FieldRead(found, fault.answer, self._name, fault.way[-1]))
            elif fault.given and scope.call is not None:
                self.misfits.append(given.Misfit(found, fault, path.written, scope.call))
            else:
                yield found
        yield from comparing.check(file, text, read, scope, suffix)

    def _read_of(self, text: Text) -> Expression | Template:
        return expression(text.source) if text.is_expression else template(text.source, self._includes(text))

    def _includes(self, text: Text) -> dict[str, str] | None:
        """The prompts that a text may include: asked for only where one may, as it then rests on them all."""
        if not text.includes or "include" not in text.source:
            return None
        return {name: prompt.template for name, prompt in self._project.prompts.items()}

    def _use(self, file: str, use: Use, scope: Scope) -> Iterator[Finding]:
        """A named prompt: the values it is given here, then its own text with the names of this place."""
        name = use.prompt.use
        prompt = self._project.prompts.get(name)
        if prompt is None:
            hint = did_you_mean(name, self._project.prompts) or "prompts are files in agents.d/prompts"
            yield Finding("unknown-prompt", file, (*use.loc, "use"), f"there is no prompt `{name}`", hint)
            self._inputs |= inputs_read(None, scope)
            return
        yield from check_arguments(file, use.loc, use.prompt.with_, prompt.inputs, f"prompt `{name}`", "input")
        yield from self._texts(file, texts.in_data((*use.loc, "with"), use.prompt.with_), scope)
        yield from wiring.arguments(file, use.loc, use.prompt.with_, prompt.inputs, scope, f"prompt `{name}`")
        own = shape_of(prompt.inputs)["properties"]
        passed = wiring.passed(use.prompt.with_, own, scope)
        self.calls.append(given.Call(file, use.loc, name, use.prompt.with_, passed))
        inside = replace(scope, names={**scope.names, **own}, own=own, call=self.calls[-1])
        text = Text(("template",), prompt.template, includes=True)
        yield from self._text(texts.prompt_file(self._project, name), text, inside, f" (for {scope.user})")
