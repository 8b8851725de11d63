"""The live screen: lines scroll by above, below them the phases, running tools and the words as a model says them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from runner.cli import options
from runner.cli.display import money, safe
from runner.cli.watch.again import NOTHING_ANSWERED, Answered
from runner.cli.watch.calls import call
from runner.cli.watch.words import MARKS, STYLES, lines, took
from runner.runs.live import Delta
from runner.runs.paths import is_aside, is_summary
from runner.runs.state import RunState

if TYPE_CHECKING:
    from types import TracebackType

    from runner.runs.events import AnyEvent

WORDS = 3
"""Lines of a model's words that are shown at once."""


class Picture:
    """The fold of what was taken: the run's state, and the words of each running model call."""

    def __init__(self, phases: Sequence[str]) -> None:
        self.state = RunState()
        self.texts: dict[str, str] = {}
        self.summing: dict[str, int] = {}
        """Tokens of each conversation that is being summed up."""
        self._phases = phases
        self._attempts: dict[str, int] = {}

    def take(self, item: AnyEvent | Delta) -> None:
        """Take one more thing in."""
        if isinstance(item, Delta):
            self._say(item)
            return
        self.state.apply(item)
        if item.type == "model.requested" and is_summary(item.path):
            self.summing[item.path] = item.tokens
        elif item.type == "model.replied":
            self.texts.pop(item.path, None)
            self.summing.pop(item.path, None)
        elif item.type in ("phase.left", "phase.failed", "run.waiting", "run.ended"):
            self.texts = {path: text for path, text in self.texts.items() if not path.startswith(item.path)}
            self.summing = {path: one for path, one in self.summing.items() if not path.startswith(item.path)}
        elif item.type == "model.failed" and not item.then:
            self.summing.pop(item.path, None)

    def _say(self, delta: Delta) -> None:
        if delta.kind != "text" or delta.path in self.state.replies or is_aside(delta.path):
            return
        if delta.attempt != self._attempts.get(delta.path):  # what an earlier attempt said does not count
            self._attempts[delta.path] = delta.attempt
            self.texts[delta.path] = ""
        self.texts[delta.path] = self.texts.get(delta.path, "")[: delta.offset] + delta.text

    def stepper(self) -> list[tuple[str, str, int]]:
        """(phase, status, visits) of the whole workflow; a status is a record's, `running`, or empty."""
        known = self.state.scopes[""].phases
        names = list(dict.fromkeys([*self._phases, *(name for name, one in known.items() if one.visits)]))
        steps: list[tuple[str, str, int]] = []
        for name in names:
            one = known.get(name)
            last = one.history[-1].status if one and one.history else ""
            steps.append((name, "running" if one and one.open else last, one.visits if one else 0))
        return steps


class Screen:
    """A watcher for terminals."""

    def __init__(
        self,
        phases: Sequence[str] = (),
        answered: Answered = NOTHING_ANSWERED,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._picture = Picture(phases)
        self._answered = answered
        self._clock = clock
        self._console = Console(stderr=True, no_color=options.current().color is False, highlight=False)
        self._live = Live(console=self._console, get_renderable=self._render, refresh_per_second=8, transient=True)

    def take(self, item: AnyEvent | Delta) -> None:
        """Print what an event says above the live part."""
        self._picture.take(item)
        if not isinstance(item, Delta):
            for line in lines(item, self._picture.state, self._answered):
                self._console.print(Text(safe(line.text), style=line.style), soft_wrap=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def _render(self) -> Group:
        return Group(*render(self._picture, self._clock(), self._console.width))


def render(picture: Picture, now: float, width: int) -> list[Text]:
    """The live part as it stands now."""
    state = picture.state
    if state.ended is not None:
        return []
    bar = Text("  ")
    for name, status, visits in picture.stepper():
        style = "bold cyan" if status == "running" else STYLES.get(status, "dim")
        mark = "▶" if status == "running" else MARKS.get(status, "·")
        bar.append(f"{mark} {name}{f' ×{visits}' if visits > 1 else ''}  ", style)
    tokens = state.spent_tokens_in + state.spent_tokens_out
    waiting = max(0.0, now - state.last_time) if state.status == "waiting" else 0.0
    bar.append(f"{took(state.work_now(now), state.waited + waiting)}  {tokens:,} tokens", "dim")
    if cost := state.spent[""].cost:
        bar.append(f"  {money(cost)}", "dim")
    running = [Text(f"  … {call(event, state)}", "cyan", no_wrap=True) for event in state.intents.values()]
    running += [
        Text(f"  … shortens the conversation (about {tokens:,} tokens)", "cyan") for tokens in picture.summing.values()
    ]
    return [bar, *running, *(Text(line, "dim", no_wrap=True) for line in _last_words(picture, width))]


def _last_words(picture: Picture, width: int) -> list[str]:
    words: list[str] = []
    for text in list(picture.texts.values()):
        words += [f"  │ {line[: width - 5]}" for line in safe(text).splitlines()[-WORDS:]]
    return words[-2 * WORDS :]
