"""Contents of files in a folder that every host sees, each under a name of ours."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from process_manager.errors import FolderUnusable

_OURS: Final = re.compile(r"[0-9a-f]{32}")
HINT: Final = "Let this account read, write and delete there, or name another folder in PROCESS_MANAGER_FILES_FOLDER."


def path(folder: Path, content: str) -> Path:
    """Return where a content lies; raise ValueError for what is no name of ours, which could lead elsewhere."""
    if not _OURS.fullmatch(content):
        raise ValueError(f"{content[:50]!r} is no name of a content")
    return folder / content[:2] / content


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Raise what goes wrong with the folder as FolderUnusable."""
    try:
        yield
    except OSError as error:
        raise FolderUnusable(folder=folder, problem=error.strerror or type(error).__name__, hint=HINT) from error


def create(folder: Path, content: str) -> BinaryIO:
    """Create the file of a content, and return it to be written."""
    with explained(folder):
        there = path(folder, content)
        there.parent.mkdir(parents=True, exist_ok=True)
        return there.open("xb")


def close(folder: Path, file: BinaryIO) -> None:
    """Close a file whose content must still be there when this host loses its power."""
    with explained(folder):
        file.flush()
        os.fsync(file.fileno())
        file.close()


def open_(folder: Path, content: str, *, size: int) -> BinaryIO:
    """Open the content of a file; raise FolderUnusable where it is not there as it was stored."""
    with explained(folder):
        there = path(folder, content)
        found = there.stat().st_size
        if found != size:
            told = f"{there.name} has {found} bytes, and had {size}"
            raise FolderUnusable(folder=folder, problem=told, hint="Restore it from a backup.")
        return there.open("rb")


def delete(folder: Path, content: str) -> None:
    """Delete the content of a file, if it is there."""
    with explained(folder):
        path(folder, content).unlink(missing_ok=True)


def probe(folder: Path) -> None:
    """Raise FolderUnusable unless a file can be made, read and deleted there by this account."""
    content = secrets.token_hex(16)
    with explained(folder):
        if not folder.is_dir():
            raise FolderUnusable(folder=folder, problem="there is no such folder", hint=HINT)
        try:
            with create(folder, content) as file:
                file.write(b"probe")
            with open_(folder, content, size=5) as file:
                file.read()
        finally:
            with suppress(OSError):
                path(folder, content).unlink(missing_ok=True)
