"""The list of processes as a file: what matches, masked as on the page, in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from process_manager import inspection, serialization
from process_manager.actor import Actor
from process_manager.governance import permissions
from process_manager.inspection import FIRST, Filter, Overview, Surroundings, Viewer, sentence
from process_manager.inspection.list_columns import Columns, cells, columns_of, headings
from process_manager.inspection.step_line import names_of
from process_manager.message import Message
from process_manager.web import downloads, filters, frame
from process_manager.web.catalogue import Texts
from process_manager.web.figures import grouped
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

MOST_EXPORTED: Final = 50_000
A_PORTION: Final = 500
FIELDS: Final = (
    "id", "reference", "name", "version", "status", "sentence", "step", "attempt", "round", "channel", "order_key",
    "created_at", "created_by", "updated_at", "finished_at",
)  # fmt: skip

Row = Sequence[Any]


@router.get("/processes/export")
def export(request: Request, q: str = "", form: str = "csv") -> Response:
    """Send all that matches, the most urgent first; at the end of what is too long, a sentence says so."""
    permissions.require(request.state.actor, "read")
    office: Office = request.app.state.office
    file = _File(office, request.state.actor, frame.texts(request))
    which = filters.asked(request.query_params, office.zone).which
    columns, portions = file.rows(which, q.strip())
    names = [*FIELDS, *headings(columns)]
    if form == "jsonl":
        lines = (f"{serialization.dumps(_plain(names, row))}\n" for some in portions for row in some)
        return downloads.sent("processes.jsonl", lines)
    return downloads.sent("processes.csv", downloads.for_excel(names, portions, frame.calendar(request)))


def _plain(names: Sequence[str], row: Row) -> dict[str, Any]:
    cells = (each.isoformat() if hasattr(each, "isoformat") else each for each in row)
    return dict(zip(names, cells, strict=False))


class _File:
    """What makes the rows of a file, a portion at a time and each in a transaction of its own."""

    def __init__(self, office: Office, actor: Actor, texts: Texts) -> None:
        self._office = office
        self._viewer: Viewer = office.viewer(actor)
        self._texts = texts

    def rows(self, which: Filter, sought: str) -> tuple[Columns, Iterator[list[Row]]]:
        """Return the columns that the class of the processes declares, and the rows."""
        with self._office.database.read() as connection:
            around = self._office.around(connection, self._viewer)
            if sought:
                which = replace(which, ids=inspection.found(connection, sought, viewer=self._viewer))
            first = inspection.urgent_first(connection, which, FIRST, limit=A_PORTION, viewer=self._viewer)
        names = [which.name] if which.name else [each.process.name for each in first.placed]
        columns = columns_of(names, self._office.registry)
        return columns, self._portions(which, around, columns)

    def _portions(self, which: Filter, around: Surroundings, columns: Columns) -> Iterator[list[Row]]:
        seen: set[int] = set()  # one that moves meanwhile would be told twice
        reach = FIRST
        while len(seen) < MOST_EXPORTED:
            with self._office.database.read() as connection:
                found = inspection.urgent_first(connection, which, reach, limit=A_PORTION, viewer=self._viewer).placed
            new = [each.process for each in found if each.process.id not in seen][: MOST_EXPORTED - len(seen)]
            seen.update(each.id for each in new)
            yield [self._row(each, around, columns) for each in new]
            if len(found) < A_PORTION:
                return
            reach = replace(reach, place=found[-1].place)
        most = grouped(MOST_EXPORTED)
        yield [[self._texts.say(Message("Only the first %(number)s are in this file. Set a filter.", number=most))]]

    def _row(self, process: Overview, around: Surroundings, columns: Columns) -> Row:
        said = sentence(process, around, names_of(process, self._office.registry))
        told = f"{self._texts.say(said.word)} {self._texts.say(said.rest)}"
        fields = [told if name == "sentence" else getattr(process, name) for name in FIELDS]
        return [*fields, *cells(process.payload, columns)]
