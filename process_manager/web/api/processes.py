"""`/processes`: which there are, and what is known of one."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Annotated, Final

import sqlalchemy as sa
from fastapi import Query, Response

from process_manager import clock, inspection
from process_manager.inspection import History, ListedChild, LogLine, Overview, Viewer
from process_manager.web.api import examples
from process_manager.web.api.asking import Reader, Reading
from process_manager.web.api.filters import ProcessFilter, ProcessQuery, filter_of
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import Id, IdInPath, Text

router = ApiRouter("processes")


@dataclass(frozen=True, slots=True)
class ProcessList:
    """Processes, the newest first; `next_below` asks for the page after this one, and is null on the last."""

    items: list[Overview]
    next_below: int | None


@dataclass(frozen=True, slots=True)
class ProcessCount:
    """How many processes match."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProcess(Overview):
    """A process, and in a sentence where it stands and what comes next."""

    sentence: str


@dataclass(frozen=True, slots=True)
class HistoryList:
    """What happened to a process, the oldest first; a step that runs is the last one, as `started`."""

    items: list[History]


@dataclass(frozen=True, slots=True)
class ChildList:
    """Children in the order in which they were started; `next_after` asks for the page after this one, or is null."""

    items: list[ListedChild]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Log lines of a process, in order; `next` asks for those after them, now or later."""

    items: tuple[LogLine, ...]
    next: str


LISTED: Final = {"items": [examples.PROCESS], "next_below": 4711}


@router.get("", summary="List processes, the newest first", **answers(LISTED))
def list_processes(reader: Reading, asked: Annotated[ProcessQuery, Query()]) -> ProcessList:
    """Return a page of the processes that match; the next one is the same request with `below=next_below`."""
    which = filter_of(asked, now=clock.now(), below=asked.below)
    with reader.office.database.read() as connection:
        if asked.search is not None:
            which = replace(which, ids=inspection.found(connection, asked.search, viewer=reader.viewer))
        found = inspection.page(connection, which, limit=asked.limit + 1, viewer=reader.viewer)
    shown = found[: asked.limit]
    return ProcessList(shown, shown[-1].id if len(found) > asked.limit else None)


@router.get("/count", summary="Count processes", **answers({"count": 3}))
def count_processes(reader: Reading, asked: Annotated[ProcessFilter, Query()]) -> ProcessCount:
    """Return how many processes match."""
    which = filter_of(asked, now=clock.now())
    with reader.office.database.read() as connection:
        return ProcessCount(inspection.count(connection, which, viewer=reader.viewer))


@router.get(
    "/{process_id}",
    summary="Show a process",
    **answers({**examples.PROCESS, "sentence": examples.SENTENCE}, 404),
)
def get_process(reader: Reading, process_id: IdInPath, response: Response) -> ShownProcess:
    """Return where a process stands. The ETag is the number of its newest history row: `If-Match` of an edit."""
    with reader.office.database.read() as connection:
        found = shown(connection, reader, process_id, reader.viewer)
    response.headers["ETag"] = f'"{found.seq}"'
    return found


@router.get(
    "/{process_id}/history", summary="Show what happened to a process", **answers({"items": [examples.HISTORY]}, 404)
)
def get_history(
    reader: Reading,
    process_id: IdInPath,
    step: Annotated[Text | None, Query(description="Of this step only.")] = None,
) -> HistoryList:
    """Return each run of a step, and what people did."""
    with reader.office.database.read() as connection:
        return HistoryList(inspection.history(connection, process_id, step=step, viewer=reader.viewer))


@router.get(
    "/{process_id}/children",
    summary="List the children of a process",
    **answers({"items": [{"key": "7", "process": examples.PROCESS}], "next_after": None}, 404),
)
def list_children(
    reader: Reading,
    process_id: IdInPath,
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 50,
    after: Annotated[Id | None, Query(description="Younger than this one: `next_after` of the page before.")] = None,
) -> ChildList:
    """Return a page of the processes that steps of it started, each with its key among them."""
    with reader.office.database.read() as connection:
        found = inspection.children(connection, process_id, limit=limit + 1, after=after or 0, viewer=reader.viewer)
    shown = found[:limit]
    return ChildList(shown, shown[-1].process.id if len(found) > limit else None)


@router.get(
    "/{process_id}/logs",
    summary="Follow the log lines of a process",
    **answers({"items": [examples.LOG_LINE], "next": "6-2"}, 404),
)
def get_logs(
    reader: Reading,
    process_id: IdInPath,
    after: Annotated[
        str, Query(pattern=r"^[0-9]{1,9}-[0-9]{1,9}$", description="`next` of the answer before; 0-0 for the first.")
    ] = "0-0",
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 200,
) -> LogPage:
    """Return the lines after a place, each once and in order, also while the step writes.

    Where there are no more for now, `next` is what was sent as `after`.
    """
    seq, number = map(int, after.split("-"))
    with reader.office.database.read() as connection:
        found = inspection.logs(connection, process_id, after=(seq, number), most=limit, viewer=reader.viewer)
    return LogPage(found.lines, f"{found.after[0]}-{found.after[1]}")


def shown(connection: sa.Connection, reader: Reader, process_id: int, viewer: Viewer) -> ShownProcess:
    """Return a process with the sentence about it; raise UnknownId when there is none."""
    found = inspection.get(connection, process_id, viewer=viewer)
    told = inspection.sentence(found, reader.office.around(connection, reader.viewer))
    same = {each.name: getattr(found, each.name) for each in fields(found)}
    return ShownProcess(**same, sentence=f"{told.word} {told.rest}".rstrip())
