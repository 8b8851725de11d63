"""How a model stands right now: whether its server is there, takes the key and has the model; how its calls went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner import secrets
from runner.cli.testing.report import percentile
from runner.engine.workbenches.minds import served_by
from runner.models import ScriptedModel, address_of, flags_of, needs_key, wire_of
from runner.models.calling.deadlines import choose
from runner.models.calling.speeds import ENOUGH, KEPT, Sample, Speed
from runner.models.keys import withheld_key
from runner.models.providers import FLAGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.models import ServedModel
    from runner.models.calling.speeds import Figures
    from runner.models.probing import Listing, Listings
    from runner.project.project import Project
    from runner.runs.store import Store

REFUSED = (401, 403)
"""Statuses of a server that does not take the key."""


def spoken_to(spec: ServedModel | ScriptedModel) -> dict[str, Any]:
    """The format in which a model is spoken to, and the flags in which its server departs from the format's usual."""
    if isinstance(spec, ScriptedModel):
        return {}
    notes = []
    if wire_of(spec) == "ollama" and spec.base_url and spec.base_url.rstrip("/") != address_of(spec):
        notes = ["base_url ends in /v1, which is left out: Ollama's own format is spoken"]
    if variable := withheld_key(spec):
        notes.append(f"no key is sent: {variable} goes to {spec.provider} itself alone; `key` would name one")
    flags = flags_of(spec).model_dump(exclude_defaults=True, include=set(FLAGS[wire_of(spec)]))
    return {"wire": wire_of(spec), "profile": flags, **({"notes": notes} if notes else {})}


def online(project: Project, name: str, listings: Listings) -> dict[str, Any]:
    """What its server says: `reachable`, `has` the model (None: it gives no names), `context`, `says`, `hint`.

    `context` is the server's own number (None: it gives none), whatever the files say of it. One cheap call, with the
    key; nothing is asked of a scripted model, or without a key that is needed.
    """
    spec = project.settings.models[name]
    if isinstance(spec, ScriptedModel):
        return {"reachable": True, "has": True, "context": None, "says": "", "hint": ""}
    variable = needs_key(spec)
    known = secrets.find([variable] if variable else [], project.root)
    if variable and variable not in known.values:
        says, hint = f"not asked: {variable} is not set (looked in {known.looked(variable)})", known.mended(variable)
        return {"reachable": None, "has": None, "context": None, "says": says, "hint": hint}
    listing = listings.of(spec, known.values[variable] if variable else None)
    return {
        "reachable": listing.status != 0,
        "has": _has(spec, listing),
        "context": _context(spec, listing),
        **_said(name, listing, variable, known),
    }


def _said(name: str, listing: Listing, variable: str | None, known: secrets.Secrets) -> dict[str, str]:
    """Why a server names no models, and what to do about it."""
    says = "" if listing.names else known.redact(_words(listing))
    if listing.status not in REFUSED:
        return {"says": says, "hint": ""}
    if variable is None:
        hint = f'`key: "${{NAME}}"` of models.{name} in runner.yaml sends one'
        return {"says": f"no key was sent, and one is wanted: {says}", "hint": hint}
    place = f"{variable} of {known.found[variable]}"
    return {"says": f"the key is refused ({place}): {says}", "hint": f"write a key that this server takes into {place}"}


def outcomes(store: Store) -> dict[str, dict[str, int]]:
    """Of each model how many attempts were answered, and what befell the others."""
    found: dict[str, dict[str, int]] = {}
    for model, outcome, count in store.outcomes():
        found.setdefault(model, {})[outcome] = count
    return found


def pace(project: Project, name: str, store: Store | None) -> dict[str, Any]:
    """How fast a model's last calls were, and the time that one more would get in each timeout class of its agents.

    `latency` has `calls`, the `entries` of the files whose calls they are, as the server and its model are the same,
    and of `first` token and `whole` answer the middle one and the slowest but 5 of 100, in seconds; None: there were no
    calls, or there is no store yet.
    """
    models = project.settings.models
    served = served_by(models[name])
    rows = store.model_calls(served, KEPT) if store else []
    calls = [Sample(*row) for row in rows]
    figures = Speed(list(calls)).figures() if project.settings.learn else None
    unknown = _unknown(len(calls)) if project.settings.learn else "the upper end: `learn: false` in runner.yaml"
    tokens = round(percentile([call.prompt for call in calls], 50) or 0)
    classes = dict.fromkeys(agent.spec.timeout for agent in project.agents.values() if agent.spec.model == name)
    return {
        "latency": _latency(calls, [one for one in models if served_by(models[one]) == served]) if calls else None,
        "deadlines": {each: _deadline(project.timeout(each).model, tokens, figures, unknown) for each in classes},
    }


def _latency(calls: Sequence[Sample], entries: Sequence[str]) -> dict[str, Any]:
    def ends(values: list[float]) -> dict[str, float | None]:
        return {"p50": percentile(values, 50), "p95": percentile(values, 95)}

    first, whole = ends([call.first for call in calls]), ends([call.seconds for call in calls])
    return {"calls": len(calls), "entries": list(entries), "first": first, "whole": whole}


def _deadline(bounds: tuple[float, float], tokens: int, figures: Figures | None, unknown: str) -> dict[str, Any]:
    deadline, why = choose(bounds, tokens, figures)
    is_chosen = figures is not None or bounds[0] == bounds[1]
    return {"seconds": round(deadline.total, 3), "most": deadline.most, "why": why if is_chosen else unknown}


def _unknown(calls: int) -> str:
    """Why nothing is expected of a model's next answer."""
    if not calls:
        return "the upper end: the model's speed is not known yet"
    there = "there is 1" if calls == 1 else f"there are {calls}"
    return f"the upper end: from {ENOUGH} answers on it goes by the model's speed; {there}"


def _has(spec: ServedModel, listing: Listing) -> bool | None:
    if not listing.names:
        return None
    return spec.model in listing.names or f"{spec.model}:latest" in listing.names


def _context(spec: ServedModel, listing: Listing) -> int | None:
    """Tokens of context with which the server runs the model, as far as it says so."""
    if listing.status and wire_of(spec) == "ollama":
        from runner.models.probing import context_of

        found = context_of(spec)
        return (found.loaded or found.usual or found.most) if found else None
    return listing.contexts.get(spec.model)


def _words(listing: Listing) -> str:
    if listing.status == 0:
        return f"no answer: {listing.words}"
    return f"HTTP {listing.status}{f': {listing.words}' if listing.words else ', and no names of models'}"
