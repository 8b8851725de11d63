"""The agent devops on a real OpenSSH server: everyday questions in French, answered by rule; acts ask before."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runner.engine.turns.meeting import met
from runner.project.project import Project
from tests import sshd
from tests.engine.acting import ended, parked, start, told
from tests.engine.house import House, Told
from tests.std import real_pm2

FOUR = (
    "Affiche-moi les processus PM2",
    "Quel est l'état du disque ?",
    "Montre-moi l'utilisation CPU et RAM",
    "Redémarre le service Nginx",
)
SYSTEMCTL = """\
#!/bin/sh
echo "$*" >> {calls}
case "$*" in *show*) echo Id=nginx.service; echo ActiveState=active; echo SubState=running ;; esac
"""
SETTINGS = """
use: [std/devops]
models: {{default: {{provider: scripted, replies: replies.yaml}}}}
hosts:
  web1: {web1}
  web2: {web2}
"""


@dataclass(frozen=True)
class Server:
    """A project of the agent, and what its servers' systemctl was told."""

    house: House
    calls: Path

    def ask(self, text: str, replies: str = "- {text: Le modèle répond.}") -> Told:
        """What a run tells in which nothing has to be asked."""
        self.house.write("replies.yaml", replies)
        return asyncio.run(self.house.run("devops", text=text))


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[sshd.Sshd], Path]]:
    """Two servers with a real PM2 and a systemctl that records its words, found first on their PATH."""
    folder = tmp_path_factory.mktemp("servers")
    with real_pm2.running(folder) as pm2:
        calls, programs = folder / "systemctl.calls", folder / "programs"
        programs.mkdir()
        for program in pm2.programs.iterdir():
            (programs / program.name).symlink_to(program.readlink())
        (programs / "systemctl").write_text(SYSTEMCTL.format(calls=calls))
        (programs / "systemctl").chmod(stat.S_IRWXU)
        view = f"bwrap --dev-bind / / --bind {programs} /usr/local/sbin --setenv PM2_HOME {pm2.home}"
        (folder / "keys").mkdir()
        with sshd.servers(
            folder / "keys", 2, settings=f'ForceCommand {view} -- /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n'
        ) as started:
            yield started, calls


@pytest.fixture
def server(tmp_path: Path, machines: tuple[list[sshd.Sshd], Path]) -> Server:
    """A project whose hosts are the two servers, web1 first."""
    started, calls = machines
    calls.write_text("")
    house = House(tmp_path)
    for name in ("tools.d/test.yaml", "tools.d/test.py", "agents.d/helper.yaml"):
        (tmp_path / name).unlink()
    rows = (f"{{address: 127.0.0.1, port: {one.port}, user: {one.user}, key: {one.key}}}" for one in started)
    house.write("runner.yaml", SETTINGS.format(web1=next(rows), web2=next(rows)))
    sshd.host_keys(tmp_path, started)
    return Server(house, calls)


@pytest.mark.parametrize(
    "sentence, tool, words",
    [
        (FOUR[0], "pm2_list", ["**PM2 — web1** : 1 application, 1 en ligne", "| 0 | api | en ligne |"]),
        (FOUR[1], "disk_usage", ["**Disques — web1**", "| Montage | Utilisé | Libre | Taille |", "Gio |"]),
        (FOUR[2], "resource_usage", ["**Processeur et mémoire — web1**", "| CPU |", "| RAM |", "| Swap |"]),
    ],
)
def test_a_question_is_answered_on_the_server_without_a_model(
    server: Server, sentence: str, tool: str, words: list[str]
) -> None:
    """In French, in a table, and the answer names the server."""
    run = server.ask(sentence)
    assert run.end.verdict == "pass"
    assert (run.of("model.requested"), run.of("approval.asked")) == ([], [])
    assert [(event.tool, event.target) for event in run.of("tool.called")] == [(tool, "web1")]
    assert all(one in run.end.output for one in words), run.end.output


@pytest.mark.parametrize("decision, calls", [("approve", "restart --no-ask-password -- nginx\n"), ("deny", "")])
def test_the_restart_asks_before_and_is_done_once_it_may(server: Server, decision: str, calls: str) -> None:
    """A person sees the exact words and where they run."""
    server.house.write("replies.yaml", "- {text: Je n'ai pas redémarré Nginx.}")

    async def scene() -> Told:
        async with server.house.engine() as engine:
            run = await start(engine, "devops", text=FOUR[3])
            (question,) = (await parked(engine, run)).of("approval.asked")
            (row,) = engine.store.approvals(run=run)
            assert "systemctl restart --no-ask-password -- nginx\non web1" in row.show
            assert (server.calls.read_text(), told(engine, run).of("tool.called")) == ("", [])
            await engine.decide(question.approval, "approve" if decision == "approve" else "deny", by="ada")
            return await ended(engine, run)

    run = asyncio.run(scene())
    assert server.calls.read_text() == calls
    if decision == "approve":
        assert run.end.output == "✓ Le service **nginx** est redémarré sur **web1**."
        assert run.of("model.requested") == []
    else:
        assert run.end.output == "Je n'ai pas redémarré Nginx."


CALLS = """
- when: {{turn: 1}}
  calls: [{{tool: {tool}, with: {with_}}}]
- {{text: "Voici, sur web2."}}
"""


@pytest.mark.parametrize("sentence, tool", [*zip(FOUR, ("pm2_list", "disk_usage", "resource_usage"), strict=False)])
def test_a_model_asks_the_same_by_calling_tools(server: Server, sentence: str, tool: str) -> None:
    """On the server that it names, for a sentence that no rule knows."""
    run = server.ask(f"S'il te plaît, et vite : {sentence}", CALLS.format(tool=tool, with_="{target: web2}"))
    assert [(event.tool, event.target) for event in run.of("tool.called")] == [(tool, "web2")]
    assert run.call("answer/1/turn-1/call-1").ok
    assert run.end.output == "Voici, sur web2."


def test_a_restart_by_a_model_asks_before(server: Server) -> None:
    """As the rule does."""
    server.house.write("replies.yaml", CALLS.format(tool="service_restart", with_="{name: nginx, target: web2}"))

    async def scene() -> Told:
        async with server.house.engine() as engine:
            run = await start(engine, "devops", text="Nginx ne répond plus, redémarre le service")
            (question,) = (await parked(engine, run)).of("approval.asked")
            assert server.calls.read_text() == ""
            await engine.decide(question.approval, "approve", by="ada")
            return await ended(engine, run)

    assert asyncio.run(scene()).end.output == "Voici, sur web2."
    assert server.calls.read_text() == "restart --no-ask-password -- nginx\n"


def test_the_server_is_the_one_that_the_sentence_names(server: Server) -> None:
    """In any case; one that is not known is for the model, and nothing runs elsewhere instead."""
    assert "**Disques — web2**" in server.ask("Quel est l'état du disque sur Web2 ?").end.output
    run = server.ask("Quel est l'état du disque sur web3 ?")
    assert (run.end.output, run.of("tool.called")) == ("Le modèle répond.", [])


def test_the_secrets_of_applications_stay_on_the_server(server: Server) -> None:
    """PM2 prints them; no event of the run holds one."""
    run = server.ask(FOUR[0])
    assert real_pm2.SECRET not in json.dumps([event.model_dump(mode="json") for event in run.events])


EVERYDAY: list[tuple[str, str, dict[str, Any]]] = [
    ("État du disque", "disk_usage", {}),
    ("espace disque", "disk_usage", {}),
    ("Combien de place reste-t-il sur le disque de web2 ?", "disk_usage", {"target": "web2"}),
    ("CPU et RAM", "resource_usage", {}),
    ("utilisation de la mémoire", "memory_usage", {}),
    ("mémoire", "memory_usage", {}),
    ("Utilisation du CPU sur web2", "cpu_usage", {"target": "web2"}),
    ("Quelle est la charge du serveur ?", "uptime", {}),
    ("uptime", "uptime", {}),
    ("Depuis quand tourne le serveur ?", "uptime", {}),
    ("Quelle est la température ?", "temperature", {}),
    ("version de Debian", "os_release", {}),
    ("Qui est connecté ?", "users_logged_in", {}),
    ("Y a-t-il des mises à jour ?", "package_updates", {}),
    ("Faut-il redémarrer le serveur ?", "reboot_required", {}),
    ("Processus en cours", "process_list", {}),
    ("Quels services sont actifs ?", "services_list", {"state": "running"}),
    ("Services actifs", "services_list", {"state": "running"}),
    ("Quels services sont en échec ?", "services_list", {"state": "failed"}),
    ("Statut de nginx", "service_status", {"name": "nginx"}),
    ("Quel est l'état du service SSH sur web2 ?", "service_status", {"name": "ssh", "target": "web2"}),
    ("redémarre nginx sur web2", "service_restart", {"name": "nginx", "target": "web2"}),
    ("Démarre le service redis", "service_start", {"name": "redis"}),
    ("arrête redis", "service_stop", {"name": "redis"}),
    ("Logs de cron", "journal_logs", {"unit": "cron", "lines": 30}),
    ("Montre-moi les logs du service cron", "journal_logs", {"unit": "cron", "lines": 30}),
    ("état de PM2", "pm2_list", {}),
    ("pm2 list", "pm2_list", {}),
    ("Redémarre l'application api", "pm2_restart", {"name": "api"}),
    ("logs de l'application api", "pm2_logs", {"name": "api"}),
    ("Logs nginx", "nginx_access_log", {}),
    ("Montre-moi les erreurs de Nginx", "nginx_error_log", {}),
    ("erreurs nginx", "nginx_error_log", {}),
    ("Trafic de nginx", "nginx_traffic", {}),
    ("Teste la configuration de nginx", "nginx_test", {}),
    ("Sites nginx", "nginx_sites", {}),
    ("Recharge nginx", "nginx_reload", {}),
    ("Conteneurs Docker", "docker_containers", {}),
    ("Quelles sont les images Docker ?", "docker_images", {}),
    ("Logs du conteneur front", "docker_logs", {"name": "front"}),
    ("Redémarre le conteneur front", "docker_restart", {"name": "front"}),
    ("Arrête le conteneur front sur web2", "docker_stop", {"name": "front", "target": "web2"}),
    ("Ports ouverts", "open_ports", {}),
    ("ping exemple.fr", "ping", {"host": "exemple.fr"}),
    ("Certificat de exemple.fr", "certificate_show", {"host": "exemple.fr"}),
    ("Débit réseau", "bandwidth", {}),
    ("Ne redémarre pas nginx", "", {}),
    ("Redémarre nginx ou apache", "", {}),
    ("Redémarre tous les services lents", "", {}),
    ("Pourquoi le site est-il lent ?", "", {}),
]


@pytest.fixture
def project(server: Server) -> Project:
    """The project as it was read."""
    server.house.write("replies.yaml", "- {text: Non.}")
    return server.house.load()


def test_everyday_sentences_are_rules(project: Project) -> None:
    """Each calls what is meant, and what is doubtful goes to the model."""
    rules = {sentence: met(project, project.agents["devops"], sentence, "p") for sentence, _, _ in EVERYDAY}
    found = [(sentence, rule.tool if rule else "", rule.arguments if rule else {}) for sentence, rule in rules.items()]
    assert found == EVERYDAY


def test_the_agent_has_what_it_suggests_by_rule(project: Project) -> None:
    """A suggestion is answered at once."""
    agent = project.agents["devops"]
    assert all(met(project, agent, text, "p") for text in agent.spec.suggestions)
    assert len(agent.spec.intents) >= 20
    assert (agent.targets[0], agent.targets[-1]) == ("web1", "local")


@pytest.mark.parametrize(
    "sentence",
    [
        "Mémoire",
        "CPU",
        "Charge",
        "Température",
        "Système",
        "Qui est connecté ?",
        "Processus",
        "Ports ouverts",
        "Débit réseau",
    ],
)
def test_questions_about_the_machine_are_answered_by_the_real_one(server: Server, sentence: str) -> None:
    """Each reply is rendered from what the server said, and names it."""
    run = server.ask(sentence)
    assert (run.of("model.requested"), "— web1**" in run.end.output) == ([], True), run.end


def test_what_cannot_be_done_is_told_by_the_model(server: Server) -> None:
    """It reads the error and its hint."""
    replies = '- {when: {contains: "apt install docker"}, text: Docker ne répond pas.}\n- {text: Autre chose.}'
    assert server.ask("Conteneurs docker", replies).end.output == "Docker ne répond pas."
