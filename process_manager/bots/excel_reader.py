"""A bot that reads a sheet of an uploaded workbook, row by row."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, Field

from process_manager import BusinessError, Done, File, Process, StepRun

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_ROWS: Final = 5_000
"""Rows that a process carries; of more, each should be a process of its own."""

OFTEN: Final = 100
"""Rows after which it is told how far the bot is, and heard whether it is to stop."""


class ExcelParameters(BaseModel):
    """Which sheet is read."""

    workbook: Annotated[str, File(".xlsx", ".xlsm")] = Field(
        title="Workbook", description="An Excel file with a header."
    )
    sheet: str | None = Field(None, title="Sheet", description="The first one, unless you name another.")
    header_row: int = Field(1, title="Row of the header", ge=1, le=1000, description="Rows above it are not read.")
    key: str | None = Field(None, title="Key column", description="A column in which no value may be empty, or twice.")


class ExcelReader(Process):
    """Read a sheet of a workbook: each row below the header, by the names of its columns.

    A subclass adds steps that use the rows. What is wrong with the workbook rejects the process, and says in which row.
    """

    name = "excel-reader"
    label = "Excel reader"
    parameters = ExcelParameters
    result = ("columns", "count", "rows")
    STEPS = {"look": "look_at_header", "read": "read_rows"}

    def look_at_header(self, run: StepRun) -> Done:
        """Find the sheet and the names of its columns."""
        with opened(run) as sheet:
            columns = header(sheet, run.payload["header_row"])
        key = run.payload["key"]
        if key is not None and key not in columns:
            raise BusinessError(f"There is no column {key!r} among {', '.join(columns)}.", code="no-key-column")
        return Done(f"{len(columns)} columns: {', '.join(columns)}", {"columns": columns})

    def read_rows(self, run: StepRun) -> Done:
        """Read each row."""
        first = run.payload["header_row"] + 1
        rows: list[dict[str, Any]] = []
        with opened(run) as sheet:
            for number, cells in enumerate(sheet.iter_rows(min_row=first, values_only=True), start=first):
                if any(cell is not None for cell in cells):
                    rows.append({"row": number, **named(run.payload["columns"], cells)})
                if number % OFTEN == 0:
                    run.progress(len(rows), message=f"{len(rows)} rows read")
                    run.checkpoint()
                if len(rows) > MOST_ROWS:
                    raise BusinessError(f"The sheet has more than {MOST_ROWS} rows. Divide it.", code="too-many-rows")
        if (key := run.payload["key"]) is not None:
            check_key(rows, key)
        run.log("read", rows=len(rows), file=run.files["workbook"].label)
        return Done(f"{len(rows)} rows", {"count": len(rows), "rows": rows})


@contextmanager
def opened(run: StepRun) -> Iterator[ReadOnlyWorksheet]:
    """Open the sheet of a run, which is read piece by piece; raise BusinessError where there is none."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    file = run.files["workbook"]
    with file.open() as content:
        try:
            book = load_workbook(content, read_only=True, data_only=True)
        except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
            told = f"{file.label} is no workbook that can be read ({type(error).__name__}). Save it as .xlsx."
            raise BusinessError(told, code="no-workbook") from None
        try:
            yield sheet_of(book, run.payload["sheet"])
        finally:
            book.close()


def sheet_of(book: Any, name: str | None) -> ReadOnlyWorksheet:
    """Return a sheet of a workbook, the first one without a name; raise BusinessError where it is not there."""
    if name is not None and name not in book.sheetnames:
        raise BusinessError(f"There is no sheet {name!r} among {', '.join(book.sheetnames)}.", code="no-sheet")
    sheet: ReadOnlyWorksheet = book[book.sheetnames[0] if name is None else name]
    return sheet


def header(sheet: ReadOnlyWorksheet, row: int) -> list[str]:
    """Return the names of the columns; raise BusinessError where one is missing between others, or there twice."""
    cells = next(sheet.iter_rows(min_row=row, max_row=row, values_only=True), ())
    names = [str(cell).strip() if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BusinessError(f"Row {row} has no header.", code="no-header")
    for at, name in enumerate(names, start=1):
        if not name or names.index(name) != at - 1:
            why = f"has no name in row {row}" if not name else f"is called {name!r}, as another is"
            raise BusinessError(f"Column {at} {why}.", code="unclear-header")
    return names


def named(columns: Sequence[str], cells: Sequence[object]) -> dict[str, Any]:
    """Return a row by the names of its columns, its values as JSON has them."""
    padded = [*cells, *([None] * len(columns))]
    return {name: plain(cell) for name, cell in zip(columns, padded, strict=False)}


def plain(cell: object) -> Any:
    """Return a cell as JSON has it: a moment as text, in which a whole day has no time."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    return cell if cell is None or isinstance(cell, bool | int | float | str) else str(cell)


def check_key(rows: Sequence[dict[str, Any]], key: str) -> None:
    """Raise BusinessError for the first row whose key is empty, or there before."""
    seen: dict[object, int] = {}
    for row in rows:
        value, number = row[key], row["row"]
        if value is None or value in seen:
            why = f"has no {key}" if value is None else f"has the {key} {value!r}, as row {seen[value]} has"
            raise BusinessError(f"Row {number} {why}.", code="unclear-key")
        seen[value] = number
