"""Render Jinja templates from plain data, within bounds of time and size."""

from runner.prompts.bounds import Bounds
from runner.prompts.comparisons import ITEM, Comparison, Side
from runner.prompts.failures import RenderError, TemplateError
from runner.prompts.names import NamePath
from runner.prompts.parts import Choice, Gap, Loop, Part, Written
from runner.prompts.program import Inserted
from runner.prompts.template import Expression, Template, expression, template

__all__ = [
    "ITEM",
    "Bounds",
    "Choice",
    "Comparison",
    "Expression",
    "Gap",
    "Inserted",
    "Loop",
    "NamePath",
    "Part",
    "RenderError",
    "Side",
    "Template",
    "TemplateError",
    "Written",
    "expression",
    "template",
]
