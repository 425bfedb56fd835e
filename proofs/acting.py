"""Processes whose second step acts outside, one for each effect that a step may have."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from process_manager import Done, Limit, Process, Retry, Step, StepRun, operations
from process_manager.database import Database
from process_manager.direct import Direct
from proofs import effects, wired

PATIENCE = 20.0  # seconds for the engine to keep an exchange


def ask_for_more(run: StepRun) -> None:
    """The event that the process signals and the child that it starts, both with the record of its act."""
    run.signal(f"acted:{run.reference}")
    run.start_child(Minor, key="minor", reference=child_of(run.reference or ""))


def child_of(reference: str) -> str:
    """The reference of the child of a process."""
    return f"child of {reference}"


class Minor(Process):
    """A child with one step; in the channel of all, so that no worker that is watched takes it."""

    STEPS = {"do": "do"}

    def do(self, _run: StepRun) -> Done:
        """Nothing more."""
        return Done()


class Repeated(Process):
    """Three steps; the second acts once it is kept that it will."""

    STEPS = {"ready": "trace", "act": "act", "tell": "trace"}

    def trace(self, run: StepRun) -> Done:
        """Its trace outside."""
        effects.note(run)
        return Done()

    def act(self, run: StepRun) -> Done:
        """An exchange that is committed before the act, and the act."""
        ask_for_more(run)
        run.exchange("outside", {"asks": run.step})
        wired.wait_until_kept(PATIENCE)
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
        ask_for_more(run)
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


class Isolated(Repeated):
    """The same, its act in a process of its own."""

    STEPS = {"ready": "trace", "act": Step("act", isolation="process"), "tell": "trace"}


class Seated(Repeated):
    """The same, its act with a seat of all: it rests for one once it is ready, and is claimed anew."""

    STEPS = {"ready": "trace", "act": Step("act", limit=Limit("acting", 100)), "tell": "trace"}


class Called(Repeated):
    """The same, called directly by the program that starts it."""


ALL = {process.name: process for process in (Repeated, Together, Verified, Unverified, Isolated, Seated, Called)}
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
