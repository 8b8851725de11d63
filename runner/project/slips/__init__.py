"""Slips of the hand in YAML: what its parser stumbles over, or reads otherwise than it was meant."""
