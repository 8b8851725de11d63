"""Whether this machine has what the files ask for: programs, modules, secrets."""
