"""The way of a run through its workflow: phases entered and left, edges taken, until an end and its verdict."""
