"""Workspaces of runs' own: made at a start, kept after the end, archived when idle, removed when old."""
