"""Inventories of Ansible in both forms: what is read, what wins, and what is a fault in which line."""

from __future__ import annotations

import pytest

from runner.targets.hosts.inventory import merged, read_inventory, spread
from runner.targets.hosts.spec import HostSpec

INI = b"""\
# of the whole house
gate ansible_host=192.0.2.1 ansible_user=admin   # the way in
[web]
web[01:03].example.org ansible_port=2222
[db]
db-[a:b]
db-c:2200 ansible_host="10.0.0.9"
localhost ansible_connection=local
[prod:children]
web
db
[prod:vars]
ansible_user=deploy
ansible_ssh_private_key_file='~/.ssh/prod key'
[db:vars]
ansible_user=postgres
ansible_become_password=${DB_SUDO}
[all:vars]
ansible_port=22
ansible_python_interpreter=/usr/bin/python3
"""
YAML = b"""\
all:
  vars: {ansible_port: 22, ansible_python_interpreter: /usr/bin/python3}
  hosts:
    gate: {ansible_host: 192.0.2.1, ansible_user: admin}
  children:
    prod:
      vars: {ansible_user: deploy, ansible_ssh_private_key_file: ~/.ssh/prod key}
      children:
        web:
          hosts:
            web[01:03].example.org: {ansible_port: 2222}
        db:
          hosts:
            db-[a:b]:
            db-c: {ansible_host: 10.0.0.9, ansible_port: 2200, tags: [a]}
            localhost: {ansible_connection: local}
          vars: {ansible_user: postgres, ansible_become_password: "${DB_SUDO}"}
"""
KEY = "~/.ssh/prod key"
WEB = HostSpec(port=2222, user="deploy", key=KEY, groups=("web", "prod"))
DB = HostSpec(port=22, user="postgres", key=KEY, sudo_password="${DB_SUDO}", groups=("db", "prod"))
HOSTS = {
    "gate": HostSpec(address="192.0.2.1", port=22, user="admin"),
    **{f"web0{number}.example.org": WEB for number in (1, 2, 3)},
    "db-a": DB,
    "db-b": DB,
    "db-c": DB.model_copy(update={"port": 2200, "address": "10.0.0.9"}),
}


@pytest.mark.parametrize("content, name", [(INI, "hosts"), (INI, "hosts.ini"), (YAML, "hosts.yaml")])
def test_both_forms_say_the_same(content: bytes, name: str) -> None:
    """Ranges, ports, children, variables of groups; what is nearer to the host wins."""
    found = read_inventory(content, name)
    assert found.faults == []
    assert found.hosts == HOSTS


def test_what_runner_yaml_says_wins() -> None:
    """Field by field; groups are added up."""
    inventory = read_inventory(INI, "hosts.ini")
    hosts = merged({"gate": HostSpec(user="root", groups=("dmz",)), "own": HostSpec()}, inventory)
    assert hosts["gate"] == HostSpec(address="192.0.2.1", port=22, user="root", groups=("dmz",))
    assert list(hosts)[:2] == ["gate", "own"]
    assert merged({"own": HostSpec()}, None) == {"own": HostSpec()}


@pytest.mark.parametrize(
    "pattern, names",
    [
        ("web", ["web"]),
        ("w[1:3]", ["w1", "w2", "w3"]),
        ("w[01:10:4]x", ["w01x", "w05x", "w09x"]),
        ("[a:c]-[1:2]", ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"]),
    ],
)
def test_ranges_stand_for_names(pattern: str, names: list[str]) -> None:
    """As Ansible spreads them."""
    assert spread(pattern) == names


@pytest.mark.parametrize(
    "name, content, line, words",
    [
        ("h", b"[web]\nweb1 ansible_port=none\n", 2, "ansible_port is `none`, which is no port"),
        ("h", b"[web]\n\nweb1 ansible_port=70000\n", 3, "less than or equal to 65535"),
        ("h", b"web1 user\n", 1, "`user` stands behind the host and has no `=`"),
        ("h", b"web1 a='x\n", 1, "No closing quotation"),
        ("h", b"[web\nweb1\n", 1, "the heading cannot be read"),
        ("h", b"[web:hosts]\n", 1, "the heading cannot be read"),
        ("h", b"[web:vars]\nansible_user deploy\n", 2, "the line has no `=`"),
        ("h", b"w[1-3]\n", 1, "`[1-3]` is no range"),
        ("h", b"w[1:99999]\n", 1, "more than 10,000 hosts"),
        ("h", b"w[1:100][1:100][1:100]\n", 1, "more than 10,000 hosts"),
        ("h", b"w[3:1]\n", 1, "no host"),
        ("h", b"local\n", 1, "no host can be called `local`"),
        ("h", b"web1 ansible_password=hunter2\n", 1, "ansible_password is a password, which no file may hold"),
        ("h", b"[web servers]\nweb1\n", 2, "`web servers` is no group's name"),
        ("h", b"web1\nweb\xff\n", 2, "no UTF-8 text"),
        ("h.yml", b"all:\n  hosts:\n    web1: {a: [}\n", 3, "the YAML cannot be read"),
        ("h.yml", b"- web1\n", 1, "expected a mapping of groups"),
        ("h.yml", b"all:\n  hosts: [web1]\n", 2, "expected a mapping of hosts"),
        ("h.yml", b"all:\n  host:\n    web1:\n", 2, "`host` is no key of a group"),
        ("h.yml", b"all:\n  hosts: &a\n    web1:\n  children: *a\n", 4, "an alias is not read here"),
        ("h.yml", b"[" * 40, 1, "it is nested too deep"),
        ("h.yml", b"all:\n  hosts:\n    web1: {ansible_password: !vault abc}\n", 3, "which no file may hold"),
    ],
)
def test_each_fault_has_its_line(name: str, content: bytes, line: int, words: str) -> None:
    """The rest is read on."""
    found = read_inventory(content, name)
    assert [(fault.line, words in fault.what) for fault in found.faults] == [(line, True)]


def test_nothing_is_an_inventory_too() -> None:
    """It has no hosts."""
    assert read_inventory(b"", "h").hosts == read_inventory(b"", "h.yaml").hosts == {}


def test_a_circle_of_groups_ends() -> None:
    """Each group counts once."""
    found = read_inventory(b"[a]\nweb1\n[a:children]\nb\n[b:children]\na\n", "h")
    assert found.hosts["web1"].groups == ("a", "b")
