"""How a model stands right now: whether its server is there, takes the key and has the model; how its calls went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner import secrets
from runner.models import ScriptedModel, address_of, flags_of, needs_key, wire_of
from runner.models.providers import FLAGS

if TYPE_CHECKING:
    from runner.models import ServedModel
    from runner.models.probing import Listing
    from runner.project.project import Project
    from runner.runs.store import Store


def spoken_to(spec: ServedModel | ScriptedModel) -> dict[str, Any]:
    """The format in which a model is spoken to, and the flags in which its server departs from the format's usual."""
    if isinstance(spec, ScriptedModel):
        return {}
    notes = []
    if wire_of(spec) == "ollama" and spec.base_url and spec.base_url.rstrip("/") != address_of(spec):
        notes = ["base_url ends in /v1, which is left out: Ollama's own format is spoken"]
    flags = flags_of(spec).model_dump(exclude_defaults=True, include=set(FLAGS[wire_of(spec)]))
    return {"wire": wire_of(spec), "profile": flags, **({"notes": notes} if notes else {})}


def online(project: Project, name: str) -> dict[str, Any]:
    """What its server says when it is asked: `reachable`, `has` the model (None: it gives no names), `context`, `says`.

    One cheap call, with the key; nothing is asked of a scripted model, or without a key that is needed.
    """
    spec = project.settings.models[name]
    if isinstance(spec, ScriptedModel):
        return {"reachable": True, "has": True, "context": None, "says": ""}
    from runner.models.probing import models_of

    variable = needs_key(spec)
    known = secrets.find([variable] if variable else [], project.root)
    if variable and variable not in known.values:
        return {"reachable": None, "has": None, "context": spec.context, "says": f"not asked: {variable} is not set"}
    listing = models_of(spec, known.values[variable] if variable else None)
    return {
        "reachable": listing.status != 0,
        "has": _has(spec, listing),
        "context": _context(spec, listing),
        "says": "" if listing.names else known.redact(_words(listing)),
    }


def outcomes(store: Store) -> dict[str, dict[str, int]]:
    """Of each model how many attempts were answered, and what befell the others."""
    found: dict[str, dict[str, int]] = {}
    for model, outcome, count in store.outcomes():
        found.setdefault(model, {})[outcome] = count
    return found


def _has(spec: ServedModel, listing: Listing) -> bool | None:
    if not listing.names:
        return None
    return spec.model in listing.names or f"{spec.model}:latest" in listing.names


def _context(spec: ServedModel, listing: Listing) -> int | None:
    """What the files say; else what the server does."""
    if spec.context is not None:
        return spec.context
    if listing.status and wire_of(spec) == "ollama":
        from runner.models.probing import context_of

        found = context_of(spec)
        return (found.loaded or found.usual or found.most) if found else None
    return listing.contexts.get(spec.model)


def _words(listing: Listing) -> str:
    if listing.status == 0:
        return f"no answer: {listing.words}"
    return f"HTTP {listing.status}{f': {listing.words}' if listing.words else ', and no names of models'}"
