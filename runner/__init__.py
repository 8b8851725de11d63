"""Agents as code: a folder of YAML in git is the running system."""

__version__ = "0.1.0"
