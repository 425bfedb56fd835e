"""Whoever holds leases: a worker, or a program that calls directly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import Transition


@dataclass(frozen=True, slots=True)
class LeaseHolder:
    """Whoever holds leases: what it is called, where it hears of things, and when it lets go."""

    name: str
    put: Callable[[Evidence], None]
    is_closed: Callable[[], bool]  # whether no step may start any more
    gives_up: Callable[[HeldStep], bool]  # whether a step's child is to be killed
    wait_for: Callable[[Transition], bool] | None = None  # who waits for locks in its place; None: it does so itself
    gives_way: Callable[[], None] = lambda: None  # called when its lease renewer lacks a connection
