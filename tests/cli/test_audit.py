"""`audit`: what was done is listed and exported, masked for who looks, and what was altered is named."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from canary_steps import canary, payload
from shop import Shop

FIELD = canary("field")
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "audit-chain.md"
FIELDS = [
    "number", "at", "actor", "actor_kind", "role", "way", "address", "request_id", "act", "name", "process_id", "seq",
    "target", "reason", "before", "after", "result", "message",
]  # fmt: skip


@pytest.fixture
def acted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop in which a case was abandoned for a reason that repeats what is personal, and once more."""
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "canary_steps")
    shop.start("case", payload("done"))
    shop.ask("abandon-process", 1, "--reason", f"{FIELD} paid")
    shop.ask("abandon-process", 1, "--reason", "again")
    return shop


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_what_was_done_and_refused_is_listed_masked_the_newest_first(acted: Shop) -> None:
    answer = acted.ask("audit", "list", "-o", "json")

    assert [list(each) for each in answer.json] == [FIELDS] * 2
    assert [(each["number"], each["act"], each["result"], each["reason"]) for each in answer.json] == [
        (2, "abandon", "refused", "again"), (1, "abandon", "done", "*** paid"),
    ]  # fmt: skip
    assert answer.json[1]["after"]["status"] == "abandoned"


def test_a_table_says_why_and_how_to_see_more(acted: Shop) -> None:
    answer = acted.ask("audit", "list", "--limit", "1", "--act", "abandon")

    heading, row = answer.out.splitlines()
    assert heading.split() == ["number", "at", "actor", "way", "act", "name", "process_id", "target", "result", "why"]
    assert row.endswith("refused  Process 1 was abandoned: it has ended. There is nothing to give up.")
    assert answer.err == "There are more: process-manager audit list --act abandon --limit 1 --below 2\n"
    assert [each["number"] for each in acted.ask("audit", "list", "--below", 2, "-o", "json").json] == [1]


def test_the_list_is_narrowed_by_each_of_its_options(acted: Shop) -> None:
    def found(*options: object) -> list[int]:
        return [each["number"] for each in acted.ask("audit", "list", *options, "-o", "json").json]

    actor = acted.ask("audit", "list", "-o", "json").json[0]["actor"]
    for option, it, another in [
        ("--actor", actor, "nobody"), ("--act", "abandon", "restart"), ("--name", "case", "letter"),
        ("--process", 1, 2), ("--since", "2026-01-01T00:00Z", "2999-01-01T00:00Z"),
    ]:  # fmt: skip
        assert found(option, it) == [2, 1]
        assert found(option, another) == []
    assert found("--result", "refused") == [2]
    assert found("--until", "2026-01-01T00:00Z") == []


@pytest.mark.parametrize("command", [("list",), ("verify",), ("export",), ("export", "--reveal", "--reason", "x")])
def test_a_caseworker_is_refused_and_told_who_may(
    acted: Shop, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_CONSOLE_ROLE", "caseworker")

    answer = acted.ask("audit", *command)

    assert (answer.code, answer.out) == (4, "")
    assert "operator and admin" in answer.err


def test_a_sound_chain_ends_with_0_and_says_what_to_note(acted: Shop) -> None:
    answer = acted.ask("audit", "verify", "-o", "json")

    assert (answer.code, answer.err) == (0, "")
    number, _, hash_ = answer.json["note"].partition(":")
    assert (answer.json["sound"], number, len(hash_)) == ("1 to 2", "2", 64)
    assert acted.ask("audit", "verify", "--noted", answer.json["note"]).code == 0


def test_an_altered_chain_ends_with_1_and_names_the_rows(acted: Shop) -> None:
    acted.execute("UPDATE audit SET reason = 'nobody paid' WHERE number = 1")

    answer = acted.ask("audit", "verify")
    doctor = acted.ask("doctor", "-o", "json")

    assert answer.code == 1
    assert answer.err == ("Row 1: not as written: altered, put in or moved.\nThe chain is not as it was written.\n")
    assert "sound" in answer.out
    assert doctor.code == 1
    assert [each["message"] for each in doctor.json if each["what"] == "audit chain"] == [
        "row 1: not as written: altered, put in or moved: `process-manager audit verify` reads all of it"
    ]


def test_what_was_noted_of_another_chain_ends_with_1(acted: Shop) -> None:
    answer = acted.ask("audit", "verify", "--noted", f"2:{'0' * 64}", "--noted", f"9:{'0' * 64}")

    assert answer.code == 1
    assert answer.err.startswith("Row 2: not the row that was noted: the chain was written anew, or cut.\nRow 9: not")


@pytest.mark.parametrize("noted", ["2", "2:abc", f"0:{'0' * 64}", f"x:{'0' * 64}"])
def test_what_is_no_number_and_hash_is_refused(acted: Shop, noted: str) -> None:
    answer = acted.ask("audit", "verify", "--noted", noted)

    assert (answer.code, answer.out) == (2, "")
    assert "Write NUMBER:HASH" in answer.err


def test_an_export_is_masked_and_has_no_hash(acted: Shop) -> None:
    found = lines(acted.ask("audit", "export").out)
    as_csv = list(csv.DictReader(io.StringIO(acted.ask("audit", "export", "-o", "csv").out)))

    assert [list(each) for each in found] == [FIELDS] * 2
    assert [each["reason"] for each in found] == [each["reason"] for each in as_csv] == ["*** paid", "again"]
    assert [each["number"] for each in lines(acted.ask("audit", "export", "--after", 1).out)] == [2]


def test_a_revealed_export_is_on_the_chain_and_has_what_the_hashes_were_made_of(acted: Shop) -> None:
    found = acted.ask("audit", "export", "--reveal", "--reason", "yearly review").out.splitlines()

    assert json.loads(found[0])["reason"] == f"{FIELD} paid"
    assert [json.loads(found[2])[name] for name in ("act", "target", "reason")] == [
        "reveal", "audit chain", "yearly review",
    ]  # fmt: skip
    as_csv = acted.ask("audit", "export", "--reveal", "--reason", "again", "-o", "csv").out
    assert next(csv.DictReader(io.StringIO(as_csv)))["reason"] == f"{FIELD} paid"


def test_the_lines_of_the_page_check_an_export_and_name_a_row_that_was_altered(acted: Shop) -> None:
    (recipe,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    export = acted.folder / "audit.jsonl"
    text = acted.ask("audit", "export", "--reveal", "--reason", "yearly review").out

    export.write_text(text, "utf-8")
    exec(recipe, {})  # noqa: S102 - the page's own

    export.write_text(text.replace("again", "never"), "utf-8")
    with pytest.raises(SystemExit, match="Row 2 is not as it was written"):
        exec(recipe, {})  # noqa: S102 - the page's own
