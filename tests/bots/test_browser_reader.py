"""The bot that looks something up: a real browser, a real site of this host, and no other."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from chromium import NAMES, missing
from rig import get, history

from process_manager import classic
from process_manager.bots.browser_reader import BrowserReader, is_allowed, sites
from process_manager.bots.browser_settings import BotSettings
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.settings import Settings, model_of
from process_manager.worker import Plan

FORM = """<!doctype html><title>Permits</title><form action="/found"><label>Permit <input name="permit"></label>
<button>Search</button></form><img src="{elsewhere}/pixel.png" alt="">"""
FOUND = """<!doctype html><title>Permit {permit}</title>
<main><p id="status">{permit} is valid until 2027-01-31.</p></main>"""


class Site(ThreadingHTTPServer):
    """A site with a form, and what it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []

    def at(self, host: str) -> str:
        """Its address, by one of its two names."""
        return f"http://{host}:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_GET(self) -> None:
        site: Any = self.server
        site.asked.append(f"{self.headers['Host'].partition(':')[0]}{self.path}")
        where = urlsplit(self.path)
        permit = parse_qs(where.query).get("permit", [""])[0]
        if where.path == "/away":
            self.send_response(302)
            self.send_header("Location", f"{site.at('localhost')}/secret")
            self.end_headers()
            return
        body = {"/": FORM.format(elsewhere=site.at("localhost")), "/found": FOUND.format(permit=permit)}.get(where.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write((body or "gone").encode())

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of this host."""
    made = Site()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def ours(allowed: str | None) -> Settings:
    """The settings of a worker that has the bots."""
    plain = {"concurrency": 1, "grace": timedelta(0), "quiet": "none", "zone": "UTC", "clock": "host"}
    return model_of(("process_manager.bots",))(process_packages=("process_manager.bots",), bots_sites=allowed, **plain)  # type: ignore[arg-type, call-arg]


def run(database: Database, asked: dict[str, Any], *, allowed: str | None) -> tuple[Any, Any]:
    with Direct(database, Plan(Registry([BrowserReader]), ours(allowed), classic())) as direct:
        rest = direct.run(BrowserReader, asked)
    return get(database, rest.id), history(database, rest.id)[-1]


def browse(database: Database, site: Site, path: str = "/", **asked: Any) -> tuple[Any, Any]:
    """Look something up with a browser; only the first of the site's two names is allowed."""
    if not any(map(shutil.which, NAMES)):
        missing("Chromium is missing: apt-get install chromium, or Chrome or Edge on PATH")
    return run(database, {"address": f"{site.at('127.0.0.1')}{path}", **asked}, allowed="127.0.0.1, permits.example")


@pytest.mark.slow
def test_a_form_is_filled_in_and_its_answer_read(database: Database, site: Site) -> None:
    process, told = browse(database, site, fill={"Permit": "A-518"}, press="Search", read="#status")

    assert process.status == "succeeded", told.message
    assert (process.payload["title"], process.payload["text"]) == (
        "Permit A-518",
        "A-518 is valid until 2027-01-31.",
    )
    assert told.exchanges[0]["request"]["filled"] == ["Permit"]
    assert [each for each in site.asked if each.startswith("localhost")] == []
    assert "127.0.0.1/found?permit=A-518" in site.asked


@pytest.mark.slow
def test_where_a_site_leads_elsewhere_the_bot_does_not_follow(database: Database, site: Site) -> None:
    process, told = browse(database, site, "/away")

    assert (process.status, told.outcome) == ("waiting", "retry")
    assert site.asked == ["127.0.0.1/away"]


@pytest.mark.slow
def test_a_page_that_is_not_there_is_tried_again_later(database: Database, site: Site) -> None:
    process, told = browse(database, site, "/nothing")

    assert (process.status, told.message) == ("waiting", "RuntimeError: The site answered 404.")


@pytest.mark.parametrize("allowed", [None, "permits.example"])
def test_a_site_that_no_setting_allows_is_not_visited(database: Database, allowed: str | None) -> None:
    run_here = type("BrowserReader", (BrowserReader,), {"STEPS": {"read": "read_page"}})
    with Direct(database, Plan(Registry([run_here]), ours(allowed), classic())) as direct:
        rest = direct.run(run_here, {"address": "http://127.0.0.1:1/"})

    told = history(database, rest.id)[-1]
    assert (told.outcome, told.code) == ("reject", "site-not-allowed")
    assert told.message == "127.0.0.1 is not among the sites in PROCESS_MANAGER_BOTS_SITES."


def test_an_address_is_of_an_allowed_site_by_its_host_alone() -> None:
    allowed = sites(BotSettings(bots_sites=" Permits.example ,archive.example,"))

    assert allowed == {"permits.example", "archive.example"}
    assert is_allowed("https://PERMITS.example:8443/x", allowed)
    for address in ("https://permits.example@evil.example/", "https://evil.example/permits.example", "https:///x", ""):
        assert not is_allowed(address, allowed)
