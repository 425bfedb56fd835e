"""What every request passes before a page or the API sees it, the outermost first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from process_manager.web.middleware.access import Access
from process_manager.web.middleware.body_size import BodySize
from process_manager.web.middleware.cors import Cors
from process_manager.web.middleware.failures import Failures
from process_manager.web.middleware.forwarded import Forwarded
from process_manager.web.middleware.origin import Origin
from process_manager.web.middleware.request_id import RequestId
from process_manager.web.middleware.security_headers import SecurityHeaders
from process_manager.web.middleware.session_cookie import SessionCookie
from process_manager.web.middleware.unread_body import UnreadBody

if TYPE_CHECKING:
    from fastapi import FastAPI

ORDER = (RequestId, SecurityHeaders, UnreadBody, SessionCookie, Cors, Failures, Forwarded, Access, BodySize, Origin)


def add_all(app: FastAPI) -> None:
    """Put them around an application."""
    origins = app.state.office.settings.web_origins or ()
    for each in reversed(ORDER):
        app.add_middleware(each, **({"origins": origins} if each is Cors else {}))
