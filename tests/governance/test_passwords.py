"""Passwords: what one must be, and what is kept of it."""

import time

import pytest

from process_manager.errors import UsageError
from process_manager.governance import passwords

GOOD = "en hest på marken"
pytestmark = pytest.mark.usefixtures("slow_passwords")


@pytest.fixture(scope="module")
def known(slow_passwords: None) -> str:
    return passwords.hashed(GOOD, of="ada")


def test_what_is_kept_is_argon2id_with_a_salt_of_its_own(known: str) -> None:
    assert known.startswith("$argon2id$")
    assert GOOD not in known
    assert passwords.hashed(GOOD, of="ada") != known


def test_a_password_fits_its_own_hash_alone(known: str) -> None:
    assert passwords.fits(GOOD, known)
    assert not passwords.fits(GOOD + " ", known)
    assert not passwords.fits("", known)
    assert not passwords.fits(GOOD, None)
    assert not passwords.fits(GOOD, "no hash at all")


def test_a_letter_is_the_same_however_a_keyboard_puts_it_together(known: str) -> None:
    assert passwords.fits("en hest pa\u030a marken", known)


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 1001])
def test_a_password_that_is_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(UsageError, match="has not 12 to 1,000 characters") as refused:
        passwords.hashed(password, of="ada")

    assert not password or password not in str(refused.value)


def test_the_name_of_the_user_is_no_password() -> None:
    with pytest.raises(UsageError, match="is the name of the user"):
        passwords.hashed("Ada.Lovelace@Office", of="ada.lovelace@office")


def test_a_hash_of_weaker_parameters_is_made_anew_and_another_is_kept(known: str) -> None:
    argon2 = pytest.importorskip("argon2")
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD)

    strong = passwords.renewed(GOOD, weak)

    assert strong != weak
    assert passwords.fits(GOOD, strong)
    assert passwords.renewed(GOOD, known) == known


def test_a_name_that_is_not_there_costs_as_much_work(known: str) -> None:
    def quickest(hash_: str | None) -> float:
        took = []
        for _ in range(5):
            began = time.perf_counter()
            passwords.fits("another password", hash_)
            took.append(time.perf_counter() - began)
        return min(took)

    assert quickest(None) > quickest(known) / 3  # either hashes; a look alone would take a thousandth
