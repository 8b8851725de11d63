"""What a load takes over from the last one: exactly what a load that knows nothing would work out."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.project.load import Loaded, load
from runner.project.memory import Recall
from runner.project.remembered import Memory
from runner.project.sources import Disk, Stored

FILES = {
    "runner.yaml": """
models: {default: {provider: ollama, model: small}, big: {provider: ollama, model: large}}
timeouts: {slow: {model: 100s, tool: 50s}}
hosts:
  web1: {groups: [web]}
  db1: {groups: [db]}
permissions: [{tool: look, action: ask}, {agent: reader, action: ask}]
""",
    "agents.d/reader.yaml": """
description: Reads.
prompt: "Read. {{ agent.name }}"
output: {found: str, lines: [int]}
tools: [files/*, "-edit"]
""",
    "agents.d/writer.yaml": """
description: Writes.
model: big
timeout: slow
prompt: {role: "{% set word = 'kind' %}{% include 'tone' %}", task: Write.}
tools: ["tag:safe", edit]
permissions: [{tool: edit, action: ask}]
""",
    "agents.d/boss.yaml": """
description: Runs a workflow.
prompt: {use: tone}
tools: [build_it]
""",
    "agents.d/prompts/tone.yaml": """
description: How to speak.
inputs: {word: {type: str, default: kind}}
template: "Be {{ word }} in {{ run.workspace }}."
""",
    "agents.d/prompts/ask.yaml": """
description: Asks.
template: "{{ inputs.request }} {{ phases.read.output.found }}"
""",
    "tools.d/files.yaml": """
description: Files.
defaults: {timeout: quick, tags: [safe]}
tools:
  look: {description: Shows., command: [cat, "{{ path }}"], params: {path: str}, risk: read, agents: [reader, writer]}
  count: {description: Counts., command: [wc, "{{ path }}"], params: {path: str}, retry: {max: 2}, risk: read}
""",
    "tools.d/work.yaml": """
description: Work.
tools:
  edit: {description: Writes., command: [tee, "{{ path }}"], params: {path: str}, timeout: slow, agents: [writer]}
  build_it: {description: Builds., workflow: build, params: {request: str}}
  sum_up: {description: Sums., python: "sums:total"}
""",
    "tools.d/sums.py": """
def total(numbers: list[int]) -> int:
    return sum(numbers)
""",
    "agents.d/keeper.yaml": """
description: Keeps hosts.
prompt: Keep.
tools: ["tag:safe"]
targets: ["group:web", local]
permissions: [{target: "group:db", action: deny}, {risk: read, action: allow}]
limits: {turns: 3}
""",
    "workflows/tend.yaml": """
description: Tends.
permissions: [{tool: look, target: "group:db", action: deny}]
limits: {time: 1h}
phases:
  glance: {tool: look, with: {path: /etc}, target: "group:web"}
  care: {agent: keeper, message: Care., target: web1}
""",
    "workflows/build.yaml": """
description: Builds.
inputs: {request: str}
limits: {cost_usd: 1}
phases:
  read: {agent: reader, message: "{{ inputs.request }}"}
  work: {agent: writer, message: {use: ask}, timeout: slow}
  show: {tool: look, with: {path: "{{ phases.read.output.found }}"}}
  both:
    parallel: {one: {agent: writer, message: One.}, two: {agent: writer, message: Two.}}
    next: [{when: phases.both.ok, to: pass}, {to: work, max: 2}]
""",
    "workflows/outer.yaml": """
description: Calls.
phases:
  inner: {workflow: build, with: {request: "now"}}
  each: {foreach: {in: "[1, 2]", as: one}, tool: count, with: {path: "{{ one }}"}}
""",
    "workflows/chief.yaml": """
description: Asks the boss.
phases: {ask: {agent: boss, message: Do it.}}
""",
}
WORDS = (
    *("reader", "writer", "boss", "look", "edit", "count", "build", "outer", "tone", "ask", "slow", "quick", "default"),
    *("big", "files/*", "tag:safe", "build_it", "risk: read", "request", "path", "phases.read", "found", "safe", "str"),
    *("group:web", "group:db", "[web]", "[db]", "web1", "db1", "local", "action: ask", "action: deny", "action: allow"),
    *("int", "pass", "max: 2", "kind", "total", "numbers", "{{", "}}", "include", "read", "work", "1", "true", "null"),
)


def _edited(files: dict[str, str], chance: random.Random) -> dict[str, str]:
    """One save of some kind: a word for another, a line gone, a file gone, copied, renamed or back as it was."""
    name = chance.choice(sorted(FILES))
    text = files.get(name)
    kind = chance.choice(("word", "word", "word", "word", "line", "gone", "back", "back", "back", "copy", "comment"))
    if kind == "gone":
        return {other: said for other, said in files.items() if other != name}
    if kind == "back" or text is None:
        return {**files, name: FILES[name]}
    if kind == "copy":
        return {**files, f"{name.rpartition('/')[0] or 'workflows'}/copy.yaml": text}
    if kind == "comment":
        return {**files, name: f"{text}# {chance.random()}\n"}
    if kind == "line":
        lines = text.splitlines(keepends=True)
        del lines[chance.randrange(len(lines))]
        return {**files, name: "".join(lines)}
    there = [word for word in WORDS if word in text]
    return {**files, name: text.replace(chance.choice(there), chance.choice(WORDS), 1)} if there else files


def _load(files: dict[str, str], memory: Memory) -> Loaded:
    return load(Stored({name: text.encode() for name, text in files.items()}), Path("/project"), memory)


def _plain(loaded: Loaded) -> tuple[object, ...]:
    """All that a load gave, in a form that compares; types hold functions, which are no two alike."""
    project = loaded.project
    said = (loaded.problems, loaded.warnings, dict(loaded.files))
    if project is None:
        return said
    entries = (project.tools, project.agents, project.workflows, project.prompts, project.packs, project.settings)
    return (*said, re.sub(" at 0x[0-9a-f]+", "", repr(entries)), project.revision, project.secrets, project.worst_cases)


def _told(loaded: Loaded) -> tuple[object, ...]:
    """What checks found, and what follows for other files: who may use which tools where, and the worst cases."""
    project = loaded.project
    if project is None:
        return loaded.problems, loaded.warnings
    agents = {name: (agent.tools, agent.targets) for name, agent in project.agents.items()}
    return loaded.problems, loaded.warnings, agents, project.worst_cases


def test_a_load_after_any_saves_gives_what_a_first_load_gives(seed: int, rounds: Callable[[int], int]) -> None:
    """Problems, warnings, worst cases and all entries; also where a fault jumps from file to file."""
    chance = random.Random(seed)
    memory, files, good = Memory(), dict(FILES), 0
    assert _load(files, memory).problems == ()
    for _ in range(rounds(3_000)):
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            files = _edited(files, chance)
        if chance.random() < 0.2:
            files = dict(FILES)
        warm, cold = _load(files, memory), _load(files, Memory())
        assert _plain(warm) == _plain(cold)
        good += warm.project is not None
    assert good


@pytest.mark.parametrize(
    "file, old, new",
    [
        ("runner.yaml", "{tool: look, action: ask}", "{tool: look, action: deny}"),
        ("runner.yaml", "{tool: look, action: ask}", "{target: web1, action: deny}, {tool: look, action: ask}"),
        ("runner.yaml", "web1: {groups: [web]}", "web1: {groups: [db]}"),
        ("runner.yaml", "db1: {groups: [db]}", "db1: {}"),
        ("runner.yaml", "db1: {groups: [db]}", "db1: {groups: [db, web]}"),
        ("runner.yaml", "hosts:", "execute: sandbox\nhosts:"),
        ("runner.yaml", "model: 100s", "model: 200s"),
        ("runner.yaml", "default: {", "usual: {"),
        ("runner.yaml", "ollama, model: large", "ollama, model: large, price: {input: 1, output: 9999}"),
        ("tools.d/files.yaml", "params: {path: str}, risk: read, agents", "params: {path: str}, risk: write, agents"),
        ("tools.d/files.yaml", "tags: [safe]", "tags: [other]"),
        ("tools.d/files.yaml", "agents: [reader, writer]", "agents: [reader]"),
        ("tools.d/files.yaml", "defaults: {timeout: quick", "defaults: {timeout: 5m"),
        (
            "tools.d/files.yaml",
            'look: {description: Shows., command: [cat, "{{ path }}"]',
            "look: {http: {url: 'http://a/'}",
        ),
        ("agents.d/keeper.yaml", '["group:web", local]', "[local]"),
        ("agents.d/keeper.yaml", "turns: 3", "turns: 1"),
        ("agents.d/prompts/tone.yaml", "{{ word }}", "{{ words }}"),
        ("workflows/tend.yaml", "tool: look, target", "tool: looks, target"),
        ("workflows/tend.yaml", "target: web1", "target: web2"),
        ("workflows/build.yaml", "inputs: {request: str}", "inputs: {wish: str}"),
    ],
)
def test_a_change_in_one_file_reaches_all_that_rests_on_it(file: str, old: str, new: str) -> None:
    """Rules, hosts and their groups, tools that an agent has by a tag: all that is told of them changes too."""
    memory = Memory()
    before = _load(FILES, memory)
    assert old in FILES[file]
    files = {**FILES, file: FILES[file].replace(old, new, 1)}
    after = _load(files, memory)
    assert _plain(after) == _plain(_load(files, Memory()))
    assert _told(after) != _told(before)
    assert _plain(_load(FILES, memory)) == _plain(before)


@pytest.mark.parametrize("gone", ["agents.d/reader.yaml", "tools.d/files.yaml", "workflows/build.yaml"])
def test_what_is_deleted_makes_another_file_faulty_and_mended_again(gone: str) -> None:
    """The file that names it has not changed, and is told of all the same."""
    memory = Memory()
    before = _load(FILES, memory)
    without = _load({name: text for name, text in FILES.items() if name != gone}, memory)
    assert gone not in {problem.file for problem in without.problems}
    assert without.project is None
    assert _plain(_load(FILES, memory)) == _plain(before)


def test_a_second_load_of_the_same_files_works_nothing_out_again() -> None:
    """The entries are the very same objects."""
    memory = Memory()
    first, second = _load(FILES, memory).project, _load(FILES, memory).project
    assert first is not None
    assert second is not None
    for name in ("agents", "tools", "workflows", "prompts"):
        before, after = getattr(first, name), getattr(second, name)
        assert [id(entry) for entry in before.values()] == [id(entry) for entry in after.values()]


def test_one_changed_agent_leaves_the_others_as_they_are() -> None:
    """Only what changed is made again."""
    memory = Memory()
    first = _load(FILES, memory).project
    second = _load({**FILES, "agents.d/boss.yaml": FILES["agents.d/boss.yaml"] + "# more\n"}, memory).project
    assert first is not None
    assert second is not None
    assert second.agents["boss"] is not first.agents["boss"]
    assert second.agents["reader"] is first.agents["reader"]
    assert second.workflows["build"] is first.workflows["build"]


def test_a_mended_file_finds_everything_as_it_was_before_the_fault() -> None:
    """Worst cases are not counted while a file is faulty; what they came from is kept for then."""
    memory = Memory()
    before = _load(FILES, memory).project
    kept = dict(memory.results)
    assert _load({**FILES, "agents.d/boss.yaml": "prompt: ["}, memory).project is None
    after = _load(FILES, memory).project
    assert before is not None
    assert after is not None
    worst = ("worst", "build")
    assert memory.results[worst] is kept[worst]


def test_a_memory_does_not_grow_with_the_saves(tmp_path: Path) -> None:
    """It holds what the last load used, also after files came and went, and after faulty ones."""
    memory = Memory()
    (tmp_path / "agents.d").mkdir()
    sizes = []
    for number in range(60):
        for old in (tmp_path / "agents.d").iterdir():
            old.unlink()
        text = f"description: Number {number}.\nprompt: '{{{{ agent.name }}}} {number}'\n" + "model: none\n" * (
            number % 3 == 1
        )
        (tmp_path / "agents.d" / f"agent{number}.yaml").write_text("permissions: [}\n" if number % 3 == 1 else text)
        if number % 3 == 2:
            (tmp_path / "runner.yaml").write_text("models: {default: {provider: ollama, model: small}}\n")
        loaded = load(Disk(tmp_path), tmp_path, memory)
        if loaded.project is not None:
            sizes.append(len(memory.results) + len(memory.spare))
    assert len(sizes) > 10
    assert max(sizes[2:]) == min(sizes[2:])


def test_a_result_stands_while_its_sources_and_answers_are_the_same() -> None:
    """By identity: a 1 in the place of a true is another value, although they are equal."""
    memory, made = Memory(), []

    def take(sources: tuple[object, ...], table: dict[str, object]) -> None:
        recall = Recall(memory)
        seen = recall.noted("table", table)

        def look() -> object:
            made.append("x" in seen)
            return seen.get("y")

        recall.result("key", look, *sources)
        recall.keep()

    one, text = object(), "text"
    steps: list[tuple[tuple[object, ...], dict[str, object], int]] = [
        ((one,), {"y": text}, 1),
        ((one,), {"y": text, "z": one}, 1),
        ((one,), {"y": text, "x": one}, 2),
        ((object(),), {"y": text, "x": text}, 3),
        ((one, one), {"y": True}, 4),
        ((one, one), {"y": 1}, 5),
    ]
    for sources, table, count in steps:
        take(sources, table)
        assert len(made) == count


def test_a_result_rests_on_what_those_inside_it_rest_on() -> None:
    """Also when the inner one was not worked out again."""
    memory = Memory()

    def total(table: dict[str, int]) -> int:
        recall = Recall(memory)
        seen = recall.noted("table", table)
        value = recall.result("outer", lambda: recall.result("inner", lambda: sum(seen.values())) + seen["a"] * 0)
        recall.keep()
        return value

    assert [total({"a": 1}), total({"a": 1, "b": 5}), total({"a": 1, "b": 7}), total({"a": 1})] == [1, 6, 8, 1]


def test_results_in_a_circle_are_not_kept() -> None:
    """Each would rest on where the circle was entered."""
    memory, made = Memory(), []

    def look() -> None:
        recall = Recall(memory)

        def inner() -> None:
            made.append(1)
            recall.do_not_keep()

        recall.result("outer", lambda: recall.result("inner", inner))
        recall.keep()

    look()
    look()
    assert len(made) == 2


def test_each_of_many_is_made_again_only_when_it_changed() -> None:
    """By the thing of its name, by what all have together, and by what it asked for; those that are equal are alike."""
    memory, made = Memory(), []
    shared, other = object(), object()

    def look(things: dict[str, tuple[int, ...]], common: object, table: dict[str, object]) -> list[str]:
        recall = Recall(memory)
        seen = recall.noted("table", table)
        known = recall.alike("sums", things)

        def make(name: str) -> int:
            made.append(name)
            return sum(known[name]) + (name in seen)

        found = recall.each("sums", make, known, common)
        assert found == [sum(numbers) + (name in table) for name, numbers in things.items()]
        recall.keep()
        again, made[:] = [*made], []
        return again

    def numbers(last: int) -> dict[str, tuple[int, ...]]:
        return {"a": (1, 2), "b": (3, last)}

    assert look(numbers(4), shared, {}) == ["a", "b"]
    assert look(numbers(4), shared, {}) == []
    assert look(numbers(5), shared, {}) == ["b"]
    assert look({**numbers(5), "c": ()}, shared, {"b": shared}) == ["b", "c"]
    assert look(numbers(5), shared, {"b": shared, "z": shared}) == []
    assert look(numbers(5), other, {"b": shared}) == ["a", "b"]
