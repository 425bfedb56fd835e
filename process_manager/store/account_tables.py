"""The tables of who may act: people who sign in, and programs that show a token."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from process_manager.actor import Role
from process_manager.store.column_types import Moment, key_type, name_type, text_type
from process_manager.store.tables import NAME_LENGTH, REFERENCE_LENGTH, metadata

ROLES: Final = ", ".join(f"'{role}'" for role in Role)

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", name_type(NAME_LENGTH), primary_key=True, doc="In small letters."),
    sa.Column("role", sa.Unicode(20), nullable=False, doc="viewer, caseworker, operator or admin."),
    sa.Column("kinds", text_type, doc="JSON: the names of the processes that they see; empty means all."),
    sa.Column("password_hash", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="argon2id with its salt."),
    sa.Column("password_changed_at", Moment, nullable=False, doc="When the password was set."),
    sa.Column(
        "failures", sa.Integer, nullable=False, server_default="0", doc="Sign-ins in a row that failed, in one stretch."
    ),
    sa.Column("failing_since", Moment, doc="When that stretch began."),
    sa.Column("signed_in_at", Moment, doc="When they last signed in."),
    sa.Column("created_at", Moment, nullable=False, doc="When they were added."),
    sa.Column("created_by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who added them."),
    sa.Column("disabled_at", Moment, doc="Since when they may not sign in."),
    sa.Column("task_groups", text_type, doc="JSON: the groups whose tasks they answer; empty means none."),
    sa.CheckConstraint(f"role IN ({ROLES})", name="role"),
    sqlite_with_rowid=False,
)
"""People who may sign in to pages: never deleted, so that the history knows who they were."""

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", key_type, primary_key=True, autoincrement=True, doc="By which it is revoked."),
    sa.Column("name", name_type(NAME_LENGTH), nullable=False, doc="The program that has it."),
    sa.Column("hash", sa.Unicode(64), nullable=False, doc="SHA-256 of the secret, by which it is found."),
    sa.Column("hint", sa.Unicode(12), nullable=False, doc="How the secret begins."),
    sa.Column("scopes", text_type, nullable=False, doc="JSON {name of a process or *: [start, read, act]}."),
    sa.Column("created_at", Moment, nullable=False, doc="When it was made."),
    sa.Column("created_by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who made it."),
    sa.Column("expires_at", Moment, nullable=False, doc="From when it is worth nothing."),
    sa.Column("last_used_at", Moment, doc="When it was last used, to the minute."),
    sa.Column("revoked_at", Moment, doc="Since when it is worth nothing, whatever was agreed."),
    sa.Column("task_groups", text_type, doc="JSON: the groups whose tasks it answers; empty means none."),
)
"""Tokens by which programs are known: never deleted, so that the history knows what they were."""

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("hash", name_type(64), primary_key=True, doc="SHA-256 of the cookie, by which it is found."),
    sa.Column("user_name", name_type(NAME_LENGTH), nullable=False, doc="Who is signed in."),
    sa.Column(
        "role", sa.Unicode(20), nullable=False, doc="Their role as it was last seen: another gives a new cookie."
    ),
    sa.Column("created_at", Moment, nullable=False, doc="When they signed in."),
    sa.Column("seen_at", Moment, nullable=False, doc="When they last asked for something, to the minute."),
    sa.Column("expires_at", Moment, nullable=False, doc="When they must sign in again."),
    sqlite_with_rowid=False,
)
"""People who are signed in to the pages; a row is deleted when they sign out or it has ended."""

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("key_hash", name_type(64), primary_key=True, doc="SHA-256 of what is counted: an address or a name."),
    sa.Column("failures", sa.Integer, nullable=False, doc="Sign-ins that failed in this stretch."),
    sa.Column("ends_at", Moment, nullable=False, doc="When the stretch is over."),
    sqlite_with_rowid=False,
)
"""Sign-ins that failed, by address and by name; a row is deleted once its stretch is over."""

sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    sa.Column("hash", name_type(64), primary_key=True, doc="SHA-256 of the word in the link, by which it is found."),
    sa.Column("user_name", name_type(NAME_LENGTH), nullable=False, doc="Who is signed in by it."),
    sa.Column("expires_at", Moment, nullable=False, doc="From when it is worth nothing."),
    sqlite_with_rowid=False,
)
"""Links that sign somebody in once; a row is deleted when it is used, or has ended."""
