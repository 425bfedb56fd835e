"""The report of rows that rest too long."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from freezegun import freeze_time
from office import Office

from process_manager.cli.root import root
from process_manager.cli.session import Session
from process_manager.settings import model_of
from processes.fakturering import invoice_table
from processes.fakturering.stuck_report import StuckRow, stuck_rows

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def stuck(office: Office, *, hours: float, now: datetime) -> list[StuckRow]:
    invoices = invoice_table.database(model_of()(_env_file=None, **office.urls()))
    return list(stuck_rows(invoices, office.database(), older_than=timedelta(hours=hours), now=now))


def test_d8_rows_at_rest_are_listed_with_their_age_and_process(office: Office) -> None:
    office.add([(11, "26-1", "Afsendt"), (None, "26-2", "Ny")])
    with freeze_time(MORNING):
        office.dispatch(process_id=7)
    office.add([(13, "26-3", "Afsendt")])
    with freeze_time(MORNING + timedelta(hours=2)):
        office.step("claim", process_id=8)

    later = MORNING + timedelta(hours=5)
    assert stuck(office, hours=1, now=later) == [
        StuckRow(1, "TilFakturering", MORNING, timedelta(hours=5), 7, 11, "26-1"),
        StuckRow(3, "Claimed", MORNING + timedelta(hours=2), timedelta(hours=3), 8, 13, "26-3"),
    ]
    assert [row.id for row in stuck(office, hours=4, now=later)] == [1]


def test_d8_a_row_that_another_program_claimed_is_listed_with_an_unknown_age(office: Office) -> None:
    office.add([(11, "26-1", "Claimed")])

    assert stuck(office, hours=1000, now=MORNING) == [StuckRow(1, "Claimed", None, None, None, 11, "26-1")]


def test_d8_a_row_that_has_been_invoiced_is_not_listed(office: Office) -> None:
    office.send(1)
    office.dispatch()
    office.set_status(1, "Faktureret")

    assert stuck(office, hours=0, now=datetime(2030, 1, 1, tzinfo=UTC)) == []


def test_d8_more_rows_than_one_page_are_all_listed(office: Office) -> None:
    office.send(1100)
    office.dispatch()

    found = stuck(office, hours=1, now=datetime(2030, 1, 1, tzinfo=UTC))

    assert [row.id for row in found] == list(range(1, 1101))


def test_d8_the_command_writes_every_form(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add([(11, "Æ-1", "Claimed")])
    for key, value in office.environment.items():
        monkeypatch.setenv(key, value)
    told = {
        form: CliRunner().invoke(root, ["fakturering", "stuck", "-o", form], obj=Session()).stdout
        for form in ("table", "json", "jsonl", "csv")
    }

    row = {"id": 1, "status": "Claimed", "age": None, "since": None, "process_id": None, "vejman_id": 11,
           "permit": "Æ-1", "seconds": None}  # fmt: skip
    assert json.loads(told["json"]) == [row]
    assert json.loads(told["jsonl"]) == row
    assert told["csv"].splitlines()[1] == "1,Claimed,,,,11,Æ-1,"
    assert "Claimed" in told["table"]


def test_d8_nothing_at_rest_is_said_on_stderr(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in office.environment.items():
        monkeypatch.setenv(key, value)

    done = CliRunner().invoke(root, ["fakturering", "stuck", "--older-than", "90s"], obj=Session())

    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "No invoice row rests that long.\n")
