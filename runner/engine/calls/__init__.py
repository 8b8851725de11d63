"""A tool call as a step: planned, targeted, judged, asked for, done, recorded."""
