"""What other systems write in a workflow, and how it is written here: keys, and values of another shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.meant import exit_codes, known_as
from runner.project.words import shown
from runner.spec import durations
from runner.spec.words import snake

if TYPE_CHECKING:
    from collections.abc import Collection

    from runner.project.findings import Loc

_NAMES = (
    (("if", "condition", "only_if", "run_if"), "when"),
    (("when", "if", "on", "type", "kind", "error", "code"), "match"),
    (("then", "goto", "target", "phase", "next", "else", "default", "otherwise"), "to"),
    (("then", "goto", "on_success", "next_step"), "next"),
    (("over", "items", "list", "of"), "in"),
    (("args", "arguments", "params", "parameters", "inputs", "input", "variables", "message"), "with"),
    (("prompt", "text", "content", "instructions", "task", "question", "ask"), "message"),
    (("question", "text", "prompt", "message"), "ask"),
    (("times", "attempts", "tries", "count", "limit", "max_visits", "max_iterations", "max_loops"), "max"),
    (("approvers", "approver", "assignee", "users", "who", "from", "reviewers"), "by"),
    (("timeout", "expires", "within", "ttl", "wait_for"), "deadline"),
    (("parallel", "max_parallel", "max_concurrency", "workers", "forks", "throttle", "batch_size"), "concurrency"),
    (("var", "loop_var", "item", "name", "variable"), "as"),
    (("max_failed", "max_fail_percentage", "failures", "max_errors"), "max_failures"),
    (("retries", "max_retries"), "retry"),
    (("backoff", "wait", "sleep"), "delay"),
    (("duration", "time", "delay", "sleep", "seconds"), "for"),
    (("timestamp", "date", "datetime", "at"), "until"),
    (("outputs", "returns", "result", "response_format"), "output"),
)
"""Keys that have another name elsewhere, and the one that they have here."""
_ORDER = "phases run in the order of the file, else `next: NAME` leads on; side by side run the branches of `parallel`"
_AGAIN = "over a list: foreach: {in: LIST, as: NAME}; else an edge back: next: [{when: …, to: NAME, max: 3}, {to: …}]"
_KIND = "the kind is a key of its own: `agent: NAME`, `tool: NAME`, `workflow: NAME`"
_ASIDE = "write `errors: [{match: any, to: NAME}]`"
_BEFORE = "the phase before leads here after a failure too: write `errors: [{match: any, to: NAME}]` there"
_IN_FINALLY = "remove it: a failure of this step changes no verdict"
_IN_A_BRANCH = "its phase takes it: write `errors: [{match: any, to: NAME}]` beside `parallel`"
_PROMPTS = ("file", "path", "name", "prompt", "template", "include")
_SENTENCES = {
    **dict.fromkeys(("depends_on", "needs", "after", "requires", "dependencies", "before"), _ORDER),
    **dict.fromkeys(("loop", "repeat", "while", "until", "max_iterations"), _AGAIN),
    **dict.fromkeys(("unless", "skip_if"), "write `when: not (…)`"),
    **dict.fromkeys(("for_each", "each", "with_items"), "write `foreach: {in: LIST, as: NAME}`"),
    **dict.fromkeys(("model", "tools", "temperature", "system"), "it stands in the agent's file, agents.d/NAME.yaml"),
    **dict.fromkeys(("name", "id"), "remove it: the key that holds all this is its name"),
    **dict.fromkeys(("type", "kind", "uses"), _KIND),
    **dict.fromkeys(("run", "script", "shell", "command", "cmd"), "write a tool in tools.d, and `tool: NAME` here"),
    **dict.fromkeys(("description", "title", "comment"), "write it behind #, as a comment"),
    **dict.fromkeys(("max", "max_visits", "visits"), "write `limits: {visits: N}`"),
    **dict.fromkeys(("catch", "rescue", "on_error", "on_failure", "continue_on_error", "ignore_errors"), _ASIDE),
    **dict.fromkeys(("allow_failure", "ignore_error"), _ASIDE),
    "trigger_rule": _BEFORE,
    **dict.fromkeys(("end", "terminal", "is_end"), "write `next: pass`"),
    **dict.fromkeys(("start", "is_start"), "remove it: the first phase of the file is entered first"),
    **dict.fromkeys(
        ("strategy", "matrix", "map", "item_processor", "iterator"), "write `foreach: {in: LIST, as: NAME}`"
    ),
    **dict.fromkeys(
        ("exhausted", "to"), "it stands in an entry: next: [{when: …, to: NAME, max: 3, exhausted: fail}, {to: …}]"
    ),
    **dict.fromkeys(("steps", "tasks", "jobs", "branches"), "write `parallel: {NAME: {agent: …}, NAME: {…}}`"),
    **dict.fromkeys(("with", "args", "input", "inputs", "params"), "an agent is told by its `message`, a template"),
}
"""Keys that a step has elsewhere, and what is done here."""


def of_key(loc: Loc, known: Collection[str]) -> str:
    """What is written in place of a key of a step, where `known` are the keys there; nothing for other keys."""
    key = snake(str(loc[-1]))
    if loc[0] not in ("phases", "finally"):
        return ""
    if key in _PROMPTS and loc[-2:-1] == ("message",):
        return "a prompt of its own file is agents.d/prompts/NAME.yaml, and stands here as `use: NAME`"
    for names, name in _NAMES:
        if key in names and name in known:
            return f"did you mean {name}?"
    sentence = _SENTENCES.get(key, "") if "when" in known and "to" not in known else ""
    if sentence in (_ASIDE, _BEFORE) and "errors" not in known:
        return _IN_FINALLY if loc[0] == "finally" else _IN_A_BRANCH
    return sentence


_ONE = {
    "errors": "write [{match: any, to: VALUE}]",
    "foreach": "write {in: VALUE}, an expression for the list",
    "retry": "write {max: VALUE}",
    "approval": "write {ask: VALUE}",
    "match": "`any` is every kind of failure; another kind has an entry of its own",
    "output": "write {NAME: str, NAME: [str]}, the fields of the answer",
}
"""What is written where one value stands in place of a mapping or a list."""
_TRUTH = {
    "continue": "write the name of the phase whose conversation goes on",
    "retry": "write {max: 2}",
    "approval": "write {ask: …}",
}
_COLLECTION = {
    "errors": "write a list: [{match: timeout, to: NAME}, {match: any, to: NAME}]",
    "next": "write a list: [{when: …, to: NAME}, {to: NAME}]",
    "foreach": 'write {in: LIST}; a list that is written out stands in quotes: {in: \'["a", "b"]\'}',
    "in": 'write it in quotes, as an expression: \'["a", "b"]\'',
    "to": "an edge leads to one phase; side by side run the branches of `parallel`",
    "when": "write one expression: join two by `and` or `or`",
    "match": "give each kind of failure an entry of its own",
    "parallel": "write {NAME: {agent: …}, NAME: {…}}: each branch has a name and keys of its own",
}
"""What is written where a list or a mapping of another shape stands."""
_OF_A_BLOCK = ("join", "next", "when", "timeout", "workspace")
"""Keys that stand beside `parallel`, never in it."""
_AGAIN_WORDS = ("retry", "again", "repeat")


def of_value(loc: Loc, value: Any) -> str:
    """How a value of another shape is written in a step; nothing for other places."""
    if loc[:1] == ("exit",):
        return exit_codes.of_value(loc, value)
    if len(loc) < 2 or loc[0] not in ("phases", "finally"):  # noqa: PLR2004 the holder counts
        return _when_of_a_reply(loc, value)
    key, holder = loc[-1], loc[-2]
    if isinstance(value, bool | list | dict):
        return (_TRUTH if isinstance(value, bool) else _COLLECTION).get(str(key), "")
    if holder == "parallel" and key in _OF_A_BLOCK:
        return f"`{key}: {value}` is a key of the phase: move it out of `parallel`, as far left as that"
    if holder == "parallel":
        return "write {agent: NAME, message: …}: a branch has keys of its own, and is no phase"
    if holder == "limits" and str(value).startswith(("unlimited", "inf", "none")):
        return "leave it out"
    if "errors" in (key, holder) and value in _AGAIN_WORDS:
        return "write `retry: {max: 2}` in place of `errors`"
    if isinstance(key, int) and holder in ("next", "errors"):
        return f"write {{to: {value}}}" if holder == "next" else f"write {{match: any, to: {value}}}"
    if key == "wait":
        return _wait(value)
    quoted = shown(value) if key in ("approval", "retry") else str(value).strip("{} ")
    return _ONE.get(str(key), "").replace("VALUE", quoted)


def of_bad_key(loc: Loc) -> str:
    """What a key is where it is no text; nothing for other places."""
    return exit_codes.of_key(loc[-1]) if loc[:1] == ("exit",) else ""


def _when_of_a_reply(loc: Loc, value: Any) -> str:
    is_otherwise = loc[1:] == ("when",) and value in known_as.OTHERWISE
    return "leave `when` out: the last entry without it answers all else" if is_otherwise else ""


def _wait(value: Any) -> str:
    """How a pause is written that stands as one value."""
    first, _, second = durations.meant(value).partition(" for seconds, ")
    if second:
        return f"write {{for: {first}}} for seconds, {{for: {second.partition(' ')[0]}}} for minutes"
    return f"write {{for: {first or '10s'}}}"
