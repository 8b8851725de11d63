"""Everything that runner tells somebody by raising it, each addressed to its reader.

RunnerError                  an operator reads it: exit code and one line (plus a hint)
├── UsageError               2    the command line asks for what cannot be
├── ConfigInvalid            3    the files are wrong: carries every Problem
├── DaemonUnreachable        4    no daemon answers where one was asked for
├── StoreError               6    the journal cannot be opened, read or trusted
│   ├── StoreTooNew               a newer runner wrote this database
│   ├── StoreBusy                 another daemon holds this folder
│   ├── FenceLost                 another owner has taken the run: stop writing
│   └── KeyTaken                  a run was begun under this idempotency key before: it is the answer
└── StepFailed               6    a step could not be done; `match` says how, so that `errors` can route it
    ├── ToolFailed                the model reads it: the message goes back into the conversation
    │   └── ProgramMissing            the program of a command is not installed where it would run
    ├── ModelFailed               the model server did not give a usable answer
    │   └── ContextFull               the conversation is too long for the model, also after it was shortened
    ├── OutputInvalid             an answer that does not fit the declared output
    ├── PolicyDenied              a rule or a person said no
    └── BudgetSpent               a limit of the files is used up

Errors beside the tree never get as far as a reader: whoever calls turns them into one of these, a Finding or an HTTP
answer (`TemplateError` and `RenderError`, `BadType` and `Mismatch`, `SignatureError`, `Unreadable`, `Unsteady`,
`Refused`, `GitFailed`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Match = Literal["timeout", "budget", "tool", "model", "output", "policy", "unavailable"]
"""How a step failed; the words of `errors: [{match: …}]` (there also `any`)."""
Trouble = Literal[
    "connect",  # no connection came up
    "first",  # no first token in time
    "idle",  # the answer stood still
    "total",  # the whole took too long
    "reset",  # the connection broke off
    "limited",  # too many requests: the server says wait
    "overloaded",  # the server is busy, loading or down
    "broken",  # what came is no whole answer
    "empty",  # neither words nor calls
    "key",  # the key is refused
    "quota",  # the account is used up
    "missing",  # no such model or address
    "overflow",  # the conversation is longer than the model's context
    "refused",  # the server does not take such a request
    "filtered",  # a filter or the model itself said no
    "other",
]
"""What befell one attempt of a model call; what is tried again goes by it."""


class RunnerError(Exception):
    """A fault with an address; the command line prints it in one line and exits with `exit_code`."""

    exit_code: ClassVar[int] = 6

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class UsageError(RunnerError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class ConfigInvalid(RunnerError):
    """The project's files are wrong; `problems` holds every fault found (each a `project.problems.Problem`).

    `files` are what was read when that is not what is on disk.
    """

    exit_code = 3

    def __init__(
        self, message: str, problems: Sequence[object] = (), *, files: Mapping[str, bytes] | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)
        self.files = files


class DaemonUnreachable(RunnerError):
    """No daemon answers where one was asked for."""

    exit_code = 4


class StoreError(RunnerError):
    """The journal cannot be opened, read or trusted."""


class StoreTooNew(StoreError):
    """The database was written by a newer runner."""


class StoreBusy(StoreError):
    """Another daemon holds this folder."""


class FenceLost(StoreError):
    """Another owner has taken the run over; whoever sees this must stop writing to it."""


class KeyTaken(StoreError):
    """A run was already begun under this idempotency key; `run` is its id."""

    def __init__(self, key: str, run: str) -> None:
        super().__init__(f"run {run} was already begun under the key {key!r}")
        self.run = run


class Unreadable(Exception):
    """A file of a project is there and cannot be used; the message says why, `hint` what to do."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.hint = hint


class StepFailed(RunnerError):
    """A step could not be done; `match` names how, `hint` what to try instead."""

    default_match: ClassVar[Match] = "tool"

    def __init__(self, message: str, *, match: Match | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.match: Match = match or self.default_match


class ToolFailed(StepFailed):
    """A tool could not do its work; the model reads this and may try something else."""


class ProgramMissing(ToolFailed):
    """The program of a command is not there; its tool's hint says better than its target how it is installed."""

    default_match = "unavailable"


class ModelFailed(StepFailed):
    """A model server did not give a usable answer; `trouble` says what befell it, `wait` is its Retry-After."""

    default_match = "model"

    def __init__(
        self,
        message: str,
        *,
        match: Match | None = None,
        hint: str = "",
        trouble: Trouble = "other",
        wait: float | None = None,
    ) -> None:
        super().__init__(message, match=match, hint=hint)
        self.trouble: Trouble = trouble
        self.wait = wait


class ContextFull(ModelFailed):
    """A conversation is longer than its model's context, also after it was shortened as far as it goes."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint, trouble="overflow")


class OutputInvalid(StepFailed):
    """An answer does not fit the declared output, also after asking again."""

    default_match = "output"


class PolicyDenied(StepFailed):
    """A rule or a person said no."""

    default_match = "policy"


class BudgetSpent(StepFailed):
    """A limit set in the files is used up; `owner` is the path it was set for, `limit` its key."""

    default_match = "budget"

    def __init__(self, message: str, *, owner: str, limit: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.owner = owner
        self.limit = limit
