"""What happened: events, journal, state, store, blobs."""
