"""The content of files: taken in piece by piece, stored on every database, and read as it came."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from freezegun import freeze_time
from rig import NOON, Three, abandon, execute, settings, start

from process_manager import files, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import NotFound
from process_manager.files import PIECE, StoredFile

pytestmark = pytest.mark.every_database

ADA = Actor("ada", is_person=True)
CONTENT = bytes(range(256)) * (3 * PIECE // 256) + b"\0\xff and the rest"


def taken(database: Database, content: bytes = CONTENT, *, name: str = "rows") -> StoredFile:
    """A file that came in parts which are no pieces."""
    with files.Receiver(database, settings(), name=name, label="november.xlsx", actor=ADA) as receiver:
        for at in range(0, len(content), 100_001):
            receiver.write(content[at : at + 100_001])
    return receiver.file


def given(database: Database, *stored: StoredFile) -> int:
    """A process that has these files."""
    with database.begin() as connection:
        return operations.start(connection, Three, files=stored).id


def left(database: Database) -> tuple[int, int]:
    """How many files and pieces there are."""
    return tuple(execute(database, f"SELECT count(*) FROM {table}")[0][0] for table in ("files", "file_pieces"))  # type: ignore[return-value]  # noqa: S608


def test_a_file_is_read_as_it_came(database: Database) -> None:
    stored = taken(database)

    with files.opened(database, settings(), stored) as content:
        assert content.read() == CONTENT
    assert (stored.size, stored.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert (stored.label, stored.created_by, stored.process_id) == ("november.xlsx", "ada", None)
    assert left(database) == (1, 4)


def test_an_empty_file_is_one_too(database: Database) -> None:
    stored = taken(database, b"")

    with files.opened(database, settings(), stored) as content:
        assert content.read() == b""
    assert stored.size == 0


def test_a_file_can_be_sought_in_as_archives_need_it(database: Database) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("first.txt", CONTENT)
        packed.writestr("last.txt", "the last")

    with files.opened(database, settings(), taken(database, archive.getvalue())) as content:
        assert zipfile.ZipFile(content).read("last.txt") == b"the last"
        assert content.seek(-3, io.SEEK_END) == len(archive.getvalue()) - 3
        assert content.read() == archive.getvalue()[-3:]


def test_files_become_those_of_the_process_that_starts_with_them(database: Database) -> None:
    process_id = given(database, taken(database), taken(database, b"2", name="more"))

    with database.read() as connection:
        found = files.of_process(connection, process_id)
    assert {name: (each.process_id, each.size) for name, each in found.items()} == {
        "rows": (process_id, len(CONTENT)),
        "more": (process_id, 1),
    }


def test_a_file_has_one_process_only(database: Database) -> None:
    stored = taken(database)
    given(database, stored)

    with pytest.raises(NotFound, match="one is gone, or was used already"):
        given(database, stored)
    assert execute(database, "SELECT count(*) FROM processes") == [(1,)]


def test_who_starts_what_was_there_gives_it_nothing(database: Database) -> None:
    process_id = start(database, Three, dedup_key="k")
    stored = taken(database)
    with database.begin() as connection:
        operations.start(connection, Three, dedup_key="k", files=[stored])

    with database.read() as connection:
        assert files.of_process(connection, process_id) == {}
    files.discard(database, settings(), [stored])
    assert left(database) == (0, 0)


def test_what_a_process_has_is_not_discarded(database: Database) -> None:
    stored = taken(database)
    given(database, stored)

    files.discard(database, settings(), [stored])

    assert left(database) == (1, 4)


def test_what_breaks_off_leaves_nothing(database: Database) -> None:
    with pytest.raises(KeyError), files.Receiver(database, settings(), name="a", label="a", actor=ADA) as receiver:
        receiver.write(CONTENT)
        assert left(database) == (1, 3)
        raise KeyError

    assert left(database) == (0, 0)


def test_what_was_nobodys_for_a_day_is_swept_away_by_whoever_sends_the_next(database: Database) -> None:
    with freeze_time(NOON):
        taken(database, b"old")
        kept = taken(database, b"old, and a process's", name="kept")
        given(database, kept)
    with freeze_time(NOON + timedelta(hours=12)):
        taken(database, b"younger")
    with freeze_time(NOON + timedelta(hours=25)):
        taken(database, b"new")

    assert sorted(execute(database, "SELECT size FROM files")) == [(3,), (7,), (20,)]
    assert left(database) == (3, 3)


def test_files_go_with_their_process_but_not_what_another_shares(database: Database) -> None:
    first = given(database, taken(database), taken(database, b"2", name="more"))
    abandon(database, first)
    with database.begin() as connection:
        again = operations.rerun(connection, first, registry=Registry([Three]))

    files.remove(database, settings(), first)

    with database.read() as connection:
        assert files.of_process(connection, first) == {}
        found = files.of_process(connection, again)
    with files.opened(database, settings(), found["rows"]) as content:
        assert content.read() == CONTENT
    files.remove(database, settings(), again)
    assert left(database) == (0, 0)


def test_who_runs_it_again_may_replace_a_file(database: Database) -> None:
    first = given(database, taken(database, b"wrong"), taken(database, b"2", name="more"))
    abandon(database, first)
    right = taken(database, b"right one")
    with database.begin() as connection:
        new = operations.rerun(connection, first, registry=Registry([Three]), files=[right])

    with database.read() as connection:
        sizes = [{name: each.size for name, each in files.of_process(connection, id_).items()} for id_ in (first, new)]
    assert sizes == [{"rows": 5, "more": 1}, {"rows": 9, "more": 1}]
