"""The direct call with nothing but a class: on the database that the settings name, left as it was found."""

from pathlib import Path

import psutil
import pytest
from rig import Three, execute, get, outcomes

from process_manager import Process, Retry, StepRun, direct
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import NoDatabaseYet, SchemaMismatch, SettingsError


class Down(Process):
    """One step whose system is down."""

    STEPS = {"do": "do"}

    def do(self, run: StepRun) -> Retry:
        return Retry("SAP is down")


@pytest.fixture
def file(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The engine's database, which the settings of this folder name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", "sqlite:///engine.db")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", "none")
    return tmp_path / "engine.db"


def test_a_class_is_all_that_is_needed(database: Database, file: Path) -> None:
    rest = direct.run(
        Three, {"number": 1}, actor=Actor("Ada"), reference="R-1", dedup_key="1", order_key="lane", channel="robots"
    )

    assert rest == (1, True, "succeeded")
    assert outcomes(database, 1) == [("a", "done"), ("b", "done"), ("c", "done")]
    found = get(database, 1)
    assert (found.created_by, found.reference, found.order_key, found.channel) == ("Ada", "R-1", "lane", "robots")


def test_a_second_call_with_its_key_finds_the_first(file: Path) -> None:
    first = direct.run(Down, dedup_key="1")

    assert direct.run(Down, dedup_key="1") == (first.id, False, "waiting")


def test_the_settings_are_those_of_the_command_line(file: Path) -> None:
    (file.parent / ".env").write_text("PROCESS_MANAGER_RETRY=never\n", encoding="utf-8")

    assert direct.run(Down).status == "failed"

    (file.parent / ".env").write_text("PROCESS_MANAGER_RETRIES=never\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"\.env, PROCESS_MANAGER_RETRIES: is not a setting"):
        direct.run(Down)


def test_no_connection_is_left_open(database: Database, file: Path) -> None:
    database.close()

    direct.run(Three)

    assert [opened.path for opened in psutil.Process().open_files() if opened.path.startswith(str(file))] == []


def test_where_no_database_is_nothing_is_made_and_the_error_says_how(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", "sqlite:///other.db")

    with pytest.raises(NoDatabaseYet, match=r"other\.db cannot be used: .*process-manager db upgrade"):
        direct.run(Three)

    assert not (file.parent / "other.db").exists()


def test_a_database_with_an_older_schema_is_refused_with_the_command_that_upgrades_it(
    database: Database, file: Path
) -> None:
    execute(database, "UPDATE alembic_version SET version_num = '0001'")

    with pytest.raises(SchemaMismatch, match=r"has schema 0001, .*`process-manager db upgrade`"):
        direct.run(Three)
