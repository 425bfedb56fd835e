"""`--file NAME=PATH`: the files that somebody gives to a process."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from process_manager.cli.session import Session
from process_manager.errors import UsageError

if TYPE_CHECKING:
    from process_manager.database import Database
    from process_manager.files import StoredFile

file_option: Final = click.option(
    "--file", "files", metavar="NAME=PATH", multiple=True, help="A file, by the name by which its steps ask for it."
)


def taken(session: Session, database: Database, given: Sequence[str]) -> AbstractContextManager[Sequence[StoredFile]]:
    """Take the files in for the length of a block, in which a process is started with them.

    Raises:
        UsageError: One is not written as NAME=PATH, or a name is given twice.
    """
    if not given:
        return nullcontext(())
    from process_manager import files

    return files.taken(database, session.settings, _sources(given), actor=session.actor)


def _sources(given: Sequence[str]) -> dict[str, Path]:
    sources: dict[str, Path] = {}
    for each in given:
        name, is_pair, path = each.partition("=")
        if not (name and is_pair and path):
            raise UsageError(problem=f"--file {each} is no file with its name. Write --file rows=november.xlsx.")
        if name in sources:
            raise UsageError(problem=f"--file {name} is given twice. Give each file a name of its own.")
        sources[name] = Path(path)
    return sources
