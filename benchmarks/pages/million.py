"""A million processes with a realistic history, written by the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from benchmarks.pages.office import Faktura
from process_manager.database import Database
from process_manager.lifecycle import cause

A_PORTION: Final = 100_000
STEPS: Final = tuple(Faktura.step_names)
SAID: Final = (
    "SAP refused the logon: the password of user RPA_FAKT has expired",
    "SAP did not answer in 30.0 s",
    "row {n} of 'VejmanFakturering' is locked by {n}",
    "the CVR number {n} is not there",
    "permit {n} has no contact",
    "Digital Post refused letter {n}: the receiver is exempt",
    "LogonError: RFC_LOGON_FAILURE",
    "KeyError: 'amount of {n}'",
)
"""What steps say that fail; each at two steps, so that there are twice as many causes."""

_PROCESSES: Final = """
INSERT INTO processes (name, version, reference, channel, status, step, attempts, round, seq, fence, crashes,
  own_crashes, parameters, payload, created_at, created_by, updated_at, finished_at, cause, stopped_at, doubtful_since,
  due_at, waiting_for)
SELECT 'faktura', 1, '2026-' || n, 'default', status, CASE WHEN status <> 'succeeded' THEN step END,
  CASE WHEN is_bad THEN 3 ELSE 0 END, 1, CASE WHEN is_bad OR status = 'succeeded' THEN 4 WHEN status = 'waiting' THEN 1
  ELSE 2 END, 4, 0, 0,
  '{"permit": "Ø-' || n || '", "amount": "4250.00"}', '{"permit": "Ø-' || n || '", "amount": "4250.00", "days": 14}',
  at, 'nightly import', at + interval '20 minutes',
  CASE WHEN status IN ('succeeded', 'skipped', 'rejected') THEN at + interval '4 minutes' END,
  CASE WHEN is_bad THEN keys[cause] END, CASE WHEN is_bad THEN at + interval '20 minutes' END,
  CASE WHEN status = 'uncertain' THEN at + interval '19 minutes' END,
  CASE WHEN status = 'waiting' THEN now() + n % 86400 * interval '1 second' END,
  CASE WHEN status = 'waiting' THEN 'moment' END
FROM (
  SELECT n, n % :causes + 1 AS cause, CASE WHEN n % 2 = 0 THEN 'book' ELSE 'mark' END AS step, status, keys,
    status IN ('failed', 'uncertain', 'quarantined') AS is_bad,
    now() - (:total - n) * (interval '700 days' / :total) - interval '1 hour' AS at
  FROM (SELECT n, CAST(:keys AS text[]) AS keys,
    CASE WHEN n % 1000 < 290 THEN 'failed' WHEN n % 1000 < 299 THEN 'uncertain'
    WHEN n % 1000 < 300 THEN 'quarantined' WHEN n % 1000 < 305 THEN 'skipped' WHEN n % 1000 < 310 THEN 'rejected'
    WHEN n % 1000 < 312 THEN 'waiting' ELSE 'succeeded' END AS status
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n) AS numbered
) AS made
"""

_HISTORY: Final = """
INSERT INTO process_steps (process_id, seq, round, step, attempt, outcome, message, error, payload, started_at,
  finished_at, worker)
SELECT p.id, s, 1, CASE WHEN p.cause IS NULL THEN steps[s] WHEN s = 1 THEN 'check' ELSE p.step END,
  CASE WHEN p.cause IS NULL OR s = 1 THEN 1 ELSE s - 1 END,
  CASE WHEN s = 1 OR p.status IN ('succeeded', 'waiting') THEN 'done' WHEN p.status = 'skipped' THEN 'skip'
    WHEN p.status = 'rejected' THEN 'reject' WHEN p.status = 'uncertain' AND s = p.seq THEN 'doubt' ELSE 'retry' END,
  CASE WHEN s > 1 AND p.cause IS NOT NULL THEN replace(said[p.id % :causes + 1], '{n}', CAST(p.id AS text))
    ELSE 'The row is set.' END,
  CASE WHEN s > 1 AND p.cause IS NOT NULL THEN repeat('  File "process.py", line 7, in book' || chr(10), 12) END,
  CASE WHEN s = 1 THEN '{"days": 14}' END,
  p.created_at + s * interval '1 minute', p.created_at + s * interval '1 minute' + interval '2 seconds', 'rpa-01:7:ab'
FROM processes AS p, generate_series(1, p.seq) AS s,
  (SELECT CAST(:steps AS text[]) AS steps, CAST(:said AS text[]) AS said) AS words
WHERE p.id BETWEEN :first AND :last
"""


def fill(database: Database, total: int) -> None:
    """Write so many processes, three of ten with errors, and their history; then let the database look at them."""
    said, keys = zip(*_causes(), strict=True)
    facts = {"total": total, "causes": len(keys), "keys": list(keys), "said": list(said), "steps": list(STEPS)}
    for first in range(1, total + 1, A_PORTION):
        with database.begin() as connection:
            portion = {**facts, "first": first, "last": min(first + A_PORTION - 1, total)}
            connection.execute(sa.text(_PROCESSES), portion)
            connection.execute(sa.text(_HISTORY), portion)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def _causes() -> Iterator[tuple[str, str]]:
    """Yield what the step says of every cause, and its key, in the order of the numbers of processes."""
    count = len(SAID) * 2
    for number in range(count):
        said, step = SAID[number // 2], "book" if number % 2 == 0 else "mark"
        yield said, cause.key(Faktura.name, Faktura.version, step, said.replace("{n}", "17"))
