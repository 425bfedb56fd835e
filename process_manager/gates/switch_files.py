"""Switch files: `<key>.disabled` in the locks folder disables a key on this host."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from process_manager import clock
from process_manager.errors import IllegalValue, UsageError
from process_manager.gates.switches import EVERYTHING, Switch, checked_key

SUFFIX = ".disabled"


def thrown(folder: Path) -> list[Switch]:
    """Return the switches whose files are there; everything is disabled where the folder cannot be read."""
    try:
        with os.scandir(folder) as found:
            files = sorted(Path(each.path) for each in found if each.name.endswith(SUFFIX))
    except FileNotFoundError:
        return []
    except OSError as problem:
        reason = f"{folder} cannot be read ({problem.strerror}), so nobody knows what is disabled there"
        return [Switch(EVERYTHING, reason, by="this worker", since=clock.now(), where=str(folder))]
    return [switch for switch in map(_switch, files) if switch is not None]


def strange(folder: Path) -> list[Path]:
    """Return the files that look like switches and disable nothing: of no possible key, or with one more ending."""
    found = (file for file in sorted(folder.glob("*")) if SUFFIX in file.name.lower())
    return [file for file in found if not (file.suffix == SUFFIX and _is_key(file.name.removesuffix(SUFFIX)))]


def _switch(file: Path) -> Switch | None:
    key = file.name.removesuffix(SUFFIX)
    if not _is_key(key):
        return None
    try:
        found = file.stat()
        since = datetime.fromtimestamp(found.st_mtime, UTC)
        reason = _said(file) if stat.S_ISREG(found.st_mode) else ""
    except FileNotFoundError:
        return None  # taken away this very moment
    except OSError:
        since, reason = datetime.fromtimestamp(0, UTC), ""  # it is there, whatever else it hides
    return Switch(key, reason, by=_owner(file), since=since, where=file.name)


def _said(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as opened:
        return opened.read(500).strip()


def _owner(file: Path) -> str:
    try:
        return file.owner()
    except (OSError, KeyError, NotImplementedError):
        return "somebody"


def _is_key(key: str) -> bool:
    try:
        checked_key(key)
    except IllegalValue:
        return False
    return True


def take_back(folder: Path, key: str) -> bool:
    """Remove the switch file of this key, and return whether there was one."""
    try:
        (folder / f"{key}{SUFFIX}").unlink()
    except FileNotFoundError:
        return False
    except OSError as problem:
        where = folder / f"{key}{SUFFIX}"
        raise UsageError(
            problem=f"{where} cannot be removed ({problem.strerror}). Remove it as its owner."
        ) from problem
    return True
