"""Version 2: a permit is written and sent; those of version 1 that were not printed yet are sent, too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from process_manager import Done, Process, StepRun, Upgrade, every

MAILBOX = Path("mailbox")


def with_address(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the payload of version 1 as version 2 needs it."""
    return {**payload, "address": f"{payload['applicant'].replace(' ', '.').lower()}@example.org"}


class Permit(Process):
    """Write a permit and send it."""

    version = 2
    retry = every(minutes=10)
    STEPS = {"write": "write_permit", "send": "send_permit"}
    upgrades = {1: Upgrade({"print": "send"}, payload=with_address)}

    def write_permit(self, run: StepRun) -> Done:
        text = f"{run.payload['applicant']} may dig at {run.payload['case']}."
        return Done("written", {**with_address(run.payload), "text": text})

    def send_permit(self, run: StepRun) -> Done:
        MAILBOX.mkdir(exist_ok=True)
        letter = f"To: {run.payload['address']}\n\n{run.payload['text']}\n"
        (MAILBOX / f"{run.payload['case']}.txt").write_text(letter, encoding="utf-8")
        return Done(f"sent to {run.payload['address']}")
