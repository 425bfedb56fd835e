"""The page Audit: whether the chain is intact, every act with its reason and result, filters and export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from invoice_pages import text
from rig import start
from web_visitor import Visitor

from process_manager import clock as engine_clock
from process_manager import serialization
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import audit, permissions
from process_manager.governance.audit import AuditFilter
from process_manager.governance.policies import NO_REASON
from process_manager.inspection import Viewer, marks_in
from process_manager.store import audit_chain
from process_manager.store.audit_chain import AuditRow
from process_manager.web import audit_words, chain_check

MONDAY = "2026-11-30 13:32:00"


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(MONDAY) as frozen:
        yield frozen


@pytest.fixture
def ada(clock: Any, database: Database, visitor: Visitor) -> Visitor:
    """Ada, and a chain of three acts on a process and a switch."""
    start(database, reference="2026-10482")
    told = {"before": '{"status": "failed", "round": 1}', "after": '{"status": "pending", "round": 2}'}
    more(database, actor="ada", act="restart", process_id=1, name="three", reason="new password", **told)
    more(database, actor="ada", act="abandon", process_id=1, name="three", result="refused", message="It has ended.")
    more(database, act="disable", target="letter:print")
    visitor.come_in(database)
    return visitor


def entries(answer: Any) -> list[int]:
    """The numbers in the table."""
    return [int(each) for each in re.findall(r'<code class="faint">(\d+)</code>', answer.text)]


def more(database: Database, count: int = 1, **columns: Any) -> None:
    """Chain what bo did."""
    given = {"actor": "bo", "actor_kind": "person", "role": "admin", "way": "page", "act": "enable", "result": "done"}
    rows = [AuditRow(**{"at": engine_clock.now(), **given, **columns})] * count
    database.run(lambda connection: audit_chain.append(connection, rows))


def test_each_act_is_a_sentence_with_its_reason_and_result_and_what_was_refused_too(ada: Visitor) -> None:
    answer = ada.get("/audit")

    assert answer.status_code == 200
    said = text(answer)
    assert "The audit is intact: 3 entries since 30 November, none changed." in said
    assert "up to entry 3." in said
    assert "ada admin restarted 2026-10482 status: failed → pending round: 1 → 2 “new password” Done page 1" in said
    assert "ada admin tried to abandon 2026-10482 Refused It has ended. page 2" in said
    assert "bo admin switched off letter:print Done page 3" in said
    assert '<a href="/processes/1">2026-10482</a>' in answer.text


def test_filters_stand_in_the_address(ada: Visitor) -> None:
    found = {
        "actor=ada": [2, 1],
        "act=restart": [1],
        "result=refused": [2],
        "target=1": [2, 1],
        "target=letter:print": [3],
        "since=2026-11-30": [3, 2, 1],
        "since=2026-12-01": [],
        "below=2": [1],
    }

    assert {address: entries(ada.get(f"/audit?{address}")) for address in found} == found


def test_a_chip_leads_to_the_same_without_it(ada: Visitor) -> None:
    page = ada.get("/audit?actor=ada&act=restart").text

    assert 'href="/audit?act=restart" aria-label="Remove filter: who ada"' in page
    assert 'href="/audit?actor=ada" aria-label="Remove filter: act restarted …"' in page


def test_a_filter_that_is_none_is_refused(ada: Visitor) -> None:
    for address in ("result=perhaps", "since=yesterday", "below=-1"):
        assert ada.get(f"/audit?{address}").status_code == 422


def test_pages_follow_each_other_by_key(ada: Visitor, database: Database) -> None:
    more(database, 60)

    first = ada.get("/audit?act=enable")
    older = re.search(r'<a href="([^"]+below=\d+)"', first.text)
    assert older is not None

    assert len(entries(first)) == 50
    assert entries(ada.get(older[1].replace("&amp;", "&"))) == list(range(13, 3, -1))


def test_the_chain_is_checked_now_and_then_and_when_somebody_asks(ada: Visitor, database: Database, clock: Any) -> None:
    ada.get("/audit")
    database.run(lambda connection: connection.exec_driver_sql("UPDATE audit SET reason = 'x' WHERE number = 1"))

    assert "The audit is intact" in text(ada.get("/audit"))
    clock.tick(chain_check.OFTEN)
    said = text(ada.get("/audit"))
    assert "The audit is not intact." in said
    assert "Row 1: not as written" in said


def test_whoever_asks_has_it_checked_now(ada: Visitor, database: Database) -> None:
    ada.get("/audit")
    database.run(lambda connection: connection.exec_driver_sql("UPDATE audit SET reason = 'x' WHERE number = 1"))

    answer = ada.post("/audit/verify")

    assert (answer.status_code, answer.headers["location"]) == (303, "/audit")
    assert "The audit is not intact." in text(ada.get("/audit"))


def test_a_chain_that_was_written_anew_is_found_as_long_as_the_server_lives(
    ada: Visitor, database: Database, clock: Any
) -> None:
    ada.get("/audit")
    database.run(
        lambda connection: [
            connection.execute(sa.delete(audit_chain.audit)),
            connection.execute(sa.update(audit_chain.audit_head).values(number=0, hash=audit_chain.START)),
        ]
    )
    more(database, 2)

    for _again in range(2):
        clock.tick(chain_check.OFTEN)
        assert "The chain was written anew" in text(ada.get("/audit")).replace("the chain", "The chain")


def test_many_pages_make_one_check(ada: Visitor, database: Database) -> None:
    asked: list[str] = []
    ada.get("/audit")
    sa.event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    ada.get("/audit")

    told = [each for each in asked if not each.startswith(("PRAGMA", "BEGIN")) and "sessions" not in each]
    assert len(told) <= 5, told


def test_all_that_matches_is_sent_as_excel_reads_it(ada: Visitor, database: Database) -> None:
    more(database, 1, reason="=1+1")

    answer = ada.get("/audit/export?form=csv&result=done")

    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    lines = answer.text.removeprefix("\ufeff").splitlines()
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert lines[0].startswith("number;at;actor;")
    assert [line.split(";")[0] for line in lines[1:]] == ["4", "3", "1"]
    assert ";'=1+1;" in lines[1]


def test_all_of_it_is_sent_as_json_a_portion_at_a_time(
    ada: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("process_manager.web.pages.audit.A_PORTION", 2)
    more(database, 3)

    answer = ada.get("/audit/export?form=jsonl")

    assert [serialization.loads(line)["number"] for line in answer.text.splitlines()] == [6, 5, 4, 3, 2, 1]
    assert serialization.loads(answer.text.splitlines()[5])["reason"] == "new password"


def test_who_may_not_read_the_chain_is_refused_and_does_not_see_the_page_named(
    database: Database, visitor: Visitor
) -> None:
    visitor.come_in(database, role=Role.CASEWORKER)

    assert [visitor.get(path).status_code for path in ("/audit", "/audit/export")] == [403, 403]
    assert visitor.post("/audit/verify").status_code == 403
    assert 'href="/audit"' not in visitor.get("/processes").text


def test_an_empty_chain_says_what_it_will_tell_of(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)

    assert "Nothing has been done yet that the audit tells of." in text(visitor.get("/audit"))


def test_every_act_that_is_chained_has_its_words() -> None:
    chained = {act for act in permissions.ACTS if act not in NO_REASON} | {"run-now", "sign-in"}

    assert set(audit_words.DONE) >= chained
    assert list(audit_words.TRIED) == list(audit_words.DONE)


def test_a_page_of_one_target_goes_on_behind_rows_that_are_masked(database: Database, clock: Any) -> None:
    gone = {"process_id": 4711, "name": "secret", "before": '{"version": null}', "target": "letter"}
    more(database, target="letter")
    more(database, 3, **gone)
    more(database, target="letter")
    actor = Actor("ada", is_person=True, way="page", role=Role.ADMIN)

    with database.read() as connection:
        viewer = Viewer(None, marks_in(Registry(())))
        found = audit.page(connection, actor, AuditFilter(target="letter"), limit=2, viewer=viewer)
        first = audit.page(connection, actor, AuditFilter(target="letter"), limit=1, viewer=viewer)

    assert ([each.number for each in found], [each.number for each in first]) == ([5, 1], [5])


def test_what_a_switch_changed_has_its_moments_on_the_readers_clock_and_its_words_in_their_language(
    clock: Any, database: Database, visitor: Visitor
) -> None:
    told = {"before": None, "after": '{"reason": "audit", "until": "2026-12-02 16:00:00.000000", "happened": true}'}
    more(database, act="disable", target="letter", **told)
    more(database, act="restart", result="refused", message=f"bo {NO_RESTART} Ask an operator.")
    more(database, act="user-role", result="refused", message="There is no user 'bo'. `user list` shows who is.")
    visitor.come_in(database)
    visitor.browser.cookies.set("language", "da")

    shown = text(visitor.get("/audit"))

    assert "indtil: ons 16.00" in shown
    assert "det skete: Ja" in shown
    assert "Proces 7 er genstartet så ofte, som dens klasse tillader sagsbehandlere: 2 gange." in shown
    assert "Der er ingen bruger 'bo'." in shown
    assert "2026-12-02 16:00" not in shown


NO_RESTART = "may not restart process 7: its class allows caseworkers 2 restarts, and it has been restarted as often."
