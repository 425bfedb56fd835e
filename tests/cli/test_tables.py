"""Tables on a terminal, narrow ones too: no word is broken, and what has no place is said."""

import csv
import io
import re
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop import Shop

from process_manager import csv_cells
from process_manager.cli import exit_codes, tables
from process_manager.cli.output import Look, write_one, write_rows

MESSAGE = "Faktura 4711 kunne ikke sendes, fordi SAP ikke svarede inden for tredive sekunder"
ADDRESS = "https://sap.kommune.example/api/odata/v2/invoices?company=0751&year=2026"
WORD = st.text("abcæøå漢,-_/", min_size=1, max_size=tables.LONG)
TEXT = st.lists(WORD, max_size=12).map(" ".join)
NAMES = ("id", "name", "due_at", "waiting_for", "message")


class Terminal(io.StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        return True


def asked(monkeypatch: pytest.MonkeyPatch, width: int, *words: object) -> tuple[list[str], str]:
    """The lines that a command shows on a terminal of so many columns, and what it says beside them."""
    monkeypatch.setenv("COLUMNS", str(width))
    with redirect_stdout(Terminal()) as out, redirect_stderr(Terminal()) as err:
        exit_codes.run([str(word) for word in words])
    return [re.sub(r"\x1b\[\d*m", "", line) for line in out.getvalue().splitlines()], err.getvalue()


@given(
    st.lists(st.tuples(*[TEXT] * len(NAMES)), max_size=4),
    st.integers(1, 200),
    st.lists(st.sampled_from(NAMES), unique=True),
)
def test_no_word_is_broken_and_no_line_is_too_wide_unless_one_word_is(
    rows: list[tuple[str, ...]], width: int, spare: list[str]
) -> None:
    drawn = tables.draw(NAMES, rows, width=width, spare=spare)

    shown = [word for line in drawn.lines for word in line.split()]
    kept = [index for index, name in enumerate(NAMES) if name not in drawn.left_out]
    words = [word for row in rows for index in kept for word in row[index].split()]
    assert {each: shown.count(each) >= words.count(each) for each in words} == dict.fromkeys(words, True)
    widest = max([len(tables.GAP) + tables._width(word) for word in (*words, *NAMES)])
    assert max(map(tables._width, drawn.lines), default=0) <= max(width, widest)
    assert set(drawn.left_out) <= set(spare)


def test_a_long_address_in_a_message_goes_on_after_one_of_its_marks_and_a_long_id_nowhere() -> None:
    reference = "2026-FAKTURA-000000000000000000000000004711"

    table = tables.draw(("id", "message"), [("7", f"GET {ADDRESS} answered 503")], width=40)
    other = tables.draw(("reference", "message"), [(reference, "sent")], width=60)

    assert table.lines == [
        "id  message",
        "7   GET https://sap.kommune.example/api/",
        "    odata/v2/invoices?company=0751&year=",
        "    2026 answered 503",
    ]
    assert other.lines[1] == f"{reference}  sent"


def test_rows_that_come_one_by_one_are_wrapped_below_themselves_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop.folder / "starts").write_text('{"dedup_key": 7}\n{}\n', "utf-8")

    lines, _ = asked(monkeypatch, 50, "start-many", "letter", "@starts")

    assert lines[1:4] == [
        "1                   refused        Its dedup_key",
        "                                   is an int, not",
        "                                   a text. Write",
    ]


def test_brackets_in_a_text_are_no_markup(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.start("letter", None, "--reference", "[red]R1[/red]")

    lines, _ = asked(monkeypatch, 200, "list")

    assert "[red]R1[/red]" in lines[1]


def test_where_no_table_has_room_each_row_stands_by_itself() -> None:
    drawn = tables.draw(("id", "reference"), [("7", "x" * 30), ("8", "Åse Kjær har betalt")], width=30)

    assert drawn.lines == [
        *("id         7", "reference", f"  {'x' * 30}"),
        "",
        *("id         8", "reference  Åse Kjær har betalt"),
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize(
    "command",
    [["list"], ["show", 2], ["show", 9], ["history", 2], ["status"], ["workers"], ["processes"], ["doctor"], ["check"],
     ["quiet"], ["config", "show"]],
    ids=lambda words: " ".join(map(str, words)),
)  # fmt: skip
def test_every_table_keeps_its_words_whole_on_a_terminal(
    busy: Shop, monkeypatch: pytest.MonkeyPatch, width: int, command: list[Any]
) -> None:
    busy.execute("UPDATE processes SET reference = 'FAKTURA-2026-000004711'")
    whole = {word for line in asked(monkeypatch, 2000, *command)[0] for word in line.split()}

    lines, _ = asked(monkeypatch, width, *command)

    words = [word for line in lines for word in line.split()]
    unmarked = [word for word in words if not re.search(r"[/\\.,;:&?=_-]$", word)]
    broken = {word for word in unmarked if word not in whole and not any(each.endswith(word) for each in whole)}
    assert {re.sub(r"[\d:.]", "", word) for word in broken} <= {""}, lines  # times go on between the two
    longest = max(map(len, whole))
    assert all(len(line) <= width or len(line.split()[-1]) > width - 20 for line in lines), (longest, lines)


def test_what_has_no_room_is_named(busy: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    busy.execute("UPDATE processes SET reference = 'FAKTURA-2026-000004711'")

    lines, said = asked(monkeypatch, 80, "list")

    assert lines[0].split()[0] == "id"
    assert said.startswith("No room here for version, ")
    assert said.endswith(": `-o json` has all of it, a wider window more.\n")


@pytest.mark.slow
def test_a_huge_value_is_cut_with_how_much_was_left_out_and_who_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"id": 7, "payload": {"rows": "x" * 60_000_000}}

    write_one(row, Look("table"))
    shown = capsys.readouterr().out
    write_one(row, Look("json"))

    assert len(shown) < 2200
    assert shown.endswith(" … and 59,998,012 characters more, which `-o json` has\n")
    assert len(capsys.readouterr().out) > 60_000_000


TEXTS = {
    "=1+1": "'=1+1",
    "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0",
    "-2+3": "'-2+3",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t=1",
    "\r=1": "'\n=1",
    "paid\r=1": "paid\n=1",
    "＝1+1": "'＝1+1",
    "-12.5": "-12.5",
    "+4533667000": "+4533667000",
    "-1e9": "-1e9",
    "+01:00": "+01:00",
    "2026-11-29": "2026-11-29",
    "a=1": "a=1",
    "": "",
}


@pytest.mark.parametrize("form", ["csv", "excel"])
def test_no_text_is_a_formula_in_a_spreadsheet_and_no_number_is_touched(
    form: str,
) -> None:
    with redirect_stdout(io.StringIO(newline="")) as out:
        write_rows([{"message": text, "count": -7} for text in TEXTS], Look(form))

    said = io.StringIO(out.getvalue().removeprefix(csv_cells.MARK), newline="")
    told = list(csv.reader(said, delimiter=";" if form == "excel" else ","))
    assert told == [["message", "count"], *([safe, "-7"] for safe in TEXTS.values())]


@pytest.mark.parametrize("command", [["list"], ["show", 1], ["history", 1], ["processes"], ["start", "letter"]])
def test_excel_is_given_semicolons_a_mark_and_its_own_commas(shop: Shop, command: list[object]) -> None:
    shop.start("letter", None, "--reference", "=HYPERLINK(1)")
    shop.ask("work")

    answer = shop.ask(*command, "--excel")

    rows = list(csv.reader(io.StringIO(answer.out.removeprefix("\ufeff")), delimiter=";"))
    assert (answer.code, answer.err, answer.out[0]) == (0, "", "\ufeff")
    assert len({len(row) for row in rows}) == 1
    assert len(rows[0]) > 8
    if command[0] == "list":
        assert rows[1][rows[0].index("reference")] == "'=HYPERLINK(1)"
    if command[0] == "history":
        assert re.fullmatch(r"\d+,\d+(e-\d+)?|\de-\d+", rows[1][rows[0].index("seconds")])


def test_excel_goes_together_with_csv_alone(shop: Shop) -> None:
    answer = shop.ask("list", "--excel", "-o", "json")

    assert (answer.code, answer.out) == (2, "")
    assert "--excel and -o json do not go together" in answer.err


def test_the_next_page_is_one_for_excel_too(shop: Shop) -> None:
    shop.start("letter")
    shop.start("letter")

    answer = shop.ask("list", "--limit", 1, "--excel")

    assert answer.err == "There are more: process-manager list --limit 1 --excel --below 2\n"
