"""Calls a process directly and dies in its second step."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from rig import Three, open_database, settings

from process_manager import Done, StepRun, classic
from process_manager.database import schema
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.store import tables
from process_manager.worker import Plan


class Dying(Three):
    name = "three"

    def step(self, run: StepRun) -> Done:
        if run.step == "b":
            os._exit(9)
        return super().step(run)


database = open_database(Path(sys.argv[1]))
schema.require(database, wanted=tables.SCHEMA, tell=lambda _line: None)
with Direct(database, Plan(Registry([Dying]), settings(), classic())) as here:
    here.run(Dying)
