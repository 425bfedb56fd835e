"""What became of a place, judged from its tables and from what was noted outside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

import sqlalchemy as sa

from process_manager.database import Database
from proofs import effects
from proofs.effects import Effect
from proofs.places import Place
from proofs.rows import Row

ARCHIVE = "archive"
"""Who started the processes that only fill the tables: they ended long ago and are not judged."""


@dataclass(slots=True)
class Verdict:
    """What was lost, what was doubled, and everything else that is not as it must be."""

    lost: int = 0
    doubled: int = 0
    repeated: int = 0  # effects that were had more than once
    faults: list[str] = field(default_factory=list)

    def require(self, is_so: bool, otherwise: str) -> None:
        """A fault unless it is so."""
        if not is_so:
            self.faults.append(otherwise)

    def row(self, figure: str, place: Place, *, processes: int, kills: int, seconds: float, **more: float) -> Row:
        """The row of a proof."""
        found = {"lost": self.lost, "doubled": self.doubled, "seconds": seconds}
        return Row(figure, place.name, processes, kills, faults=tuple(self.faults), more=more, **found)


def judge(place: Place, steps: Sequence[str], *, repeats: int, ends: Set[str] = frozenset({"succeeded"})) -> Verdict:
    """Every process of these steps succeeded, each step recorded once and done outside; at most so many repeats.

    Where one may have ended `abandoned`, too, its steps are not looked for.
    """
    verdict = Verdict()
    statuses = counts(place.database, "SELECT status, count(*) FROM processes GROUP BY status")
    verdict.require(set(statuses) <= ends, f"processes ended otherwise: {dict(statuses)}")
    _judge_records(place, steps, verdict)
    history_is_whole(place.database, verdict)
    _judge_effects(effects.noted(place.effects), _done(place.database), verdict)
    verdict.require(verdict.repeated <= repeats, f"{verdict.repeated} effects repeated, at most {repeats} may be")
    return verdict


def history_is_whole(database: Database, verdict: Verdict) -> None:
    """A fault unless the history of every process counts 1, 2, 3 … without gaps."""
    gaps = rows(
        database,
        "SELECT p.id FROM processes p LEFT JOIN process_steps s ON s.process_id = p.id GROUP BY p.id, p.seq"
        " HAVING count(s.seq) <> p.seq OR coalesce(max(s.seq), 0) <> p.seq OR coalesce(min(s.seq), 1) <> 1",
    )
    verdict.require(not gaps, f"the history of {len(gaps)} processes has gaps")


def _judge_records(place: Place, steps: Sequence[str], verdict: Verdict) -> None:
    done = _done(place.database)
    judged = f"created_by <> '{ARCHIVE}' AND status <> 'abandoned'"
    ids = [row[0] for row in rows(place.database, f"SELECT id FROM processes WHERE {judged}")]
    verdict.lost = sum((process_id, step) not in done for process_id in ids for step in steps)
    verdict.doubled = sum(done.values()) - len(done)


def _done(database: Database) -> Mapping[tuple[int, str], int]:
    found = rows(
        database,
        "SELECT process_id, step, count(*) FROM process_steps WHERE outcome = 'done' GROUP BY process_id, step",
    )
    return {(process_id, step): count for process_id, step, count in found}


def _judge_effects(noted: Sequence[Effect], done: Mapping[tuple[int, str], int], verdict: Verdict) -> None:
    keys: dict[tuple[int, str], list[str]] = {}
    for effect in noted:
        keys.setdefault((effect.process_id, effect.step), []).append(effect.key)
    missing = len(done.keys() - keys.keys())
    verdict.lost += missing
    verdict.require(not missing, f"{missing} steps are recorded as done and were not done")
    verdict.repeated = sum(len(had) - 1 for had in keys.values())
    changed = sum(len(set(had)) > 1 for had in keys.values())
    verdict.require(not changed, f"{changed} effects were repeated with another idempotency key")
    verdict.require(len({had[0] for had in keys.values()}) == len(keys), "two steps had one idempotency key")


def counts(database: Database, statement: str) -> Counter[str]:
    """Numbers by name."""
    return Counter(dict(rows(database, statement)))


def rows(database: Database, statement: str, **values: object) -> list[tuple]:
    """The rows of a question."""
    with database.read() as connection:
        return [tuple(each) for each in connection.execute(sa.text(statement), values)]


def lost_attempts(database: Database) -> int:
    """How many runs of a step never answered in time."""
    return rows(database, "SELECT count(*) FROM process_steps WHERE outcome = 'lost'")[0][0]
