import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import deployed
import pytest
import structlog
from rig import Bench
from shop import Shop

from process_manager.settings import PREFIX, model_of


@contextmanager
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A folder without a database, where the test processes are deployed; logging is as before at the end."""
    for name in model_of().model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "deployed")
    monkeypatch.setenv("PROCESS_MANAGER_LEASE", "4s")  # nobody waits longer than a second for a lock
    monkeypatch.setenv("PROCESS_MANAGER_ZONE", "Europe/Copenhagen")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", "none")  # or all of it would fail late in the evening
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    root, events, make = logging.getLogger(), structlog.get_config(), logging.getLogRecordFactory()
    handlers, level = root.handlers[:], root.level
    yield Shop(folder)
    root.handlers[:], root.level = handlers, level
    structlog.configure(**events)
    logging.setLogRecordFactory(make)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop without a database."""
    with opened(tmp_path / "shop", monkeypatch) as shop:
        yield shop


@pytest.fixture
def shop(bare: Shop, laid: Path) -> Shop:
    """As `bare`, with an empty database."""
    shutil.copy(laid / "engine.db", bare.file)
    return bare


@pytest.fixture
def busy(bare: Shop, bustling: Path) -> Shop:
    """A shop with a process in every status; the lease of the running one, 11, holds for long."""
    shutil.copy(bustling, bare.file)
    bare.execute("UPDATE processes SET lease_ends_at = '2999-01-01 00:00:00.000000' WHERE status = 'running'")
    return bare


@pytest.fixture(scope="session")
def bustling(laid: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The database of a shop with a process in every status, made once."""
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        opened(tmp_path_factory.mktemp("busy") / "shop", monkeypatch) as shop,
    ):
        shutil.copy(laid / "engine.db", shop.file)
        fill(shop)
    yield shop.file


def fill(shop: Shop) -> None:
    """Processes 1 to 11, by name and by what was done to them."""
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
