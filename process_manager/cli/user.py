"""`user`: the people who may sign in to pages, with a role and the kinds of processes that they see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli import secret_input
from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.completion import process_names
from process_manager.cli.known_kinds import warn_of_unknown
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    from process_manager.governance.action import Action
    from process_manager.governance.users import User

ROLES: Final = ("viewer", "caseworker", "operator", "admin")
_SPARE: Final = ("password_changed_at", "created_by", "created_at", "locked_until", "groups")

_name = click.argument("name")
_role = click.Choice(ROLES)
_reason = click.option("--reason", default="", help="Why, for the audit chain.")


@click.group(epilog="\b\nExample:\n  process-manager user list")
def user() -> None:
    """Say who may sign in, and what they may do.

    Only an admin may. The first one is made with PROCESS_MANAGER_CONSOLE_ROLE=admin.
    """


@user.command(cls=CliCommand, example="user add ada --role caseworker --kind fakturering")
@_name
@click.option("--role", type=_role, required=True, help="What they may do.")
@click.option(
    "--kind", "kinds", multiple=True, shell_complete=process_names, help="A process that they see; none: every one."
)
@click.option("--group", "groups", multiple=True, help="A group whose tasks they answer.")
@secret_input.stdin_option
@click.option("--without-password", is_flag=True, help="They come in by the sign-on of a proxy only.")
@_reason
@click.pass_obj
def add(  # noqa: PLR0913, PLR0917 - what a person may say, a parameter each
    session: Session,
    name: str,
    role: str,
    kinds: tuple[str, ...],
    groups: tuple[str, ...],
    from_stdin: bool,
    without_password: bool,
    reason: str,
) -> None:
    """Add a user, and ask for a password.

    It has at least 12 characters and is not the name. Only its hash is kept.
    """
    from process_manager.actor import Role
    from process_manager.governance import passwords, users
    from process_manager.governance.user_actions import AddUser

    if without_password and from_stdin:
        raise click.UsageError("Give --stdin or --without-password, not both.")
    kept = users.user_name(name)
    hashed = passwords.NONE if without_password else _hashed(kept, from_stdin=from_stdin)
    wanted = frozenset(kinds) or None
    added = _act(session, AddUser(kept, Role(role), wanted, hashed, frozenset(groups), reason=reason))
    tell(f"User {added.name!r} is added: {added.role}, who sees {_seen(added.kinds)}.")
    warn_of_unknown(session, kinds)


@user.command("list", cls=CliCommand, example="user list")
@output_option
@click.pass_obj
def list_users(session: Session, form: str) -> None:
    """List the users.

    With their roles, the kinds that they see, and when they last signed in.
    """
    from process_manager import clock
    from process_manager.governance import permissions, users

    permissions.require(session.actor, "user-list")
    with session.opened() as database, database.read() as connection:
        found = users.listed(connection, now=clock.now())
    write_rows([_row(each, form) for each in found], Look(form, users.User.__slots__, session.zone, _SPARE))


@user.command(cls=CliCommand, example="user disable ada")
@_name
@_reason
@click.pass_obj
def disable(session: Session, name: str, reason: str) -> None:
    """Let a user sign in no more.

    What they did stays in the history, and so does their name.
    """
    from process_manager.governance.user_actions import DisableUser

    tell(f"User {_act(session, DisableUser(name, reason=reason)).name!r} may sign in no more.")


@user.command(cls=CliCommand, example="user enable ada")
@_name
@_reason
@click.pass_obj
def enable(session: Session, name: str, reason: str) -> None:
    """Let a user sign in again.

    One who was disabled, or whose sign-ins failed ten times within 15 minutes.
    """
    from process_manager.governance.user_actions import EnableUser

    tell(f"User {_act(session, EnableUser(name, reason=reason)).name!r} may sign in.")


@user.command("role", cls=CliCommand, example="user role ada operator")
@_name
@click.argument("role", type=_role)
@_reason
@click.pass_obj
def set_role(session: Session, name: str, role: str, reason: str) -> None:
    """Give a user another role."""
    from process_manager.actor import Role
    from process_manager.governance.user_actions import SetRole

    changed = _act(session, SetRole(name, Role(role), reason=reason))
    tell(f"User {changed.name!r} is {changed.role} now, from the next page or request on.")


@user.command("kinds", cls=CliCommand, example="user kinds ada fakturering reminder")
@_name
@click.argument("kinds", metavar="[KIND]...", nargs=-1, shell_complete=process_names)
@click.option("--all", "everything", is_flag=True, help="Every kind.")
@_reason
@click.pass_obj
def set_kinds(session: Session, name: str, kinds: tuple[str, ...], everything: bool, reason: str) -> None:
    """Say which kinds of processes a user sees.

    KIND is the name of a process. The others are not there for them: not in lists, not in counts, and not by their id.
    """
    from process_manager.governance.user_actions import SetKinds

    if bool(kinds) == everything:
        raise click.UsageError("Give a KIND or --all, not both." if everything else "Give a KIND, or --all.")
    wanted = None if everything else frozenset(kinds)
    changed = _act(session, SetKinds(name, wanted, reason=reason))
    tell(f"User {changed.name!r} sees {_seen(changed.kinds)} now, from the next page or request on.")
    warn_of_unknown(session, kinds)


@user.command("groups", cls=CliCommand, example="user groups ada economy")
@_name
@click.argument("groups", metavar="[GROUP]...", nargs=-1)
@click.option("--none", "nobody", is_flag=True, help="No group.")
@_reason
@click.pass_obj
def set_groups(session: Session, name: str, groups: tuple[str, ...], nobody: bool, reason: str) -> None:
    """Say which groups a user belongs to: they answer what is asked of these.

    A task that is asked of no group is answered by everybody who may work on its process.
    """
    from process_manager.governance.user_actions import SetGroups

    if bool(groups) == nobody:
        raise click.UsageError("Give a GROUP or --none, not both." if nobody else "Give a GROUP, or --none.")
    changed = _act(session, SetGroups(name, frozenset(groups), reason=reason))
    told = ", ".join(sorted(changed.groups)) or "no group"
    tell(f"User {changed.name!r} answers the tasks of {told} now, from the next page or request on.")


@user.command("sign-out", cls=CliCommand, example="user sign-out ada")
@_name
@_reason
@click.pass_obj
def sign_out(session: Session, name: str, reason: str) -> None:
    """Sign a user out of the pages, wherever they are signed in."""
    from process_manager.governance.session_actions import SignOut

    tell(f"User {_act(session, SignOut(name, reason=reason)).name!r} is signed out everywhere.")


@user.command("password", cls=CliCommand, example="user password ada")
@_name
@secret_input.stdin_option
@_reason
@click.pass_obj
def set_password(session: Session, name: str, from_stdin: bool, reason: str) -> None:
    """Give a user another password, and ask for it."""
    from process_manager.governance import users
    from process_manager.governance.user_actions import SetPassword

    kept = users.user_name(name)
    hashed = _hashed(kept, from_stdin=from_stdin)
    changed = _act(session, SetPassword(kept, hashed, reason=reason))
    tell(f"User {changed.name!r} has another password now.")


def _hashed(name: str, *, from_stdin: bool) -> str:
    from process_manager.governance import passwords

    return passwords.hashed(secret_input.new_password(from_stdin=from_stdin), of=name)


def _act(session: Session, action: Action[User]) -> User:
    with session.opened(makes=True) as database:
        return session.act(database, action)


def _row(found: User, form: str) -> dict[str, Any]:
    groups = sorted(found.groups)
    if form == "table":
        kinds = ", ".join(sorted(found.kinds)) if found.kinds is not None else "all"
        return {**fields(found), "kinds": kinds, "groups": ", ".join(groups)}
    return {**fields(found), "kinds": None if found.kinds is None else sorted(found.kinds), "groups": groups}


def _seen(kinds: Iterable[str] | None) -> str:
    return "every kind of process" if kinds is None else ", ".join(sorted(kinds)) or "nothing"
