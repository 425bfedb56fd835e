"""A worker in a process of its own: `python -m benchmarks.serve FILE_OR_URL`, until its stdin closes."""

from __future__ import annotations

import argparse
import gc
import json
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
    asked = parser.parse_args()
    logs.configure(level="WARNING")
    gc.freeze()  # as the command does that runs a worker
    worker = workload.worker(_open(asked.database), until_empty=False)
    threading.Thread(target=_stop_when_told, args=(worker,), daemon=True).start()
    print("ready", flush=True)
    tally = worker.run()
    print(json.dumps({**tally.outcomes, "refused": tally.refused}), flush=True)


def _open(named: str) -> Database:
    return connect(named) if "://" in named else workload.open_database(Path(named))


def _stop_when_told(worker: Worker) -> None:
    sys.stdin.read()
    worker.stop()


if __name__ == "__main__":
    main()
