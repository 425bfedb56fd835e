"""The pages of the demo: three weeks of an office, a worker beside them, and a link that signs in once."""

from __future__ import annotations

import http.client
import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from programs import Program
from shop import Shop

pytestmark = pytest.mark.slow

PAGES = (
    "/attention",
    "/processes",
    "/processes?status=uncertain",
    "/commands",
    "/jobs",
    "/schedules",
    "/events",
    "/workers",
    "/tasks",
    "/system",
)


@pytest.fixture
def office(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A folder whose own packages are the shipped ones."""
    monkeypatch.delenv("PROCESS_MANAGER_PROCESS_PACKAGES")
    return bare


def said(program: Program) -> tuple[int, str, str]:
    """The port of the pages, the link that signs in, and all that was said until then."""
    assert program.stderr is not None
    text = ""
    for line in program.stderr:
        text += line
        if line.startswith("Or sign in as"):
            link = re.search(r"http://127\.0\.0\.1:(\d+)(/sign-in/once\?word=\S+)", text)
            assert link is not None
            return int(link[1]), link[2], text
    raise AssertionError(text)


def ask(port: int, path: str, cookie: str = "") -> tuple[int, str, str]:
    """The status, the cookie and the text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    found = answer.status, (answer.headers["Set-Cookie"] or "").partition(";")[0], answer.read().decode()
    connection.close()
    return found


def counts(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as opened:
        return dict(opened.execute("SELECT status, count(*) FROM processes GROUP BY status").fetchall())


def test_the_pages_are_on_three_weeks_of_an_office_and_a_link_signs_in_once(office: Shop) -> None:
    with office.spawn("demo", "--web", "--port", 0) as program:
        port, link, _text = said(program)
        status, cookie, _page = ask(port, link)
        again, nothing, _page = ask(port, link)
        pages = {path: ask(port, path, cookie) for path in PAGES}
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=60)

    assert (status, again, nothing) == (303, 303, "")
    assert {path: answer[0] for path, answer in pages.items()} == dict.fromkeys(pages, 200)
    assert "SAP refused the logon" in pages["/attention"][2]
    assert "the accounts are being revised" in pages["/commands"][2]
    assert "Permit import" in pages["/jobs"][2]
    assert "the journal is being upgraded" in pages["/schedules"][2]
    assert "a quiet window holds it until" in pages["/schedules"][2]
    assert "Not signalled yet" in pages["/events"][2]
    assert "sap-seats" in pages["/workers"][2]
    assert "Two tasks wait for your answer." in pages["/tasks"][2]
    assert "task should have been answered by now" in pages["/attention"][2]
    assert "given at the start" in pages["/system"][2]
    assert program.returncode == 0
    found = counts(office.folder / "demo-web" / "process-manager.db")
    assert found["failed"] == 5
    assert found["uncertain"] == 2
    assert found["waiting"] >= 2
    assert found["succeeded"] > 200


def test_shown_again_it_is_as_it_was_left_with_another_password(office: Shop) -> None:
    ends = []
    for _ in range(2):
        with office.spawn("demo", "--web", "--port", 0) as program:
            ends.append(said(program)[2])
            program.send_signal(signal.SIGINT)
            program.communicate(timeout=60)

    first, second = ends
    assert "Living through three weeks" in first
    assert "Living through three weeks" not in second
    assert first.splitlines()[-1] != second.splitlines()[-1]


def test_its_processes_are_its_own(office: Shop) -> None:
    found = office.ask("processes", "-o", "json").json

    assert [each["name"] for each in found] == ["fakturering"]


def test_what_does_not_go_together_is_refused(office: Shop) -> None:
    assert [office.ask("demo", *words).code for words in (["--web", "--crash"], ["--port", "80"])] == [2, 2]
