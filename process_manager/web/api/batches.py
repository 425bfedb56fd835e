"""`/batches`: one act on many processes, done wave by wave by whichever web server is up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self

from fastapi import Path, Query, Response
from pydantic import ConfigDict, Field, model_validator

from process_manager import clock, inspection
from process_manager.governance.batch_actions import StopBatch
from process_manager.governance.batches import MOST
from process_manager.inspection import Batch, BatchItem, Filter
from process_manager.web import batch_preview, problems
from process_manager.web.api.asking import Doer, Doing, Reader, Reading
from process_manager.web.api.filters import ProcessFilter, filter_of
from process_manager.web.api.router import PREFIX, ApiRouter, answers
from process_manager.web.api.values import Id, NeededText, Sent, Text

router = ApiRouter("batches")

BatchId = Annotated[int, Path(ge=1, le=2**63 - 1, description="The id of the batch.")]
Result = Literal["done", "refused", "skipped"]


class BatchSent(Sent):
    """An act on many: what, to which, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "act": "restart",
                    "where": {"name": "fakturering", "cause": ["3fb20c1d9a77e4f0"]},
                    "reason": "SAP is open again",
                    "one_first": True,
                }
            ]
        }
    )

    act: Literal["restart", "abandon"] = Field(description="What is done to each.")
    ids: Annotated[list[Id], Field(min_length=1, max_length=MOST)] | None = Field(None, description="These.")
    where: ProcessFilter | None = Field(None, description="All that match; of no status is meant what needs the act.")
    reason: NeededText = Field(description="Why, for the history of each and the audit chain.")
    one_first: bool = Field(False, description="Restart one first; the others follow when it has passed its step.")
    dry_run: bool = Field(False, description="Say how many are chosen and what would become of the first hundred.")

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.ids is None) == (self.where is None):
            raise ValueError("give either ids or where")
        return self


class StopSent(Sent):
    """Why nothing more is done of a batch."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "SAP is closed again"}]})

    reason: Text = Field("", description="Why, for the audit chain.")


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a process: an empty problem means that it would be done."""

    id: int
    problem: str


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch; of a dry run, `id` is null and `tried` says what would become of the first hundred."""

    id: int | None
    total: int
    tried: list[Trial]
    is_dry_run: bool


@dataclass(frozen=True, slots=True)
class BatchList:
    """Batches, the newest first; `next_below` asks for the page after this one, and is null on the last."""

    items: list[Batch]
    next_below: int | None


@dataclass(frozen=True, slots=True)
class BatchItemList:
    """Processes of a batch in their order; `next_after` asks for the page after this one, and is null on the last."""

    items: list[BatchItem]
    next_after: int | None


BATCH: Final[dict[str, Any]] = {
    "id": 12,
    "act": "restart",
    "reason": "SAP is open again",
    "asked": {"name": "fakturering"},
    "name": "fakturering",
    "by": "ada",
    "created_at": "2026-11-30T08:14:00Z",
    "one_first": True,
    "state": "waits",
    "wave": 1,
    "total": 6,
    "done": 1,
    "refused": 0,
    "skipped": 0,
    "left": 5,
    "ending": None,
    "ended_by": None,
    "finished_at": None,
}
ITEM: Final[dict[str, Any]] = {
    "number": 1,
    "process_id": 4711,
    "reference": "2026-117",
    "step": "queue",
    "result": "done",
    "message": None,
    "wave": 1,
    "status": "running",
}
NEW: Final[dict[str, Any]] = {"id": 12, "total": 6, "tried": [], "is_dry_run": False}


@router.post("", summary="Start a batch", **answers(NEW, 409, status=201))
def start_batch(doer: Doing, body: BatchSent, response: Response) -> NewBatch:
    """Choose the processes as they stand, and have the act done to each; one that changes meanwhile is skipped."""
    batch_preview.require(doer.actor, "start-batch")
    chosen = _chosen(doer, body)
    if body.dry_run:
        response.status_code = 200
        return NewBatch(None, chosen.total, _tried(doer, body.act, chosen.ids), True)
    wanted = {"act": body.act, "reason": body.reason, "asked": _asked(body), "one_first": body.one_first}
    made = batch_preview.start(doer.office, doer.actor, chosen, wanted)
    response.headers["Location"] = f"{PREFIX}batches/{made}"
    return NewBatch(made, len(chosen.ids), [], False)


@router.get("", summary="List batches, the newest first", **answers({"items": [BATCH], "next_below": None}))
def list_batches(
    reader: Reading,
    doer: Doing,
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 50,
    below: Annotated[Id | None, Query(description="Older than this one: `next_below` of the page before.")] = None,
) -> BatchList:
    """Return a page of the batches."""
    with reader.office.database.read() as connection:
        found = inspection.batches(
            connection, limit=limit + 1, below=below, viewer=reader.viewer, reader=doer.actor.name
        )
    return BatchList(found[:limit], found[limit - 1].id if len(found) > limit else None)


@router.get("/{batch_id}", summary="Show a batch", **answers(BATCH, 404))
def get_batch(reader: Reading, doer: Doing, batch_id: BatchId) -> Batch:
    """Return how far it is. `state` is `waits` (for its newest wave to pass), `runs`, `done` or `stopped`."""
    return _seen(reader, doer, batch_id)


@router.get(
    "/{batch_id}/items",
    summary="Show what became of each process of a batch",
    **answers({"items": [ITEM], "next_after": None}, 404),
)
def list_batch_items(  # noqa: PLR0913, PLR0917 - FastAPI reads the parameters of a route from here
    reader: Reading,
    doer: Doing,
    batch_id: BatchId,
    result: Annotated[Result | None, Query(description="Only with this result.")] = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="`next_after` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 200,
) -> BatchItemList:
    """Return a page of its processes, each with its result and where it stands now."""
    _seen(reader, doer, batch_id)
    with reader.office.database.read() as connection:
        found = inspection.batch_items(
            connection, batch_id, after=after, limit=limit + 1, result=result, viewer=reader.viewer
        )
    return BatchItemList(found[:limit], found[limit - 1].number if len(found) > limit else None)


@router.post("/{batch_id}/stop", summary="Stop a batch", **answers({**BATCH, "state": "stopped"}, 404, 409))
def stop_batch(doer: Doing, batch_id: BatchId, body: StopSent) -> Batch:
    """Do nothing more of it; the wave that is being done is finished first."""
    batch_preview.require(doer.actor, "stop-batch")
    reader = Reader(doer.office, batch_preview.acts_on(doer.office, doer.actor))
    doer.act(StopBatch(batch_id, _seen(reader, doer, batch_id).name, reason=body.reason))
    return _seen(reader, doer, batch_id)


def _seen(reader: Reader, doer: Doer, batch_id: int) -> Batch:
    with reader.office.database.read() as connection:
        return inspection.batch(connection, batch_id, viewer=reader.viewer, reader=doer.actor.name)


def _chosen(doer: Doer, body: BatchSent) -> batch_preview.Chosen:
    if body.where is None:
        which = Filter(ids=tuple(dict.fromkeys(body.ids or ())))
    else:
        which = batch_preview.matching(body.act, filter_of(body.where, now=clock.now()))
    return batch_preview.chosen(doer.office, doer.actor, which)


def _asked(body: BatchSent) -> dict[str, Any]:
    """Return by what the processes are chosen."""
    if body.where is None:
        return {"ids": len(body.ids or ())}
    return body.where.model_dump(mode="json", exclude_defaults=True)


def _tried(doer: Doer, act: str, ids: Any) -> list[Trial]:
    results = batch_preview.tried(doer.office, doer.actor, act, ids)
    return [Trial(each.action.process_id or 0, _problem(each.problem)) for each in results]


def _problem(problem: Exception | None) -> str:
    return "" if problem is None else problems.of(problem).detail
