"""Files change -> load -> open a new workbench -> adopt it, or keep the old one and say why."""

from runner.reload.reloader import Reloader, ReloadResult

__all__ = ["ReloadResult", "Reloader"]
