"""Every operation, asked for with every role and scope, by console and code: done exactly where the table says."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from event_acts import EVENTS
from limit_acts import LIMITS
from rig import Three, execute, start, work
from schedule_acts import SCHEDULES
from task_acts import TASKS

from process_manager import Done, Process, StepRun, clock, governance, operations
from process_manager.actor import CODE, Actor, Role, Way
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import Forbidden, UnknownId
from process_manager.governance import (
    Policies,
    acting,
    batches,
    bot_actions,
    bots,
    fleet_actions,
    process_actions,
    session_actions,
    start_actions,
    token_actions,
    tokens,
    user_actions,
    users,
    view_actions,
)
from process_manager.governance.action import Action
from process_manager.governance.batch_actions import StartBatch, StopBatch
from process_manager.governance.batches import BatchRequest
from process_manager.governance.permissions import ACTS, SCOPES
from process_manager.operations import Start
from process_manager.store import sessions, workers
from process_manager.store.workers import Registered


class Tidy(Process):
    """A command."""

    arguments = ()
    STEPS = {"a": "work"}

    def work(self, run: StepRun) -> Done:
        return Done()


KNOWN = Registry((Three, Tidy))
PAST = clock.now() - timedelta(hours=1)
Build = Callable[[Database, Any], Action[Any]]


def in_status(database: Database, status: str, **more: Any) -> int:
    """A process that stands so."""
    process_id = start(database)
    values = {"status": status, "due_at": None, **more}
    setting = ", ".join(f"{name} = :{name}" for name in values)
    execute(database, f"UPDATE processes SET {setting} WHERE id = :id", id=process_id, **values)  # noqa: S608 - ours
    return process_id


def ended(database: Database) -> int:
    process_id = start(database)
    work(database)
    return process_id


def unlocked(database: Database, _folder: Any) -> Action[Any]:
    database.run(lambda connection: operations.run_command(connection, "tidy", registry=KNOWN))
    execute(
        database,
        "UPDATE processes SET status = 'running', due_at = NULL, worker = 'gone', fence = 1, lease_ends_at = :then,"
        " step_started_at = :then", then=f"{PAST:%Y-%m-%d %H:%M:%S.%f}",
    )  # fmt: skip
    return fleet_actions.Unlock("tidy", "tidy", KNOWN, reason="it is gone")


def disabled(database: Database, _folder: Any) -> Action[Any]:
    execute(database, "INSERT INTO switches (key, reason, by, since) VALUES ('three', 'x', 'x', '2026-01-01 00:00:00')")
    return fleet_actions.Enable("three")


def disabled_here(_database: Database, folder: Any) -> Action[Any]:
    (folder / "three.disabled").touch()
    return fleet_actions.EnableHere("three", folder)


def drained(database: Database, _folder: Any) -> Action[Any]:
    database.run(lambda it: workers.register(it, Registered("w1", "office-1", 812, PAST, PAST, 8, (), ())))
    return fleet_actions.Drain("w1")


BUILT: dict[str, Build] = {
    "abandon": lambda db, _: process_actions.Abandon(start(db), reason="paid by hand"),
    "cancel": lambda db, _: process_actions.Cancel(start(db), reason="the wrong list"),
    "disable": lambda db, _: fleet_actions.Disable("three", reason="SAP is closed"),
    "drain": drained,
    "edit_payload": lambda db, _: process_actions.EditPayload(start(db), registry=KNOWN, changes={"n": 1}),
    "enable": disabled,
    "enable_here": disabled_here,
    "rerun": lambda db, _: process_actions.Rerun(ended(db), registry=KNOWN),
    "resolve": lambda db, _: process_actions.Resolve(
        in_status(db, "uncertain", doubtful_since="2026-01-01 00:00:00.000000"), happened=False, registry=KNOWN
    ),
    "restart": lambda db, _: process_actions.Restart(in_status(db, "failed"), registry=KNOWN),
    "run_command": lambda db, folder: start_actions.RunCommand("tidy", "tidy", KNOWN, folder),
    "run_now": lambda db, _: process_actions.MakeDue(
        in_status(db, "waiting", waiting_for="moment", due_at="2999-01-01 00:00:00.000000"), registry=KNOWN
    ),
    **EVENTS | TASKS | LIMITS,
    "skip_step": lambda db, _: process_actions.SkipStep(start(db), registry=KNOWN),
    **dict.fromkeys(("start", "start_many"), lambda _db, _: start_actions.StartOne(Start(Three))),
    "start_each": lambda db, _: start_actions.StartEach("three", [Start(Three), Start(Three)]),
    "unlock": unlocked,
}
"""Each operation, as the action by which an entry asks for it, and what has to be there first."""

ACCOUNTS: dict[str, Build] = {
    "user-add": lambda db, _: user_actions.AddUser("bo", Role.ADMIN, None, "hash"),
    "user-disable": lambda db, _: user_actions.DisableUser(user(db)),
    "user-enable": lambda db, _: user_actions.EnableUser(user(db, disabled=True)),
    "user-groups": lambda db, _: user_actions.SetGroups(user(db), frozenset({"economy"})),
    "user-kinds": lambda db, _: user_actions.SetKinds(user(db), frozenset({"three"})),
    "user-password": lambda db, _: user_actions.SetPassword(user(db), "another hash"),
    "user-role": lambda db, _: user_actions.SetRole(user(db), Role.ADMIN),
    "user-sign-out": lambda db, _: session_actions.SignOut(signed_in(db, user(db))),
    "own-password": lambda db, _: session_actions.OwnPassword(user(db, "ada"), "another hash", "hash"),
    "own-sign-out": lambda db, _: session_actions.OwnSignOut(signed_in(db, user(db, "ada"))),
    "token-add": lambda db, _: token_actions.AddToken(TOKEN),
    "token-revoke": lambda db, _: token_actions.RevokeToken(token(db)),
}
"""Each act on users and tokens."""

TOKEN = tokens.new_token("payroll", "pm_x", frozenset({("three", "read")}), clock.now() + timedelta(days=1))


def user(database: Database, name: str = "ole", *, disabled: bool = False) -> str:
    new = users.NewUser(name, Role.VIEWER, None, "hash")
    database.run(lambda connection: users.add(connection, new, by="root", now=PAST))
    if disabled:
        database.run(lambda connection: users.disable(connection, name, now=PAST))
    return name


def signed_in(database: Database, name: str) -> str:
    row = {"hash": "x", "user_name": name, "role": "viewer", "created_at": PAST, "seen_at": PAST, "expires_at": PAST}
    database.run(lambda connection: sessions.insert(connection, row))
    return name


def token(database: Database) -> int:
    return database.run(lambda connection: tokens.add(connection, TOKEN, by="root", now=PAST)).id


BATCHES: dict[str, Build] = {
    "start-batch": lambda db, _: StartBatch(BatchRequest("restart", "SAP is open", [start(db)], {}), "three"),
    "stop-batch": lambda db, _: StopBatch(batch(db), "three"),
}


def batch(database: Database) -> int:
    request = BatchRequest("restart", "SAP is open", [start(database)], {})
    return database.run(lambda connection: batches.start(connection, request, actor=CODE, name="three", now=PAST))


def bot(database: Database) -> int:
    new = bots.NewBot("Reader", "three")
    return database.run(lambda connection: bots.create(connection, new, KNOWN, by="root", now=PAST)).id


BOTS: dict[str, Build] = {
    "bot-create": lambda db, _: bot_actions.CreateBot(bots.NewBot("Reader", "three"), KNOWN),
    "bot-edit": lambda db, _: bot_actions.EditBot(bot(db), "three", {"enabled": False}, KNOWN),
    "bot-delete": lambda db, _: bot_actions.DeleteBot(bot(db), "three"),
    "start-job": lambda db, _: bot_actions.StartJob(bot(db), "three", registry=KNOWN, given={}),
    "rerun-job": lambda db, _: bot_actions.RerunJob(ended_job(db), registry=KNOWN),
}
"""Each act on bots and their jobs."""


def ended_job(database: Database) -> int:
    action = bot_actions.StartJob(bot(database), "three", registry=KNOWN, given={})
    started = database.run(lambda connection: action.perform(connection, Actor("root")))
    work(database)
    return started.id


REVEALS: dict[str, Build] = {
    "reveal": lambda db, _: process_actions.Reveal(start(db), reason="she asked for it"),
    "run-now": lambda db, _: process_actions.RunNow(start(db), registry=KNOWN),
}
"""What changes nothing, and is on the chain all the same."""

VIEWS: dict[str, Build] = {
    "own-view": lambda db, _: view_actions.OwnView("mine", "status=open"),
    "shared-view": lambda db, _: view_actions.SharedView("ours", "status=person"),
}
"""Each act on saved views."""

EVERY = {**BUILT, **ACCOUNTS, **BATCHES, **BOTS, **SCHEDULES, **REVEALS, **VIEWS}

NO_ACTS = {
    "Act", "PayloadChange", "PayloadEdit", "Signalled", "Start", "Started", "TakenAnswer", "behind",
    "is_one_statement", "require_runnable", "start_held",
}  # fmt: skip
"""What asks or names something; the last is a direct call's, in a program that has the database's password."""

WAYS: tuple[Way, ...] = ("console", "code")


def test_every_operation_is_asked_for_here() -> None:
    assert set(operations.__all__) - NO_ACTS == set(BUILT)


def test_every_action_has_its_row_in_the_table() -> None:
    for found in pkgutil.iter_modules(governance.__path__):
        import_module(f"process_manager.governance.{found.name}")
    acts = {each.act for each in below(Action) if hasattr(each, "act")}

    assert acts - set(ACTS) == set()
    assert acts >= set(ACCOUNTS)


def below(cls: type[Any]) -> Iterator[type[Any]]:
    for each in cls.__subclasses__():
        yield each
        yield from below(each)


def does(database: Database, actor: Actor, action: Action[Any]) -> bool:
    """Whether the act is done; one that is forbidden changes nothing but the audit chain."""
    before = content(database)
    try:
        acting(database, actor, action, policies=Policies())
    except Forbidden:
        assert content(database) == before
        return False
    assert action.act in {"enable", "drain", *REVEALS} or content(database) != before
    return True


TABLES = (
    "processes", "process_steps", "switches", "users", "tokens", "batches", "sessions", "bots", "saved_views",
    "schedules", "events", "limits", "tasks",
)  # fmt: skip


def content(database: Database) -> list[Any]:
    return [execute(database, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]  # noqa: S608 - our own


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", sorted(EVERY))
def test_an_act_is_done_by_the_roles_that_the_table_names(
    database: Database, tmp_path: Any, name: str, role: Role, way: Way
) -> None:
    action = EVERY[name](database, tmp_path)

    done = does(database, Actor("ada", way=way, role=role), action)

    assert done == (role in ACTS[action.act].roles)


@pytest.mark.slow
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", sorted(EVERY))
def test_an_act_is_done_by_the_scope_that_the_table_names(
    database: Database, tmp_path: Any, name: str, scope: str
) -> None:
    action = EVERY[name](database, tmp_path)
    kinds = {"*"} if action.act in {"signal", "withdraw"} else {"three", "tidy"}  # any kind may wait for an event
    actor = Actor("payroll", way="api", role=Role.ADMIN, scopes=frozenset((kind, scope) for kind in kinds))

    done = does(database, actor, action)

    assert done == (ACTS[action.act].scope == scope)


@pytest.mark.parametrize("name", sorted(BUILT))
def test_nothing_is_done_to_a_kind_that_the_actor_does_not_see(database: Database, tmp_path: Any, name: str) -> None:
    action = EVERY[name](database, tmp_path)
    actor = Actor("ada", role=Role.OPERATOR, kinds=frozenset({"letter"}))
    before = content(database)

    with pytest.raises(UnknownId if action.process_id else Forbidden):
        acting(database, actor, action, policies=Policies())

    assert content(database) == before
