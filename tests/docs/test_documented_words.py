"""What the README and the pages tell people to type is there: targets, variables, commands, pages, rights."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from backends import SQL_SERVER

from docs.generate.pages import PAGES as MADE
from docs.generate.pages import log_events
from process_manager import lifecycle
from process_manager.bots.browser_settings import BotSettings
from process_manager.cli.root import root
from process_manager.cli.session import Session
from process_manager.lifecycle import Status
from process_manager.settings import PREFIX, model_of
from process_manager.store import permissions, tables
from proofs.__main__ import LENT
from tests.store.test_invariants_sql import complaints

TOP = Path(__file__).parents[2]
PAGES = {
    str(page.relative_to(TOP)): page.read_text("utf-8")
    for page in [*sorted(TOP.glob("*.md")), *sorted(TOP.glob("docs/**/*.md")), *sorted(TOP.glob("benchmarks/**/*.md"))]
    if page.name != "CHANGELOG.md"  # which tells of words that are gone, too
}
MAKEFILE = (TOP / "Makefile").read_text("utf-8")
ON_WINDOWS = (TOP / "make.ps1").read_text("utf-8")
ON_SQL_SERVER = PAGES[str(Path("docs/how-to/sql-server.md"))]
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def typed(pattern: str) -> Iterator[tuple[str, str]]:
    """The page and the word of each place where something is typed."""
    for name, text in PAGES.items():
        code = re.findall(r"`([^`\n]+)`|^[$>] ([^\n]+)|^(export [^\n]+)", text, re.MULTILINE)
        for line in ("".join(parts) for parts in code):
            yield from ((name, found) for found in re.findall(pattern, line))


def test_every_target_that_is_named_is_made_on_linux_and_on_windows() -> None:
    named = {*typed(r"(?:^|\s)make (?:\w+=\S+ )*([a-z-]+)"), *typed(r"\./make\.ps1 ([a-z-]+)")}

    assert {target for _page, target in named} >= {"test", "proofs", "demo"}
    assert {each for each in named if each[1] not in TARGETS} == set()
    assert set(re.findall(r"^        '([a-z-]+)' \{", ON_WINDOWS, re.MULTILINE)) == TARGETS
    assert set(re.findall(r"^    '([a-z-]+)' += ", ON_WINDOWS, re.MULTILINE)) == TARGETS


def test_every_variable_that_is_named_is_read_by_somebody() -> None:
    named = {(page, name) for page, text in PAGES.items() for name in re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", text)}
    fields = model_of().model_fields.keys() | BotSettings.model_fields.keys()
    known = {f"{PREFIX}{name.upper()}" for name in fields} | {SQL_SERVER}

    assert {each for each in named if each[1] not in known} == set()
    assert {name for _page, name in typed(r"make proofs (\w+)=")} == {LENT, "ARGS"}


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs")])
def test_every_call_of_the_command_can_be_typed_as_it_stands(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    calls = sorted(call for name, call in set(typed(r"^process-manager ([a-z].+)")) if name == page)

    with click.Context(root, info_name="process-manager", obj=Session()) as context:
        for call in calls:
            name, *words = shlex.split(call.partition(" #")[0])
            command = root.get_command(context, name)
            assert command is not None, f"there is no command {name}"
            if words == ["--help"]:
                continue  # it would be answered, and end this
            command.make_context(name, words, parent=context)  # parses and checks, and runs nothing


def test_every_page_that_is_linked_to_is_there() -> None:
    linked = {(page, to) for page, text in PAGES.items() for to in re.findall(r"\]\(([\w./-]+\.md)\)", text)}

    made = {(TOP / "docs" / uri).resolve() for uri in MADE}
    found = {each: (TOP / each[0]).parent.joinpath(each[1]).resolve() for each in linked}

    assert {each for each, file in found.items() if not file.is_file() and file not in made} == set()


def test_a_worker_s_rights_on_sql_server_are_those_that_the_engine_uses() -> None:
    granted = re.findall(r"^GRANT ([A-Z, ]+) ON dbo\.(\w+) TO \[OFFICE\\pm-worker\];", ON_SQL_SERVER, re.MULTILINE)
    ours = {table.name for table in tables.metadata.sorted_tables}

    assert {table: words.replace(",", "") for words, table in granted if table in ours} == {
        table.name: words for table, words in permissions.NEEDED.items()
    }
    assert ours == {table.name for table in permissions.NEEDED}


BLOCKS = [
    block
    for block in re.findall(r"```sql\n(.*?)```", ON_SQL_SERVER, re.DOTALL)
    if not re.search("GRANT|DBCC", block)  # which the grammar does not know
]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda text: text[:24])
def test_what_a_dba_is_told_to_run_is_t_sql(block: str) -> None:
    assert complaints(block) == []


def test_every_file_that_is_named_is_there() -> None:
    path = re.compile(r"`((?:tests|examples|proofs|migrations|benchmarks|docs)/[a-z0-9_./-]+\.[a-z]+)`")
    pages = {name: text for name, text in PAGES.items() if "decisions" not in name}  # which tell of what was
    named = {(page, found) for page, text in pages.items() for found in path.findall(text)}

    assert {found for _page, found in named} >= {"tests/lifecycle/test_model.py", "proofs/results.json"}
    assert {each for each in named if not (TOP / each[1]).is_file()} == set()


RECOVER = TOP / "docs" / "how-to" / "recover"


def test_each_status_has_its_page_with_what_it_means_and_what_to_do() -> None:
    headings = {
        page.stem: re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE) for page in RECOVER.glob("*.md")
    }
    del headings["index"]

    assert {stem: found[:4] for stem, found in headings.items()} == {
        str(each): [str(each), "Why it is so", "What to look at", "What to do"] for each in Status
    }


@pytest.mark.parametrize("trigger", ["restart", "resolve"])
def test_the_statuses_from_which_a_person_may_act_are_those_of_the_lifecycle(trigger: str) -> None:
    row = re.search(rf"^\| `{trigger}-process .*\|([^|]*)\|$", (RECOVER / "index.md").read_text("utf-8"), re.MULTILINE)

    assert row is not None
    assert set(re.findall(r"`(\w+)`", row[1])) == set(lifecycle.sources(trigger))


def test_every_event_to_watch_for_is_logged() -> None:
    table = (TOP / "docs/how-to/logs.md").read_text("utf-8").partition("## What to watch for")[2]
    named = {
        name for cell in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", cell)
    }
    logged = {event.name.replace("<status>", status) for event in log_events.events() for status in Status}

    assert len(named) > 10
    assert named - logged == set()
