"""Which agent answers a message: phrases, likeness, what was learned, a model in close calls, the fallback."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.engine.routing.router import Routed, among, route, settled
from runner.errors import ModelFailed
from runner.project.load import load
from runner.project.sources import Disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runner.project.project import Project

RUNNER = """
use: [std/music, std/music-search, std/music-playlist, std/smalltalk]
models: {default: {provider: scripted, replies: replies.yaml}}
resources: {music: {sqlite: music.db}}
"""
DEVOPS = """
description: "Expert des serveurs : services, disques, processus, journaux."
prompt: P.
tools: [restart, usage]
examples:
  - {user: Quel est l'état du disque ?, answer: Bon.}
  - {user: Affiche-moi les processus PM2, answer: Voici.}
  - {user: Montre les journaux de nginx, answer: Voici.}
intents:
  - {say: ["redémarre {name}"], tool: restart}
  - {say: [espace disque], tool: usage}
suggestions: [Processus en cours, État du disque, CPU et RAM, Services actifs]
"""
OFFICE = """
description: Répond aux questions sur les factures, les devis et les clients.
prompt: P.
examples:
  - {user: Combien nous doit la société Martin ?, answer: Rien.}
  - {user: Prépare un devis pour trois journées de conseil, answer: Voici.}
suggestions: [Factures impayées, Chiffre d'affaires du mois]
"""
TOOLS = """
description: Own.
tools:
  restart: {description: Restarts., command: [echo, "{{ name }}"], params: {name: str}, risk: read}
  usage: {description: Tells., command: [df], risk: read}
"""
FILES = {
    "runner.yaml": RUNNER,
    "replies.yaml": "- text: x\n",
    "agents.d/devops.yaml": DEVOPS,
    "agents.d/office.yaml": OFFICE,
    "tools.d/own.yaml": TOOLS,
}
SENTENCES = [
    ("music-search", "Je cherche de la musique énergique"),
    ("music-search", "je cherche de la MUSIQUE energique"),
    ("music-search", "Trouve-moi du jazz calme pour ce soir"),
    ("music-search", "De l'électro entre 110 et 125 BPM"),
    ("music-search", "As-tu des titres qui ressemblent à Néon sur la Seine ?"),
    ("music-search", "je voudrais écouter quelque chose de calme"),
    ("music-search", "de la musique douce"),
    ("music-playlist", "Crée une playlist pour courir"),
    ("music-playlist", "Fais une liste de lecture pour une soirée"),
    ("music-playlist", "Ajoute deux titres à la liste soirée"),
    ("music-playlist", "Compose-moi une playlist jazz"),
    ("music-playlist", "ajoute-y du rock"),
    ("music-playlist", "Mets ces titres dans une nouvelle liste"),
    ("smalltalk", "Bonjour, ça va ?"),
    ("smalltalk", "Bonjour !"),
    ("smalltalk", "Salut, comment vas-tu ?"),
    ("smalltalk", "merci"),
    ("smalltalk", "Merci beaucoup pour ton aide"),
    ("smalltalk", "bonsoir et merci"),
    ("devops", "Montre-moi l'utilisation CPU et RAM"),
    ("devops", "redémarre le service nginx"),
    ("devops", "Quel est l'espace disque sur web1 ?"),
    ("devops", "liste des processus"),
    ("devops", "les journaux d'apache"),
    ("devops", "quels services sont actifs ?"),
    ("office", "Quelles factures sont impayées ?"),
    ("office", "Combien nous doit le client Dupont ?"),
    ("office", "prépare un devis pour la société Durand"),
    ("office", "le chiffre d'affaires de mars"),
    ("", "Quelle est la capitale du Pérou ?"),
    ("", "Traduis ce poème en allemand"),
    ("", "Quel temps fera-t-il demain à Lyon ?"),
    ("", "What is the meaning of life?"),
    ("", "quels morceaux de rock as-tu ?"),
    ("", "asdf qwerty"),
    ("", "?"),
]
TWINS = {
    "agents.d/anna.yaml": "description: A.\nprompt: P.\nsuggestions: [Plante des tulipes rouges]\n",
    "agents.d/bert.yaml": "description: B.\nprompt: P.\nsuggestions: [Plante des tulipes jaunes]\n",
}
EITHER = "plante des tulipes"


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """The project, with some keys of runner.yaml and some files besides."""

    def make(keys: str = "", files: dict[str, str] | None = None) -> Project:
        for name, text in {**FILES, "runner.yaml": RUNNER + keys, **(files or {})}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        loaded = load(Disk(tmp_path), tmp_path)
        assert loaded.project is not None, loaded.problems
        return loaded.project

    return make


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of nothing but what ships."""
    names = (
        "system",
        "network",
        "nginx",
        "docker",
        "pm2",
        "devops",
        "music",
        "music-search",
        "music-playlist",
        "smalltalk",
    )
    root = tmp_path_factory.mktemp("shipped")
    used = RUNNER.replace(RUNNER.splitlines()[1], f"use: [{', '.join(f'std/{name}' for name in names)}]")
    for name, text in {"runner.yaml": used, "replies.yaml": "- text: x\n"}.items():
        (root / name).write_text(text)
    loaded = load(Disk(root), root)
    assert loaded.project is not None, loaded.problems
    return loaded.project


def score(routed: Routed, agent: str) -> float:
    """What an agent scored."""
    return next(one.score for one in routed.candidates if one.agent == agent)


def test_sentences_find_their_agent(project: Callable[..., Project]) -> None:
    """Of five; what is for none of them finds none."""
    files = project()
    found = [(route(files, text, {}).agent, text) for _, text in SENTENCES]
    assert found == SENTENCES


@pytest.mark.parametrize(
    "text, agent, how",
    [
        ("Affiche-moi les processus PM2", "devops", "intent"),
        ("Quel est l'état du disque ?", "devops", "intent"),
        ("Montre-moi l'utilisation CPU et RAM", "devops", "intent"),
        ("Redémarre le service Nginx", "devops", "intent"),
        ("le site est lent, que se passe-t-il ?", "devops", "similarity"),
        ("Je cherche de la musique énergique", "music-search", "similarity"),
        ("Crée une playlist pour courir", "music-playlist", "similarity"),
        ("Bonjour, ça va ?", "smalltalk", "similarity"),
    ],
)
def test_agents_that_ship_find_their_messages(shipped: Project, text: str, agent: str, how: str) -> None:
    """As their files stand."""
    routed = route(shipped, text, {})
    assert (routed.agent, routed.how) == (agent, how)


def test_a_whole_phrase_is_certain(project: Callable[..., Project]) -> None:
    """Its agent scores 1, whatever was learned and whatever else is like it."""
    routed = route(project(), "Redémarre nginx !", {"devops": (0, 1000), "music-search": (1000, 1000)})
    assert (routed.agent, routed.how) == ("devops", "intent")
    assert routed.reason == "the message is a phrase of it: redémarre {name}"
    assert (routed.candidates[0].similarity, routed.candidates[0].kind) == (1.0, "intent")


def test_of_two_phrases_the_one_that_leaves_less_open_counts(project: Callable[..., Project]) -> None:
    """The words of a slot are anybody's."""
    files = {
        "agents.d/player.yaml": (
            "description: Joue.\nprompt: P.\ntools: [usage]\nintents: [{say: [redémarre la musique], tool: usage}]\n"
        )
    }
    assert route(project(files=files), "redémarre la musique", {"devops": (100, 100)}).agent == "player"
    assert route(project(files=files), "redémarre la base", {}).agent == "devops"


def test_an_example_said_again_is_as_like_as_can_be(project: Callable[..., Project]) -> None:
    """And what was nearest is told, with the words that both have."""
    best = route(project(), "quel est l'etat du disque", {}).candidates[0]
    assert (best.agent, best.kind, best.nearest) == ("devops", "example", "Quel est l'état du disque ?")
    assert best.similarity == pytest.approx(1)
    assert best.words == ("etat", "disque")


def test_a_doubt_in_a_phrase_is_no_phrase(project: Callable[..., Project]) -> None:
    """It is like one, and goes to the same agent, whose model reads it."""
    routed = route(project(), "redémarre nginx mais pas maintenant", {})
    assert (routed.agent, routed.how, routed.candidates[0].kind) == ("devops", "similarity", "phrase")


def test_equals_are_chosen_by_name(project: Callable[..., Project]) -> None:
    """The same each time."""
    routed = route(project(files=TWINS), EITHER, {})
    assert (routed.agent, routed.how) == ("anna", "similarity")
    assert "a close call with bert" in routed.reason
    assert score(routed, "anna") == score(routed, "bert")


def test_learned_success_decides_a_close_call(project: Callable[..., Project]) -> None:
    """And is told with its counts."""
    routed = route(project(files=TWINS), EITHER, {"anna": (3, 20), "bert": (19, 20)})
    assert (routed.agent, routed.how) == ("bert", "learned")
    assert "19 of 20 runs of bert passed, and 3 of 20 runs of anna" in routed.reason
    best = routed.candidates[0]
    assert (best.agent, best.passed, best.runs) == ("bert", 19, 20)
    assert 0 < best.shift < 0.05


def test_a_few_runs_say_little(project: Callable[..., Project]) -> None:
    """One run that failed weighs less than a hundred."""
    one = route(project(files=TWINS), EITHER, {"anna": (0, 1)})
    many = route(project(files=TWINS), EITHER, {"anna": (0, 100)})
    shifts = [next(two.shift for two in each.candidates if two.agent == "anna") for each in (one, many)]
    assert -0.05 < shifts[1] < shifts[0] < 0


def test_what_was_learned_never_overrides_what_is_clear(project: Callable[..., Project]) -> None:
    """The best history there can be against the worst: who is ahead by more than the margin stays ahead."""
    files, clear = project(), 0
    for agent, text in SENTENCES:
        plain = {one.agent: one.similarity for one in route(files, text, {}).candidates}
        lead = plain.pop(agent, 0.0) - max(plain.values())
        if lead > files.settings.router.margin:
            clear += 1
            learned = {agent: (0, 10**9), **dict.fromkeys(plain, (10**9, 10**9))}
            assert route(files, text, learned).agent == agent
    assert clear >= 25


def test_what_was_learned_makes_nobody_fit(project: Callable[..., Project]) -> None:
    """The threshold is for what the files say."""
    learned = dict.fromkeys(("music-search", "smalltalk", "devops"), (10**9, 10**9))
    assert route(project("router: {margin: 1}\n"), "Quelle est la capitale du Pérou ?", learned).agent == ""


def test_nothing_is_learned_when_files_say_so(project: Callable[..., Project]) -> None:
    """With `learn: false`, or without a margin."""
    learned = {"anna": (0, 1000), "bert": (1000, 1000)}
    for keys in ("learn: false\n", "router: {margin: 0}\n"):
        routed = route(project(keys, TWINS), EITHER, learned)
        assert (routed.agent, {one.shift for one in routed.candidates}) == ("anna", {0.0})


def test_a_fallback_answers_what_fits_nobody(project: Callable[..., Project]) -> None:
    """With the reason; without one the answer is that none fits."""
    text = "Quelle est la capitale du Pérou ?"
    routed = route(project("router: {fallback: smalltalk}\n"), text, {})
    assert (routed.agent, routed.how) == ("smalltalk", "fallback")
    assert routed.reason.startswith("no agent fits, as none has a similarity of 0.2")
    nobody = route(project(), text, {})
    assert (nobody.agent, nobody.how) == ("", "none")


def test_files_say_how_near_is_near_enough(project: Callable[..., Project]) -> None:
    """A threshold above every likeness leaves phrases alone."""
    files = project("router: {threshold: 1, fallback: office}\n")
    assert route(files, "Merci beaucoup pour ton aide", {}).agent == "office"
    assert route(files, "redémarre nginx", {}).how == "intent"


def test_only_chosen_agents_are_chosen_from(project: Callable[..., Project]) -> None:
    """A fallback need not be one of them."""
    files = project('router: {agents: ["*", -devops, -smalltalk], fallback: smalltalk}\n')
    assert sorted(among(files)) == ["music-playlist", "music-search", "office"]
    assert route(files, "redémarre nginx", {}).agent == "smalltalk"
    assert {one.agent for one in route(files, "x", {}).candidates} == set(among(files))


def test_a_project_without_agents_has_none_that_fits(tmp_path: Path) -> None:
    """And says so."""
    (tmp_path / "runner.yaml").write_text("models: {}\n")
    project = load(Disk(tmp_path), tmp_path).project
    assert project is not None
    assert route(project, "Bonjour", {}) == Routed("", "none", "no agent fits, as none has a similarity of 0.2", ())


class Chooser:
    """A model that always says the same."""

    def __init__(self, says: str | ModelFailed) -> None:
        self.says = says
        self.asked: list[str] = []

    async def __call__(self, question: str) -> str:
        """Answer."""
        self.asked.append(question)
        if isinstance(self.says, ModelFailed):
            raise self.says
        return self.says


def close_call(project: Callable[..., Project], says: str | ModelFailed, **learned: tuple[int, int]) -> Any:
    """What a close call comes to, and what was asked."""
    files, chooser = project("router: {model: default}\n", TWINS), Chooser(says)
    routed = route(files, EITHER, learned)
    return asyncio.run(settled(routed, files, EITHER, chooser)), chooser.asked


def test_a_model_breaks_a_tie(project: Callable[..., Project]) -> None:
    """It is told who they are and what was said, and nothing of the others."""
    routed, (question,) = close_call(project, "Bert.\n")
    assert (routed.agent, routed.how, routed.close) == ("bert", "model", ())
    assert routed.reason == "a close call between anna, bert: default chose"
    assert question.endswith("- anna: A.\n- bert: B.\n\nMessage:\nplante des tulipes")


@pytest.mark.parametrize("says", ["devops", "anna or bert", "", "I cannot say", "smalltalk; drop table"])
def test_a_model_can_choose_nobody_else(project: Callable[..., Project], says: str) -> None:
    """Then the order stands."""
    routed, _ = close_call(project, says)
    assert (routed.agent, routed.how) == ("anna", "similarity")
    assert routed.reason.endswith("; default was asked and named none of anna, bert")


def test_a_model_that_fails_changes_nothing(project: Callable[..., Project]) -> None:
    """What befell it is told."""
    routed, _ = close_call(project, ModelFailed("no connection"), anna=(0, 100))
    assert (routed.agent, routed.how) == ("bert", "learned")
    assert routed.reason.endswith("; default gave no answer: no connection")


def test_no_model_is_asked_about_what_is_clear(project: Callable[..., Project]) -> None:
    """Nor where the files name none."""
    files, chooser = project("router: {model: default}\n", TWINS), Chooser("bert")
    clear = route(files, "Merci beaucoup", {})
    assert clear.close == ()
    assert asyncio.run(settled(clear, files, "Merci beaucoup", chooser)) == clear
    assert route(project("", TWINS), EITHER, {}).close == ()
    assert chooser.asked == []


def test_the_same_message_gets_the_same_answer(project: Callable[..., Project]) -> None:
    """To the last figure, in whatever order agents stand."""
    files = project(files=TWINS)
    turned = replace(files, agents={name: files.agents[name] for name in sorted(files.agents, reverse=True)})
    for text in (EITHER, "Bonjour", "redémarre nginx", "zzz"):
        assert route(files, text, {}) == route(files, text, {}) == route(turned, text, {})
