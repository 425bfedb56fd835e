"""A name and a password that come with each request: checked once, and remembered for five minutes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode
from binascii import Error as NoBase64
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import NotFound
from process_manager.governance import users
from process_manager.governance.sign_in import SignIn, sign_in
from process_manager.governance.users import User
from process_manager.web.password_gate import PasswordGate

REMEMBERED: Final = timedelta(minutes=5)
MOST: Final = 1000
"""How many are remembered."""


class RightPassword(NamedTuple):
    """A password that was right: of the one that was set then, until it is checked again."""

    password_changed_at: datetime
    until: datetime


class BasicPasswords:
    """Checks passwords; what it remembers of one is a keyed hash that only this program could make."""

    def __init__(self, database: Database, gate: PasswordGate) -> None:
        self._database = database
        self._gate = gate
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, RightPassword] = {}

    def actor(self, wanted: SignIn, *, now: datetime) -> Actor | None:
        """Return who has this name and password, None when nobody has; raise TooBusy while another one is checked."""
        user = self._user(wanted.name, now)
        remembered = self._hash(wanted)
        if user is not None and self._is_known(remembered, user, now):
            return users.actor(user, way=wanted.way, address=wanted.address, request_id=wanted.request_id)
        with self._gate.turn(patience=0):
            found = sign_in(self._database, wanted, now=now)
        if found is not None and user is not None:
            self._remember(remembered, RightPassword(user.password_changed_at, now + REMEMBERED), now)
        return found

    def _is_known(self, remembered: bytes, user: User, now: datetime) -> bool:
        known = self._known.get(remembered)
        is_same = known is not None and known.password_changed_at == user.password_changed_at and now < known.until
        return is_same and user.disabled_at is None

    def _user(self, name: str, now: datetime) -> User | None:
        with self._database.read() as connection:
            try:
                return users.get(connection, name, now=now)
            except NotFound:
                return None

    def _remember(self, remembered: bytes, known: RightPassword, now: datetime) -> None:
        if len(self._known) >= MOST:
            self._known = {each: of for each, of in list(self._known.items()) if now < of.until}
        if len(self._known) < MOST:
            self._known[remembered] = known

    def _hash(self, wanted: SignIn) -> bytes:
        text = f"{users.normal(wanted.name)}\0{wanted.password}"
        return hmac.digest(self._key, text.encode("utf-8", "replace"), hashlib.sha256)


def read(credentials: str) -> tuple[str, str] | None:
    """Return the name and the password of an Authorization header's Basic; None when there are none in it."""
    try:
        name, colon, password = b64decode(credentials, validate=True).decode("utf-8").partition(":")
    except (NoBase64, UnicodeDecodeError, ValueError):
        return None
    return (name, password) if colon else None
