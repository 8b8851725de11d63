"""The turns of an agent: what a model is told, what it answers, what that costs, and what it still knows of it."""
