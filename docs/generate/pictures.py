"""The pictures of the README and the documentation: the demo's pages, light and dark, as a browser draws them.

`make pictures` writes them anew into docs/pictures. They are of the day on which that is done.
"""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]

FOLDER: Final = Path(__file__).parents[1] / "pictures"
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
SIZE: Final = {"width": 1120, "height": 660}
MOST: Final = 150_000
"""Bytes of a picture: a clone holds all of them for ever."""

PAGES: Final = {
    "attention": "/attention",
    "processes": "/processes",
    "board": "/processes/board?name=invoice",
    "process": "/processes?status=failed",
    "uncertain": "/processes?status=uncertain",
}
"""Each picture, and the page that it is of; of a list of one status, the first process."""

UNNAMED: Final = """host => {
    document.activeElement?.blur();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        if (text.data.includes(host + ":")) text.data = text.data.replace(host + ":", "office:");
    }
}"""
"""Leaves the name of this host out of a page."""

OF_ONE: Final = ("process", "uncertain")


def main() -> None:
    """Write all pictures."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("No browser is found: install Chromium, Chrome or Edge, and put it on PATH.")
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    with _demo() as link, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        state = _signed_in(browser, link)
        address = link.partition("/sign-in")[0]
        for scheme in SCHEMES:
            page = browser.new_context(storage_state=state, viewport=SIZE, color_scheme=scheme).new_page()  # type: ignore[arg-type]  # as it was returned
            for name, path in PAGES.items():
                _draw(page, f"{address}{path}", name, scheme)
        browser.close()


@contextmanager
def _demo() -> Iterator[str]:
    """Run the demo's pages during the block, and yield the link that signs in."""
    with tempfile.TemporaryDirectory(prefix="pictures-", ignore_cleanup_errors=True) as folder:
        words = ["demo", "--web", "--port", "0", "--folder", folder]
        command = [sys.executable, "-m", "process_manager", *words]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as running:  # noqa: S603 - our own command
            try:
                yield _link(running)
            finally:
                running.send_signal(signal.SIGTERM)


def _link(running: subprocess.Popen[str]) -> str:
    said = ""
    for line in running.stderr or ():
        said += line
        if link := re.search(r"http://\S+/sign-in/once\?word=\S+", line):
            return link[0]
    sys.exit(f"The demo has ended before it showed its pages:\n{said}")


def _signed_in(browser: Browser, link: str) -> object:
    """Return what a browser keeps of somebody who has signed in."""
    context = browser.new_context()
    context.new_page().goto(link)
    return context.storage_state()


def _draw(page: Page, address: str, name: str, scheme: Scheme) -> None:
    page.goto(address)
    if name in OF_ONE:
        page.locator("tbody th a, .cases a").first.click()
    page.wait_for_load_state("networkidle")
    page.evaluate(UNNAMED, socket.gethostname())
    file = FOLDER / f"{name}-{scheme}.png"
    page.screenshot(path=file)
    size = file.stat().st_size
    if size > MOST:
        sys.exit(f"{file} has {size:,} bytes, more than {MOST:,}. Choose a smaller window.")
    print(f"{file.name} {size:,} bytes")


if __name__ == "__main__":
    main()
