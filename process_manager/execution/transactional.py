"""A step and its record in one transaction: both are committed, or neither."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import Database, error_codes, sqlserver_null_parameters
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.execution.call_step import run_step
from process_manager.execution.completion import Answered, Completion, NotStarted, Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.outcomes import Retry
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import StepResult, Transition
from process_manager.log_throttle import RecurringProblem
from process_manager.store import ambiguous_commits, notify, recording

log = logs.get(__name__)

LOSSES = 3  # times in a row for which a lost connection is laid to the database
PAUSES = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)  # seconds before the database is asked again; the last one for ever


class Transaction:
    """A write transaction that begins when its connection is first asked for, and ends undone unless committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._opened = ExitStack()
        self._connection: sa.Connection | None = None
        self._is_over = False
        self._may_commit = False
        self._could_not_begin = False

    @property
    def has_begun(self) -> bool:
        """Whether the step asked for the connection."""
        return self._connection is not None

    @property
    def is_lost(self) -> bool:
        """Whether the database prevented it: it was away, or took no writes."""
        return self._could_not_begin or (self._connection is not None and self._connection.invalidated)

    def connection(self) -> sa.Connection:
        """Return the connection, within its transaction."""
        if self._is_over:
            raise UsageError(problem="The transaction of the step is over. Use run.connection within the step only.")
        if self._connection is None:
            opened = self._begun()
            sa.event.listen(opened, "commit", self._refuse)
            self._connection = opened
        return self._connection

    def _begun(self) -> sa.Connection:
        self._could_not_begin = True
        opened = self._opened.enter_context(self._database.connect())
        if self._database.dialect == "mssql":
            sqlserver_null_parameters.watch(opened)
        opened.begin()
        self._could_not_begin = False
        return opened

    def _refuse(self, connection: sa.Connection) -> None:
        """Let nobody but us commit: what was written so far is taken back, and the step cannot be recorded with it."""
        if not self._may_commit:
            self._is_over = True
            connection.connection.rollback()  # by the driver: the commit that is under way is SQLAlchemy's own
            raise UsageError(problem="run.connection is committed with the step's record. Return Done instead.")

    def commit(self) -> None:
        """Make it lasting."""
        self._is_over = self._may_commit = True
        if self._connection is not None:
            self._connection.commit()

    def hint(self) -> None:
        """Notify idle workers, once it is committed; where that fails, they find what is due when they next look."""
        if self._connection is not None:
            with suppress(sa.exc.SQLAlchemyError):
                notify.hint_at_once(self._connection)

    def close(self) -> None:
        """Undo what is not committed."""
        self._is_over = True
        with suppress(sa.exc.SQLAlchemyError, ProcessManagerError):  # a connection that is lost is undone by itself
            self._opened.close()


class TransactionalExecutor:
    """Performs `transactional` steps, each with its record in a transaction and on a connection of its own."""

    def __init__(
        self,
        database: Database,
        *,
        decide: Callable[[HeldStep, StepResult], Transition],
        run: Callable[[HeldStep], StepResult] = run_step,
    ) -> None:
        self._database = database
        self._decide = decide
        self._run = run
        self._closed = threading.Event()
        self._lost: Counter[int] = Counter()  # how often in a row the database left a process alone in its step

    def close(self) -> None:
        """Let no thread wait for the database any longer."""
        self._closed.set()

    def perform(self, held: HeldStep) -> Completion:
        """Run the step and record it with what it wrote, or undo both so that it is recorded as any other."""
        transaction = Transaction(self._database)
        held.run.connect_by(transaction.connection)
        try:
            result = self._run(held)
            if (result.error is not None or self._lost) and self._is_left_alone(held, result, transaction):
                return NotStarted(held)
            if not transaction.has_begun or not result.returned or isinstance(result.outcome, Retry):
                return Answered(held, result)
            transition = self._decide(held, result)
            if transition.state.status is Status.FAILED:
                return Answered(held, result._replace(taken_back=True))
            return self._record(held, result, transition, transaction)
        finally:
            transaction.close()

    def _is_left_alone(self, held: HeldStep, result: StepResult, transaction: Transaction) -> bool:
        """Return whether the step raised because the database was in trouble: all is undone, and no attempt is used.

        Not for ever: a step may itself be what ends its connection.
        """
        claim = held.claim
        if result.error is None or not transaction.is_lost or self._lost[claim.id] == LOSSES:
            self._lost.pop(claim.id, None)
            return False
        self._lost[claim.id] += 1
        log.warning("transaction.lost", process_id=claim.id, step=claim.step, times=self._lost[claim.id])
        return True

    def _record(
        self, held: HeldStep, result: StepResult, transition: Transition, transaction: Transaction
    ) -> Completion:
        try:
            kept, _claims, _busy, woken = recording.record(transaction.connection(), [transition])
        except Exception as problem:  # noqa: BLE001 - whatever its record raises, nothing of the step is left
            return _undone(held, result, problem)
        if not kept:
            return Recorded(transition, kept=False)
        try:
            transaction.commit()
        except sa.exc.SQLAlchemyError as problem:
            transaction.close()
            if not self._is_recorded(transition):
                return _undone(held, result, problem)
        else:
            if woken:
                transaction.hint()
        return Recorded(transition, kept=True)

    def _is_recorded(self, transition: Transition) -> bool:
        """Return whether an unconfirmed commit succeeded; ask on new connections until one answers."""
        which = {"process_id": transition.claim.id, "step": transition.claim.step}
        asked, unknown = 0, RecurringProblem(log.warning, "commit.unknown", over="commit.known")
        while not self._closed.wait(PAUSES[min(asked, len(PAUSES) - 1)]):
            asked += 1
            try:
                found = self._database.run(lambda connection: ambiguous_commits.is_recorded(connection, transition))
            except (sa.exc.SQLAlchemyError, ProcessManagerError) as problem:
                unknown.failed(error_codes.message(problem), **which)
            else:
                unknown.recovered(**which)
                return found
        return False  # the worker has ended, and nobody hears this


def _undone(held: HeldStep, result: StepResult, problem: Exception) -> Completion:
    """Have the step run again: at once where the database was in trouble, as after any error where it refused."""
    claim = held.claim
    log.warning("transaction.undone", process_id=claim.id, step=claim.step, problem=error_codes.message(problem))
    if isinstance(problem, sa.exc.DBAPIError) and error_codes.is_transient(problem):
        return NotStarted(held)
    return Answered(held, result._replace(outcome=Retry(error_codes.message(problem)), error=None, returned=False))
