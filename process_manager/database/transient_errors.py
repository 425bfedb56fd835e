"""Errors of a server that starts, stops, fails over, throttles or runs out of something: they concern no single row.

They are SQLSTATEs and the servers' own numbers, with the SQLSTATE where a number means something else on another
server. Those of SQL Server and Azure SQL are the ones that Microsoft's own clients retry, and what its list of errors
says about such moments.
"""

from __future__ import annotations

from typing import Final

SESSION_ENDED: Final = frozenset({
    # PostgreSQL: shut down, crashed, starting up, dropped; idle for too long, in a transaction, one that took too long
    "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04",
    # SQL Server: the session is killed; the server shuts down, by whom; the session could not be used again
    "596", "6005", "6006", "17191", "18056",
    # Azure SQL: an error within, the database moves, out of reach; a session that took too long, or too much
    "615", "40143", "40166", "40197", "40540", "40545", "40613", "40549", "40550", "40551", "40552", "40553",
    # Microsoft's driver: the connection was lost and could not be made again
    "IMC01", "IMC02", "IMC03", "IMC04", "IMC05", "IMC06",
    # FreeTDS: no connection, reading, writing, not there, the end of the stream, dead
    "20002", "20004", "20006", "20009", "20017", "20047",
    # MariaDB: shuts down, aborted, idle for too long, no part of its cluster now; the network
    "1053", "1152", "4031", "08S01/1047", "1158", "1159", "1160", "1161", "2012", "2026", "2055",
})  # fmt: skip
"""The session has ended, or the database behind it has moved."""

UNAVAILABLE: Final = frozenset({
    # SQL Server: starts or stops, not yet there, not recovered, recovering, for its owner, one user, suspect, restored
    "904", "913", "921", "922", "923", "924", "926", "927",
    # not started, offline, no disk or memory, in transition, a mirror, without a quorum, not in step, its log gone
    "941", "942", "945", "952", "954", "955", "956", "9001",
    # of an availability group: nobody may read there, no secondary, no quorum
    "979", "982", "988",
    # a login: paused, shut down, no thread, lost, too late, no end point, no memory, too many, the network, an upgrade,
    # administrators only, one user only
    "17142", "17188", "17189", "17194", "17197", "17198", "17300", "17312", "17809", "17830", "18401", "18451", "18461",
    # Azure SQL: a replica in transition, too many requests, a gateway, a pool that is paused or wakes up
    "4221", "40648", "40671", "42108", "42109",
    # Windows, of the network
    "20", "121", "10061", "11001",
    # MariaDB: FLUSH TABLES WITH READ LOCK, no thread, too many of one account
    "1223", "1135", "1203", "1226",
})  # fmt: skip
"""The database cannot be reached by anybody now."""

OUT_OF_RESOURCES: Final = frozenset({
    # PostgreSQL: resources, memory, a limit of its settings; the system, the disk
    "53000", "53200", "53400", "58000", "58030",
    # SQL Server: memory, buffers, a latch, locks; to compile, to begin, a grant; versions of rows in tempdb
    "701", "802", "845", "1204", "8628", "8645", "8651", "8657", "3966", "3967",
    # Azure SQL: throttled, the pool, the quota of tables in memory
    "1132", "10922", "10928", "10929", "10936", "40501", "41823", "49918", "49919", "49920", "49977", "49983",
    # MariaDB: memory, to sort, at all; locks; its client
    "HY001/1037", "HY001/1038", "HY000/1041", "1206", "2008",
    "HY001", "HY014",  # ODBC
    "SQLITE_NOMEM",
})  # fmt: skip
"""The server is out of a resource that others use, too."""

RETRY: Final = frozenset({
    # PostgreSQL: rolled back, whether it was completed nobody knows
    "40000", "40003",
    # SQL Server: moved, rebuilt, read halfway; a transaction that may not be committed; a stale handle
    "601", "617", "669", "3930", "3935", "3961", "3998", "8179", "9515",
    # tables in memory
    "41301", "41302", "41305", "41325", "41839",
    # MariaDB: changed since the snapshot, killed, XA's deadlock, a wait that was broken off
    "HY000/1020", "1317", "1614", "1689",
    "SQLITE_INTERRUPT", "SQLITE_PROTOCOL",
})  # fmt: skip
"""The same transaction may succeed when it is run again."""
