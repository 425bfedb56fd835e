"""The files of a process for its steps; what reads them is imported when a step first asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from process_manager.definition.step_host import EngineDatabase, StepFile
from process_manager.errors import NotFound

if TYPE_CHECKING:
    from process_manager.files import StoredFile
    from process_manager.settings import Settings


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file of a process, which a step may open."""

    name: str
    label: str
    media_type: str
    size: int
    sha256: str
    _stored: StoredFile = field(repr=False)
    _database: EngineDatabase = field(repr=False)
    _settings: Settings = field(repr=False)

    def open(self) -> BinaryIO:
        """Open it: a binary file that can be read and sought in, a piece of which is in memory at a time."""
        from process_manager import files

        return files.opened(self._database, self._settings, self._stored)


class RunFiles(dict[str, StepFile]):
    """The files of a process, by name."""

    def __missing__(self, name: str) -> StepFile:
        there = ", ".join(map(repr, self)) or "none at all"
        raise NotFound(problem=f"This process was given no file {name!r}: it has {there}.")


class FilesOnDemand:
    """Looks up the files of a process when one of its steps asks for them."""

    def __init__(self, database: EngineDatabase, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def __call__(self, process_id: int) -> Mapping[str, StepFile]:
        from process_manager import files

        with self._database.read() as connection:
            found = files.of_process(connection, process_id)
        return RunFiles({name: self._file(stored) for name, stored in found.items()})

    def _file(self, stored: StoredFile) -> StepFile:
        told = (stored.name, stored.label, stored.media_type, stored.size, stored.sha256)
        return RunFile(*told, _stored=stored, _database=self._database, _settings=self._settings)
