"""Whatever is asked of a broken database URL, nothing of its password is told, in a traceback or a log either."""

import pytest
from shop import Shop

PASSWORDS = [
    "Hemmelig@Kode",
    "Hemm@elig/Kode",
    "Hemm@elig:Kode",
    "Hemm@elig?Ko=de",
    "Hem mel@ig#Ko;de",
    "Hemm%elig@Kode",
]
PLACES = [
    "postgresql+psycopg://office:{}@127.0.0.1:1/pm",
    "postgresql+psycopg://office@127.0.0.1:1/pm?password={}",
    "mssql+pyodbc://office:{}@127.0.0.1,1/pm?driver=Nothing",
    "mssql+pyodbc:///?odbc_connect=DRIVER={{Nothing}};SERVER=127.0.0.1;UID=office;PWD={}",
    "mariadb+pyodbc://office:{}@127.0.0.1:1/pm",
    "oracle://office:{}@db/pm",
    "office:{}@db/pm",
]
ASKED = [
    ["list", "--debug"], ["work", "--time-box", "1s"], ["check"], ["doctor"], ["config", "show"],
    ["config", "show", "-o", "json"], ["db", "current", "--debug"],
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_of_a_password_is_told_whatever_is_asked(
    bare: Shop, monkeypatch: pytest.MonkeyPatch, place: str, asked: list[str]
) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_LOG_LEVEL", "DEBUG")
    for password in PASSWORDS:
        url = place.format(password)
        for setting in ("DATABASE_URL", "FAKTURERING_URL", "OPENORCHESTRATOR_URL"):
            monkeypatch.setenv(f"PROCESS_MANAGER_{setting}", url)

        answer = bare.ask(*asked)

        said = answer.out + answer.err
        pieces = {password[at : at + 4] for at in range(len(password) - 3)}
        assert [piece for piece in pieces if piece in said] == [], said
        assert "nobody foresaw" not in said
