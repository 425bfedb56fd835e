"""A regular look for pools that the code asks for no more: what rests there is made due, and finds its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from process_manager import logs
from process_manager.definition.registry import Registry
from process_manager.store import pool_sweep

log = logs.get(__name__)

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


def go_on(connection: sa.Connection, registry: Registry, now: datetime) -> bool:
    """Make due what rests in pools that its class declares no more; return whether more rests there."""
    asked = kinds_of(registry)
    known = {(name, version) for name, version, _steps in registry.runnable()}
    left = [each for each in pool_sweep.places(connection, known) if each[:2] not in asked.get(each.pool, ())]
    numbers = [pool_sweep.make_due(connection, each, now=now) for each in left]
    for place, number in zip(left, numbers, strict=True):
        if number:
            log.info("pool.declared_no_more", pool=place.pool, name=place.name, version=place.version, number=number)
    return pool_sweep.FEW in numbers
