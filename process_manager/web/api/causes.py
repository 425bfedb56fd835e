"""`/causes`: why processes have stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query

from process_manager.inspection import StopCause
from process_manager.web.api import examples
from process_manager.web.api.asking import Reading
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import Text
from process_manager.web.stop_causes import stop_causes

router = ApiRouter("causes")


@dataclass(frozen=True, slots=True)
class CauseList:
    """Why processes have stopped; counted at most every five seconds, once for all who ask."""

    items: list[StopCause]
    unsorted: int
    is_cut: bool


LISTED: Final = {"items": [examples.CAUSE], "unsorted": 0, "is_cut": False}


@router.get("", summary="List why processes have stopped", **answers(LISTED))
def list_causes(
    reader: Reading,
    name: Annotated[Text | None, Query(description="Of this process class.")] = None,
    step: Annotated[Text | None, Query(description="At this step.")] = None,
) -> CauseList:
    """Return one entry for all that stopped at one step with the same words: what failed first, the commonest first.

    `keys` are the values of `cause` by which lists and acts on many find those processes. `unsorted` more stopped
    before causes were kept; `is_cut` says that there are more than 500 causes.
    """
    found = stop_causes(reader.office, reader.viewer).of(name=name, step=step)
    return CauseList(list(found.items), found.unsorted, found.is_cut)
