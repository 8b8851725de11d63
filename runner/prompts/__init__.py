"""Render Jinja templates from plain data, within bounds of time and size."""

from runner.prompts.bounds import Bounds
from runner.prompts.comparisons import ITEM, Comparison, Side
from runner.prompts.failures import RenderError, TemplateError
from runner.prompts.names import NamePath
from runner.prompts.template import Expression, Template, expression, template

__all__ = [
    "ITEM",
    "Bounds",
    "Comparison",
    "Expression",
    "NamePath",
    "RenderError",
    "Side",
    "Template",
    "TemplateError",
    "expression",
    "template",
]
