"""A worker in a process of its own: `python -m benchmarks.serve FILE`, until its stdin closes."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from benchmarks import workload
from process_manager import logs
from process_manager.worker import Worker


def main() -> None:
    """Say `ready`, then work."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    logs.configure(level="WARNING")
    worker = workload.worker(workload.open_database(asked.file), until_empty=False)
    threading.Thread(target=_stop_when_told, args=(worker,), daemon=True).start()
    print("ready", flush=True)
    worker.run()


def _stop_when_told(worker: Worker) -> None:
    sys.stdin.read()
    worker.stop()


if __name__ == "__main__":
    main()
