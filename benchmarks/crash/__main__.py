"""`python -m benchmarks.crash`: run the proofs, print a table, keep it in `crash.json`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from benchmarks.crash import places, rows
from benchmarks.crash.rows import Row
from benchmarks.crash.scenarios import DEFAULT, EVERY, SCENARIOS, Scenario
from process_manager import logs


def main() -> None:
    """Prove what the command line asks for; exit 1 unless all of it holds."""
    asked = _arguments()
    logs.configure(level="WARNING")
    found = []
    for row in prove(asked):
        print(f"{row.figure}, {row.database}: {'shown' if row.holds else 'NOT shown'}", file=sys.stderr, flush=True)
        for fault in row.faults:
            print(f"  {fault}", file=sys.stderr)
        found.append(row)
        if not asked.short:
            rows.keep([row])
    rows.show(found)
    sys.exit(not all(row.holds for row in found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash", description="Prove what survives.")
    parser.add_argument("--short", action="store_true", help="small sizes, in seconds; prints, and keeps nothing")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=DEFAULT, help="these proofs alone")
    parser.add_argument("--database", nargs="+", choices=EVERY, default=EVERY, help="on these alone")
    return parser.parse_args()


def prove(asked: argparse.Namespace) -> Iterator[Row]:
    """Every row, as soon as it is there."""
    for database in asked.database:
        wanted = [SCENARIOS[name] for name in asked.only if database in SCENARIOS[name].databases]
        missing = {cure for scenario in wanted if (cure := scenario.missing(database))}
        for cure in sorted(missing):
            print(f"{database}: something is left out. {cure}", file=sys.stderr)
        possible = [scenario for scenario in wanted if not scenario.missing(database)]
        yield from _prove(possible, database, is_short=asked.short)


def _prove(scenarios: Sequence[Scenario], database: str, *, is_short: bool) -> Iterator[Row]:
    if not scenarios:
        return
    with places.server(database, durable=not is_short) as behind:
        for scenario in scenarios:
            with places.place(database, behind) as place:
                yield scenario.prove(place, scenario.short if is_short else scenario.full)


if __name__ == "__main__":
    main()
