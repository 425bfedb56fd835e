"""What a step is given: its identity, its payload, and ways to say what it did."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeAlias

from process_manager import clock, serialization
from process_manager.definition import step_limits
from process_manager.definition.step_host import Children, EngineDatabase, Form, Host, StepChild, StepEvent, StepFile
from process_manager.errors import NoConnection, NotYet, StopRequested, UsageError
from process_manager.lifecycle.claim import Claim, step_key
from process_manager.lifecycle.evidence import Evidence
from process_manager.plurals import counted
from process_manager.redaction import redact_pair, redact_text

if TYPE_CHECKING:
    import sqlalchemy as sa

    from process_manager.lifecycle.asking import Answer
    from process_manager.lifecycle.children import ChildStart
    from process_manager.lifecycle.events import EventAct
    from process_manager.settings import Settings

    Collected: TypeAlias = EventAct | ChildStart


MOST_LINES: Final = 500
"""Lines of the log that are kept of one run of a step."""


class StepRun:
    """One run of one step."""

    __slots__ = (
        "_connection", "_files", "_host", "_lines", "_numbers", "_order_key", "_payload", "_payload_text", "_reruns",
        "acts", "attempt", "fence", "is_log_cut", "name", "process_id", "recovered", "reference", "round", "seq",
        "step", "stop_requested", "version",
    )  # fmt: skip

    def __init__(self, host: Host, claim: Claim) -> None:
        self._host = host
        self._files: Mapping[str, StepFile] | None = None
        self._connection: Callable[[], sa.Connection] | None = None
        self._lines = itertools.count(1)
        self._numbers = itertools.count(1)  # threads of the step may say things too: none gets another's number
        self._payload: Mapping[str, Any] | None = None
        self._payload_text = claim.payload
        self._order_key = claim.order_key
        self._reruns = claim.reruns
        self.process_id = claim.id
        self.name = claim.name
        self.version = claim.version
        self.reference = claim.reference
        self.step = claim.step
        self.round = claim.round
        self.attempt = claim.attempts + 1
        self.seq = claim.seq + 1
        self.fence = claim.fence
        self.recovered = claim.crashes > 0 or claim.doubtful_since is not None
        self.stop_requested = False
        self.acts: list[Collected] = []  # what it asked for; for the engine
        self.is_log_cut = False  # whether lines of the log were left out; for the engine

    @property
    def payload(self) -> Mapping[str, Any]:
        """What the process was started with and what its steps added; a copy, so changing it changes nothing."""
        if self._payload is None:
            self._payload = serialization.loads(self._payload_text)
        return self._payload

    @property
    def idempotency_key(self) -> str:
        """The same UUID each time this step is repeated after a crash or an error, until it is done."""
        name = step_key(self.step, self._reruns)
        return str(uuid.uuid5(self._host.installation, f"{self.process_id}/{name}"))

    @property
    def settings(self) -> Settings:
        """The settings of the worker that runs the step."""
        return self._host.settings

    @property
    def database(self) -> EngineDatabase:
        """The engine's own database, where a step may keep what it must remember before it acts."""
        return self._host.database

    @property
    def files(self) -> Mapping[str, StepFile]:
        """The files that were given to the process, by name: `with run.files["rows"].open() as content: …`.

        They are looked up when a step first asks; what a file contains is read piece by piece.
        """
        if self._files is None:
            self._files = self._host.files_of(self.process_id)
        return self._files

    @property
    def event(self) -> StepEvent | None:
        """The event that ended the step's last wait for one; None where its deadline did, or it has not waited.

        It is the same each time the step is repeated, until it waits for an event again.
        """
        return self._host.event_of(self.process_id, step_key(self.step, self._reruns))

    def answer(self, form: type[Form]) -> Answer[Form] | None:
        """Return what a person answered when the step asked last in this round; None where nobody has yet.

        It is the same each time the step is repeated, until it asks again. A restart and an edit begin a new round.

        Args:
            form: The pydantic model that the step asked to have filled in.

        Returns:
            The form as it was filled in, with who answered and when.
        """
        found = self._host.answer_of(self.process_id, step_key(self.step, self._reruns), self.round)
        return None if found is None else found.read(form)

    @property
    def connection(self) -> sa.Connection:
        """A connection to the engine's database whose writes are committed together with the record of this step.

        For steps with effect="transactional"; what they write is taken back when they answer Retry or raise. The
        transaction begins when this is first asked for. On SQLite nobody else can write from then on until the step
        ends: ask for it late, and let nothing slow come after.
        """
        if self._connection is None:
            raise NoConnection(step=self.step, name=self.name)
        return self._connection()

    def connect_by(self, connection: Callable[[], sa.Connection]) -> None:
        """Let `connection` be what this gives; for the engine.

        Args:
            connection: What begins the transaction of the step when it is first asked.
        """
        self._connection = connection

    def number_after(self, last: int) -> None:
        """Let what the step says be counted from there; for the engine.

        Args:
            last: The number of the last thing that was said.
        """
        self._numbers = itertools.count(last + 1)

    def exchange(self, system: str, request: object, response: object = None) -> None:
        """Store what was sent to an outside system and what came back, at once and whatever becomes of the step.

        Args:
            system: The name of the system.
            request: What was sent.
            response: What came back.
        """
        self._say("exchange", {"system": system, "request": request, "response": response})

    def log(self, message: str, **details: object) -> None:
        """Store a line of what the step is doing, at once and whatever becomes of the step.

        What looks like a secret in it is masked. Of one run, 500 lines are kept, and how many more there were.

        Args:
            message: The line.
            details: Facts that belong to it.
        """
        if next(self._lines) > MOST_LINES:
            self.is_log_cut = True
            return
        kept = {name: redact_pair(name, value) for name, value in details.items()}
        self._say("log", {"message": serialization.clean(redact_text(str(message))), **kept})

    def close_log(self) -> None:
        """Store how many lines were left out; for the engine, when the step has ended."""
        left_out = next(self._lines) - 1 - MOST_LINES
        self._say("log", {"message": f"{counted(left_out, 'more line')} left out", "left_out": left_out})

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Store how far the step is; only the newest is kept.

        Args:
            done: How much is done, in whatever the step counts.
            total: How much there is in all; None when nobody knows.
            message: What a person is to read.
        """
        self._post("progress", 0, {"done": done, "total": total, "message": serialization.clean(message)})

    def checkpoint(self) -> None:
        """End the step here if it was asked to stop: by a person, at the end of its worker, or over its time limit.

        For a place at which nothing is half done. A `once` step that ends so may have happened, as with any error.

        Raises:
            StopRequested: It was. Let it pass: a process that a person stopped ends, any other runs the step again.
        """
        if self.stop_requested:
            raise StopRequested(self.step)

    def _say(self, kind: Literal["exchange", "log"], body: Mapping[str, object]) -> None:
        self._post(kind, next(self._numbers), body)

    def _post(self, kind: Literal["exchange", "log", "progress"], number: int, body: Mapping[str, object]) -> None:
        self._host.post(Evidence(self.process_id, self.seq, number, kind, clock.now(), serialization.evidence(body)))

    def start_child(  # noqa: PLR0913 - all but two by name, so that an editor completes them
        self,
        process: type,
        payload: Mapping[str, Any] | None = None,
        *,
        key: str,
        reference: str | None = None,
        order_key: str | None = None,
        channel: str | None = None,
    ) -> None:
        """Start a process as a child of this one, once the answer of this step is recorded.

        It is part of the record: of a step that answers Retry or raises, nothing is started. A child with this key that
        is there already stays as it is, whatever its class.

        Args:
            process: The class of the child.
            payload: What it starts with, as JSON can carry it, checked by the class's `parameters`.
            key: Its key among the children of this process, at most 200 characters.
            reference: The office's own number of the case.
            order_key: Processes with one order key run strictly one after the other.
            channel: Which workers take it; the default is the class's.

        Raises:
            PayloadError: The payload does not fit the class's `parameters`.
            NotJson: JSON cannot represent the payload.
            IllegalValue: A key, a reference or a channel cannot be used.
            UsageError: The class has no steps, is a command or has `dedup`; or the child would wait for this process.
        """
        step_limits.refuse_own_lane(key, order_key, self._order_key)
        step_limits.refuse_more_children(self.acts, self.step)
        options = {"reference": reference, "order_key": order_key, "channel": channel}
        self.acts.append(self._children().checked(process, payload, key, **options))

    @property
    def children(self) -> tuple[StepChild, ...]:
        """The processes that steps of this one started, in that order, as they stand now.

        Each has its key, id, status and payload. Those that this run of the step starts are not among them: they are
        started when its answer is recorded.
        """
        return self._children().of(self.process_id)

    def _children(self) -> Children:
        if self._host.children is None:
            raise UsageError(problem="This run of the step knows no other processes, and starts none.")
        return self._host.children

    def publish(self, *_args: object, **_options: object) -> NoReturn:
        """Raise NotYet: this is not part of this version."""
        raise NotYet(what="run.publish", where=f"{self.name}.{self.step}", hint="Publish in an idempotent step.")

    def signal(self, event: str, payload: Mapping[str, Any] | None = None) -> None:
        """State an event, once the answer of this step is recorded: what waits for it is due from then on.

        It is part of the record: of a step that answers Retry or raises, nothing is signalled. One that stands already
        is left as it is.

        Args:
            event: What it is called, such as `paid:123`; at most 200 characters.
            payload: What those that wait are to know, as JSON can carry it.

        Raises:
            IllegalValue: The event cannot be called so, or the payload is no mapping.
            NotJson: JSON cannot represent the payload.
            UsageError: It is more than 100 signals and withdrawals in one run.
        """
        from process_manager.lifecycle import events  # which a worker that uses none does not load

        carried = events.checked_payload(payload)
        self._ask(events.EventAct(events.checked_key(event), f"process {self.process_id}", carried))

    def withdraw(self, event: str) -> None:
        """Let an event stand no longer, once the answer of this step is recorded. Whom it woke goes on.

        Args:
            event: What it is called.

        Raises:
            IllegalValue: No event can be called so.
            UsageError: It is more than 100 signals and withdrawals in one run.
        """
        from process_manager.lifecycle import events

        self._ask(events.EventAct(events.checked_key(event), f"process {self.process_id}", withdraws=True))

    def _ask(self, act: EventAct) -> None:
        step_limits.refuse_more_events(self.acts, self.step)
        self.acts.append(act)
