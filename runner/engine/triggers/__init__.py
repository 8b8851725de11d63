"""Runs that begin by themselves, and the alerts that they raise."""
