"""What follows from a run of a step: `lifecycle` asked with the policy and the quiet windows of its process."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from process_manager import logs
from process_manager.definition import markers
from process_manager.execution.call_step import said
from process_manager.execution.completion import NotStarted
from process_manager.execution.held_step import HeldStep
from process_manager.execution.hidden_values import hidden
from process_manager.gates.quiet import Quiet
from process_manager.lifecycle import interruption, next_state, search_terms, uncertainty
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import StepResult, Transition

if TYPE_CHECKING:
    from process_manager.definition.step_run import Collected

log = logs.get(__name__)

STANDS: Final = ("done", "skip", "wait", "reject")
"""The outcomes with which what a step asked for is written."""


def decide(
    held: HeldStep, result: StepResult, *, retry: RetryPolicy, quiet_of: Callable[[str, int], Quiet]
) -> Transition:
    """Return what to record of a run; `retry` is the policy where neither step nor process has one.

    `quiet_of` knows the quiet windows of a process by its name and version.
    """
    policy = held.planned.retry or held.process.retry or retry
    follow = next_state.next_state if result.asked is None else uncertainty.next_state_in_doubt
    roll = random.random()  # noqa: S311 - it spreads retries, it guards nothing
    try:
        transition = follow(held.claim, held.process.step_names, result, retry=policy, roll=roll)
        if held.process.presentation.fields:
            transition = search_terms.searchable(transition, held.process.presentation.fields)
        if transition.coordination is not None and transition.coordination.task is not None:
            transition = _with_moments(held, transition, quiet_of)
        if held.run.acts:
            transition = _with_acts(transition, held.run.acts)
        if held.process.lane_rules is not None:
            transition = transition._replace(has_lane_rules=True)
        if held.process.pools and transition.goes_on:
            return _into_its_pool(held, transition)
        return _kept_out(held, result, transition, quiet_of)
    except BaseException as problem:  # noqa: BLE001 - an author's own policy, payload or text may raise anything
        with hidden(held.claim, held.process.marks or markers.NOTHING):
            log.error("outcome.unusable", process_id=held.claim.id, step=held.claim.step, problem=said(problem))
        message = f"The step answered, but what follows cannot be told: {said(problem)}"
        return interruption.stopped(held.claim, result.finished_at, message=message)


def _with_moments(held: HeldStep, transition: Transition, quiet_of: Callable[[str, int], Quiet]) -> Transition:
    """Return the transition, what it asks a person completed by the office's clock and calendar."""
    from process_manager.execution import asking

    return asking.completed(transition, quiet_of(held.claim.name, held.claim.version), held.process.marks)


def _with_acts(transition: Transition, acts: Sequence[Collected]) -> Transition:
    """Return the transition with what the step asked for, if its answer stands: what is repeated asks again."""
    if transition.entries[0].outcome not in STANDS or transition.state.status is Status.FAILED:
        return transition
    from process_manager.lifecycle.events import Coordination, EventAct

    asked = transition.coordination or Coordination()
    told = tuple(each for each in acts if isinstance(each, EventAct))
    children = tuple(each for each in acts if not isinstance(each, EventAct))
    return transition._replace(coordination=asked._replace(acts=told, children=children))


def _into_its_pool(held: HeldStep, transition: Transition) -> Transition:
    """Return the transition; where the next step needs a seat or a start of the fleet, its process rests before it."""
    from process_manager.lifecycle import pooling

    step_pool = held.process.pools.get(transition.state.step or "")
    return transition if step_pool is None else pooling.entered(transition, step_pool)


def _kept_out(
    held: HeldStep, result: StepResult, transition: Transition, quiet_of: Callable[[str, int], Quiet]
) -> Transition:
    """Return the transition, due at a moment at which its process is open."""
    due_at = transition.state.due_at
    if due_at is None:
        return transition
    if not result.got_through:
        transition = interruption.still_suspected(transition)
    windows = quiet_of(held.claim.name, held.claim.version)
    return next_state.kept_out(transition, windows.closed_until(due_at))


def not_started(message: NotStarted, now: datetime) -> Transition:
    """Return what to record of a step that may not start."""
    claim = message.held.claim
    if message.until is None:
        return interruption.released(claim, now, interrupted=False)
    return interruption.put_off(claim, now, until=message.until)
