"""`token`: the secret is on stdout, once, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from shop import Shop

from process_manager import clock
from process_manager.governance import tokens


@pytest.fixture
def admin(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("PROCESS_MANAGER_CONSOLE_ROLE", "admin")
    return shop


def add(shop: Shop, *options: str) -> str:
    """The secret of a new token."""
    answer = shop.ask("token", "add", "payroll", "--scope", "letter:start,read", *options)
    assert answer.code == 0, answer.err
    return answer.out


def test_the_secret_is_printed_once_and_the_rest_on_stderr(admin: Shop) -> None:
    answer = admin.ask("token", "add", "payroll", "--scope", "letter:start,read", "--scope", "*:read")

    secret = answer.out.rstrip("\n")
    assert (answer.code, len(secret), secret[:3]) == (0, 46, "pm_")
    assert answer.err == (
        "Token 1 of 'payroll' may read *; start, read letter, and ends in 90d. Its secret is shown this once.\n"
    )
    for kept in (*admin.content(), admin.ask("token", "list", "-o", "json").out, admin.ask("token", "list").out):
        assert secret not in kept
        assert secret[12:] not in kept


def test_the_program_that_has_it_is_known_by_it_until_it_is_revoked(admin: Shop) -> None:
    secret = add(admin, "--expires", "1h").strip()
    database = admin.database()

    def known(after: timedelta = timedelta()) -> bool:
        return tokens.authenticate(database, secret, now=clock.now() + after) is not None

    assert (known(), known(timedelta(hours=1))) == (True, False)

    assert admin.ask("token", "revoke", 1).err == "Token 1 of 'payroll' is worth nothing any more.\n"

    assert not known()
    database.close()


def test_tokens_are_listed_with_what_they_may_do(admin: Shop) -> None:
    secret = add(admin)

    (row,) = admin.ask("token", "list", "-o", "json").json

    assert (row["id"], row["name"], row["hint"]) == (1, "payroll", f"{secret[:9]}…")
    assert row["scopes"] == {"letter": ["start", "read"]}
    assert (row["last_used_at"], row["revoked_at"]) == (None, None)
    assert "start, read letter" in admin.ask("token", "list").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scope", "letter:write"], "is none"),
        (["--scope", "letter:read", "--expires", "soon"], "is not a duration"),
        (["--scope", "letter:read", "--expires", "0s"], "is no end"),
        (["--scope", "letter:read", "--expires", "9999999d"], "is no end"),
        ([], "Missing option '--scope'"),
    ],
    ids=" ".join,
)
def test_what_will_not_do_is_refused_and_no_secret_is_printed(admin: Shop, words: list[str], said: str) -> None:
    answer = admin.ask("token", "add", "payroll", *words)

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert admin.ask("token", "list", "-o", "json").json == []


def test_a_token_that_is_not_there_is_told(admin: Shop) -> None:
    answer = admin.ask("token", "revoke", 7)

    assert answer.code == 3
    assert "There is no token 7" in answer.err


@pytest.mark.parametrize(
    "words", [["add", "payroll", "--scope", "*:act"], ["list"], ["revoke", "1"]], ids=lambda words: words[0]
)
def test_who_is_no_admin_is_told_how_the_first_one_is_made(shop: Shop, words: list[str]) -> None:
    answer = shop.ask("token", *words)

    assert (answer.code, answer.out) == (4, "")
    assert "PROCESS_MANAGER_CONSOLE_ROLE=admin" in answer.err
    assert [each for each in shop.content() if each.startswith('INSERT INTO "tokens"')] == []


def test_a_kind_that_nobody_here_knows_is_taken_and_told(admin: Shop) -> None:
    answer = admin.ask("token", "add", "payroll", "--scope", "lettr:read")

    assert answer.code == 0
    assert "No process that is known here has the name 'lettr'. Did you mean 'letter'?" in answer.err
