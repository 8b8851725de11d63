"""A project under git whose every file names the save it is of, and all the ways in which people change files."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.git.repository import git
from tests.reload.ledger import Ledger

BRANCHES = ("main", "other")
FILES = {
    "runner.yaml": "# {mark}\nmodels: {{default: {{provider: scripted, replies: replies.yaml}}}}\n"
    "limits: {{concurrent_runs: 40}}\n",
    "replies.yaml": "- {{text: 'reply {mark}'}}\n",
    "agents.d/teller.yaml": "description: Tells.\nprompt: Say teller {mark}.\n"
    "permissions: [{{risk: danger, action: deny}}]\n",
    "agents.d/second.yaml": "description: Tells more.\nprompt: Say second {mark}.\nlimits: {{turns: 3}}\n",
    "tools.d/marks.yaml": "description: Marks.\ndefaults: {{risk: read, timeout: 1m}}\ntools:\n"
    "  code: {{description: From code., python: 'marks:mark'}}\n"
    "  line: {{description: From a line., command: [echo, 'line {mark}']}}\n",
    "tools.d/marks.py": '"""Marks."""\n\nMARK = "code {mark}"\n\n\ndef mark() -> dict[str, str]:\n'
    '    """The mark."""\n    return {{"text": MARK}}\n',
    "workflows/story.yaml": "description: Tells what it is of.\nphases:\n"
    "  first: {{agent: teller, message: 'story {mark}'}}\n  pause: {{wait: {{for: 500ms}}}}\n"
    "  code: {{tool: code}}\n  line: {{tool: line}}\n  rest: {{wait: {{for: 1s}}}}\n"
    "  second: {{agent: second, message: 'story {mark}'}}\n  nap: {{wait: {{for: 500ms}}}}\n"
    "  again: {{tool: code}}\n  last: {{tool: line}}\n",
}
"""The project; `{mark}` names the save that a file is of."""
OWN = {
    "main": {"agents.d/extra.yaml": "description: Of main.\nprompt: Say extra {mark}.\n"},
    "other": {
        "agents.d/prompts/tone.yaml": "description: A tone.\ntemplate: Kindly {mark}.\n",
        "workflows/more.yaml": "description: Of other.\nphases:\n  a: {{agent: teller, message: 'more {mark}'}}\n",
    },
}
"""What only one of the branches has."""
MISTAKES = ("tols: []\n", "  - {\n", "description: Twice.\n", "\tx: 1\n", "prompt: [\n", "x y z\n")
SELDOM = {"tools.d/marks.py": 0.15, "runner.yaml": 0.3}
"""Files that are chosen less often: a new process must run the one, the other is everybody's."""


class Site:
    """The files, and the ledger of what was in them; each way to change them leaves both agreeing."""

    def __init__(self, root: Path, dice: random.Random) -> None:
        self.root = root
        self.ledger = Ledger()
        self._dice = dice
        self._marks = 0
        self._broken: set[str] = set()
        self._commit_branches()

    def act(self) -> str:
        """Change something in one of the ways, chosen by the dice; its name. What is broken is mostly mended first."""
        if self._broken and self._dice.random() < 0.7:
            self.mend()
        ways: dict[Callable[[], None], int] = {
            self.save: 50,
            self.tear: 20,
            self.check_out: 10,
            self.rename: 8,
            self.make_folder_again: 4,
            self.move_folder: 4,
        }
        (way,) = self._dice.choices(list(ways), list(ways.values()))
        way()
        return way.__name__

    def save(self) -> None:
        """Save a file, half the time a broken one, as editors do."""
        name = self._any()
        how = self._dice.choice((self._in_place, self._renamed, self._as_vim))
        how(name, self._text(name, is_broken=self._dice.random() < 0.5))

    def mend(self) -> None:
        """Save every broken file whole."""
        for name in sorted(self._broken):
            if self.ledger.content(name) is not None:
                self._in_place(name, self._text(name))
        self._broken.clear()

    def mend_all(self) -> None:
        """Make every file whole, also those that are not there."""
        for name in FILES:
            self._in_place(name, self._text(name))
        self.mend()

    def tear(self) -> None:
        """Save a file in two halves, cut at a line's end, where the half is often good by itself.

        A program that holds the file open between them may take its time; one that closes it has 40 ms.
        """
        name = self._any()
        text = self._text(name, is_broken=self._dice.random() < 0.2)
        lines = text.splitlines(keepends=True)
        cut = len("".join(lines[: self._dice.randrange(1, len(lines) + 1)])) - self._dice.choice((0, 0, 1))
        self.ledger.begin(name)
        with self._path(name).open("w") as file:
            file.write(text[:cut])
            file.flush()
            if self._dice.random() < 0.5:
                time.sleep(self._dice.uniform(0.0, 0.2))
                file.write(text[cut:])
        if self._on_disk(name) != text.encode():
            time.sleep(self._dice.uniform(0.0, 0.04))
            with self._path(name).open("a") as file:
                file.write(text[cut:])
        self.ledger.end({name: text.encode()})

    def check_out(self) -> None:
        """Change to a branch, whatever was there."""
        names = self.ledger.names()
        self.ledger.begin(*names)
        git(self.root, "checkout", "-qf", self._dice.choice(BRANCHES))
        self.ledger.end({name: self._on_disk(name) for name in names})
        self._broken = {name for name in self._broken if git(self.root, "ls-files", "--", name) == ""}

    def rename(self) -> None:
        """Give a file that nobody names another name, and back."""
        both = ("agents.d/extra.yaml", "agents.d/renamed.yaml")
        for old, new in (both, both[::-1]):
            content = self.ledger.content(old)
            if content is not None:
                self.ledger.begin(old, new)
                self._path(old).rename(self._path(new))
                self.ledger.end({old: None, new: content})
                return

    def make_folder_again(self) -> None:
        """Delete a folder with all in it; after a while make it again, one file after the other."""
        inside = self._below(self._dice.choice(("agents.d", "tools.d", "workflows")))
        self.ledger.begin(*inside)
        shutil.rmtree(self._path(inside[0].partition("/")[0]))
        self.ledger.end(dict.fromkeys(inside))
        time.sleep(self._dice.uniform(0.0, 0.2))
        for name in inside:
            self._in_place(name, self._text(name))
        self._broken -= set(inside)

    def move_folder(self) -> None:
        """Move a folder away, and after a while back."""
        folder = self._dice.choice(("agents.d", "tools.d", "workflows"))
        contents = {name: self.ledger.content(name) for name in self._below(folder)}
        self.ledger.begin(*contents)
        self._path(folder).rename(self.root / "away")
        self.ledger.end(dict.fromkeys(contents))
        time.sleep(self._dice.uniform(0.0, 0.2))
        self.ledger.begin(*contents)
        (self.root / "away").rename(self._path(folder))
        self.ledger.end(contents)

    # ---------------------------------------------------------------------------------------------- ways to save

    def _in_place(self, name: str, text: str) -> None:
        self.ledger.begin(name)
        self._path(name).parent.mkdir(parents=True, exist_ok=True)
        self._path(name).write_text(text)
        self.ledger.end({name: text.encode()})

    def _renamed(self, name: str, text: str) -> None:
        fresh = self._path(name).with_name(f".{Path(name).name}.tmp")
        fresh.write_text(text)
        self.ledger.begin(name)
        fresh.replace(self._path(name))
        self.ledger.end({name: text.encode()})

    def _as_vim(self, name: str, text: str) -> None:
        path, backup = self._path(name), self._path(f"{name}~")
        path.with_name("4913").touch()
        path.with_name("4913").unlink()
        self.ledger.begin(name)
        path.rename(backup)
        self.ledger.end({name: None})
        self.ledger.begin(name)
        with path.open("w") as file:
            file.write(text)
            os.fsync(file.fileno())
        self.ledger.end({name: text.encode()})
        backup.unlink()

    # ------------------------------------------------------------------------------------------------- the files

    def _any(self) -> str:
        names = [name for name in sorted(self.ledger.names()) if self.ledger.content(name) is not None]
        return self._dice.choices(names, [SELDOM.get(name, 1.0) for name in names])[0]

    def _text(self, name: str, *, is_broken: bool = False) -> str:
        """The next version of a file."""
        self._marks += 1
        whole = {**FILES, **OWN["main"], **OWN["other"], "agents.d/renamed.yaml": OWN["main"]["agents.d/extra.yaml"]}
        text = whole[name].format(mark=f"m{self._marks}x")
        if not is_broken or name.endswith(".py"):
            self._broken.discard(name)
            return text
        self._broken.add(name)
        return text + self._dice.choice(MISTAKES)

    def _below(self, folder: str) -> list[str]:
        """The files of a folder that are there, those of its own first."""
        names = [name for name in self.ledger.names() if name.startswith(f"{folder}/")]
        return sorted(name for name in names if self.ledger.content(name) is not None)

    def _on_disk(self, name: str) -> bytes | None:
        path = self._path(name)
        return path.read_bytes() if path.is_file() else None

    def _path(self, name: str) -> Path:
        return self.root / name

    def _commit_branches(self) -> None:
        self.root.mkdir()
        git(self.root, "init", "-q")
        for branch in BRANCHES:
            git(self.root, "checkout", "-q", "--orphan", branch)
            for name in FILES | OWN[branch]:
                self._in_place(name, self._text(name))
            git(self.root, "add", "-A", "--", "runner.yaml", "replies.yaml", "agents.d", "tools.d", "workflows")
            git(self.root, "commit", "-qm", branch)
        self.check_out()
