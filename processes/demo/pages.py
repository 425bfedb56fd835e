"""The pages on three weeks of an invented office: `process-manager demo --web`."""

from __future__ import annotations

import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from process_manager import clock, logs
from process_manager.actor import Role
from process_manager.cli import web
from process_manager.cli.session import tell
from process_manager.database import Database
from process_manager.errors import NotFound, UsageError
from process_manager.governance import passwords, sign_in_links, users
from process_manager.governance.users import NewUser
from process_manager.settings import Settings
from process_manager.worker import Plan, Worker
from processes.demo import past
from processes.demo.arrangements import ZONE
from processes.demo.asked import GROUPS
from processes.demo.folder import DemoFolder
from processes.demo.office import REGISTRY

HOME: Final = Path("demo-web")
USER: Final = "demo"
ROWS: Final = 60
"""Rows of the invoice table, as the plain demo has them."""


def run(folder: Path | None, *, port: int | None) -> None:
    """Serve the pages until stopped, with a worker beside them."""
    web.require_packages()
    logs.configure(level="ERROR")
    place = DemoFolder((folder or HOME).absolute())
    settings = place.settings(web_port=8000 if port is None else port, zone=ZONE)
    plan = replace(place.plan(), registry=REGISTRY, settings=settings, time_box=None)
    _make(place, plan)
    with place.opened() as database:
        _serve(database, plan, settings, any_port=port is None)


def _make(place: DemoFolder, plan: Plan) -> None:
    """Make the databases, unless they are there: what was broken off, before there was a user, is made anew."""
    place.require_ours()
    if place.engine.exists():
        with place.opened() as database, database.read() as connection:
            if users.exist(connection):
                return
        place.clear()
    place.make(ROWS)
    with place.opened() as database:
        tell("Living through three weeks of an office, which takes some seconds …")
        past.live_through(database, plan)
        _give_password(database)


def _serve(database: Database, plan: Plan, settings: Settings, *, any_port: bool) -> None:
    password = _give_password(database)
    word = sign_in_links.create(database, USER, now=clock.now())

    def tell_of(address: str) -> None:
        tell(f"The pages are at {address}, and a worker runs beside them. Ctrl-C ends both.")
        tell(f"This link signs you in, once, within 15 minutes: {address}sign-in/once?word={word}")
        tell(f"Or sign in as {USER} with the password {password}")

    with _listening(settings, any_port=any_port) as listener, ThreadPoolExecutor(1) as pool:
        worker = Worker(database, plan)
        running = pool.submit(worker.run)
        try:
            web.serve(web.made(settings, database, plan.registry), settings, listener, tell_of)
        finally:
            worker.stop()
            running.result()


def _give_password(database: Database) -> str:
    """Give the user of the demo, who is made if need be, a new password, and return it."""
    password, now = secrets.token_urlsafe(12), clock.now()
    hashed = passwords.hashed(password, of=USER)

    def given(connection: sa.Connection) -> None:
        try:
            users.set_password(connection, USER, hashed, now=now)
        except NotFound:
            users.add(connection, NewUser(USER, Role.ADMIN, None, hashed, GROUPS), by="demo", now=now)

    database.run(given)
    return password


def _listening(settings: Settings, *, any_port: bool) -> socket.socket:
    """Return the socket of the pages: on another port where the usual one is taken and none was asked for."""
    try:
        return web.listening(settings)
    except UsageError:
        if not any_port:
            raise
        return web.listening(settings.model_copy(update={"web_port": 0}))
