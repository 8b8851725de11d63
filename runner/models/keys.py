"""Which key a model is sent: a provider's own variable goes to that provider alone, wherever an entry points."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runner.models.providers import PROVIDERS
from runner.secrets import REFERENCE

if TYPE_CHECKING:
    from runner.models import ScriptedModel, ServedModel


def needs_key(spec: ServedModel | ScriptedModel) -> str | None:
    """The environment variable that must be set before the model can be used; None when it is sent no key."""
    if spec.provider == "scripted" or spec.key == "none":
        return None
    if spec.key is None:
        return None if withheld_key(spec) else PROVIDERS[spec.provider].key
    variable = REFERENCE.search(spec.key)
    return variable[1] if variable else None


def withheld_key(spec: ServedModel | ScriptedModel) -> str:
    """The provider's variable that a model is not sent, as its address is another one and no `key` names it."""
    if spec.provider == "scripted" or spec.key is not None or spec.base_url is None:
        return ""
    own = PROVIDERS[spec.provider]
    return "" if own.key is None or _is_of(spec.base_url, own.base_url) else own.key


def _is_of(url: str, own: str) -> bool:
    """Whether an address is the provider's, or below its name (as regions are), and nobody can read what goes there."""
    there, host = urlsplit(url), urlsplit(own).hostname or ""
    return there.scheme == "https" and bool(re.fullmatch(rf"([a-z0-9-]+\.)*{re.escape(host)}", there.hostname or ""))
