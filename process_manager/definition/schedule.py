"""Schedules as an author writes them on a process class: a cron text or moments, checked when the class is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from process_manager.errors import IllegalValue, UsageError
from process_manager.message import Message

if TYPE_CHECKING:
    from pydantic import BaseModel

MISSED: Final = ("none", "last", "all")
OVERLAP: Final = ("skip", "queue", "start")
LONGEST_JITTER: Final = timedelta(days=1)
SCHEDULE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_ANY_ZONE: Final = "UTC"


@dataclass(frozen=True, slots=True)
class Cron:
    """Starts a process by the clock: `Cron("0 6 * * mon-fri", zone="Europe/Copenhagen", missed="last")`.

    Attributes:
        text: Minute, hour, day-of-month, month, day-of-week; of six fields the first is the second.
        zone: The IANA name of the zone whose clock counts; None for the office's.
        parameters: What each process starts with.
        missed: Which slots are made up for that nobody started in time: none, the last, or all (at most 1,000).
        overlap: What a slot does while the process of the one before is open: it is left out (`skip`), it waits for
            that one to end (`queue`), or it runs beside it (`start`).
        jitter: Up to how much later a process may begin; how much is the same each time for the same slot.
        working_days: What becomes of a slot on a weekend or a holiday: nothing (`any`), it moves to the next working
            day (`next`), or it falls away (`only`).
        holidays: The calendar of holidays as quiet windows name it, such as `DK+optional+05-15`.
    """

    text: str
    _: KW_ONLY
    zone: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    missed: Literal["none", "last", "all"] = "last"
    overlap: Literal["skip", "queue", "start"] = "start"
    jitter: timedelta = timedelta()
    working_days: Literal["any", "next", "only"] = "any"
    holidays: str = ""

    @property
    def rule(self) -> str:
        """Its moments as text."""
        return " ".join(self.text.split()) if isinstance(self.text, str) else str(self.text)


@dataclass(frozen=True, slots=True)
class At:
    """Starts a process at given moments, each once: `At("2026-12-01T08:00")`.

    Attributes:
        moments: One moment or several, as text or aware datetimes; a text without an offset is on the zone's clock.
        zone: The IANA name of that zone; None for the office's.
        parameters: What each process starts with.
        missed: Which moments are made up for at which nobody was there: none, the last, or all.
        overlap: What a moment does while the process of the one before is open.
        jitter: Up to how much later a process may begin.
    """

    moments: str | datetime | Sequence[str | datetime]
    _: KW_ONLY
    zone: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    missed: Literal["none", "last", "all"] = "last"
    overlap: Literal["skip", "queue", "start"] = "start"
    jitter: timedelta = timedelta()

    @property
    def rule(self) -> str:
        """Its moments as text."""
        given = [self.moments] if isinstance(self.moments, str | datetime) else self.moments
        return "at " + "; ".join(each.isoformat() if isinstance(each, datetime) else str(each) for each in given)


Schedule = Cron | At
Schedules = Schedule | Mapping[str, Schedule]
"""One schedule, or several by the names that are added to the name of the process."""


def typed(cron: str | None, at: Sequence[str], **said: Any) -> Schedule:
    """Return the schedule that somebody typed: a cron text, or moments; raise IllegalValue for both or neither.

    Args:
        cron: The cron text; None for none.
        at: The moments.
        said: What else it says, by the names of `Cron`.
    """
    if bool(cron) == bool(at):
        hint = "Give a cron text such as 0 6 * * mon-fri, or moments, not both."
        raise IllegalValue(what=Message("When"), value=cron or "", problem=Message("is not said once"), hint=hint)
    if cron:
        return Cron(cron, **said)
    days = {name: said.pop(name) for name in ("working_days", "holidays") if name in said}
    if days.get("working_days", "any") != "any":
        hint = "Give the moment on the day that is meant."
        raise IllegalValue(
            what=Message("Working days"), value=days["working_days"], problem=Message("are for cron texts"), hint=hint
        )
    return At(list(at), **said)


def declared(process: str, given: Schedules | None) -> dict[str, Schedule]:
    """Return what a class of this name gives as its schedules, by their names; empty where it gives none."""
    return {} if given is None else dict(_named(process, given))


def check(process: str, given: Schedules, parameters: type[BaseModel] | None, where: str) -> None:
    """Raise UsageError that says which schedule of a class is wrong, and in what."""
    entries = list(given.values()) if isinstance(given, Mapping) else [given]
    if not entries or not all(isinstance(each, Cron | At) for each in entries):
        raise UsageError(problem=f'{where}: schedule is no Cron and no At. Write schedule = Cron("0 6 * * mon-fri").')
    for name, schedule in declared(process, given).items():
        if not SCHEDULE_NAME.fullmatch(name):
            raise UsageError(problem=f"{where}: schedule {name!r} is not 1 to 100 of a-z, 0-9, _ and -. Rename it.")
        try:
            check_schedule(schedule)
            _check_parameters(parameters, schedule)
        except IllegalValue as problem:
            raise UsageError(problem=f"{where}, schedule {name!r}: {problem}") from problem


def check_schedule(schedule: Schedule, zone: str | None = None) -> None:
    """Raise IllegalValue that says what is wrong with a schedule; `zone` is where it has none of its own."""
    from process_manager.schedules import rules

    if schedule.missed not in MISSED:
        raise IllegalValue(what="missed", value=schedule.missed, problem="is not known", hint=_one_of(MISSED))
    if schedule.overlap not in OVERLAP:
        raise IllegalValue(what="overlap", value=schedule.overlap, problem="is not known", hint=_one_of(OVERLAP))
    if not isinstance(schedule.jitter, timedelta) or not timedelta() <= schedule.jitter <= LONGEST_JITTER:
        raise IllegalValue(
            what="jitter", value=str(schedule.jitter), problem="is not 0 s to 1 day", hint="Write timedelta(minutes=5)."
        )
    days = {"working_days": schedule.working_days, "holidays": schedule.holidays} if isinstance(schedule, Cron) else {}
    rules.parse(schedule.rule, schedule.zone or zone or _ANY_ZONE, **days)


def _named(process: str, given: Schedules) -> Iterator[tuple[str, Schedule]]:
    if isinstance(given, Mapping):
        yield from ((f"{process}-{name}", schedule) for name, schedule in given.items())
    else:
        yield process, given


def _check_parameters(model: type[BaseModel] | None, schedule: Schedule) -> None:
    given: object = schedule.parameters
    if not isinstance(given, Mapping):
        hint = 'Write parameters={"dry": True}.'
        kind = type(given).__name__
        raise IllegalValue(what="parameters", value=kind, problem="is no mapping", hint=hint)
    if model is None:
        return
    from pydantic import ValidationError

    try:
        model.model_validate(dict(schedule.parameters))
    except ValidationError as error:
        found = error.errors(include_input=False)
        told = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'payload'}: {each['msg']}" for each in found)
        raise IllegalValue(
            what="parameters",
            value=sorted(schedule.parameters),
            problem=f"do not fit the class: {told}",
            hint="Each process starts with them: give what it needs.",
        ) from None


def _one_of(words: Sequence[str]) -> str:
    return f"Write {', '.join(words[:-1])} or {words[-1]}."
