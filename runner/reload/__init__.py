"""Files change -> load -> open a new workbench -> adopt it, or keep the old one and say why."""

from runner.reload.reloader import Reloader
from runner.reload.result import ReloadResult

__all__ = ["ReloadResult", "Reloader"]
