"""The names of files: by which a step asks for one, and what it was called where it came from."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from process_manager import serialization
from process_manager.errors import IllegalValue
from process_manager.store.file_tables import LABEL_LENGTH
from process_manager.store.tables import NAME_LENGTH

_NAME: Final = re.compile(rf"[^\W\d][\w.-]{{0,{NAME_LENGTH - 1}}}")
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,40}/[a-z0-9][a-z0-9.+-]{0,50}")
_LONGEST_ENDING: Final = 12
UNKNOWN_TYPE: Final = "application/octet-stream"


def checked_name(name: str) -> str:
    """Return the name by which a step asks for a file; raise IllegalValue where it is none."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or serialization.length(name) > NAME_LENGTH:
        raise IllegalValue(
            what="file name",
            value=str(name)[:50],
            problem=f"is not a letter and then at most {NAME_LENGTH - 1} letters, digits, _, . and -",
            hint="Give it the name by which the step asks for it.",
        )
    return name


def safe_label(given: str | None) -> str:
    """Return what a file was called, to be shown: without folders, control characters and what turns text around."""
    last = re.split(r"[/\\]", given or "")[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    shown = unicodedata.normalize("NFC", shown).strip(" .")
    if serialization.length(shown) <= LABEL_LENGTH:
        return shown or "file"
    head, dot, ending = shown.rpartition(".")
    kept = f".{ending}" if dot and len(ending) <= _LONGEST_ENDING else ""
    return f"{(head if kept else shown)[: (LABEL_LENGTH - 1 - len(kept)) // 2]}…{kept}"


def ending(label: str) -> str:
    """Return how a name ends, from its last dot on, in small letters; empty without one."""
    _, dot, last = label.rpartition(".")
    return f".{last.lower()}" if dot else ""


def safe_media_type(given: str | None) -> str:
    """Return what a sender said a file is, where that is a media type at all."""
    said = (given or "").partition(";")[0].strip().lower()
    return said if _MEDIA_TYPE.fullmatch(said) else UNKNOWN_TYPE
