"""Changing one's own password: the one before is asked for, and a wrong one counts as a sign-in that failed."""

from __future__ import annotations

from datetime import datetime

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import UsageError
from process_manager.governance import passwords, sign_in, users
from process_manager.governance.acts import acting
from process_manager.governance.policies import Policies
from process_manager.governance.session_actions import OwnPassword
from process_manager.governance.sign_in import SignIn
from process_manager.message import Message
from process_manager.store import users as stored


def change(database: Database, actor: Actor, *, old: str, new: str, now: datetime) -> None:
    """Give somebody who has signed in another password; no transaction is open while one is hashed.

    Raises:
        UsageError: The one that they have is another, the new one will not do, or the name is locked.
        SignInsHeld: Too many have failed from this address, or for this name.
    """
    from process_manager.governance import sign_in_limits

    with database.read() as connection:
        sign_in_limits.require_open(connection, actor.name, actor.address, now=now)
        row = stored.one(connection, actor.name)
    is_locked = row is None or users.user_of(row, now).locked_until is not None
    if row is None or is_locked or not passwords.fits(old, row["password_hash"]):
        wanted = SignIn(actor.name, old, actor.address, actor.request_id)
        database.run(lambda connection: sign_in.failed(connection, wanted, now))
        raise UsageError(problem=Message("This is not the password that you have. Nothing was changed."))
    known = row["password_hash"]
    acting(database, actor, OwnPassword(actor.name, passwords.hashed(new, of=actor.name), known), policies=Policies())
