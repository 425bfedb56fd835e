"""Answers that were refused: their lease is gone, or somebody asked their process to stop while the step ran."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle import stopping
from process_manager.lifecycle.transition import Transition
from process_manager.store import notify, recording, stop_requests

REST: Final = 0.1
"""Seconds until one whose lane another transaction holds is looked at again."""


class Stopped(NamedTuple):
    """A refused answer, and what was recorded in its place; None: its lease is gone."""

    refused: Transition
    recorded: Transition | None


class LateAnswers:
    """Refused answers, until somebody has looked why; a process that was asked to stop ends with them."""

    def __init__(self) -> None:
        self._answers: list[Transition] = []
        self._again_at = 0.0  # by the monotonic clock

    def __bool__(self) -> bool:
        return bool(self._answers)

    def put(self, transition: Transition) -> None:
        """Have it looked at."""
        self._answers.append(transition)

    def clear(self) -> None:
        """Forget them."""
        self._answers = []

    @property
    def again_at(self) -> float:
        """When to look at them, by the monotonic clock."""
        return self._again_at

    def look(
        self, connection: sa.Connection, *, taken_back: Callable[[Transition], bool], waits: bool
    ) -> list[Stopped]:
        """End the processes that were asked to stop, in a transaction, and return what became of the answers."""
        if not self._answers or time.monotonic() < self._again_at:
            return []
        with connection.begin():
            found, busy, woken = record(connection, self._answers, taken_back=taken_back, waits=waits)
        if woken:
            notify.hint_at_once(connection)
        self._answers = busy
        self._again_at = time.monotonic() + REST if busy else 0.0
        return found


def record(
    connection: sa.Connection,
    answers: Sequence[Transition],
    *,
    taken_back: Callable[[Transition], bool],
    waits: bool,
) -> tuple[list[Stopped], list[Transition], tuple[int, ...]]:
    """Return what became of refused answers, those whose lane another transaction holds, and whom they woke.

    `taken_back` says of an answer whether what its step wrote is undone.
    """
    requests = stop_requests.of(connection, [each.claim.id for each in answers])
    instead = {
        id(each): stopping.stopped(each, request, taken_back=taken_back(each))
        for each in answers
        if (request := requests.get(each.claim.id)) is not None and request.meets(each)
    }
    written = recording.record(connection, list(instead.values()), waits=waits)
    stop_requests.forget(connection, [each.claim.id for each in written.kept])
    kept, skipped = ({id(each) for each in some} for some in (written.kept, written.busy))
    busy = [each for each in answers if id(instead.get(id(each))) in skipped]
    settled = [each for each in answers if id(instead.get(id(each))) not in skipped]
    return (
        [Stopped(each, new if id(new := instead.get(id(each))) in kept else None) for each in settled],
        busy,
        written.woken,
    )
