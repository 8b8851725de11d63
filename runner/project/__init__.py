"""What the files say: read, checked, frozen. Opens no socket and starts no process."""
