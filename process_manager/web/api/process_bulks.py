"""`POST /processes/ACT`: an act on many, each with its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from process_manager import clock, governance, inspection
from process_manager.errors import FateUnknown
from process_manager.governance import ActResult, permissions
from process_manager.governance.action import Action
from process_manager.governance.acts import Matching
from process_manager.governance.process_actions import Abandon, Restart
from process_manager.inspection import Filter
from process_manager.lifecycle.status import NEEDS_A_PERSON, sources
from process_manager.web import problems
from process_manager.web.api.asking import Doer, Doing
from process_manager.web.api.filters import ProcessFilter, filter_of
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import Id, NeededText, Sent, Text

router = ApiRouter("processes")

MOST: Final = 1000
"""Processes of one request: a hundred a transaction, so that it takes seconds and no proxy gives up."""

Outcome = Literal["done", "refused", "unknown"]


class BulkRequest(Sent):
    """Which processes: their ids, or what they have in common."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=MOST)] | None = Field(None, description="These.")
    where: ProcessFilter | None = Field(None, description="All that match; of no status is meant what needs the act.")
    limit: int = Field(MOST, ge=1, le=MOST, description="Of those that match at most so many, the oldest first.")
    dry_run: bool = Field(False, description="Say what would become of each, and change nothing.")

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.ids is None) == (self.where is None):
            raise ValueError("give either ids or where")
        return self


class BulkRestartRequest(BulkRequest):
    """Processes that are to be due again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"where": {"name": "fakturering", "status": ["failed"]}, "reason": "SAP is open again"}]
        }
    )

    reason: Text = Field("", description="Why, for the history and the audit chain.")
    from_step: Text | None = Field(None, description="Start at this earlier step; without it where each stands.")


class BulkAbandonRequest(BulkRequest):
    """Processes that are to be given up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": [4711, 4712], "reason": "paid by hand"}]})

    reason: NeededText = Field(description="Why, for the history and the audit chain.")
    children: Literal["abandon", "leave"] | None = Field(
        None, description="What becomes of their children that are open; needed if there are any."
    )


@dataclass(frozen=True, slots=True)
class EachResult:
    """What became of one of many; `unknown`: the database did not confirm it."""

    id: int
    result: Outcome
    message: str
    audit_number: int | None


@dataclass(frozen=True, slots=True)
class BulkAnswer:
    """What became of each, how many of them in all, and how many that match are left for another request."""

    results: list[EachResult]
    done: int
    failed: int
    left: int
    is_dry_run: bool


DONE: Final[dict[str, Any]] = {"id": 4711, "result": "done", "message": "", "audit_number": 90210}
NOT_DONE: Final[dict[str, Any]] = {
    "id": 4712,
    "result": "refused",
    "message": "Process 4712 has succeeded: it cannot be restarted. …",
    "audit_number": 90211,
}
EXAMPLE: Final = {"results": [DONE, NOT_DONE], "done": 1, "failed": 1, "left": 0, "is_dry_run": False}


@router.post("/restart", summary="Make processes due again", **answers(EXAMPLE))
def restart_many(doer: Doing, body: BulkRestartRequest) -> BulkAnswer:
    """Restart each. `where` without a status means those that need a person: failed and quarantined."""
    action = partial(Restart, registry=doer.registry, from_step=body.from_step, reason=body.reason)
    usual = tuple(status for status in sources("restart") if status in NEEDS_A_PERSON)
    return _each(doer, body, action, usual)


@router.post("/abandon", summary="Give processes up for good", **answers(EXAMPLE))
def abandon_many(doer: Doing, body: BulkAbandonRequest) -> BulkAnswer:
    """Abandon each. `where` without a status means those that are open."""
    return _each(doer, body, partial(Abandon, reason=body.reason, children=body.children), tuple(sources("abandon")))


def _each(doer: Doer, body: BulkRequest, action: Callable[[int], Action[Any]], usual: tuple[str, ...]) -> BulkAnswer:
    """Do it to each, a hundred in a transaction, and return what became of all."""
    which = None if body.where is None else _matching(body.where, usual)
    chosen, left = (list(dict.fromkeys(body.ids or ())), 0) if which is None else _found(doer, which, body.limit)
    results = governance.acting_on_each(
        doer.office.database,
        doer.actor,
        map(action, chosen),
        policies=doer.office.policies,
        matching=None if which is None else _still(doer, which),
        dry_run=body.dry_run,
    )
    told = [_told(process_id, each) for process_id, each in zip(chosen, results, strict=True)]
    done = sum(each.result == "done" for each in told)
    return BulkAnswer(told, done, len(told) - done, left, body.dry_run)


def _matching(asked: ProcessFilter, usual: tuple[str, ...]) -> Filter:
    which = filter_of(asked, now=clock.now())
    return which if which.status else replace(which, status=usual)


def _found(doer: Doer, which: Filter, limit: int) -> tuple[list[int], int]:
    """Return the oldest that match, and how many are left."""
    permissions.require(doer.actor, "read")
    viewer = doer.office.viewer(doer.actor)
    with doer.office.database.read() as connection:
        found = inspection.matching(connection, which, most=limit + 1, viewer=viewer)
        if len(found) <= limit:
            return found, 0
        return found[:limit], max(inspection.count(connection, which, viewer=viewer) - limit, 1)


def _still(doer: Doer, which: Filter) -> Matching:
    """Return what tells which processes still match when each is locked."""
    viewer = doer.office.viewer(doer.actor)
    return lambda connection, ids: inspection.matching(connection, replace(which, ids=tuple(ids)), viewer=viewer)


def _told(process_id: int, result: ActResult[Any]) -> EachResult:
    if result.problem is None:
        return EachResult(process_id, "done", "", result.number)
    outcome: Outcome = "unknown" if isinstance(result.problem, FateUnknown) else "refused"
    return EachResult(process_id, outcome, problems.of(result.problem).detail, result.number)
