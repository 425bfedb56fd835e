"""Acts on tasks of people: answering one, claiming, releasing, and giving it to others."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, TypeVar

import sqlalchemy as sa

from process_manager import operations
from process_manager.actor import Actor
from process_manager.errors import UnknownTask
from process_manager.governance.action import Facts, ProcessAction
from process_manager.operations import Act, TakenAnswer
from process_manager.store import task_queries, tasks

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TaskAction(ProcessAction[T]):
    """Something to be done to a task of a process, whose `id` stands first."""

    task: int

    @property
    def target(self) -> str | None:
        """The task."""
        return f"task {self.task}"

    def require(self, connection: sa.Connection) -> int:
        """Return the id of the task; raise UnknownTask where it is not of this process, whose name was looked at."""
        if task_queries.process_of(connection, self.task) != self.id:
            raise UnknownTask(task_id=self.task)
        return self.task

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return who is asked, and who has it; the row stays locked behind that of its process."""
        found = tasks.locked(connection, self.task)
        return None if found is None else {"group": found["group_name"], "claimed_by": found["claimed_by"]}


@dataclass(frozen=True, slots=True)
class AnswerTask(TaskAction[TakenAnswer]):
    """Answer what a step asked; the chain keeps the answer with its masks."""

    act: ClassVar[str] = "task-answer"

    _: KW_ONLY
    answer: Facts = field(repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> TakenAnswer:
        """Do it in the caller's transaction, and return what was taken."""
        return operations.answer_task(connection, self.require(connection), self.answer, Act(actor, self.reason))

    def told(self, value: TakenAnswer) -> tuple[Facts, Facts]:
        """Return the answer with its masks: the chain is never altered."""
        return {}, {"answer": value.shown}


@dataclass(frozen=True, slots=True)
class ClaimTask(TaskAction[bool]):
    """Take a task for oneself."""

    act: ClassVar[str] = "task-claim"

    def perform(self, connection: sa.Connection, actor: Actor) -> bool:
        """Do it in the caller's transaction, and return whether it was not so before."""
        return operations.claim_task(connection, self.require(connection), actor)

    def changed(self, value: bool) -> bool:
        """Return whether it was not so before."""
        return value


@dataclass(frozen=True, slots=True)
class ReleaseTask(TaskAction[bool]):
    """Let the others of the group take a task."""

    act: ClassVar[str] = "task-release"

    def perform(self, connection: sa.Connection, actor: Actor) -> bool:
        """Do it in the caller's transaction, and return whether somebody had it."""
        return operations.release_task(connection, self.require(connection), actor)

    def changed(self, value: bool) -> bool:
        """Return whether somebody had it."""
        return value


@dataclass(frozen=True, slots=True)
class ReassignTask(TaskAction[bool]):
    """Ask another group or person instead."""

    act: ClassVar[str] = "task-reassign"

    _: KW_ONLY
    group: str | None = None
    person: str | None = None

    def perform(self, connection: sa.Connection, actor: Actor) -> bool:
        """Do it in the caller's transaction, and return whether it was not so before."""
        task = self.require(connection)
        return operations.reassign_task(connection, task, actor, group=self.group, person=self.person)

    def changed(self, value: bool) -> bool:
        """Return whether it was not so before."""
        return value
