"""A program that asks the API, within this one."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.testclient import TestClient

from process_manager import Done, Personal, Process, StepRun, clock
from process_manager.database import Database
from process_manager.governance import tokens

SECRET = "pm_a-secret-that-nobody-guesses"  # noqa: S105 - of a token that only a test has
PREFIX = "/api/v1"


class Tidy(Process):
    """A command."""

    arguments = ("attic", "cellar")
    STEPS = {"a": "work"}

    def work(self, run: StepRun) -> Done:
        return Done("tidy")


class Parcel(BaseModel):
    """What a letter is sent with."""

    cpr: Annotated[str, Personal]
    copies: int = 1


class Letter(Process):
    """A process with something personal in it."""

    parameters = Parcel
    STEPS = {"write": "write", "send": "send"}

    def write(self, run: StepRun) -> Done:
        for number in range(run.payload["copies"]):
            run.log(f"copy {number} for {run.payload['cpr']}", copy=number)
            run.exchange("printer", {"copy": number})
        return Done("written")

    def send(self, run: StepRun) -> Done:
        return Done("sent")


class Caller:
    """A program with a token, or a person with a password."""

    def __init__(self, app: FastAPI, authorization: str | None = f"Bearer {SECRET}") -> None:
        self.client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
        if authorization is not None:
            self.client.headers["Authorization"] = authorization

    def get(self, path: str, **query: Any) -> Any:
        """Ask for something."""
        return self.client.get(f"{PREFIX}{path}", params=query)

    def post(self, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """Have something done."""
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"{PREFIX}{path}", json=body or {}, headers=spelled)

    def delete(self, path: str, **query: Any) -> Any:
        """Have something taken back."""
        return self.client.delete(f"{PREFIX}{path}", params=query)


def give_token(database: Database, *scopes: str, secret: str = SECRET, name: str = "payroll") -> None:
    """Add a token; without scopes, one that may do all that a token can."""
    wanted = tokens.scopes_of(scopes or ["*:start,read,act"])
    new = tokens.new_token(name, secret, wanted, clock.now() + timedelta(days=1))
    database.run(lambda connection: tokens.add(connection, new, by="root", now=clock.now()))


def basic(name: str, password: str) -> str:
    """The header of a name and a password."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


def ids(answer: Any) -> Iterable[int]:
    """The ids of a list of processes."""
    return [each["id"] for each in answer.json()["items"]]
