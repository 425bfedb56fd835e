"""The processes of the proofs: they leave traces outside, and do on command what steps do in bad times."""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from process_manager import Done, Limit, Process, Reject, Step, StepRun, Wait, never
from proofs import effects

SEATS = Limit("sap-seats", 3)


class Steady(Process):
    """Three steps, each of a random length up to its pause, that leave their trace and are done."""

    STEPS = {"a": "act", "b": "act", "c": "act"}

    def act(self, run: StepRun) -> Done:
        """The trace, left at the end of the work."""
        time.sleep(random.uniform(0, run.payload["pause"]))
        effects.note(run)
        return Done()


class Shared(Steady):
    """The same three, of which the second has three seats over all workers."""

    STEPS = {"a": "act", "b": Step("act", limit=SEATS), "c": "act"}


class Guarded(Steady):
    """The same three, of which the first has these seats, too: in a lane the next one is never just handed on."""

    STEPS = {"a": Step("act", limit=SEATS), "b": "act", "c": "act"}


class Weathered(Steady):
    """The same three, of which the second may happen only once, and nobody can be asked whether it did."""

    STEPS = {"a": "act", "b": Step("act", effect="once"), "c": "act"}


class Mixed(Process):
    """A short step, a long one, a short one."""

    STEPS = {"short": "act", "long": "act", "last": "act"}

    def act(self, run: StepRun) -> Done:
        """The trace, left at the end of the work."""
        time.sleep(run.payload["long"] if run.step == "long" else run.payload["pause"])
        effects.note(run)
        return Done()


class Poison(Process):
    """Three steps, of which the second ends the process that it runs in, for the few that are poison."""

    STEPS = {"a": "act", "b": "act", "c": "act"}

    def act(self, run: StepRun) -> Done:
        """The trace, or the end."""
        time.sleep(random.uniform(0, run.payload["pause"]))
        if run.payload["is_poison"] and run.step == "b":
            effects.note(run, "crashed")
            os._exit(3)
        effects.note(run)
        return Done()


class Laned(Process):
    """One step with a beginning and an end, that fails or rejects the first time when it is told to."""

    STEPS = {"do": "do"}
    retry = never()

    def do(self, run: StepRun) -> Done | Reject:
        """The traces of its beginning and of its end."""
        effects.note(run, "began")
        time.sleep(random.uniform(0, run.payload["pause"]))
        is_first = _is_first(run)
        effects.note(run, "ended")
        if is_first and run.payload["fate"] == "fails":
            raise RuntimeError("it failed, as it was told")
        return Reject("it was rejected, as it was told") if is_first and run.payload["fate"] == "rejects" else Done()


class Placed(Laned):
    """The same step, in the order of positions, with a short pause after each."""

    order_position = "position"
    spacing = "5ms"


class Newest(Placed):
    """The same, but what has not begun is skipped when a newer one waits."""

    superseded = "skip"


class Evented(Process):
    """Waits for its event again and again, signals and withdraws others, until a file says that it is over."""

    STEPS = {"wait": "wait"}

    def wait(self, run: StepRun) -> Done | Wait:
        """What it does to an event of another, and the wait for its own."""
        if Path(run.payload["over"]).exists():
            return Done("woken") if run.event else Wait(event=run.payload["event"])
        for key in random.sample(run.payload["keys"], 1):
            random.choice((run.signal, run.withdraw, len))(key)
        after = timedelta(milliseconds=random.randrange(1, 200)) if random.random() < run.payload["deadlines"] else None
        return Wait(event=run.payload["event"], after=after)


class Wakened(Process):
    """Waits for its event for ever."""

    STEPS = {"wait": "wait"}

    def wait(self, run: StepRun) -> Wait:
        """The wait."""
        return Wait(event=run.payload["event"])


class OneOfMany(Process):
    """A child with one step."""

    STEPS = {"one": "one"}

    def one(self, run: StepRun) -> Done:
        """The trace, after a while."""
        time.sleep(random.uniform(0, run.payload["pause"]))
        effects.note(run)
        return Done()


class Parent(Process):
    """Starts many children and waits for all of them."""

    STEPS = {"split": "split", "join": "join"}

    def split(self, run: StepRun) -> Done:
        """The children."""
        given = {name: run.payload[name] for name in ("effects", "pause")}
        for number in range(run.payload["children"]):
            run.start_child(OneOfMany, given, key=str(number))
        return Done()

    def join(self, run: StepRun) -> Done | Wait:
        """The wait, as long as one is open."""
        return Done() if all(child.is_settled for child in run.children) else Wait(children="all")


def _is_first(run: StepRun) -> bool:
    mark = Path(run.payload["effects"]) / f"{run.process_id}.seen"
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


ALL = (
    Steady, Shared, Guarded, Weathered, Mixed, Poison, Laned, Placed, Newest, Evented, Wakened, OneOfMany, Parent,
)  # fmt: skip


def payload(folder: Path, *, pause: float = 0.02, **more: Any) -> dict[str, Any]:
    """What these processes are started with."""
    return {"effects": str(folder), "pause": pause, **more}
