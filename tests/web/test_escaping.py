"""Nothing that a process, a system outside or a person says becomes markup: 40 scripts in 12 places."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest
from rig import settings, start, work
from web_visitor import Visitor

from process_manager import Done, Process, Reject, Retry, StepRun, every
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import Policies, acting
from process_manager.governance.process_actions import Restart
from process_manager.web.app import create_app
from process_manager.web.office import Office

SCRIPTS = [
    f"{before}{each}{after}"
    for each, (before, after) in product(
        (
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "' onfocus=alert(1) autofocus='",
            '" onfocus=alert(1) autofocus="',
        ),
        (
            ("", ""),
            ('">', ""),
            ("'>", ""),
            ("</title>", ""),
            ("</textarea>", ""),
            ("<!--", "-->"),
            ("&lt;", "&gt;"),
            ("{{7*191}}", "{%x%}"),
        ),
    )
]


class Loud(Process):
    """Says what it carries, wherever a step can say anything."""

    retry = every(minutes=5, attempts=1)
    STEPS = {"say": "say", "fail": "fail"}

    def say(self, run: StepRun) -> Any:
        """Says it in exchanges, log lines, its message and its answer."""
        told = run.payload["told"]
        run.exchange(told[:90], {told: told}, told)
        run.log(told, detail=told)
        run.progress(1, 2, told)
        return Done(told, {told: [told]})

    def fail(self, run: StepRun) -> Any:
        """Ends in one of the ways that are shown with what was said."""
        told = run.payload["told"]
        if run.process_id % 3 == 0:
            return Reject(told, code=told[:90])
        if run.process_id % 3 == 1:
            raise ValueError(told)
        return Retry(told)


class Found(HTMLParser):
    """What of a page a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.elements = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += 1
        given = dict(attrs)
        if tag == "img" or (tag == "script" and not (given.get("src") or "").startswith("/static/")):
            self.runs.append(tag)
        self.runs += [name for name in given if name.startswith("on") or name == "style"]
        self.runs += [f"{name}={value}" for name, value in attrs if (value or "").lower().startswith("javascript:")]


@pytest.fixture
def visitor(database: Database) -> Visitor:
    made = Visitor(create_app(Office.of(settings(), database, Registry([Loud]))))
    made.come_in(database)
    return made


def test_forty_scripts_in_twelve_places_stay_text(database: Database, visitor: Visitor) -> None:
    assert len(set(SCRIPTS)) == 40
    made = [
        start(database, Loud, {"told": each, each: each}, reference=each, order_key=f"{number} {each}")
        for number, each in enumerate(SCRIPTS)
    ]
    work(database, Loud)
    for each, script in zip(made, SCRIPTS, strict=True):
        actor = Actor(script, is_person=True, way="page")
        if each % 3 != 2:
            acting(database, actor, Restart(each, registry=Registry([Loud]), reason=script), policies=Policies())

    pages = ["/attention", "/processes", *(f"/processes/{each}" for each in made)]
    pages += [f"/processes?q={script.replace('%', '%25').replace('&', '%26')}x" for script in SCRIPTS]
    for path in pages:
        page = visitor.get(path).text
        found = Found()
        found.feed(page)
        assert found.runs == [], path
        assert found.elements > 40, path
        assert re.search("(?<![0-9a-f])1337(?![0-9a-f])", page) is None, path  # it is in a hash by chance
