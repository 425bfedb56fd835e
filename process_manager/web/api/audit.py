"""`/audit`: what was done, by whom and why, and whether that is still as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import Query
from pydantic import Field

from process_manager.governance import audit, permissions
from process_manager.governance.audit import AuditEntry, AuditFilter
from process_manager.inspection import audit_check
from process_manager.inspection.audit_check import Checked, Flaw
from process_manager.web.api.asking import Doing
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import Id, Moment, Sent, Text

router = ApiRouter("audit")


class AuditQuery(Sent):
    """Which rows of the chain; what is left out sets no condition."""

    actor: Text | None = Field(None, description="Done by this person or program.")
    act: Text | None = Field(None, description="This act.", examples=["restart"])
    name: Text | None = Field(None, description="On processes of this class.")
    process_id: Id | None = Field(None, description="On this process.")
    target: Text | None = Field(None, description="On this switch, command, user or token.")
    result: Literal["done", "refused"] | None = Field(None, description="With this result.")
    since: Moment | None = Field(None, description="Then or later.")
    until: Moment | None = Field(None, description="Before then.")
    limit: int = Field(50, ge=1, le=1000, description="At most so many.")
    below: Id | None = Field(None, description="Before this one: `next_below` of the page before.")


@dataclass(frozen=True, slots=True)
class AuditList:
    """Rows of the chain, the newest first; `next_below` asks for the page after this one, and is null on the last."""

    items: list[AuditEntry]
    next_below: int | None


@dataclass(frozen=True, slots=True)
class FoundFlaw:
    """Rows that are not as they were written."""

    what: str
    first: int
    last: int
    message: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """How the chain stands.

    Attributes:
        first: The first row that was checked.
        newest: The newest row.
        note: Its number and hash, to be kept where nobody can change them; null where anything is wrong.
        flaws: What is wrong; of much, the first hundred.
        more_flaws: How many flaws there are besides.
    """

    first: int
    newest: int
    note: str | None
    flaws: list[FoundFlaw]
    more_flaws: int


ENTRY: Final = {
    "number": 90210,
    "at": "2026-11-30T08:14:00Z",
    "actor": "ada",
    "actor_kind": "person",
    "role": "operator",
    "way": "api",
    "address": "10.0.0.7",
    "request_id": "4f1c2a7be01d9c33",
    "act": "restart",
    "name": "fakturering",
    "process_id": 4711,
    "seq": 7,
    "target": None,
    "reason": "SAP is open again",
    "before": {"status": "failed", "step": "queue"},
    "after": {"status": "pending", "step": "queue"},
    "result": "done",
    "message": "",
}
LISTED: Final = {"items": [ENTRY], "next_below": 90210}
SOUND: Final = {"first": 80211, "newest": 90210, "note": f"90210:{'5f' * 32}", "flaws": [], "more_flaws": 0}


@router.get(
    "", summary="List what was done and refused, the newest first", **answers({"items": [ENTRY], "next_below": 90210})
)
def list_audit(doer: Doing, asked: Annotated[AuditQuery, Query()]) -> AuditList:
    """Return a page of the rows that match; what is personal or secret is masked."""
    which = AuditFilter(**asked.model_dump(exclude={"limit"}))
    viewer = doer.office.viewer(doer.actor)
    with doer.office.database.read() as connection:
        found = audit.page(connection, doer.actor, which, limit=asked.limit + 1, viewer=viewer)
    shown = found[: asked.limit]
    return AuditList(shown, shown[-1].number if len(found) > asked.limit else None)


@router.get("/verify", summary="Check that the chain is as it was written", **answers(SOUND))
def verify_audit(
    doer: Doing,
    most: Annotated[int, Query(ge=1, le=1_000_000, description="So many of its newest rows.")] = 10_000,
    noted: Annotated[
        list[Annotated[str, Field(pattern="^[1-9][0-9]{0,17}:[0-9a-f]{64}$")]],
        Query(max_length=100, description="`note` of earlier answers: the chain must still have these rows."),
    ] = [],  # noqa: B006 - nothing changes it
) -> AuditCheck:
    """Make the hashes of its newest rows again. What is noted elsewhere proves that it was not written anew."""
    permissions.require(doer.actor, "audit")
    pairs = [(int(number), found) for number, _, found in (each.partition(":") for each in noted)]
    with doer.office.database.read() as connection:
        return _told(audit_check.verify(connection, most=most, noted=pairs))


def _told(found: Checked) -> AuditCheck:
    note = f"{found.newest}:{found.hash}" if found.newest and not found.flaws else None
    return AuditCheck(found.first, found.newest, note, [_flaw(each) for each in found.flaws], found.more)


def _flaw(found: Flaw) -> FoundFlaw:
    return FoundFlaw(found.what, found.first, found.last, str(found))
