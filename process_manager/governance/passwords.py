"""Passwords: what one must be, and its hash by argon2id, which is all that is kept of it."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from process_manager.errors import UsageError
from process_manager.extras import install_command
from process_manager.message import Message

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 12
_READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
LONGEST: Final = 1000
"""Characters: hashing more would only cost time."""

NONE: Final = "-"
"""In place of a hash: no password fits, for somebody who comes in by the sign-on of a proxy only."""


def hashed(password: str, *, of: str) -> str:
    """Return the hash of a new password of this user; raise UsageError when it is too short, too long or the name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(
            problem=Message(
                "The password has not %(least)s to %(most)s characters. Choose another.",
                least=SHORTEST,
                most=f"{LONGEST:,}",
            )
        )
    if unicodedata.normalize("NFC", password).strip().casefold() == of.casefold():
        raise UsageError(problem=Message("The password is the name of the user. Choose another."))
    return _hasher().hash(_normal(password))


def generated() -> str:
    """Return a password that nobody can guess, and that can be read out: no letter looks like a digit."""
    return "-".join("".join(secrets.choice(_READABLE) for _letter in range(5)) for _group in range(4))


def fits(password: str, known: str | None) -> bool:
    """Return whether the password has this hash; without one it takes as long, and does not."""
    known = None if known == NONE else known
    hasher, nobodys = _hasher(), _nobodys()  # made whoever asks first: nobody can tell by the time who exists
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        fitting = hasher.verify(nobodys if known is None else known, _normal(password[:LONGEST]))
    except (InvalidHashError, VerificationError):
        return False
    return fitting and known is not None


def renewed(password: str, known: str) -> str:
    """Return the hash, or a new one where it was made with other parameters than are used today."""
    return _hasher().hash(_normal(password)) if _hasher().check_needs_rehash(known) else known


def _normal(password: str) -> bytes:
    """Return it as one keyboard and another type it, an å in one character or in two; what is no letter stays, too."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")


@cache
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher
    except ImportError:
        raise UsageError(
            problem=f"Passwords need argon2-cffi, which is not installed. Run `{install_command('web')}`."
        ) from None
    return PasswordHasher()
