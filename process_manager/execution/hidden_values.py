"""The marked values of a process, kept out of what is logged while its step runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from process_manager import logs
from process_manager.definition import markers
from process_manager.definition.markers import Marks
from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.claim import Claim

T = TypeVar("T")


def hide(held: HeldStep, marks: Marks, do: Callable[[HeldStep], T]) -> T:
    """Do something with a step, without its marked values in what this thread logs, and return what came of it."""
    with hidden(held.claim, marks):
        return do(held)


@contextmanager
def hidden(claim: Claim, marks: Marks) -> Iterator[None]:
    """Keep the marked values of a process out of what this thread logs in the block."""
    keys = {"reference": claim.reference, "order_key": claim.order_key}
    token = logs.hiding.set(cache(lambda: markers.hidden(claim.payload, keys, marks)))
    try:
        yield
    finally:
        logs.hiding.reset(token)
