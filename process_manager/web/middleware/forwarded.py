"""What the proxy in front of this server says of a request: who asked it, by which scheme, under which name."""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from process_manager.web import proxy
from process_manager.web.proxy import TrustedProxy
from process_manager.web.refusals import AnotherName, NotTheProxy

SCHEMES: Final = ("http", "https")
HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]-]{1,300}")


class Forwarded:
    """Believes the proxy, and refuses from anybody else what only the proxy may say."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            _read(Request(scope))
        await self.app(scope, receive, send)


def _read(request: Request) -> None:
    """Take over what the proxy says; raise NotTheProxy where somebody else says it, or asks in its place."""
    trusted: TrustedProxy | None = request.app.state.proxy
    headers, peer = request.headers, request.client.host if request.client is not None else None
    if trusted is not None and trusted.sent(peer, headers):
        _take_over(request.scope, headers, trusted, peer)
    elif any(name in headers for name in proxy.OURS):
        raise NotTheProxy("Only the proxy of this server may say who asks. Nothing was done.")
    elif trusted is not None and trusted.is_only_way and not proxy.is_loopback(peer):
        raise NotTheProxy("This server is asked through its proxy only.")
    elif _is_lured(request.app.state.office.settings.web_host, peer, headers.get("host", "")):
        raise AnotherName(
            "This server is for this machine alone, and is asked as localhost or 127.0.0.1. A proxy that hands "
            "requests on to it has to be named in the settings."
        )


def _is_lured(listens_on: str, peer: str | None, host: str) -> bool:
    """Return whether a browser of this machine was led here by a name of somebody else's (DNS rebinding)."""
    name = host.rpartition(":")[0] if re.search(r":[0-9]*$", host) else host
    is_ours = name == listens_on or proxy.is_loopback(name.strip("[]"))
    return proxy.is_loopback(listens_on) and proxy.is_loopback(peer) and not is_ours


def _take_over(scope: Scope, headers: Headers, trusted: TrustedProxy, peer: str | None) -> None:
    scope["client"] = (trusted.client(peer, headers), 0)
    scheme = _last(headers, "X-Forwarded-Proto").lower()
    if scheme in SCHEMES:
        scope["scheme"] = scheme
    host = _last(headers, "X-Forwarded-Host")
    if HOST.fullmatch(host):
        others = [pair for pair in scope["headers"] if pair[0] != b"host"]
        scope["headers"] = [(b"host", host.encode("latin-1")), *others]
    if not trusted.signs_on:
        return
    users = headers.getlist(proxy.USER)
    if len(users) > 1:
        raise NotTheProxy("The proxy of this server says twice who asks. Nothing was done.")
    scope["state"]["signed_on"] = _text(users[0]) if users else ""
    scope["state"]["groups"] = [_text(each) for each in headers.getlist(proxy.GROUPS)]


def _text(header: str) -> str:
    """Return a header in the letters that were meant: most proxies write UTF-8, where HTTP knows Latin-1."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return header


def _last(headers: Headers, name: str) -> str:
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()
