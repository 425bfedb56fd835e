"""Files that are made while they are sent: whatever there is of it, no more than a portion is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.responses import StreamingResponse

from process_manager import csv_cells, serialization
from process_manager.web.moments import Calendar

TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


def sent(name: str, parts: Iterator[str]) -> StreamingResponse:
    """Return a file that a browser keeps under this name, whose end says what it is."""
    media_type = TYPES[name.rpartition(".")[2]]
    response = StreamingResponse((each.encode() for each in parts), media_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def for_excel(columns: Sequence[str], portions: Iterable[Iterable[Sequence[Any]]], calendar: Calendar) -> Iterator[str]:
    """Yield CSV as Excel opens it: semicolons, decimal commas, moments on the reader's clock."""
    yield csv_cells.MARK + csv_cells.lines([columns], form=csv_cells.EXCEL)
    for some in portions:
        yield csv_cells.lines(([_cell(each, calendar) for each in row] for row in some), form=csv_cells.EXCEL)


def _cell(value: Any, calendar: Calendar) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(calendar.zone):%Y-%m-%d %H:%M:%S}"
    return serialization.dumps(value) if isinstance(value, dict | list) else value
