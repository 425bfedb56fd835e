"""What the code of one worker declares of limits and rates, and when that holds over what their rows say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.definition.limit import Rate, Shared
from process_manager.definition.registry import Registry
from process_manager.store import limits
from process_manager.store.limits import Declared

log = logs.get(__name__)

DIFFERS: Final = "Raise the version of a class that names it, or choose the number by `process-manager limit`."


class DeclaredLimits:
    """Makes the rows of limits and rates what the code declares, once for each; what a person chose stays."""

    def __init__(self, registry: Registry) -> None:
        versions = _versions(registry)
        self._declared = {name: _as_row(shared, versions[name]) for name, shared in registry.shared.items()}
        self._seen: set[str] = set()  # those whose rows were compared

    def unseen(self, names: Collection[str]) -> set[str]:
        """Return those of which no row was seen yet."""
        return set(names) - self._seen

    def insert(self, connection: sa.Connection, names: Iterable[str]) -> None:
        """Insert those that have no row."""
        limits.declare(connection, [self._declared[name] for name in names])

    def compare(self, connection: sa.Connection, rows: Mapping[str, limits.Shared]) -> set[str]:
        """Compare locked rows that were not compared before; return the names of those that were changed."""
        unseen = self.unseen(rows)
        self._seen |= unseen
        before = limits.versions(connection, unseen) if unseen else {}
        return {name for name in unseen if self._compare(connection, rows[name], before.get(name, {}))}

    def _compare(self, connection: sa.Connection, row: limits.Shared, before: Mapping[str, int]) -> bool:
        """Let the code's number hold where one of its classes has a higher version than any before."""
        wanted = self._declared.get(row.name)
        if wanted is None:
            return False
        differs = (row.period, row.declared) != (_period(wanted), wanted.declared)
        holds = not before or any(each > before[name] for name, each in wanted.versions.items() if name in before)
        if differs and not holds:
            _warn(row, wanted, before)
        versions = {**before, **{name: max(each, before.get(name, 0)) for name, each in wanted.versions.items()}}
        if versions != before or (differs and holds):
            kept = wanted if holds else wanted._replace(period_ms=_milliseconds(row.period), declared=row.declared)
            limits.redeclare(connection, kept._replace(versions=versions))
        return differs and holds


def _warn(row: limits.Shared, wanted: Declared, before: Mapping[str, int]) -> None:
    """Tell of a number that does not hold, unless the program is an old one."""
    if all(each >= before.get(name, 0) for name, each in wanted.versions.items()):
        log.warning("limit.differs", limit=row.name, number=row.declared, here=wanted.declared, hint=DIFFERS)


def _versions(registry: Registry) -> Mapping[str, Mapping[str, int]]:
    """Return the highest version of each class that names a limit or a rate."""
    found: dict[str, dict[str, int]] = {}
    for cls in registry:
        for name in {name for each in cls.pools.values() for name in each.names}:
            versions = found.setdefault(name, {})
            versions[cls.name] = max(cls.version, versions.get(cls.name, 0))
    return found


def _as_row(shared: Shared, versions: Mapping[str, int]) -> Declared:
    period = shared.period if isinstance(shared, Rate) else None
    return Declared(shared.name, _milliseconds(period), shared.most, versions)


def _milliseconds(period: timedelta | None) -> int | None:
    return None if period is None else int(period.total_seconds() * 1000)


def _period(wanted: Declared) -> timedelta | None:
    return None if wanted.period_ms is None else timedelta(milliseconds=wanted.period_ms)
