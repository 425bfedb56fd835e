"""Two kinds of processes, and a command of each: who asks may see those of one only."""

from __future__ import annotations

from typing import Any

from process_manager import Done, Process, Retry, StepRun
from process_manager.definition.registry import Registry


class Ours(Process):
    """Of a kind that is seen."""

    STEPS = {"a": "work"}

    def work(self, run: StepRun) -> Any:
        return Done("it went well")


class OursRun(Ours):
    """A command that is seen."""

    arguments = ()

    def work(self, run: StepRun) -> Any:
        return Retry("it failed")


class Secret(Ours):
    """Of a kind that is not seen: its name is in all that it has."""


class SecretRun(OursRun):
    """A command that is not seen."""


REGISTRY = Registry((Ours, OursRun, Secret, SecretRun))
