"""What we push, the stock client pops: both releases, their own schema, their own code."""

import json
import re
from pathlib import Path

import pytest
from office import Office
from openorchestrator_peer import RELEASES, Peer

from process_manager.integrations import openorchestrator
from process_manager.integrations.databases import OutsideDatabase
from processes.demo import data as demo_data

pytestmark = pytest.mark.slow


@pytest.fixture(params=RELEASES)
def peer(request: pytest.FixtureRequest) -> Peer:
    found = Peer(request.param)
    found.require()
    return found


@pytest.fixture
def shared_office(peer: Peer, office: Office) -> Office:
    """An office whose queue is in a database that OpenOrchestrator made itself."""
    for file in office.folder.glob("queues.db*"):
        file.unlink()
    assert peer.make(office.queues)
    return office


def test_o1_the_stock_client_pops_what_we_pushed_once_and_in_full(peer: Peer, shared_office: Office) -> None:
    shared_office.add([(4711, "Æblø-1/26 å", "Afsendt"), (None, "26-2", "Afsendt")])

    shared_office.dispatch()
    popped = peer.pop_all(shared_office.queues)

    assert sorted((reference, json.loads(data), status, by) for _id, reference, data, status, by in popped) == [
        ("1", {"ID": 1, "VejmanID": 4711, "Tilladelsesnr": "Æblø-1/26 å"}, "IN_PROGRESS", "process-manager"),
        ("2", {"ID": 2, "VejmanID": "Henstilling", "Tilladelsesnr": "26-2"}, "IN_PROGRESS", "process-manager"),
    ]
    assert peer.pop_all(shared_office.queues) == []


def test_o1_five_hundred_elements_are_each_handed_out_once(peer: Peer, shared_office: Office) -> None:
    shared_office.send(120)

    shared_office.dispatch()
    popped = peer.pop_all(shared_office.queues)

    assert sorted(int(reference) for _id, reference, *_rest in popped) == list(range(1, 121))


def test_d7_an_element_that_the_stock_client_pushed_keeps_its_row_from_being_queued_again(
    peer: Peer, shared_office: Office
) -> None:
    shared_office.send(1)
    peer.create(shared_office.queues)

    shared_office.dispatch()

    assert shared_office.references() == [1]
    assert shared_office.count_statuses() == {"TilFakturering": 1}


def test_o6_the_release_is_read_from_the_database(peer: Peer, shared_office: Office) -> None:
    database = OutsideDatabase("PROCESS_MANAGER_OPENORCHESTRATOR_URL", shared_office.urls()["openorchestrator_url"])

    with database.read() as connection:
        assert openorchestrator.release_of(connection, "") == peer.release


def test_the_demo_makes_the_schema_that_the_newest_release_makes(tmp_path: Path) -> None:
    peer = Peer(RELEASES[0])
    peer.require()
    theirs, ours = Office(tmp_path / "theirs"), Office(tmp_path / "ours")
    for office in (theirs, ours):
        office.folder.mkdir()

    peer.make(theirs.queues)
    demo_data.make_queues(ours.queues)

    assert schema_of(ours) == schema_of(theirs)


def schema_of(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """Each table with its columns: name, type, nullable, key; and each index."""
    names = office.ask("SELECT name FROM sqlite_master WHERE type = 'table'", file=office.queues)
    tables = {
        name: office.ask('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', name, file=office.queues)
        for (name,) in names
    }
    indexes = office.ask("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL", file=office.queues)
    return tables | {"indexes": sorted((re.sub(r"\s+", " ", sql),) for (sql,) in indexes)}
