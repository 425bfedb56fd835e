"""A regular look for pools that the code asks for no more: what rests there is made due, and finds its place."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.definition.registry import Registry
from process_manager.store import pool_sweep

log = logs.get(__name__)

MINUTE: Final = 60.0
"""Seconds from one look to the next: an older program puts back what a newer one makes due."""

Kinds = Mapping[str, set[tuple[str, int]]]
"""The names and versions that rest in each pool."""


def kinds_of(registry: Registry) -> Kinds:
    """Return the names and versions that rest in each pool, with older ones that end up in it by upgrades."""
    found: dict[str, set[tuple[str, int]]] = {}
    for name, version, _steps in registry.runnable():
        for cls in (registry.get(name, version), registry.last(name, version)):
            for each in cls.pools.values() if cls is not None else ():
                found.setdefault(each.key, set()).add((name, version))
    return dict(sorted(found.items()))


class PoolSweep:
    """Looks once a minute, and at once again while more rests there than is made due at once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._at = 0.0  # when to look next, by the monotonic clock

    def go_on(self, connection: sa.Connection, now: datetime) -> None:
        """Look if it is time to."""
        if time.monotonic() >= self._at:
            is_more = make_due(connection, self._registry, now)
            self._at = time.monotonic() + (0.0 if is_more else MINUTE)


def make_due(connection: sa.Connection, registry: Registry, now: datetime) -> bool:
    """Make due what rests in pools that its class declares no more; return whether more rests there."""
    asked = kinds_of(registry)
    known = {(name, version) for name, version, _steps in registry.runnable()}
    left = [each for each in pool_sweep.places(connection, known) if each[:2] not in asked.get(each.pool, ())]
    numbers = [pool_sweep.make_due(connection, each, now=now) for each in left]
    for place, number in zip(left, numbers, strict=True):
        if number:
            log.info("pool.declared_no_more", pool=place.pool, name=place.name, version=place.version, number=number)
    return pool_sweep.FEW in numbers
