"""However wrong a database URL is: nothing of its password is told, logged or looked up."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from process_manager.database import connect
from process_manager.errors import DatabaseUnreachable, SettingsError
from process_manager.integrations import databases
from process_manager.redaction import safe_url
from process_manager.settings import Settings, load

HOST = "db.example"


def quote_all(text: str) -> str:
    return quote(text, safe="")


RARE = "ÆØQZXJÞ"  # no word of ours has them
PASSWORDS = st.text(alphabet=RARE * 3 + "@:/?#%&;={}[]()<> +'\"\\|,.*\n\t", min_size=4, max_size=24)

# Where a password stands in a URL, and how it is written there when it is written right.
PLACES: dict[str, tuple[str, Callable[[str], str]]] = {
    "account": (f"postgresql+psycopg://office:{{}}@{HOST}:5432/pm", quote_all),
    "without a database": (f"postgresql://office:{{}}@{HOST}", quote_all),
    "without a user": (f"mariadb+pyodbc://:{{}}@{HOST}/pm", quote_all),
    "SQL Server": (f"mssql+pyodbc://office:{{}}@{HOST}/pm?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=no", quote_all),
    "query and port": (f"postgresql+psycopg://{HOST}:5432/pm?password={{}}", quote_plus),
    "query": (f"postgresql+psycopg://{HOST}/pm?user=office&password={{}}&sslmode=require", quote_plus),
    "key": (f"postgresql+psycopg://office@{HOST}/pm?sslpassword={{}}", quote_plus),
    "odbc": (
        f"mssql+pyodbc:///?odbc_connect=DRIVER=x;SERVER={HOST};UID=office;PWD={{}};Encrypt=no",
        lambda text: quote_plus("{" + text.replace("}", "}}") + "}"),
    ),
    "no kind": (f"office:{{}}@{HOST}/pm", quote_all),
    "unknown kind": (f"postgres+nothing://office:{{}}@{HOST}/pm", quote_all),
}


def pieces(password: str) -> Iterator[str]:
    """Every four letters of it that could not be there by chance."""
    for at in range(len(password) - 3):
        piece = password[at : at + 4]
        if sum(letter in RARE for letter in piece) >= 2:
            yield piece


def leaks(password: str, text: str) -> list[str]:
    return [piece for piece in pieces(password) if piece in text]


def refused(open_it: Callable[[str], object], url: str) -> str:
    """What is told of the URL; nothing where it is taken."""
    try:
        open_it(url)
    except DatabaseUnreachable as problem:
        return f"{problem} {problem!r} {problem.__cause__} {problem.facts}"
    return ""


def looked_up(url: str) -> object:
    """What a driver would ask a name server for; nothing where the URL is refused."""
    try:
        database = connect(url)
    except DatabaseUnreachable:
        return None
    words, given = database.engine.dialect.create_connect_args(database.engine.url)
    server = re.search("Server=([^;]*)", words[0]) if words else None
    return server[1] if server else given["host"]


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
@given(typed=PASSWORDS)
@example(typed="ÆØQZ@XJÞÆ")
@example(typed="ÆØQZ@XJÞÆ/ÆØQZ")
@example(typed="ÆØQZ@XJ:ÞÆØQ")
@example(typed="ÆØ/QZX?J=ÞÆ@ØQZX")
@example(typed="ÆØQZ&XJÞÆ=ØQZX")
@example(typed="ÆØ};QZXJ={ÞÆØQ")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_part_of_a_password_is_told_of_a_url_however_it_is_written(place: str, typed: str) -> None:
    pattern, encoded = PLACES[place]

    for url in (pattern.format(typed), pattern.format(encoded(typed))):
        databases.engine.cache_clear()
        told = [safe_url(url), refused(connect, url), refused(databases.engine, url), repr(Settings(database_url=url))]
        assert leaks(typed, "\n".join(told)) == []


@pytest.mark.parametrize("place", ["account", "without a user", "SQL Server", "query and port", "query", "key"])
@given(typed=PASSWORDS)
@example(typed="ÆØQZ@XJÞÆ")
@example(typed="ÆØQZ@XJÞÆ/ÆØQZ")
@example(typed="ÆØQZ@XJ:5432/ÆØ?Q=Z")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_name_server_is_asked_for_what_a_broken_password_left(place: str, typed: str) -> None:
    pattern, encoded = PLACES[place]

    raw, written_right = looked_up(pattern.format(typed)), looked_up(pattern.format(encoded(typed)))

    assert raw in (None, HOST)
    assert written_right == HOST


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every name that Python looks up."""
    names: list[str] = []
    is_on = [True]

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if is_on[0] and event in ("socket.getaddrinfo", "socket.gethostbyname"):
            names.append(str(arguments[0]))

    sys.addaudithook(hear)
    yield names
    is_on[0] = False


# A URL that is wrong, and what is told of it.
WRONG = [
    ("postgresql://office:p@ss@{host}/pm", "postgresql://*** cannot be used: a special character in the user or"),
    ("postgresql://office:p@ss@{host}/pm", "In a user or a password, write @ as %40"),
    ("postgresql://office:p@a/b@{host}/pm", "breaks it, so no connection was tried"),
    ("postgresql://office:p@a:b@{host}/pm", "breaks it, so"),
    ("postgresql://office:p@a?b@{host}/pm", "breaks it, so"),
    ("postgresql://office:p@a?b=c@{host}/pm", "breaks it, so"),
    ("postgresql://office/x:p@{host}/pm", "breaks it, so"),
    ("postgresql://{host}:5432/pm?password=p@secretword", "breaks it, so"),
    ("postgresql://office@{host}:5432/pm?password=p@secretword", "breaks it, so"),
    ("postgresql://office@{host}/pm?password=p:p@secretword", "breaks it, so"),
    ("postgresql://{host}?password=p:p@secretword", "breaks it, so"),
    ("postgresql://{host}:/pm?password=p@secretword", "breaks it, so"),
    ("mssql+pyodbc://?odbc_connect=UID=a;PWD=a:b@{host}", "breaks it, so"),
    ("postgresql://office:secretword/pm", "postgresql://*** cannot be used: its port is not a number from 1 to 65535"),
    ("postgresql://office:p@{host}:nan/pm", "its port is not a number from 1 to 65535"),
    ("postgresql://office:p@{host}:70000/pm", "its port is not a number from 1 to 65535"),
    ("postgresql://office:p@{host}:-1/pm", "its port is not a number from 1 to 65535"),
    ("postgresql://office:p@{host}:٣/pm", "its port is not a number from 1 to 65535"),
    ("postgresql://office:p@{host}:5_432/pm", "its port is not a number from 1 to 65535"),
    ("postgresql://office:p@{host}:" + "9" * 5000 + "/pm", "its port is not a number from 1 to 65535"),
    ("postgresql://office:p@my host/pm", "the part where its host should be is not a host name"),
    ("postgresql://office:p@a#b/pm", "the part where its host should be is not a host name"),
    ("postgresql+psycopg://office:p@{host}/pm?password=a&b=c", "an option after the ? that its driver does not know"),
    ("office:secretword@{host}/pm", "The database *** cannot be used: it is not a database URL"),
    ("postgresql:office:secretword@{host}/pm", "The database *** cannot be used: it is not a database URL"),
    ("postgresql+nothing://office:secretword@{host}/pm", "its driver is nothing. Write postgresql+psycopg://"),
    ("postgresql+asyncpg://office:secretword@{host}/pm", "its driver is asyncpg. Write postgresql+psycopg://"),
    ("mssql+aioodbc://office:secretword@{host}/pm", "its driver is aioodbc. Write mssql+pyodbc://"),
    ("oracle://office:secretword@{host}/pm", "the engine's own tables cannot be in oracle"),
    ("mssql+pyodbc://office:secretword@{host}/pm", "it names no ODBC driver. Add ?driver="),
    ("postgresql://office:secretword@{host}", "it names no database. Write its name"),
    ("mariadb+pyodbc://office:secretword@{host}/", "it names no database. Write its name"),
    ("mssql+pyodbc://office:secretword@{host}/?driver=ODBC+Driver+18+for+SQL+Server", "it names no database"),
    ("mssql://office:secretword@{host}/pm", "it names no ODBC driver. Add ?driver="),
]


@pytest.mark.parametrize(("url", "told"), WRONG, ids=[f"{row[0][:45]}-{row[1][-20:]}" for row in WRONG])
def test_a_url_that_is_wrong_is_refused_with_a_hint_before_anybody_is_asked(
    asked: list[str], url: str, told: str
) -> None:
    with pytest.raises(DatabaseUnreachable) as problem:
        connect(url.format(host=HOST))

    assert told in str(problem.value)
    assert "secretword" not in str(problem.value)
    assert asked == []


GOOD = [
    "postgresql+psycopg://office:p%40ss@127.0.0.1:5432/pm",
    "postgresql+psycopg://office:p/s:s?#s@127.0.0.1:5432/pm",
    "postgresql+psycopg://office@server:pw@127.0.0.1/pm",
    "postgresql+psycopg://[::1]:5432/pm",
    "postgresql+psycopg://blåbær.example/pm?sslmode=require&application_name=pm&target_session_attrs=read-write",
    "postgresql+psycopg:///pm?host=/var/run/postgresql",
    "mariadb+pyodbc://office:pw@127.0.0.1:3306/pm?charset=utf8mb4",
    "mssql+pyodbc://office:pw@srv\\instance/pm?driver=ODBC+Driver+18+for+SQL+Server",
    "mssql+pyodbc://office:pw@a-data-source",
    "mssql+pyodbc:///?odbc_connect=DRIVER={x};UID=office@server;PWD=a@b",
]


@pytest.mark.parametrize("url", GOOD)
def test_a_url_that_is_written_right_is_taken(url: str) -> None:
    connect(url).close()


def test_a_url_that_stands_in_another_setting_is_reported_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_LEASE", "postgresql://office:hunter2@db/pm")

    with pytest.raises(
        SettingsError, match=r"PROCESS_MANAGER_LEASE: 'postgresql://office:\*\*\*@db/pm' is not a duration"
    ):
        load()
