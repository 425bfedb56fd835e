"""Whether an installation is ready, and what its settings are: looked at, never changed."""

import os
from pathlib import Path
from typing import Any

import pytest
from shop import Shop

from process_manager import clock
from process_manager.store.tables import SCHEMA

WORKING = "PROCESS_MANAGER_PROCESS_PACKAGES"


def found(shop: Shop) -> tuple[int, dict[str, tuple[str, str]]]:
    """The exit code, and by what was looked at the last result with its message."""
    answer = shop.ask("check", "-o", "json")
    return answer.code, {row["what"]: (row["result"], row["message"]) for row in answer.json}


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(file): (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


def test_a_sound_installation_is_all_well(shop: Shop) -> None:
    Path("locks").mkdir()
    shop.start("letter")

    answer = shop.ask("check", "-o", "json")

    assert (answer.code, {row["result"] for row in answer.json}) == (0, {"ok"}), answer.out
    assert answer.err == "11 ok, 0 warnings, 0 problems.\n"
    assert [row["what"] for row in answer.json] == [
        "settings", "zone", "quiet windows", "retry policy", "logging", "process packages", "switch files", "database",
        "rights", "clock", "open processes",
    ]  # fmt: skip


def test_what_this_code_would_strand_of_what_is_open_is_worth_a_warning(shop: Shop) -> None:
    for version, step in ((1, "write"), (1, "fold"), (9, "write")):
        number = shop.start("letter")
        shop.execute("UPDATE processes SET version = ?, step = ? WHERE id = ?", version, step, number)

    code, _rows = found(shop)
    told = [row["message"] for row in shop.ask("check", "-o", "json").json if row["what"] == "open processes"]

    assert code == 0
    assert told == [
        "1 of version 1 of 'letter' would wait, at step 'fold'",
        "1 of version 9 of 'letter' would wait, and this code has no such version",
    ]


def test_a_path_that_double_quotes_spoiled_is_worth_a_warning(shop: Shop) -> None:
    Path(".env").write_text('PROCESS_MANAGER_LOCKS_FOLDER="C:\\temp\\new"\n')

    code, rows = found(shop)

    assert (code, rows["settings"]) == (
        0,
        (
            "warning",
            ".env, PROCESS_MANAGER_LOCKS_FOLDER (locks_folder) holds a tab, a new line or the like: "
            "in double quotes \\t and \\n mean them",
        ),
    )


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_a_check_makes_no_file_and_no_folder(bare: Shop, form: str) -> None:
    answer = bare.ask("check", "-o", form)

    assert answer.code == 0
    assert list(bare.folder.iterdir()) == []


@pytest.mark.parametrize("in_use", [True, False])
def test_a_check_leaves_the_database_as_it_is(shop: Shop, in_use: bool) -> None:
    shop.start("letter")
    opened = shop.database()
    try:
        if in_use:
            with opened.begin() as connection:
                connection.exec_driver_sql("UPDATE processes SET reference = 'R'")
        before = everything(shop.folder)
        code, rows = found(shop)
        after = everything(shop.folder)
    finally:
        opened.close()

    marks = str(shop.file) + "-shm"  # of the readers, in memory that they share: nobody's data
    assert (code, rows["database"]) == (0, ("ok", f"schema {SCHEMA}"))
    assert {**after, marks: before.get(marks)} == {**before, marks: before.get(marks)}
    assert after.keys() == before.keys()


def test_a_check_leaves_no_compiled_files(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("office_checked").mkdir()
    Path("office_checked/__init__.py").write_text("")
    monkeypatch.setenv(WORKING, "office_checked")

    code, rows = found(shop)

    assert (code, rows["process packages"]) == (0, ("warning", "there is no process class in office_checked"))
    assert [path.name for path in Path("office_checked").iterdir()] == ["__init__.py"]


# What is set, the exit code, what was looked at, its result and the beginning of what is said.
BROKEN: list[tuple[dict[str, str], int, str, str, str]] = [
    ({"LEASE": "soon"}, 2, "settings", "problem", "PROCESS_MANAGER_LEASE: 'soon' is not a duration"),
    ({"LEESE": "1m"}, 2, "settings", "problem", "PROCESS_MANAGER_LEESE: is not a setting. Did you mean"),
    ({"QUIET": "always"}, 2, "quiet windows", "problem", "Quiet window 'always' is not understood"),
    ({"RETRY": "often"}, 2, "retry policy", "problem", "Retry policy 'often' is not known"),
    ({"LOGGING_CONFIG": "no.yaml"}, 2, "logging", "problem", "no.yaml: cannot be read"),
    ({"PROCESS_PACKAGES": "nowhere"}, 2, "process packages", "problem", "There is no process package 'nowhere'"),
    ({"LOCKS_FOLDER": "taken"}, 2, "switch files", "problem", "taken is no folder"),
    ({"DATABASE_URL": "sqlite:///no/where.db"}, 7, "database", "problem", "The database sqlite:///no/where.db cannot"),
    (
        {"DATABASE_URL": "mysql://u:geheim@h/d"},
        7,
        "database",
        "problem",
        "The database mysql://u:***@h/d cannot",
    ),
    (
        {"DATABASE_URL": "sqlite:///taken"},
        7,
        "database",
        "problem",
        "The database sqlite:///taken cannot be used",
    ),
    ({"DATABASE_URL": "sqlite:///empty"}, 0, "database", "warning", "the file is empty"),
    ({"DATABASE_URL": "sqlite:///new.db"}, 0, "database", "warning", "there is no new.db yet"),
    ({}, 0, "switch files", "ok", "there is no folder locks"),
    ({"LOCKS_FOLDER": "gone"}, 0, "switch files", "warning", "there is no folder gone"),
]


@pytest.mark.parametrize("case", BROKEN, ids=[str(row[0]) for row in BROKEN])
def test_what_is_wrong_is_named_and_changes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, case: tuple[dict[str, str], int, str, str, str]
) -> None:
    given, code, what, result, said = case
    Path("taken").write_text("no database, and no folder\n" * 100)
    Path("empty").touch()
    for name, value in given.items():
        monkeypatch.setenv(f"PROCESS_MANAGER_{name}", value)
    before = everything(shop.folder)

    ended, rows = found(shop)

    assert rows[what][0] == result, rows
    assert rows[what][1].replace(f"{shop.folder}{os.sep}", "").startswith(said), rows[what]
    assert (ended, everything(shop.folder)) == (code, before)


@pytest.mark.parametrize(("version", "hint"), [("0000", "db upgrade"), ("9999", "newer version")])
def test_a_schema_that_is_too_old_or_too_new_ends_with_8(shop: Shop, version: str, hint: str) -> None:
    shop.execute("UPDATE alembic_version SET version_num = ?", version)

    code, rows = found(shop)

    assert (code, rows["database"][0]) == (8, "problem")
    assert hint in rows["database"][1]


def test_wrong_settings_come_before_a_wrong_database(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", "no url")
    monkeypatch.setenv("PROCESS_MANAGER_RETRY", "often")

    code, rows = found(shop)

    assert (code, rows["retry policy"][0], rows["database"][0]) == (2, "problem", "problem")


def test_switch_files_are_told_and_those_that_switch_nothing(shop: Shop) -> None:
    Path("locks").mkdir()
    for name in ("letter.disabled", "Letter Two.disabled", "all-commands.txt"):
        Path("locks", name).touch()

    answer = shop.ask("check", "-o", "json")

    said = [(row["result"], row["message"]) for row in answer.json if row["what"] == "switch files"]
    assert answer.code == 0
    assert [result for result, _ in said] == ["warning", "warning", "ok"]
    assert said[0][1].startswith(f"{Path('locks', 'Letter Two.disabled').absolute()} disables nothing")
    assert "'letter' is disabled by" in said[1][1]


def test_a_clock_that_is_behind_the_database_is_worth_a_warning(shop: Shop) -> None:
    shop.start("letter")
    shop.execute("UPDATE processes SET created_at = '2999-01-01 00:00:00.000000'")

    code, rows = found(shop)

    assert (code, rows["clock"][0]) == (0, "warning")
    assert "but the newest process is of 2999-01-01 00:00:00" in rows["clock"][1]


def test_a_clock_that_is_behind_a_file_is_worth_a_warning(shop: Shop) -> None:
    later = clock.now().timestamp() + 3600
    os.utime(shop.file, (later, later))

    assert "the database's file is of" in found(shop)[1]["clock"][1]


def settings(shop: Shop) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in shop.ask("config", "show", "-o", "json").json}


def test_config_show_names_each_value_and_where_it_comes_from(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PROCESS_MANAGER_GRACE=1m\nPROCESS_MANAGER_TIME_BOX=9m\n")
    Path("process_manager.toml").write_text('retry = "never"\ngrace = "2m"\nconcurrency = 3\n')
    monkeypatch.setenv("PROCESS_MANAGER_TIME_BOX", "7m")
    monkeypatch.delenv("PROCESS_MANAGER_QUIET")

    rows = settings(shop)

    assert {
        name: (rows[name]["value"], rows[name]["origin"]) for name in rows if rows[name]["origin"] != "default"
    } == {
        "process_packages": (["deployed"], "PROCESS_MANAGER_PROCESS_PACKAGES"),
        "lease": ("4s", "PROCESS_MANAGER_LEASE"),
        "zone": ("Europe/Copenhagen", "PROCESS_MANAGER_ZONE"),
        "time_box": ("7m", "PROCESS_MANAGER_TIME_BOX"),
        "grace": ("1m", ".env, PROCESS_MANAGER_GRACE"),
        "retry": ("never", "process_manager.toml, retry"),
        "concurrency": (3, "process_manager.toml, concurrency"),
    }
    assert (rows["quiet"]["value"], rows["log_level"]["value"]) == ("23:50-24:00", None)


def test_config_show_tells_the_zone_of_the_host_where_none_is_set(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROCESS_MANAGER_ZONE")

    row = settings(shop)["zone"]

    assert row["origin"] == "default: the host's"
    assert row["value"]


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_config_show_masks_every_password(shop: Shop, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_FAKTURERING_URL", "mssql+pyodbc://robot:geheim@sql01/VejmanKassen")

    answer = shop.ask("config", "show", "-o", form)

    assert answer.code == 0
    assert "mssql+pyodbc://robot:***@sql01/VejmanKassen" in answer.out
    assert "geheim" not in answer.out + answer.err


def test_a_setting_that_is_wrong_is_told_in_one_line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_LEASE", "soon")

    answer = shop.ask("config", "show")

    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
