"""A bot that reads rows, and what a front end asks of it."""

from __future__ import annotations

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
