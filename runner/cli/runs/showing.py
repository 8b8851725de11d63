"""`runner runs show`: one run, phase by phase, or the files and prompts that it had."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from runner.cli import options, place
from runner.cli.display import moment, money, one_line, show_json
from runner.cli.display import show as show_text
from runner.cli.follow import output
from runner.cli.runs.files import files_of, print_file, print_files
from runner.cli.runs.prompts import print_prompts
from runner.cli.runs.standing import GOES_ON, Standing, standing
from runner.cli.watch.dry import print_foreseen
from runner.cli.watch.excerpt import MOST, WIDE, excerpt, fitted, quoted
from runner.cli.watch.failures import WHOLE, whole
from runner.cli.watch.fleets import fleet, indented
from runner.cli.watch.talks import talks, talks_data
from runner.cli.watch.words import MARKS, SAID, took, verdict
from runner.errors import UsageError
from runner.runs.choices import choice_data, choice_words
from runner.runs.state import fold

if TYPE_CHECKING:
    from runner.runs.events import ApprovalAsked, RunEnded
    from runner.runs.parts import PhaseState
    from runner.runs.rows import RunRow
    from runner.runs.state import RunState


@click.command
@click.argument("run")
@click.option("--files", is_flag=True, help="List the files it began with, and which are others on disk now.")
@click.option("--file", "name", metavar="NAME", help="Print one of these files, byte by byte.")
@click.option("--prompts", is_flag=True, help="Print all texts that its agents' models were sent.")
def show(run: str, name: str | None, *, files: bool, prompts: bool) -> None:
    """Show one run, phase by phase; or its files, one of them, or its prompts."""
    if files + prompts + (name is not None) > 1:
        raise UsageError("--files, --file and --prompts are shown one at a time")
    with place.store() as store:
        row = store.find(run)
        if files:
            return print_files(store, row)
        if name is not None:
            return print_file(store, row, name)
        state = fold(store.events(row.id))
        if prompts:
            return print_prompts(row, state)
        how = standing(store, row, state)
    if options.current().json:
        show_json(_data(row, state, how))
    else:
        _print(row, state, how)
    return None


def _data(row: RunRow, state: RunState, how: Standing) -> dict[str, Any]:
    ended = state.ended.model_dump(exclude={"v", "run", "seq", "time", "path", "type"}) if state.ended else {}
    phases = {
        path: {
            "visits": phase.visits,
            "open": phase.open,
            "history": [record.model_dump() for record in phase.history],
        }
        for path, phase in _phases(state)
    }
    inputs = state.queued.inputs if state.queued else {}
    told = {"foreseen": [one.plain() for one in state.foreseen.values()]}
    return {
        **asdict(row),
        **how.figures(),
        "inputs": inputs,
        "phases": phases,
        **choice_data(state),
        **talks_data(state),
        **told,
        **ended,
    }


def _phases(state: RunState) -> list[tuple[str, PhaseState]]:
    return [
        (f"{scope}/{name}" if scope else name, phase)
        for scope, walked in state.scopes.items()
        for name, phase in walked.phases.items()
        if phase.visits
    ]


def _print(row: RunRow, state: RunState, how: Standing) -> None:
    show_text(f"{row.title}  {verdict(how.status, is_dry=row.dry)}")
    if how.is_interrupted:
        show_text(f"  {GOES_ON.format(run=row.id)}")
    _print_origin(row, state)
    show_text(f"  began      {moment(row.queued_at)}")
    show_text(f"  took       {took(how.work, how.waited)}")
    show_text(f"  tokens     {state.spent_tokens_in:,} in, {state.spent_tokens_out:,} out")
    if state.attempts:
        show_text(f"  cost       {money(state.spent[''].cost, state.unpriced)}")
    show_text(f"  revision   {files_of(row)}")
    show_text(f"  workspace  {row.workspace}")
    for name, value in (state.queued.inputs if state.queued else {}).items():
        show_text(f"  input      {name} = {one_line(value)}")
    for path, phase in _phases(state):
        show_text(f"  {_mark(phase)} {path}{f' ×{phase.visits}' if phase.visits > 1 else ''}{_fault(phase)}")
        _print_answers(phase, state)
    _print_talks(state)
    if state.foreseen:
        print_foreseen(list(state.foreseen.values()))
    for asked in state.asked.values():
        if asked.answer is None:
            _print_question(asked.question, how)
    if state.ended is not None:
        _print_end(state.ended)


def _print_origin(row: RunRow, state: RunState) -> None:
    """Who began it, and what it goes on from."""
    show_text(f"  run        {row.id}{f', started by {row.by}' if row.by else ''}")
    if row.rerun_of:
        show_text(f"  rerun of   {row.rerun_of}")
    for label, words in choice_words(state):
        show_text(f"  {label:<10} {one_line(words, 400)}")


def _print_answers(phase: PhaseState, state: RunState) -> None:
    """What many hosts answered, unless it is what the run gave, which is printed at the end."""
    found = phase.history[-1].output if phase.history and not phase.open else None
    if state.ended is None or state.ended.output != found:
        for line in indented(fleet(found, MOST, WIDE)):
            show_text(line.text)


def _print_talks(state: RunState) -> None:
    """What befell answers and conversations."""
    for name, path, words in talks(state):
        show_text(f"  {name.ljust(9)}  {path}: {words}")


def _print_question(asked: ApprovalAsked, how: Standing) -> None:
    show_text(f"  ? {one_line(asked.ask)}  (step {asked.path or 'the run itself'})")
    for line in fitted(quoted(asked)):
        show_text(f"    {line}")
    if kept := how.kept.get(asked.approval):
        said = f"{SAID[kept['decision']]} by {kept['by']}"
        show_text(f"    {said}; nobody works on the run: `runner runs resume {asked.run}` or `runner up`")
    else:
        show_text(f"    runner approve {asked.approval}   (or with --deny)")


def _print_end(ended: RunEnded) -> None:
    for number, line in enumerate(excerpt(ended.why, width=WHOLE)):
        show_text(f"    {line}" if number else f"  {line}")
    if hint := ended.evidence.get("hint"):
        show_text(f"  hint: {hint}")
    if ended.output not in (None, ""):
        show_text(f"\n{output(ended.output)}")


def _mark(phase: PhaseState) -> str:
    return "▶" if phase.open or not phase.history else MARKS[phase.history[-1].status]


def _fault(phase: PhaseState) -> str:
    error = phase.history[-1].error if phase.history and not phase.open else None
    return f": {whole(error.message)}" if error else ""
