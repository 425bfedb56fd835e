"""The pictures: each is shown, small, and there in both lights; what makes them names pages that are there."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from docs.generate import pictures

TOP = Path(__file__).parents[2]
FILES = sorted(pictures.FOLDER.glob("*"))
TEXTS = {file: file.read_text("utf-8") for file in [TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))]}


def shown() -> dict[str, Path]:
    """The pictures that a page shows, and the page."""
    named = re.compile(r'(?:src|srcset)="([^"]*pictures/[^"]+)"')
    return {name: file for file, text in TEXTS.items() for name in named.findall(text)}


def test_there_are_those_that_the_script_makes() -> None:
    expected = {f"{name}-{scheme}.png" for name in pictures.PAGES for scheme in pictures.SCHEMES}

    assert {file.name for file in FILES} == expected


def test_each_is_small_and_of_the_size_of_the_window() -> None:
    sizes = {struct.unpack(">II", file.read_bytes()[16:24]) for file in FILES}

    assert [file.name for file in FILES if file.stat().st_size > 150_000] == []
    assert sizes == {(pictures.SIZE["width"], pictures.SIZE["height"])}


def test_each_is_shown_and_each_that_is_shown_is_there() -> None:
    found = {(file.parent / name).resolve() for name, file in shown().items()}

    assert found == {file.resolve() for file in FILES}
    assert sum(file.name == "README.md" for file in shown().values()) == 4  # two, in both lights


def test_whoever_cannot_see_one_is_told_what_is_on_it() -> None:
    images = [tag for text in TEXTS.values() for tag in re.findall(r"<img[^>]*pictures/[^>]*>", text)]

    assert len(images) == 5
    assert [tag for tag in images if not re.search(r'alt="[^"]{20,}"', tag)] == []
