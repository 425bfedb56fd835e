"""`token`: tokens of programs, each with scopes and an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.known_kinds import warn_of_unknown
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    from process_manager.governance.tokens import Scopes, Token

_SPARE: Final = ("created_by", "created_at", "hint", "last_used_at", "groups")

_reason = click.option("--reason", default="", help="Why, for the audit chain.")


@click.group(epilog="\b\nExample:\n  process-manager token list")
def token() -> None:
    """Say which programs may do what.

    Only an admin may. A token says who calls the API; its scopes say what it may do.
    """


@token.command(cls=CliCommand, example="token add payroll --scope fakturering:start,read --expires 90d")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    metavar="KIND:SCOPES",
    multiple=True,
    required=True,
    help="A process, or * for every one, and what may be done with it: start, read, act.",
)
@click.option("--group", "groups", multiple=True, help="A group whose tasks it answers.")
@click.option("--expires", metavar="DURATION", default="90d", show_default=True, help="When it ends.")
@_reason
@click.pass_obj
def add(  # noqa: PLR0913, PLR0917 - what a person may say, a parameter each
    session: Session, name: str, scopes: tuple[str, ...], groups: tuple[str, ...], expires: str, reason: str
) -> None:
    """Add a token, and print its secret, this once.

    NAME is the program that gets it, for the history. `start` covers starts of that process, `read` all questions about
    it, `act` what a caseworker may do to it. Only a hash of the secret is kept.
    """
    from process_manager import clock, durations
    from process_manager.governance import tokens
    from process_manager.governance.token_actions import AddToken

    given, lasts, secret = tokens.scopes_of(scopes), durations.parse(expires), tokens.new_secret()
    with session.opened(makes=True) as database:
        new = tokens.new_token(name, secret, given, tokens.end(clock.now(), lasts), groups)
        added = session.act(database, AddToken(new, reason=reason))
    click.echo(secret)
    told = f"Token {added.id} of {added.name!r} may {_covered(added.scopes)}, and ends in {expires}"
    tell(f"{told}. Its secret is shown this once.")
    warn_of_unknown(session, sorted({kind for kind, _scope in given} - {"*"}))


@token.command("list", cls=CliCommand, example="token list")
@output_option
@click.pass_obj
def list_tokens(session: Session, form: str) -> None:
    """List the tokens.

    With what they may do, when they end, and when they were last used, to the minute. Secrets are not kept.
    """
    from process_manager.governance import permissions, tokens

    permissions.require(session.actor, "token-list")
    with session.opened() as database, database.read() as connection:
        found = tokens.listed(connection)
    write_rows([_row(each, form) for each in found], Look(form, tokens.Token.__slots__, session.zone, _SPARE))


@token.command(cls=CliCommand, example="token revoke 7")
@click.argument("token_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@_reason
@click.pass_obj
def revoke(session: Session, token_id: int, reason: str) -> None:
    """Make a token worth nothing, at once and for good."""
    from process_manager.governance.token_actions import RevokeToken

    with session.opened() as database:
        revoked = session.act(database, RevokeToken(token_id, reason=reason))
    tell(f"Token {revoked.id} of {revoked.name!r} is worth nothing any more.")


def _row(found: Token, form: str) -> dict[str, Any]:
    from process_manager.governance.tokens import PREFIX, listed_scopes

    scopes = _covered(found.scopes) if form == "table" else listed_scopes(found.scopes)
    groups = sorted(found.groups)
    told = ", ".join(groups) if form == "table" else groups
    return {**fields(found), "hint": f"{PREFIX}{found.hint}…", "scopes": scopes, "groups": told}


def _covered(scopes: Scopes) -> str:
    from process_manager.governance.tokens import listed_scopes

    return "; ".join(f"{', '.join(each)} {kind}" for kind, each in listed_scopes(scopes).items())
