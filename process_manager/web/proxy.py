"""The proxy in front of this server: known by its address and its secret, and believed only what it alone may say."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from starlette.datastructures import Headers

from process_manager.actor import Role
from process_manager.errors import SettingsError
from process_manager.settings import Settings
from process_manager.settings.value_types import Network

SECRET: Final = "X-Process-Manager-Proxy"  # noqa: S105 - a name, no secret
USER: Final = "X-Process-Manager-User"
GROUPS: Final = "X-Process-Manager-Groups"
OURS: Final = (SECRET, USER, GROUPS)
"""What nobody but the proxy sends."""

SHORTEST: Final = 32
"""Characters of its secret."""


@dataclass(frozen=True, slots=True)
class TrustedProxy:
    """The proxy that the settings name.

    Attributes:
        networks: Its addresses.
        secret: What it sends with each request.
        signs_on: Whether it says who asks.
        roles: The roles of groups; empty leaves that to the users.
        is_only_way: Whether nobody else may ask, for what they send could be read on its way.
    """

    networks: Sequence[Network]
    secret: bytes = field(repr=False)
    signs_on: bool = False
    roles: Sequence[tuple[str, Role]] = ()
    is_only_way: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Return the proxy of these settings, None where they name none; raise SettingsError for half of one."""
        secret = _secret(settings)
        if settings.web_proxy is None and secret is None:
            _refuse_without_proxy(settings)
            return None
        if settings.web_proxy is None or secret is None:
            lacking = "web_proxy" if settings.web_proxy is None else "web_proxy_secret"
            hint = "A proxy is known by both: set PROCESS_MANAGER_WEB_PROXY and PROCESS_MANAGER_WEB_PROXY_SECRET."
            raise SettingsError(where=lacking, problem="is not set, though the other is", hint=hint)
        return cls(
            settings.web_proxy,
            secret,
            settings.web_proxy_sign_on,
            settings.web_proxy_roles or (),
            settings.web_certificate is None and not is_loopback(settings.web_host),
        )

    def sent(self, peer: str | None, headers: Headers) -> bool:
        """Return whether a request came from it: from its address, with its secret, once."""
        given = headers.getlist(SECRET)
        is_secret = len(given) == 1 and hmac.compare_digest(given[0].encode("latin-1"), self.secret)
        return is_secret and self._is_here(peer)

    def client(self, peer: str | None, headers: Headers) -> str | None:
        """Return the address for which it asks: the last in X-Forwarded-For that is not of the proxy itself."""
        for part in reversed(",".join(headers.getlist("X-Forwarded-For")).split(",")):
            found = _address(part)
            if found is None:
                return peer
            if not self._is_here(found):
                return found
        return peer

    def _is_here(self, address: str | None) -> bool:
        try:
            found = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self.networks)


def is_loopback(host: str | None) -> bool:
    """Return whether an address is of this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _address(text: str) -> str | None:
    """Return the address in a part of X-Forwarded-For, which may have a port; None for what is none."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif len(bare.split(":")) == 2:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None


def _secret(settings: Settings) -> bytes | None:
    given, file = settings.web_proxy_secret, settings.web_proxy_secret_file
    if given is not None and file is not None:
        hint = "Set web_proxy_secret or web_proxy_secret_file."
        raise SettingsError(where="web_proxy_secret", problem="is set twice, here and as a file", hint=hint)
    if file is not None:
        return _read(file)
    return None if given is None else given.get_secret_value().encode()


def _read(file: Path) -> bytes:
    try:
        found = file.read_bytes().strip()
    except OSError as error:
        hint = "Let the account that runs this read it."
        raise SettingsError(where=file, problem=f"cannot be read: {error.strerror}", hint=hint) from None
    if len(found) < SHORTEST:
        hint = "Make one with `python -c 'import secrets; print(secrets.token_urlsafe(32))'`."
        raise SettingsError(where=file, problem=f"has fewer than {SHORTEST} characters", hint=hint)
    return found


def _refuse_without_proxy(settings: Settings) -> None:
    if settings.web_proxy_sign_on or settings.web_proxy_roles:
        lacking = "web_proxy_sign_on" if settings.web_proxy_sign_on else "web_proxy_roles"
        hint = "Set PROCESS_MANAGER_WEB_PROXY and PROCESS_MANAGER_WEB_PROXY_SECRET, too."
        raise SettingsError(where=lacking, problem="is set, but no proxy is named that could say it", hint=hint)
