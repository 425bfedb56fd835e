from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from example_office import Office
from freezegun import freeze_time

from process_manager.database import Database

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def office(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An empty folder with a database, on a Monday at eight."""
    monkeypatch.chdir(tmp_path)
    with freeze_time(MONDAY) as clock:
        yield Office(database, clock)
