"""Steps, as an author writes them: a method's name or a task class, with options."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Never, cast

from process_manager.definition.limit import Limit, Rate
from process_manager.definition.step_options import STEP_OPTIONS, Effect, Isolation, option_problem
from process_manager.definition.step_run import StepRun
from process_manager.errors import StepsError
from process_manager.lifecycle.outcomes import Outcome
from process_manager.lifecycle.retry import RetryPolicy


class Task:
    """A step written as a class, shared by several processes; its options are class attributes.

    Attributes:
        effect: What repeating the step does outside, as in `Step`.
        verify: The name of the method that says whether a `once` step happened, or that method itself.
        retry: How the step is retried; None for the policy of its process.
        platform: Reserved for outside systems with limits of their own; leave it out.
        limit: How many may run at once over the whole fleet; None for what the process says.
        rate: How many may start in a stretch of time over the whole fleet; None for what the process says.
        time_limit: How long the step may take; None for no limit.
        isolation: `"process"` to run in a process of its own; None for a thread.
        expected: How long the step usually takes; None for the median of its last runs.
    """

    effect: ClassVar[Effect] = "idempotent"
    verify: ClassVar[str | Callable[..., object] | None] = None
    retry: ClassVar[RetryPolicy | None] = None
    platform: ClassVar[str | None] = None
    limit: ClassVar[Limit | None] = None
    rate: ClassVar[Rate | None] = None
    time_limit: ClassVar[timedelta | None] = None
    isolation: ClassVar[Isolation | None] = None
    expected: ClassVar[timedelta | None] = None

    def run(self, run: StepRun) -> Outcome:
        """Do the work of the step. An exception is a system error and becomes a `Retry`.

        Args:
            run: What the step knows and where it says what it did.

        Returns:
            What came of it: `Done`, `Skip`, `Wait`, `Retry` or `Reject`.
        """
        raise NotImplementedError


class Step:
    """One entry of STEPS with options: a method name or a task class, and how it runs."""

    def __init__(  # noqa: PLR0913 - all but the first by name, so that an editor completes them
        self,
        handler: str | type[Task],
        *,
        effect: Effect | None = None,
        verify: str | None = None,
        retry: RetryPolicy | None = None,
        platform: str | None = None,
        limit: Limit | None = None,
        rate: Rate | None = None,
        time_limit: timedelta | None = None,
        isolation: Isolation | None = None,
        expected: timedelta | None = None,
        **unknown: Never,
    ) -> None:
        """Say how a step runs. What is left out is as its task class has it, or as the process and the engine do.

        All of it is checked when the process class is made, which raises StepsError naming class and step, with a hint.

        Args:
            handler: The name of a method of the process class, or a task class.
            effect: What repeating the step does outside. `"idempotent"` (the default): nothing more, so after a crash
                it runs again with the same idempotency key. `"transactional"`: what it writes on `run.connection` is
                committed together with its record. `"once"`: nobody repeats it blindly.
            verify: The name of the method that says whether a `once` step happened: `Done` if it did, `Retry` if not,
                `Wait` to be asked again later, None if it cannot tell and a person must.
            retry: How the step is retried, such as `every(minutes=1, attempts=10)`.
            platform: Reserved for outside systems with limits of their own; leave it out.
            limit: How many may run at once over the whole fleet, such as `Limit("sap-seats", 3)`.
            rate: How many may start in a stretch of time over the whole fleet, such as `Rate("sap", 10, per="1m")`.
            time_limit: How long the step may take. In a process of its own it is killed then; in a thread
                `run.stop_requested` is set.
            isolation: `"process"` to run in a process of its own, which can be killed.
            expected: How long the step usually takes: it is not started so shortly before a quiet window. The default
                is the median of its last 20 runs.
            unknown: Takes nothing: another option is refused, with the name that was probably meant.
        """
        given = {
            "effect": effect,
            "verify": verify,
            "retry": retry,
            "platform": platform,
            "limit": limit,
            "rate": rate,
            "time_limit": time_limit,
            "isolation": isolation,
            "expected": expected,
        }
        self.handler = handler
        self.options: Mapping[str, Any] = {**{name: it for name, it in given.items() if it is not None}, **unknown}


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as the engine runs it."""

    name: str
    call: Callable[[Any, StepRun], Outcome]
    retry: RetryPolicy | None
    time_limit: timedelta | None
    expected: timedelta | None = None  # how long it usually takes: it is not started shortly before a quiet window
    effect: Effect = "idempotent"
    verify: Callable[[Any, StepRun], object] | None = None  # whether a `once` step happened
    isolation: Isolation | None = None
    limit: Limit | None = None
    rate: Rate | None = None


def full_name(cls: type[Any]) -> str:
    """Return the module and the name of a class, by which its author finds it."""
    return f"{cls.__module__}.{cls.__qualname__.rpartition('<locals>.')[2]}"


def planned(cls: type[Any], name: str, entry: object) -> PlannedStep:
    step = entry if isinstance(entry, Step) else Step(entry)  # type: ignore[arg-type]  # _call refuses what is neither
    call = _call(cls, name, step.handler)
    options = {**_task_options(step.handler), **step.options}
    _check_options(cls, name, options)
    return PlannedStep(
        name,
        call,
        options.get("retry"),
        options.get("time_limit"),
        options.get("expected"),
        effect=options.get("effect") or "idempotent",
        verify=_verify(cls, name, step.handler, options),
        isolation=options.get("isolation"),
        limit=options.get("limit") or cls.limit,
        rate=options.get("rate") or cls.rate,
    )


def _verify(
    cls: type[Any], name: str, handler: object, options: Mapping[str, Any]
) -> Callable[[Any, StepRun], object] | None:
    """Return what says whether a `once` step happened: a method of the class that has the step, or of its task."""
    verify = options.get("verify")
    if verify is None:
        return None
    if options.get("effect") != "once":
        raise StepsError(
            process=full_name(cls),
            step=name,
            problem="verify is only asked of a step with effect='once'",
            hint="Write effect='once', or leave verify out.",
        )
    task = handler if isinstance(handler, type) and issubclass(handler, Task) else None
    method = "verify" if task is not None and inspect.isfunction(verify) else verify
    if not isinstance(method, str):
        raise StepsError(
            process=full_name(cls),
            step=name,
            problem=f"verify={verify!r} is no method's name",
            hint="Name a method: verify='was_it_posted'.",
        )
    found = _method(cls, name, method) if task is None else _method_of_task(cls, name, task, method)
    _check_signature(cls, name, found, method if task is None else f"{task.__name__}.{method}")
    return found if task is None else lambda _process, run: getattr(task(), method)(run)


def _method_of_task(cls: type[Any], name: str, task: type[Task], method: str) -> Callable[..., object]:
    found = getattr(task, method, None)
    if not inspect.isfunction(found) or method == "run":
        raise StepsError(
            process=full_name(cls),
            step=name,
            problem=f"task {task.__name__} has no method {method!r}",
            hint=f"Write def {method}(self, run: StepRun) in it.",
        )
    return found


def _call(cls: type[Any], name: str, handler: object) -> Callable[[Any, StepRun], Outcome]:
    if isinstance(handler, type) and issubclass(handler, Task):
        if handler.run is Task.run:
            raise StepsError(
                process=full_name(cls),
                step=name,
                problem=f"task {handler.__name__} has no run method",
                hint="Write def run(self, run: StepRun) in it.",
            )
        _check_signature(cls, name, handler.run, f"{handler.__name__}.run")
        return _task_call(handler)
    if isinstance(handler, str):
        found = _method(cls, name, handler)
        _check_signature(cls, name, found, handler)
        return found
    raise StepsError(
        process=full_name(cls),
        step=name,
        problem=f"{handler!r} is neither a method name nor a task class",
        hint="Name a method of the class, or a subclass of Task.",
    )


def _check_signature(cls: type[Any], name: str, function: Callable[..., object], title: str) -> None:
    short = title.rpartition(".")[2]
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise StepsError(
            process=full_name(cls),
            step=name,
            problem=f"{title} is async, and steps run in threads",
            hint=f"Write def {short}(self, run: StepRun).",
        )
    if inspect.isgeneratorfunction(function):
        raise StepsError(
            process=full_name(cls),
            step=name,
            problem=f"{title} has a yield, so that calling it runs nothing of it",
            hint="Return Done, Skip, Wait, Retry or Reject, and yield in a method of its own.",
        )
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        raise StepsError(
            process=full_name(cls),
            step=name,
            problem=f"{title} cannot be called with a run alone",
            hint=f"Write def {short}(self, run: StepRun).",
        ) from None


def _task_call(task: type[Task]) -> Callable[[Any, StepRun], Outcome]:
    return lambda _process, run: task().run(run)


def _method(cls: type[Any], name: str, method: str) -> Callable[[Any, StepRun], Outcome]:
    found = getattr(cls, method, None)
    if callable(found) and not hasattr(cls.__mro__[-2], method):
        return cast(Callable[[Any, StepRun], Outcome], found)
    own = [name for name in dir(cls) if callable(getattr(cls, name)) and not hasattr(cls.__mro__[-2], name)]
    near = difflib.get_close_matches(method, own, n=1)
    raise StepsError(
        process=full_name(cls),
        step=name,
        problem=f"the class has no method {method!r}",
        hint=f"Did you mean {near[0]!r}?" if near else f"Write def {method}(self, run: StepRun).",
    )


def _task_options(handler: object) -> dict[str, Any]:
    if not (isinstance(handler, type) and issubclass(handler, Task)):
        return {}
    return {option: getattr(handler, option) for option in STEP_OPTIONS}


def _check_options(cls: type[Any], name: str, options: Mapping[str, Any]) -> None:
    for option, value in options.items():
        problem = option_problem(option, value)
        if problem is not None:
            raise StepsError(process=full_name(cls), step=name, problem=problem[0], hint=problem[1])
