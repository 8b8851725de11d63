"""Files as a whole: where they lie, what ships, and what may not stand in any of them."""
