"""What `runner init` can make: each template is a folder beside this file, and a row here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
IGNORE = "keeps the journal and secrets out of git"


@dataclass(frozen=True)
class Template:
    """A project to begin with: what it is, its files with what each is for, and what to try first."""

    about: str
    files: dict[str, str]
    steps: tuple[str, ...]


_REPLIES = "what the model answers, as long as no real one is set"
_SETTINGS = "models and permissions"
TEMPLATES = {
    "minimal": Template(
        "an agent, a pack of tools and a workflow; the place to begin",
        {
            "runner.yaml": "models, permissions, and what is used of what ships with runner",
            "agents.d/hello.yaml": "an agent: what it is told and which tools it has",
            "tools.d/machine.yaml": "a pack of tools: commands, with their parameters",
            "workflows/report.yaml": "a workflow: tool, agent, tool",
            "replies.yaml": _REPLIES,
            "notes.txt": "what the tool machine_notes reads",
            "tests/cases/notes.yaml": "a case that is tested: what is asked, and what has to come of it",
        },
        (
            'runner run hello "How is the disk?"',
            "runner up                # then edit agents.d/hello.yaml: the next run goes by it",
            "runner test              # the cases in tests/cases",
        ),
    ),
    "build": Template(
        "the shipped workflow from a request to a change whose checks pass, with a little code to mend",
        {
            "runner.yaml": "models, permissions, and the workflow std/build",
            "replies.yaml": _REPLIES,
            "app/greeting.py": "the code to mend",
            "app/tests/test_greeting.py": "its test, which fails",
            "app/pyproject.toml": "how the code is checked",
        },
        ('runner run build "Greet people properly" -i repo=app', "runner runs ls"),
    ),
    "devops": Template(
        "un agent DevOps en français pour cette machine et vos serveurs",
        {
            "runner.yaml": "models, permissions, your servers, and the agent std/devops",
            "replies.yaml": _REPLIES,
        },
        (
            'runner run devops "Quel est l\'état du disque ?"',
            'runner run devops "Pourquoi la machine est-elle si lente ?"',
            "runner up",
        ),
    ),
    "concierge": Template(
        "Alex, un concierge personnel en français, avec des notes",
        {
            "runner.yaml": _SETTINGS,
            "agents.d/alex.yaml": "the agent: its name, its manner, its tools",
            "tools.d/home.yaml": "a command and two functions in Python",
            "tools.d/home.py": "the functions",
            "replies.yaml": _REPLIES,
        },
        ('runner run alex "Retiens : arroser les plantes le jeudi"', 'runner run alex "Que disent mes notes ?"'),
    ),
    "music": Template(
        "une petite discothèque SQLite, cherchée par genre et par tempo",
        {
            "runner.yaml": "models, permissions, the database and what is used of what ships with runner",
            "agents.d/music.yaml": "the agent, in French",
            "data/music.sql": "the tracks; the database is made of it",
            "replies.yaml": _REPLIES,
        },
        ('runner run music "De l\'electro entre 120 et 130 BPM"', 'runner run music "Fais-en une liste"'),
    ),
}


def content(template: str, file: str) -> bytes:
    """The bytes of a file of a template; `.gitignore` is the same in all."""
    return (FOLDER / "gitignore" if file == ".gitignore" else FOLDER / template / file).read_bytes()
