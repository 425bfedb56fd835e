"""A fleet in bad weather: its PostgreSQL goes away, refuses writes or visitors, and comes back, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import psycopg
from sqlalchemy.engine import make_url

from benchmarks import servers
from benchmarks.hosting import HOST
from benchmarks.pooler import Pooler, pgbouncer
from benchmarks.proxy import Proxy
from process_manager import clock
from process_manager.operations import Start
from proofs import cases
from proofs.fleet import Fleet, Served
from proofs.judging import judge, lost_attempts, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import progress, until, work_off

STEPS: Final = ("a", "b", "c")
LEASE: Final = 30.0
LANES: Final = 20
WORKS_WITHIN: Final = 5.0  # seconds after the database is back
PATIENCE: Final = 30.0  # seconds, until it is given up that a worker works again


class Size(NamedTuple):
    """How long the weather is bad, how long each trouble takes and how long it is calm after it, all in seconds."""

    whole: float
    each: float
    calm: float
    backlog: int  # open processes at the beginning of each trouble: more than are done while it lasts


FULL = Size(600, 6, 3, 1_200)
SHORT = Size(0, 1, 0, 250)  # each trouble once


@dataclass
class Site:
    """What troubles are made of, and what came of them."""

    place: Place
    server: servers.PostgreSQL
    proxy: Proxy
    pooler: Pooler
    role: str
    troubles: int = 0
    slowest: dict[str, float] = field(default_factory=dict)  # by trouble, seconds until every worker worked again


def weather(place: Place, size: Size) -> Row:
    """Half of the workers come straight, half by PgBouncer: each works soon after each trouble, and all is done."""
    if not isinstance(place.server, servers.PostgreSQL):
        raise TypeError(f"{place.name} has no weather")
    began = time.monotonic()
    with ExitStack() as stack:
        site = stack.enter_context(_site(place, place.server))
        fleet = stack.enter_context(_hired(site))
        _feed(place, size.backlog)
        # Whoever finds no database when it begins does not stay: so all of them are at work before the first trouble.
        _seconds_until_all_work(place, fleet.workers, backlog=size.backlog)
        while not site.troubles or time.monotonic() - began < size.whole:
            for name, trouble in TROUBLES.items():
                _bear(site, fleet, name, trouble, size)
        work_off(place, lambda _ended: None)
        exits = fleet.exits()
    return _judged(site, exits, seconds=time.monotonic() - began)


def _judged(site: Site, exits: list[str], *, seconds: float) -> Row:
    place = site.place
    verdict = judge(place, STEPS, repeats=0)
    verdict.require(not lost_attempts(place.database), f"{lost_attempts(place.database)} leases ran out")
    for name, slowest in site.slowest.items():
        verdict.require(slowest <= WORKS_WITHIN, f"{name}: a worker worked again only after {slowest:.1f} s")
    verdict.faults += exits
    counted = {"processes": progress(place)[0], "kills": site.troubles}
    more = {name: round(slowest, 2) for name, slowest in site.slowest.items()}
    return verdict.row("weather", place, seconds=seconds, **counted, **more)


@contextmanager
def _site(place: Place, server: servers.PostgreSQL) -> Iterator[Site]:
    """Workers have a role of their own, for what concerns one role does not concern who watches."""
    role = f"office_{make_url(place.url).database}"
    _tell(server, f'CREATE ROLE "{role}" LOGIN')
    _tell(server, f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"', place)
    _tell(server, f'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "{role}"', place)
    name = make_url(place.url).database or ""
    with Proxy(server.port) as proxy, pgbouncer(server, name, mode="transaction", user=role) as pooler:
        yield Site(place, server, proxy, pooler, role)


@contextmanager
def _hired(site: Site) -> Iterator[Fleet]:
    with Fleet(site.place, 0, lease=LEASE, concurrency=4) as fleet:
        straight = make_url(site.place.url).set(username=site.role, port=site.proxy.port)
        for url in (straight.render_as_string(), site.pooler.url) * 2:
            fleet.hire(url=url)
        yield fleet


def _feed(place: Place, backlog: int) -> None:
    """Start as many as are missing, once that is half of them; one in five is in a lane."""
    wanted = backlog - progress(place)[1]
    if wanted < backlog / 2:
        return
    given = cases.payload(place.effects, pause=0.2)
    lanes = (f"lane {number // 5 % LANES}" if number % 5 == 0 else None for number in range(wanted))
    place.enqueue([Start(cases.Weathered, given, order_key=lane) for lane in lanes])


def _bear(site: Site, fleet: Fleet, name: str, trouble: Callable[[Site], Iterator[None]], size: Size) -> None:
    with contextmanager(trouble)(site):
        time.sleep(size.each)
    seconds = _seconds_until_all_work(site.place, fleet.workers, backlog=size.backlog)
    site.troubles += 1
    site.slowest[name] = max(seconds, site.slowest.get(name, 0.0))
    _feed(site.place, size.backlog)
    time.sleep(size.calm)


def _seconds_until_all_work(place: Place, workers: list[Served], *, backlog: int) -> float:
    """From now until each of them has claimed a process that it has got through a step of.

    There is work all the while: whoever finds none because the others did it all has not failed to return.
    """
    back, began = clock.now(), time.monotonic()
    missing = {str(worker.pid) for worker in workers}
    asked = "SELECT DISTINCT worker FROM process_steps WHERE seq = 1 AND started_at > :back"

    def all_work() -> bool:
        _feed(place, backlog)
        return missing <= {worker.split(":")[1] for (worker,) in rows(place.database, asked, back=back)}

    until(all_work, seconds=PATIENCE)
    return time.monotonic() - began


def _restarted(site: Site) -> Iterator[None]:
    site.server.kill()
    yield
    site.server.start()


def _read_only(site: Site) -> Iterator[None]:
    """As a full disk in a cloud makes it: sessions that are opened meanwhile stay read-only when it is over."""
    _alter(site, "SET default_transaction_read_only = on")
    yield
    _tell(site.server, f'ALTER ROLE "{site.role}" RESET default_transaction_read_only')


def _cut_off(site: Site) -> Iterator[None]:
    site.proxy.refuse()
    site.proxy.cut()
    yield
    site.proxy.refuse(False)


def _throttled(site: Site) -> Iterator[None]:
    _alter(site, "CONNECTION LIMIT 2")
    yield
    _tell(site.server, f'ALTER ROLE "{site.role}" CONNECTION LIMIT -1')


def _pooler_restarted(site: Site) -> Iterator[None]:
    site.pooler.kill()
    yield
    site.pooler.start()


TROUBLES: Final[Mapping[str, Callable[[Site], Iterator[None]]]] = {
    "restarted": _restarted,
    "read_only": _read_only,
    "cut_off": _cut_off,
    "throttled": _throttled,
    "pooler_restarted": _pooler_restarted,
}


def _alter(site: Site, change: str) -> None:
    """Change the role, and end its sessions: the next ones are as the change says."""
    _tell(site.server, f'ALTER ROLE "{site.role}" {change}')
    _tell(site.server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{site.role}'")


def _tell(server: servers.PostgreSQL, statement: str, place: Place | None = None) -> None:
    name = make_url(place.url).database if place else "postgres"
    with psycopg.connect(host=HOST, port=server.port, user="postgres", dbname=name, autocommit=True) as driver:
        driver.execute(statement.encode())
