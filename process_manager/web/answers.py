"""The answer to a request that went wrong: a page for people, problem+json (RFC 9457) for programs."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from process_manager import logs
from process_manager.web import cookies, frame, identity, problems, routes
from process_manager.web.problems import Problem

log = logs.get(__name__)


def of_error(request: Request, error: Exception) -> Response:
    """Return the answer, and log what is a fault of this program or of what it stands on."""
    problem = problems.of(error)
    if not problem.is_foreseen:
        log.error("request.failed", method=request.method, exc_info=error)
    elif problem.status >= 500:
        log.warning("request.failed", method=request.method, error=type(error).__name__, text=str(error))
    if routes.is_for_programs(request.scope["path"]):
        return _for_programs(request, problem)
    response = _for_people(request, problem)
    response.headers.update(problem.headers)
    return response


def _for_programs(request: Request, problem: Problem) -> Response:
    if problem.status == HTTPStatus.UNPROCESSABLE_ENTITY and routes.is_of_jobs(request.scope["path"]):
        problem = replace(problem, status=HTTPStatus.BAD_REQUEST)
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": request.state.request_id,
    }
    if problem.errors:
        told["errors"] = list(problem.errors)
    return JSONResponse(
        told, problem.status, headers=dict(problem.headers), media_type="application/problem+json; charset=utf-8"
    )


def _for_people(request: Request, problem: Problem) -> Response:
    if problem.status == 401 and request.method == "GET" and not identity.is_poll(request):
        ended = "&ended=1" if cookies.session(request) is not None else ""
        here = quote(routes.here(request.scope), safe="/")
        return RedirectResponse(f"{routes.SIGN_IN}?next={here}{ended}", 303)
    path = request.scope["path"]
    if problem.status == 404 and request.method == "GET" and path.endswith("/") and path != routes.STATIC:
        return RedirectResponse(routes.local(routes.here(request.scope, slash=False)), 303)
    tries_again = problem.status == 503 and request.method == "GET"
    facts = {"problem": problem, "tries_again": tries_again, "back": routes.before(path, request.headers)}
    return frame.show(request, "error.html", problem.status, **facts)
