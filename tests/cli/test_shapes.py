"""What the command line writes: data on stdout in the form that was asked for, talk on stderr."""

import csv
import io
import json
import re
import sys
from pathlib import Path

import pytest
from shop import Shop

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
OF_A_PROCESS = {
    "id", "name", "version", "reference", "status", "step", "attempt", "due_at", "retry_after", "waiting_for",
    "channel", "order_key", "created_at", "updated_at", "finished_at",
}  # fmt: skip
OF_A_HISTORY_ROW = {
    "process_id", "seq", "round", "step", "attempt", "outcome", "message", "started_at", "finished_at", "payload",
    "exchanges", "error", "worker", "by",
}  # fmt: skip


def test_a_start_writes_its_id_and_nothing_else(shop: Shop) -> None:
    answer = shop.ask("start", "letter")

    assert (answer.code, answer.out, answer.err) == (0, "1\n", "")


def test_a_start_with_a_dedup_key_that_is_taken_writes_the_first_id_and_says_so(shop: Shop) -> None:
    shop.ask("start", "letter", "--dedup-key", "7")

    answer = shop.ask("start", "letter", "--dedup-key", "7")

    assert answer.out == "1\n"
    assert answer.err == "Process 1 has this dedup key already; nothing was started.\n"
    assert len(shop.ask("list", "-o", "json").json) == 1


def test_a_start_writes_the_whole_process_when_asked(shop: Shop) -> None:
    Path("åse.json").write_bytes('\ufeff{"invoice": 12, "to": "Åse"}'.encode())
    options = ["--reference", "2026-11", "--order-key", "k", "--channel", "post", "--at", "2026-07-01T08:00"]

    found = shop.ask("start", "letter", "--payload", "@åse.json", *options, "-o", "json").json

    created = found["created_at"]
    assert found["created_by"].count("@") == 1
    assert MOMENT.fullmatch(created)
    assert found == {
        "id": 1, "name": "letter", "version": 1, "reference": "2026-11", "status": found["status"], "step": "write",
        "attempt": 0, "round": 1, "due_at": found["due_at"], "retry_after": "2026-07-01T06:00:00Z", "waiting_for": None,
        "channel": "post", "order_key": "k", "command_key": None, "worker": None, "lease_ends_at": None,
        "message": None, "payload": {"invoice": 12, "to": "Åse"}, "rerun_of": None, "created_at": created,
        "created_by": found["created_by"], "updated_at": created, "finished_at": None, "doubtful_since": None,
        "created_way": "console", "request_id": None, "seq": 0, "event": None, "parent_id": None,
        "stop_requested_at": None, "stop_requested_by": None, "stop_requested_reason": None,
    }  # fmt: skip


def test_show_leaves_out_what_has_no_value_and_json_has_all_of_it(shop: Shop) -> None:
    process_id = shop.start("letter", None, "--at", "2999-01-01T08:00")

    lines, whole = shop.ask("show", process_id).out.splitlines(), shop.ask("show", process_id, "-o", "json").json

    shown = [name for name, value in whole.items() if value is not None and name != "seq"]
    assert [line.split()[0] for line in lines] == shown
    assert {"order_key", "worker", "finished_at"} <= whole.keys() - {line.split()[0] for line in lines}


@pytest.mark.parametrize("moment", ["2999-01-01T08:00", "2999-01-01T07:00Z", "2999-01-01T09:00+02:00"])
def test_a_moment_without_an_offset_is_local_in_the_zone_of_the_settings(shop: Shop, moment: str) -> None:
    process_id = shop.start("letter", None, "--at", moment)

    found = shop.show(process_id, "status", "due_at", "retry_after", "waiting_for")

    assert found == ("waiting", "2999-01-01T07:00:00Z", "2999-01-01T07:00:00Z", "moment")


def test_the_json_of_a_process_and_its_history_has_these_fields(shop: Shop) -> None:
    process_id = shop.start("letter", {"invoice": 3})
    shop.ask("work")

    process = shop.ask("show", process_id, "-o", "json").json
    first, second = shop.ask("history", process_id, "-o", "json").json

    assert process.keys() >= OF_A_PROCESS
    assert first.keys() >= OF_A_HISTORY_ROW
    assert (process["status"], process["step"], process["finished_at"]) == ("succeeded", None, second["finished_at"])
    assert process["payload"] == {"invoice": 3, "to": "Åse Kjær", "pages": 2}
    said = first["exchanges"][0]["at"]
    assert MOMENT.fullmatch(said)
    assert first == {
        "process_id": 1, "seq": 1, "round": 1, "step": "write", "attempt": 1, "outcome": "done", "code": None,
        "message": "written", "started_at": first["started_at"], "finished_at": first["finished_at"],
        "payload": {"pages": 2},
        "exchanges": [{"system": "printer", "request": {"invoice": 3}, "response": {"pages": 2}, "at": said}],
        "logs": [{"message": "paper.taken", "sheets": 2, "at": first["logs"][0]["at"]}],
        "progress": {"done": 1, "total": 2, "message": "halfway", "at": first["progress"]["at"]},
        "error": None, "worker": first["worker"], "by": None, "way": None,
        "request_id": None, "seconds": first["seconds"], "event": None, "event_number": None,
    }  # fmt: skip
    assert [second[name] for name in ("seq", "step", "outcome", "payload", "exchanges")] == [
        2,
        "send",
        "done",
        None,
        [],
    ]


def test_the_acts_of_people_are_in_the_history_with_who_and_why(shop: Shop) -> None:
    process_id = shop.start("broken")
    shop.ask("work")
    shop.ask("restart-process", process_id, "--reason", "the fire is out")
    shop.ask("abandon-process", process_id, "--reason", "it is not")

    rows = shop.history(process_id, "round", "step", "attempt", "outcome", "message", "by")

    who = rows[-1][-1]
    assert "@" in who
    assert rows[1:] == [
        (2, "try", 0, "restart", "the fire is out", who),
        (2, "try", 0, "abandon", "it is not", who),
    ]


def test_a_rerun_is_a_new_process_linked_to_the_first(shop: Shop) -> None:
    first = shop.start("letter", {"invoice": 3}, "--reference", "R1")
    shop.ask("work")

    answer = shop.ask("rerun-process", first)

    assert answer.out == "2\n"
    assert shop.show(2, "rerun_of", "status", "reference", "payload") == (
        1, "pending", "R1", {"invoice": 3, "to": "Åse Kjær"},
    )  # fmt: skip
    assert shop.show(1, "status") == "succeeded"


def test_a_list_is_filtered_and_paged_newest_first(shop: Shop) -> None:
    for number in range(5):
        shop.start("letter", None, "--reference", f"R{number % 2}", "--channel", f"c{number % 3}")

    def ids(*options: object) -> list[int]:
        return [row["id"] for row in shop.ask("list", "-o", "json", *options).json]

    assert ids() == [5, 4, 3, 2, 1]
    assert ids("--reference", "R1") == [4, 2]
    assert ids("--channel", "c0", "--name", "letter") == [4, 1]
    assert ids("--status", "failed", "--status", "pending", "--limit", 2) == [5, 4]
    assert ids("--below", 4, "--limit", 2) == [3, 2]
    assert ids("--order-key", "k") == ids("--name", "broken") == []


def test_json_lines_and_csv_carry_the_same_rows(shop: Shop) -> None:
    shop.start("letter", {"to": 'Søren "the printer", Åse'})

    rows = shop.ask("list", "-o", "json").json
    line = shop.ask("list", "-o", "jsonl").out
    table = list(csv.DictReader(io.StringIO(shop.ask("list", "-o", "csv").out)))

    assert [json.loads(each) for each in line.splitlines()] == rows
    assert table[0].keys() == rows[0].keys()
    assert (table[0]["id"], table[0]["due_at"], table[0]["finished_at"]) == ("1", rows[0]["due_at"], "")
    assert json.loads(table[0]["payload"]) == rows[0]["payload"]


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
@pytest.mark.parametrize("command", [["list"], ["history", 1], ["processes"], ["show", 1]])
def test_every_form_is_there_for_everything_that_lists(shop: Shop, command: list[object], form: str) -> None:
    shop.start("letter")

    answer = shop.ask(*command, "-o", form)

    assert (answer.code, answer.err) == (0, "")
    assert form == "jsonl" or answer.out.endswith("\n")


def test_an_empty_list_is_an_empty_list_in_json_and_a_header_elsewhere(shop: Shop) -> None:
    answers = {form: shop.ask("list", "-o", form).out for form in ("table", "json", "jsonl", "csv")}

    assert (answers["json"], answers["jsonl"]) == ("[]\n", "")
    assert answers["csv"].startswith("id,name,version,")
    assert answers["table"].split()[:2] == ["id", "name"]


def test_a_message_of_many_lines_or_with_steering_characters_stays_in_its_row(shop: Shop) -> None:
    shop.start("broken")
    shop.ask("work")

    listed, told = shop.ask("list").out, shop.ask("history", 1).out

    assert listed.count("\n") == told.count("\n") == 2
    assert "\x1b" not in listed + told
    assert "RuntimeError: the printer is on fire" in told


def test_a_list_says_how_to_see_more(shop: Shop) -> None:
    shop.start("letter")
    shop.start("letter")

    answer = shop.ask("list", "--limit", 1)

    assert answer.err == "There are more: process-manager list --limit 1 --below 2\n"


def test_processes_lists_what_is_known_here_and_what_only_the_database_knows(busy: Shop) -> None:
    rows = {(row["name"], row["version"]): row for row in busy.ask("processes", "-o", "json").json}

    assert rows["letter", 1] == {
        "name": "letter", "label": None, "version": 1, "known": True, "becomes": None, "channel": "default",
        "steps": ["write", "send"], "counts": {"abandoned": 1, "pending": 1, "succeeded": 2, "waiting": 1}, "live": 2,
        "workers": [], "waits": False, "waits_for": [],
    }  # fmt: skip
    assert rows["gone", 1] == {
        "name": "gone", "label": None, "version": 1, "known": False, "becomes": None, "channel": None, "steps": [],
        "counts": {"pending": 1}, "live": 1, "workers": [], "waits": True,
        "waits_for": ["a worker that knows version 1 of 'gone'"],
    }  # fmt: skip
    assert rows["gone", 2]["counts"] == {}


def test_a_diagram_of_a_process_shows_its_steps_in_order(shop: Shop) -> None:
    assert shop.ask("diagram", "letter").out == (
        'flowchart TD\n    start(["letter 1"]) --> s1["write"]\n'
        '    s1["write"] -->|done| s2["send"]\n    s2["send"] -->|done| done([succeeded])\n'
    )
    assert shop.ask("diagram").out.startswith("stateDiagram-v2\n")


def test_a_new_database_is_made_on_first_use_with_one_line_that_says_where(bare: Shop) -> None:
    first, second = bare.ask("start", "letter"), bare.ask("start", "letter")

    assert (first.code, first.out, first.err) == (0, "1\n", f"Made a new database: {bare.file}\n")
    assert second.err == ""


def test_the_schema_goes_up_and_down_and_can_be_read(bare: Shop) -> None:
    talk = [bare.ask("db", *words) for words in (["upgrade"], ["downgrade", "0001", "--yes"], ["current"], ["upgrade"])]
    texts = {dialect: bare.ask("db", "sql", "--dialect", dialect).out for dialect in ("sqlite", "postgresql", "mssql")}

    assert [answer.code for answer in talk] == [0, 0, 0, 0]
    assert talk[2].out == "0001\n"
    assert bare.ask("list").code == 0
    assert all("CREATE TABLE processes" in text.replace("IF NOT EXISTS ", "") for text in texts.values())


@pytest.mark.slow
def test_text_leaves_as_utf_8_whatever_the_console_speaks(shop: Shop) -> None:
    shop.start("letter", None, "--reference", "Æ-1")

    answer = shop.really("list", "--reference", "Æ-1", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")

    assert (answer.code, answer.err) == (0, "")
    assert "Æ-1" in answer.out


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are text there")
def test_an_argument_that_is_no_text_is_refused(shop: Shop) -> None:
    answer = shop.really("list", "--reference", "\udcff")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "Error: The argument '\\udcff' is not UTF-8. Type it in a UTF-8 terminal.\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_a_start_whose_reader_went_away_is_started(shop: Shop) -> None:
    with shop.spawn("start", "letter") as program:
        assert program.stdout and program.stderr
        program.stdout.close()
        complaints = program.stderr.read()
        program.wait(timeout=20)

    assert (program.returncode, complaints) == (0, "")
    assert shop.show(1, "status") == "pending"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="`head` is not there")
def test_a_reader_that_goes_away_ends_it_quietly(shop: Shop) -> None:
    shop.execute(
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO processes"
        " (name, version, channel, status, step, due_at, parameters, created_at, created_by, updated_at)"
        " SELECT 'letter', 1, 'default', 'pending', 'write', ?, '{}', ?, 'x', ? FROM n",
        *["2026-11-22 00:00:00.000000"] * 3,
    )

    with shop.spawn("list", "--limit", 5000, "-o", "jsonl") as program:
        assert program.stdout and program.stderr
        first = program.stdout.readline()
        program.stdout.close()
        complaints = program.stderr.read()
        program.wait(timeout=20)

    assert json.loads(first)["id"] == 5000
    assert (program.returncode, complaints) == (0, "")
