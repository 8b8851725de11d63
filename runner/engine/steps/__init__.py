"""One step of a run: what it holds, its limits, its parts side by side, and how it is performed."""
