"""`web`: what it refuses before it listens, and a real server from its start to its end."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from programs import Program
from rig import settings
from shop import Shop

from process_manager.extras import install_command

SAID = "The pages are at "
NOBODY = (
    "Nobody may sign in yet: with PROCESS_MANAGER_CONSOLE_ROLE=admin, `process-manager user add NAME --role admin` "
    "makes the first user.\n"
)
EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is refused
OUTSIDE = "can be reached from outside, which needs"


def add_user(shop: Shop) -> None:
    """Add a user, whose password nobody knows: no hash is made of it."""
    shop.execute(
        "INSERT INTO users (name, role, password_hash, password_changed_at, created_at, created_by, disabled_at)"
        " VALUES ('ada', 'operator', 'none', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', 'root', NULL)"
    )


@pytest.fixture
def pair(bare: Shop) -> tuple[str, str]:
    """A certificate and its key, made for this host."""
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    if shutil.which("openssl") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("openssl is missing: apt-get install openssl")
    made += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(made, cwd=bare.folder, check=True, capture_output=True)
    return "cert.pem", "key.pem"


def test_an_address_that_others_reach_needs_users_and_https(shop: Shop) -> None:
    nothing = shop.ask("web", "--host", EVERYWHERE)
    add_user(shop)
    no_https = shop.ask("web", "--host", EVERYWHERE)

    assert (nothing.code, no_https.code) == (2, 2)
    assert f"0.0.0.0 {OUTSIDE} users (`process-manager user add`) and HTTPS" in nothing.err
    assert f"0.0.0.0 {OUTSIDE} HTTPS (--certificate and --key, or a proxy that speaks it: PROCESS_MAN" in no_https.err


HALVES = {
    "no secret": ({"PROXY": "10.0.0.5"}, "web_proxy_secret: is not set, though the other is"),
    "no address": ({"PROXY_SECRET": "s" * 32}, "web_proxy: is not set, though the other is"),
    "a short secret": ({"PROXY": "10.0.0.5", "PROXY_SECRET": "s" * 31}, "PROCESS_MANAGER_WEB_PROXY_SECRET: "),
    "a short file": ({"PROXY": "10.0.0.5", "PROXY_SECRET_FILE": "short"}, "has fewer than 32 characters"),
    "no file": ({"PROXY": "10.0.0.5", "PROXY_SECRET_FILE": "nowhere"}, "nowhere: cannot be read"),
    "two": ({"PROXY_SECRET": "s" * 32, "PROXY_SECRET_FILE": "short"}, "is set twice, here and as a file"),
    "no network": ({"PROXY": "10.0.0.5/8", "PROXY_SECRET": "s" * 32}, "'10.0.0.5/8' is no address and no network"),
    "sign-on alone": ({"PROXY_SIGN_ON": "true"}, "web_proxy_sign_on: is set, but no proxy is named"),
    "roles alone": ({"PROXY_ROLES": "A=viewer"}, "web_proxy_roles: is set, but no proxy is named"),
    "no role": ({"PROXY_ROLES": "A=boss"}, "'A=boss' gives no group a role"),
}


@pytest.mark.parametrize("half", sorted(HALVES))
def test_half_a_proxy_is_refused_wherever_it_listens(shop: Shop, monkeypatch: pytest.MonkeyPatch, half: str) -> None:
    given, said = HALVES[half]
    (shop.folder / "short").write_text("too short", "utf-8")
    for name, value in given.items():
        monkeypatch.setenv(f"PROCESS_MANAGER_WEB_{name}", value)

    answer = shop.ask("web", "--port", "0")

    assert answer.code == 2
    assert said in " ".join(answer.err.split())
    assert "sssss" not in answer.err


def test_a_public_address_behind_a_proxy_needs_users_all_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.folder / "secret").write_text("s" * 32, "utf-8")
    monkeypatch.setenv("PROCESS_MANAGER_WEB_PROXY", "10.0.0.5,fd00::/8")
    monkeypatch.setenv("PROCESS_MANAGER_WEB_PROXY_SECRET_FILE", "secret")

    nobody = shop.ask("web", "--host", EVERYWHERE)
    add_user(shop)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        allowed = shop.ask("web", "--host", EVERYWHERE, "--port", taken.getsockname()[1])

    assert f"0.0.0.0 {OUTSIDE} users (`process-manager user add`). Without" in nobody.err
    assert "cannot be listened on" in allowed.err


def test_it_needs_users_with_https_too_and_one_who_may_sign_in(shop: Shop, pair: tuple[str, str]) -> None:
    with_https = ["web", "--host", "::", "--certificate", pair[0], "--key", pair[1]]
    nobody = shop.ask(*with_https)
    add_user(shop)
    shop.execute("UPDATE users SET disabled_at = created_at")
    disabled = shop.ask(*with_https)

    assert (nobody.code, disabled.code) == (2, 2)
    assert f":: {OUTSIDE} users (`process-manager user add`). Without, listen on 127.0.0.1." in nobody.err
    assert nobody.err == disabled.err


@pytest.mark.parametrize("host", ["localhost.example", "192.0.2.1", "10.0.0.1", "office", "127.0.0.1.example"])
def test_what_is_not_this_host_is_taken_for_an_address_that_others_reach(shop: Shop, host: str) -> None:
    assert OUTSIDE in shop.ask("web", "--host", host).err


def test_a_certificate_needs_its_key_and_both_must_fit(shop: Shop, pair: tuple[str, str]) -> None:
    alone = shop.ask("web", "--certificate", pair[0])
    other = shop.ask("web", "--certificate", pair[0], "--key", pair[0])
    missing = shop.ask("web", "--certificate", pair[0], "--key", "nowhere.pem")

    assert [each.code for each in (alone, other, missing)] == [2, 2, 2]
    assert "HTTPS needs a certificate and its key: give --certificate and --key, or neither." in alone.err
    assert "cert.pem cannot be used with the key" in " ".join(other.err.split())
    assert "Give a pair of PEM files." in " ".join(missing.err.split())


def test_a_port_that_is_taken_is_named(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = shop.ask("web", "--port", port)

    assert answer.code == 2
    assert f"127.0.0.1, port {port}, cannot be listened on:" in answer.err
    assert "Choose another --port or --host." in answer.err


def test_what_it_needs_is_named_where_it_is_not_installed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from process_manager.cli import web

    monkeypatch.setattr(web, "NEEDED", ("fastapi", "no_such_package"))

    answer = shop.ask("web")

    assert (answer.code, answer.err) == (
        2,
        f"Error: The pages need no_such_package: run `{install_command('web')}`.\n",
    )


@pytest.fixture
def server(shop: Shop) -> Iterator[tuple[Program, int, str]]:
    """A real server, its port, and what it said before it listened."""
    with shop.spawn("web", "--port", 0, PROCESS_MANAGER_LOG_FORMAT="json") as program:
        yield program, *started(program)
        program.kill()


def started(program: Program) -> tuple[int, str]:
    """Return the port of a server that listens, and what it said before."""
    assert program.stderr is not None
    said = ""
    for line in program.stderr:
        if line.startswith(SAID):
            return int(line.partition("/. ")[0].rpartition(":")[2]), said
        said += line
    raise AssertionError(said)


def asked(port: int, path: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


@pytest.mark.slow
def test_a_server_answers_and_says_how_the_first_user_is_made(server: tuple[Program, int, str]) -> None:
    _program, port, said = server

    assert said == NOBODY
    assert asked(port, "/api/v1/health/live") == (200, '{"status":"live"}')
    status, page = asked(port, "/sign-in")
    assert (status, "Sign in to see what needs a person." in page) == (200, True)
    assert asked(port, "/static/htmx.min.js")[0] == 200


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals; Ctrl-Break is tried by hand")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_in_order(server: tuple[Program, int, str], name: str) -> None:
    program, port, _said = server
    assert asked(port, "/api/v1/health/live")[0] == 200

    program.send_signal(getattr(signal, name))
    _out, err = program.communicate(timeout=30)

    assert program.returncode == 0, err
    assert "Stopping: requests may finish within 30s; a second signal ends at once." in err


@pytest.mark.slow
def test_the_log_has_our_lines_only_and_nothing_that_was_asked(server: tuple[Program, int, str]) -> None:
    program, port, _said = server
    asked(port, "/sign-in?next=/secret-path", Cookie="process-manager-session=a-secret-cookie")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/sign-in", "name=secret-name&password=x", {"Origin": "https://evil.example"})
    assert connection.getresponse().status == 403
    connection.close()

    program.terminate()
    _out, err = program.communicate(timeout=30)

    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert [(each["event"], each["method"], each["status"]) for each in lines] == [("request.answered", "POST", 403)]
    assert "secret" not in err


def agreed(port: int, trusting: ssl.SSLContext) -> str:
    """The cipher on which somebody agrees with the server who knows no more than TLS 1.2."""
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    plain = socket.create_connection(("localhost", port), 30)
    with plain, trusting.wrap_socket(plain, server_hostname="localhost") as safe:
        return str(safe.cipher())


@pytest.mark.slow
def test_over_https_it_is_reached_with_the_certificate(shop: Shop, pair: tuple[str, str]) -> None:
    add_user(shop)

    with shop.spawn("web", "--port", 0, "--certificate", pair[0], "--key", pair[1]) as program:
        port, said = started(program)
        trusting = ssl.create_default_context(cafile=str(shop.folder / pair[0]))
        connection = http.client.HTTPSConnection("localhost", port, context=trusting, timeout=30)
        connection.request("GET", "/api/v1/health/live")
        status = connection.getresponse().status
        connection.close()
        assert "GCM" in agreed(port, trusting) or "CHACHA20" in agreed(port, trusting)
        program.kill()

    assert (status, said) == (200, "")


@pytest.mark.slow
def test_where_there_is_no_database_yet_one_is_made(bare: Shop) -> None:
    with bare.spawn("web", "--port", 0) as program:
        port, said = started(program)
        status = asked(port, "/sign-in")[0]
        program.kill()

    assert status == 200
    assert said.startswith("Made a new database")
    assert Path(bare.file).is_file()


def test_an_answer_is_not_held_back_until_the_one_before_is_acknowledged() -> None:
    from process_manager.cli import web

    options = settings(web_port=0)

    with web.listening(options) as listener, socket.create_connection(listener.getsockname()):
        accepted, _address = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
