"""The grammar of T-SQL, which takes a while to load: it is loaded when a text is held against it."""

import re
from functools import cache
from typing import Any


def complaints(sql: str) -> list[str]:
    """Where the grammar refuses a text."""
    from antlr4 import InputStream
    from pytsql.grammar import parse

    listener = _listening()()
    parse(InputStream(re.sub(r":(\w+)", r"@\1", sql)), "tsql_file", listener)
    found: list[str] = listener.found
    return found


@cache
def _listening() -> Any:
    from pytsql.grammar import SA_ErrorListener

    class Complaints(SA_ErrorListener):
        def __init__(self) -> None:
            self.found: list[str] = []

        def syntaxError(self, _stream, _symbol, _index, line, column, _message) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
            self.found.append(f"line {line}, column {column}")

    return Complaints
