"""The dispatch, step by step, on real files."""

import json
import sqlite3
import threading
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from office import Office

from process_manager import Done, Retry, Skip, Wait
from process_manager.errors import DatabaseUnreachable, SettingsError
from process_manager.integrations import databases
from processes.fakturering import Fakturering


def test_d1_sent_rows_become_elements_with_exactly_their_facts_and_others_stay(office: Office) -> None:
    office.add(
        [(4711, "Æ-1/26", "Afsendt"), (None, "Ø-2/26", "Afsendt"), (4713, "Å-3/26", "Ny"), (0, "blå", "Afsendt")]
    )

    claim, queue, finalise = office.dispatch()

    assert office.elements() == [
        ("1", {"ID": 1, "VejmanID": 4711, "Tilladelsesnr": "Æ-1/26"}, "NEW"),
        ("2", {"ID": 2, "VejmanID": "Henstilling", "Tilladelsesnr": "Ø-2/26"}, "NEW"),
        ("4", {"ID": 4, "VejmanID": 0, "Tilladelsesnr": "blå"}, "NEW"),
    ]
    assert office.statuses() == {1: "TilFakturering", 2: "TilFakturering", 3: "Ny", 4: "TilFakturering"}
    assert claim == Done("3 rows claimed", {"batch": office.run("claim").idempotency_key})
    assert queue == Done("3 rows put into VejmanKassenSAP")
    assert finalise == Done("3 rows TilFakturering")


def test_d1_letters_are_not_escaped_in_the_queue(office: Office) -> None:
    office.add([(1, "æøåÆØÅ – “26”", "Afsendt")])

    office.dispatch()

    [(data,)] = office.ask("SELECT data FROM Queues", file=office.queues)
    assert "æøåÆØÅ – “26”" in data


def test_d2_two_dispatchers_on_500_rows_make_one_element_a_row(office: Office) -> None:
    office.send(500)
    dispatchers = [threading.Thread(target=office.dispatch, args=(process_id,)) for process_id in (1, 2)]

    for dispatcher in dispatchers:
        dispatcher.start()
    for dispatcher in dispatchers:
        dispatcher.join()

    assert office.references() == list(range(1, 501))
    assert office.count_statuses() == {"TilFakturering": 500}


def test_d3_a_queue_that_is_down_is_named_and_every_row_is_queued_once_when_it_answers(office: Office) -> None:
    office.send(3)
    away = office.queues.rename(office.folder / "away.db")

    office.step("claim")
    with pytest.raises(DatabaseUnreachable, match=r"there is no file .*queues\.db"):
        office.step("queue")
    assert office.count_statuses() == {"Claimed": 3}
    away.rename(office.queues)
    office.step("queue")
    office.step("finalise")

    assert office.references() == [1, 2, 3]
    assert office.count_statuses() == {"TilFakturering": 3}


def test_d3_a_push_that_fails_half_way_leaves_neither_half(office: Office) -> None:
    office.send(3)
    refuse = (
        "CREATE TRIGGER down BEFORE INSERT ON Queues WHEN NEW.reference = '3' BEGIN SELECT RAISE(ABORT, 'down'); END"
    )
    office.change(refuse, file=office.queues)

    office.step("claim")
    with pytest.raises(
        DatabaseUnreachable, match=r"PROCESS_MANAGER_OPENORCHESTRATOR_URL cannot be used: down\. Nothing is lost"
    ):
        office.step("queue")
    left = (office.references(), office.count_statuses())
    office.change("DROP TRIGGER down", file=office.queues)
    answer = office.step("queue")

    assert left == ([], {"Claimed": 3})
    assert answer == Done("3 rows put into VejmanKassenSAP")
    assert office.count_statuses() == {"TilFakturering": 3}


def test_d6_no_row_is_nothing_to_do_and_leaves_no_connection_open(office: Office) -> None:
    office.add([(1, "26-1", "Ny"), (2, "26-2", "Faktureret")])

    answers = office.dispatch()

    assert answers == [Skip("nothing to do: no row is Afsendt")]
    assert _open_files(office.folder) & {office.invoices.name, office.queues.name} == set()


def test_d6_ten_thousand_rows_go_500_at_a_time_with_progress_after_each(office: Office) -> None:
    office.send(10_000)
    pushes = _count_inserted(office)

    answers = office.dispatch()

    assert answers[-1] == Done("10000 rows TilFakturering")
    assert pushes == [500] * 20
    told = [json.loads(said.body) for said in office.said if said.kind == "progress"]
    assert [each["done"] for each in told] == [*range(500, 10_001, 500)] * 3
    assert told[20] == {"done": 500, "total": 10_000, "message": "500 of 10000 elements are in VejmanKassenSAP"}


def test_d8_every_transition_has_an_audit_row(office: Office) -> None:
    office.send(2)

    office.dispatch(process_id=7)

    assert office.audit() == [
        (1, "Afsendt", "Claimed"),
        (1, "Claimed", "TilFakturering"),
        (2, "Afsendt", "Claimed"),
        (2, "Claimed", "TilFakturering"),
    ]
    batch = office.run("claim", 7).idempotency_key
    assert set(office.ask("SELECT PerformedBy FROM VejmanFaktureringLog")) == {(f"process-manager 7 {batch[:8]}",)}


def test_a_row_that_does_not_fit_the_queue_stops_no_other(office: Office) -> None:
    office.add([(1, "x" * 3000, "Afsendt"), (2, "26-2", "Afsendt")])

    office.step("claim")
    answer = office.step("queue")

    assert answer == Retry("1 row put into VejmanKassenSAP; 1 row still Claimed, the log of this step says why")
    assert office.references() == [2]
    assert any("more than the 2000 of its column" in said.body for said in office.said)


def test_a_worker_that_stops_goes_on_where_it_was(office: Office) -> None:
    office.send(1200)
    run = office.run("claim")
    run.stop_requested = True

    answer = Fakturering().claim_rows(run)
    office.dispatch()

    assert isinstance(answer, Wait)
    assert office.references() == list(range(1, 1201))


@pytest.mark.parametrize("name", ["FAKTURERING", "OPENORCHESTRATOR"])
def test_a_setting_that_is_missing_is_named(office: Office, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    office.send(1)
    office.step("claim")
    urls = {key: url for key, url in office.urls().items() if key != f"{name.lower()}_url"}
    monkeypatch.setattr(Office, "urls", lambda _office: urls)

    with pytest.raises(SettingsError, match=f"PROCESS_MANAGER_{name}_URL: it is not set"):
        office.step("queue")


def test_one_sqlite_file_for_rows_and_queue_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.send(1)
    office.step("claim")
    urls = office.urls() | {"fakturering_url": office.urls()["openorchestrator_url"]}
    monkeypatch.setattr(Office, "urls", lambda _office: urls)

    with pytest.raises(SettingsError, match="both name one SQLite file"):
        office.step("queue")


def _open_files(folder: Path) -> set[str]:
    open_now = {Path(each.path) for each in psutil.Process().open_files()}
    return {path.name for path in open_now if path.parent == folder}


def _count_inserted(office: Office) -> list[int]:
    """Grows by the number of rows of each INSERT into the queue's database."""
    counts: list[int] = []

    def count(_connection: object, cursor: sqlite3.Cursor, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT"):
            counts.append(cursor.rowcount)

    sa.event.listen(databases.engine(office.urls()["openorchestrator_url"]), "after_cursor_execute", count)
    return counts
