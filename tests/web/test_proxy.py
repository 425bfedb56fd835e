"""A proxy in front of the pages: what it alone may say, and whom it signs on."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from rig import Three, execute, settings
from starlette.testclient import TestClient
from web_visitor import GOOD, WHO, Visitor, add_user, as_program, basic

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import users
from process_manager.web.app import create_app
from process_manager.web.office import Office

PROXY, ELSEWHERE, CALLER = "10.0.0.5", "10.0.0.6", "192.0.2.7"
SECRET = "a-long-text-that-nobody-guesses-8d1f"  # noqa: S105 - of a proxy that only a test has
EVERYWHERE = "0.0.0.0"  # noqa: S104 - behind a proxy
HOST = "office.example"
ORIGIN = f"https://{HOST}"
FROM_PROXY = {
    "X-Process-Manager-Proxy": SECRET,
    "X-Forwarded-For": CALLER,
    "X-Forwarded-Proto": "https",
    "Host": HOST,
}


@pytest.fixture
def office(database: Database) -> Office:
    """What the pages work with, behind a proxy that signs people on."""
    behind = settings(
        web_host=EVERYWHERE, web_proxy=(ip_network(PROXY),), web_proxy_secret=SECRET, web_proxy_sign_on=True
    )
    return Office.of(behind, database, Registry((Three,)))


class Asker:
    """Somebody who asks from an address."""

    def __init__(self, app: FastAPI, address: str = PROXY) -> None:
        self.client = TestClient(
            app, f"http://{HOST}", client=(address, 5), follow_redirects=False, raise_server_exceptions=False
        )

    def ask(self, path: str, method: str = "GET", user: str | None = None, **more: str) -> Any:
        """Ask as the proxy does."""
        named = {} if user is None else {"X-Process-Manager-User": user}
        headers = {**FROM_PROXY, **named, **{name.replace("_", "-"): value for name, value in more.items()}}
        sent = {name: value.encode("utf-8") for name, value in headers.items() if value}
        return self.client.request(method, path, headers=sent)


@pytest.fixture
def proxy(app: FastAPI) -> Asker:
    return Asker(app)


def met_as(met: list[Actor]) -> list[tuple[str, str, str | None]]:
    return [(each.name, each.role.value, each.address) for each in met]


def test_who_is_signed_on_is_the_user_of_that_domain(proxy: Asker, database: Database, met: list[Actor]) -> None:
    add_user(database, "ada@office", Role.CASEWORKER, kinds=frozenset({"letter"}))

    answers = [proxy.ask(WHO, user=user) for user in ("OFFICE\\Ada", "office\\ada", "ada@OFFICE")]

    assert [each.status_code for each in answers] == [200, 200, 200]
    assert met_as(met) == [("ada@office", "caseworker", CALLER)] * 3
    assert (met[0].way, met[0].is_person, met[0].kinds) == ("api", True, frozenset({"letter"}))


@pytest.mark.parametrize("user", ["OTHER\\ada", "ada", "OFFICE\\bo", "OFFICE\\", "\\", "x" * 9000, "ådå@office"])
def test_nobody_else_is_taken_for_them_and_nobody_is_added(proxy: Asker, database: Database, user: str) -> None:
    add_user(database, "ada@office")

    answer = proxy.ask("/system", user=user)

    assert answer.status_code == 403
    assert "there is no such user" in answer.text.lower()
    assert execute(database, "SELECT name FROM users") == [("ada@office",)]


def test_letters_beyond_ascii_are_read_as_utf_8(proxy: Asker, database: Database, met: list[Actor]) -> None:
    add_user(database, "søren@office")

    proxy.ask(WHO, user="OFFICE\\Søren")

    assert met_as(met) == [("søren@office", "operator", CALLER)]


def test_the_pages_know_who_is_signed_on_and_offer_no_signing_out(proxy: Asker, database: Database) -> None:
    add_user(database, "ada@office")

    page = proxy.ask("/system", user="OFFICE\\ada")

    assert page.status_code == 200
    assert '<span class="me">ada@office' in page.text
    assert 'href="/sign-out"' not in page.text
    assert "set-cookie" not in page.headers
    asked = proxy.ask("/sign-in?next=/system", user="OFFICE\\ada")
    assert (asked.status_code, asked.headers["location"]) == (303, "/system")


ELSEWHERES = {
    "another address": (ELSEWHERE, SECRET),
    "this machine": ("127.0.0.1", SECRET),
    "this machine by IPv6": ("::1", SECRET),
    "no address": ("testclient", SECRET),
    "no secret": (PROXY, ""),
    "half a secret": (PROXY, SECRET[:-1]),
    "more than the secret": (PROXY, f"{SECRET}x"),
    "odd letters": (PROXY, "ø" * 36),
}


@pytest.mark.parametrize("where", sorted(ELSEWHERES))
def test_what_only_the_proxy_may_say_is_refused_from_elsewhere(app: FastAPI, met: list[Actor], where: str) -> None:
    address, secret = ELSEWHERES[where]

    for path in ("/system", WHO, "/sign-in", "/api/v1/health/live", "/static/style.css", "/nowhere"):
        answer = Asker(app, address).ask(path, user="OFFICE\\ada", X_Process_Manager_Proxy=secret)

        assert (answer.status_code, met) == (400, [])
        assert SECRET not in answer.text


def test_a_secret_that_is_sent_twice_is_none_and_a_user_that_is_named_twice_is_refused(
    app: FastAPI, met: list[Actor]
) -> None:
    client = TestClient(app, f"http://{HOST}", client=(PROXY, 5), raise_server_exceptions=False)
    for twice in ("X-Process-Manager-Proxy", "X-Process-Manager-User"):
        named = [("X-Process-Manager-Proxy", SECRET), ("X-Process-Manager-User", "OFFICE\\ada")]
        sent = [*named, *(each for each in named if each[0] == twice)]

        assert client.get(WHO, headers=sent).status_code == 400
    assert met == []


def test_without_a_proxy_in_the_settings_its_headers_are_refused(database: Database, met: list[Actor]) -> None:
    app = create_app(Office.of(settings(), database, Registry((Three,))))

    for address in (PROXY, "127.0.0.1"):
        assert Asker(app, address).ask("/sign-in", user="OFFICE\\ada").status_code == 400


def test_a_proxy_that_signs_nobody_on_is_believed_its_addresses_alone(database: Database) -> None:
    behind = settings(web_host=EVERYWHERE, web_proxy=(ip_network(PROXY),), web_proxy_secret=SECRET)
    app = create_app(Office.of(behind, database, Registry((Three,))))
    add_user(database, "ada@office")

    answer = Asker(app).ask("/system", user="OFFICE\\ada")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/system")


def test_on_a_public_address_without_https_nobody_but_the_proxy_may_ask(app: FastAPI) -> None:
    plain = {"X_Process_Manager_Proxy": "", "X_Forwarded_For": "", "X_Forwarded_Proto": ""}

    asked = {
        address: Asker(app, address).ask("/sign-in", **plain).status_code for address in (ELSEWHERE, PROXY, "127.0.0.1")
    }

    assert asked == {ELSEWHERE: 400, PROXY: 400, "127.0.0.1": 200}


def test_what_is_forwarded_is_believed_of_nobody_else(database: Database) -> None:
    visitor = Visitor(create_app(Office.of(settings(), database, Registry((Three,)))))
    visitor.come_in(database)

    answer = visitor.get("/system", x_forwarded_proto="https", x_forwarded_for=CALLER, x_forwarded_host="evil.example")

    assert answer.status_code == 200  # by https, the cookie would have another name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "address"),
    [
        (CALLER, CALLER),
        (f"8.8.8.8, {CALLER}", CALLER),
        (f"{CALLER}, {PROXY}", CALLER),
        (f"{CALLER}:4711", CALLER),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("evil", PROXY),
        (f"{CALLER}, evil", PROXY),
        ("", PROXY),
    ],
)
def test_the_address_is_the_last_that_is_not_the_proxys(
    proxy: Asker, database: Database, met: list[Actor], sent: str, address: str
) -> None:
    add_user(database, "ada@office")

    proxy.ask(WHO, user="OFFICE\\ada", X_Forwarded_For=sent)

    assert [each.address for each in met] == [address]


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Origin": f"http://{HOST}"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=str,
)
def test_no_other_site_uses_the_sign_on(
    proxy: Asker, database: Database, met: list[Actor], headers: dict[str, str]
) -> None:
    add_user(database, "ada@office")

    assert proxy.ask(WHO, "POST", user="OFFICE\\ada", **headers).status_code == 403
    assert proxy.ask(WHO, "POST", user="OFFICE\\ada", Origin=ORIGIN).status_code == 200
    assert len(met) == 1


@pytest.mark.slow
def test_a_token_and_a_password_come_before_the_sign_on(proxy: Asker, ada: Database, met: list[Actor]) -> None:
    add_user(ada, "ada@office")

    for authorization in (as_program(ada), basic(), "Negotiate YII="):
        assert proxy.ask(WHO, user="OFFICE\\ada", Authorization=authorization).status_code == 200

    assert [each.name for each in met] == ["program", "ada", "ada@office"]
    assert proxy.ask(WHO, user="OFFICE\\ada", Authorization="Bearer pm_wrong").status_code == 401


def test_a_cookie_of_somebody_else_does_not_come_before_it(app: FastAPI, proxy: Asker, database: Database) -> None:
    cookie = Visitor(app).come_in(database, "bo")
    add_user(database, "ada@office")

    page = proxy.ask("/system", user="OFFICE\\ada", Cookie=f"__Host-process-manager-session={cookie}")

    assert "ada@office" in page.text


@pytest.mark.slow
def test_signing_in_by_password_behind_a_proxy_gives_a_cookie_of_https(proxy: Asker, ada: Database) -> None:
    answer = proxy.client.post(
        "/sign-in", data={"name": "ada", "password": GOOD}, headers={**FROM_PROXY, "Origin": ORIGIN}
    )

    assert answer.status_code == 303
    assert answer.headers["set-cookie"].startswith("__Host-process-manager-session=")
    assert "Secure" in answer.headers["set-cookie"]
    assert execute(ada, "SELECT address FROM audit") == [(CALLER,)]


def test_a_day_of_work_is_one_sign_in_on_the_audit_chain(proxy: Asker, database: Database, met: list[Actor]) -> None:
    add_user(database, "ada@office")

    for _ in range(3):
        proxy.ask(WHO, user="OFFICE\\ada")

    assert execute(database, "SELECT actor, act, result, address FROM audit") == [
        ("ada@office", "sign-in", "done", CALLER)
    ]


def test_who_is_disabled_is_out_at_once(proxy: Asker, database: Database, met: list[Actor]) -> None:
    add_user(database, "ada@office")
    database.run(lambda connection: users.disable(connection, "ada@office", now=clock.now()))

    assert proxy.ask(WHO, user="OFFICE\\ada").status_code == 403


ROLES = (("OFFICE\\Drift", Role.OPERATOR), ("OFFICE\\Sager", Role.CASEWORKER), ("OFFICE\\Chefer", Role.ADMIN))
GROUPS = {
    "OFFICE\\Sager": "caseworker",
    "office\\sager; OFFICE\\Alle": "caseworker",
    "OFFICE\\Sager;OFFICE\\Drift": "operator",
    "OFFICE\\Chefer": "operator",  # who sees some kinds only is no admin
    "OFFICE\\Alle": None,
    "Drift": None,
    "": None,
}


@pytest.mark.parametrize("groups", sorted(GROUPS))
def test_where_groups_have_roles_those_decide(database: Database, met: list[Actor], groups: str) -> None:
    behind = settings(
        web_proxy=(ip_network(PROXY),),
        web_proxy_secret=SecretStr(SECRET),
        web_proxy_sign_on=True,
        web_proxy_roles=ROLES,
    )
    app = create_app(Office.of(behind, database, Registry((Three,))))
    add_user(database, "ada@office", Role.VIEWER, kinds=frozenset({"letter"}))

    answer = Asker(app).ask("/api/v1/processes", user="OFFICE\\ada", X_Process_Manager_Groups=groups)
    role = execute(database, "SELECT role FROM audit")

    assert (answer.status_code, role) == ((403, []) if GROUPS[groups] is None else (200, [(GROUPS[groups],)]))
