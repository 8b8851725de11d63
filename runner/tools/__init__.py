"""Hands: one kind of tool a file; this table is the only place that knows them all."""
