"""What a worker asks for while a channel is disabled: the open channels by name only where the closed one holds any."""

import pytest
from rig import NOON, Three, settings, start

from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.gates.switches import Switch
from process_manager.store import switches
from process_manager.worker.gatekeeper import Gatekeeper

pytestmark = pytest.mark.every_database


def test_a_disabled_channel_is_excluded_while_it_is_empty_and_else_the_open_ones_are_asked(database: Database) -> None:
    gatekeeper = Gatekeeper(database, Registry([Three]), settings(), ())
    with database.begin() as connection:
        switches.throw(connection, Switch("night", "too loud", "Ada", NOON))
    asked = []

    for channel in ("day", "night"):
        start(database, channel=channel)
        gatekeeper.look()
        request = gatekeeper.claim_request(NOON)
        asked.append((request.channels, request.excluded_channels, request.excluded_keys))

    assert asked == [((), ("night",), ("night",)), (("day", "default"), (), ("night",))]
