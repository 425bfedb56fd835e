"""SQL Server tells of an error behind its first answer only who asks for the next: a trigger's, or a procedure's."""

from __future__ import annotations

from collections.abc import Iterator

import fake_odbc
import pytest
import sqlalchemy as sa
from fake_server import Answer, Fault, Server

from process_manager.database.error_codes import RolledBack
from process_manager.integrations import databases
from tests.database.test_fake_odbc import BOOK, lines, write


@pytest.fixture
def engine(odbc: Server) -> Iterator[sa.Engine]:
    """An office's database with a table of books."""
    made = databases.engine(fake_odbc.URL)
    with made.begin() as connection:
        BOOK.create(connection)
    odbc.forget()
    yield made
    made.dispose()


@pytest.mark.parametrize("text", ["INSERT INTO book (line) VALUES (?)", "EXEC book_them ?"])
def test_what_a_trigger_or_a_procedure_says_behind_its_first_count_is_heard(
    engine: sa.Engine, odbc: Server, text: str
) -> None:
    odbc.script = lambda said: Answer(count=1, behind=Fault(547)) if "spoiled" in said.values else None

    with pytest.raises(RolledBack, match=r"\(547\)"), engine.begin() as connection:
        write(connection, "first")
        with pytest.raises(sa.exc.IntegrityError, match="SQLMoreResults"):
            connection.exec_driver_sql(text, ("spoiled",))
        write(connection, "after")
    assert (odbc.taken_back, lines(odbc)) == (1, [])

    with engine.begin() as connection:
        change = connection.execute(sa.text("UPDATE book SET line = line"))
        kept = connection.execute(sa.insert(BOOK).values(line="anew"))
    assert (change.rowcount, kept.rowcount, kept.inserted_primary_key) == (0, 1, (1,))
    assert lines(odbc) == ["anew"]


def test_what_goes_wrong_behind_rows_that_were_read_is_noticed_before_the_next_statement(
    engine: sa.Engine, odbc: Server
) -> None:
    odbc.script = lambda said: Answer(("n",), [(1,)], behind=Fault(547)) if "EXEC" in said.text else None

    with pytest.raises(RolledBack, match="between two results"), engine.begin() as connection:
        write(connection, "first")
        assert connection.exec_driver_sql("EXEC look_and_change").scalar() == 1
        write(connection, "after")

    assert (odbc.taken_back, lines(odbc)) == (1, [])


def test_many_rows_in_one_call_are_one_transaction_or_none(engine: sa.Engine, odbc: Server) -> None:
    odbc.script = lambda said: Answer(count=1, behind=Fault(547)) if "spoiled" in said.values else None

    with pytest.raises(RolledBack, match="between two results"), engine.begin() as connection:
        write(connection, "first")
        connection.execute(sa.text("INSERT INTO book (line) VALUES (:line)"), [{"line": "spoiled"}, {"line": "after"}])

    assert lines(odbc) == []
