"""The connector, on a database of its own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from office import Office

from process_manager.errors import IllegalValue, SchemaMismatch
from process_manager.integrations import openorchestrator
from process_manager.integrations.databases import OutsideDatabase
from process_manager.integrations.openorchestrator import Element, element_id

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def queue(office: Office) -> OutsideDatabase:
    return OutsideDatabase("PROCESS_MANAGER_OPENORCHESTRATOR_URL", office.urls()["openorchestrator_url"])


def push(queue: OutsideDatabase, *elements: Element) -> None:
    with queue.begin() as connection:
        openorchestrator.push(connection, "Q", elements, created_by="process-manager", now=NOW)


def test_an_element_has_one_id_in_a_batch_and_another_in_the_next() -> None:
    batch, next_batch = str(uuid4()), str(uuid4())

    assert element_id("17", batch) == element_id("17", batch)
    assert len({element_id("17", batch), element_id("17", next_batch), element_id("18", batch)}) == 3


def test_pushing_an_element_again_changes_nothing(queue: OutsideDatabase, office: Office) -> None:
    element = Element(UUID(int=1), "17", '{"ID": 17}')
    push(queue, element)
    office.change("UPDATE Queues SET status = 'DONE'", file=office.queues)

    push(queue, element)

    assert office.ask("SELECT reference, status FROM Queues", file=office.queues) == [("17", "DONE")]


def test_an_element_is_stored_as_the_stock_client_stores_it(queue: OutsideDatabase, office: Office) -> None:
    push(queue, Element(UUID(int=255), "17", '{"navn": "Æ\\u0000"}'))

    local = NOW.astimezone().replace(tzinfo=None).isoformat(" ", "microseconds")
    assert office.ask("SELECT * FROM Queues", file=office.queues) == [
        ("000000000000000000000000000000ff", "Q", "NEW", '{"navn": "Æ\\u0000"}', "17", local, None, None, None,
         "process-manager")
    ]  # fmt: skip


def test_only_new_elements_are_withdrawn_and_only_from_their_queue(queue: OutsideDatabase, office: Office) -> None:
    push(queue, *(Element(uuid4(), str(number), "{}") for number in range(1, 5)))
    office.change("UPDATE Queues SET status = 'IN_PROGRESS' WHERE reference = '2'", file=office.queues)
    office.change("UPDATE Queues SET queue_name = 'Other' WHERE reference = '3'", file=office.queues)

    with queue.begin() as connection:
        openorchestrator.withdraw(connection, "Q", ["1", "2", "3"])

    assert office.ask("SELECT reference FROM Queues ORDER BY 1", file=office.queues) == [("2",), ("3",), ("4",)]


def test_known_tells_own_elements_from_the_live_ones_of_others(queue: OutsideDatabase, office: Office) -> None:
    push(queue, Element(UUID(int=1), "1", "{}"), Element(UUID(int=2), "2", "{}"), Element(UUID(int=3), "3", "{}"))
    office.change("UPDATE Queues SET status = 'FAILED' WHERE reference IN ('1', '3')", file=office.queues)

    with queue.read() as connection:
        ids = {"1": UUID(int=1), "2": UUID(int=20), "3": UUID(int=30), "4": UUID(int=40)}
        known = openorchestrator.known(connection, "Q", ids)

    assert (known.pushed, known.live, known.references) == ({"1"}, {"2"}, {"1", "2"})


@pytest.mark.parametrize(("reference", "data"), [("x" * 101, "{}"), ("1", "x" * 2001)])
def test_what_is_longer_than_its_column_is_refused_before_the_database_does_it(reference: str, data: str) -> None:
    with pytest.raises(IllegalValue, match=r"more than the (100|2000) of its column"):
        Element(uuid4(), reference, data)


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_a_queue_name_that_fits_no_column_is_refused(name: str) -> None:
    with pytest.raises(IllegalValue):
        openorchestrator.check_queue_name(name)


def test_a_name_longer_than_its_column_is_shortened(queue: OutsideDatabase, office: Office) -> None:
    with queue.begin() as connection:
        element = Element(uuid4(), "1", "{}")
        openorchestrator.push(connection, "Q", [element], created_by="p" * 300, now=NOW + timedelta(hours=1))

    [(name,)] = office.ask("SELECT created_by FROM Queues", file=office.queues)
    assert len(name) <= 100


@pytest.mark.parametrize(
    ("change", "release"),
    [
        ("SELECT 1", "3.0.0"),
        ("UPDATE alembic_version SET version_num = '90d46abd44a3'", "2.0.1"),
        ("UPDATE alembic_version SET version_num = 'a later one'", "unknown"),
        ("DROP TABLE alembic_version", "unknown"),
    ],
)
def test_o6_a_database_whose_queues_look_right_is_worked_with(
    queue: OutsideDatabase, change: str, release: str
) -> None:
    with queue.begin() as connection:
        connection.execute(sa.text(change))

        assert openorchestrator.release_of(connection, "") == release


def test_a_database_without_its_queues_is_refused(queue: OutsideDatabase) -> None:
    with queue.begin() as connection:
        connection.execute(sa.text('DROP TABLE "Queues"'))

        with pytest.raises(SchemaMismatch, match="of here has schema no table Queues"):
            openorchestrator.release_of(connection, "of here")
