"""`start-many`: a line for each process, a batch of lines a transaction, a row for each result."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from process_manager.cli import start_many_file
from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.completion import process_names
from process_manager.cli.interrupts import finishing
from process_manager.cli.output import Look, RowStream, fields
from process_manager.cli.progress import Progress
from process_manager.cli.session import Session, tell
from process_manager.errors import PartlyFailed, UsageError

if TYPE_CHECKING:
    from process_manager.database import Database
    from process_manager.definition.process import Process
    from process_manager.operations import Start, Started

RESULTS: Final = ("started", "there already", "refused")
_WIDTHS: Final = {"line": 8, "id": 8, "result": 13}


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of one line."""

    line: int
    id: int | None
    result: str
    message: str


@click.command("start-many", cls=CliCommand, example="start-many fakturering @invoices.jsonl -o csv > started.csv")
@click.argument("name", shell_complete=process_names)
@click.argument("source", metavar="@FILE.jsonl")
@output_option
@click.pass_obj
def start_many(session: Session, name: str, source: str, form: str) -> None:
    """Start many processes from a file, one for each line.

    A line is a JSON object, such as

    \b
      {"payload": {"invoice": 7}, "reference": "2026-7", "dedup_key": "7"}

    with any of payload, reference, dedup_key, order_key, at and channel, the options of `start`. @- reads stdin.

    A line that does not fit is refused with the reason, and the others are started: 1,000 lines a transaction, each
    kept whatever happens later. It ends with 9 when a line was refused.

    Give each line a dedup_key, and the same file may be given again after an interruption: a key that is held starts
    nothing. It is held while its process is open, or for ever where the class says dedup = "for_ever".
    """
    from process_manager.operations.request import refuse_unstartable

    process = session.registry.newest(name)
    refuse_unstartable(process)
    look = Look(form, LineResult.__slots__, session.zone)
    with start_many_file.opened(source) as file, session.opened(makes=True) as database:
        tally = Intake(session, database, process, look).run(file)
    if tally["refused"]:
        raise PartlyFailed(failed=tally["refused"], total=tally.total())


@dataclass(frozen=True, slots=True)
class Intake:
    """By whom the processes are started, where, of which class, and how the rows are written."""

    session: Session
    database: Database
    process: type[Process]
    look: Look

    def run(self, source: BinaryIO) -> Counter[str]:
        """Start the lines and return how many came to what; however it ends, it says how far it came."""
        file = start_many_file.HashedFile(source)
        tally: Counter[str] = Counter()
        line, is_whole = 0, False
        try:
            with RowStream(self.look, _WIDTHS) as rows, _progress() as progress:
                for batch in start_many_file.batches(file):
                    with finishing():  # what is committed is written, too
                        results = self._start(batch)
                        tally.update(each.result for each in results)
                        line = batch[-1].number
                        rows.write([fields(each) for each in results])
                    if progress is not None:
                        progress.step(len(batch))
            is_whole = True
        finally:
            _tell_how_far(tally, None if is_whole else line)
            if tally.total():
                with finishing():
                    self._chain(tally, file.sha256)
        return tally

    def _start(self, batch: Sequence[start_many_file.Line]) -> list[LineResult]:
        """Start a batch of lines in a transaction of its own, and return what became of each."""
        from process_manager.governance.start_actions import StartEach

        wanted = [start_many_file.start_of(line, self.process, self.look.zone) for line in batch]
        starts: list[Start] = [each for each in wanted if not isinstance(each, UsageError)]
        action = StartEach(self.process.name, starts)
        told = self.session.act(self.database, action)
        started = iter(told)
        answers = [each if isinstance(each, UsageError) else next(started) for each in wanted]
        return [_result(line.number, answer) for line, answer in zip(batch, answers, strict=True)]

    def _chain(self, tally: Counter[str], sha256: str) -> None:
        """Leave one line for all of them on the audit chain."""
        from process_manager.governance.start_actions import StartedInBulk

        self.session.act(self.database, StartedInBulk(self.process.name, dict(tally), sha256))


def _progress() -> Progress | nullcontext[None]:
    """Return the progress line, on a terminal that does not show the rows anyway."""
    return Progress("Starting", None) if sys.stderr.isatty() and not sys.stdout.isatty() else nullcontext()


def _result(line: int, answer: Started | UsageError) -> LineResult:
    if isinstance(answer, UsageError):
        return LineResult(line, None, "refused", str(answer))
    if answer.is_new:
        return LineResult(line, answer.id, "started", "")
    return LineResult(line, answer.id, "there already", "It has this dedup key.")


def _tell_how_far(tally: Counter[str], line: int | None) -> None:
    """Say what came of the file, and after which line it was left if it was."""
    counts = ", ".join(f"{tally[result]} {result}" for result in RESULTS)
    if line is None:
        tell(f"{counts}.")
    elif line:
        tell(f"It ended after line {line}: {counts}. What is started stays.")
