"""`python -m proofs`: run the proofs, print a table, keep it in `results.json`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence

from sqlalchemy.exc import SQLAlchemyError

from benchmarks import told
from benchmarks.hosting import Server
from benchmarks.lent import Lent, NotLent
from process_manager import logs
from process_manager.errors import ProcessManagerError
from proofs import places, rows
from proofs.rows import Row
from proofs.scenarios import DEFAULT, EVERY, SCENARIOS, Scenario

LENT = "DATABASE"
"""The variable that names a database which is lent: an argument could be read by everybody on this host."""
HEADS = ("proof", "processes", "kills", "lost", "doubled", "seconds", "shown")


def main() -> None:
    """Prove what the command line asks for; exit 1 unless all of it holds."""
    asked = _arguments()
    logs.configure(level="WARNING")
    url = os.environ.get(LENT)
    try:
        found = _on_lent(url, asked) if url else _on_ours(asked)
    except (NotLent, ProcessManagerError) as error:
        sys.exit(str(error))
    sys.exit(not all(row.holds for row in found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m proofs",
        description=f"Prove what survives, on servers of its own or on the database whose URL the variable {LENT} has.",
    )
    parser.add_argument("--short", action="store_true", help="small sizes, in seconds; prints, and keeps nothing")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=DEFAULT, help="these proofs alone")
    parser.add_argument("--database", nargs="+", choices=EVERY, default=EVERY, help="on these alone, of its own ones")
    return parser.parse_args()


def _on_ours(asked: argparse.Namespace) -> list[Row]:
    """Start servers; what is found of full size is kept."""
    found = []
    for row in prove(asked):
        _tell(row)
        found.append(row)
        if not asked.short:
            rows.keep([row])
    rows.show(found)
    return found


def _on_lent(url: str, asked: argparse.Namespace) -> list[Row]:
    """Prove it on a database of somebody's, and print what to send to us; nothing is kept."""
    left_out = [(name, hint) for name in asked.only if (hint := _left_out(SCENARIOS[name]))]
    found = []
    with places.lent(url) as taken:
        for name in asked.only:
            if not _left_out(SCENARIOS[name]):
                found.append(_whatever_it_raises(name, taken, is_short=asked.short))
                _tell(found[-1])
        known = told.facts(taken)
    faults = [(row.figure, told.masked(fault, url)) for row in found for fault in row.faults]
    print("\n".join(["", "Please send this to us:", "", *told.report("the proofs", known, HEADS, map(_cells, found))]))
    print("\n".join(["", *told.table(("proof", "left out because, or at fault"), [*left_out, *faults])]))
    return found


def _whatever_it_raises(name: str, taken: Lent, *, is_short: bool) -> Row:
    """The row of a proof; one that breaks off is at fault, and keeps the next from nothing."""
    try:
        (row,) = _shown([SCENARIOS[name]], taken, taken.dialect, is_short)
    except (SQLAlchemyError, ProcessManagerError, ArithmeticError, LookupError, OSError, RuntimeError) as error:
        return Row(name, taken.dialect, 0, 0, 0, 0, 0.0, (f"it broke off: {type(error).__name__}: {error}",))
    return row


def _cells(row: Row) -> list[object]:
    counted = (row.figure, row.processes, row.kills, row.lost, row.doubled)
    return [*counted, f"{row.seconds:.1f}", "yes" if row.holds else "NO"]


def _left_out(scenario: Scenario) -> str | None:
    return scenario.missing("sqlite") if scenario.suits_lent else "it kills, cuts off or sets up the server itself"


def _tell(row: Row) -> None:
    print(f"{row.figure}, {row.database}: {'shown' if row.holds else 'NOT shown'}", file=sys.stderr, flush=True)
    for fault in row.faults:
        print(f"  {fault}", file=sys.stderr)


def prove(asked: argparse.Namespace) -> Iterator[Row]:
    """Every row, as soon as it is there."""
    for database in asked.database:
        wanted = [SCENARIOS[name] for name in asked.only if database in SCENARIOS[name].databases]
        missing = {hint for scenario in wanted if (hint := scenario.missing(database))}
        for hint in sorted(missing):
            print(f"{database}: something is left out. {hint}", file=sys.stderr)
        possible = [scenario for scenario in wanted if not scenario.missing(database)]
        yield from _prove(possible, database, is_short=asked.short)


def _prove(scenarios: Sequence[Scenario], database: str, *, is_short: bool) -> Iterator[Row]:
    if not scenarios:
        return
    with places.server(database, durable=not is_short) as behind:
        yield from _shown(scenarios, behind, database, is_short)


def _shown(scenarios: Sequence[Scenario], behind: Server | Lent | None, database: str, is_short: bool) -> Iterator[Row]:
    for scenario in scenarios:
        with places.place(database, behind) as place:
            yield scenario.prove(place, scenario.short if is_short else scenario.full)


if __name__ == "__main__":
    main()
