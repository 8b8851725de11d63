"""What a revision holds open while runs work with it, and whom it shares that with."""
