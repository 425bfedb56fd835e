"""The supervision of one step in a child process, from its claim to its end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Final

from process_manager import clock
from process_manager.execution.completion import NotStarted
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import protocol
from process_manager.execution.isolation.handle import Child, Message
from process_manager.execution.isolation.output import Printed
from process_manager.execution.isolation.results import (
    Crashed,
    Ending,
    GivenUp,
    NotBegun,
    Overran,
    Silence,
    told,
)
from process_manager.lifecycle.transition import StepResult

POLL: Final = 0.05  # seconds between two looks at what the worker wants of the step
START: Final = 120.0  # seconds in which Python starts, and again in which the step's module is imported
LAST_WORDS: Final = 2.0  # seconds in which the rest is read: only what got away from its tree keeps a pipe open longer
PART: Final = 100_000_000  # numbers of what is said in one run of a step, and in each run of its `verify`
FLUSH: Final = 5.0  # seconds in which a step that has answered hands over what it printed


class CutOff(Enum):
    """Why a step was cut off."""

    LATE = "late"
    GIVEN_UP = "given up"


class Supervisor:
    """A child and the step that it is to run."""

    def __init__(
        self,
        child: Child,
        held: HeldStep,
        is_given_up: Callable[[], bool],
        may_begin: Callable[[HeldStep], bool],
        *,
        doubt: StepResult | None,
    ) -> None:
        self.printed = Printed()
        self._child = child
        self._held = held
        self._doubt = doubt  # what is known of a step whose `verify` is asked instead
        self._is_given_up = is_given_up
        self._may_begin = may_begin
        self._has_claim = False
        self._cut_off: CutOff | None = None
        self._told_to_stop = False

    def run(self, time_limit: timedelta | None) -> Ending:
        """Return how the step ended; the child is dead by then, unless it answered or could not call the step."""
        not_begun = self._begin()
        if not_begun is not None:
            return not_begun
        answer = self._await(math.inf if time_limit is None else time_limit.total_seconds())
        if isinstance(answer, dict):
            return self._checked(answer)
        self._take_rest()
        output = self.printed.text()
        match answer:
            case CutOff.LATE:
                return Overran(output)
            case CutOff.GIVEN_UP:
                return GivenUp(output)
            case _:
                return Crashed(answer, output)

    def _checked(self, answer: Message) -> Ending:
        """Return the answer; a child that answers what no step can is broken, and its step with it."""
        try:
            came = protocol.answer_from(answer, self._held, asks=self._doubt is not None)
        except ValueError as problem:
            self._child.kill()
            self._take_rest()
            return Crashed(f"answered nonsense: {problem}", self.printed.text())
        self._take_section()
        return came

    def _begin(self) -> Silence | NotStarted | None:
        """Return None once the step is being called; else why it is not."""
        heard = self._ready()
        if isinstance(heard, dict):
            if not self._may_begin(self._held):
                return NotStarted(self._held)  # the child took its time to start, or the worker stood still meanwhile
            heard = self._claimed()
        if isinstance(heard, dict) and "refused" not in heard:
            self._child.output.section(seconds=FLUSH)  # what was printed before the step is not the step's
            return None
        if isinstance(heard, dict):
            self._take_section()
            return NotBegun(heard["refused"], self.printed.text())
        self._take_rest()
        output = self.printed.text()
        if heard is CutOff.GIVEN_UP:
            return GivenUp(output)
        how = f"did not begin within {START:g} seconds" if heard is CutOff.LATE else f"{heard} before it began"
        return NotBegun(f"The child process of the step {how}.", output)

    def _ready(self) -> Message | CutOff | str:
        if not self._child.is_ready and not isinstance(heard := self._await(START), dict):
            return heard
        self._child.is_ready = True
        return {}

    def _claimed(self) -> Message | CutOff | str:
        held, process = self._held, self._held.process
        asked = {
            "claim": protocol.claim_facts(held.claim),
            "module": process.__module__,
            "qualname": process.__qualname__,
            "ask": held.planned.effect if self._doubt is None else "verify",
            "doubt": None if self._doubt is None else protocol.doubt_facts(self._doubt),
            "now": clock.now(),
            "after": held.told * PART,
            "recovered": held.run.recovered,
        }
        self._child.send(asked)
        self._has_claim = True
        return self._await(START)

    def _await(self, seconds: float) -> Message | CutOff | str:
        """Return the child's next message; when it is dead instead, the reason or the words for its end."""
        ends = time.monotonic() + seconds
        while (heard := self._child.heard(seconds=POLL)) is None:
            if self._is_given_up():
                return self._cut(CutOff.GIVEN_UP)
            if time.monotonic() > ends:
                return self._cut(CutOff.LATE)
            if not self._child.is_alive():
                return self._last_word()
            self._pass_on_stop()
        return heard

    def _cut(self, reason: CutOff) -> Message | CutOff:
        """Kill the child and return the reason; a message that it sent just before counts."""
        self._cut_off = reason
        self._child.kill()
        self._child.hear_out(seconds=LAST_WORDS)
        return self._child.heard(seconds=0) or reason

    def _last_word(self) -> Message | CutOff | str:
        """Return what it said before its end; else its end in words, unless it was ended from here."""
        ended = self._child.has_ended()
        code = self._child.kill()
        self._child.hear_out(seconds=LAST_WORDS)
        heard = self._child.heard(seconds=0)
        if heard is None and (self._cut_off or self._is_given_up()):
            return self._cut_off or CutOff.GIVEN_UP
        return heard or (told(code) if ended else self._child.silence)

    def _pass_on_stop(self) -> None:
        if self._has_claim and self._held.run.stop_requested and not self._told_to_stop:
            self._told_to_stop = True
            self._child.send({"stop": True})

    def _take_section(self) -> None:
        """Take what the step printed; a child that does not hand it over is of no use for another step."""
        section = self._child.output.section(seconds=FLUSH)
        if section is None:
            self._child.kill()
            self._take_rest()
        else:
            self.printed = section

    def _take_rest(self) -> None:
        self.printed = self._child.output.rest(seconds=LAST_WORDS)
