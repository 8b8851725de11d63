"""A warning for each model that is sent no key though its provider has one: its address is somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.models import ServedModel
from runner.models.keys import withheld_key
from runner.models.pricing import is_loopback
from runner.project.findings import Finding
from runner.spec.layout import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.project.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Servers on this machine seldom want a key: of them nothing is said."""
    for name, spec in project.settings.models.items():
        variable = withheld_key(spec)
        if isinstance(spec, ServedModel) and spec.base_url and variable and not is_loopback(spec.base_url):
            what = f"no key is sent there: {variable} goes to {spec.provider} itself alone, over https"
            hint = 'write `key: "${NAME}"` with the variable of its own key, or `key: none` if it wants none'
            yield Finding("key-not-sent", SETTINGS, ("models", name, "base_url"), what, hint, "warning")
