"""What files are called: made harmless, for people to read, and never a path."""

from __future__ import annotations

import pytest

from process_manager import serialization
from process_manager.errors import IllegalValue
from process_manager.files import names
from process_manager.store.file_tables import LABEL_LENGTH


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ("november.xlsx", "november.xlsx"),
        ("../../x", "x"),
        ("C:\\Users\\ada\\Bilag æøå.pdf", "Bilag æøå.pdf"),
        ("/etc/passwd", "passwd"),
        ("a\0b\r\nSet-Cookie: c\x1b[31m", "abSet-Cookie: c[31m"),
        ("txt.\u202efdp.exe", "txt.fdp.exe"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        ("NUL.", "NUL"),
        ("A\u030a.pdf", "Å.pdf"),
    ],
)
def test_a_name_is_shown_without_what_could_do_harm(given: str | None, label: str) -> None:
    assert names.safe_label(given) == label


def test_a_name_that_is_too_long_keeps_its_ending() -> None:
    assert names.safe_label("å" * 300 + ".xlsx") == "å" * 97 + "….xlsx"
    assert names.safe_label("x" * 300) == "x" * 99 + "…"
    assert serialization.length(names.safe_label("\U0001f600" * 300 + ".pdf")) <= LABEL_LENGTH


@pytest.mark.parametrize("name", ["", "1st", "../x", "a b", "a" * 101, "-x", "\U0001f600", "a\0"])
def test_a_step_asks_for_a_file_by_a_plain_name(name: str) -> None:
    with pytest.raises(IllegalValue, match="is not a letter and then at most 99 letters"):
        names.checked_name(name)


def test_such_names_are_plain() -> None:
    for name in ("rows", "bilag_2", "sagsåbning", "a.b-c", "x" * 100):
        assert names.checked_name(name) == name


@pytest.mark.parametrize("given", [None, "", "text", "text/html; charset=utf-8\r\nX: y", "a/b/c", "text/h\0"])
def test_what_a_sender_says_it_is_is_a_media_type_or_nothing(given: str | None) -> None:
    assert names.safe_media_type(given) in ("application/octet-stream", "text/html")
