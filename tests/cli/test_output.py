"""What people and programs are shown of rows, at their edges too."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from process_manager.cli.output import Look, RowStream, write_one, write_rows

END = datetime.max.replace(tzinfo=UTC)


@pytest.fixture
def in_copenhagen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A host whose own zone is that of Copenhagen, where hosts can be told so."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system cannot be told its zone")
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Europe/Copenhagen")
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def test_a_moment_at_the_end_of_time_is_shown_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"id": 1, "due_at": END}

    write_rows(
        [row, {"id": 2, "due_at": datetime(2026, 7, 1, 10, tzinfo=UTC)}], Look("table", zone="Europe/Copenhagen")
    )
    write_one(row, Look("table", zone="Europe/Copenhagen"))

    assert capsys.readouterr().out == (
        "id  due_at\n1   9999-12-31 23:59:59 UTC\n2   2026-07-01 12:00:00\nid      1\ndue_at  9999-12-31 23:59:59 UTC\n"
    )


@pytest.mark.usefixtures("in_copenhagen")
def test_the_end_of_time_is_shown_in_utc_on_a_host_east_of_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    write_one({"due_at": END}, Look("table"))

    assert capsys.readouterr().out == "due_at  9999-12-31 23:59:59 UTC\n"


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_programs_are_given_the_end_of_time_in_utc(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([{"due_at": END}], Look(form))

    assert "9999-12-31T23:59:59.999999Z" in capsys.readouterr().out


ROWS = [
    {"id": 1, "told": "two\nlines", "of": {"a": [1]}},
    {"id": 2, "told": "", "of": {}},
    {"id": 3, "told": None, "of": 0},
]


@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS], ids=len)
@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_programs_are_given_the_same_whether_rows_come_at_once_or_one_by_one(
    form: str, rows: list[dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    look = Look(form, ("id", "told", "of"))

    write_rows(rows, look)
    at_once = capsys.readouterr().out
    with RowStream(look) as stream:
        for row in rows:
            stream.write([row])

    assert capsys.readouterr().out == at_once
    assert form != "json" or at_once == json.dumps(rows, indent=2) + "\n"
