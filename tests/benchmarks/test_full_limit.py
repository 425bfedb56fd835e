"""A claim behind what rests for a full limit is measured beside one with nothing behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import full_limit

pytestmark = pytest.mark.slow


def test_a_look_and_its_claim_are_measured_with_one_that_rests_and_with_many(tmp_path: Path) -> None:
    url = f"sqlite:///{(tmp_path / 'engine.db').as_posix()}"

    found = list(full_limit.figures("sqlite", url, 16))

    assert [each.figure for each in found] == [
        "sqlite_look_behind_a_full_limit_ms",
        "sqlite_claim_behind_a_full_limit_ms",
    ]
    assert all(each.value > 0 and "with one that rests instead of 16" in each.against for each in found)
