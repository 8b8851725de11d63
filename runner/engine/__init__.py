"""What to do next: workflow, phases, turns, runs, budgets, dispatch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.engine.engine import Engine
    from runner.engine.submit import Start
    from runner.engine.workbenches.workbench import Workbench

__all__ = ["Engine", "Start", "Workbench"]
_STAND_IN = {"Engine": "engine", "Start": "submit", "Workbench": "workbenches.workbench"}


def __getattr__(name: str) -> Any:
    """Loaded when it is wanted: who only asks which agent fits needs no engine."""
    if name not in _STAND_IN:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_STAND_IN[name]}"), name)
