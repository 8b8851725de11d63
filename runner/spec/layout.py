"""What a project's files are called: the one list of names that everything which looks for them goes by."""

from __future__ import annotations

SETTINGS = "runner.yaml"
TOP_FOLDERS = ("agents.d", "tools.d", "workflows")
FOLDERS = ("agents.d", "agents.d/prompts", "tools.d", "workflows")
"""The folders whose files are read, each without those below it."""
SHIPPED = "std/"
"""How the names of shipped files begin in a revision."""
