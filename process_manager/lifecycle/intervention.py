"""What becomes of a process when a person acts on it: restarted, resolved, its step skipped, edited, abandoned."""

from __future__ import annotations

from datetime import datetime

from process_manager.lifecycle import interruption
from process_manager.lifecycle.status import Status, move
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Seen, Transition


def restarted(seen: Seen, now: datetime, act: HistoryEntry, *, reruns: str | None) -> Transition:
    """Make a process due again at the step of the act, with a fresh budget in a new round.

    A step in doubt stays in doubt, so that `verify` is called before it runs. `reruns` (JSON) says how often each step
    was run again after it was done; None leaves that as it was.
    """
    before = seen.state
    fresh = ProcessState(move(before.status, "restart"), act.step, 0, due_at=now, doubtful_since=before.doubtful_since)
    return _in_new_round(seen, fresh._replace(reruns=reruns), now, act)


def resolved(seen: Seen, now: datetime, act: HistoryEntry, *, step: str | None, payload: str | None) -> Transition:
    """Let a process go on at this step, nothing of it in doubt; with no step left, it has succeeded.

    `payload` (JSON) is what it carries from now on; None leaves it as it was.
    """
    if step is None:
        state = ProcessState(move(seen.state.status, "succeed"), None, 0, finished_at=now)
    else:
        state = ProcessState(move(seen.state.status, "resolve"), step, 0, due_at=now)
    return _in_new_round(seen, state._replace(payload=payload), now, act)


def step_skipped(seen: Seen, now: datetime, act: HistoryEntry, *, step: str | None, reruns: str) -> Transition:
    """Go on with this step, and leave the one at which the process rests undone; with no step left, it is skipped.

    It has not succeeded then: its last step is not done. `reruns` (JSON) says so of the step that is left out.
    """
    before = seen.state
    if step is None:
        state = ProcessState(move(before.status, "skip"), before.step, 0, finished_at=now)
    else:
        state = ProcessState(move(before.status, "skip-step"), step, 0, due_at=now)
    return _in_new_round(seen, state._replace(reruns=reruns), now, act)


def hurried(seen: Seen, now: datetime, act: HistoryEntry) -> Transition:
    """Make a process due now, in the same round and with what is left of its budget.

    A step in doubt stays in doubt, so that `verify` is called before it runs.
    """
    before = seen.state
    due = before._replace(
        status=move(before.status, "run-now"), due_at=now, retry_after=None, waiting_for=None, finished_at=None
    )
    return Transition(seen.claim, due, (act,), now, rested=before)


def answered(seen: Seen, now: datetime, act: HistoryEntry) -> Transition:
    """Make a process due whose person has answered, in the same round and with what is left of its budget."""
    before = seen.state
    due = before._replace(status=move(before.status, "wake"), due_at=now, retry_after=None, waiting_for=None)
    return Transition(seen.claim, due, (act,), now, rested=before)


def asked_anew(transition: Transition) -> Transition:
    """Make a process due that a person edited while another was asked: its step asks of what it carries now."""
    state = transition.state
    due = state._replace(status=move(state.status, "wake"), due_at=transition.at, retry_after=None, waiting_for=None)
    return transition._replace(state=due)


def edited(seen: Seen, now: datetime, act: HistoryEntry, *, payload: str) -> Transition:
    """Let a process carry another payload (JSON) from now on: it stays where it is, with a fresh budget."""
    status = move(seen.state.status, "edit-payload")
    fresh = seen.state._replace(status=status, attempts=0, attempts_since=None, crashes=0, own_crashes=0)
    return _in_new_round(seen, fresh._replace(payload=payload), now, act)


def abandoned(seen: Seen, now: datetime, act: HistoryEntry) -> Transition:
    """Give up a process; the open run of one that is running is lost, and its late result refused."""
    claim, before = seen
    state = before._replace(
        status=move(before.status, "abandon"), due_at=None, retry_after=None, waiting_for=None, finished_at=now
    )
    if before.status is not Status.RUNNING:
        return Transition(claim, state, (act,), now, takes_away=True, rested=before)
    lost = interruption.lost(claim, now, message="The process was abandoned while the step ran.")
    return Transition(claim, state, (lost, act), now, takes_away=True)


def _in_new_round(seen: Seen, state: ProcessState, now: datetime, act: HistoryEntry) -> Transition:
    return Transition(seen.claim, state, (act,), now, rested=seen.state, opens_round=True)
