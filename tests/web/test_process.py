"""The page of one process: what is wrong, what happens next, what you can do; and each act answers with what it did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from invoice_pages import Pages, made, text
from invoices import EXPIRED, FRIDAY
from rig import history, row, status

from process_manager.actor import Role
from process_manager.database import Database


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock)


def offered(answer: Any) -> list[str]:
    """The acts for which the page has a form."""
    return re.findall(r'action="/processes/\d+/([a-z-]+)"', answer.text)


def test_a_failed_process_says_what_is_wrong_what_happens_next_and_what_you_can_do(pages: Pages) -> None:
    answer = pages.of("failed")

    assert answer.status_code == 200
    said = text(answer)
    assert f"Invoice 2026-10482 stopped at step 2 of 4, book: “{EXPIRED}”." in said
    assert "What is wrong Step 2 of 4, book used up all its 3 attempts in this round." in said
    assert "What happens next Nothing, until someone acts. Behind it in its lane: 2026-10533 ." in said
    assert "Restart step 2: Step 2 runs again with 3 new attempts, in round 3. The history is kept." in said
    assert "rpa-drift restarted it: “ny adgangskode er bestilt” by way of page" in said
    assert offered(answer) == ["restart", "restart-from", "skip-step", "edit-payload", "abandon", "reveal"]


def test_what_is_marked_is_nowhere_on_it(pages: Pages) -> None:
    for what in sorted(pages.made):
        assert "010190" not in pages.of(what).text


@pytest.mark.parametrize(
    ("what", "acts"),
    [
        ("behind", ["edit-payload", "abandon"]),
        ("done", ["rerun"]),
        ("due", ["skip-step", "edit-payload", "abandon"]),
        ("doubtful", ["happened", "did-not-happen", "check-again", "abandon"]),
        ("later", ["restart", "run-now", "restart-from", "skip-step", "edit-payload", "abandon"]),
        ("rejected", ["restart", "rerun", "edit-payload"]),
        ("skipped", ["rerun"]),
    ],
)
def test_only_what_its_status_allows_is_offered(pages: Pages, what: str, acts: list[str]) -> None:
    assert offered(pages.of(what)) == [*acts, "reveal"]  # its class marks something


def test_what_waits_is_run_now_and_what_is_uncertain_is_asked_again(pages: Pages) -> None:
    ran = pages.act("later", "run-now")
    asked = pages.act("doubtful", "check-again")

    assert "It is due now: the next worker takes it" in text(pages.get(ran.headers["location"]))
    assert "It is asked again: a worker calls the check of its step" in text(pages.get(asked.headers["location"]))
    assert [status(pages.database, pages.made[each]) for each in ("later", "doubtful")] == ["pending", "pending"]
    assert pages.act("done", "run-now").status_code == 409
    assert "let it run at once" in text(pages.of("later"))


def test_a_role_that_may_not_act_reads_why_and_sends_nothing(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.VIEWER)

    answer = pages.of("failed")

    assert offered(answer) == []
    assert "Your role, viewer, cannot restart processes." in text(answer)
    refused = pages.act("failed", "restart", reason="I want to")
    assert refused.status_code == 403
    assert status(database, pages.made["failed"]) == "failed"


def test_whoever_may_not_see_a_kind_finds_no_process_of_it(database: Database, clock: Any) -> None:
    pages = made(database, clock, kinds=frozenset({"letter"}))

    answer = pages.of("failed")

    assert answer.status_code == 404
    assert "2026-10482" not in answer.text


def test_an_unknown_number_is_said_to_be_none(pages: Pages) -> None:
    answer = pages.get("/processes/48999")

    assert answer.status_code == 404
    assert "There is no process 48999. The newest is 10." in text(answer)


def test_a_restart_is_done_and_its_note_says_so(pages: Pages) -> None:
    answer = pages.act("failed", "restart", reason="the password is new")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/processes/{pages.made['failed']}?done=restart")
    assert status(pages.database, pages.made["failed"]) == "pending"
    assert row(pages.database, pages.made["failed"])["round"] == 3
    told = history(pages.database, pages.made["failed"])[-1]
    assert (told.outcome, told.by, told.message) == ("restart", "ada", "the password is new")
    after = pages.get(answer.headers["location"])
    assert "Restarted: it is due now, in a new round." in text(after)
    assert after.text.count('<use class="bar" href="#failed"') == 2  # each round before ended in an error


@pytest.mark.parametrize("way", ["restart", "restart-from", "skip-step", "happened", "did-not-happen", "abandon"])
def test_what_needs_a_reason_is_not_done_without(pages: Pages, way: str) -> None:
    what = "doubtful" if "happen" in way else "failed"
    before = row(pages.database, pages.made[what])

    answer = pages.act(what, way, reason="  ", from_step="check")

    assert answer.status_code == 422
    assert "There is no reason." in text(answer)
    assert row(pages.database, pages.made[what]) == before


def test_an_earlier_step_is_run_again(pages: Pages) -> None:
    assert pages.act("failed", "restart-from", reason="new permit", from_step="check").status_code == 303
    assert row(pages.database, pages.made["failed"])["step"] == "check"


def test_a_step_is_skipped(pages: Pages) -> None:
    assert pages.act("trace", "skip-step", reason="done by hand").status_code == 303
    assert row(pages.database, pages.made["trace"])["step"] == "notify"


def test_an_act_that_its_status_forbids_is_refused_on_the_page(pages: Pages) -> None:
    answer = pages.act("done", "restart", reason="again")

    assert answer.status_code == 409
    assert "has succeeded" in text(answer)
    assert 'role="alert"' in answer.text


def test_an_act_that_there_is_not_is_refused(pages: Pages) -> None:
    assert pages.act("failed", "explode", reason="why not").status_code == 422


def test_an_uncertain_one_is_a_question_with_its_evidence(pages: Pages) -> None:
    answer = pages.of("doubtful")

    said = text(answer)
    assert "Did step book of Invoice 2026-10511 happen? Begun today at 13:51, but there was no answer." in said
    assert "call ZFI_CREATE_ORDER reference 2026-10511" in said
    assert "We asked 1 time whether it happened." in said
    assert "503 order search down" in said
    assert "resolve-process" not in said  # the page has buttons; `show` on the console names the command


def test_it_happened_with_what_it_answered(pages: Pages) -> None:
    answer = pages.act("doubtful", "happened", reason="VA05 shows it", answer='{"order": "4500118204"}')

    assert answer.status_code == 303
    stands = row(pages.database, pages.made["doubtful"])
    assert (stands["status"], stands["step"]) == ("pending", "mark")
    assert '"order":"4500118204"' in stands["payload"].replace(" ", "")


def test_it_did_not_happen(pages: Pages) -> None:
    assert pages.act("doubtful", "did-not-happen", reason="VA05 shows none").status_code == 303
    stands = row(pages.database, pages.made["doubtful"])
    assert (stands["status"], stands["step"]) == ("pending", "book")


def test_an_answer_that_is_no_object_is_refused(pages: Pages) -> None:
    answer = pages.act("doubtful", "happened", reason="yes", answer="4711")

    assert answer.status_code == 422
    assert "no JSON object" in text(answer)
    assert status(pages.database, pages.made["doubtful"]) == "uncertain"


def test_details_are_shown_before_they_are_changed(pages: Pages) -> None:
    shown = pages.act("failed", "edit-payload", details='{"amount": "4300.00", "kontakt": "Bo"}')

    said = text(shown)
    assert "Two details of process 1 would change. Nothing has been done yet." in said
    assert "amount &#34;4250.00&#34;" in said or 'amount "4250.00" "4300.00"' in said
    assert "Bo" not in said.partition("The changes")[2].partition("Why")[0]
    assert '"4250.00"' in row(pages.database, pages.made["failed"])["payload"]

    done = pages.act("failed", "edit-payload", details='{"amount": "4300.00"}', reason="a credit", do="1")

    assert done.status_code == 303
    assert '"4300.00"' in row(pages.database, pages.made["failed"])["payload"]


def test_running_it_again_leads_to_the_new_one(pages: Pages) -> None:
    answer = pages.act("done", "rerun")

    assert answer.status_code == 303
    new = int(answer.headers["location"].removeprefix("/processes/").partition("?")[0])
    assert row(pages.database, new)["rerun_of"] == pages.made["done"]
    assert "2026-10402 is what it repeats" in text(pages.get(answer.headers["location"]))


def test_a_page_that_shows_what_is_so_is_not_sent_again(pages: Pages) -> None:
    address = re.search(r'hx-get="([^"]+)"', pages.of("failed").text)
    assert address is not None
    live = address[1].replace("&amp;", "&")

    same = pages.get(live, hx_request="true")
    pages.act("failed", "restart", reason="now")
    other = pages.get(live, hx_request="true")

    assert (same.status_code, same.text) == (204, "")
    assert other.status_code == 200
    assert "<html" not in other.text
    assert other.text.lstrip().startswith('<div data-live="process"')


def test_no_page_has_a_style_or_a_script_of_its_own(pages: Pages) -> None:
    for what in sorted(pages.made):
        page = pages.of(what).text
        assert "style=" not in page
        assert re.findall(r"<script(?! src=)", page) == []
        assert re.findall(r"\son[a-z]+=", page) == []
        assert len(page) < 120_000
