"""A statement of ours is made into SQLite's text once for all the files that a test program opens.

An engine keeps the texts of its statements, and here nearly every test opens a file of its own: more than half of the
statements were made into text anew.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import Compiled
from sqlalchemy.util import LRUCache

MOST = 5000


class Texts(LRUCache[Any, Compiled]):
    """What engines of one dialect keep together; every key of theirs begins with the dialect."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(MOST)
        self._dialect = dialect

    def __getitem__(self, key: Any) -> Compiled:
        return super().__getitem__(self._of_all(key))

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._of_all(key), default)

    def __setitem__(self, key: Any, value: Compiled) -> None:
        super().__setitem__(self._of_all(key), value)

    def _of_all(self, key: Any) -> Any:
        return (self._dialect, *key[1:])


def share(patch: pytest.MonkeyPatch) -> None:
    """Have every engine for SQLite that is created from now on keep its texts with the others."""
    create, texts = sa.create_engine, None

    def created(*given: Any, **options: Any) -> sa.Engine:
        nonlocal texts
        made = create(*given, **options)
        if made.dialect.name == "sqlite":
            texts = texts or Texts(made.dialect)
            made.update_execution_options(compiled_cache=texts)
        return made

    patch.setattr(sa, "create_engine", created)
