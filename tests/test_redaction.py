import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from uuid import UUID

import pytest

from process_manager.redaction import redact, redact_text, safe_url, short_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///process-manager.db", "sqlite:///process-manager.db"),
        ("postgresql://office@db/pm", "postgresql://office@db/pm"),
        ("postgresql+psycopg://office:hunter2@db:5432/pm", "postgresql+psycopg://office:***@db:5432/pm"),
        ("postgresql://office:p@ss/w?rd@db/pm?x=1", "postgresql://***"),
        ("redis://:hunter2@cache/0", "redis://:***@cache/0"),
        ("mssql+pyodbc://sa:s3cr;t@srv/db?driver=ODBC+Driver+18", "mssql+pyodbc://sa:***@srv/db?driver=ODBC+Driver+18"),
        (
            "postgresql://db/pm?user=office&password=hunter2&port=1",
            "postgresql://db/pm?user=office&password=***&port=1",
        ),
        (
            "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BUID%3Dsa%3BPWD%3D%7Ba%3Bb%7D%7D%3Bc%7D%3BEncrypt%3Dno",
            "mssql+pyodbc:///?odbc_connect=DRIVER=x;UID=sa;PWD=***;Encrypt=no",
        ),
        (
            "mssql+pyodbc:///?odbc_connect=DRIVER={x};UID=sa;PWD={my;pa}}ss};Encrypt=no",
            "mssql+pyodbc:///?odbc_connect=DRIVER={x};UID=sa;PWD=***;Encrypt=no",
        ),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert safe_url(url) == shown


ODBC = "mariadb+pyodbc:///?odbc_connect=DRIVER%3D{MariaDB+Unicode}%3B"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///process-manager.db", "sqlite:///process-manager.db"),
        ("postgresql://office:hunter2@db/pm?sslmode=require", "postgresql://office:***@db/pm?sslmode=require"),
        (f"{ODBC}SERVER=db;PORT=3306;DATABASE=pm;UID=a;PWD=hunter2;CONNECTION=1", "mariadb+pyodbc://a@db:3306/pm"),
        ("mssql+pyodbc://?odbc_connect=dsn=Office;PWD={hun;ter2}&server=db", "mssql+pyodbc://Office"),
        (f"{ODBC}PWD=hunter2", "mariadb+pyodbc://***"),
    ],
)
def test_a_url_that_works_is_told_by_where_it_leads(url: str, shown: str) -> None:
    assert short_url(url) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("41 rows claimed", "41 rows claimed"),
        ("login failed for PWD=my pass;Encrypt=no", "login failed for PWD=***;Encrypt=no"),
        ("PWD=hunter2", "PWD=***"),
        ('{"password": "hun\\"ter2", "a": 1}', '{"password": ***, "a": 1}'),
        ("{'api_key': 'x y', 'b': 2}", "{'api_key': ***, 'b': 2}"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("sent with bearer abcdefgh.ijk", "sent with bearer ***"),
        ("?token=abc&page=1", "?token=***&page=1"),
        ("the token has run out", "the token has run out"),
        ("https://host:8080/a?mail=x@y.dk", "https://host:8080/a?mail=x@y.dk"),
    ],
)
def test_a_secret_in_a_text_is_masked_and_the_rest_stays(text: str, shown: str) -> None:
    assert redact_text(text) == shown


@pytest.mark.parametrize(
    "number",
    [
        "010190-1234",
        "0101901234",
        "311299 4321",
        "01019012345",
        "010190 12345",
        "41019012345",
        "44051401458",
        "84281500000",
    ],
)
def test_danish_norwegian_and_polish_personal_numbers_are_masked(number: str) -> None:
    assert redact_text(f"cpr{number}: not found, ({number}).") == "cpr***: not found, (***)."


@pytest.mark.parametrize(
    "text",
    [
        "9901901234",
        "0113901234",
        "123456789012",
        "2026-11-21T23:39:33.123456+00:00",
        "row 1234567 of 20261121",
        "9f86d081-0101-4901-8234-01019012345a",
        "a010190123401019012345f",
    ],
)
def test_what_only_looks_like_a_personal_number_stays(text: str) -> None:
    assert redact_text(text) == text


def test_keys_that_name_a_secret_or_a_person_mask_all_below_them() -> None:
    value = {
        "password": {"old": "a", "new": "b"},
        "X-Api-Key": "k",
        "connection_string": "Server=h",
        "cpr": "unknown",
        "elev_cpr": 1,
        "token": None,
        "dedup_key": "k",
        "rows": [{"pwd": 1, "note": "se 010190-1234"}, ("010190-1234", 7)],
    }

    assert redact(value) == {
        "password": "***",
        "X-Api-Key": "***",
        "connection_string": "***",
        "cpr": "***",
        "elev_cpr": "***",
        "token": None,
        "dedup_key": "k",
        "rows": [{"pwd": "***", "note": "se ***"}, ["***", 7]],
    }


def test_values_of_every_kind_come_out_as_what_a_log_can_write() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)

    assert redact([True, 2.5, 1234567, 3112991234, Path("a"), at, ValueError("pwd=x"), UUID(int=1)]) == [
        True,
        2.5,
        1234567,
        "***",
        "a",
        "2026-01-01 00:00:00+00:00",
        "pwd=***",
        "00000000-0000-0000-0000-000000000001",
    ]


@pytest.mark.parametrize(
    "piece",
    [
        "x",
        "a://b:",
        "https://e.org:8080/x?,",
        "https://b:80?x=1",
        "a://b:80/?x=@",
        "://b:80/" * 240 + "?x=@",
        "x" * 41 + "://b:",
        "password",
        "pwd=",
        "pwd=x ",
        "pwd={a}}",
        "pwd%3d%7b%3b",
        "a+",
        "1-",
        "bearer ",
        "token   ",
        "token" + " " * 5_000,
        'token="',
        "token='\\",
        '"',
        "0101",
    ],
)
def test_a_hostile_megabyte_costs_milliseconds_and_stops_no_other_thread(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))

    with Pulse() as pulse:
        shown = redact_text(text)

    assert len(shown) < 30_000
    assert pulse.elapsed < 0.5
    assert pulse.longest < 0.5


class Pulse:
    """A thread that beats while another works; afterwards how long that took, and the longest time without a beat."""

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat)
        self._started = time.monotonic()
        self.longest = 0.0
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.elapsed = time.monotonic() - self._started
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        before = time.monotonic()
        while not self._over.wait(0.005):
            now = time.monotonic()
            self.longest, before = max(self.longest, now - before), now


def test_a_text_that_is_too_long_keeps_its_head_and_its_tail() -> None:
    shown = redact_text("begin " + "x" * 1_000_000 + " end", limit=4_000)

    assert shown.startswith("begin xxx")
    assert shown.endswith("xxx end")
    assert " … 996010 characters left out … " in shown
    assert len(shown) < 4_100
    assert redact_text("a" * 90 + "b" * 50, limit=120) == "a" * 80 + " … 20 characters left out … " + "b" * 40


SECRETS = [
    "postgresql://office:{}@db/pm",
    "pwd={}",
    "PWD={{{}}};Encrypt=no",
    "UID=sa;PWD=my {};Encrypt=no",
    '"password": "my {}", ',
    "'api_key': '{}'",
    "Authorization: Bearer {}",
    "%3BPWD%3D%7B{}%7D%3B",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("offset", range(0, 120, 7))
def test_a_secret_that_the_cut_would_halve_is_masked_with_both_halves(secret: str, offset: int) -> None:
    whole = secret.format("hunter2" * 12)
    at_head, at_tail = 2_666 - offset, 1_334 + offset - len(whole)

    shown = redact_text(
        "." * at_head + " " + whole + " " + "." * 9_000 + " " + whole + " " + "." * at_tail, limit=4_000
    )

    assert "hunt" not in shown
    assert "ter2" not in shown


@pytest.mark.parametrize("secret", ['password="my hunter2', "pwd={my hunter2", "token='my hunter2"])
def test_a_secret_whose_end_is_missing_is_masked_to_the_end_of_the_text(secret: str) -> None:
    assert redact_text(secret).endswith("=***")


def test_a_number_of_any_length_is_no_person() -> None:
    number = 10**5000

    assert redact([number, -number]) == [number, -number]
