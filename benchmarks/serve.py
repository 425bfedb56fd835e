"""A worker in a process of its own: `python -m benchmarks.serve FILE_OR_URL`, until its stdin closes."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from benchmarks import workload
from process_manager import logs
from process_manager.database import Database, connect
from process_manager.worker import Worker


def main() -> None:
    """Say `ready`, then work."""
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("--until-empty", action="store_true", help="end when nothing is due")
    asked = parser.parse_args()
    logs.configure(level="WARNING")
    worker = workload.worker(_open(asked.database), until_empty=asked.until_empty)
    threading.Thread(target=_stop_when_told, args=(worker,), daemon=True).start()
    print("ready", flush=True)
    tally = worker.run()
    print(tally.outcomes.total(), flush=True)


def _open(named: str) -> Database:
    return connect(named) if "://" in named else workload.open_database(Path(named))


def _stop_when_told(worker: Worker) -> None:
    sys.stdin.read()
    worker.stop()


if __name__ == "__main__":
    main()
