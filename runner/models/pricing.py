"""What model calls cost: by the files, by the server's own word, or by the price list that may be installed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runner.models import ScriptedModel, address_of
from runner.models.prices import Price
from runner.models.providers import is_own
from runner.runs.events import Usage
from runner.spec.money import MICROS, micros

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.models import ServedModel

MOST_OUTPUT = 8192
"""Tokens of an answer under a limit of money when its agent does not say `sampling.max_tokens`."""
PACKAGE = "genai_prices"
"""The price list; it comes with the extra `prices`."""
TELLING = frozenset({"openrouter", "xai"})
"""Providers that say with each answer what it cost."""
_LISTED = {
    "openai": "openai",
    "anthropic": "anthropic",
    "xai": "x-ai",
    "openrouter": "openrouter",
    "deepseek": "deepseek",
    "gemini": "google",
    "groq": "groq",
    "mistral": "mistral",
}
"""What the price list calls each provider."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """How the cost of a model's calls is known; all amounts are millionths of a dollar."""

    by_tokens: Callable[[Usage], int | None] | None = None
    """What tokens cost, None for counts that it makes nothing of; None when nobody knows before the call."""
    is_told: bool = False
    """Whether the server says what each call cost."""
    is_final: bool = False
    """Whether the files say the price: then nobody else is asked."""

    is_paid: bool = True
    """Not for what costs nothing, whatever it takes."""

    @property
    def is_known(self) -> bool:
        """Whether the cost of a call will be known."""
        return self.is_told or self.by_tokens is not None

    def cost(self, usage: Usage) -> int | None:
        """What a call cost; None when nobody knows."""
        if usage.cost is not None and not self.is_final:
            return micros(usage.cost)
        return None if self.by_tokens is None else self.by_tokens(usage)

    def most(self, tokens: int, output: int) -> int:
        """What a call may cost that sends and gets so many tokens; 0 when only the server will tell."""
        if self.by_tokens is None:
            return 0
        plain, cached = (Usage(input=tokens, output=output, written=written) for written in (0, tokens))
        return max(self.by_tokens(plain) or 0, self.by_tokens(cached) or 0)


FREE = Pricing(by_tokens=lambda _usage: 0, is_paid=False)
"""What runs on machines of one's own."""


@lru_cache(maxsize=256)
def pricing_of(spec: ServedModel | ScriptedModel) -> Pricing:
    """How the cost of a model's calls is known: by its entry, else by where it is served."""
    if spec.price is not None:
        is_paid = any(getattr(spec.price, rate) for rate in Price.model_fields)
        return Pricing(partial(_by_rates, spec.price), is_final=True, is_paid=is_paid)
    if isinstance(spec, ScriptedModel) or spec.provider == "ollama" or is_loopback(address_of(spec)):
        return FREE
    if not is_own(spec.provider, spec.base_url):  # others have prices of their own
        return Pricing()
    return Pricing(_listed(spec.provider, spec.model), is_told=spec.provider in TELLING)


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine itself."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_installed() -> bool:
    """Whether the price list is here."""
    return find_spec(PACKAGE) is not None


def _by_rates(price: Price, usage: Usage) -> int:
    """Dollars for a million tokens are millionths of a dollar for one."""
    cached = price.input if price.cached is None else price.cached
    written = price.input if price.written is None else price.written
    plain = max(0, usage.input - usage.cached - usage.written)
    parts = ((plain, price.input), (usage.cached, cached), (usage.written, written), (usage.output, price.output))
    return micros(sum((count * Decimal(str(rate)) for count, rate in parts), Decimal()) / MICROS)


def _listed(provider: str, model: str) -> Callable[[Usage], int | None] | None:
    """What the price list says of a model; None when it does not have it, or is not installed."""
    if provider not in _LISTED or not is_installed():
        return None
    cost = partial(_by_list, _LISTED[provider], model)
    return None if cost(Usage()) is None else cost


def _by_list(provider: str, model: str, usage: Usage) -> int | None:
    """What the price list makes of tokens; None where it refuses them."""
    import genai_prices

    tokens = genai_prices.Usage(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cached,
        cache_write_tokens=usage.written,
    )
    try:
        return micros(genai_prices.calc_price(tokens, model_ref=model, provider_id=provider).total_price)
    except Exception:  # noqa: BLE001 - whatever the list stumbles over, an answer that was paid for is not lost to it
        return None
