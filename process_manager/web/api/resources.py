"""The resources of the API, in the order in which their routes are looked through."""

from __future__ import annotations

from typing import Final

from process_manager.web.api import (
    audit,
    batches,
    bots,
    causes,
    commands,
    events,
    health,
    job_acts,
    job_start,
    jobs,
    kinds,
    limits,
    process_acts,
    process_bulks,
    process_edits,
    process_files,
    process_rerun,
    process_start,
    processes,
    quiet_windows,
    reports,
    schedules,
    switches,
    tasks,
    workers,
)

ROUTERS: Final = tuple(
    each.router
    for each in (
        health,
        processes,
        process_start,
        process_bulks,
        process_acts,
        process_rerun,
        process_edits,
        process_files,
        commands,
        switches,
        quiet_windows,
        schedules,
        workers,
        events,
        tasks,
        kinds,
        limits,
        bots,
        jobs,
        job_start,
        job_acts,
        causes,
        batches,
        reports,
        audit,
    )
)
