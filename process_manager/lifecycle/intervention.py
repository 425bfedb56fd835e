"""What becomes of a process when a person acts on it: restarted, resolved, abandoned."""

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
