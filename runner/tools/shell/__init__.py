"""The kind `shell`: a text for a shell, in which every value is quoted."""

from runner.tools.shell.reading import Place
from runner.tools.shell.reasons import Refusal
from runner.tools.shell.tool import SHELL, ShellTool
from runner.tools.shell.values import behind, refusal, refusal_at_end

__all__ = ["SHELL", "Place", "Refusal", "ShellTool", "behind", "refusal", "refusal_at_end"]
