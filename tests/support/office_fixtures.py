import shutil
from pathlib import Path

import pytest
from office import Office


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three databases, empty."""
    folder = tmp_path_factory.mktemp("furnished")
    Office(folder).open()
    return folder


@pytest.fixture
def office(furnished: Path, tmp_path: Path) -> Office:
    shutil.copytree(furnished, tmp_path / "office")
    return Office(tmp_path / "office")
