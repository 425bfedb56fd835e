"""A direct call on the database that the settings name: for a script that has nothing but a process class."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from process_manager import settings
from process_manager.actor import CODE, Actor
from process_manager.database import Database, connect, schema
from process_manager.definition.process import Process
from process_manager.definition.registry import Registry
from process_manager.direct.call import Direct, Rest
from process_manager.errors import NoDatabaseYet
from process_manager.lifecycle import retry
from process_manager.store.tables import SCHEMA
from process_manager.worker.plan import Plan


def run(  # noqa: PLR0913 - all but two by name, so that an editor completes them
    process: type[Process],
    payload: Mapping[str, Any] | None = None,
    *,
    actor: Actor = CODE,
    reference: str | None = None,
    dedup_key: str | None = None,
    order_key: str | None = None,
    at: datetime | None = None,
    channel: str | None = None,
    files: Mapping[str, Path] = MappingProxyType({}),
) -> Rest:
    """Start a process and run its steps in this thread until it rests, on the database that the settings name.

    For many calls in a row, open a `Direct` once. What may not begin now is left to the workers.

    Args:
        process: The class.
        payload: What it starts with, as JSON can carry it, checked by the class's `parameters`.
        actor: Who starts it, for the history.
        reference: The office's own number of the case, at most 200 characters.
        dedup_key: A second start with this key returns the first process, wherever that stands.
        order_key: Processes with one order key run strictly one after the other.
        at: The moment before which it does not run, with its time zone.
        channel: Which workers take what is left of it; the default is the class's.
        files: Files of this host, by the names by which its steps ask for them.

    Returns:
        The process, whether it is new, and where it stands.

    Raises:
        SettingsError: A setting is wrong; the error says where it stands.
        SchemaMismatch: The database has no schema, or another; the error says what fixes it.
        UsageError: The process cannot be started; it is told as by `operations.start`.
        DatabaseUnreachable: The database cannot be used, or a step could not be recorded within the grace period.
    """
    found = settings.load()
    with closing(connect(found.database_url.get_secret_value(), call_timeout=found.lease / 4)) as database:
        _require_schema(database)
        with Direct(database, Plan(Registry([process]), found, retry.parse(found.retry))) as direct:
            keys = {"reference": reference, "dedup_key": dedup_key, "order_key": order_key, "channel": channel}
            return direct.run(process, payload, actor=actor, at=at, files=files, **keys)


def _require_schema(database: Database) -> None:
    try:
        schema.expect(database, wanted=SCHEMA)
    except NoDatabaseYet as none:
        hint = (
            "`process-manager db upgrade` makes it; or run from its folder, or name it in PROCESS_MANAGER_DATABASE_URL."
        )
        raise NoDatabaseYet(url=database.url, problem=none.facts["problem"], hint=hint) from None
