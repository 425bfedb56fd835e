"""Who looks for the most urgent reads no row of all that ended well: on every database."""

import pytest
import sqlalchemy as sa

from process_manager.inspection import FIRST, Filter, Place, Reach, urgent_first
from process_manager.store import filters
from tests.store.test_query_plans_corners import (
    FAILED,
    FEW,
    IN_LANE,
    MANY,
    PENDING,
    REJECTED,
    ROWS,
    RUNNING,
    UNMARKED,
    Places,
    places,
    read_by,
    rolled_back,
)

__all__ = ["places"]

FIRST_OF_ALL = [*FAILED, *PENDING, *RUNNING, *IN_LANE]
URGENT: dict[str, tuple[Filter, Reach, list[int]]] = {
    "all": (Filter(), FIRST, [*FIRST_OF_ALL, *range(MANY + 2 * FEW, MANY + 2 * FEW - (50 - 4 * FEW), -1)]),
    "all, after a failed one": (
        Filter(),
        Reach(Place(0, FEW)),
        [*FIRST_OF_ALL[FEW:], *range(MANY + 14, MANY - 15, -1)],
    ),
    "all, before a running one": (Filter(), Reach(Place(3, RUNNING[0]), is_back=True), [*FAILED, *PENDING][::-1]),
    "failed": (Filter(status=("failed",)), FIRST, FAILED),
    "failed, after one": (Filter(status=("failed",)), Reach(Place(0, 3)), FAILED[3:]),
    "rejected": (Filter(status=("rejected",)), FIRST, REJECTED[::-1]),
    "abandoned": (Filter(status=("abandoned",)), FIRST, []),
    "open": (Filter(status=("failed", "running", "waiting")), FIRST, [*FAILED, *RUNNING, *IN_LANE]),
    "in error": (Filter(error="sap SAID"), FIRST, [*FAILED, *PENDING, *REJECTED[::-1]]),
    "succeeded": (Filter(status=("succeeded",)), FIRST, list(range(MANY + 14, MANY - 36, -1))),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", URGENT)
def test_the_most_urgent_are_found_without_reading_what_ended_well(places: Places, name: str) -> None:
    which, reach, expected = URGENT[name]
    answers: list[list[int]] = []

    def ask(connection: sa.Connection) -> None:
        found = urgent_first(connection, which, reach, limit=50, viewer=UNMARKED)
        answers.append([each.process.id for each in found.placed])

    with rolled_back(places.ended) as connection:
        read = read_by(connection, ask)

    assert answers == [expected]
    assert read <= 2 * ROWS  # MariaDB counts what it gathers, too


@pytest.mark.slow
def test_of_many_that_move_the_newest_are_the_first(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "FEW", FEW)
    filters.few_statement.cache_clear()

    with rolled_back(places.due) as connection:
        found = urgent_first(connection, Filter(), FIRST, limit=2, viewer=UNMARKED)
        back = urgent_first(connection, Filter(), Reach(Place(3, MANY), is_back=True), limit=MANY, viewer=UNMARKED)
    filters.few_statement.cache_clear()

    if places.due.dialect == "mariadb":  # which has an index for it
        assert (found.is_crowded, [each.process.id for each in found.placed]) == (False, [1, 2])
    else:
        assert (found.is_crowded, [each.process.id for each in found.placed]) == (True, [MANY + FEW, MANY + FEW - 1])
        assert [each.process.id for each in back.placed] == list(range(MANY + 1, MANY + FEW + 1))
