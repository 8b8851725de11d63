"""The turns of an agent: ask the model, call the tools it wants, until its answer stands and fits."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from runner.engine.calls.call import call_tool
from runner.engine.calls.searching import meant, not_offered, search
from runner.engine.steps.parts import together
from runner.engine.steps.step import tries
from runner.engine.turns.answers import answer_of, asking_again, given_up
from runner.engine.turns.context_window import ask_within
from runner.engine.turns.intents import by_intent
from runner.engine.turns.memory import sum_up
from runner.errors import StepFailed
from runner.project.searching import RESERVED
from runner.runs.events import Call, ModelRetried, ToolReturned
from runner.runs.record import Fault, Record

if TYPE_CHECKING:
    from runner.engine.steps.step import Step
    from runner.project.project import AgentEntry
    from runner.runs.events import ModelReplied
    from runner.spec.types import Fields

REASKS = 2
"""Times a model is asked again for an answer that does not fit."""
AT_ONCE = 64
"""Calls of one reply that are made; they run side by side, and each may be a process."""


async def converse(step: Step, entry: AgentEntry, output: Fields | None) -> Record:
    """The agent's record: its answer as text, or as the fields of `output`."""
    state = step.ctx.state
    ruled = await by_intent(step, entry, output)
    if ruled is not None:
        return ruled
    await sum_up(step, entry)
    guard = _SameCall(entry.spec.limits.same_call)
    reasked, turn = 0, 0
    while True:
        turn += 1
        place = f"{step.path}/turn-{turn}"
        reply = state.replies.get(place) or await ask_within(step, entry, output, turn)
        if reply.calls:
            await _call_all(step, entry, place, reply.calls, guard)
        else:
            try:
                return Record.of("ok", answer_of(reply.text, output, reply.finish))
            except StepFailed as fault:
                reasked += 1
                if reasked > REASKS:
                    raise given_up(fault, entry.file, reply.model or entry.spec.model) from fault
                _ask_again(step, place, reply, fault)


async def _call_all(step: Step, entry: AgentEntry, place: str, calls: list[Call], guard: _SameCall) -> None:
    """Make all calls of one reply side by side; each leaves a record that the model reads."""
    parts = []
    for index, call in enumerate(calls, start=1):
        path = f"{place}/call-{index}"
        wanted = meant(entry, call)
        refusal = _refusal(entry, index, call, wanted, guard)
        if isinstance(wanted, Call) and refusal is None:
            parts.append(partial(_call, step, wanted, path, entry))
        elif path not in step.ctx.state.results:
            step.ctx.append(ToolReturned(path=path, tool=call.tool, record=Record.of("failed", error=refusal)))
    if len(parts) == 1:
        await parts[0]()
    elif parts:
        await together(step.ctx, parts)


def _refusal(entry: AgentEntry, index: int, call: Call, wanted: Call | Fault, guard: _SameCall) -> Fault | None:
    """Why a call is not made; what stands for another call counts as that one."""
    if isinstance(wanted, Fault):
        return _too_many(index) or guard.refusal(call) or wanted
    return _too_many(index) or guard.refusal(wanted) or not_offered(entry, wanted.tool)


async def _call(step: Step, call: Call, path: str, entry: AgentEntry) -> Record:
    if call.tool in RESERVED:
        return search(step, entry, call, path)
    tool = step.ctx.project.tools[call.tool]
    return await tries(tool.spec.retry, lambda end: call_tool(step, call.tool, call.arguments, path + end, entry.name))


def _too_many(index: int) -> Fault | None:
    if index <= AT_ONCE:
        return None
    message = f"this is call {index} of one reply, and {AT_ONCE} are made"
    return Fault(match="budget", message=message, hint="make fewer calls at a time")


class _SameCall:
    """Counts equal calls of a visit (`limits.same_call`)."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[str, int] = {}

    def refusal(self, call: Call) -> Fault | None:
        """A fault for one call too many; a second one too many ends the visit."""
        key = json.dumps([call.tool, call.arguments], sort_keys=True)
        self._counts[key] = count = self._counts.get(key, 0) + 1
        if count <= self._most:
            return None
        message = f"{call.tool} was called {self._most} times with the same arguments (limits.same_call)"
        if count > self._most + 1:
            raise StepFailed(message, match="budget")
        return Fault(match="budget", message=message, hint="do something else, or answer with what you know")


def _ask_again(step: Step, place: str, reply: ModelReplied, fault: StepFailed) -> None:
    if place not in step.ctx.state.retried:
        words = asking_again(fault.message, reply.finish)
        step.ctx.append(ModelRetried(path=place, error=fault.message, message=words))
