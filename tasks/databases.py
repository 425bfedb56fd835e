"""The databases that steps work on outside the engine, each named by the setting that holds its URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from process_manager.database import error_codes
from process_manager.errors import DatabaseUnreachable, SettingsError
from process_manager.integrations import databases
from process_manager.redaction import redact_text

if TYPE_CHECKING:
    from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class OutsideDatabase:
    """A database of the office: what fails in it is told as its being unusable, in one sentence."""

    setting: str
    url: str

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A write transaction: committed at the end of the block, rolled back when it raises."""
        with self._explained(), databases.engine(self.url).begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read transaction, which on SQLite waits for no writer."""
        reading = databases.engine(self.url).execution_options(sqlite_begin="BEGIN")
        with self._explained(), reading.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            problem = error_codes.timeout_reason(error) or redact_text(str(error.orig).strip())
            cure = "Nothing is lost: try again when it answers."
            raise DatabaseUnreachable(url=f"of {self.setting}", problem=problem, cure=cure) from error


def is_lock_timeout(error: DatabaseUnreachable) -> bool:
    """Whether another session kept a row or a table for too long, and nothing else is wrong."""
    return isinstance(error.__cause__, sa.exc.DBAPIError) and error_codes.is_lock_timeout(error.__cause__)


def outside(url: SecretStr | None, setting: str) -> OutsideDatabase:
    """The database that a setting names; SettingsError when it names none."""
    if url is None:
        raise SettingsError(
            where=setting, problem="it is not set", cure="Set it to the database's URL, such as sqlite:///invoices.db."
        )
    return OutsideDatabase(setting, url.get_secret_value())
