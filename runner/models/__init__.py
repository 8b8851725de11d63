"""Minds: one wire format a folder; this table is the only place that knows them all."""
