"""Decide, without any side effect: where a process stands, what a step answered, and where it stands next."""

from process_manager.lifecycle.status import Status, diagram, move, sources, triggers

__all__ = ["Status", "diagram", "move", "sources", "triggers"]
