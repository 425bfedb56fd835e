"""The machine that the figures come from: they mean nothing without it."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types

SYNCS = 200
PAGE = b"\0" * 4096


def facts(folder: Path) -> list[str]:
    """What a reader needs to know of this machine, a line each."""
    return [
        f"{_processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GB",
        f"{platform.system()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        f"{_file_system(folder)}, fsync of 4 KB in {_sync_ms(folder):.2f} ms (median of {SYNCS})",
        f"load average {psutil.getloadavg()[0]:.1f} before the run",
    ]


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _file_system(folder: Path) -> str:
    inside = [each for each in psutil.disk_partitions(all=True) if folder.resolve().is_relative_to(each.mountpoint)]
    return max(inside, key=lambda each: len(each.mountpoint)).fstype if inside else "unknown file system"


def _sync_ms(folder: Path) -> float:
    path = folder / "sync"
    with path.open("wb", buffering=0) as file:
        seconds = statistics.median(_syncs(file.fileno()))
    path.unlink()
    return seconds * 1000


def _syncs(file: int) -> Iterator[float]:
    for _ in range(SYNCS):
        os.write(file, PAGE)
        began = time.perf_counter()
        os.fsync(file)
        yield time.perf_counter() - began
