"""Processes whose second step acts outside, one for each effect that a step may have."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from process_manager import Done, Process, Retry, Step, StepRun, operations
from process_manager.database import Database
from process_manager.direct import Direct
from proofs import effects, wired

PATIENCE = 20.0  # seconds for the engine to keep an exchange


def event_of(run: StepRun) -> str:
    """The event that the process signals with its act."""
    return f"acted:{run.reference}"


class Repeated(Process):
    """Three steps; the second acts once it is kept that it will."""

    STEPS = {"ready": "trace", "act": "act", "tell": "trace"}

    def trace(self, run: StepRun) -> Done:
        """Its trace outside."""
        effects.note(run)
        return Done()

    def act(self, run: StepRun) -> Done:
        """An exchange that is committed before the act, and the act."""
        run.signal(event_of(run))
        run.exchange("outside", {"asks": run.step})
        wired.kept.wait(PATIENCE)
        self.leave(run)
        return Done()

    def leave(self, run: StepRun) -> None:
        """What cannot be taken back."""
        effects.note(run)

    def was_it_done(self, run: StepRun) -> Done | Retry:
        """What is true outside."""
        keys = {effect.key for effect in effects.noted(Path(run.payload["effects"]))}
        if run.idempotency_key not in keys:
            return Retry("it was not")
        run.signal(event_of(run))
        return Done("it was")


class Verified(Repeated):
    """The same, once, and somebody can be asked."""

    STEPS = {"ready": "trace", "act": Step("act", effect="once", verify="was_it_done"), "tell": "trace"}


class Unverified(Repeated):
    """The same, once, and nobody can be asked."""

    STEPS = {"ready": "trace", "act": Step("act", effect="once"), "tell": "trace"}


class Together(Repeated):
    """Its act is a row beside its record."""

    STEPS = {"ready": "trace", "act": Step("act", effect="transactional"), "tell": "trace"}

    def leave(self, run: StepRun) -> None:
        """A row, in the transaction of the record."""
        row = {"process": run.process_id, "step": run.step, "by_key": run.idempotency_key}
        run.connection.execute(sa.text("INSERT INTO book VALUES (:process, :step, :by_key)"), row)


class Called(Repeated):
    """The same, called directly by the program that starts it."""


ALL = {process.name: process for process in (Repeated, Together, Verified, Unverified, Called)}
BOOK = "CREATE TABLE book (process_id INTEGER NOT NULL, step VARCHAR(64) NOT NULL, by_key VARCHAR(64) NOT NULL)"


def enter(database: Database, name: str, reference: str, folder: Path) -> None:
    """Start the process of this reference, in its own channel; a second start finds the first."""
    with database.begin() as connection:
        operations.start(connection, ALL[name], _payload(folder), **_options(reference))


def call(here: Direct, name: str, reference: str, folder: Path) -> None:
    """The same, and run it in this thread until it rests."""
    here.run(ALL[name], _payload(folder), **_options(reference))


def _payload(folder: Path) -> dict[str, str]:
    return {"effects": str(folder)}


def _options(reference: str) -> dict[str, str]:
    return {"reference": reference, "dedup_key": reference, "channel": reference}
