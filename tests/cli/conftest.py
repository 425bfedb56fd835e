import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import deployed
import pytest
import structlog
from rig import Bench
from shop import Shop

from process_manager.settings import PREFIX, Settings


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A folder without a database, where the test processes are deployed; logging is as before at the end."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "deployed")
    monkeypatch.setenv("PROCESS_MANAGER_LEASE", "4s")  # nobody waits longer than a second for a lock
    monkeypatch.setenv("PROCESS_MANAGER_ZONE", "Europe/Copenhagen")
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Shop(folder)
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def shop(bare: Shop, laid: Path) -> Shop:
    """As `bare`, with an empty database."""
    shutil.copy(laid / "engine.db", bare.file)
    return bare


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """A shop with a process in every status: the ids are those of `STANDING`."""
    for name in ("letter", "broken", "resting", "rejected", "skipped", "letter"):
        shop.start(name)
    assert shop.ask("work").code == 0
    shop.start("letter", None, "--order-key", "lane")
    shop.start("letter", None, "--order-key", "lane")
    assert shop.ask("abandon-process", 6, "--reason", "x").code == 4  # it has ended
    with_code = shop.start("gone")
    abandoned = shop.start("letter")
    assert shop.ask("abandon-process", abandoned, "--reason", "paid by hand").code == 0
    database = shop.database()
    running = shop.start("slow", {"folder": str(shop.folder), "seconds": 1})
    Bench(database, deployed.Slow).write()
    database.close()
    shop.execute("UPDATE processes SET version = 1 WHERE id = ?", with_code)
    assert [shop.show(each, "status") for each in (with_code, abandoned, running)] == [
        "pending",
        "abandoned",
        "running",
    ]
    return shop
