"""Starting many from a file: a line for each, a row for what became of it, and a bad line harms no other."""

import io
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from shop import Shop

from process_manager.cli import exit_codes, progress, start_many_file
from process_manager.cli.interrupts import finishing


def write(*lines: object, path: str = "starts.jsonl") -> str:
    """The argument that names a file of these lines, objects or texts."""
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    Path(path).write_text("\n".join(texts), "utf-8")
    return f"@{path}"


def invoices(numbers: Iterable[int]) -> list[Any]:
    return [{"payload": {"invoice": number}, "dedup_key": str(number)} for number in numbers]


def started(shop: Shop) -> int:
    with closing(sqlite3.connect(shop.file)) as connection:
        return int(connection.execute("SELECT count(*) FROM processes").fetchone()[0])


def test_each_line_is_a_process_with_a_row_that_says_so(shop: Shop) -> None:
    file = write({"payload": {"invoice": 7}}, {}, {"payload": None, "dedup_key": None})

    answer = shop.ask("start-many", "letter", file, "-o", "json")

    assert (answer.code, answer.err) == (0, "3 started, 0 there already, 0 refused.\n")
    assert answer.json == [{"line": n, "id": n, "result": "started", "message": ""} for n in (1, 2, 3)]
    assert shop.show(1, "payload") == {"invoice": 7, "to": "Åse Kjær"}


def test_a_line_says_what_the_options_of_start_say(shop: Shop) -> None:
    line = {"reference": "Å-7", "order_key": "k", "at": "2999-01-01T08:00", "channel": "post", "dedup_key": "x"}

    shop.ask("start-many", "letter", write(line))

    found = shop.show(1, "reference", "order_key", "retry_after", "channel", "status")
    assert found == ("Å-7", "k", "2999-01-01T07:00:00Z", "post", "waiting")
    assert shop.show(1, "created_by").count("@") == 1


def test_with_dedup_keys_the_same_file_starts_nothing_twice(shop: Shop) -> None:
    file = write(*invoices([1, 2, 1]))

    first, second = (shop.ask("start-many", "letter", file, "-o", "csv") for _ in range(2))

    assert first.out == "line,id,result,message\n1,1,started,\n2,2,started,\n3,1,there already,It has this dedup key.\n"
    assert (second.code, second.err) == (0, "0 started, 3 there already, 0 refused.\n")
    assert started(shop) == 2


BAD = [
    ("{", "It is not JSON: Expecting property name enclosed in double quotes at character 2."),
    ("[1]", "It is a list, not an object. Write one object a line."),
    ('{"n": ' + "1" * 5000 + "}", "It is not JSON: a number in it is too long. Write it as text."),
    ("[" * 100_000, "It is nested too deeply. Give a flatter object."),
    ('{"referense": "x"}', "It has a key 'referense', which is none of a start. Did you mean reference?"),
    ('{"invoice": 7}', "It has a key 'invoice', which is none of a start. The keys are payload, reference, dedup_key, "
     "order_key, at, channel; put the process's own in payload."),
    ('{"process": "gone"}', "It has a key 'process', which is none of a start. The keys are payload, reference, "
     "dedup_key, order_key, at, channel; put the process's own in payload."),
    ('{"dedup_key": 7}', "Its dedup_key is an int, not a text. Write it in quotes."),
    ('{"dedup_key": " "}', "dedup_key ' ' is empty. Give a text, or leave it out."),
    ('{"at": "soon"}', "at 'soon' is no moment. Write it as 2026-11-30T08:00, with an offset (+01:00 or Z) if it is "
     "not local."),
    ('{"payload": []}', "The payload of letter does not fit: it is a list, not an object. Nothing was started."),
    ('{"payload": {"invoice": 0}}', "The payload of letter does not fit: invoice: Input should be greater than 0. "
     "Nothing was started."),
    ('{"payload": {"invoice": NaN}}', "The payload of letter does not fit: invoice: Input should be a finite number. "
     "Nothing was started."),
]  # fmt: skip


def test_a_bad_line_is_named_with_its_reason_and_the_others_are_started(shop: Shop) -> None:
    file = write(*[text for text, _ in BAD], "", "  ", {"payload": {"invoice": 3}})

    answer = shop.ask("start-many", "letter", file, "-o", "jsonl")

    rows = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.code == 9
    assert answer.err == (
        f"1 started, 0 there already, {len(BAD)} refused.\n"
        f"Error: {len(BAD)} of {len(BAD) + 1} failed, each for the reason in its row.\n"
    )
    assert rows == [
        *({"line": n, "id": None, "result": "refused", "message": said} for n, (_, said) in enumerate(BAD, 1)),
        {"line": len(BAD) + 3, "id": 1, "result": "started", "message": ""},
    ]
    assert started(shop) == 1


def test_lines_end_as_on_windows_or_not_at_all_and_a_line_of_another_code_page_is_refused(shop: Shop) -> None:
    Path("a.jsonl").write_bytes(b'\xef\xbb\xbf{"reference": "first"}\r\n{"reference": "\xc5se"}\r\n\r\n{}')

    answer = shop.ask("start-many", "letter", "a.jsonl")

    assert answer.out == (
        "line      id        result         message\n"
        "1         1         started\n"
        "2                   refused        It is not UTF-8. Save the file as UTF-8.\n"
        "4         2         started\n"
    )
    assert shop.show(1, "reference") == "first"


@pytest.mark.parametrize("source", ["-", "@-"])
def test_a_hyphen_is_stdin(shop: Shop, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}\n{}\n")))

    assert shop.ask("start-many", "letter", source).code == 0
    assert started(shop) == 2


@pytest.mark.parametrize(
    ("form", "out"),
    [("json", "[]\n"), ("jsonl", ""), ("csv", "line,id,result,message\n"),
     ("table", "line      id        result         message\n")],
)  # fmt: skip
def test_a_file_without_lines_is_nothing_to_do(shop: Shop, form: str, out: str) -> None:
    answer = shop.ask("start-many", "letter", write("", " "), "-o", form)

    assert (answer.code, answer.out, answer.err) == (0, out, "0 started, 0 there already, 0 refused.\n")


MISTAKES = [
    (["letter"], 2, "Missing argument '@FILE.jsonl'"),
    (["letter", "@nowhere.jsonl"], 2, "nowhere.jsonl cannot be read: No such file or directory. Give @ and the path"),
    (["letter", "@"], 2, " cannot be read: "),
    (["letter", "@."], 2, ". cannot be read: "),
    (["letter", "@wide.jsonl"], 2, "The file is UTF-16, as Windows PowerShell writes it. Save it as UTF-8."),
    (["leter", "@wide.jsonl"], 3, "Did you mean 'letter'?"),
    (["tidy", "@wide.jsonl"], 2, "'tidy' is a command, of which one is open at most"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), MISTAKES, ids=[" ".join(row[0]) for row in MISTAKES])
def test_what_is_no_file_of_starts_is_told_in_one_line(shop: Shop, arguments: list[str], code: int, said: str) -> None:
    Path("wide.jsonl").write_text("{}\n", "utf-16")

    answer = shop.ask("start-many", *arguments, "-o", "jsonl")

    assert said in answer.err
    assert (answer.code, answer.out, answer.err.count("\n")) == (code, "", 1)
    assert started(shop) == 0


def test_each_thousand_is_kept_whatever_happens_later_and_it_says_how_far_it_came(shop: Shop) -> None:
    shop.execute(
        "CREATE TRIGGER full AFTER INSERT ON processes WHEN new.id > 2100 BEGIN SELECT RAISE(ABORT, 'full'); END"
    )

    answer = shop.ask("start-many", "letter", write(*invoices(range(1, 2501))), "-o", "json")

    assert answer.code not in (0, 9)
    assert answer.err.startswith(
        "It ended after line 2000: 2000 started, 0 there already, 0 refused. What is started stays.\nError: "
    )
    assert [row["line"] for row in answer.json] == list(range(1, 2001))
    assert started(shop) == 2000


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are another thing there")
def test_ctrl_c_leaves_what_was_told_and_says_how_far_it_came(shop: Shop) -> None:
    os.mkfifo("starts")
    pipe = Path("starts")
    with shop.spawn("start-many", "letter", "@starts", "-o", "jsonl") as program, pipe.open("w") as file:
        file.writelines("{}\n" for _ in range(1500))
        file.flush()
        assert program.stdout is not None
        told = [program.stdout.readline() for _ in range(1000)]
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=30)

    assert (program.returncode, len(told), out) == (130, 1000, "")
    assert (
        err == "It ended after line 1000: 1000 started, 0 there already, 0 refused. What is started stays.\nStopped.\n"
    )
    assert started(shop) == 1000


def test_a_first_ctrl_c_waits_for_the_end_of_a_transaction_and_a_second_does_not() -> None:
    said: list[str] = []

    with pytest.raises(KeyboardInterrupt), finishing():
        signal.raise_signal(signal.SIGINT)
        said.append("ended")
    with pytest.raises(KeyboardInterrupt), finishing():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        said.append("never")

    assert said == ["ended"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_file_is_read_a_thousand_lines_at_a_time() -> None:
    file = io.BytesIO(b"{}\n" * 2500)

    read = [(len(batch), batch[-1].number, file.tell()) for batch in start_many_file.batches(file)]

    assert read == [(1000, 1000, 3000), (1000, 2000, 6000), (500, 2500, 7500)]


def test_long_lines_make_small_transactions() -> None:
    file = io.BytesIO((b'{"payload":{"x":"' + b"x" * 2**20 + b'"}}\n') * 10)

    assert [len(batch) for batch in start_many_file.batches(file)] == [4, 4, 2]


def test_a_line_that_never_ends_is_not_kept_and_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_many_file, "LONGEST", 2**20)
    Path("endless.jsonl").write_bytes(b"[" + b"{}," * 2**20 + b"{}]\n{}\n")

    answer = shop.ask("start-many", "letter", "@endless.jsonl", "-o", "csv")

    assert answer.out == (
        "line,id,result,message\n1,,refused,It is longer than 1 MiB. Write one object a line.\n2,1,started,\n"
    )
    with Path("endless.jsonl").open("rb") as file:
        assert [len(line.text) for batch in start_many_file.batches(file) for line in batch] == [2**20 + 1, 3]


class Screen(io.StringIO):
    """A stderr that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("err", "out", "told"),
    [(Screen, io.StringIO, True), (Screen, Screen, False), (io.StringIO, io.StringIO, False)],
    ids=["rows to a file", "rows on the same terminal", "no terminal"],
)
def test_only_a_terminal_that_does_not_show_the_rows_shows_how_far_it_is(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, err: type[io.StringIO], out: type[io.StringIO], told: bool
) -> None:
    monkeypatch.setattr(progress, "BEAT", 0.0)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    file = write(*invoices(range(1, 1200)))

    with redirect_stderr(err()) as screen, redirect_stdout(out()):
        assert exit_codes.run(["start-many", "letter", file]) == 0

    assert ("\rStarting: 1000\rStarting: 1199" in screen.getvalue()) is told
    assert screen.getvalue().endswith("1199 started, 0 there already, 0 refused.\n")
