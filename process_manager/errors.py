"""The errors that a caller may get. A docstring is its message, the facts its fields, the exit code the CLI's."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Self


class ProcessManagerError(Exception):
    """The process manager could not do what was asked."""

    exit_code = 1

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(inspect.cleandoc(type(self).__doc__ or "").format_map(facts))

    @classmethod
    def with_hint(cls, problem: str, hint: str) -> Self:
        """Return the error of a problem with what to type, which only those at a console are told."""
        return cls(problem=f"{problem} {hint}", told=problem)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.facts))


def _rebuild(kind: type[ProcessManagerError], facts: dict[str, object]) -> ProcessManagerError:
    return kind(**facts)


class BusinessError(Exception):
    """A business rule was violated: raised in a step, it rejects the process and cancels its remaining steps."""

    message: str = ""  # a subclass may have an __init__ of its own that sets neither
    code: str | None = None

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.code = code


class StopRequested(BaseException):
    """A step was asked to stop, and ends at a checkpoint; no `except Exception` on the way keeps it from doing so."""


# --- 2: usage: the code, a setting or a command is wrong --------------------------------------------------------------


class UsageError(ProcessManagerError):
    """{problem}"""

    exit_code = 2


class StepsError(UsageError):
    """{process}.STEPS, step {step!r}: {problem}. {hint}"""


class NotYet(UsageError):
    """{what} is not part of this version yet ({where}). {hint}"""


class SettingsError(UsageError):
    """{where}: {problem}. {hint}"""


class PayloadError(UsageError):
    """The payload of {process} does not fit: {problems}. Nothing was started."""


class EditError(UsageError):
    """The payload of {process} would not fit: {problems}. Nothing was changed."""


class AnswerError(UsageError):
    """The answer to task {task_id} does not fit: {problems}. Nothing was changed."""


class NotJson(UsageError):
    """{path} is {problem}, which JSON cannot represent. {hint}"""


class FieldsError(UsageError):
    """What was sent does not fit: {problems}."""

    @classmethod
    def of(cls, problems: Sequence[tuple[str, str]]) -> FieldsError:
        """Return the error of some fields: the path of each, and what is wrong with it."""
        return cls(problems="; ".join(f"{path}: {why}" for path, why in problems), fields=tuple(problems))


class UnfitTransaction(UsageError):
    """This connection {problem}. {hint}"""


class NoConnection(UsageError):
    """Step {step!r} of {name!r} has no run.connection: only steps with effect='transactional' have one."""


class IllegalValue(UsageError):
    """{what} {value!r} {problem}. {hint}"""


class FileTooLarge(UsageError):
    """{label} has more than {most}, which is the most that is taken of a file. Nothing was started."""


# --- 3: not found -----------------------------------------------------------------------------------------------


class NotFound(ProcessManagerError):
    """{problem}"""

    exit_code = 3


class UnknownProcess(NotFound):
    """No process {name!r} is known in {packages}. {hint}"""


class UnknownId(NotFound):
    """There is no process with id {process_id} in {database}. `process-manager list` shows those that exist."""


class UnknownTask(NotFound):
    """There is no task {task_id}. `process-manager tasks list` shows those that are open."""


# --- 4 to 6: refused --------------------------------------------------------------------------------------------


class Refused(ProcessManagerError):
    """Process {process_id} {stands}: {problem}. {hint}"""

    exit_code = 4


class ChangedSince(Refused):
    """Process {process_id} {stands}: {problem}. {hint}"""


class TaskClosed(ProcessManagerError):
    """Task {task_id} {stands}. {hint}"""

    exit_code = 4


class BatchEnded(ProcessManagerError):
    """Batch {batch_id} has ended: there is nothing left to stop."""

    exit_code = 4


class Occupied(ProcessManagerError):
    """{problem} {hint}"""

    exit_code = 4


class ScheduleInCode(ProcessManagerError):
    """The schedule {name!r} is declared by the code of {process!r}, and would come back. Pause it instead, or take it \
out of the code."""

    exit_code = 4


class BotChanged(ProcessManagerError):
    """Bot {name!r} has been edited since it was looked at. Nothing was changed: look again."""

    exit_code = 4


class Forbidden(ProcessManagerError):
    """{actor} may not {what}: {why}. {hint}"""

    exit_code = 4


class SignInsHeld(ProcessManagerError):
    """Too many sign-ins from this address or to this name have failed. Try again in {wait}."""

    exit_code = 4


class SecondPersonNeeded(ProcessManagerError):
    """Nothing is done yet: a second person has to approve request {number}."""

    exit_code = 4


class ReasonRequired(UsageError):
    """{what} needs a reason here: say why, the history and the audit chain keep it."""


class SwitchedOff(ProcessManagerError):
    """{what} may not start now, because {why}. {hint}"""

    exit_code = 5


class HeldByAnother(ProcessManagerError):
    """Process {process_id} is held by {holder}. {hint}"""

    exit_code = 6


class TaskHeld(ProcessManagerError):
    """Task {task_id} is claimed by {holder}. {hint}"""

    exit_code = 6


class SchemaBusy(ProcessManagerError):
    """{holder} is changing the schema of {url}: not done after {waited}. Try again when it is done, or end it."""

    exit_code = 6


class SchemaInUse(ProcessManagerError):
    """The schema of {url} is not downgraded while it is in use: {holder}. {hint}"""

    exit_code = 6


# --- 7 and 8: the database --------------------------------------------------------------------------------------


class DatabaseUnreachable(ProcessManagerError):
    """The database {url} cannot be used: {problem}. {hint}"""

    exit_code = 7


class NoDatabaseYet(DatabaseUnreachable):
    """The database {url} cannot be used: {problem}. {hint}"""


class DatabaseReplaced(DatabaseUnreachable):
    """The database {url} cannot be used: {problem}. The last changes may not be in the file that is there now."""


class FateUnknown(ProcessManagerError):
    """The database {url} did not confirm the change: it may or may not have happened. Check before you try again."""

    exit_code = 7


class ChainBroken(ProcessManagerError):
    """Nothing was done: no act can be added to the audit chain, because its end {problem}. {hint}"""

    exit_code = 7


class Unwritable(ProcessManagerError):
    """The result of process {process_id} cannot be stored, nor that it failed: {problem}. Fix that: once its lease \
ends, a worker takes it over."""

    exit_code = 7


class Unreadable(ProcessManagerError):
    """A process that is due cannot be read: {problem}. It is skipped for a while."""

    exit_code = 7


class FolderUnusable(ProcessManagerError):
    """The folder {folder} cannot be used for files: {problem}. {hint}"""

    exit_code = 7


class SchemaMismatch(ProcessManagerError):
    """The database {url} has schema {found}, but this version works with {wanted}. {hint}"""

    exit_code = 8


class SchemaBroken(SchemaMismatch):
    """The database {url} lacks a table or column that this version needs ({problem}). If its account may see all \
tables and its search path names their schema, run `process-manager doctor`, then restore what is missing."""


# --- 9: bulk ----------------------------------------------------------------------------------------------------


class PartlyFailed(ProcessManagerError):
    """{failed} of {total} failed, each for the reason in its row."""

    exit_code = 9


class IllegalMove(ProcessManagerError):
    """A {status} process cannot {trigger}; it can {possible}."""

    exit_code = 4
