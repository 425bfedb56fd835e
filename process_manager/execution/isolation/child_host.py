"""What a child process has of its worker. What is slow to import is made when a step asks for it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from process_manager.definition.step_host import Children, Host, StepEvent, StepFile, StoredAnswer
from process_manager.gates import quiet
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.retry import RetryPolicy

if TYPE_CHECKING:
    import sqlalchemy as sa

    from process_manager.database import Database
    from process_manager.settings import Settings


class LogSettings(NamedTuple):
    """How a worker set up its log, so that its children do the same."""

    config: Path | None
    level: str | None
    style: str


Place = tuple[str, tuple[int, int] | None]
"""The engine's database: its whole URL, and which file it is, if it is one."""


def handed(host: Host, *, database: Place, log_settings: LogSettings | None, retry: RetryPolicy) -> dict[str, object]:
    """Return what a child is told first, secrets in plain text: fit for its pipe and nothing else.

    `retry` is the policy where neither step nor process has one.
    """
    return {
        "settings": {name: _plain(getattr(host.settings, name)) for name in type(host.settings).model_fields},
        "installation": str(host.installation),
        "database": database,
        "call_timeout": host.settings.lease / 4,
        "retry": retry.text,
        "quiet": host.settings.quiet or quiet.DEFAULT,
        "zone": host.settings.zone_name(),
        "logs": None if log_settings is None else [_plain(value) for value in log_settings],
    }


def _plain(value: object) -> object:
    from pydantic import SecretStr

    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


class ChildHost:
    """What every step of a child shares: all that a Host has."""

    def __init__(self, start: Mapping[str, Any], post: Callable[[Evidence], None]) -> None:
        self.database = LaterDatabase(start)
        self.installation = uuid.UUID(start["installation"])
        self.post = post
        self._settings: Mapping[str, Any] = start["settings"]

    def files_of(self, process_id: int) -> Mapping[str, StepFile]:
        """Return the files of a process, by name."""
        from process_manager.execution.step_files import FilesOnDemand

        return FilesOnDemand(self.database, self.settings)(process_id)

    def event_of(self, process_id: int, step_key: str) -> StepEvent | None:
        """Return what woke a process in a step."""
        from process_manager.execution.step_events import EventsOnDemand

        return EventsOnDemand(self.database)(process_id, step_key)

    @property
    def children(self) -> Children:
        """What knows the children of processes."""
        from process_manager.execution.step_children import ChildrenOnDemand

        return ChildrenOnDemand(self.database)

    def answer_of(self, process_id: int, step_key: str, round_: int) -> StoredAnswer | None:
        """Return what a person answered a step."""
        from process_manager.execution.step_answers import AnswersOnDemand

        return AnswersOnDemand(self.database)(process_id, step_key, round_)

    @cached_property
    def settings(self) -> Settings:
        """The worker's settings as they are in force there: no variable and no file is read again."""
        from process_manager.settings import model_of

        class Handed(model_of(self._settings["process_packages"])):  # type: ignore[misc]  # made when it is read
            @classmethod
            def settings_customise_sources(cls, _cls: object, init_settings: Any, **_others: object) -> tuple[Any, ...]:
                return (init_settings,)

        return Handed(**self._settings)


class LaterDatabase:
    """The engine's own database, connected to when a step first uses it."""

    def __init__(self, start: Mapping[str, Any]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._database: Database | None = None

    def begin(self) -> AbstractContextManager[sa.Connection]:
        """Open a write transaction."""
        return self.connected().begin()

    def read(self) -> AbstractContextManager[sa.Connection]:
        """Open a read transaction."""
        return self.connected().read()

    def connect(self) -> AbstractContextManager[sa.Connection]:
        """Open a connection, for transactions of one's own."""
        return self.connected().connect()

    def connected(self) -> Database:
        """Return the database itself."""
        from process_manager.database import connect

        with self._lock:
            if self._database is None:
                url, number = self._start["database"]
                self._database = connect(url, call_timeout=self._start["call_timeout"])
                if self._database.file is not None and number is not None:
                    self._database.file.expect((number[0], number[1]))
            return self._database
