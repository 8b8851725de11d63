"""What other systems call the keys and words of agents, tools and settings, and how it is written here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.project.meant import fields
from runner.project.words import flow
from runner.spec.words import nearest, snake

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pydantic.fields import FieldInfo

_NAMES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        (
            "instructions",
            "instruction",
            "system_prompt",
            "system",
            "system_message",
            "persona",
            "backstory",
            "template",
        ),
        "prompt",
    ),
    (("allowed_tools", "functions", "skills", "toolset", "use_tools"), "tools"),
    (("summary", "about", "purpose", "desc", "doc", "help", "title"), "description"),
    (("response_format", "output_schema", "output_type", "returns", "result"), "output"),
    (("llm", "model_name", "engine", "name", "deployment"), "model"),
    (("url", "endpoint", "api_base", "host", "server", "address"), "base_url"),
    (("api_key", "token", "apikey", "secret", "password"), "key"),
    (("vendor", "api", "backend", "service", "type"), "provider"),
    (("cmd", "exec", "run", "argv", "program", "executable"), "command"),
    (("func", "function", "callable", "entrypoint", "module"), "python"),
    (("arguments", "parameters", "inputs", "input", "input_schema"), "params"),
    (("environment", "vars", "variables"), "env"),
    (("exit_codes", "exit_code", "codes", "success_codes"), "exit"),
    (("retries", "attempts", "max_retries"), "retry"),
    (("active", "on", "enable"), "enabled"),
    (("labels", "category", "categories"), "tags"),
    (("effect", "decision", "policy", "then"), "action"),
    (("name", "command", "names"), "tool"),
    (("host", "hosts", "server", "where"), "target"),
    (("parameters", "params", "args", "variables", "arguments"), "inputs"),
    (("steps", "stages", "jobs", "tasks", "nodes", "states"), "phases"),
    (("always", "cleanup", "on_exit", "ensure"), "finally"),
    (("include", "includes", "import", "imports", "extends", "packs", "requires"), "use"),
    (("rules", "policies", "acl"), "permissions"),
    (("text", "content", "body", "prompt"), "template"),
    (("dir", "folder", "directory"), "path"),
    (("temp",), "temperature"),
    (("max_length", "max_output", "num_predict", "output_tokens"), "max_tokens"),
    (("nucleus",), "top_p"),
    (("random_seed", "random_state"), "seed"),
    (("prompt", "prompt_tokens", "in", "input_tokens"), "input"),
    (("completion", "completion_tokens", "out", "output_tokens"), "output"),
    (("cache", "cache_read", "cached_input", "cache_hit", "input_cached"), "cached"),
    (("cache_write", "cache_creation"), "written"),
    (("args", "arguments", "params", "parameters", "inputs", "input", "variables", "vars", "values"), "with"),
)
"""Keys that have another name elsewhere, and the one that they have here."""
_LONGEST = 40
_AT_THE_END = "finally"
"""It holds a step of any kind: a key of steps that stands beside it is no part of it."""
_PLACE = 'the address stands in one text: listen: "127.0.0.1:8700"'
_FILE = "each is a file of its own, whose name is its name: "
_MONEY = "say of what: `cost_usd_per_call`, `cost_usd_per_run`, `cost_usd_per_user_per_day` or `cost_usd_per_day`"
_CLOCK = "a workflow has `triggers: [{every: 1h}]`; for a time of day let cron call `runner -C DIR run NAME`"
_STARTED = "a workflow has `triggers: [{every: 1h}]`; for an event let a hook call `runner -C DIR run NAME`"
_WHERE = "remove it: `workspace` says which folder a run works in, and `execute` in runner.yaml how commands run"
OTHERWISE = ("else", "default", "other", "otherwise", "fallback")
"""What stands elsewhere for all that no entry before fits."""
_RUN_BY = ("phases", "server", "retry")
"""Keys that tell a workflow, the settings, and a step."""
_SENTENCES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("max_turns", "max_iterations", "max_steps", "recursion_limit"), "limits", "write `limits: {turns: VALUE}`"),
    (("provider", "base_url", "api_key"), "prompt", "it stands with the model, in runner.yaml: models: {NAME: {…}}"),
    (("env", "environment"), "prompt", "it stands with the tool that needs it, in tools.d"),
    (
        ("inputs", "input", "params", "parameters"),
        "prompt",
        "an agent is given one text, `text`; a workflow has `inputs`",
    ),
    (("agents", "agent"), "prompt", f"{_FILE}remove the key, and begin with `description: …`"),
    (("workflows", "workflow"), "phases", f"{_FILE}remove the key, and begin with `description: …`"),
    (("port", "host", "address", "bind"), "listen", _PLACE),
    (("port", "host", "address"), "server", f"write `server: {{…}}`; {_PLACE}"),
    (("agents", "agent"), "server", f"{_FILE}agents.d/NAME.yaml"),
    (("tools", "tool"), "server", "tools stand in packs, each a file of its own: tools.d/NAME.yaml"),
    (("workflows", "workflow", "phases"), "server", f"{_FILE}workflows/NAME.yaml"),
    (("env", "secrets", "environment"), "server", "secrets stand in .env, one NAME=value a line; a tool has `env`"),
    (("provider", "api_key", "base_url"), "server", "write `models: {default: {provider: …, model: …}}`"),
    (("cwd", "workdir", "working_directory", "dir"), "command", "a tool works in the run's workspace: remove it"),
    (("args", "arguments"), "command", "write the words behind the program: command: [PROGRAM, …]"),
    (("readonly", "read_only"), "risk", "write `risk: read`"),
    (
        ("approve", "approval", "confirm", "ask"),
        "risk",
        "write `permissions: [{tool: NAME, action: ask}]` in the agent",
    ),
    (("destructive", "dangerous"), "risk", "write `risk: danger`"),
    (("safe", "safety", "level"), "risk", "write `risk: read`, `risk: write` or `risk: danger`"),
    (("type", "kind"), "params", "the kind is a key of its own: `command: […]`, `python: module:function`"),
    (("disabled", "disable"), "enabled", "write `enabled: false`"),
    (("name", "id"), "params", "remove it: the key that holds all this is its name"),
    (("allow", "deny", "ask"), "permissions", "write `permissions: [{tool: NAME, action: KEY}]`"),
    (("system", "text", "content"), "role", "write the text itself: prompt: …"),
    (("user", "examples", "context"), "role", "write it into `task`, or leave it to the message"),
    (
        ("file", "path", "include"),
        "role",
        "a prompt of its own file is agents.d/prompts/NAME.yaml: prompt: {use: NAME}",
    ),
    (("command", "python", "params", "workflow"), "defaults", "a tool stands below its name: tools: {NAME: {KEY: …}}"),
    (("name", "id"), "description", "remove it: the file's name is its name"),
    (("cost", "budget", "usd", "max_cost", "max_cost_usd", "max_budget"), "concurrent_runs", _MONEY),
    (("daily_budget", "budget_per_day"), "concurrent_runs", "write `cost_usd_per_day: VALUE`"),
    (("cost_usd_per_user",), "concurrent_runs", "write `cost_usd_per_user_per_day: VALUE`"),
    (("temp",), "sampling", "write `sampling: {temperature: VALUE}`"),
    (("top_p",), "sampling", "write `sampling: {top_p: VALUE}`"),
    (
        ("max_tokens", "max_output_tokens", "max_completion_tokens", "max_new_tokens", "num_predict"),
        "sampling",
        "write `sampling: {max_tokens: VALUE}`",
    ),
    (
        ("top_k", "min_p", "n", "stop", "stop_sequences", "presence_penalty", "frequency_penalty", "repeat_penalty"),
        "top_p",
        "it cannot be set, as not all servers know it: remove it",
    ),
    (
        ("reasoning_effort", "reasoning", "effort", "thinking", "thinking_budget"),
        "top_p",
        "thinking is a flag of the model, in runner.yaml: models: {NAME: {profile: {thinking: …}}}",
    ),
    (("start_at", "start", "entrypoint", "entry", "initial"), "phases", "remove it: the first phase is entered first"),
    (
        ("env", "environment", "secrets"),
        "phases",
        "it stands with the tool that needs it, in tools.d: write `env` there",
    ),
    (("volumes", "networks", "image", "container", "runs_on"), "phases", _WHERE),
    (
        ("timeout", "max_time", "time_limit", "timeout_seconds", "timeout_minutes"),
        "phases",
        "write `limits: {time: VALUE}`",
    ),
    (("cost", "usd", "budget", "max_cost", "max_budget"), "tokens", "write `cost_usd: VALUE`"),
    (OTHERWISE, "calls", "leave it out: the last entry without `when` answers all else; its answer is `text: …`"),
    (OTHERWISE, "contains", "leave out `when`: the last entry without it answers all else"),
    *((("schedule", "schedules", "cron", "schedule_interval", "every"), at, _CLOCK) for at in _RUN_BY),
    *((("on", "trigger", "triggers", "events"), at, _STARTED) for at in _RUN_BY[:2]),
    (("version", "api_version", "kind", "metadata", "spec"), "description", "remove it"),
    (("version", "api_version", "kind", "metadata"), "server", "remove it"),
)
"""Keys that stand elsewhere, a key that tells the place where they are not known here, and what is written."""
_CHOICES = {
    "allow": ("permit", "accept", "approve", "yes", "true", "auto", "always", "grant"),
    "ask": ("confirm", "prompt", "approval", "manual", "human", "review"),
    "deny": ("block", "forbid", "reject", "refuse", "no", "false", "never", "disallow"),
    "read": ("low", "none", "safe", "readonly", "read-only", "r", "get"),
    "write": ("medium", "mutating", "moderate", "rw", "modify", "edit", "read-write"),
    "danger": ("high", "critical", "dangerous", "destructive", "delete", "admin"),
    "auto": ("true", "on", "yes", "watch", "always"),
    "off": ("false", "no", "never", "none", "manual"),
    "openai": ("gpt", "chatgpt", "open-ai"),
    "llamacpp": ("llama.cpp", "llama-cpp", "llama", "llama-server"),
    "anthropic": ("claude",),
    "openrouter": ("claude", "anthropic", "google", "gemini", "xai", "cohere"),
    "direct": ("local", "host", "shell", "none"),
    "again": ("retry", "repeat", "rerun"),
    "fail": ("error", "failed", "abort"),
    "any": ("all", "always", "*", "everything", "every"),
    "unavailable": ("network", "connection", "offline", "503"),
    "ok": ("pass", "success", "done", "true"),
    "no": ("false", "negative", "red"),
}
"""The words of a choice, and what stands for each of them elsewhere."""

_MEANINGS = (
    "ok okay pass passed success succeeded good fine well healthy green up clean approved accept",
    "no fail failed failure bad sick unhealthy red down broken error dirty rejected reject",
    "degraded warn warning partial partly yellow unstable shaky ill",
    "low minor trivial small info",
    "medium moderate normal middle",
    "high critical severe major urgent big blocker fatal",
    "unknown unclear unsure none other maybe",
)
"""Words that stand for the same in answers."""


def of_meaning(word: str, choices: Sequence[str]) -> str:
    """The only one of some choices that means the same as a word; nothing when there is none, or several."""
    group = next((words for group in _MEANINGS if word.lower() in (words := group.split())), [])
    meant = [choice for choice in choices if choice.lower() in group]
    return f"did you mean {meant[0]}?" if len(meant) == 1 else ""


def of_key(key: str, value: Any, known: Mapping[str, FieldInfo]) -> str:
    """What is written in place of a key, where `known` are the keys there; nothing when it is nowhere known."""
    shown = flow(value) if len(flow(value)) <= _LONGEST else "…"
    plain = snake(key)
    for keys, place, sentence in _SENTENCES:
        if plain in keys and place in known:
            return sentence.replace("VALUE", shown).replace("KEY", key)
    if below := _below(key, shown, known):
        return below
    meant = next((name for names, name in _NAMES if plain in names and name in known), "")
    return f"did you mean {meant}?" if meant else ""


def of_kind(keys: Mapping[str, Any], kinds: Collection[str]) -> str:
    """What is written in place of the first key that says elsewhere what a tool does; nothing when there is none."""
    for key in keys:
        if key == "script" and "shell" in kinds:
            return "did you mean shell?"
        meant = next((kind for names, kind in _NAMES if key in names and kind in kinds), "")
        if meant:
            return f"did you mean {meant}?"
    return ""


def of_choice(value: Any, choices: Sequence[str]) -> str:
    """The word of a choice that is meant by one of elsewhere, or by a misspelt one; nothing when there is none."""
    meant = "" if value is None else chosen(str(value), choices)
    return f"did you mean {meant}?" if meant else ""


def chosen(word: str, choices: Sequence[str]) -> str:
    """The choice that is meant by a word of elsewhere, or by a misspelt one; nothing when there is none."""
    word = word.strip().lower()
    meant = next((choice for choice in choices if word in _CHOICES.get(choice, ())), "")
    return meant or nearest(word, choices)


def _below(key: str, shown: str, known: Mapping[str, FieldInfo]) -> str:
    """Where a key stands that a mapping beside it has; one that cannot be left out is there already."""
    for name in sorted(known, key=lambda one: not known[one].is_required()):
        holds = fields.models(known[name].annotation) if name != _AT_THE_END else []
        inside = next((one for one in holds if key in one), {})
        needed = [one for one, info in inside.items() if info.is_required() and one != key]
        if inside:
            written = "".join(f"{one}: …, " for one in needed)
            indented = f", or indent it as far as `{needed[0]}`" if needed and known[name].is_required() else ""
            return f"it stands below `{name}`: write `{name}: {{{written}{key}: {shown}}}`{indented}"
    return ""
