"""Calling a step, or its `verify`: whatever it raises is an answer, too."""

from __future__ import annotations

import time
import traceback
from contextvars import copy_context
from datetime import timedelta
from typing import Final

from process_manager import clock, durations, logs
from process_manager.errors import BusinessError, ProcessManagerError, StopRequested
from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.outcomes import Outcome, Reject, Retry, Wait
from process_manager.lifecycle.transition import StepResult, VerifyResult
from process_manager.redaction import redact_text

log = logs.get(__name__)


AGAIN: Final = timedelta(seconds=1)
"""After how long a step runs again that stopped at a checkpoint."""

SHOWN = 1_900
"""Characters of a message that raised, a little less than are stored: masked first, shortened after."""


def run_step(held: HeldStep) -> StepResult:
    """Call the step and return its answer; an exception of any kind is an answer, too."""
    token = logs.running.set(held.run)
    started_at = clock.now()
    outcome: Outcome
    error: str | None = None
    returned = False
    try:
        outcome = copy_context().run(held.planned.call, held.process(), held.run)
        returned = True
    except BusinessError as refusal:
        outcome = _rejected(refusal)
    except StopRequested:
        outcome = _stopped(held)
        held.run.acts.clear()
    except BaseException as problem:  # noqa: BLE001 - a step may raise anything, SystemExit too, and none may pass
        outcome, error = Retry(said(problem)), told(problem)
    finally:
        logs.running.reset(token)
    if held.run.is_log_cut:
        held.run.close_log()
    return StepResult(outcome, started_at, clock.now(), error, returned)


def ask_verify(held: HeldStep) -> VerifyResult:
    """Return what the step's `verify` says of whether it happened."""
    verify = held.planned.verify
    if verify is None:
        return VerifyResult(exists=False)
    token = logs.running.set(held.run)
    held.run.acts.clear()  # of a step that gave no answer, nothing was written: its `verify` asks for it again
    try:
        return VerifyResult(verify(held.process(), held.run))
    except BaseException as problem:  # noqa: BLE001 - as a step, it may raise anything
        return VerifyResult(problem=said(problem), error=told(problem))
    finally:
        logs.running.reset(token)


def verified(doubt: StepResult, asked: VerifyResult) -> StepResult:
    """Return what is known of a step in doubt, with what its `verify` says."""
    return doubt._replace(asked=asked, finished_at=clock.now())


def _stopped(held: HeldStep) -> Outcome:
    """Return what a step answers that ended at a checkpoint: its attempt counts only when it was over its time."""
    limit, started = held.planned.time_limit, held.started
    if limit is not None and started is not None and time.monotonic() - started > limit.total_seconds():
        return Retry(f"The step stopped at a checkpoint, over its time limit of {durations.format(limit)}.")
    return Wait("The step stopped at a checkpoint, as it was asked to.", after=AGAIN)


def _rejected(refusal: BusinessError) -> Reject:
    try:
        return Reject(redact_text(str(refusal.message), limit=SHOWN) or said(refusal), code=refusal.code)
    except BaseException:  # noqa: BLE001 - an author's own message or code may be computed, and raise anything
        return Reject(said(refusal))


def said(problem: BaseException) -> str:
    """Return what was raised, in words."""
    kind = type(problem).__name__
    try:
        text = str(problem)
    except BaseException as worse:  # noqa: BLE001 - a foreign __str__ may raise anything, SystemExit too
        text = f"its text raised {type(worse).__name__}"
    is_sentence = isinstance(problem, ProcessManagerError) and text
    return redact_text(text if is_sentence else f"{kind}: {text}".rstrip(": "), limit=SHOWN)


def told(problem: BaseException) -> str:
    """Return the traceback without the engine's frame and without locals, which may hold passwords."""
    below = problem.__traceback__.tb_next if problem.__traceback__ else None
    try:
        return redact_text("".join(traceback.format_exception(type(problem), problem, below)), limit=20_000)
    except BaseException as worse:  # noqa: BLE001 - as above
        return f"{type(problem).__name__}, whose traceback raised {type(worse).__name__}"
