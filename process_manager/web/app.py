"""The web application: middleware, pages and API around one office."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from process_manager.web import answers, middleware, static_files
from process_manager.web.api import openapi
from process_manager.web.api.resources import ROUTERS
from process_manager.web.basic import BasicPasswords
from process_manager.web.chain_check import ChainCheck
from process_manager.web.office import Office
from process_manager.web.pages import (
    account,
    attention,
    audit,
    batches,
    causes,
    commands,
    events,
    home,
    job_rerun,
    jobs,
    kinds,
    preferences,
    process,
    process_edit,
    process_files,
    processes,
    reports,
    schedules,
    sign_in,
    start,
    system,
    task,
    tasks,
    users,
    workers,
)
from process_manager.web.password_gate import PasswordGate
from process_manager.web.proxy import TrustedProxy

PAGES = (
    home, attention, causes, batches, processes, process_edit, process_files, process, sign_in, preferences, system,
    audit, users, account, commands, workers, start, kinds, job_rerun, jobs, reports,
    schedules, events, tasks, task,
)  # fmt: skip


def create_app(office: Office) -> FastAPI:
    """Return the application.

    Args:
        office: What it works with.
    """
    app = FastAPI(
        title="Process manager",
        version=version("process-manager"),
        docs_url=None,  # they load scripts from another host
        redoc_url=None,
        redirect_slashes=False,  # it would lead to the host that a caller names; `answers` leads to the path alone
        openapi_url="/api/v1/openapi.json",
    )
    app.state.office = office
    app.state.chain_check = ChainCheck(office.database)
    app.state.proxy = TrustedProxy.of(office.settings)
    app.state.gate = gate = PasswordGate()
    app.state.basic = BasicPasswords(office.database, gate)
    middleware.add_all(app)
    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer)
    app.add_route("/static/{name}", static_files.serve)
    app.add_route("/favicon.ico", static_files.serve_icon)
    for router in (*(page.router for page in PAGES), *ROUTERS):
        app.router.routes.extend(router.routes)  # `include_router` would make each anew, with all of its models
    openapi.install(app, ROUTERS)
    return app


async def _answer(request: Request, error: Any) -> Response:
    return await run_in_threadpool(answers.of_error, request, error)
