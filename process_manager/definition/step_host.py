"""What the steps of a worker share and are given: files, the engine's database, events, children, answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeVar

from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.status import SETTLED

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import sqlalchemy as sa
    from pydantic import BaseModel

    from process_manager.lifecycle.asking import Answer
    from process_manager.lifecycle.children import ChildStart
    from process_manager.settings import Settings

Form = TypeVar("Form", bound="BaseModel")


class StepFile(Protocol):
    """A file that was given to a process, as its steps have it."""

    @property
    def name(self) -> str:
        """By which it was asked for."""

    @property
    def label(self) -> str:
        """What it was called where it came from: for people to read, never a path."""

    @property
    def media_type(self) -> str:
        """What its sender said it is, which may be wrong."""

    @property
    def size(self) -> int:
        """Its number of bytes."""

    @property
    def sha256(self) -> str:
        """The hash of its content."""

    def open(self) -> BinaryIO:
        """Open it: a binary file that can be read and sought in, a piece of which is in memory at a time."""


class EngineDatabase(Protocol):
    """The engine's own database, for a step that keeps a ledger in it."""

    def begin(self) -> AbstractContextManager[sa.Connection]:
        """Return a write transaction: committed at the end of the block, rolled back when it raises."""

    def read(self) -> AbstractContextManager[sa.Connection]:
        """Return a read transaction."""

    def connect(self) -> AbstractContextManager[sa.Connection]:
        """Return a connection, for transactions of one's own."""


@dataclass(frozen=True, slots=True)
class StepEvent:
    """The event that woke a step.

    Attributes:
        key: What it is called, such as `paid:123`.
        number: How often it was signalled by then.
        payload: What the signal carried; empty where it carried nothing.
        by: Who signalled it.
        at: When.
    """

    key: str
    number: int
    payload: Mapping[str, Any]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepChild:
    """A process that a step of this one started.

    Attributes:
        key: Its key among the children of its parent.
        id: The process.
        status: Where it stands, such as `succeeded` or `failed`.
        payload: What it was started with and what its steps added.
    """

    key: str
    id: int
    status: str
    payload: Mapping[str, Any]

    @property
    def is_settled(self) -> bool:
        """Whether it is closed or needs a person: its parent waits for it no longer."""
        return self.status in SETTLED


class Children(Protocol):
    """Knows the children of processes, and checks those that are to be started."""

    def of(self, process_id: int) -> tuple[StepChild, ...]:
        """Return the children of a process, in the order in which they were started."""

    def checked(self, process: type, payload: Mapping[str, Any] | None, key: str, **options: str | None) -> ChildStart:
        """Return what starts a child; raise UsageError when it does not fit."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a person answered a step, as it is stored.

    Attributes:
        form: The form that was filled in, as module:class.
        answer: JSON of it.
        by: Who answered.
        at: When.
        way: How they came.
    """

    form: str
    answer: str
    by: str
    at: datetime
    way: str

    def read(self, form: type[Form]) -> Answer[Form]:
        """Return the answer as the form makes it; raise ValidationError where it does not fit as the form is now."""
        from process_manager.lifecycle import asking  # which a worker that asks nobody does not load

        return asking.answer(form, self.answer, by=self.by, at=self.at, way=self.way)


FilesOf = Callable[[int], Mapping[str, StepFile]]
"""Returns the files of a process, by name."""

EventOf = Callable[[int, str], StepEvent | None]
"""Returns what woke a process in a step, given by the name under which its runs count as one."""

AnswerOf = Callable[[int, str, int], StoredAnswer | None]
"""Returns what a person answered a step of a process, by the name under which its runs count as one, in a round."""


def _no_files(_process_id: int) -> Mapping[str, StepFile]:
    return {}


def _no_event(_process_id: int, _step_key: str) -> StepEvent | None:
    return None


def _no_answer(_process_id: int, _step_key: str, _round: int) -> StoredAnswer | None:
    return None


@dataclass(frozen=True, slots=True)
class Host:
    """What every step of one worker shares."""

    database: EngineDatabase
    settings: Settings
    installation: uuid.UUID
    post: Callable[[Evidence], None]
    files_of: FilesOf = _no_files
    event_of: EventOf = _no_event
    children: Children | None = None
    answer_of: AnswerOf = _no_answer
