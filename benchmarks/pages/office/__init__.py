"""The process of which there are a million."""

from __future__ import annotations

from process_manager import Done, Process, StepRun, every


class Faktura(Process):
    """An invoice whose steps do nothing, so that what is measured is the engine's and the pages'."""

    name = "faktura"
    label = "Faktura"
    retry = every(minutes=5, attempts=3)
    STEPS = {"check": "act", "book": "act", "mark": "act", "notify": "act"}

    def act(self, run: StepRun) -> Done:  # noqa: ARG002 - what every step is given
        """Does nothing."""
        return Done("The row is set.")
