"""What a child has of its worker's host. What is costly to import is made when a step asks for it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from process_manager.steprun import Evidence, Host

if TYPE_CHECKING:
    import sqlalchemy as sa

    from process_manager.database import Database
    from process_manager.settings import Settings


def handed(host: Host, *, database_url: str) -> dict[str, object]:
    """The host as a child is told of it, its secrets in plain text: fit for the child's pipe and nothing else."""
    from pydantic import SecretStr

    settings = host.settings
    found: dict[str, object] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        found[name] = value.get_secret_value() if isinstance(value, SecretStr) else value
    return {
        "settings": {name: _plain(value) for name, value in found.items()},
        "installation": str(host.installation),
        "database_url": database_url,
        "deadline": settings.lease / 4,
    }


def _plain(value: object) -> object:
    from pathlib import Path

    return str(value) if isinstance(value, Path) else value


class ChildHost:
    """What every step of a child shares: all that a Host has."""

    def __init__(self, start: Mapping[str, Any], post: Callable[[Evidence], None]) -> None:
        self.database = LaterDatabase(start)
        self.installation = uuid.UUID(start["installation"])
        self.post = post
        self._settings: Mapping[str, Any] = start["settings"]

    @cached_property
    def settings(self) -> Settings:
        """The worker's settings as they are in force there: no variable and no file is read again."""
        from process_manager.settings import Settings

        class Handed(Settings):
            @classmethod
            def settings_customise_sources(cls, _cls: object, init_settings: Any, **_others: object) -> tuple[Any, ...]:  # type: ignore[override]  # called by name
                return (init_settings,)

        return Handed(**self._settings)


class LaterDatabase:
    """The engine's own database, connected to when a step first uses it."""

    def __init__(self, start: Mapping[str, Any]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._database: Database | None = None

    def begin(self) -> AbstractContextManager[sa.Connection]:
        """A write transaction."""
        return self._connected().begin()

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A read transaction."""
        return self._connected().read()

    def _connected(self) -> Database:
        from process_manager.database import connect

        with self._lock:
            if self._database is None:
                self._database = connect(self._start["database_url"], deadline=self._start["deadline"])
            return self._database
