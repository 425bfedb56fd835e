"""Workers killed before and after every commit of the engine: each process ends as the table says."""

from __future__ import annotations

import itertools
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from process_manager.store.event_tables import event_signals
from process_manager.store.join_tables import children, joins
from process_manager.store.tables import processes
from proofs import acting, endings, places, wired
from proofs.ends import LEFT_OUT, NOTHING, TABLE, WHOLE, Cell, commits_of
from proofs.fleet import Fleet
from proofs.judging import Verdict, history_is_whole, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import work_off

KILLED = signal.SIGTERM if sys.platform == "win32" else -signal.SIGKILL
LEASE = 5.0
AT_ONCE = 2
ALONE = acting.Seated.name  # a worker that finds its limit locked by another claims one commit later
PATIENCE = 30.0  # seconds for a worker to come to its commit, or to its end


Numbered = tuple[int, Cell]


class Size(NamedTuple):
    """How many cells of the table there are for each one that is tried."""

    one_in: int


FULL = Size(1)
SHORT = Size(3)


class Watched(NamedTuple):
    """A process whose worker is wired; without a cell it is only recorded."""

    effect: str
    cell: Cell | None
    reference: str
    worker: Any = None  # a Served, once it is hired
    file: Path = Path()

    @property
    def told(self) -> str:
        """What it is called in a fault."""
        return f"{self.effect}, " + (f"killed {self.cell.when} {self.cell.commit}" if self.cell else "recorded")


def commits(place: Place, size: Size) -> Row:
    """Record a run of each effect, kill a worker at each of its commits, and let another one finish them all."""
    began = time.monotonic()
    verdict = Verdict()
    with place.database.begin() as connection:
        connection.execute(sa.text(acting.BOOK))
    with Fleet(place, 0, lease=LEASE, concurrency=1, until_empty=True) as fleet:
        recorded = _ended((_recording(place, fleet, effect) for effect in acting.ALL), verdict)
        lists = {each.effect: listed(each, verdict) for each in recorded}
        cells = list(enumerate(_chosen(place, size)))
        killed = _ended(_killing(place, fleet, lists, [each for each in cells if each[1].effect != ALONE]), verdict)
        seated = [each for each in cells if each[1].effect == ALONE]
        killed += _ended(_killing(place, fleet, lists, seated), verdict, at_once=1)
        for each in killed:
            _start_unless_told(place, each)
        fleet.hire(concurrency=4, until_empty=False)
        work_off(place, lambda _ended: None, is_over=lambda: _is_over(place))
    every = [*recorded, *killed]
    _judge(place, every, verdict)
    counted = {"processes": len(every), "kills": len(killed), "seconds": time.monotonic() - began}
    return verdict.row("kills at every commit", place, commits=sum(map(len, lists.values())), **counted)


def _chosen(place: Place, size: Size) -> Sequence[Cell]:
    """Some of the cells, on each kind of database others."""
    return TABLE[places.KINDS.index(place.name) % size.one_in :: size.one_in]


def _recording(place: Place, fleet: Fleet, effect: str) -> Watched:
    return _hire(place, fleet, Watched(effect, None, f"{effect}-recorded"))


def _killing(
    place: Place, fleet: Fleet, lists: Mapping[str, list[str]], cells: Sequence[Numbered]
) -> Iterator[Watched]:
    """The cells, each with the worker that will be killed; without those whose commit nobody made."""
    for number, cell in cells:
        if cell.commit in lists[cell.effect]:
            at = {"nth": lists[cell.effect].index(cell.commit) + 1, "when": cell.when}
            yield _hire(place, fleet, Watched(cell.effect, cell, f"{cell.effect}-{number}"), **at)


def _hire(place: Place, fleet: Fleet, watched: Watched, **at: Any) -> Watched:
    file = place.folder / f"{watched.reference}.commits"
    wire = {"process": watched.effect, "effects": str(place.effects), "reference": watched.reference, **at}
    worker = fleet.hire(wire={**wire, "file": str(file)}, channels=[watched.reference])
    return watched._replace(worker=worker, file=file)


def _ended(hired: Iterator[Watched], verdict: Verdict, *, at_once: int = AT_ONCE) -> list[Watched]:
    """All of them, when the workers have ended as they should: few run at once."""
    every: list[Watched] = []
    while some := list(itertools.islice(hired, at_once)):
        for each in some:
            code = each.worker.ended(PATIENCE)
            verdict.require(code == (KILLED if each.cell else 0), f"{each.told}: the worker ended with {code}")
        every += some
    return every


def listed(recorded: Watched, verdict: Verdict) -> list[str]:
    """The commits that concern the process, in order: the table has them all."""
    found = [commit.name for commit in wired.written(recorded.file) if commit.concerns]
    wanted = commits_of(recorded.effect)
    verdict.require(found == wanted, f"{recorded.told}: its commits are {found}, in the table are {wanted}")
    return found


def _start_unless_told(place: Place, killed: Watched) -> None:
    """Who was cut off while it started something starts it again, with the same dedup key."""
    if killed.cell and killed.cell.commit == "start":
        acting.enter(place.database, killed.effect, killed.reference, place.effects)


def _is_over(place: Place) -> bool:
    return not rows(place.database, "SELECT 1 FROM processes WHERE status NOT IN ('succeeded', 'uncertain')")


def _judge(place: Place, every: Sequence[Watched], verdict: Verdict) -> None:
    history_is_whole(place.database, verdict)
    found = endings.found(place)
    verdict.doubled += len(rows(place.database, "SELECT id FROM processes")) - len(found)
    asked = _asked_for(place)
    for each in every:
        judge_commits(each, verdict)
        acted = int(found.get(each.reference, NOTHING).status == "succeeded")
        verdict.require(asked[f"acted:{each.reference}"] == acted, f"{each.told}: it was not signalled {acted} times")
        began = asked[acting.child_of(each.reference)]
        verdict.require(began == acted, f"{each.told}: {began} children were started and counted, not {acted}")
        wanted = each.cell.end if each.cell else WHOLE
        endings.compare(each.told, wanted, found.get(each.reference, NOTHING), verdict)


def _asked_for(place: Place) -> Counter[str]:
    """How often each event was signalled, and of each reference the children that succeeded and were counted once."""
    p, c, j = processes.c, children.c, joins.c
    counted = sa.select(p.reference).join(children, c.process_id == p.id).join(joins, j.parent_id == c.parent_id)
    with place.database.read() as connection:
        signals = connection.execute(sa.select(event_signals.c.key)).scalars().all()
        started = connection.execute(counted.where(p.status == "succeeded", j.open == 0, j.settled == 1)).scalars()
        return Counter([*signals, *(reference for reference in started if reference)])


def judge_commits(watched: Watched, verdict: Verdict) -> None:
    """The worker was killed where it was told to, and made no commit that nobody knows."""
    made = wired.written(watched.file)
    if watched.cell:
        last = [commit.name for commit in made if commit.concerns][-1:]
        verdict.require(last == [watched.cell.commit], f"{watched.told}: it was killed at {last}")
    unknown = {commit.name for commit in made if not commit.concerns} - LEFT_OUT.keys()
    verdict.require(not unknown, f"{watched.told}: commits that nobody knows: {sorted(unknown)}")
