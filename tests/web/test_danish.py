"""Every page in Danish: no text of it is a sentence of the catalogue, or of a message, that is still English."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from command_office import MONDAY, REGISTRY, furnish_kinds, office_settings
from freezegun import freeze_time
from web_visitor import Visitor

from process_manager import clock as engine_clock
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web import navigation
from process_manager.web.app import create_app
from process_manager.web.office import Office
from tests.web.test_catalogue import PLACEHOLDER, messages

ENTRIES = [each for entry in navigation.ENTRIES for each in (entry, *entry.within)]
PAGES = [
    *dict.fromkeys(each.path for each in ENTRIES),
    "/processes/5",
    "/processes?q=nothing",
    "/nowhere",
    "/start/rykker",
]
ASKED = ("/jobs/99/cancel", "/processes/5/resolve", "/commands/nothing/run")
APART = ("script", "style", "code", "pre", "title")
"""What is no text for a reader, or what a machine says."""


class Texts(HTMLParser):
    """The texts of a page, and the attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in APART:
            self._within.append(tag)
        self.found += [value for name, value in attrs if name in ("aria-label", "placeholder", "alt") and value]

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within and data.strip():
            self.found.append(" ".join(data.split()))


def english() -> dict[str, re.Pattern[str]]:
    """Each English sentence that is another in Danish, as what it may look like with its facts."""
    found = {}
    for _first, sentences, theirs in messages("da"):
        for sentence in sentences:
            words = re.findall(r"[A-Za-z]{2,}", PLACEHOLDER.sub("", sentence))
            if sentence not in theirs and len(words) > 1:
                found[sentence] = re.compile(".+?".join(map(re.escape, PLACEHOLDER.split(sentence)[::2])))
    return found


@pytest.mark.slow
def test_no_page_says_a_sentence_in_english_to_who_reads_danish(
    durable_files: None, database: Database, request: pytest.FixtureRequest
) -> None:
    with freeze_time(MONDAY) as frozen:
        furnish_kinds(database, frozen)
    engine_clock.follow(MONDAY - datetime.now(UTC))
    request.addfinalizer(engine_clock.follow_host)
    visitor = Visitor(create_app(Office.of(office_settings(), database, REGISTRY)))
    visitor.come_in(database, role=Role.ADMIN)

    answers = {path: visitor.get(path, accept_language="da") for path in PAGES}
    answers |= {path: visitor.post(path, {"reason": ""}, accept_language="da") for path in ASKED}

    assert [path for path, answer in answers.items() if answer.status_code >= 500] == []
    known, wrong = english(), set()
    for path, answer in answers.items():
        reader = Texts()
        reader.feed(answer.text)
        wrong |= {(path, said, text) for text in reader.found for said, look in known.items() if look.fullmatch(text)}

    assert wrong == set()
