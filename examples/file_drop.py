"""A file drop: each file that is put into a folder becomes one process, also when it is delivered twice.

It shows a program that starts processes, and a dedup key that holds for ever: the second start with the same content
finds the first process. Senders write `NAME.part` and rename it, so that no half file is taken in.

    mkdir drop
    mkdir taken
    echo '{"case": "2026-17", "text": "A window is broken."}' > drop/report.json
    process-manager db upgrade
    python -m examples.file_drop
    process-manager work
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from process_manager import Done, Process, Reject, StepRun, operations, settings
from process_manager.database import Database, connect
from process_manager.operations import Started

DROP = Path("drop")
TAKEN = Path("taken")


class Delivery(Process):
    """Register what a delivered file reports."""

    dedup = "for_ever"
    STEPS = {"read": "read_file", "register": "register_case"}

    def read_file(self, run: StepRun) -> Done | Reject:
        try:
            report = json.loads((TAKEN / run.payload["content"]).read_text(encoding="utf-8"))
            return Done(f"case {report['case']}", {"case": report["case"]})
        except (ValueError, LookupError, TypeError):  # no JSON, no case in it, no object
            return Reject(f"{run.payload['file']} is no report", code="unreadable")

    def register_case(self, run: StepRun) -> Done:
        (TAKEN / f"{run.payload['case']}.case").write_text(run.payload["file"], encoding="utf-8")
        return Done("the case is registered")


def take_in(database: Database, file: Path) -> Started:
    """Start the process of a file, or find the one that its content had before."""
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    (TAKEN / digest).write_bytes(content)  # before the start: the step finds it
    payload = {"file": file.name, "content": digest}
    started = database.run(lambda connection: operations.start(connection, Delivery, payload, dedup_key=digest))
    file.unlink()  # after the start: what a crash left here is taken in by the next run
    return started


def main() -> None:
    """Take in every file of the drop."""
    database = connect(settings.load().database_url.get_secret_value())
    for file in sorted(DROP.glob("*.json")):
        started = take_in(database, file)
        print(f"{file.name}: process {started.id}" + ("" if started.is_new else ", delivered before"))
    database.close()


if __name__ == "__main__":
    main()
