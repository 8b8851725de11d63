"""The model servers: whether they are there, take the key, and know the model."""

from __future__ import annotations

import socket
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runner import secrets
from runner.cli.doctor.keys import fault_of, idle_models, place_of, users_of
from runner.cli.doctor.lines import Line, fail, ok, warn
from runner.cli.standing import REFUSED
from runner.models import ScriptedModel, address_of, needs_key
from runner.models.pricing import is_loopback
from runner.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.models import ServedModel
    from runner.project.project import Project

CONNECT = 2.0
"""Seconds in which a server on this machine takes a connection, unless it is busy."""
BUSY = f"no connection within {CONNECT:g} s: something listens there, and is busy"
SHOWN = 5
"""Names that are shown of a server's models."""
_NO_LIST = (404, 405, 501)


def check(project: Project, *, online: bool) -> Iterator[Line]:
    """A line for each model, and one more where Ollama's context is not what the files want."""
    doctor = _Doctor(project, online=online)
    for name, spec in project.settings.models.items():
        if isinstance(spec, ScriptedModel):
            yield ok("model", f"{name} is scripted: {spec.replies}")
        elif not online and not _is_near(spec):
            yield ok("model", f"{name} ({spec.provider}:{spec.model}) was not asked", "--online asks its server")
        else:
            yield from doctor.check(name, spec)


class _Doctor:
    """Looks at the servers of a project's models, at each once."""

    def __init__(self, project: Project, *, online: bool) -> None:
        from runner.models.probing import Listings

        self._project = project
        self._online = online
        self._known = secrets.find(users_of(project), project.root)
        self._idle = idle_models(project)
        self._listings = Listings()
        self._refusal = cache(_refusal)

    def check(self, name: str, spec: ServedModel) -> Iterator[Line]:
        """Whether a model's server is there; when it may be asked, what it says."""
        address, variable = address_of(spec), needs_key(spec)
        why = self._refusal(address) if _is_near(spec) else ""
        if why == BUSY:
            hint = "ask again when it has less to do; `runner ps` shows which runs wait for it"
            yield warn("model", f"{name}: {address}: {why}", hint)
        elif why:
            hint = f"start the server, or set `base_url` of models.{name} in runner.yaml"
            tell = warn if f"model {name}" in self._idle else fail
            yield tell("model", f"{name}: nothing answers at {address}: {why}", hint)
        elif not self._online:
            yield ok("model", f"{name}: {address} takes connections", "--online asks for its models")
        elif variable and (variable not in self._known.values or fault_of(self._known.values[variable])):
            yield warn("model", f"{name} was not asked: its key {variable} cannot be used", "see above")
        else:
            yield from self._ask(name, spec, variable)

    def _ask(self, name: str, spec: ServedModel, variable: str | None) -> Iterator[Line]:
        known = self._known
        listing = self._listings.of(spec, known.values[variable] if variable else None)
        words = known.redact(listing.words)
        said = f"{address_of(spec)} says HTTP {listing.status}{f': {words}' if words else ''}"
        run = "`runner run` shows whether it answers"
        if listing.status == 0:
            hint = f"check `base_url` of models.{name} in runner.yaml, the network and its proxies"
            yield fail("model", f"{name}: no answer from {address_of(spec)}: {words}", hint)
        elif listing.status in REFUSED:
            where = f"{variable} of {place_of(self._project, variable, known)}" if variable else "no key at all"
            mended = "make a new key where you have your account, and put it there"
            hint = mended if variable else f'write `key: "${{NAME}}"` into models.{name} in runner.yaml'
            yield fail("model", f"{name}: the key is refused ({where}): {said}", hint)
        elif listing.status in _NO_LIST:
            yield warn("model", f"{name}: the server gives no list of models: {said}", run)
        elif not listing.names:
            yield warn("model", f"{name}: {said}, and no names of models", run)
        else:
            yield _named(name, spec, known.redact(listing.names))
            if spec.provider == "ollama":
                yield from _check_context(name, spec)
            else:
                yield from _check_listed(name, spec, listing.contexts.get(spec.model))


def _named(name: str, spec: ServedModel, names: Sequence[str]) -> Line:
    if spec.model in names or f"{spec.model}:latest" in names:
        return ok("model", f"{name}: {address_of(spec)} has {spec.model}")
    there = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    hint = did_you_mean(spec.model, names) or f"it has {there}"
    if spec.provider == "ollama":
        hint += f"; `ollama pull {spec.model}` gets it"
    return fail("model", f"{name}: {address_of(spec)} has no model {spec.model} (models.{name} in runner.yaml)", hint)


def _check_listed(name: str, spec: ServedModel, most: int | None) -> Iterator[Line]:
    """Whether the files promise more context than the server's list does."""
    if most and spec.context and spec.context > most:
        what = f"{name}: `context: {spec.context}` is more than {address_of(spec)} gives {spec.model}, {most} tokens"
        yield fail("model", what, f"set `context` of models.{name} in runner.yaml to at most {most}")


def _check_context(name: str, spec: ServedModel) -> Iterator[Line]:
    from runner.models.probing import context_of

    found, wanted = context_of(spec), getattr(spec, "context", None)
    if found is None:
        return
    entry = f"models.{name} in runner.yaml"
    if wanted and found.most and wanted > found.most:
        what = f"{name}: `context: {wanted}` is more than {spec.model} has, {found.most} tokens"
        yield fail("model", what, f"set `context` of {entry} to at most {found.most}")
    elif wanted and found.loaded and found.loaded < wanted:
        what = f"{name}: it is loaded with a context of {found.loaded} tokens, and `context: {wanted}` is wanted"
        yield warn("model", what, "the next call loads it anew; another program may have loaded it so")
    elif not wanted and (runs := found.loaded or found.usual):
        what = f"{name}: it runs with a context of {runs} tokens, and Ollama cuts off what is longer without a word"
        yield warn("model", what, f"set `context` of {entry}{f'; at most {found.most}' if found.most else ''}")


def _is_near(spec: ServedModel) -> bool:
    return is_loopback(address_of(spec))


def _refusal(address: str) -> str:
    """Why a server on this machine takes no connection; empty when it does."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), CONNECT).close()
    except TimeoutError:
        return BUSY
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""
