"""`/quiet-windows`: when no step starts in the coming days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from process_manager import clock, inspection
from process_manager.definition import quiet_windows
from process_manager.inspection import ComingWindow
from process_manager.web.api import examples
from process_manager.web.api.asking import Reading
from process_manager.web.api.router import ApiRouter, answers

router = ApiRouter("quiet-windows")


@dataclass(frozen=True, slots=True)
class WindowList:
    """The quiet windows of the coming days, by their start."""

    items: list[ComingWindow]


@router.get("", summary="List the coming quiet windows", **answers({"items": [examples.WINDOW]}))
def list_quiet_windows(
    reader: Reading,
    days: Annotated[int, Query(ge=1, le=31, description="How far to look ahead.")] = 7,
) -> WindowList:
    """Return each window with what it would hold."""
    office = reader.office
    engine = quiet_windows.of_the_engine(office.settings)
    own = quiet_windows.windows(office.registry, office.settings)
    with office.database.read() as connection:
        return WindowList(
            inspection.coming_windows(connection, engine, own, now=clock.now(), days=days, viewer=reader.viewer)
        )
