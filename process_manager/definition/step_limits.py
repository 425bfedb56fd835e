"""How much one run of a step may ask for, and what it may not."""

from __future__ import annotations

from collections.abc import Collection

from process_manager.errors import UsageError


def refuse_more_events(asked: Collection[object], step: str) -> None:
    """Raise UsageError where the step has signalled and withdrawn as many events as one run may."""
    from process_manager.lifecycle.events import MOST_ACTS, EventAct  # which a worker that uses none does not load

    if sum(isinstance(each, EventAct) for each in asked) >= MOST_ACTS:
        told = f"Step {step!r} signals and withdraws more than {MOST_ACTS} events in one run."
        raise UsageError(problem=f"{told} Signal the rest in another step, or in another process.")


def refuse_more_children(asked: Collection[object], step: str) -> None:
    """Raise UsageError where the step has started as many children as one run may."""
    from process_manager.lifecycle.children import MOST_STARTS

    if len(asked) >= MOST_STARTS:
        told = f"Step {step!r} starts more than {MOST_STARTS} children in one run."
        raise UsageError(problem=f"{told} Start the rest in another step, or let children start their own.")


def refuse_own_lane(key: str, order_key: str | None, own: str | None) -> None:
    """Raise UsageError for a child in the lane of its parent."""
    if order_key is not None and order_key == own:
        raise UsageError(
            problem=f"Child {key!r} would be behind this process in one lane, and never run while this one waits "
            "for it. Give it another order key, or none."
        )
