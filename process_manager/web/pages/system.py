"""System: how the database stands, and the settings with their origin."""

from __future__ import annotations

import platform
from functools import partial
from importlib.metadata import version
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from process_manager import settings
from process_manager.gates.quiet import DEFAULT
from process_manager.governance import permissions
from process_manager.inspection import examination
from process_manager.inspection.examination import Examination
from process_manager.inspection.findings import Result
from process_manager.store.tables import SCHEMA
from process_manager.web import frame
from process_manager.web.office import Office
from process_manager.web.words import VERSIONS

router = APIRouter(include_in_schema=False)

DATABASES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB", "mssql": "SQL Server"}

ORDER = (Result.PROBLEM, Result.WARNING, Result.OK)


@router.get("/system")
def system(request: Request) -> Response:
    """Show the page."""
    office: Office = request.app.state.office
    actor = request.state.actor
    permissions.require(actor, "system")
    viewer = office.viewer(actor)
    examined = Examination(office.database, office.settings.lease)
    found = examination.at_a_glance(examined, partial(office.around, viewer=viewer), viewer)
    return frame.show(
        request,
        "system.html",
        findings=sorted(found, key=lambda each: ORDER.index(each.result)),
        settings=settings.shown(office.settings, zone=office.zone, quiet=DEFAULT),
        database=office.database.url,
        versions=_versions(office),
    )


def _versions(office: Office) -> list[tuple[str, str]]:
    """Return what runs here: the program, Python, the database, and the schema that the program works with."""
    server = office.database.engine.dialect.server_version_info or ()
    told = (
        version("process-manager"),
        platform.python_version(),
        f"{DATABASES[office.database.dialect]} {'.'.join(map(str, server))}",
        SCHEMA,
        f"{platform.node()}, {platform.system()} {platform.release()}",
    )
    return list(zip(VERSIONS, told, strict=True))
