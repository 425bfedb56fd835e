"""What the store is asked about lanes with rules of their own, for tests that send every statement to two grammars."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rig import NOON

from process_manager.lifecycle.lane_rules import LaneRules
from process_manager.store import lane_heads, lane_places, lane_rules, lanes, recording, starting
from process_manager.store.claiming import Lease
from process_manager.store.starting import NewProcess

RULES = LaneRules(has_positions=True, skips_superseded=True, spacing_ms=1000)
NEW = NewProcess("three", 1, "default", "a", "{}", order_key="o", lane_rules=RULES, position="4".zfill(20))

OF_LANE_RULES: dict[str, Callable[[sa.Connection], object]] = {
    "lane_heads.ahead": lambda c: lane_heads.ahead(c, ["o"]),
    "lanes.first_of": lambda c: lanes.first_of(c, ["o"]),
    "lane_rules.started": lambda c: lane_rules.started(
        c,
        [lane_rules.PlaceInLane(2, "o", "1".zfill(20), RULES), lane_rules.PlaceInLane(3, "n", None, RULES)],
        record=recording.record,
        now=NOON,
    ),
    "lane_places.decide": lambda c: lane_places.decide(c, [(NEW, 4)], record=recording.record, now=NOON),
    "lane_places.claim": lambda c: lane_places.claim(c, NEW, 1, Lease("w", NOON, NOON)),
    "lane_rules.advance": lambda c: lane_rules.advance(c, ["o", "n"], record=recording.record, now=NOON),
    "lane_rules.standing": lambda c: lane_rules.standing(c, ["o", "n"]),
    "lane_rules.active": lambda c: lane_rules.active(c, ["o"]),
    "lane_rules.give_way": lambda c: lane_rules.give_way(c, 1, now=NOON),
}


def golden(dialect: str) -> dict[str, object]:
    """The statements on lanes with rules of their own."""
    return {
        "lane_rules_active": lane_rules.active_statement(),
        "lane_rules_due": lane_rules.due_change(),
        "lane_rules_ended": lane_rules.ended_statement(),
        "lane_rules_first": lane_rules.first_statement(),
        "lane_rules_give_way": lane_rules.give_way_change(),
        "lane_rules_newest": lane_rules.newest_statement(),
        "lane_rules_passed": lane_rules.passed_statement(),
        "lane_rules_standing": lane_rules.standing_statement(),
        "lane_rules_write": lane_rules.write_statement(frozenset({"new_handled", "new_free_at"})),
        "start_insert_placed": starting.insert_statement(dialect, placed=True),
    }
