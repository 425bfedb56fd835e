"""`python -m benchmarks.peers`: measure the engine beside its peers, print a table, keep the figures and the charts."""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import figures, machine, servers
from benchmarks.peers import bulk, charts, claims, counts, crowd, idling, neighbours, places, rates, report, waking
from benchmarks.peers.neighbours import ENVIRONMENTS, Peers
from benchmarks.peers.places import VERSION, Files, Place
from benchmarks.peers.rates import Amounts
from benchmarks.peers.rows import Row
from process_manager import logs

FOLDER: Final = Path(__file__).parents[1]
LATEST: Final = FOLDER / "latest.json"
CHARTS: Final = "charts"
WIDTH: Final = 140  # of a table that goes to a file


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    amounts: Amounts
    samples: int  # of how long a worker takes to wake
    samples_of_peers: int
    idle_seconds: float
    backlog: int
    lane: int
    claims: int
    starts: int
    crowd: int
    one: int  # processes of which what they cost is counted, one in flight and many
    many: int
    settle: float = 2.0  # seconds after which a new worker is idle, and has read what it reads once
    soon: float = 2.5  # longer than an idle worker takes to see that a moment was changed


FULL: Final = Sizes(
    amounts=Amounts(many=10_000, ten=2_500, one=500, slow=2_500, peer=400, rounds=3),
    samples=1_000,
    samples_of_peers=100,
    idle_seconds=45.0,
    backlog=1_000_000,
    lane=100_000,
    claims=300,
    starts=50_000,
    crowd=10_000,
    one=100,
    many=2_500,
)
QUICK: Final = Sizes(
    amounts=Amounts(many=250, ten=100, one=10, slow=250, peer=20, rounds=1),
    samples=10,
    samples_of_peers=5,
    idle_seconds=1.0,
    backlog=5_000,
    lane=1_000,
    claims=20,
    starts=1_000,
    crowd=200,
    one=10,
    many=250,
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where, beside whom and how much is measured."""

    postgresql: Place
    sqlite: Place
    peers: Peers
    sizes: Sizes


def _idling(site: Site) -> Iterator[Row]:
    sizes = site.sizes
    for place in (site.postgresql, site.sqlite):
        yield from idling.rows(place, backlog=sizes.backlog, seconds=sizes.idle_seconds, settle=sizes.settle)


def _claims(site: Site) -> Iterator[Row]:
    sizes = site.sizes
    for place in (site.postgresql, site.sqlite):
        yield from claims.rows(place, backlog=sizes.backlog, lane=sizes.lane, samples=sizes.claims)


def _waking(site: Site) -> Iterator[Row]:
    sizes = site.sizes
    return waking.rows(site.postgresql, site.sqlite, site.peers, samples=sizes.samples, of_peers=sizes.samples_of_peers)


def _bulk(site: Site) -> Iterator[Row]:
    return bulk.rows(site.postgresql, site.sqlite, starts=site.sizes.starts, rounds=site.sizes.amounts.rounds)


def _crowd(site: Site) -> Iterator[Row]:
    sizes = site.sizes
    return crowd.rows(site.postgresql, count=sizes.crowd, rounds=sizes.amounts.rounds, soon=sizes.soon)


def _counts(site: Site) -> Iterator[Row]:
    sizes = site.sizes
    return counts.rows(site.postgresql, site.sqlite, one=sizes.one, many=sizes.many, settle=sizes.settle)


PARTS: Final[Mapping[str, Callable[[Site], Iterator[Row]]]] = {
    "rates": lambda site: rates.rows(site.postgresql, site.sqlite, site.peers, site.sizes.amounts),
    "waking": _waking,
    "idling": _idling,
    "claims": _claims,
    "starts": _bulk,
    "crowd": _crowd,
    "counts": _counts,
}


def main() -> None:
    """Measure what the command line asks for."""
    asked = _arguments()
    if (missing := servers.missing_postgresql()) is not None:
        raise SystemExit(missing)
    logs.configure(level="WARNING")
    gc.freeze()  # as the command does that runs a worker
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=asked.folder) as folder:
        facts = [*machine.facts(Path(folder)), f"PostgreSQL {VERSION} on the same machine, with its durable defaults"]
        measured = measure(Path(folder), QUICK if asked.quick else FULL, neighbours.peers(asked.peers), asked.only)
        rows = list(_told(measured, console))
    report.show(rows, console)
    console.print("\n".join(["", *facts]), highlight=False)
    kept = asked.output or (None if asked.quick else FOLDER)
    if kept is not None:
        keep(rows, kept)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="Measure the engine and its peers.")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, in a minute or two; prints, and keeps nothing"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="these parts (default: all)")
    parser.add_argument("--output", type=Path, help=f"the folder to keep {LATEST.name} and {CHARTS} in (default: here)")
    parser.add_argument("--peers", type=Path, default=ENVIRONMENTS, help="where the peers' environments are")
    parser.add_argument(
        "--folder", type=Path, help="whose disk to measure SQLite on (default: that of temporary files)"
    )
    return parser.parse_args()


def measure(folder: Path, sizes: Sizes, peers: Peers, parts: Iterable[str]) -> Iterator[Row]:
    """Every row, as soon as it is there."""
    with places.cluster() as postgresql:
        site = Site(postgresql, Files(folder), peers, sizes)
        for part in parts:
            for row in PARTS[part](site):
                yield row.bounded()


def _told(rows: Iterable[Row], console: Console) -> Iterator[Row]:
    for row in rows:
        console.print(f"{row.figure.figure} {charts.told(row.figure.value)} {row.figure.unit}", highlight=False)
        yield row


def keep(rows: Iterable[Row], folder: Path) -> None:
    """Write the figures beside those that are kept already, and the charts."""
    measured = list(rows)
    folder.mkdir(parents=True, exist_ok=True)
    figures.add([row.figure for row in measured], folder / LATEST.name)
    charts.write(measured, folder / CHARTS)


if __name__ == "__main__":
    main()
