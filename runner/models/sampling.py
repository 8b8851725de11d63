"""How a model chooses its words: the keys of `sampling:`, passed on in each wire format's own terms."""

from __future__ import annotations

from pydantic import Field

from runner.spec import Positive, Spec


class Sampling(Spec):
    """How a model chooses its words; what is left out is the provider's own."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    """0 for the likeliest words, higher for more variety."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """The share of likely words to choose among."""
    max_tokens: Positive | None = None
    """The most tokens of one answer."""
    seed: int | None = None
    """The same seed gives the same words where the provider can."""
