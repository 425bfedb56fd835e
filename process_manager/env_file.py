"""The lines of a `.env` file, read as its users expect: what stands in single quotes is taken as it is written."""

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
    """Each name and its value, `${NAME}` replaced outside single quotes; SettingsError names the line that is broken.

    A name of the file comes before one of the environment. The library reads the lines; left to itself it replaces
    `${NAME}` in single quotes, too, where a password may hold it.
    """
    known: dict[str, str | None] = dict(environment)
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            where = f"{shown}, line {binding.original.line}"
            raise SettingsError(where=where, problem="cannot be read", cure="Write NAME=value, or quote the value.")
        if binding.key:
            known[binding.key] = _value(binding, known)
            yield binding.key, known[binding.key]


def _value(binding: Binding, known: Mapping[str, str | None]) -> str | None:
    if binding.value is None or _IN_SINGLE_QUOTES.match(binding.original.string):
        return binding.value
    return "".join(atom.resolve(known) for atom in parse_variables(binding.value))
