"""Which key a model is sent: a provider's own variable goes to that provider alone, wherever an entry points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models.providers import PROVIDERS, is_own
from runner.secrets import REFERENCE

if TYPE_CHECKING:
    from runner.models import ScriptedModel, ServedModel


def needs_key(spec: ServedModel | ScriptedModel) -> str | None:
    """The environment variable that must be set before the model can be used; None when it is sent no key."""
    if spec.provider == "scripted" or spec.key == "none":
        return None
    if spec.key is None:
        return None if withheld_key(spec) else PROVIDERS[spec.provider].key
    variable = REFERENCE.fullmatch(spec.key)
    return variable[1] if variable else None


def check_key(key: str) -> None:
    """Raises ValueError for a `key` that has more than one `${NAME}`; one that has none is a secret written out."""
    if REFERENCE.search(key) and not REFERENCE.fullmatch(key):
        msg = "a key is one ${NAME} and nothing around it; put the whole of what is sent into that variable"
        raise ValueError(msg)


def withheld_key(spec: ServedModel | ScriptedModel) -> str:
    """The provider's variable that a model is not sent, as its address is another one and no `key` names it."""
    if spec.provider == "scripted" or spec.key is not None or is_own(spec.provider, spec.base_url):
        return ""
    return PROVIDERS[spec.provider].key or ""
