"""What the store is asked about bots and jobs, for tests that send every statement to SQL Server's grammar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa
from rig import NOON

from process_manager.store import bots, jobs
from process_manager.store.filters import Filter
from process_manager.store.jobs import JobFilter
from tests.store.verbs_of_pages import EVERYTHING, KINDS

BOT = {
    "name": "Reader", "description": "", "process": "three", "parameter_schema": "{}", "default_parameters": "{}",
    "created_at": NOON, "created_by": "Ada", "changed_at": NOON, "disabled_at": None,
}  # fmt: skip

OF_JOBS: dict[str, Callable[[sa.Connection], object]] = {
    "bots.insert": lambda c: bots.insert(c, BOT),
    "bots.one": lambda c: [
        bots.one(c, 1, kinds=each, locked=is_locked) for each, is_locked in ((None, True), (KINDS, False))
    ],
    "bots.named": lambda c: bots.named(c, "Reader"),
    "bots.page": lambda c: bots.page(c, after=3, limit=5, kinds=KINDS),
    "bots.change": lambda c: bots.change(c, 1, {"name": "Writer", "disabled_at": None}, now=NOON),
    "bots.has_jobs": lambda c: bots.has_jobs(c, 1),
    "bots.delete": lambda c: bots.delete(c, 1),
    "jobs.insert": lambda c: jobs.insert(c, 1, bots.insert(c, BOT)),
    "jobs.newest": lambda c: [
        jobs.newest(c, each, limit=5)
        for each in (
            JobFilter(replace(EVERYTHING, error=None), bot_id=1, begun=True, asked_to_stop=False, started_by="Ada"),
            JobFilter(Filter(status=("running",)), asked_to_stop=True),
            JobFilter(Filter(status=("waiting",)), begun=False),
            JobFilter(Filter(status=("succeeded", "skipped"), below=9, kinds=KINDS), bot_id=1),
            JobFilter(Filter(status=("failed", "rejected"), below=9)),
        )
    ],
    "jobs.counts": lambda c: jobs.counts(c, most=100, kinds=KINDS),
    "jobs.of": lambda c: jobs.of(c, [1, 2]),
    "jobs.first_runs": lambda c: jobs.first_runs(c, [1, 2]),
    "jobs.rows": lambda c: jobs.rows(c, [1, 2]),
}
