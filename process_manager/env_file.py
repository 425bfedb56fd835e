"""Parse a `.env` file as its users expect: text in single quotes is taken literally."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Final

from dotenv.parser import Binding, parse_stream
from dotenv.variables import parse_variables

from process_manager.errors import SettingsError

_IN_SINGLE_QUOTES: Final = re.compile(r"\s*(?:export\s+)?(?:'[^']+'|[^=#\s]+)\s*=\s*'")


def read(text: str, environment: Mapping[str, str], *, shown: object) -> Iterator[tuple[str, str | None]]:
    """Yield each name and its value, with `${NAME}` expanded outside single quotes.

    A name in the file takes precedence over the environment. The library parses the lines, but on its own it would also
    expand `${NAME}` in single quotes, where a password may contain it.

    Args:
        text: The content of the file.
        environment: The variables that `${NAME}` may refer to.
        shown: The file's name in error messages.

    Raises:
        SettingsError: A line cannot be parsed; the error names it.
    """
    known: dict[str, str | None] = dict(environment)
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            where = f"{shown}, line {binding.original.line}"
            raise SettingsError(where=where, problem="cannot be read", hint="Write NAME=value, or quote the value.")
        if binding.key:
            known[binding.key] = _value(binding, known)
            yield binding.key, known[binding.key]


def _value(binding: Binding, known: Mapping[str, str | None]) -> str | None:
    if binding.value is None or _IN_SINGLE_QUOTES.match(binding.original.string):
        return binding.value
    return "".join(atom.resolve(known) for atom in parse_variables(binding.value))
