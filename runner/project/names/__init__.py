"""What templates and expressions read: whether it is there by then, and of a type that fits."""
