"""What an author writes: processes, tasks and steps, checked when the class is made."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, cast

from process_manager.errors import NotYet, StepsError, UsageError
from process_manager.outcomes import Outcome
from process_manager.retry import RetryPolicy
from process_manager.steprun import StepRun

if TYPE_CHECKING:
    from pydantic import BaseModel

DedupScope = Literal["while_open", "for_ever"]

STEP_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
PROCESS_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Task:
    """A step written as a class, shared by several processes; its options are class attributes."""

    effect: ClassVar[str] = "idempotent"
    verify: ClassVar[object] = None
    retry: ClassVar[RetryPolicy | None] = None
    platform: ClassVar[str | None] = None
    time_limit: ClassVar[timedelta | None] = None
    isolation: ClassVar[str | None] = None
    expected: ClassVar[timedelta | None] = None

    def run(self, run: StepRun) -> Outcome:
        """What the step answers; an exception is a system error and becomes a Retry."""
        raise NotImplementedError


class Step:
    """One entry of STEPS with options: a method name or a task class, and how it runs."""

    def __init__(self, handler: str | type[Task], **options: Any) -> None:
        self.handler = handler
        self.options = options


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as the engine runs it."""

    name: str
    call: Callable[[Process, StepRun], Outcome]
    retry: RetryPolicy | None
    time_limit: timedelta | None


class Process:
    """A durable piece of work: a subclass declares ordered STEPS, and each start of it is a row that runs them."""

    STEPS: ClassVar[Mapping[str, str | type[Task] | Step]] = {}
    name: ClassVar[str] = ""
    version: ClassVar[int] = 1
    channel: ClassVar[str] = "default"
    retry: ClassVar[RetryPolicy | None] = None
    dedup: ClassVar[DedupScope] = "while_open"
    parameters: ClassVar[type[BaseModel] | None] = None
    quiet: ClassVar[object] = None
    arguments: ClassVar[object] = None
    upgrades: ClassVar[object] = None

    plan: ClassVar[tuple[PlannedStep, ...]] = ()
    """STEPS, checked and resolved."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = _kebab(cls.__name__)
        _check_class(cls)
        cls.plan = tuple(_planned(cls, name, entry) for name, entry in cls.STEPS.items())


def _kebab(class_name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", class_name).lower()


def _check_class(cls: type[Process]) -> None:
    where = f"class {cls.__name__}"
    if not isinstance(cls.name, str) or not PROCESS_NAME.fullmatch(cls.name):
        raise UsageError(
            problem=f"{where}: name {cls.name!r} is not 1 to 64 of a-z, 0-9, _ and -. Give it such a name."
        )
    if not isinstance(cls.version, int) or isinstance(cls.version, bool) or cls.version < 1:
        raise UsageError(problem=f"{where}: version {cls.version!r} is not a whole number from 1. Write version = 1.")
    if cls.retry is not None and not isinstance(cls.retry, RetryPolicy):
        raise UsageError(problem=f"{where}: retry is no retry policy. Write retry = every(minutes=1, attempts=10).")
    if cls.dedup not in ("while_open", "for_ever"):
        raise UsageError(problem=f"{where}: dedup {cls.dedup!r} is not known. Write 'while_open' or 'for_ever'.")
    if not isinstance(cls.channel, str) or not PROCESS_NAME.fullmatch(cls.channel):
        raise UsageError(problem=f"{where}: channel {cls.channel!r} is not 1 to 64 of a-z, 0-9, _ and -.")
    if cls.parameters is not None and not hasattr(cls.parameters, "model_validate"):
        raise UsageError(problem=f"{where}: parameters is no pydantic model. Name a subclass of pydantic.BaseModel.")
    _refuse_not_yet(cls, where)
    _check_spelling(cls, where)
    _check_names(cls)


def _refuse_not_yet(cls: type[Process], where: str) -> None:
    for option in ("quiet", "arguments", "upgrades"):
        if getattr(cls, option) is not None:
            raise NotYet(what=f"`{option}`", where=where, cure=f"Leave `{option}` out.")


_PROCESS_OPTIONS: Final = (
    "name",
    "version",
    "channel",
    "retry",
    "dedup",
    "parameters",
    "quiet",
    "arguments",
    "upgrades",
    "STEPS",
)
_STEP_OPTIONS: Final = ("effect", "verify", "retry", "platform", "time_limit", "isolation", "expected")


def _check_spelling(cls: type[Process], where: str) -> None:
    """A misspelt option would be a silent default: refuse what looks like one."""
    for attribute, value in vars(cls).items():
        if attribute in (*_PROCESS_OPTIONS, "plan") or attribute.startswith("_") or _is_own(attribute, value):
            continue
        near = difflib.get_close_matches(attribute, _PROCESS_OPTIONS, n=1, cutoff=0.8)
        if near:
            raise UsageError(problem=f"{where}: {attribute} is no option of a process. Did you mean `{near[0]}`?")


def _is_own(attribute: str, value: object) -> bool:
    """Whether it is a method or a class written here; a class that was only given a name here may be an option's."""
    return callable(value) and not (isinstance(value, type) and value.__name__ != attribute)


def _check_names(cls: type[Process]) -> None:
    if not isinstance(cls.STEPS, Mapping):
        raise StepsError(
            process=cls.__name__,
            step="",
            problem=f"STEPS is a {type(cls.STEPS).__name__}, not a mapping",
            cure='Write STEPS = {"first": "method_name"}.',
        )
    seen: dict[str, str] = {}
    for name in cls.STEPS:
        if not isinstance(name, str) or not STEP_NAME.fullmatch(name):
            raise StepsError(
                process=cls.__name__,
                step=name,
                problem="the name is not 1 to 100 of letters, digits, _ . and -",
                cure="Give the step a short, stable name.",
            )
        if name.lower() in seen:
            raise StepsError(
                process=cls.__name__,
                step=name,
                problem=f"the name is used twice (also {seen[name.lower()]!r})",
                cure="Give each step a name of its own.",
            )
        seen[name.lower()] = name


def _planned(cls: type[Process], name: str, entry: object) -> PlannedStep:
    step = entry if isinstance(entry, Step) else Step(entry)  # type: ignore[arg-type]  # _call refuses what is neither
    call = _call(cls, name, step.handler)
    options = {**_task_options(step.handler), **step.options}
    _check_options(cls, name, options)
    return PlannedStep(name, call, options.get("retry"), options.get("time_limit"))


def _call(cls: type[Process], name: str, handler: object) -> Callable[[Process, StepRun], Outcome]:
    if isinstance(handler, type) and issubclass(handler, Task):
        if handler.run is Task.run:
            raise StepsError(
                process=cls.__name__,
                step=name,
                problem=f"task {handler.__name__} has no run method",
                cure="Write def run(self, run: StepRun) in it.",
            )
        _check_signature(cls, name, handler.run, f"{handler.__name__}.run")
        return _task_call(handler)
    if isinstance(handler, str):
        found = _method(cls, name, handler)
        _check_signature(cls, name, found, handler)
        return found
    raise StepsError(
        process=cls.__name__,
        step=name,
        problem=f"{handler!r} is neither a method name nor a task class",
        cure="Name a method of the class, or a subclass of Task.",
    )


def _check_signature(cls: type[Process], name: str, function: Callable[..., object], title: str) -> None:
    short = title.rpartition(".")[2]
    if inspect.iscoroutinefunction(function):
        raise StepsError(
            process=cls.__name__,
            step=name,
            problem=f"{title} is async, and steps run in threads",
            cure=f"Write def {short}(self, run: StepRun).",
        )
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        raise StepsError(
            process=cls.__name__,
            step=name,
            problem=f"{title} cannot be called with a run alone",
            cure=f"Write def {short}(self, run: StepRun).",
        ) from None


def _task_call(task: type[Task]) -> Callable[[Process, StepRun], Outcome]:
    return lambda _process, run: task().run(run)


def _method(cls: type[Process], name: str, method: str) -> Callable[[Process, StepRun], Outcome]:
    found = getattr(cls, method, None)
    if callable(found) and not hasattr(Process, method):
        return cast(Callable[[Process, StepRun], Outcome], found)
    own = [name for name in dir(cls) if callable(getattr(cls, name)) and not hasattr(Process, name)]
    near = difflib.get_close_matches(method, own, n=1)
    raise StepsError(
        process=cls.__name__,
        step=name,
        problem=f"the class has no method {method!r}",
        cure=f"Did you mean {near[0]!r}?" if near else f"Write def {method}(self, run: StepRun).",
    )


def _task_options(handler: object) -> dict[str, Any]:
    if not (isinstance(handler, type) and issubclass(handler, Task)):
        return {}
    return {option: getattr(handler, option) for option in _STEP_OPTIONS}


def _check_options(cls: type[Process], name: str, options: Mapping[str, Any]) -> None:
    for option, value in options.items():
        problem = _option_problem(option, value)
        if problem is not None:
            raise StepsError(process=cls.__name__, step=name, problem=problem[0], cure=problem[1])


def _option_problem(option: str, value: object) -> tuple[str, str] | None:
    if option not in _STEP_OPTIONS:
        near = difflib.get_close_matches(option, _STEP_OPTIONS, n=1)
        return (
            f"{option!r} is no option of a step",
            f"Did you mean {near[0]!r}?" if near else f"Use {', '.join(_STEP_OPTIONS)}.",
        )
    if value is None or (option == "effect" and value == "idempotent"):
        return None
    if option == "retry":
        return None if isinstance(value, RetryPolicy) else ("retry is no retry policy", "Write retry=every(minutes=1).")
    if option == "time_limit":
        good = isinstance(value, timedelta) and value > timedelta(0)
        return None if good else ("time_limit is no duration", "Write time_limit=timedelta(minutes=5).")
    return (
        f"{option}={value!r} is not part of this version yet",
        f"Leave {option!r} out; every step is idempotent for now.",
    )
