"""`runner runs`: what ran, how it stands, and why."""

from __future__ import annotations

from runner.cli.lazy import LazyGroup

runs = LazyGroup(
    "runs",
    {
        "ls": ("runner.cli.runs.listing:ls", "List runs, newest first."),
        "show": ("runner.cli.runs.showing:show", "Show one run, phase by phase, or its files and prompts."),
        "why": ("runner.cli.runs.why:why", "Explain the verdict: every edge with its expression and values."),
        "logs": ("runner.cli.runs.logs:logs", "Print what happened in a run; -f follows it."),
        "diff": ("runner.cli.runs.diff:diff", "Compare two runs: files, prompts, phases, calls, outcome."),
        "rerun": ("runner.cli.runs.rerun:rerun", "Start a run anew, with its own files or others."),
        "cancel": ("runner.cli.runs.control:cancel", "Stop a run, with all that it has started."),
        "resume": ("runner.cli.runs.control:resume", "Go on with a run that nobody works on."),
        "export": ("runner.cli.runs.export:export", "Print a run, its files and its events as one JSON document."),
    },
    help="What ran: list, show, why, logs, diff, rerun, cancel, resume, export. The beginning of a run's id is enough.",
)
