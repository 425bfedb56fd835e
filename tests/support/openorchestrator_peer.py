"""The real OpenOrchestrator, in an environment of its own, asked through a program that runs there."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).parent.parent.parent
RELEASES = ("3.0.0", "2.0.1")

CLIENT = """
import importlib, json, sys
from sqlalchemy import create_engine, text
what, url, revision = sys.argv[1:4]
if what == "make":
    for name in ("logs", "jobs", "triggers", "queues", "constants", "schedulers"):
        if importlib.util.find_spec("OpenOrchestrator.database." + name):
            importlib.import_module("OpenOrchestrator.database." + name)
    from OpenOrchestrator.database.base import Base
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    from OpenOrchestrator.database import db_util
    db_util.connect(url)
    print(json.dumps(db_util.check_database_revision()))
else:
    from OpenOrchestrator.orchestrator_connection.connection import OrchestratorConnection
    extra = [None] if revision == "1c87ed320c78" else []
    key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    connection = OrchestratorConnection("test", url, key, "", None, *extra)
    popped = []
    while element := connection.get_next_queue_element("VejmanKassenSAP"):
        popped.append([str(element.id), element.reference, element.data, element.status.name, element.created_by])
        if what == "pop":
            from OpenOrchestrator.database.queues import QueueStatus
            connection.set_queue_element_status(element.id, QueueStatus.DONE)
    if what == "create":
        connection.create_queue_element("VejmanKassenSAP", reference="1", data="{}", created_by="their robot")
    print(json.dumps(popped))
"""

REVISIONS = {"3.0.0": "1c87ed320c78", "2.0.1": "90d46abd44a3"}


@dataclass(frozen=True)
class Peer:
    """One release of it."""

    release: str

    @property
    def python(self) -> Path:
        folder = TOP / ".peers" / f"openorchestrator-{self.release}"
        return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    def require(self) -> None:
        """Skip where it is not installed; in CI fail."""
        if self.python.exists():
            return
        reason = f"OpenOrchestrator {self.release} is not installed: run make peers"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)

    def make(self, database: Path) -> bool:
        """Make its own schema; whether its client takes the database for one of its release."""
        return self._ask("make", database)

    def pop_all(self, database: Path) -> list[list[str]]:
        """Each element its client hands out, as [id, reference, data, status, created by], and then sets DONE."""
        return self._ask("pop", database)

    def create(self, database: Path) -> None:
        """Have its client push an element with reference 1."""
        self._ask("create", database)

    def _ask(self, what: str, database: Path) -> Any:
        url = f"sqlite:///{database}"
        command = [str(self.python), "-c", CLIENT, what, url, REVISIONS[self.release]]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
