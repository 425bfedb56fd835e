"""What a run on the user's own SQL Server came to, as a table to send to us: no address, no account, no row."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from backends import SQL_SERVER

from benchmarks.lent import Lent, NotLent
from benchmarks.told import facts, masked, report, table
from process_manager.errors import ProcessManagerError

OWN = re.compile(r"\[[^\]]*\bmssql\b|own_server")
LONGEST = 160
"""Characters of what a failure says."""


def scheduling() -> type[Any]:
    """How tests are shared out when the user's own server is there."""
    from xdist.scheduler import LoadFileScheduling

    class OneHasTheServer(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return SQL_SERVER if OWN.search(nodeid) else super()._split_scope(nodeid)

    return OneHasTheServer


class Told:
    """The ends of the tests that ran there, each in its turn, and the table at the end of the run."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ends: dict[str, Counter[str]] = defaultdict(Counter)
        self._more: list[tuple[str, str, str]] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Give what runs there to one worker, for there is one database; the rest file by file."""
        return scheduling()(config, log)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count each test once, by the worst of its parts."""
        if not OWN.search(report.nodeid) or (report.passed and report.when != "call"):
            return
        file, _, name = report.nodeid.partition("::")
        self._ends[Path(file).name][report.outcome] += 1
        if not report.passed:
            self._more.append((name, report.outcome, self._reason(report)))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Print what to send, where the run is told."""
        if not hasattr(config, "workerinput"):
            terminalreporter.write_sep("=", "SQL Server: please send this table to us")
            for line in self.lines():
                terminalreporter.write_line(line)

    def lines(self) -> Iterator[str]:
        """The table: what it ran on, each file, and each test that did not pass."""
        kinds = ("passed", "failed", "skipped")
        rows = [(file, *(ends[kind] for kind in kinds)) for file, ends in sorted(self._ends.items())]
        total = [sum(ends[kind] for ends in self._ends.values()) for kind in kinds]
        yield from report("the suite", self._known(), ("tests", *kinds), [*rows, ("all", *total)])
        yield ""
        yield from table(("test", "end", "reason"), self._more)

    def _known(self) -> Mapping[str, str]:
        try:
            with Lent(self._url) as lent:
                return facts(lent)
        except (NotLent, ProcessManagerError) as error:
            return {"not asked": masked(str(error), self._url)}

    def _reason(self, report: pytest.TestReport) -> str:
        said: Any = report.longrepr
        text = said[2] if isinstance(said, tuple) else getattr(getattr(said, "reprcrash", None), "message", str(said))
        lines = str(text).strip().splitlines() or [""]
        return masked(lines[0], self._url)[:LONGEST]
