"""`/kinds`: which processes are known, in which versions, and how many stand where."""

from __future__ import annotations

from dataclasses import dataclass

from process_manager import clock, inspection
from process_manager.inspection import Version
from process_manager.web.api import examples
from process_manager.web.api.asking import Reading
from process_manager.web.api.router import ApiRouter, answers

router = ApiRouter("kinds")


@dataclass(frozen=True, slots=True)
class KindList:
    """The versions of every process, by name and number."""

    items: list[Version]


@router.get("", summary="List the processes that are known, and their counts", **answers({"items": [examples.KIND]}))
def list_kinds(reader: Reading) -> KindList:
    """Return every version that is known here or of which there are processes."""
    office = reader.office
    with office.database.read() as connection:
        alive = inspection.living(connection, now=clock.now(), within=office.settings.lease, viewer=reader.viewer)
        return KindList(inspection.versions(connection, office.registry, alive, viewer=reader.viewer))
