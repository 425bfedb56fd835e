"""Workers of Celery are measured beside our own, on one PostgreSQL and in one run."""

from __future__ import annotations

import pytest
from backends import need

from benchmarks import celery_speed, servers
from benchmarks.celery_programs import missing_broker

pytestmark = pytest.mark.crash


def test_both_do_the_same_work_and_the_figure_is_the_ratio_of_their_rates() -> None:
    need(missing_broker() or servers.missing_postgresql())

    found = list(celery_speed.figures(20, 5, 1))

    assert [each.figure for each in found] == [
        "postgresql_celery_steps_per_second",
        "postgresql_celery_slow_steps_per_second",
    ]
    assert all(each.value > 0 and each.ratio is not None for each in found)
    assert all("by our own worker, 8 at once" in each.against for each in found)
