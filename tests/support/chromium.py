"""The Chromium of the host, driven as a person would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
OPTIONS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE: Final = 30_000
"""Milliseconds; a host that does other work beside it is slow."""


@dataclass
class Seen:
    """A page of a browser, and what it complained of, or asked of others."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Go to a page of ours."""
        self.page.goto(f"{self.address}{path}")

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the browser complains of."""
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def note(self, request: Request) -> None:
        """Keep what is asked of another host."""
        if not request.url.startswith((self.address, "data:")):
            self.elsewhere.append(request.url)


@contextmanager
def launched() -> Iterator[Browser]:
    """Run the browser during the block; skip the test where there is none, which is a failure in CI."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        missing("Chromium is missing: apt-get install chromium, or Chrome or Edge on PATH")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright is missing: pip install -e '.[dev]'")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield browser
        browser.close()


def missing(what: str) -> NoReturn:
    """Skip a test for what is missing on this host, or fail it where nothing may be."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)


@contextmanager
def opened(
    browser: Browser, address: str, *, width: int = 1366, script: bool = True, scheme: str = "light"
) -> Iterator[Seen]:
    """A page of a browser that has no cookies yet; it complained of nothing and asked nothing of others at the end."""
    context = browser.new_context(
        viewport={"width": width, "height": 768},
        java_script_enabled=script,
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE)
    seen = Seen(context.new_page(), address)
    seen.page.on("console", seen.hear)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("request", seen.note)
    yield seen
    context.close()
    assert (seen.complaints, seen.elsewhere) == ([], [])
