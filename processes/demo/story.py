"""The demo: the invoice dispatch on databases of its own, told in plain words."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

import click

from process_manager import durations, inspection, logs, operations
from process_manager.actor import Actor
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import account
from process_manager.database import Database
from process_manager.lifecycle import Status
from process_manager.lifecycle.status import NEEDS_A_PERSON, stands
from process_manager.plurals import counted
from process_manager.worker import Worker
from processes.demo import crash
from processes.demo.folder import CRASH_HOME, HOME, LEASE, DemoFolder
from processes.fakturering import Fakturering
from processes.fakturering.invoice_table import FakturaStatus
from processes.fakturering.sap_queue import QUEUE

BEAT: Final = 0.1  # seconds between two looks at how far the dispatch is
SELDOM: Final = 2.0  # seconds between two lines where no terminal can overwrite one

say = click.echo


def run(folder: Path | None, *, rows: int, crash: bool) -> bool:
    """Whether, at the end, every row is in the queue exactly once; without a folder, in the demo's own."""
    logs.configure(level="WARNING")
    is_own = folder is None
    folder = folder or (CRASH_HOME if crash else HOME)
    place = DemoFolder(folder.absolute())
    if crash and is_own:
        place.clear()
        say(f"A crash is shown on databases of its own: those in {folder}/ are made anew each time.")
    _introduce(place, folder, is_new=place.make(rows))
    with place.opened() as database:
        rows_now = place.rows()
        sent = rows_now[FakturaStatus.AFSENDT]
        actor = Actor(account(), is_person=True, way="console")
        process = database.run(lambda it: operations.start(it, Fakturering, actor=actor, dedup_key="demo"))
        if crash:
            _crash_or_say_why_not(place, database, process.id, sent)
        _dispatch(place, database, process.id, sent + rows_now[FakturaStatus.CLAIMED])
        _report(place, database, process.id, folder)
    return _prove(place)


def _introduce(place: DemoFolder, folder: Path, *, is_new: bool) -> None:
    made = "Made" if is_new else "Found, and left as they are,"
    say(f"{made} three databases in {folder}{'/' if folder.name else ''}:")
    say(f"  {place.invoices.name:<20}  the office's invoice rows: {_counted(place)}")
    say(f"  {place.queues.name:<20}  OpenOrchestrator: {counted(place.elements().total(), 'element')} in {QUEUE}")
    say(f"  {place.engine.name:<20}  the engine's own\n")


def _counted(place: DemoFolder) -> str:
    return ", ".join(f"{count} {status}" for status, count in place.rows().items()) or "none"


def _crash_or_say_why_not(place: DemoFolder, database: Database, process_id: int, sent: int) -> None:
    if sent:
        _crash(place, database, process_id)
    else:
        say("No row is Afsendt, so there is nothing to kill a worker in.")
        say("Leave out --folder and --rows, and databases with rows are made for it.\n")


def _crash(place: DemoFolder, database: Database, process_id: int) -> None:
    say(f"Starting a worker, to be killed (SIGKILL) when its elements are in {QUEUE} but noted nowhere …")
    pid = crash.work_and_be_killed(place, database, process_id)
    if pid is None:
        say("It ended before it could be killed.\n")
        return
    proof = place.proof()
    say(f"Killed worker {pid}. What it left behind:")
    say(f"  Rows:      {_counted(place)}")
    say(f"  Elements:  {proof.elements} in {QUEUE}")
    _write_history(database, process_id)
    say(f"\nIts lease ends within {durations.format(LEASE)}. A new worker takes over then …")


def _dispatch(place: DemoFolder, database: Database, process_id: int, sent: int) -> None:
    """Have a worker run the dispatch until it rests for good, and say how far it is."""
    worker, tell = Worker(database, place.plan()), _Line()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(worker.run)
        try:
            while not wait([running], timeout=BEAT).done and not _is_over(database, process_id):
                tell(_how_far(place, database, process_id, sent))
        finally:
            worker.stop()
        running.result()
        if sent:
            tell(_how_far(place, database, process_id, sent), last=True)


def _is_over(database: Database, process_id: int) -> bool:
    with database.read() as connection:
        found = inspection.get(connection, process_id)
    return found.finished_at is not None or found.status in NEEDS_A_PERSON


def _how_far(place: DemoFolder, database: Database, process_id: int, sent: int) -> str:
    """One line on where the dispatch is."""
    with database.read() as connection:
        newest = inspection.history(connection, process_id)[-1:]
    done = sent - place.rows()[FakturaStatus.AFSENDT] - place.rows()[FakturaStatus.CLAIMED]
    where = f"{newest[0].step} {newest[0].outcome}" if newest else "not begun"
    message = newest[0].progress["message"] if newest and newest[0].progress else ""
    return f"Dispatch: {max(done, 0)} of {sent} rows handed over · {where} {message}".rstrip()


class _Line:
    """A line on stderr that is overwritten on a terminal, and elsewhere written again only now and then."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._before = ""
        self._next = time.monotonic() + SELDOM

    def __call__(self, text: str, *, last: bool = False) -> None:
        if self._live:
            say(f"\r{text[:100]:<{len(self._before)}}", err=True, nl=last)
        elif last or time.monotonic() >= self._next:
            say(text, err=True)
            self._next = time.monotonic() + SELDOM
        self._before = text[:100]


def _report(place: DemoFolder, database: Database, process_id: int, folder: Path) -> None:
    with database.read() as connection:
        found = inspection.get(connection, process_id)
    said = found.message or ""
    if found.status == Status.SKIPPED:
        say(f"\nThere is nothing to do: no row is Afsendt. Process {process_id} {stands(found.status)} ({said}).")
        say(f"To begin anew, remove the folder {folder}, or name another with --folder.")
    else:
        say(f"\nProcess {process_id} {stands(found.status)}: {said}.")
    say("\nRows by status:")
    write_rows([{"status": status, "rows": count} for status, count in place.rows().items()], Look("table"))
    proof = place.proof()
    say(f"\nQueue elements: {proof.elements} in {QUEUE}, {proof.doubled} doubled")
    say(f"\nHistory of process {process_id}:")
    _write_history(database, process_id)


def _write_history(database: Database, process_id: int) -> None:
    with database.read() as connection:
        found = inspection.history(connection, process_id)
    write_rows([fields(each) for each in found], Look("table", ("seq", "step", "attempt", "outcome", "message")))


def _prove(place: DemoFolder) -> bool:
    proof = place.proof()
    say(
        f"\nProof: {counted(proof.claimed, 'row')} left Claimed, {counted(proof.handed_over, 'row')} handed over, "
        f"{counted(proof.elements, 'element')} in the queue, {proof.doubled} doubled."
    )
    say("To see three weeks of an office in a browser: process-manager demo --web")
    return proof.holds
