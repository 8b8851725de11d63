"""The event of a message that named no agent: who answers it, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from runner.runs.events.base import Event

NearestKind = Literal["intent", "phrase", "example", "suggestion", "description", ""]
"""What of an agent's file is most like a message."""

How = Literal["intent", "similarity", "learned", "model", "previous", "fallback", "none"]
"""How an agent came to be chosen; `previous`: it fits nobody, and goes on with a conversation that it answered last."""


class Candidate(BaseModel):
    """An agent and how well a message fits it; `shift` is what its runs add to the similarity, at most half the margin.

    `nearest` is the text of its file that is most like the message: `kind` says which, `words` what both have. The kind
    is `intent` for a phrase that the message is, whole, and `phrase` for one that it is only like.
    """

    model_config = ConfigDict(frozen=True)

    agent: str
    similarity: float
    kind: NearestKind = ""
    nearest: str = ""
    words: tuple[str, ...] = ()
    passed: int = 0
    runs: int = 0
    shift: float = 0.0

    @property
    def score(self) -> float:
        """What counts."""
        return self.similarity + self.shift


class AgentChosen(Event):
    """A message that named no agent is for this one; `candidates` are those it was chosen from, the best first."""

    type: Literal["agent.chosen"] = "agent.chosen"
    agent: str
    """Empty: it fits nobody."""
    how: How
    reason: str
    candidates: tuple[Candidate, ...] = ()
