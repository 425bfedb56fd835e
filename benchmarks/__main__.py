"""`python -m benchmarks`: measure, print a table, keep it in `latest.json`."""

from __future__ import annotations

import argparse
import gc
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import counted, footprint, latency, machine, speed
from benchmarks.figures import Figure, add, table
from process_manager import logs

LATEST = Path(__file__).with_name("latest.json")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    processes: int = 10_000
    starts: int = 10_000
    rounds: int = 3
    samples: int = 300
    memory: int = 100_000
    idle_seconds: float = 10.0
    one: int = 100
    many: int = 2_000


QUICK = Sizes(processes=1_000, starts=2_000, samples=40, memory=5_000, idle_seconds=2.0, one=20, many=500)


def main() -> None:
    """Measure what the command line asks for."""
    asked = _arguments()
    logs.configure(level="WARNING")
    gc.freeze()  # as the command does that runs a worker
    sizes = QUICK if asked.quick else Sizes()
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=asked.folder) as name:
        facts = machine.facts(Path(name))
        figures = list(measure(Path(name), sizes))
    print(table(figures))
    print("\n".join(["", *facts, f"{sizes.processes:,} processes a run, median of {sizes.rounds} runs in turn"]))
    kept = asked.output or (None if asked.quick else LATEST)
    if kept is not None:
        add(figures, kept)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the engine on this machine.")
    parser.add_argument("--quick", action="store_true", help="small sizes, in seconds; prints, and keeps nothing")
    parser.add_argument("--output", type=Path, help=f"where to keep the figures (default: {LATEST.name} here)")
    parser.add_argument("--folder", type=Path, help="whose disk to measure (default: that of temporary files)")
    return parser.parse_args()


def measure(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """Every figure, as soon as it is there."""
    yield from speed.figures(folder, processes=sizes.processes, starts=sizes.starts, rounds=sizes.rounds)
    yield from latency.figures(folder, samples=sizes.samples)
    yield from footprint.figures(folder, processes=sizes.memory, idle_seconds=sizes.idle_seconds)
    yield from counted.figures(folder, one=sizes.one, many=sizes.many)


if __name__ == "__main__":
    main()
