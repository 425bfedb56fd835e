"""Make 40 small faults in the engine, one after the other, and tell which of them the quick tests find."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.mutants.mutations import Mutation, choose, find
from benchmarks.mutants.trials import TOP, Trial, copied, run, try_one

ROOMS: Final = ("lifecycle", "store", "worker", "execution")
EACH: Final = 10
WANTED: Final = 0.9  # of the faults must be found

LEFT_OUT: Final = {
    "process_manager/execution/isolation/job_objects.py": "only Windows runs it",
}


def main() -> int:
    """Return 0 when enough faults are found, 1 when not, 2 when the tests fail without any fault."""
    options = _options()
    chosen = [each for room in ROOMS for each in choose(TOP, mutations_of(room), options.each, seed=options.seed)]
    if options.list:
        print(*chosen, sep="\n")
        return 0
    with copied() as tree:
        if not options.trust and (failed := run(tree, ["tests"], options.workers)):
            print(f"The quick tests fail on the tree as it is: {failed}", file=sys.stderr)
            return 2
        trials = [_told(try_one(each, tree, options.workers)) for each in chosen]
    print(*_summary(trials), sep="\n")
    return 0 if len(_survivors(trials)) <= len(trials) * (1 - WANTED) else 1


def mutations_of(room: str) -> list[Mutation]:
    """Return every mutation of a room's files."""
    files = sorted((TOP / "process_manager" / room).rglob("*.py"))
    return [each for file in files if file.relative_to(TOP).as_posix() not in LEFT_OUT for each in find(TOP, file)]


def _told(trial: Trial) -> Trial:
    end = "survived" if trial.found_by is None else f"found by {trial.found_by}"
    print(f"{trial.seconds:5.0f} s  {trial.mutation}\n         {end}", flush=True)
    return trial


def _survivors(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.found_by is None]


def _summary(trials: Sequence[Trial]) -> Iterator[str]:
    survivors = _survivors(trials)
    yield f"\n{len(trials) - len(survivors)} of {len(trials)} faults were found."
    yield from (f"Survived: {trial.mutation}" for trial in survivors)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__)
    parser.add_argument("--each", type=int, default=EACH, help="how many faults in each room")
    parser.add_argument("--seed", type=int, default=0, help="another number chooses other faults")
    parser.add_argument("--workers", type=int, default=2, help="how many tests run at once")
    parser.add_argument("--list", action="store_true", help="print the faults and run nothing")
    parser.add_argument("--trust", action="store_true", help="do not run the tests without a fault first")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
