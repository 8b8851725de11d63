"""The graph of a workflow: where its ways lead, what its steps call, and the worst case."""
