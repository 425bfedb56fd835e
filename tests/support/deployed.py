"""The process classes that the tests of the command line deploy."""

import io
import logging
import logging.config
import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, Field

from process_manager import Done, Process, Reject, Retry, Skip, Step, StepRun, Upgrade, Wait, never


class LetterFacts(BaseModel):
    """What a letter is started with."""

    invoice: int = Field(7, gt=0)
    to: str = "Åse Kjær"


class Letter(Process):
    """Two steps that are done at once."""

    parameters = LetterFacts
    STEPS = {"write": "write", "send": "send"}

    def write(self, run: StepRun) -> Done:
        run.exchange("printer", {"invoice": run.payload["invoice"]}, {"pages": 2})
        run.log("paper.taken", sheets=2)
        run.progress(1, 2, "halfway")
        return Done("written", {"pages": 2})

    def send(self, run: StepRun) -> Done:
        return Done("sent")


class Broken(Process):
    """It fails at once."""

    retry = never()
    STEPS = {"try": "fail", "after": "fail"}

    def fail(self, run: StepRun) -> Done:
        raise RuntimeError("the printer is\non fire \x1b[31m")


class Resting(Process):
    """It waits for an hour, and is done when it is asked again."""

    STEPS = {"rest": "rest"}

    def rest(self, run: StepRun) -> Done | Wait:
        return Wait("the shop is closed", after=timedelta(hours=1)) if run.seq == 1 else Done("the shop was open")


class Retrying(Process):
    """It meets a system error the first time."""

    STEPS = {"call": "call"}

    def call(self, run: StepRun) -> Done | Retry:
        return Retry("SAP is down", after=timedelta(hours=1)) if run.attempt == 1 else Done("SAP answered")


class Rejected(Process):
    """A business rule says no."""

    STEPS = {"ask": "ask", "never": "ask"}

    def ask(self, run: StepRun) -> Reject:
        return Reject("the debtor is dead", code="dead")


class Skipped(Process):
    """There is nothing to do."""

    STEPS = {"look": "look"}

    def look(self, run: StepRun) -> Skip:
        return Skip("it is paid")


class Gone(Process):
    """A process whose code is deployed nowhere: the tests make one, then name a module without it."""

    version = 2
    STEPS = {"look": "look"}

    def look(self, run: StepRun) -> Done:
        return Done("seen")


class Slow(Process):
    """Two steps that take `seconds`; the first leaves the file `begun` when it begins. Nothing stops it."""

    STEPS = {"first": "take_time", "second": "take_time"}

    def take_time(self, run: StepRun) -> Done:
        Path(run.payload["folder"], "begun").touch()
        ends = time.monotonic() + float(run.payload["seconds"])
        pause = threading.Event()
        while time.monotonic() < ends:
            pause.wait(0.02)
        return Done("took its time")


class Leaky(Process):
    """Its step leaves a thread behind that never ends."""

    STEPS = {"leave": "leave"}

    def leave(self, run: StepRun) -> Done:
        threading.Thread(target=threading.Event().wait).start()
        return Done("left one behind")


class Books(Process):
    """A command with two arguments."""

    name = "import-books"
    label = "Import cost invoices to books"
    arguments = ("service1", "service2")
    STEPS = {"import": "fetch"}

    def fetch(self, run: StepRun) -> Done:
        return Done(f"imported from {run.payload['argument']}")


class Tidy(Process):
    """A command without arguments that fails."""

    label = "Tidy up"
    arguments = ()
    retry = never()
    STEPS = {"sweep": "sweep"}

    def sweep(self, run: StepRun) -> Done:
        raise RuntimeError("the broom is gone")


class Nightly(Process):
    """It has quiet windows of its own."""

    quiet = "2999-06-01 08:00..2999-06-03 16:00"
    STEPS = {"count": "count"}

    def count(self, run: StepRun) -> Done:
        return Done("counted")


class Moved(Process):
    """Its first version had a step of another name."""

    version = 2
    upgrades = {1: Upgrade(steps={"old": "new"})}
    STEPS = {"new": "go_on"}

    def go_on(self, run: StepRun) -> Done:
        return Done("went on")


class Posting(Process):
    """Its first step happens once, and the line breaks before the answer comes."""

    STEPS = {"post": Step("post", effect="once"), "tell": "tell"}

    def post(self, run: StepRun) -> Done:
        raise TimeoutError("the line broke")

    def tell(self, run: StepRun) -> Done:
        return Done("told")


class Chatty(Process):
    """Its step writes to both standard streams, and to their descriptors, as native code does."""

    STEPS = {"talk": "talk"}

    def talk(self, run: StepRun) -> Done:
        for number, stream in ((1, sys.stdout), (2, sys.stderr)):
            print("talk" * 1000, file=stream, flush=True)
            os.write(number, b"talk" * 1000)
        return Done("talked")


class Vandal(Process):
    """Its first step spoils what it shares with its worker."""

    STEPS = {"spoil": "spoil", "look": "look"}

    def spoil(self, run: StepRun) -> Done:
        logging.basicConfig(force=True, stream=io.StringIO(), level=logging.CRITICAL)
        logging.disable(logging.CRITICAL)
        logging.config.dictConfig({"version": 1, "root": {"handlers": []}})
        sys.stderr.close()
        sys.stdout = io.StringIO()
        return Done("spoilt")

    def look(self, run: StepRun) -> Done:
        print("out", flush=True)
        print("err", file=sys.stderr, flush=True)
        return Done("seen")


class Wiring(Process):
    """Its step happens once, leaves the file `begun` when it begins, hears of no stop, and lasts so many seconds."""

    STEPS = {"wire": Step("wire", effect="once")}

    def wire(self, run: StepRun) -> Done:
        Path(run.payload["folder"], "begun").touch()
        threading.Event().wait(run.payload.get("seconds", 60))
        return Done("wired")
