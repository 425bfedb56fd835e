"""What a browser loads beside a page: ours, whole, and from nowhere else."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from web_visitor import Visitor

from process_manager.web import frame, icons, static_files

HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
TEMPLATES = sorted(frame.TEMPLATES.glob("*.html"))


def test_htmx_is_the_one_that_its_project_released_as_2_0_11() -> None:
    file = static_files.FOLDER / "htmx.min.js"

    assert hashlib.sha256(file.read_bytes()).hexdigest() == HTMX


def test_the_style_sheet_stays_under_25_kilobytes() -> None:
    assert len(static_files.every()["style.css"].content) < 25_000


@pytest.mark.parametrize("name", sorted(static_files.every()))
def test_a_file_is_kept_for_ever_under_the_address_of_its_content(visitor: Visitor, name: str) -> None:
    whole = visitor.get(static_files.address(name))
    other = visitor.get(f"/static/{name}?v=other")

    assert whole.content == other.content == (static_files.FOLDER / name).read_bytes()
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert other.headers["cache-control"] == "no-cache"
    assert whole.headers["content-type"].partition(";")[0] in (
        "text/css",
        "text/javascript",
        "image/svg+xml",
        "text/plain",
    )


@pytest.mark.parametrize("path", ["/static/%2e%2e/app.py", "/static/nothing.css", "/static/"])
def test_there_is_no_other_file(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_browsers_find_the_icon_where_they_look_first(visitor: Visitor) -> None:
    assert visitor.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_a_template_has_no_style_and_no_script_of_its_own_and_asks_no_other_host(file: Path) -> None:
    text = file.read_text("utf-8")

    assert re.findall(r"\sstyle=|<style|\son\w+=|javascript:|https?://|//cdn", text) == []
    assert all("src=" in each for each in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_a_template_shows_nothing_unescaped_but_what_it_says_itself(file: Path) -> None:
    safe = re.findall(r"\(([^()]*)\|\s*safe\)", file.read_text("utf-8"))

    assert all(re.fullmatch(r"'[^']*'", each) for each in safe), safe
    assert file.read_text("utf-8").count("|safe") == len(safe)


def test_a_page_carries_the_marks_that_it_uses_and_no_other() -> None:
    drawn = icons.Icons()

    assert drawn.icon("failed") == '<svg class="i" aria-hidden="true"><use href="#failed"/></svg>'
    assert drawn.icon("brand", "") == '<svg aria-hidden="true"><use href="#brand"/></svg>'
    assert drawn.use("hatch") == ""
    assert re.findall(r'id="(\w+)"', drawn.sprite()) == ["failed", "brand", "hatch"]
    with pytest.raises(KeyError):
        drawn.icon("nothing")
