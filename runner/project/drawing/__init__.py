"""Workflows drawn: as Mermaid text, and as an SVG picture that is laid out here."""
