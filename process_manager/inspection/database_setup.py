"""Checks of the database: whether it is set up, timed and shaped as the engine needs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from process_manager import durations
from process_manager.database.clock_offset import ClockOffset
from process_manager.database.open_transactions import Open
from process_manager.database.postgresql_schema import SchemaLocation
from process_manager.database.schema_drift import SchemaDrift
from process_manager.database.server_settings import ServerSettings
from process_manager.inspection.findings import Finding, listed, ok, problem, warning
from process_manager.message import Message, decimal, numbered

APART: Final = timedelta(seconds=1)
"""How far two clocks may be apart before it is worth a warning."""

ENCODINGS: Final = {"sqlite": "UTF-8", "postgresql": "UTF8", "mariadb": "utf8mb4"}
NO_ROW_VERSIONS: Final = Message(
    "who reads waits for whoever is writing, list and status too, and may be the victim of a deadlock with it: let the"
    " database keep row versions, while nobody works on it: ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON"
)
"""SQL Server; Azure's databases have them from the start."""
COMPATIBLE: Final = 130
"""SQL Server 2016: the first that reads JSON."""
LASTING: Final = {
    "journal_mode": (
        "wal",
        Message("Nothing keeps readers and the writer apart: the next worker sets it to WAL, if it can."),
    ),
    "synchronous": (
        "full",
        Message("A commit may be lost when the power fails: build SQLite without another default."),
    ),
    "fsync": ("on", Message("A commit may be lost, and the database with it: set fsync = on.")),
    "synchronous_commit": (
        "on",
        Message("A commit may be lost when the server falls: set synchronous_commit = on."),
    ),
    "innodb_flush_log_at_trx_commit": ("1", Message("A commit may be lost when the server falls: set it to 1.")),
    "delayed_durability": (
        "DISABLED",
        Message("A commit may be lost: ALTER DATABASE CURRENT SET DELAYED_DURABILITY = DISABLED."),
    ),
}
"""What each database calls it that a commit lasts, the value that it needs, and what another costs."""
SAFE: Final = {"synchronous": ("extra",), "synchronous_commit": ("remote_apply",), "delayed_durability": ("ALLOWED",)}


def condition(dialect: str, found: ServerSettings) -> Iterator[Finding]:
    """Check how a database is set up."""
    yield ok("version", found.version)
    yield _encoding(dialect, found.encoding)
    yield isolation(dialect, found)
    yield _durability(found)
    yield from _rules(found)


def _encoding(dialect: str, encoding: str) -> Finding:
    wanted = ENCODINGS.get(dialect)
    if wanted is None or encoding.lower() == wanted.lower():
        return ok("encoding", encoding)
    told = Message(
        "it keeps text as %(encoding)s, which cannot hold every letter: move to a database that is %(wanted)s",
        encoding=encoding,
        wanted=wanted,
    )
    return problem("encoding", told)


def isolation(dialect: str, found: ServerSettings) -> Finding:
    """Check what a session sees of what others write, and whom it waits for."""
    told = ", ".join(part for part in (found.isolation, found.row_versions) if part)
    if found.by_default != found.isolation:
        told = Message("%(told)s (%(other)s for sessions that ask for none)", told=told, other=found.by_default)
    if found.isolation == "snapshot":
        hint = Message("claims fail under it; have the login or the driver ask for READ COMMITTED")
        return problem("isolation", _with_hint(told, hint))
    if dialect != "sqlite" and found.isolation != "read committed":
        hint = Message("the engine is made for READ COMMITTED; ask for no other in the URL")
        return warning("isolation", _with_hint(told, hint))
    if found.row_versions.startswith("READ_COMMITTED_SNAPSHOT off"):
        return warning("isolation", _with_hint(told, NO_ROW_VERSIONS))
    return ok("isolation", told)


def _durability(found: ServerSettings) -> Finding:
    told = ", ".join(f"{name} {value}" for name, value in found.durability.items())
    for name, value in found.durability.items():
        wanted, hint = LASTING[name]
        if value != wanted and value not in SAFE.get(name, ()):
            facts = {"name": name, "value": value, "wanted": wanted, "hint": hint}
            return problem("durability", Message("%(name)s is %(value)s, not %(wanted)s. %(hint)s", **facts))
    return ok("durability", told)


def _rules(found: ServerSettings) -> Iterator[Finding]:
    for name, value in found.rules.items():
        hint, what = _hint(name, value), name.replace("_", " ")
        told = Message("%(value)s. %(hint)s", value=value or Message("nothing"), hint=hint)
        yield problem(what, told) if hint else ok(what, value)


def _hint(name: str, value: str) -> Message | None:
    """Return what to do about a rule; None when it is kept."""
    match name:
        case "foreign_keys" if value != "on":
            return Message("Rows may point to nothing: use an SQLite that knows foreign keys.")
        case "sql_mode" if not {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"} & set(value.split(",")):
            return Message("Values that do not fit are cut without an error: add STRICT_TRANS_TABLES.")
        case "compatibility_level" if int(value) < COMPATIBLE:
            return Message(
                "OPENJSON is missing: ALTER DATABASE CURRENT SET COMPATIBILITY_LEVEL = %(least)s or higher.",
                least=COMPATIBLE,
            )
    return None


def file(complaints: list[str]) -> Finding:
    """Check that an SQLite file is whole."""
    if not complaints:
        return ok("file", "quick_check finds nothing wrong")
    told = listed(complaints)
    return problem("file", f"quick_check says: {told}. Stop the workers, and restore the file from a backup")


def clocks(offset: ClockOffset) -> Finding:
    """Check how far the clocks are apart, less what the round trip may explain."""
    ahead = offset.ahead / timedelta(milliseconds=1)
    trip = offset.round_trip / timedelta(milliseconds=1)
    facts = {"apart": f"{abs(ahead):.0f}", "trip": decimal(trip)}
    told = (
        Message("the database's clock is %(apart)s ms ahead of this host's (asked within %(trip)s ms)", **facts)
        if ahead >= 0
        else Message("the database's clock is %(apart)s ms behind this host's (asked within %(trip)s ms)", **facts)
    )
    if abs(offset.ahead) > APART + offset.round_trip / 2:
        hint = Message("set both by one time server, or leases and moments are off by that much")
        return warning("clock", _with_hint(told, hint))
    return ok("clock", told)


def version(found: str | None, wanted: str) -> Finding:
    """Check that the schema has the version that this program works with."""
    if found == wanted:
        return ok("schema version", wanted)
    is_newer = found is not None and found > wanted
    hint = Message("install that version of the program") if is_newer else Message("run `db upgrade`")
    facts = {"found": found or Message("none"), "wanted": wanted, "hint": hint}
    return problem("schema version", Message("%(found)s, but this program works with %(wanted)s: %(hint)s", **facts))


def whereabouts(found: SchemaLocation) -> Iterator[Finding]:
    """Yield in which schema the tables are, and what lies between."""
    if found.found_in:
        yield _search_path(found)
    between = Message("through one: it wakes no worker, and `db upgrade` wants the server itself")
    yield ok("pooler", between if found.is_pooled else Message("none: each connection has a session of its own"))


def _search_path(found: SchemaLocation) -> Finding:
    facts = {"schema": listed(found.found_in), "path": found.search_path}
    told = Message("schema %(schema)s (search_path = %(path)s)", **facts)
    if len(found.found_in) > 1:
        doubled = Message("the tables are found in more than one %(told)s: have it name one of them alone", told=told)
        return problem("search path", doubled)
    if found.made_in != found.found_in[0]:
        made = Message(
            "%(told)s; `db upgrade` would make new tables in %(made_in)s: %(hint)s",
            told=told,
            made_in=found.made_in,
            hint=f"ALTER ROLE … SET search_path = {found.found_in[0]}",
        )
        return warning("search path", made)
    if found.elsewhere:
        unseen = Message(
            "%(told)s; those of schema %(other)s are not seen, nor what was started there: where it should be that one,"
            " change the search path of this account",
            told=told,
            other=listed(found.elsewhere),
        )
        return warning("search path", unseen)
    return ok("search path", told)


def drift(found: SchemaDrift) -> Iterator[Finding]:
    """Report what of the schema is not as it was made."""
    if found.missing:
        hint = "restore it as `process-manager db sql` prints it"
        yield problem("schema", f"{len(found.missing)} missing: {listed(found.missing)}; {hint}")
    if found.unknown:
        hint = "nothing here uses it; what another program keeps here belongs in a database of its own"
        yield warning("schema", f"{len(found.unknown)} unknown: {listed(found.unknown)}; {hint}")
    if not found.missing and not found.unknown:
        yield ok("schema", "tables, columns and indexes are those that were made")


def transactions(found: Open, *, longest: timedelta) -> Finding:
    """Check that no transaction of another session has been open for too long."""
    told = Message("%(number)s open beside this one", number=found.number)
    if found.number:
        oldest = durations.format(found.oldest, parts=2)
        told = Message("%(told)s, the oldest for %(time)s", told=told, time=oldest)
    if found.hidden:
        told = numbered(
            "%(told)s; 1 session is hidden from this account (grant it pg_read_all_stats)",
            "%(told)s; %(number)s sessions are hidden from this account (grant it pg_read_all_stats)",
            found.hidden,
            told=told,
        )
    if found.oldest > longest:
        hint = Message("it keeps locks and old rows; find its program and end it")
        return warning("transactions", _with_hint(told, hint))
    return ok("transactions", told)


def writing(kept: bool) -> Finding:
    """Report what can be said of the transactions of an SQLite file."""
    if kept:
        return warning(
            "transactions",
            Message("another program keeps the write lock: SQLite does not tell which; nothing is claimed meanwhile"),
        )
    return ok("transactions", Message("the write lock is free; SQLite does not tell of readers"))


def secret(dialect: str) -> Finding:
    """Report what to grant an account that may not see the transactions of others."""
    right = {"mssql": "VIEW SERVER STATE", "mariadb": "PROCESS"}.get(dialect, "pg_read_all_stats")
    told = Message("this account may not ask for those of other sessions: grant it %(right)s", right=right)
    return warning("transactions", told)


def _with_hint(told: str, hint: Message) -> Message:
    """Return what was found, and what to do about it."""
    return Message("%(told)s: %(hint)s", told=told, hint=hint)
