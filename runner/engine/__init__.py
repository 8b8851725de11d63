"""What to do next: workflow, phases, turns, runs, budgets, dispatch."""

from runner.engine.engine import Engine
from runner.engine.submit import Start
from runner.engine.workbenches.workbench import Workbench

__all__ = ["Engine", "Start", "Workbench"]
