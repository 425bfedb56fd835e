"""Why processes have stopped, counted once for all who ask within a few seconds."""

from __future__ import annotations

from process_manager.inspection import StopCauses, Viewer, causes
from process_manager.web.office import Office


def stop_causes(office: Office, viewer: Viewer) -> StopCauses:
    """Return why processes have stopped, as far as somebody may see: counted at most every five seconds, for all."""
    everything = Viewer(None, viewer.marks)

    def made() -> StopCauses:
        with office.database.read() as connection:
            return causes(connection, viewer=everything)

    return office.shared.get("causes", made).of(kinds=viewer.kinds)
