"""The documentation as it is read: built strictly, complete, and without a request to any other host."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TOP = Path(__file__).parent.parent.parent
OUTSIDE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
LOADS = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
    "link": ("href",),
    "form": ("action",),
    "base": ("href",),
}
"""What a browser asks for by itself, tag by tag; links that a reader clicks on are not among them."""
NEVER_ASKED = (
    "http://www.w3.org/",  # of namespaces
    "https://bit.ly/2s3ChXG",  # in a message of the search's
)


class Loads(HTMLParser):
    """Whatever a page loads, and its inline styles and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag loads."""
        given = dict(attrs)
        self._is_code = tag in ("script", "style")
        self.found += [given[name] or "" for name in LOADS.get(tag, ()) if name in given]
        self.inline.append(given.get("style") or "")

    def handle_endtag(self, tag: str) -> None:
        """Leave a script or a style."""
        self._is_code = False

    def handle_data(self, data: str) -> None:
        """Note a script or a style."""
        if self._is_code:
            self.inline.append(data)


def loads(page: Path) -> Loads:
    parsed = Loads()
    parsed.feed(page.read_text("utf-8"))
    return parsed


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a warning of the builder's is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return folder


def addresses(text: str) -> Iterator[str]:
    yield from (found for found in re.findall(r"https?://[^\s\"'`)<>\\]*", text) if not found.startswith(NEVER_ASKED))


@pytest.mark.parametrize(
    "text",
    [
        '<link rel="preconnect" href="https://fonts.example" crossorigin>',
        '<script src="//cdn.example/a.js"></script>',
        '<img alt="" src="https://example/a.png">',
        "<style>@import url(https://example/a.css)</style>",
        '<p style="background: url(https://example/a.png)">',
        "<script>fetch('https://example/a.json')</script>",
    ],
)
def test_what_a_browser_would_ask_for_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    found = loads(tmp_path / "page.html")

    assert [each for each in found.found if OUTSIDE.match(each)] or [*addresses(" ".join(found.inline))]


def test_no_page_loads_anything_from_outside(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    asked = {(page.relative_to(site).as_posix(), each) for page in pages for each in loads(page).found}

    assert len(pages) > 20
    assert sorted(each for each in asked if OUTSIDE.match(each[1])) == []


def test_no_script_or_style_within_a_page_names_an_address(site: Path) -> None:
    named = {each for page in site.rglob("*.html") for text in loads(page).inline for each in addresses(text)}

    assert sorted(named) == []


def test_no_style_sheet_loads_anything_from_outside(site: Path) -> None:
    sheets = sorted(site.rglob("*.css"))
    asked = [
        found
        for sheet in sheets
        for found in re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')]+)", sheet.read_text("utf-8"))
    ]

    assert sheets != []
    assert [each for each in asked if OUTSIDE.match(each.strip())] == []


def test_no_picture_loads_anything_from_outside(site: Path) -> None:
    pictures = sorted(site.rglob("*.svg"))

    assert pictures != []
    assert [(each.name, found) for each in pictures for found in addresses(each.read_text("utf-8"))] == []


def test_no_script_knows_an_address_to_ask(site: Path) -> None:
    scripts = sorted(site.rglob("*.js"))
    known = {found for script in scripts for found in addresses(without_comments(script.read_text("utf-8")))}

    assert scripts != []
    assert sorted(known) == []


def without_comments(script: str) -> str:
    return re.sub(r"/\*.*?\*/", "", script, flags=re.DOTALL)
