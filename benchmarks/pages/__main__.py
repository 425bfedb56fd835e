"""`python -m benchmarks.pages`: fill a PostgreSQL, look at it as people do, and print how long each page took."""

from __future__ import annotations

import argparse
import itertools
import os
import random
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from starlette.testclient import TestClient

from benchmarks.hosting import free_port
from benchmarks.pages.million import fill
from benchmarks.pages.office import Faktura
from benchmarks.pages.visits import Visits, live_tabs, steadily
from benchmarks.servers import PostgreSQL
from benchmarks.workload import settings
from process_manager import clock, operations
from process_manager.actor import Actor, Role
from process_manager.database import Database, connect, schema
from process_manager.definition.registry import Registry
from process_manager.governance import users
from process_manager.governance.users import NewUser
from process_manager.operations import Start
from process_manager.store import tables
from process_manager.web import cookies, sessions
from process_manager.web.app import create_app
from process_manager.web.office import Office

BOUNDS: Final = {"list": 200, "attention": 400, "process": 300, "causes": 500}
"""Milliseconds within which 95 of 100 answers come."""
ADA: Final = Actor("ada", is_person=True, way="page", role=Role.OPERATOR)
STEPS_A_SECOND: Final = 200
TABS: Final = 20


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description="Measure the pages over a million.")
    parser.add_argument("--processes", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    asked = parser.parse_args()
    with PostgreSQL(None, version=18, durable=False) as server:
        server.start()
        url = server.create("pages")
        database = connect(url)
        begun = time.perf_counter()
        schema.upgrade(database, tables.SCHEMA)
        fill(database, asked.processes)
        print(f"{asked.processes:,} processes were written in {time.perf_counter() - begun:.0f} s")
        measure(database, url, asked)
        database.close()


def measure(database: Database, url: str, asked: Any) -> None:
    """Count what each page asks, then let worker, people and tabs go on beside each other."""
    database.run(
        lambda connection: users.add(
            connection, NewUser("ada", Role.OPERATOR, None, "none"), by="root", now=clock.now()
        )
    )
    cookie = f"{cookies.SESSION}={sessions.create(database, ADA, before=None, now=clock.now())}"
    total = asked.processes
    paths = {
        "list": "/processes",
        "attention": "/attention",
        "process": f"/processes/{total // 2}",
        "causes": "/causes",
    }
    for name, number in statements(database, paths, cookie).items():
        print(f"{name}: {number} statements")
    with program("web", url, "--port", str(port := free_port())) as web:
        begun = time.perf_counter()
        until_alive(port)
        print(f"web answers after {time.perf_counter() - begun:.2f} s and has {resident(web.pid):.0f} MB")
        visits = Visits(("127.0.0.1", port), cookie)
        tabs = [*paths.items()] * (TABS // len(paths))
        with program("worker", url), starting(database, STEPS_A_SECOND / len(Faktura.step_names)) as started:
            time.sleep(5)
            open_tabs = live_tabs(visits, tabs, seconds=asked.seconds)
            steadily(visits, lambda: chosen(total), rate=asked.rate, seconds=asked.seconds)
            for each in open_tabs:
                each.join()
        done = database_count(database, total)
        print(f"the worker ended {done} of {next(started)} processes meanwhile; web has {resident(web.pid):.0f} MB")
    report(visits)


def chosen(total: int) -> tuple[str, str]:
    """Return a page as people choose it."""
    name = random.choice(("list", "list", "list of what needs a person", "attention", "process", "process", "causes"))
    path = {"list": "/processes", "list of what needs a person": "/processes?status=person"}.get(name, f"/{name}")
    return name, f"/processes/{random.randint(1, total)}" if name == "process" else path


def statements(database: Database, paths: Mapping[str, str], cookie: str) -> dict[str, int]:
    """Return how many statements each page takes when it is asked again, with nothing kept from before."""
    asked: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    office = Office.of(settings(), database, Registry([Faktura]))
    visitor = TestClient(create_app(office), base_url="http://127.0.0.1:8000")
    found = {}
    for name, path in paths.items():
        for _ in range(2):
            office.shared.forget()
            asked.clear()
            begun = time.perf_counter()
            answer = visitor.get(path, headers={"Cookie": cookie})
        took = (time.perf_counter() - begun) * 1000
        print(f"{name}: {answer.status_code}, {len(answer.content):,} bytes, {took:.0f} ms alone")
        found[name] = len([each for each in asked if not each.startswith("BEGIN")])
    return found


@contextmanager
def program(name: str, url: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command during the block."""
    environment = {
        **os.environ,
        "PROCESS_MANAGER_DATABASE_URL": url,
        "PROCESS_MANAGER_PROCESS_PACKAGES": "benchmarks.pages.office",
        "PROCESS_MANAGER_QUIET": "none",
        "PROCESS_MANAGER_ZONE": "UTC",
        "PROCESS_MANAGER_LOG_LEVEL": "WARNING",
    }
    running = subprocess.Popen([sys.executable, "-m", "process_manager", name, *words], env=environment)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(60)


def until_alive(port: int) -> None:
    """Wait until the server answers."""
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health/live", timeout=5):
                return
        except OSError:
            time.sleep(0.01)


def resident(pid: int) -> float:
    """Return the resident memory of a program in megabytes; 0 where the host does not tell."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text("utf-8").splitlines() if status.exists() else ()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


@contextmanager
def starting(database: Database, rate: float) -> Iterator[Iterator[int]]:
    """Start so many processes a second during the block; yield how many were."""
    ended, started = threading.Event(), itertools.count()

    def start() -> None:
        while not ended.wait(1.0):
            with database.begin() as connection:
                operations.start_many(connection, [Start(Faktura, {"permit": next(started)}) for _ in range(int(rate))])

    thread = threading.Thread(target=start)
    thread.start()
    try:
        yield started
    finally:
        ended.set()
        thread.join()


def database_count(database: Database, total: int) -> int:
    """Return how many processes ended well beside those that were there."""
    with database.read() as connection:
        which = (tables.processes.c.id > total, tables.processes.c.finished_at.is_not(None))
        return int(connection.execute(sa.select(sa.func.count()).where(*which)).scalar_one())


def report(visits: Visits) -> None:
    """Print how long each page took, against its bound."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"load {load:.1f} on {os.cpu_count()} cores; {len(visits.faults)} faults {sorted(set(visits.faults))[:5]}")
    print(f"{'page':<34}{'number':>8}{'p50 ms':>9}{'p95 ms':>9}{'bound':>8}{'bytes':>10}")
    for name, took in sorted(visits.took.items()):
        cut = statistics.quantiles(took, n=20) if len(took) > 1 else took * 19
        bound = next((each for page, each in BOUNDS.items() if name.startswith(page)), 0)
        print(f"{name:<34}{len(took):>8}{cut[9]:>9.0f}{cut[18]:>9.0f}{bound:>8}{visits.sizes[name]:>10,}")


if __name__ == "__main__":
    main()
