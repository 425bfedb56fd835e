"""Processes that say what is marked in every place where a process can say something."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import quote

from pydantic import BaseModel, Field, field_validator

from process_manager import (
    BusinessError,
    Done,
    Personal,
    Process,
    Reject,
    Retry,
    Secret,
    Skip,
    Step,
    StepRun,
    Wait,
    logs,
    never,
)

FIELDS: Final = ("field", "nested field", "list", "dict", "tuple", "optional", "secret", "aliased", "number")
"""Marked fields of the model, each of which its process says in a message."""

ADDED: Final = ("added", "added below", "replaced")
"""What a step adds."""

SAID: Final = (
    "message of done", "message of skip", "message of wait", "message of retry", "message of reject",
    "code of reject", "business error", "exception", "cause", "context", "note of an exception",
    "exception in a group", "doubt", "verify", "message that is cut", "copied by a step", "URL in an exchange",
    "body of an exchange", "header in an exchange", "key in an exchange", "JSON in an exchange", "log line",
    "fact of a log line", "progress", "structlog event", "structlog fact", "structlog name", "logged exception",
    "stdlib message", "stdlib argument", "stdlib exception", "printed in a child", "number in an exchange",
)  # fmt: skip
"""What a step says in some place."""

KEYS: Final = ("reference", "order key")
OTHERS: Final = ("error of a command", "refused value", "refused reference", "edited value")
PLACES: Final = (*FIELDS, *ADDED, *SAID, *KEYS, *OTHERS)

ENDINGS: Final = ("done", "skip", "wait", "retry", "reject", "business", "raise", "context", "group", "cut", "doubt")


def canary(place: str) -> str:
    """The value that stands in a place, with what every way of writing texts writes differently."""
    core = f"kanarie{PLACES.index(place):02}"
    if place.startswith("number"):
        return f"70007{PLACES.index(place):02}"
    return core * 200 if place == "message that is cut" else f'{core} Øre & "x" o\'y'


def trace(place: str) -> str:
    """What is looked for in what is shown, in lower case."""
    return canary(place)[:9]


class Inner(BaseModel):
    value: Annotated[str, Personal]


class CanaryFacts(BaseModel):
    """What is known of a case, most of it marked."""

    ending: str
    field: Annotated[str, Personal]
    nested: Inner
    rows: list[Inner]
    by: dict[str, Annotated[str, Personal]]
    pair: tuple[int, Annotated[str, Personal]]
    optional: Annotated[str, Personal] | None
    secret: Annotated[str, Secret]
    aliased: Annotated[str, Personal, Field(alias="Aliased")]
    number: Annotated[int, Personal]
    said: dict[str, Annotated[str, Personal]]

    @field_validator("field")
    @classmethod
    def is_right(cls, value: str) -> str:
        if "refused" in value:
            raise ValueError(f"{value} is not right")
        return value


def payload(ending: str) -> dict[str, Any]:
    """What a case with this ending is started with."""
    return {
        "ending": ending,
        "field": canary("field"),
        "nested": {"value": canary("nested field")},
        "rows": [{"value": canary("list")}],
        "by": {"one": canary("dict")},
        "pair": [1, canary("tuple")],
        "optional": canary("optional"),
        "secret": canary("secret"),
        "Aliased": canary("aliased"),
        "number": int(canary("number")),
        "said": {place: canary(place) for place in SAID},
    }


class Case(Process):
    """It adds, says and ends in the way of its payload; its own thread runs it."""

    parameters = CanaryFacts
    personal = ("added.*", "replaced", "copied")
    personal_keys = ("reference", "order_key")
    retry = never()
    STEPS = {"add": "add", "say": "say", "end": "end", "post": Step("post", effect="once", verify="verify")}

    def add(self, run: StepRun) -> Done:
        values = [run.payload[name] for name in ("field", "nested", "rows", "by", "pair", "optional", "secret")]
        told = [*values, run.payload.get("aliased", run.payload.get("Aliased")), run.payload["number"]]
        for value in told:
            run.log("a field", value=json.dumps(value))
        below = {"one": canary("added"), "two": [{"three": canary("added below")}]}
        return Done(f"added {canary('replaced')}", {"added": below, "replaced": canary("replaced")})

    def say(self, run: StepRun) -> Done:
        said = run.payload["said"]
        request = {
            "url": f"https://sap/search?q={quote(said['URL in an exchange'])}",
            "body": said["body of an exchange"],
        }
        response = {"headers": {"X-Name": said["header in an exchange"]}, said["key in an exchange"]: 1}
        text = json.dumps({"text": said["JSON in an exchange"]})
        run.exchange("SAP", {**request, "number": int(said["number in an exchange"])}, {**response, "text": text})
        run.log(said["log line"], fact=said["fact of a log line"])
        run.progress(1, 2, said["progress"])
        self.log(said)
        copy = {"copied": said["copied by a step"], "replaced": "by another", "open": said["copied by a step"]}
        return Done(f"{said['message of done']}, {canary('added')}, {canary('added below')}", copy)

    def log(self, said: dict[str, str]) -> None:
        log, foreign = logs.get("canaries"), logging.getLogger("foreign")
        log.warning(said["structlog event"], fact={"one": [said["structlog fact"]]}, name=said["structlog name"])
        foreign.warning(f"of {said['stdlib message']} and %s", said["stdlib argument"])
        try:
            raise ValueError(said["logged exception"])
        except ValueError:
            log.exception("structlog.failed")
        try:
            raise KeyError(said["stdlib exception"])
        except KeyError:
            foreign.exception("failed")

    def end(self, run: StepRun) -> Any:
        said, ending = run.payload["said"], run.payload["ending"]
        outcomes = {
            "skip": Skip(said["message of skip"]),
            "wait": Wait(said["message of wait"], after=timedelta(days=1)),
            "retry": Retry(said["message of retry"]),
            "reject": Reject(said["message of reject"], code=said["code of reject"]),
            "cut": Retry(f"{'x' * 900}{said['message that is cut']}{'y' * 100}"),
            "done": Done("ended"),
            "doubt": Done("ended"),
        }
        if ending == "business":
            raise BusinessError(said["business error"])
        return outcomes[ending] if ending in outcomes else fail(ending, said)

    def post(self, run: StepRun) -> Done:
        if run.payload["ending"] == "doubt":
            raise RuntimeError(run.payload["said"]["doubt"])
        return Done("posted")

    def verify(self, run: StepRun) -> Any:
        raise ValueError(run.payload["said"]["verify"])


def fail(ending: str, said: dict[str, str]) -> Any:
    if ending == "group":
        raise ExceptionGroup("many", [ValueError(said["exception in a group"])])
    try:
        raise KeyError(said["cause"] if ending == "raise" else said["context"])
    except KeyError as cause:
        failed = RuntimeError(said["exception"])
        failed.add_note(said["note of an exception"])
        if ending == "raise":
            raise failed from cause
        raise failed  # noqa: B904 - the chain is by context


class CaseInChild(Case):
    """The same, in a process of its own."""

    STEPS = {
        "add": "add",
        "say": Step("say", isolation="process"),
        "end": Step("end", isolation="process"),
        "post": Step("post", effect="once", verify="verify", isolation="process"),
    }

    def log(self, said: dict[str, str]) -> None:
        super().log(said)
        print(said["printed in a child"])


class CaseOpen(CaseInChild):
    """The same without any mark: all of it shows."""

    parameters = None
    personal = ()
    personal_keys = ()


class Nightly(Process):
    """A command that fails with what its first step found."""

    arguments = ()
    personal = ("who",)
    retry = never()
    STEPS = {"find": "find", "use": "use"}

    def find(self, run: StepRun) -> Done:
        return Done("found", {"who": canary("error of a command")})

    def use(self, run: StepRun) -> Done:
        raise RuntimeError(run.payload["who"])


class NightlyOpen(Nightly):
    """The same without any mark."""

    personal = ()
