"""Every statement that SQL Server is sent locks what it must, waits for nobody it need not, and keeps its order.

The text and the tree of each are looked at; no statement was run on a SQL Server by these tests.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, NamedTuple

import fake_odbc
import pytest
import sqlalchemy as sa
from fake_server import Answer, Server
from sqlalchemy.sql import ClauseElement, visitors
from sqlalchemy.sql.elements import Over

from process_manager import store
from process_manager.database import connect
from process_manager.errors import ChainBroken
from process_manager.integrations import openorchestrator
from process_manager.store import indexes, invariants
from process_manager.store import sqlserver_hints as hints
from process_manager.store.guarded_update import Change
from processes.fakturering import invoice_table
from tests.store.test_invariants_sql import STATEMENTS
from tests.store.test_sql import statements
from tests.store.test_sqlserver_text import ASKED, LISTS, on_sql_server, overheard

TABLES = [
    *(rf"\[?{name}\]?" for name in indexes.metadata.tables),
    r"\[VejmanKassen\]\.\[dbo\]\.\[\w+\]",
    '"Queues"',
]
READ = re.compile(
    rf"(?<!DELETE )(?<!INTO )(?:\bFROM|\bJOIN|,)\s+(?P<table>{'|'.join(TABLES)})(?![\w.\[\]])"
    r"(?:\s+AS\s+\w+)?(?:\s+WITH\s+\((?P<hint>[^)]*)\))?"
)
GUARD = re.compile(r"NOT \(?EXISTS \(SELECT .*?\sFROM \S+(?: AS \w+)?(?: WITH \((?P<hint>[^)]*)\))?", re.DOTALL)
HINT = re.compile(r"WITH \((?P<hint>[A-Z, ]+)\)")

UNSOUGHT = {
    "fakturering recognise": {"[VejmanKassen].[dbo].[VejmanFaktureringLog]"},  # which the office may not have indexed
    "openorchestrator known": {'"Queues"'},  # its references have no index: they are looked for in one queue
    "queries.processes_page 1": {"process_steps"},  # found by its key for each process that is looked up
    "causes.examples 0": {"process_steps"},
    "urgency.places 6": {"process_steps"},
    "urgency.places 7": {"process_steps"},
    "filters.matching 0": {"process_steps"},
    "filters.newest 1": {"process_steps"},
    "filters.oldest 0": {"process_steps"},
    "filters.count 0": {"process_steps"},
    "one_process.relatives 0": {"processes", "children"},  # of a lane or a parent, beside those that are given
}
"""Rows that are given, but that no index may hold: to be told to look them up is an error there (8622)."""


WITHOUT_ROWS: tuple[type[Exception], ...] = (sa.exc.NoResultFound, ChainBroken, ValueError, KeyError)
"""How a verb ends that gets no row: none is there, no id came of an insert, nothing was locked."""


class Sent(NamedTuple):
    """A statement as SQL Server gets it, and as it was built, where it was not written by hand."""

    text: str
    tree: ClauseElement | None = None


def _golden() -> Iterator[tuple[str, ClauseElement]]:
    for name, found in statements("mssql").items():
        yield name, found.update if isinstance(found, Change) else found
    yield from STATEMENTS.items()


def _heard(folder: Any) -> Iterator[tuple[str, ClauseElement, dict[str, Any]]]:
    """What each verb of the store runs on SQL Server, as far as it gets with an answer of no rows."""
    with fake_odbc.installed(Server(folder, lambda _said: Answer(("",), (), 1))):
        database = connect(fake_odbc.URL)
        for name, verb in ASKED.items():
            with (
                database.connect() as connection,
                overheard(database.engine) as said,
                suppress(*WITHOUT_ROWS),
            ):
                verb(connection)
            yield from ((f"{name} {place}", *each) for place, each in enumerate(said))
        database.close()


def _by_hand() -> Iterator[tuple[str, str]]:
    for prefix, source in {"fakturering": invoice_table, "openorchestrator": openorchestrator}.items():
        yield from ((f"{prefix} {name}", text) for name, text in source.statements("mssql").items())


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sent]:
    """Every statement that there is for SQL Server."""
    found = {name: Sent(on_sql_server(tree, LISTS), tree) for name, tree in _golden()}
    for name, tree, values in _heard(tmp_path_factory.mktemp("heard")):
        found[name] = Sent(on_sql_server(tree, values), tree)
    return found | {name: Sent(text) for name, text in _by_hand()}


def parts(sent: Mapping[str, Sent], kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Each part of this kind of any statement, once."""
    for name, (_text, tree) in sent.items():
        if tree is not None:
            yield from ((name, part) for part in _walked(tree, {}).values() if isinstance(part, kind))


def _walked(tree: Any, seen: dict[int, Any]) -> dict[int, Any]:
    """A statement with all that its columns come from: each part once."""
    for part in visitors.iterate(tree):
        if id(part) not in seen:
            seen[id(part)] = part
            if isinstance(part, sa.ColumnClause) and part.table is not None:
                _walked(part.table, seen)
    return seen


def words(hint: str | None) -> set[str]:
    return set((hint or "").replace("WITH (", "").replace(")", "").split(", "))


def test_whatever_is_locked_elsewhere_has_its_hint_here(sent: Mapping[str, Sent]) -> None:
    locking = [(name, part) for name, part in parts(sent, sa.Select) if part._for_update_arg is not None]
    bad = {}
    for name, part in locking:
        hinted = words(" ".join(text for (_table, dialect), text in part._hints.items() if dialect == "mssql"))
        wanted = {"ROWLOCK", "UPDLOCK"}
        passing = {"READPAST", "READCOMMITTEDLOCK"}
        wanted |= passing if part._for_update_arg.skip_locked else set()
        if not wanted <= hinted or (passing & hinted and not part._for_update_arg.skip_locked):
            bad[name] = hinted

    assert {"claim_expired", "claim_free_rows", "claim_renew", "lanes_lock", "lanes_lock_free"} <= dict(locking).keys()
    assert bad == {}


def test_whatever_guards_an_insert_keeps_others_from_making_the_row(sent: Mapping[str, Sent]) -> None:
    guards = {
        name: [words(found["hint"]) for found in GUARD.finditer(text)]
        for name, (text, _tree) in sent.items()
        if text.startswith("INSERT") and "EXISTS" in text
    }

    named = {"keys_take", "lanes_make", "ledger.record 0", "openorchestrator push", "lane_sweep.count 0"}
    assert named <= guards.keys()
    assert {name for name, found in guards.items() if not found} == set()
    assert {name: found for name, found in guards.items() if not all({"UPDLOCK", "HOLDLOCK"} <= h for h in found)} == {}


def test_an_insert_of_one_row_that_may_be_there_is_guarded(sent: Mapping[str, Sent]) -> None:
    bare = {name for name, (text, _tree) in sent.items() if text.startswith("INSERT") and " VALUES " in text}

    alone = {
        "files.insert 0", "files.insert_piece 0", "sessions.insert 0", "sign_in_links.insert 0", "tokens.insert 0",
        "workers.register 0", "bots.insert 0", "jobs.insert 0", "jobs.insert 1", "batches.insert 0", "batches.choose 0",
        "batches.take 0", "batches.delete 0",
    }  # fmt: skip
    assert bare == alone, "of a hash, an id or a name that nobody else has"


def test_rows_that_are_given_are_looked_up_and_not_found_among_all(sent: Mapping[str, Sent]) -> None:
    joined = {name: list(READ.finditer(text)) for name, (text, _tree) in sent.items() if "OPENJSON" in text}
    scanned = {
        name: tables
        for name, reads in joined.items()
        if (tables := {read["table"] for read in reads if "FORCESEEK" not in words(read["hint"])})
    }

    assert len([name for name, reads in joined.items() if reads]) > 25
    assert scanned == UNSOUGHT


def test_rows_that_are_changed_or_deleted_by_a_list_are_locked_one_by_one(sent: Mapping[str, Sent]) -> None:
    changed = {
        name: [words(read["hint"]) for read in READ.finditer(text)]
        for name, (text, _tree) in sent.items()
        if re.search(r"\b(UPDATE|DELETE)\b", text) and ("OPENJSON" in text or name.startswith("claim_"))
    }

    assert len(changed) > 12
    bad = {name: found for name, found in changed.items() if found and not any("ROWLOCK" in hint for hint in found)}
    assert bad == {}


def test_who_locks_rows_locks_rows_alone_and_who_passes_over_them_asks_for_locks(sent: Mapping[str, Sent]) -> None:
    hinted = {(name, found["hint"]) for name, (text, _tree) in sent.items() for found in HINT.finditer(text)}

    bad = {
        (name, hint)
        for name, hint in hinted
        if ("UPDLOCK" in hint and "ROWLOCK" not in hint) or ("READPAST" in hint and "READCOMMITTEDLOCK" not in hint)
    }
    assert len(hinted) > 30
    assert bad == set()


def test_no_target_of_a_change_has_a_hint_that_only_a_from_takes(sent: Mapping[str, Sent]) -> None:
    bad = {name for name, (text, _tree) in sent.items() if re.search(r"\b(UPDATE|DELETE FROM) \S+ WITH ", text)}

    assert bad == set()


def test_an_order_that_was_asked_for_is_asked_for(sent: Mapping[str, Sent]) -> None:
    asked = dict.fromkeys(sent, 0)
    for name, part in parts(sent, sa.Select):
        asked[name] += bool(part._order_by_clauses)
    for name, part in parts(sent, Over):
        asked[name] += part.order_by is not None
    lost = {name: sent[name].text for name, count in asked.items() if sent[name].text.count("ORDER BY") < count}

    assert asked["start_insert"] == asked["start_insert_held"] == 1
    assert lost == {}


def test_ids_grow_with_the_rows_of_a_start(sent: Mapping[str, Sent]) -> None:
    for name in ("start_insert", "start_insert_held"):
        assert re.search(r"AS r ORDER BY r\.place\s+OFFSET :param_1 ROWS$", sent[name].text)


def _makers() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The functions of the store that make a statement, by their names."""
    for found in pkgutil.iter_modules(store.__path__):
        module = import_module(f"process_manager.store.{found.name}")
        for name, each in inspect.getmembers(module, callable):
            if each.__module__ == module.__name__ and re.fullmatch(r"(?!is_)\w+_(statement|change)", name):
                yield f"{found.name}.{name}", each


def test_no_statement_of_the_store_is_left_out(tmp_path: Any) -> None:
    makers: dict[str, Any] = dict(_makers())
    for make in makers.values():
        make.cache_clear()

    list(_golden())
    golden = {name for name, make in makers.items() if make.cache_info().currsize}
    list(_heard(tmp_path))
    made = {name for name, make in makers.items() if make.cache_info().currsize}
    asked = {f"invariants.{question.statement.__name__}" for question in invariants.QUESTIONS.values()}
    by_dialect = {name for name, make in makers.items() if "dialect" in inspect.signature(make).parameters}

    assert set(makers) - made - asked - {"invariants.due_statement"} == set()
    assert by_dialect - golden == set()


@pytest.mark.parametrize("make", [hints.update, hints.delete])
def test_a_change_of_rows_that_are_joined_to_nothing_has_no_hint(make: Callable[[sa.Table], Any]) -> None:
    table = indexes.metadata.tables["lanes"]
    statement = make(table).where(table.c.order_key == "o")
    statement = statement.values(order_key="p") if isinstance(statement, sa.Update) else statement

    assert "WITH" not in on_sql_server(statement, {})
