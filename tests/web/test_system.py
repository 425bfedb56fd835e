"""The page System: how the database stands, and the settings with their origin."""

from __future__ import annotations

import platform
import re

import pytest
from rig import settings, start
from web_visitor import Visitor

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.settings import model_of
from process_manager.store.tables import SCHEMA
from process_manager.web.app import create_app
from process_manager.web.office import Office


def rows(page: str, section: str) -> dict[str, str]:
    """The rows of a table by their first cell, without markup."""
    table = page.partition(f'aria-labelledby="{section}"')[2].partition("</section>")[0]
    cells = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table, re.DOTALL)
    return {plain(first): plain(rest) for first, rest in cells}


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_all_is_well_with_an_empty_database(
    durable_files: None, database: Database, visitor: Visitor, role: Role
) -> None:
    visitor.come_in(database, role=role)

    answer = visitor.get("/system")

    assert answer.status_code == 200
    assert '<h1>The system works. <span class="then">Nothing needs a look.</span></h1>' in answer.text
    found = rows(answer.text, "database")
    assert found["due"] == "OK nothing is due"
    assert found["schema version"].startswith("OK 00")


def test_what_is_worth_a_look_stands_first(durable_files: None, database: Database, visitor: Visitor) -> None:
    start(database)
    database.run(
        lambda connection: connection.exec_driver_sql("UPDATE processes SET due_at = '2026-01-01 00:00:00.000000'")
    )
    visitor.come_in(database)

    page = visitor.get("/system").text

    assert "One thing is worth a look." in page
    name, told = next(iter(rows(page, "database").items()))
    assert (name, told.partition(" due")[0]) == ("due", "Warning 1")


def test_every_setting_is_there_with_its_origin_and_no_password(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_LEASE", "60s")
    found = settings(database_url="postgresql://ada:hunter2@host/engine")
    visitor = Visitor(create_app(Office.of(found, database, Registry(()))))
    visitor.come_in(database)

    page = visitor.get("/system").text

    shown = rows(page, "settings")
    assert list(shown) == list(model_of().model_fields)
    assert shown["lease"].startswith("1m PROCESS_MANAGER_LEASE How long")
    assert shown["database_url"].startswith("postgresql://ada:***@host/engine given at the start")
    assert shown["debug"].startswith("false default")
    assert shown["logging_config"].startswith("not set default")
    assert "hunter2" not in page


def test_what_is_fine_is_folded_away_where_something_is_not(
    durable_files: None, database: Database, visitor: Visitor
) -> None:
    visitor.come_in(database)
    assert '<details class="fold" open>' in visitor.get("/system").text

    start(database)
    database.run(
        lambda connection: connection.exec_driver_sql("UPDATE processes SET due_at = '2026-01-01 00:00:00.000000'")
    )

    page = visitor.get("/system").text
    assert '<details class="fold">' in page
    assert page.index("Warning") < page.index("as they should be")


def test_the_versions_of_what_runs_are_told(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)

    told = plain(visitor.get("/system").text.partition('aria-labelledby="versions"')[2].partition("</section>")[0])

    assert f"Python {platform.python_version()} Database SQLite 3." in told
    assert f"Schema {SCHEMA}" in told


def test_the_page_is_danish_for_who_chose_it(durable_files: None, database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)
    assert visitor.post("/preferences", {"language": "da", "back": "/system"}).headers["location"] == "/system"

    page = visitor.get("/system", accept_language="en").text

    assert '<html lang="da">' in page
    assert "Systemet virker." in page
    assert "English" in page


def test_what_is_found_and_what_the_settings_mean_are_told_in_danish_and_what_they_are_called_is_not(
    durable_files: None, database: Database, visitor: Visitor
) -> None:
    start(database)
    visitor.come_in(database)

    page = visitor.get("/system", accept_language="da").text

    found, known = rows(page, "database"), rows(page, "settings")
    assert found["klar"].endswith(
        "Den er klar, men ingen worker kører: `worker` starter en, `work 1` kører denne proces nu."
    )
    assert found["transaktioner"] == "I orden skrivelåsen er fri; SQLite siger intet om dem, der læser"
    assert found["ur"].startswith("I orden databasens ur er ")
    assert known["debug"] == "false standard Om en fejl viser sit spor: true eller false."


def test_who_switches_single_keys_off_is_not_heard_by_them_until_they_are_on_again(
    durable_files: None, database: Database, visitor: Visitor
) -> None:
    visitor.come_in(database)

    visitor.post("/preferences", {"keys": "off"})
    off = visitor.get("/system").text
    visitor.post("/preferences", {"keys": "on"})
    on = visitor.get("/system").text

    assert ('<html lang="en" data-keys="off">' in off, "Switch single keys on" in off) == (True, True)
    assert ('<html lang="en">' in on, "Switch single keys off" in on) == (True, True)


def test_the_theme_is_in_the_page_for_who_chose_one(visitor: Visitor) -> None:
    visitor.post("/preferences", {"theme": "dark"})
    assert '<html lang="en" data-theme="dark">' in visitor.get("/sign-in").text

    visitor.post("/preferences", {"theme": '"><script>'})
    assert '<html lang="en">' in visitor.get("/sign-in").text
