"""Steps a second beside the peers and the floor, each in turn with the others so that all see the same machine."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks import floor, workload
from benchmarks.peers import ours, pgfloor, places
from benchmarks.peers.neighbours import Peer, Peers
from benchmarks.peers.places import Place
from benchmarks.peers.rows import Bound, Other, Row, compared
from process_manager.database import Database

STEPS: Final = len(workload.Four.plan)
UNIT: Final = "steps/s"

Options = Mapping[str, float | str]
DBOS_MANY: Final[tuple[Options, ...]] = (
    {"at_once": 10},
    {"at_once": 30},
    {"at_once": 30, "pool": 40},
    {"at_once": 10, "style": "coroutine"},
    {"at_once": 30, "style": "coroutine"},
)
DBOS_TEN: Final[tuple[Options, ...]] = ({"at_once": 10}, {"at_once": 10, "style": "coroutine"})
DBOS_SQLITE: Final[tuple[Options, ...]] = ({"at_once": 4}, {"at_once": 10}, {"at_once": 10, "style": "coroutine"})
DBOS_SLOW: Final[tuple[Options, ...]] = (
    {"at_once": 50},
    {"at_once": 50, "pool": 60},
    {"at_once": 50, "style": "coroutine"},
)
PROCRASTINATE_MANY: Final[tuple[Options, ...]] = ({"at_once": 5}, {"at_once": 10}, {"at_once": 20})


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many processes each contestant runs: enough for some seconds."""

    many: int
    ten: int
    one: int
    slow: int
    peer: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that runs processes of four steps."""

    label: str
    said: str  # what it is, and with which settings
    rate: Callable[[], float]
    missing: str | None = None


def rows(postgresql: Place, sqlite: Place, peers: Peers, amounts: Amounts) -> Iterator[Row]:
    """Every row of the table that is a rate of steps."""
    yield from _postgresql_many(postgresql, peers, amounts)
    yield from _postgresql_ten(postgresql, peers, amounts)
    yield from _postgresql_one(postgresql, peers, amounts)
    yield from _sqlite_many(sqlite, peers, amounts)
    yield from _slow(postgresql, peers, amounts)


def _postgresql_many(place: Place, peers: Peers, amounts: Amounts) -> Iterator[Row]:
    engine, dbos, procrastinate, raw = in_turn(
        [
            Contestant("process-manager", "", lambda: ours.many(place, amounts.many)),
            _best(_peer(peers.dbos, place, amounts.peer, "queue", each) for each in DBOS_MANY),
            _best(_peer(peers.procrastinate, place, amounts.peer, "drain", each) for each in PROCRASTINATE_MANY),
            _floor(place, amounts.many, lambda database: pgfloor.drain(places.url_of(database))),
        ],
        amounts.rounds,
    )
    yield compared("postgresql_vs_dbos", UNIT, _value(engine), dbos, Bound("ratio", "at least", 20, 40))
    yield compared("postgresql_vs_procrastinate", UNIT, _value(engine), procrastinate, Bound("ratio", "at least", 12))
    yield compared("postgresql_vs_floor", UNIT, _value(engine), raw, Bound("ratio", "at least", 0.5))


def _postgresql_ten(place: Place, peers: Peers, amounts: Amounts) -> Iterator[Row]:
    engine, dbos = in_turn(
        [
            Contestant("process-manager", "", lambda: ours.ten(place, amounts.ten)),
            _best(_peer(peers.dbos, place, amounts.peer, "queue", each) for each in DBOS_TEN),
        ],
        amounts.rounds,
    )
    yield compared("postgresql_ten_vs_dbos", UNIT, _value(engine), dbos, Bound("ratio", "at least", 12, 25))


def _postgresql_one(place: Place, peers: Peers, amounts: Amounts) -> Iterator[Row]:
    engine, worker, dbos, procrastinate = in_turn(
        [
            Contestant("process-manager", "", lambda: ours.direct(place, amounts.one)),
            Contestant(
                "a worker", "its worker, to which each process is handed over", lambda: ours.one(place, amounts.one)
            ),
            _peer(peers.dbos, place, amounts.peer, "direct", {}),
            _peer(peers.procrastinate, place, amounts.peer, "drain", {"at_once": 1}),
        ],
        amounts.rounds,
    )
    yield compared("postgresql_one_vs_dbos", UNIT, _value(engine), dbos, Bound("ratio", "at least", 5, 8))
    yield compared("postgresql_one_vs_worker", UNIT, _value(engine), worker)
    yield compared("postgresql_one_vs_procrastinate", UNIT, _value(worker), procrastinate)


def _sqlite_many(place: Place, peers: Peers, amounts: Amounts) -> Iterator[Row]:
    engine, dbos, raw = in_turn(
        [
            Contestant("process-manager", "", lambda: ours.many(place, amounts.many)),
            _best(_peer(peers.dbos, place, amounts.peer, "queue", each) for each in DBOS_SQLITE),
            _floor(place, amounts.many, lambda database: floor.drain(workload.path_of(database))),
        ],
        amounts.rounds,
    )
    yield compared("sqlite_vs_dbos", UNIT, _value(engine), dbos, Bound("ratio", "at least", 30, 60))
    yield compared("sqlite_vs_floor", UNIT, _value(engine), raw, Bound("ratio", "at least", 0.35))


def _slow(place: Place, peers: Peers, amounts: Amounts) -> Iterator[Row]:
    takes = {"milliseconds": workload.SLOW * 1000}
    engine, dbos, procrastinate = in_turn(
        [
            Contestant("process-manager", "", lambda: ours.slow(place, amounts.slow)),
            _best(_peer(peers.dbos, place, amounts.peer, "queue", {**each, **takes}) for each in DBOS_SLOW),
            _peer(peers.procrastinate, place, amounts.peer, "drain", {"at_once": ours.SLOW_AT_ONCE, **takes}),
        ],
        amounts.rounds,
    )
    ideal = Other("ideal", ours.IDEAL, f"{ours.SLOW_AT_ONCE} steps of {takes['milliseconds']:g} ms at once")
    found = compared("postgresql_20_ms_of_ideal", UNIT, _value(engine), ideal, Bound("ratio", "at least", 0.85, 0.95))
    others = {other.label: other.value for other in (dbos, procrastinate) if other.value is not None}
    yield Row(found.figure, found.bounds, {**found.bars, **others})


def _best(tried: Iterable[Contestant]) -> Contestant:
    """The fastest of these settings in one run each, before anything is measured."""
    each = list(tried)
    return each[0] if each[0].missing is not None else max(each, key=lambda one: one.rate())


def _peer(peer: Peer, place: Place, count: int, way: str, options: Options) -> Contestant:
    def rate() -> float:
        with places.empty(place) as url:
            return float(peer.ask(url, way, count=count, **options)["steps_per_second"])

    told = ", ".join([way, *(f"{name.replace('_', ' ')} {value}" for name, value in options.items())])
    return Contestant(peer.name, f"{peer.name} {peer.version} ({told})", rate, peer.missing())


def _floor(place: Place, count: int, drain: Callable[[Database], int]) -> Contestant:
    def rate() -> float:
        with places.laid_out(place) as database:
            workload.enqueue(database, count)
            return count * STEPS / ours.seconds(lambda: drain(database))

    return Contestant("floor", "a raw driver loop, 100 outcomes a transaction", rate)


def in_turn(contestants: Sequence[Contestant], rounds: int) -> list[Other]:
    """The median rate of each."""
    found: dict[str, list[float]] = {each.label: [] for each in contestants}
    for _ in range(rounds):
        for each in contestants:
            if each.missing is None:
                found[each.label].append(each.rate())
    return [_other(each, found[each.label]) for each in contestants]


def _other(each: Contestant, rates: Sequence[float]) -> Other:
    if not rates:
        return Other(each.label, None, str(each.missing))
    return Other(each.label, statistics.median(rates), each.said)


def _value(engine: Other) -> float:
    if engine.value is None:
        raise RuntimeError("the engine was not measured")
    return engine.value
