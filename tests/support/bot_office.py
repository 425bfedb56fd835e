"""A bot that reads rows, and what a front end asks of it."""

from __future__ import annotations

import threading
from typing import Any, Literal

from api_caller import Caller
from pydantic import BaseModel, Field

from process_manager import Done, Process, StepRun


class Sheet(BaseModel):
    """What a reader is started with."""

    year: int = Field(title="Year")
    kind: Literal["permit", "lease"] = "permit"
    note: str | None = None
    dry: bool = False


class Reader(Process):
    """Reads rows, and says how far it is."""

    parameters = Sheet
    result = ("rows", "file")
    STEPS = {"read": "read"}

    def read(self, run: StepRun) -> Done:
        run.log("rows are read", year=run.payload["year"])
        run.progress(2, 4, "2 of 4 rows are read")
        if run.payload["note"] == "break":
            return Done(str(run.nothing))  # type: ignore[attr-defined]
        return Done("4 rows", {"rows": 4, "inner": "of no concern"})


BEGAN, GO = threading.Event(), threading.Event()


class Teller(Process):
    """Writes lines from several threads, and stops when it is asked to."""

    STEPS = {"tell": "tell"}

    def tell(self, run: StepRun) -> Done:
        writers = [threading.Thread(target=self._lines, args=(run, number)) for number in range(4)]
        for each in writers:
            each.start()
        for each in writers:
            each.join()
        return Done("told")

    def _lines(self, run: StepRun, number: int) -> None:
        for each in range(25):
            run.log(f"line {each} of {number}")


class Patient(Process):
    """Waits until it is asked to stop."""

    STEPS = {"wait": "wait"}

    def wait(self, run: StepRun) -> Done:
        BEGAN.set()
        while not GO.wait(0.01):
            run.checkpoint()
        return Done("nobody asked")


class Files(Process):
    """Reads a file."""

    result = ("bytes",)
    STEPS = {"read": "read"}

    def read(self, run: StepRun) -> Done:
        with run.files["sheet"].open() as content:
            return Done("read", {"bytes": len(content.read())})


BOT = {"name": "Read the rows", "script_identifier": "reader", "default_parameters": {"year": 2026}}


def bot(caller: Caller, **changes: Any) -> str:
    """A bot, and its id."""
    made = caller.post("/bots", {**BOT, **changes})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def job(caller: Caller, bot_id: str, **given: Any) -> dict[str, Any]:
    """A job of a bot."""
    answer = caller.post("/jobs", {"bot_id": bot_id, **given})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
