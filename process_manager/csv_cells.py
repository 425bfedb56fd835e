"""CSV cells: text that no spreadsheet takes for a formula, and the form that Excel opens by a double click."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

EXCEL: Final = "excel"
MARK: Final = "\ufeff"
"""In front of a file by which Excel knows that it is UTF-8."""

_BEGINS_A_FORMULA: Final = re.compile(r"[=+\-@\t\n＝＋－＠]")
_IS_A_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,:]\d+)*(?:[eE][+-]?\d+)?")


def lines(rows: Iterable[Sequence[Any]], *, form: str) -> str:
    """Return the rows, a line each: with commas, or as Excel reads them where a number has a decimal comma."""
    out = io.StringIO()
    is_excel = form == EXCEL
    writer = csv.writer(out, delimiter=";" if is_excel else ",", lineterminator="\n")
    writer.writerows([_excel(cell) if is_excel else safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def safe(cell: Any) -> Any:
    """Return the cell, with an apostrophe before text that a spreadsheet would calculate; a number stays as it is."""
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")  # a lone one would begin a row, which may be a formula
    is_formula = _BEGINS_A_FORMULA.match(text) and not _IS_A_NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def _excel(cell: Any) -> Any:
    return str(cell).replace(".", ",") if isinstance(cell, float) else safe(cell)
