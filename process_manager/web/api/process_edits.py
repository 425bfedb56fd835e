"""Acts that change what a process carries or does next: a payload edited, a step skipped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Header
from pydantic import ConfigDict, Field

from process_manager import inspection
from process_manager.definition import markers
from process_manager.governance.process_actions import EditPayload, SkipStep
from process_manager.operations import PayloadEdit
from process_manager.web.api import examples
from process_manager.web.api.asking import Doing, Reader, Reading
from process_manager.web.api.process_acts import DoneAct, ReasonedRequest, act_answers, done
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import IdInPath, Text

router = ApiRouter("processes")

ETAGS: Final = r'^(\*|"[0-9]{1,9}"(, ?"[0-9]{1,9}")*)$'


class EditRequest(ReasonedRequest):
    """What is to be changed in a payload, by paths such as `contact.phone` or `rows.0.amount`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"set": {"contact.city": "Odense"}, "unset": ["contact.fax"], "reason": "she moved"}]
        }
    )

    changes: dict[Text, Any] = Field(default_factory=dict, alias="set", description="The new values, by their paths.")
    unset: list[Text] = Field(default_factory=list, description="The paths of what is removed.")


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One difference, as JSON on both sides; null for nothing. What is personal or secret is masked."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneEdit(DoneAct):
    """What was changed in a payload."""

    changes: list[ShownChange]


CHANGE: Final = {"path": "contact.city", "before": '"Aarhus"', "after": '"Odense"'}
EDITED: Final = {**examples.ACT, "act": "edit-payload", "changes": [CHANGE]}


@router.post(
    "/{process_id}/skip-step", summary="Leave out the step at which a process rests", **act_answers("skip-step")
)
def skip_step(doer: Doing, process_id: IdInPath, body: ReasonedRequest) -> DoneAct:
    """Have it go on with the next step, in a new round; the one that is left out is not done."""
    return done(doer, SkipStep(process_id, registry=doer.registry, reason=body.reason), dry_run=body.dry_run)


@router.post("/{process_id}/edit-payload", summary="Correct what a process carries", **answers(EDITED, 404, 409, 412))
def edit_payload(
    reader: Reading,
    doer: Doing,
    process_id: IdInPath,
    body: EditRequest,
    if_match: Annotated[
        str, Header(pattern=ETAGS, description="The ETag of the process as it was looked at; * for whatever it is now.")
    ],
) -> DoneEdit:
    """Change it in a new round; the process stays where it is. 412 when something has happened to it meanwhile."""
    action = EditPayload(
        process_id,
        registry=doer.registry,
        changes=body.changes,
        unset=tuple(body.unset),
        seen=None if if_match == "*" else tuple(map(int, re.findall("[0-9]+", if_match))),
        reason=body.reason,
    )
    acted = doer.act(action, dry_run=body.dry_run)
    changes = _shown(reader, process_id, acted.value)
    return DoneEdit(process_id, action.act, acted.number, body.dry_run, changes=changes)


def _shown(reader: Reader, process_id: int, edit: PayloadEdit) -> list[ShownChange]:
    """Return the differences with a mask in place of what is marked."""
    with reader.office.database.read() as connection:
        found = inspection.get(connection, process_id, viewer=reader.viewer)
    marks = reader.viewer.marks(found.name, found.version) or markers.NOTHING
    shown = markers.masking((edit.before, edit.after), marks.paths)
    return [ShownChange(each.path, each.before, each.after) for each in edit.changes(shown)]
