"""`/kinds`: which processes are known, in which versions, and how many stand where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path

from process_manager import clock, inspection
from process_manager.errors import NotFound
from process_manager.inspection import Kind, Version
from process_manager.inspection.kinds_page import Deployment
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


@dataclass(frozen=True, slots=True)
class KindDetail:
    """A kind, and what the code of this server would do to each of its versions with open processes."""

    kind: Kind
    deployments: list[Deployment]


Name = Annotated[str, Path(max_length=100, description="The name of the kind.")]


@router.get("/{name}", summary="Tell how many are at each step of a kind", **answers(examples.KIND_DETAIL, 404))
def get_kind(reader: Reading, name: Name) -> KindDetail:
    """Return its steps and versions, with how many of what is open are where: up to 10,001 of each."""
    office = reader.office
    with office.database.read() as connection:
        around = office.around(connection, reader.viewer)
        page = inspection.kinds_page(connection, around=around, registry=office.registry, viewer=reader.viewer)
    for kind in page.kinds:
        if kind.name == name:
            return KindDetail(kind, [each for each in page.deployments if each.name == name])
    raise NotFound(problem=f"There is no kind {name!r}. GET /api/v1/kinds lists those that there are.")
