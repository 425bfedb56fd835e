"""A disk that is full: it is told with a hint, nothing is falsely failed, and work goes on when there is room."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import eventually, start, status, working
from shop import Shop

from process_manager.database import connect


@pytest.fixture
def small() -> Iterator[Path]:
    """A disk of 4 MB, where this host's user may have one."""
    mount = shutil.which("mount")
    if sys.platform == "win32" or mount is None or os.geteuid() != 0:
        pytest.skip("only root of a Unix can have a disk of 4 MB for a while")
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if made.returncode:
        folder.rmdir()
        pytest.skip("this host lets nobody mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture
def full(small: Path, shop: Shop) -> Iterator[Path]:
    """The shop's database on that disk, open in another program, and what fills the rest of it."""
    file = small / "process-manager.db"
    shop.start("letter")
    shop.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(shop.file, file)
    (shop.folder / ".env").write_text(f"PROCESS_MANAGER_DATABASE_URL=sqlite:///{file}\n", "utf-8")
    kept = connect(f"sqlite:///{file}")
    with kept.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM processes")
        yield fill(small / "filler")
    kept.close()


def fill(filler: Path) -> Path:
    with filler.open("wb", buffering=0) as opened:
        for size in (65_536, 4_096):
            try:
                while True:
                    opened.write(b"\0" * size)
            except OSError:
                continue
    return filler


def found(answer: Any) -> dict[str, str]:
    return {row["what"]: row["result"] for row in answer.json}


def test_doctor_tells_of_a_full_disk_what_a_start_meets(full: Path, shop: Shop) -> None:
    started, examined = shop.ask("start", "letter"), shop.ask("doctor", "-o", "json")

    assert (started.code, "Free space on the disk." in started.err) == (7, True), started.err
    assert examined.code == 1
    assert found(examined)["disk"] == "problem"
    full.unlink()
    assert shop.ask("start", "letter").code == 0


def test_what_was_answered_while_the_disk_was_full_is_recorded_when_there_is_room(small: Path, laid: Path) -> None:
    shutil.copy(laid / "engine.db", small / "engine.db")
    database = connect(f"sqlite:///{small / 'engine.db'}")
    ids = [start(database) for _ in range(20)]
    with working(database) as worker:
        filler = fill(small / "filler")
        eventually(lambda: worker._backoff.latest)
        filler.unlink()

        eventually(lambda: all(status(database, each) == "succeeded" for each in ids), seconds=20)
    database.close()


@pytest.mark.parametrize(("free", "result"), [(5_000_000, "problem"), (50_000_000, "warning"), (5_000_000_000, "ok")])
def test_a_disk_is_judged_by_what_is_free(
    free: int, result: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from process_manager.inspection import write_check

    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(free, 0, free))  # type: ignore[attr-defined]

    assert write_check.room(tmp_path / "engine.db").result == result
