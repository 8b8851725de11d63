"""The nginx pack, on a real nginx with a configuration and logs of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.sshd import free_ports
from tests.std import staged
from tests.std.staged import Tools

CONFIG = """
user {user};
worker_processes 1;
pid {folder}/nginx.pid;
error_log /var/log/nginx/error.log notice;
events {{}}
http {{
  access_log /var/log/nginx/access.log;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include /etc/nginx/sites-enabled/*;
}}
"""
SITES = """
# server {{ listen 1; }}
upstream back {{ server 127.0.0.1:1; }}
server {{
  listen 127.0.0.1:{port} default_server;
  server_name exemple.test www.exemple.test;
  root "{folder}/www";
  location /api/ {{ proxy_pass http://back; }}
}}
server {{ listen 127.0.0.1:{other} ; server_name autre.test; return 204; }}
"""
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "nginx"
PLACES = {"etc": "/etc/nginx", "log": "/var/log/nginx"}


@pytest.fixture
def nginx(pack: Callable[..., Tools], tmp_path: Path) -> Tools:
    """The pack, which sees a folder of the test as /etc/nginx and another as /var/log/nginx."""
    tools = pack("nginx")
    for folder in PLACES:
        (tmp_path / folder / "sites-enabled").mkdir(parents=True)
    for file in ("access.log", "error.log"):
        (tmp_path / "log" / file).touch()
    (tmp_path / "etc/nginx.conf").write_text(CONFIG.format(folder=tmp_path, user=tmp_path.owner()))
    for name in tools.tools:
        for folder, place in PLACES.items():
            staged.folder(tools, name, place, {}, tmp_path / folder)
    return tools


@pytest.fixture
def site(nginx: Tools, tmp_path: Path) -> Iterator[str]:
    """The address of a site that a real nginx serves."""
    port, other = free_ports(2)
    (tmp_path / "www").mkdir()
    (tmp_path / "www/index.html").write_text("bonjour")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (tmp_path / "etc/sites-enabled/exemple").write_text(SITES.format(folder=tmp_path, port=port, other=other))
    view = [word for folder, place in PLACES.items() for word in ("--bind", str(tmp_path / folder), place)]
    command = ["bwrap", "--dev-bind", "/", "/", *view, "--", NGINX, "-g", "daemon off;"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    pid = tmp_path / "nginx.pid"
    try:
        until(lambda: pid.exists() and pid.read_text().strip(), process)
        yield f"http://127.0.0.1:{port}"
    finally:
        # nginx itself: bwrap, which started it, would end without it.
        os.kill(int(pid.read_text()), signal.SIGTERM)
        process.wait()


def until(condition: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + 20
    while not condition():
        assert process.poll() is None, "nginx has ended"
        assert time.monotonic() < deadline, "nginx does not start"
        time.sleep(0.02)


def fetch(url: str) -> int:
    """The status of a page, once the server listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - its own server
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (OSError, HTTPException):
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.05)


def test_a_right_configuration_is_valid(nginx: Tools) -> None:
    """Nginx itself says so."""
    status, output = nginx.call("nginx_test")
    assert (status, output["text"], output["valid"]) == ("ok", "configuration correcte", True)


def test_a_wrong_configuration_is_told_with_its_place(nginx: Tools, tmp_path: Path) -> None:
    """The answer is no, and it names file and line."""
    (tmp_path / "etc/sites-enabled/faux").write_text("server {\n  lisen 80;\n}\n")
    status, output = nginx.call("nginx_test")
    assert (status, output["valid"]) == ("no", False)
    assert output["text"] == 'configuration fausse : unknown directive "lisen"'
    (row,) = (row for row in output["rows"] if row["level"] == "emerg")
    assert (row["file"], row["line"]) == ("/etc/nginx/sites-enabled/faux", 2)
    assert "nginx_test" in nginx.call("nginx_sites")[1]["hint"]


def test_the_sites_are_those_of_all_files(nginx: Tools, site: str) -> None:
    """A server of an upstream and one in a comment are none."""
    port = site.rpartition(":")[2]
    _, output = nginx.call("nginx_sites")
    first, second = output["rows"]
    assert output["text"] == "2 sites"
    assert (first["names"], first["listen"]) == (["exemple.test", "www.exemple.test"], [f"127.0.0.1:{port}"])
    assert (first["leads_to"], first["file"]) == (["http://back"], "/etc/nginx/sites-enabled/exemple")
    assert [place.endswith("/www") for place in first["root"]] == [True]
    assert (second["names"], second["leads_to"], second["tls"]) == (["autre.test"], ["204"], False)


def test_the_configuration_is_shown_with_what_it_includes(nginx: Tools, site: str) -> None:
    """Each file by its name."""
    assert site
    _, output = nginx.call("nginx_config")
    assert output["files"] == ["/etc/nginx/nginx.conf", "/etc/nginx/sites-enabled/exemple"]
    assert "server_name exemple.test" in output["text"]


def test_a_reload_takes_the_new_configuration(nginx: Tools, site: str, tmp_path: Path) -> None:
    """It asks before; a wrong one is refused."""
    assert fetch(site + "/new") == 404
    file = tmp_path / "etc/sites-enabled/exemple"
    file.write_text(file.read_text().replace("location /api/", "location = /new { return 200; }\n location /api/"))
    assert (nginx.tools["nginx_reload"].risk, nginx.call("nginx_reload")[0]) == ("write", "ok")
    deadline = time.monotonic() + 20
    while fetch(site + "/new") != 200:
        assert time.monotonic() < deadline, "the new configuration is not in use"
        time.sleep(0.05)
    file.write_text("server {")
    status, output = nginx.call("nginx_reload")
    assert (status, "nginx_test" in output["hint"]) == ("failed", True)


def test_requests_and_errors_are_read_from_the_logs(nginx: Tools, site: str) -> None:
    """Strangers may have written them."""
    for page in ("/", "/?a=1", "/gone", "/api/"):
        fetch(site + page)
    rows = nginx.call("nginx_access_log")[1]["rows"]
    assert [(row["method"], row["path"], row["status"]) for row in rows] == [
        ("GET", "/", 200),
        ("GET", "/?a=1", 200),
        ("GET", "/gone", 404),
        ("GET", "/api/", 502),
    ]
    assert rows[0]["address"] == "127.0.0.1"
    assert any("connect() failed" in row["message"] for row in nginx.call("nginx_error_log")[1]["rows"])
    _, traffic = nginx.call("nginx_traffic")
    assert traffic["text"] == "4 requêtes, 25.0 % d'erreurs du serveur"
    assert traffic["statuses"] == [{"status": code, "count": count} for code, count in ((200, 2), (404, 1), (502, 1))]
    assert (traffic["pages"][0], traffic["failing_pages"]) == (
        {"path": "/", "count": 2},
        [{"path": "/api/", "count": 1}],
    )
    assert all(nginx.tools[name].untrusted for name in ("nginx_access_log", "nginx_error_log", "nginx_traffic"))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/shadow",
        "/var/log/../../etc/a.log",
        "access.log",
        "/root/.ssh/a.log",
        "--help.log",
        "/x/.log",
        "/srv/work/link.log",
    ],
)
def test_only_logs_are_read_as_logs(nginx: Tools, path: str) -> None:
    """A tool that reads is no way to any other file."""
    with pytest.raises(ValueError, match="pattern"):
        nginx.call("nginx_access_log", path=path)


def test_a_log_that_is_not_there_leads_on(nginx: Tools) -> None:
    """Whichever tool reads it."""
    for name in ("nginx_access_log", "nginx_traffic"):
        status, output = nginx.call(name, path="/var/log/nginx/none.log")
        assert (status, "access_log" in output["hint"]) == ("failed", True)


def test_a_request_that_is_none_is_kept_as_it_stands(nginx: Tools, tmp_path: Path) -> None:
    """What a scanner sends, and a format of one's own."""
    line = '203.0.113.9 - - [21/Nov/2026:15:00:00 +0000] "\\x16\\x03\\x01" 400 150 "-" "-"'
    (tmp_path / "log/access.log").write_text(f"{line}\nown format\n")
    first, second = nginx.call("nginx_access_log")[1]["rows"]
    assert (first["path"], first["status"], second) == ("\\x16\\x03\\x01", 400, {"line": "own format"})


def test_without_nginx_the_hint_says_how_to_install_it(pack: Callable[..., Tools]) -> None:
    """In French."""
    tools = pack("nginx")
    tool = tools.tools["nginx_version"]
    assert tools.call("nginx_version")[1]["version"].startswith("nginx/")
    tools.tools["nginx_version"] = tool.model_copy(update={"env": {"PATH": "/nonexistent"}})
    status, output = tools.call("nginx_version")
    assert (status, "apt install nginx-light" in output["hint"]) == ("failed", True)
