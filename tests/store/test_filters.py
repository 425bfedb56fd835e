"""What a person asks for is found on every database alike, and nothing else is: many acts go by it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from rig import odd, start, work
from sqlalchemy.sql import ClauseElement

from process_manager import Reject, inspection
from process_manager.database import Database
from process_manager.store import filters
from process_manager.store.filters import Filter
from tests.store.test_sql import MSSQL

TEXTS = [
    "[42000] [Microsoft] the login failed", "[9]", "[a-z]", "[^0]", "[", "]", "[[]", "9", "a", "az",
    "50 %", "50 percent", "%", "_", "a_b", "axb", "\\", "C:\\temp\\new", "C:tempnew", "\\%", "\\_",
    "/", "//", "/%", "it's", 'a "word"', "får", "far", "😀", "😁", "*", "?", "a ", "e\u0301", "é", "; DROP TABLE x --",
]  # fmt: skip


def folded(text: str) -> str:
    return text.encode().lower().decode()  # A to Z alone


@pytest.mark.every_database
def test_an_error_is_found_by_any_text_in_it_and_by_no_other(database: Database) -> None:
    process = odd(lambda run: Reject(run.payload["said"]))
    ids = {text: start(database, process, {"said": f"It said: {text}|"}) for text in TEXTS}
    work(database, process)

    with database.read() as connection:
        for asked in (*TEXTS, "THE LOGIN", "It SAID: a", ": 5", "nothing of it", "%%", "[42000]", "|"):
            found = filters.matching(connection, Filter(error=asked))
            assert found == [ids[each] for each in TEXTS if folded(asked) in folded(f"It said: {each}|")], asked
        assert len(filters.matching(connection, Filter(error=""))) == len(TEXTS)


@pytest.mark.every_database
def test_the_oldest_that_match_are_found_portion_by_portion_and_no_more_rows_come_than_are_asked_for(
    database: Database,
) -> None:
    process = odd(lambda run: Reject("no"))
    ids = [start(database, process) for _ in range(5)]
    work(database, process)

    with database.read() as connection:
        asked = [Filter(), Filter(status=("rejected", "failed")), Filter(error="no")]
        for which in asked:
            first = filters.oldest(connection, which, limit=2)
            rest = filters.oldest(connection, which, above=first[-1], limit=9)
            assert (first, rest) == (ids[:2], ids[2:]), which
        assert inspection.matching(connection, Filter(error="no"), most=3) == ids[:3]
        assert inspection.count(connection, Filter(error="no")) == 5


def compiled(which: Filter) -> str:
    condition = sa.select(filters.p.id).where(*filters.conditions(which))
    assert isinstance(condition, ClauseElement)
    return str(condition.compile(dialect=MSSQL))


def test_on_sql_server_nothing_in_a_text_is_a_wildcard_and_no_accent_or_emoji_is_passed_over() -> None:
    text = compiled(Filter(error="[9]"))

    assert "LIKE" not in text
    assert text.count("COLLATE Latin1_General_100_BIN2) > ") == text.count("CHARINDEX(lower(") == 2
