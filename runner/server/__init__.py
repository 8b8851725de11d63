"""A window on the daemon over HTTP: it reads journals and hands commands on; it decides nothing and writes nothing."""
