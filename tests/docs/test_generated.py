"""The pages that are made from the code: each has all that there is."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

import click
import pytest

from docs.generate import (
    api,
    architecture,
    command_line,
    decisions,
    examples,
    exit_codes,
    log_events,
    markdown,
    roles,
    settings_table,
    sql_schema,
)
from docs.generate.log_events import Event
from process_manager import errors
from process_manager.actor import Role
from process_manager.cli.exit_codes import INTERRUPTED
from process_manager.cli.root import BUILT_IN
from process_manager.governance.permissions import ACTS
from process_manager.settings import model_of
from process_manager.store import tables


def first_cells(page: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)


def test_the_command_line_has_a_section_for_each_command_with_an_example_of_it() -> None:
    page = command_line.page()
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)

    assert {name.split()[0] for name in headings} >= BUILT_IN.keys()
    assert len(headings) == len(set(headings))
    assert page.count("\nExample:\n") == len(headings)


def test_an_option_is_shown_with_what_it_says_in_the_help() -> None:
    page = command_line.page()
    work = next(command for name, command, _context in command_line.commands() if name == "work")
    told = next(each.help for each in work.params if isinstance(each, click.Option) and "--time-box" in each.opts)

    assert f"| `--time-box DURATION` | {told} |" in page


def test_the_settings_are_those_of_the_model_each_with_its_variable_and_default() -> None:
    page = settings_table.page()

    assert first_cells(page) == [f"PROCESS_MANAGER_{name.upper()}" for name in model_of().model_fields]
    told = model_of().model_fields["lease"].description
    assert f"| `PROCESS_MANAGER_LEASE`<br>`lease` | `1m30s` | {told} |" in page


def test_every_table_and_every_column_says_what_it_is_for() -> None:
    purposes = sql_schema.purposes()
    every = tables.metadata.sorted_tables

    assert [table.name for table in every if not purposes.get(table.name)] == []
    assert [str(column) for table in every for column in table.columns if not column.doc] == []


def test_the_schema_shows_the_type_of_a_column_on_each_database() -> None:
    page = sql_schema.page()

    types = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("    | `due_at` |")]
    shown = [" `due_at` ", " `DATETIME` ", " `TIMESTAMP WITH TIME ZONE` ", " `DATETIME2(6)` ", " `DATETIME(6)` "]
    assert types == [shown, shown]  # of a process, and of a task


def test_the_exit_codes_are_those_of_all_errors_and_each_has_a_meaning() -> None:
    page = exit_codes.page()
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    ours = {kind for kind in kinds if issubclass(kind, errors.ProcessManagerError)}

    assert {kind.__name__ for kind in ours} == set(re.findall(r"^\| \d+ \| `(\w+)`", page, re.MULTILINE))
    assert exit_codes.MEANING.keys() == {kind.exit_code for kind in ours} | {0, INTERRUPTED}


def test_the_roles_are_those_of_the_table_for_each_act() -> None:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in roles.table().splitlines()]

    assert rows[0][2:-1] == [str(role) for role in Role]
    assert {row[0]: ([cell == "yes" for cell in row[2:-1]], row[-1]) for row in rows[2:]} == {
        f"`{act}`": ([role in rule.roles for role in Role], f"`{rule.scope}`" if rule.scope else "")
        for act, rule in ACTS.items()
    }
    assert roles.table() in roles.page()


def test_every_line_of_the_log_is_among_the_events() -> None:
    called = [
        f"{file.name}, line {call.lineno}"
        for file in log_events.files()
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and log_events.level(call.func)
        if not list(log_events.found(ast.Module([ast.Expr(call)], []), ""))
    ]

    assert called == []


def test_an_event_is_found_with_its_level_and_fields_however_it_is_logged() -> None:
    source = """
        log.warning("lease.lost", process_id=1, step="a")
        log.error(f"process.{status}", process_id=1)
        self._late = Lasting(log.info, "evidence.late", over="evidence.in_time")
        self._late.failed("it is late", about=7, count=2)
        print("no.event")
    """

    assert list(log_events.found(ast.parse(dedent(source)), "a.module")) == [
        Event("lease.lost", "warning", ("process_id", "step"), "a.module"),
        Event("process.<status>", "error", ("process_id",), "a.module"),
        Event("evidence.late", "info", ("problem", "times", "for_seconds", "count"), "a.module"),
        Event("evidence.in_time", "info", ("times", "lasted_seconds"), "a.module"),
    ]


def test_the_architecture_has_every_room_of_the_map_and_what_it_is() -> None:
    held = ast.parse(architecture.HELD_BY.read_text("utf-8"))
    (rows,) = [
        ast.literal_eval(node.value)
        for node in held.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MAP"
    ]
    rooms = [room for layer in architecture.layers() for room in layer.rooms]

    assert rooms == " ".join(rows).split()
    assert [layer for layer in architecture.layers() if not layer.name] == []
    assert [room for room in rooms if architecture.where(room).exists() and not architecture.first_line(room)] == []


@pytest.mark.parametrize("module", sorted(api.MODULES))
def test_each_public_module_has_a_page_with_what_it_exports(module: str) -> None:
    assert api.page(module).startswith(f"::: {module}\n")


def test_the_decisions_are_all_of_them_in_their_order() -> None:
    numbers = [int(number) for number in re.findall(r"^- \[(\d+)\. ", decisions.page(), re.MULTILINE)]

    assert numbers == list(range(1, len(decisions.records()) + 1))


def test_the_examples_are_all_there_and_what_links_to_them_arrives() -> None:
    page = examples.page()
    anchors = set(re.findall(r"^## .+ \{ #([\w-]+) \}$", page, re.MULTILINE))

    assert len(anchors) == len(examples.files())
    assert set(re.findall(r"\]\(#([\w-]+)\)", page)) <= anchors


def test_text_stays_as_it_is_and_what_is_code_stays_code() -> None:
    assert markdown.plain("a_b <c> `d_e|f`") == r"a\_b \<c\> `d_e|f`"
    assert markdown.table(("a", "b"), [("x|y", None)]) == "| a | b |\n| --- | --- |\n| x\\|y |  |"
    assert markdown.demoted("# a\n```\n# b\n```") == "## a\n```\n# b\n```"
