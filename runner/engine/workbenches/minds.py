"""What all workbenches know of models together: servers with their breakers and slots, and how fast each model is."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, TypeAlias

from runner.models import ServedModel, address_of, needs_key
from runner.models.calling import Mind
from runner.models.calling.endpoints import Endpoint, Hold
from runner.models.calling.speeds import Speed
from runner.models.calling.tokens import Gauge
from runner.models.windows import window_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.models import ScriptedModel
    from runner.models.calling.speeds import Sample
    from runner.models.port import Model


Specs: TypeAlias = "Mapping[str, ServedModel | ScriptedModel]"
"""The models of the files."""


class Minds:
    """Survives reloads: a server that is down stays so, whatever the files say now."""

    def __init__(self, learned: Callable[[str], list[Sample]], clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._learned = learned
        self._endpoints: dict[str, Endpoint] = {}
        self._speeds: dict[str, Speed] = {}
        self._gauges: dict[str, Gauge] = {}
        self._limits: dict[tuple[str, str, str | None], Hold] = {}

    def of(
        self, specs: Specs, opened: Mapping[str, Model], *, learns: bool, redact: Callable[[str], str] = str
    ) -> dict[str, Mind]:
        """The open models of the files, each with what is known of it and of its server.

        `redact` takes secrets out of what servers say, before it is kept.
        """
        places = _places(specs)
        servers = {url: self.endpoint(url, places.get(url)) for url in map(address_of, specs.values())}
        minds = {}
        for name, model in opened.items():
            spec = specs[name]
            minds[name] = self._mind(name, spec, model, servers[address_of(spec)])
            minds[name].learns, minds[name].redact = learns, redact
        return minds

    def endpoint(self, url: str, slots: int | None) -> Endpoint:
        """The server at an address; another number of slots holds for the calls that begin from now on."""
        known = self._endpoints.setdefault(url, Endpoint(url, self.clock))
        if slots != known.most:
            known.most, known.slots = slots, None if slots is None else asyncio.Semaphore(slots)
        return known

    def hold(self, spec: ServedModel | ScriptedModel, seconds: float) -> None:
        """Let nobody ask a model with its key for so long."""
        self._limit(spec).extend(seconds, self.clock())

    def report(self, models: Specs) -> list[dict[str, Any]]:
        """The servers of these models as plain data, with the names of the models that each one has."""
        servers: dict[str, dict[str, ServedModel | ScriptedModel]] = {}
        for name, spec in models.items():
            if isinstance(spec, ServedModel):
                servers.setdefault(address_of(spec), {})[name] = spec
        return [self._report(url, of) for url, of in servers.items()]

    def speed(self, served: str) -> Speed:
        """How fast a model was lately, in this process and before it."""
        if served not in self._speeds:
            self._speeds[served] = Speed(self._learned(served))
        return self._speeds[served]

    def _mind(self, name: str, spec: ServedModel | ScriptedModel, model: Model, endpoint: Endpoint) -> Mind:
        served = served_by(spec)
        return Mind(
            name=name,
            served=served,
            model=model,
            endpoint=endpoint,
            speed=self.speed(served),
            fallback=spec.fallback,
            gauge=self._gauges.setdefault(served, Gauge()),
            context=window_of(spec),
            limit=self._limit(spec),
        )

    def _limit(self, spec: ServedModel | ScriptedModel) -> Hold:
        """What a server's rate limits are kept under: they are those of one model and one key."""
        model = spec.model if isinstance(spec, ServedModel) else ""
        return self._limits.setdefault((address_of(spec), model, needs_key(spec)), Hold())

    def _report(self, url: str, models: Specs) -> dict[str, Any]:
        """The state of a server; it is held for as long as one of these models is."""
        report, now = self._endpoints.get(url, Endpoint(url, self.clock)).report(), self.clock()
        limited = max(self._limit(spec).left(now) for spec in models.values())
        return {"models": list(models), **report, "held": max(report["held"], round(limited, 1))}


def _places(specs: Specs) -> dict[str, int]:
    """How many calls each address takes at once: the least that one of its models says."""
    places: dict[str, int] = {}
    for spec in specs.values():
        if isinstance(spec, ServedModel) and spec.concurrency is not None:
            url = address_of(spec)
            places[url] = min(spec.concurrency, places.get(url, spec.concurrency))
    return places


def served_by(spec: ServedModel | ScriptedModel) -> str:
    """A model as its provider knows it: what figures of it are kept under."""
    if isinstance(spec, ServedModel):
        own = f"@{spec.base_url}" if spec.base_url else ""
        return f"{spec.provider}:{spec.model}{own}"
    return f"scripted:{spec.replies}"
