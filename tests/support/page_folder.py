"""The folder of its own in which the blocks of one page are done, as by a reader who begins there."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import ModuleType
from typing import Final

import page_server
import pytest
import structlog

from process_manager import clock
from process_manager.settings import PREFIX

AUTHORS: Final = ("processes", "tasks")
"""Packages that a page may write for itself, although the checkout has them too."""


class PageFolder:
    """An empty folder with settings that no hour changes; closing it leaves this program as it was before."""

    def __init__(self) -> None:
        self._undo = ExitStack()
        self._before = modules_of_authors()

    def __enter__(self) -> PageFolder:
        folder = self._undo.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        patch = self._undo.enter_context(pytest.MonkeyPatch.context())
        self._undo.callback(self._restore_modules)
        self._undo.callback(page_server.stop)  # before its folder is removed
        self._undo.callback(restore_logging, *logging_now())
        self._undo.callback(clock.follow_host)
        self._undo.callback(restore_environment, dict(os.environ))
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            patch.delenv(name)
        patch.setenv(f"{PREFIX}QUIET", "none")
        patch.setenv(f"{PREFIX}ZONE", "Europe/Copenhagen")
        patch.setattr(sys, "dont_write_bytecode", True)  # a page may write a file twice within a second
        patch.syspath_prepend(folder)
        patch.chdir(folder)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._undo.close()

    def _restore_modules(self) -> None:
        forget_authors()
        sys.modules.update(self._before)


def modules_of_authors() -> dict[str, ModuleType]:
    """Return what is imported of the packages that pages write into, and of the working directory."""
    here = Path.cwd()
    return {name: module for name, module in sys.modules.items() if _is_authors(name) or _lies_in(module, here)}


def forget_authors() -> None:
    """Have the next command import what a page wrote as it is now, as a program does that is started anew."""
    for name in modules_of_authors():
        del sys.modules[name]
    importlib.invalidate_caches()


def restore_environment(before: Mapping[str, str]) -> None:
    """Have the variables that were there, and no other: a page may export some."""
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


def logging_now() -> tuple[object, ...]:
    """Return how this program logs."""
    root = logging.getLogger()
    return root.handlers[:], root.level, structlog.get_config(), logging.getLogRecordFactory()


def restore_logging(*state: object) -> None:
    """Log as before."""
    root = logging.getLogger()
    handlers, level, events, factory = state
    root.handlers[:], root.level = handlers, level
    structlog.configure(**events)
    logging.setLogRecordFactory(factory)


def _is_authors(name: str) -> bool:
    return name.partition(".")[0] in AUTHORS


def _lies_in(module: ModuleType, folder: Path) -> bool:
    with suppress(TypeError, ValueError):
        return Path(getattr(module, "__file__", None) or "/").is_relative_to(folder)
    return False
