"""Which agent answers a message that names none."""
