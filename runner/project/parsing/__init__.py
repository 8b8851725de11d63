"""The bytes of a file as plain data, with the place of each value."""
