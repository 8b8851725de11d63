"""What was meant by a key, a word or a value that cannot be used, and how it is written here."""
