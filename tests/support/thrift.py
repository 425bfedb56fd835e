"""What every test would do anew is done once for all tests of a program."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import freezegun.api
import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import Compiled
from sqlalchemy.util import LRUCache

MOST = 5000


class Texts(LRUCache[Any, Compiled]):
    """The statements that engines of one dialect made into text; every key of theirs begins with the dialect."""

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


def share_texts(patch: pytest.MonkeyPatch) -> None:
    """Have all engines for SQLite keep their texts together: an engine has its own, and nearly every test an engine."""
    create, texts = sa.create_engine, None

    def created(*given: Any, **options: Any) -> sa.Engine:
        nonlocal texts
        made = create(*given, **options)
        if made.dialect.name == "sqlite":
            texts = texts or Texts(made.dialect)
            made.update_execution_options(compiled_cache=texts)
        return made

    patch.setattr(sa, "create_engine", created)


def freeze_soon(patch: pytest.MonkeyPatch) -> None:
    """Have freezegun look at how many names a module has, not at each name of 2,500 modules, for one that came."""
    patch.setattr(freezegun.api, "_get_module_attributes_hash", names_of, raising=False)


def names_of(module: ModuleType) -> str:
    """Return what changes when a name comes to a module or leaves it."""
    return f"{id(module)}-{len(getattr(module, '__dict__', ()))}"
