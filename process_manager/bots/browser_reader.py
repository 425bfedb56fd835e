"""A bot that looks something up on a site, with a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from process_manager import BusinessError, Done, Process, Step, StepRun, every
from process_manager.bots.browser_settings import BotSettings

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
OPTIONS: Final = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync")
"""A worker is mostly a service without a desktop, in which the browser's own sandbox cannot start."""

PATIENCE: Final = 20_000
"""Milliseconds for what the page has to do."""

LONGEST: Final = 20_000
"""Characters of what is read."""


class BrowserParameters(BaseModel):
    """What is looked up, and where."""

    address: str = Field(title="Address", pattern=r"^https?://", description="Of a site that the settings allow.")
    fill: dict[str, str] = Field({}, title="Fill in", description="What to type, by the labels of the fields.")
    press: str | None = Field(None, title="Press", description="The name of the button to press then.")
    read: str = Field("main, body", title="Read", description="What to read: a CSS selector.")


class BrowserReader(Process):
    """Look something up on a site: open a page, fill in a form, press its button, and read the answer.

    It types and reads, and should be used for nothing that must not be done twice: after a crash it runs again.
    """

    name = "browser-reader"
    label = "Browser reader"
    parameters = BrowserParameters
    result = ("title", "text")
    retry = every(minutes=5, attempts=3)
    STEPS = {"read": Step("read_page", isolation="process", time_limit=timedelta(minutes=2))}

    def read_page(self, run: StepRun) -> Done:
        """Open the page and read it."""
        asked = run.payload
        allowed = sites(BotSettings.of(run.settings))
        require_allowed(asked["address"], allowed)
        with page(BotSettings.of(run.settings), allowed) as seen:
            answer = seen.goto(asked["address"])
            if answer is None or not answer.ok:
                raise RuntimeError(f"The site answered {'nothing' if answer is None else answer.status}.")
            run.checkpoint()
            for label, text in asked["fill"].items():
                seen.get_by_label(label, exact=True).fill(text)
            if asked["press"] is not None:
                seen.get_by_role("button", name=asked["press"], exact=True).click()
            text = seen.locator(asked["read"]).first.inner_text()[:LONGEST].strip()
            found = {"title": seen.title(), "text": text}
        run.exchange("browser", {"address": asked["address"], "filled": sorted(asked["fill"])}, found)
        return Done(f"{len(text)} characters read from {found['title'] or asked['address']}", found)


def sites(settings: BotSettings) -> frozenset[str]:
    """Return the hosts that may be visited."""
    return frozenset(each.strip().lower() for each in (settings.bots_sites or "").split(",") if each.strip())


def require_allowed(address: str, allowed: frozenset[str]) -> None:
    """Raise BusinessError for a site that no setting allows: the worker may reach what its starter may not."""
    if not is_allowed(address, allowed):
        told = f"{urlsplit(address).hostname or address} is not among the sites in PROCESS_MANAGER_BOTS_SITES."
        raise BusinessError(told, code="site-not-allowed")


def is_allowed(address: str, allowed: frozenset[str]) -> bool:
    """Return whether an address is of a site that may be visited."""
    return (urlsplit(address).hostname or "").lower() in allowed


@contextmanager
def page(settings: BotSettings, allowed: frozenset[str]) -> Iterator[Page]:
    """Open a browser with one page for the length of the block.

    It asks no site that is not allowed: neither for a part of a page, nor where a site sends it elsewhere.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = settings.bots_browser or next(filter(None, map(shutil.which, NAMES)), None)
        browser = playwright.chromium.launch(executable_path=path, args=[*OPTIONS, _only(allowed)])
        try:
            context = browser.new_context(accept_downloads=False)
            context.set_default_timeout(PATIENCE)
            context.route("**/*", lambda route, request: _pass(route, request, allowed))
            yield context.new_page()
        finally:
            browser.close()


def _only(allowed: frozenset[str]) -> str:
    """Return the option by which a browser finds no other host, whatever leads it there."""
    left = ",".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {each}" for each in sorted(allowed))])
    return f"--host-resolver-rules={left}"


def _pass(route: Route, request: Request, allowed: frozenset[str]) -> Any:
    return route.continue_() if is_allowed(request.url, allowed) else route.abort("blockedbyclient")
