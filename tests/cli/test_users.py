"""`user`: who may sign in, given by an admin alone, and passwords that no argument carries."""

from __future__ import annotations

import io
import os
import sys

import pytest
import sqlalchemy as sa
from programs import Program
from shop import HERE, Answer, Shop

from process_manager.governance import passwords
from process_manager.store.audit_chain import audit as audit_table

GOOD = "en hest på marken"
chain = audit_table.c


@pytest.fixture
def admin(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("PROCESS_MANAGER_CONSOLE_ROLE", "admin")
    return shop


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program writes a password to stdin."""
    give(monkeypatch, f"{GOOD}\r\nand more\n".encode())


def give(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text), encoding="ascii"))


def add(shop: Shop, name: str = "ada", *options: str) -> Answer:
    return shop.ask("user", "add", name, "--role", "caseworker", "--stdin", *options)


def users(shop: Shop, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in shop.ask("user", "list", "-o", "json").json]


def test_a_user_is_added_with_a_password_from_stdin(admin: Shop, stdin: None) -> None:
    answer = add(admin, "Ada", "--kind", "letter")

    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "User 'ada' is added: caseworker, who sees letter.\n"
    assert users(admin, "name", "role", "kinds", "disabled_at") == [("ada", "caseworker", ["letter"], None)]
    content = "\n".join(admin.content())
    assert GOOD not in content
    assert "$argon2id$" in content


def test_a_user_without_a_password_comes_in_by_none(admin: Shop) -> None:
    from process_manager.governance import passwords

    both = admin.ask("user", "add", "bo", "--role", "viewer", "--stdin", "--without-password")
    added = admin.ask("user", "add", "ada@office", "--role", "viewer", "--without-password")

    assert (both.code, added.code) == (2, 0)
    admin.execute("DELETE FROM users WHERE name = 'ada@office' AND password_hash = ?", passwords.NONE)
    assert users(admin, "name") == []
    assert not passwords.fits(passwords.NONE, passwords.NONE)


def test_a_user_is_listed_without_the_hash(admin: Shop, stdin: None) -> None:
    add(admin)

    for form in ("table", "json", "jsonl", "csv"):
        answer = admin.ask("user", "list", "-o", form)
        assert answer.code == 0
        assert "ada" in answer.out
        assert "argon2" not in answer.out


def test_role_kinds_and_state_are_changed(admin: Shop, stdin: None) -> None:
    add(admin)
    told = [
        admin.ask("user", *words).err
        for words in (("role", "ada", "operator"), ("kinds", "ada", "letter", "broken"), ("disable", "ADA"))
    ]

    assert told == [
        "User 'ada' is operator now, from the next page or request on.\n",
        "User 'ada' sees broken, letter now, from the next page or request on.\n",
        "User 'ada' may sign in no more.\n",
    ]
    ((role, kinds, disabled_at),) = users(admin, "role", "kinds", "disabled_at")
    assert (role, kinds, disabled_at is None) == ("operator", ["broken", "letter"], False)

    assert admin.ask("user", "enable", "ada").err == "User 'ada' may sign in.\n"
    assert admin.ask("user", "kinds", "ada", "--all").code == 0
    assert users(admin, "kinds", "disabled_at") == [(None, None)]


def test_another_password_takes_the_place_of_the_first(
    admin: Shop, stdin: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(admin)
    give(monkeypatch, b"\xef\xbb\xbfanother sentence\n")  # as PowerShell may write it

    assert admin.ask("user", "password", "ada", "--stdin").err == "User 'ada' has another password now.\n"

    (line,) = [each for each in admin.content() if each.startswith('INSERT INTO "users"')]
    known = line[line.index("$argon2id") :].partition("'")[0]
    assert passwords.fits("another sentence", known)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"too short\n", "has not 12 to 1,000 characters"),
        (b"\n", "has not 12 to 1,000 characters"),
        (b"ada.lovelace\n", "is the name of the user"),
        (b"\xe6\xf8\xe5 and more of it\n", "is not UTF-8"),
    ],
)
def test_a_password_that_will_not_do_adds_nobody_and_is_not_told(
    admin: Shop, monkeypatch: pytest.MonkeyPatch, given: bytes, said: str
) -> None:
    give(monkeypatch, given)

    answer = add(admin, "ada.lovelace")

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "too short" not in answer.err
    assert users(admin, "name") == []


def test_where_nobody_can_be_asked_stdin_is_named(admin: Shop, stdin: None) -> None:
    answer = admin.ask("user", "add", "ada", "--role", "viewer")

    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "say --stdin" in answer.err


def test_a_password_is_no_argument_of_any_command(shop: Shop) -> None:
    for words in (["user", "add"], ["user", "password"]):
        assert "--password" not in shop.ask(*words, "--help").out


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such terminal")
def test_a_terminal_asks_twice_and_shows_nothing(admin: Shop) -> None:
    code, shown = on_a_terminal(admin, ("user", "add", "ada", "--role", "viewer"), ("New password", "The same again"))

    assert code == 0, shown
    assert "User 'ada' is added" in shown
    assert GOOD not in shown


def on_a_terminal(shop: Shop, words: tuple[str, ...], prompts: tuple[str, ...]) -> tuple[int, str]:
    """The exit code of a real program, and what it showed, when a person types the password at each prompt."""
    import pty

    ours, theirs = pty.openpty()
    path = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    program = Program(
        [sys.executable, "-m", "process_manager", *words],
        cwd=shop.folder,
        env={**os.environ, "PYTHONPATH": path},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,  # or it would ask on the terminal of whoever runs the tests
    )
    os.close(theirs)
    shown = ""
    with program:
        for prompt in prompts:
            while prompt not in shown:
                shown += os.read(ours, 4096).decode()
            os.write(ours, f"{GOOD}\n".encode())
        shown += "".join(iter(lambda: last(ours), ""))
        os.close(ours)
        return program.wait(timeout=20), shown


def last(terminal: int) -> str:
    """What is shown next; nothing once the other side is gone."""
    try:
        return os.read(terminal, 4096).decode("utf-8", "replace")
    except OSError:
        return ""


@pytest.mark.parametrize(
    "words",
    [
        ("add", "ada", "--role", "admin", "--stdin"),
        ("list",),
        ("disable", "ada"),
        ("enable", "ada"),
        ("role", "ada", "admin"),
        ("kinds", "ada", "--all"),
        ("password", "ada", "--stdin"),
    ],
    ids=lambda words: words[0],
)
def test_who_is_no_admin_is_told_how_the_first_one_is_made(shop: Shop, stdin: None, words: tuple[str, ...]) -> None:
    before = [each for each in shop.content() if '"users"' in each]

    answer = shop.ask("user", *words)

    assert (answer.code, answer.out) == (4, "")
    assert "the role operator is not among those that may: admin" in answer.err
    assert "PROCESS_MANAGER_CONSOLE_ROLE=admin" in answer.err
    assert [each for each in shop.content() if '"users"' in each] == before


def test_a_user_who_is_not_there_or_is_there_already_is_told(admin: Shop, stdin: None) -> None:
    missing = admin.ask("user", "disable", "bo")
    add(admin)
    give_again = admin.ask("user", "role", "ada", "god")

    assert missing.code == 3
    assert "There is no user 'bo'" in missing.err
    assert give_again.code == 2


def test_a_kind_that_nobody_here_knows_is_taken_and_told(admin: Shop, stdin: None) -> None:
    answer = add(admin, "ada", "--kind", "lettr")

    assert answer.code == 0
    assert "No process that is known here has the name 'lettr'. Did you mean 'letter'?" in answer.err


def test_kinds_and_all_do_not_go_together(admin: Shop, stdin: None) -> None:
    add(admin)

    assert [admin.ask("user", "kinds", "ada", *words).code for words in ((), ("letter", "--all"))] == [2, 2]


def test_an_act_is_on_the_audit_chain_with_its_reason_and_nothing_of_a_password(admin: Shop, stdin: None) -> None:
    add(admin, "ada", "--reason", "she works here")
    admin.ask("user", "disable", "ada", "--reason", "she left")

    rows = audit(admin)
    assert [row[:4] for row in rows] == [
        ("user-add", "ada", "she works here", None),
        ("user-disable", "ada", "she left", '{"role":"caseworker","kinds":null,"disabled":false}'),
    ]
    assert rows[1][4] == '{"role":"caseworker","kinds":null,"disabled":true}'
    assert "argon2" not in repr(rows)


def test_where_acts_need_a_reason_one_without_is_refused(
    admin: Shop, stdin: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_REASONS_REQUIRED", "user-role")
    add(admin)

    without, given = (admin.ask("user", "role", "ada", "viewer", *words) for words in ((), ("--reason", "asked to")))

    assert (without.code, given.code) == (2, 0)
    assert "needs a reason" in without.err


def audit(shop: Shop) -> list[tuple[object, ...]]:
    database = shop.database()
    with database.read() as connection:
        columns = (chain.act, chain.target, chain.reason, chain.before, chain.after)
        found = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(chain.number))]
    database.close()
    return found
