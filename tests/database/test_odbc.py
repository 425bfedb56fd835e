"""An ODBC driver that cannot do what the engine asks of it is refused by its name, before anything is asked."""

from __future__ import annotations

import pytest
from fake_server import Server

from process_manager.database import connect
from process_manager.errors import DatabaseUnreachable
from process_manager.integrations import databases

PLACE = "mssql+pyodbc://office:secretword@db.example.dk"
FREETDS = [
    f"{PLACE}/pm?driver=FreeTDS",
    f"{PLACE}/pm?driver=freetds&TDS_Version=7.4",
    f"{PLACE}/pm?driver=/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so",
    "mssql+pyodbc://office:secretword@old",
    "mssql://office:secretword@OLD",
    "mssql+pyodbc:///?odbc_connect=DRIVER={FreeTDS};SERVER=db;PWD=secretword",
    "mssql+pyodbc:///?odbc_connect=dsn=Old;PWD=secretword",
]
OTHERS = [
    f"{PLACE}/pm?driver=ODBC+Driver+18+for+SQL+Server",
    f"{PLACE}/pm?driver=ODBC+Driver+17+for+SQL+Server",
    "mssql+pyodbc://office:secretword@office",
    "mssql+pyodbc://office:secretword@unknown",
    "mssql+pyodbc:///?odbc_connect=DRIVER={ODBC Driver 18 for SQL Server};SERVER=tds;PWD=secretword",
]


@pytest.mark.parametrize("url", FREETDS)
def test_freetds_is_refused_with_the_driver_to_take(odbc: Server, url: str) -> None:
    for opened in (connect, databases.engine):
        with pytest.raises(DatabaseUnreachable) as refused:
            opened(url)

        assert "FreeTDS" in str(refused.value)
        assert "Microsoft's ODBC Driver 17 or 18 for SQL Server" in str(refused.value)
        assert "secretword" not in str(refused.value)
    assert odbc.sent == []


@pytest.mark.parametrize("url", OTHERS)
def test_any_other_driver_is_left_to_say_what_it_can_do(odbc: Server, url: str) -> None:
    connect(url).close()
    databases.engine(url).dispose()
    assert odbc.sent == []
