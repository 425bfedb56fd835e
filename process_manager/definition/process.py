"""Process classes, as an author writes them, checked when the class is made."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from process_manager import serialization
from process_manager.definition.declared_marks import declared
from process_manager.definition.limit import Limit, Rate
from process_manager.definition.markers import Marks
from process_manager.definition.presentation import PLAIN, Presentation, presentation
from process_manager.definition.step import PlannedStep, Step, Task, full_name, planned
from process_manager.definition.step_options import MADE_BY
from process_manager.errors import IllegalValue, StepsError, UsageError
from process_manager.gates import quiet
from process_manager.gates.switches import checked_key
from process_manager.lifecycle.pool import Pool
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.lifecycle.upgrade import Upgrade

if TYPE_CHECKING:
    from pydantic import BaseModel

    from process_manager.definition.schedule import Schedules
    from process_manager.lifecycle.lane_rules import LaneRules

DedupScope = Literal["while_open", "for_ever"]

STEP_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
PROCESS_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Process:
    """A durable piece of work: a subclass declares ordered STEPS, and each start of it is a row that runs them.

    It is checked when the class is made: what does not fit raises StepsError or UsageError with a hint.

    Attributes:
        STEPS: The steps in order, each by its stable name: a method, a task class, or a `Step` with options.
        name: What it is started by; the default is the name of the class in kebab-case.
        version: A whole number from 1; a process keeps the version that it was started with.
        channel: Which workers take it.
        retry: How its steps are retried; None for what the settings say.
        limit: How many of its steps may run at once over the whole fleet; a step may name another limit.
        rate: How many of its steps may start in a stretch of time over the whole fleet; a step may name another rate.
        dedup: How long a dedup key is held: `"while_open"`, or `"for_ever"`.
        parameters: The pydantic model that checks what it is started with; None for any JSON object.
        quiet: The hours in which no step of it starts; None for the engine's, `"none"` for no hours.
        label: What people call it.
        arguments: Makes it a command, with a key for each argument, or one key where this is `()`.
        upgrades: How processes of older versions go on with this one, by their version.
        result: The fields of its payload that front ends get as the result of a job of it.
        personal: The paths of what is personal in its payload besides the marked fields of `parameters`: a name, names
            with dots between, `*` for any; each means all that is below it, too.
        secret: The paths of what is secret, likewise.
        personal_keys: Which of `reference` and `order_key` are personal.
        personal_search: The marked paths by whose whole value a process may be found.
        search: The paths of other fields by whose whole value it may be found: names with dots between.
        columns: The paths of the fields that a list of its processes shows, at most six.
        says: What a caseworker is told when a step ends in an error of a system, by the name of the step.
        restarts: How often caseworkers may restart a process of it; None for as often as they like.
        schedule: What starts it by the clock: a `Cron`, an `At`, or several by name; None for nothing.
        order_position: Where it stands in its lane: the path of a field of its payload, or a function of the payload;
            None for the order of the starts.
        superseded: `"skip"` to skip what has not begun when a newer position waits in its lane.
        spacing: How long its lane rests after each of its processes, such as `"500ms"`; None for no time.
        plan: STEPS, checked and resolved; for the engine.
    """

    STEPS: ClassVar[Mapping[str, str | type[Task] | Step]] = {}
    name: ClassVar[str] = ""
    version: ClassVar[int] = 1
    channel: ClassVar[str] = "default"
    retry: ClassVar[RetryPolicy | None] = None
    limit: ClassVar[Limit | None] = None
    rate: ClassVar[Rate | None] = None
    dedup: ClassVar[DedupScope] = "while_open"
    parameters: ClassVar[type[BaseModel] | None] = None
    quiet: ClassVar[str | tuple[str, ...] | None] = None
    label: ClassVar[str] = ""
    arguments: ClassVar[tuple[str | int, ...] | None] = None
    upgrades: ClassVar[Mapping[int, Upgrade]] = {}
    result: ClassVar[tuple[str, ...]] = ()
    personal: ClassVar[tuple[str, ...]] = ()
    secret: ClassVar[tuple[str, ...]] = ()
    personal_keys: ClassVar[tuple[str, ...]] = ()
    personal_search: ClassVar[tuple[str, ...]] = ()
    search: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[tuple[str, ...]] = ()
    says: ClassVar[Mapping[str, str]] = {}
    restarts: ClassVar[int | None] = None
    schedule: ClassVar[Schedules | None] = None
    order_position: ClassVar[str | Callable[[Mapping[str, Any]], int | str] | None] = None
    superseded: ClassVar[Literal["skip"] | None] = None
    spacing: ClassVar[str | None] = None

    plan: ClassVar[tuple[PlannedStep, ...]] = ()
    step_names: ClassVar[tuple[str, ...]] = ()
    """The names of STEPS, in order."""
    pools: ClassVar[Mapping[str, Pool]] = {}
    """Where a process rests before a step that has a limit or a rate, by the step."""
    lane_rules: ClassVar[LaneRules | None] = None
    """What `order_position`, `superseded` and `spacing` declare, checked; None for nothing."""
    marks: ClassVar[Marks | None] = None
    """What is personal or secret in its processes; None when nothing is."""
    presentation: ClassVar[Presentation] = PLAIN
    """What `search`, `columns`, `says` and `restarts` declare, checked."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = _kebab(cls.__name__)
        _check_class(cls)
        _check_options(cls)
        cls.marks = declared(cls)
        cls.presentation = presentation(cls, cls.marks, cls.STEPS)
        cls.plan = tuple(planned(cls, name, entry) for name, entry in cls.STEPS.items())
        cls.step_names = tuple(cls.STEPS)
        cls.pools = _pools(cls.plan)
        cls.lane_rules = _lane_rules(cls)


def _pools(plan: tuple[PlannedStep, ...]) -> Mapping[str, Pool]:
    shared = [step for step in plan if step.limit is not None or step.rate is not None]
    return {step.name: Pool(_name(step.limit), _name(step.rate)) for step in shared}


def _lane_rules(cls: type[Process]) -> LaneRules | None:
    if cls.order_position is None and cls.superseded is None and cls.spacing is None:
        return None
    from process_manager.definition import lane_rules

    return lane_rules.declared(cls)


def _name(shared: Limit | Rate | None) -> str | None:
    return None if shared is None else shared.name


def _kebab(class_name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", class_name).lower()


def _check_class(cls: type[Process]) -> None:
    where = f"class {full_name(cls)}"
    if not isinstance(cls.name, str) or not PROCESS_NAME.fullmatch(cls.name):
        raise UsageError(
            problem=f"{where}: name {cls.name!r} is not 1 to 64 of a-z, 0-9, _ and -. Give it such a name."
        )
    if not isinstance(cls.version, int) or isinstance(cls.version, bool) or cls.version < 1:
        raise UsageError(problem=f"{where}: version {cls.version!r} is not a whole number from 1. Write version = 1.")
    if cls.dedup not in ("while_open", "for_ever"):
        raise UsageError(problem=f"{where}: dedup {cls.dedup!r} is not known. Write 'while_open' or 'for_ever'.")
    if not isinstance(cls.channel, str) or not PROCESS_NAME.fullmatch(cls.channel):
        raise UsageError(problem=f"{where}: channel {cls.channel!r} is not 1 to 64 of a-z, 0-9, _ and -.")
    if cls.parameters is not None and not hasattr(cls.parameters, "model_validate"):
        raise UsageError(problem=f"{where}: parameters is no pydantic model. Name a subclass of pydantic.BaseModel.")
    if not isinstance(cls.result, tuple) or not all(isinstance(each, str) for each in cls.result):
        raise UsageError(problem=f'{where}: result is no tuple of names. Write result = ("rows", "total").')
    _check_spelling(cls, where)
    _check_names(cls)


def _check_options(cls: type[Process]) -> None:
    where = f"class {full_name(cls)}"
    for option, (kind, example) in MADE_BY.items():
        if not isinstance(getattr(cls, option), kind | None):
            raise UsageError(problem=f"{where}: {option} is no {kind.__name__}. Write {option} = {example}.")
    try:
        if cls.quiet is not None:
            quiet.rules_of(cls.quiet)
        if cls.arguments is not None:
            _check_arguments(cls, cls.arguments, where)
    except IllegalValue as problem:  # it knows the value, and not whose it is
        raise UsageError(problem=f"{where}: {problem}") from problem
    if cls.schedule is not None:
        from process_manager.definition import schedule

        schedule.check(cls.name, cls.schedule, None if cls.arguments is not None else cls.parameters, where)
    for version, upgrade in cls.upgrades.items():
        _check_upgrade(cls, version, upgrade)


def _check_arguments(cls: type[Process], arguments: object, where: str) -> None:
    if not isinstance(arguments, tuple):
        raise UsageError(problem=f'{where}: arguments is no tuple. Write arguments = ("service1", "service2").')
    if cls.dedup == "for_ever":
        raise UsageError(problem=f"{where}: a command runs again and again. Leave out dedup or arguments.")
    seen: dict[str, object] = {}
    for argument in arguments:
        if isinstance(argument, bool) or not isinstance(argument, str | int) or not str(argument).strip():
            raise UsageError(problem=f"{where}: argument {argument!r} is no text and no whole number. Give one.")
        key = _key(cls, argument)
        if key in seen:
            raise UsageError(
                problem=f"{where}: arguments {seen[key]!r} and {argument!r} have one key, {key!r}. Rename one."
            )
        seen[key] = argument
    for key in keys(cls).values():
        checked_key(key)


def _check_upgrade(cls: type[Process], version: object, upgrade: object) -> None:
    where = f"class {full_name(cls)}, upgrades[{version!r}]"
    if not isinstance(version, int) or not 1 <= version < cls.version or not isinstance(upgrade, Upgrade):
        raise UsageError(problem=f"{where} is no Upgrade from an earlier version. Write {{1: Upgrade(steps={{…}})}}.")
    for old, new in upgrade.steps.items():
        if new not in cls.STEPS:
            raise StepsError(
                process=full_name(cls),
                step=new,
                problem=f"upgrades maps {old!r} to it, but it is no step",
                hint="Name one.",
            )


def keys(cls: type[Process]) -> Mapping[str, str]:
    """Return the keys of a command by argument ("" where it has none): `import-books`, or `import-books-service1`."""
    if not cls.arguments:
        return {"": cls.name}
    return {str(argument): _key(cls, argument) for argument in cls.arguments}


def _key(cls: type[Process], argument: str | int) -> str:
    return f"{cls.name}-{argument}".lower()


_PROCESS_OPTIONS: Final = (
    "name", "version", "channel", "retry", "limit", "rate", "dedup", "parameters", "quiet", "label", "arguments",
    "upgrades", "result", "personal", "secret", "personal_keys", "personal_search", "search", "columns", "says",
    "restarts", "schedule", "order_position", "superseded", "spacing", "STEPS",
)  # fmt: skip


def _check_spelling(cls: type[Process], where: str) -> None:
    """Refuse what looks like a misspelt option, which would silently be a default."""
    for attribute, value in vars(cls).items():
        if attribute in (*_PROCESS_OPTIONS, "plan") or attribute.startswith("_") or _is_own(attribute, value):
            continue
        near = difflib.get_close_matches(attribute, _PROCESS_OPTIONS, n=1, cutoff=0.8)
        if near:
            raise UsageError(problem=f"{where}: {attribute} is no option of a process. Did you mean `{near[0]}`?")


def _is_own(attribute: str, value: object) -> bool:
    """Return whether it is a method or a class written here; one that only got a name here may be an option's."""
    return callable(value) and not (isinstance(value, type) and value.__name__ != attribute)


def _check_names(cls: type[Process]) -> None:
    if not isinstance(cls.STEPS, Mapping):
        raise StepsError(
            process=full_name(cls),
            step="",
            problem=f"STEPS is {serialization.kind(cls.STEPS)}, not a mapping",
            hint='Write STEPS = {"first": "method_name"}.',
        )
    seen: dict[str, str] = {}
    for name in cls.STEPS:
        if not isinstance(name, str) or not STEP_NAME.fullmatch(name):
            raise StepsError(
                process=full_name(cls),
                step=name,
                problem="the name is not 1 to 100 of letters, digits, _ . and -",
                hint="Give the step a short, stable name.",
            )
        if name.lower() in seen:
            raise StepsError(
                process=full_name(cls),
                step=name,
                problem=f"the name is used twice (also {seen[name.lower()]!r})",
                hint="Give each step a name of its own.",
            )
        seen[name.lower()] = name
