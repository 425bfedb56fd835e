"""`web`: the pages and the HTTP API."""

from __future__ import annotations

import gc
import importlib.util
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from process_manager.cli.base_command import CliCommand
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError
from process_manager.extras import install_command

if TYPE_CHECKING:
    from process_manager.database import Database
    from process_manager.definition.registry import Registry
    from process_manager.settings import Settings
    from process_manager.web.server import WebServer

NEEDED: Final = ("fastapi", "uvicorn", "jinja2", "python_multipart", "babel", "argon2", "limits")
BACKLOG: Final = 128


@click.command(cls=CliCommand, example="web --port 8080")
@click.option("--host", metavar="ADDRESS", help="The address to listen on, such as 127.0.0.1 (the default) or 0.0.0.0.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on; 0 takes a free one.")
@click.option("--certificate", type=click.Path(), help="The certificate for HTTPS, as a PEM file.")
@click.option("--key", type=click.Path(), help="The private key of that certificate, as a PEM file.")
@click.pass_obj
def web(session: Session, host: str | None, port: int | None, certificate: str | None, key: str | None) -> None:
    """Serve the pages and the HTTP API until stopped.

    On 127.0.0.1 it needs nothing else. Any other address can be reached from outside, so it needs users and HTTPS: a
    certificate and its key, or a proxy that speaks it.
    """
    require_packages()
    settings = session.load(web_host=host, web_port=port, web_certificate=certificate, web_key=key)
    _require_pair(settings)
    with session.opened(makes=True) as database:
        has_users = _has_users(database)
        _require_safe(settings, has_users=has_users)
        with listening(settings) as listener:
            if not has_users:
                tell(
                    "Nobody may sign in yet: with PROCESS_MANAGER_CONSOLE_ROLE=admin, "
                    "`process-manager user add NAME --role admin` makes the first user."
                )
            _serve_all(session, settings, database, listener)


def require_packages() -> None:
    """Raise UsageError where the extra of the pages is not installed."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(problem=f"The pages need {', '.join(missing)}: run `{install_command('web')}`.")


def _require_pair(settings: Settings) -> None:
    """Raise UsageError unless there are both a certificate and its key that can be read, or neither."""
    pair = (settings.web_certificate, settings.web_key)
    if (pair[0] is None) != (pair[1] is None):
        raise UsageError(problem="HTTPS needs a certificate and its key: give --certificate and --key, or neither.")
    if pair[0] is None or pair[1] is None:
        return
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pair[0], pair[1], password=_refuse_password)
    except (OSError, ValueError) as error:
        problem = f"The certificate {pair[0]} cannot be used with the key {pair[1]}: {error}. Give a pair of PEM files."
        raise UsageError(problem=problem) from None


def _refuse_password() -> str:
    raise ValueError("the key has a password")


def _has_users(database: Database) -> bool:
    from process_manager.governance import users

    with database.read() as connection:
        return users.exist(connection)


def _require_safe(settings: Settings, *, has_users: bool) -> None:
    """Raise UsageError for an address that others can reach where nobody has to sign in, or passwords could be read."""
    host = settings.web_host
    from process_manager.web.proxy import TrustedProxy, is_loopback

    proxy = TrustedProxy.of(settings)
    if is_loopback(host):
        return
    missing = [] if has_users else ["users (`process-manager user add`)"]
    if settings.web_certificate is None and proxy is None:
        missing.append(
            "HTTPS (--certificate and --key, or a proxy that speaks it: PROCESS_MANAGER_WEB_PROXY and its secret)"
        )
    if missing:
        raise UsageError(
            problem=f"{host} can be reached from outside, which needs {' and '.join(missing)}. Without, listen on "
            "127.0.0.1."
        )


def listening(settings: Settings) -> socket.socket:
    """Return the socket on which the settings say that it listens; raise UsageError where that cannot be."""
    host, port = settings.web_host, settings.web_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # asyncio sets it on none whose protocol was not named: the body of an answer waited 40 ms for an ACK
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        problem = (
            f"{host}, port {port}, cannot be listened on: {error.strerror or error}. Choose another --port or --host."
        )
        raise UsageError(problem=problem) from None


def _serve_all(session: Session, settings: Settings, database: Database, listener: socket.socket) -> None:
    from process_manager import logs

    def set_up() -> None:
        logs.configure(config=settings.logging_config, level=settings.log_level, style=settings.log_format)

    set_up()
    gc.disable()  # nothing of what is loaded now is garbage, and looking for it takes a tenth of the start
    try:
        running = made(settings, database, session.registry)
    finally:
        gc.enable()
    set_up()  # a module that sets a log up while it is imported gives way to the one here
    serve(running, settings, listener, lambda address: tell(f"The pages are at {address}. Ctrl-C ends it."))


def made(settings: Settings, database: Database, registry: Registry) -> WebServer:
    """Return a server of the pages and the API on this database."""
    from process_manager.web import server
    from process_manager.web.office import Office

    return server.made(Office.of(settings, database, registry))


def serve(running: WebServer, settings: Settings, listener: socket.socket, tell_of: Callable[[str], None]) -> None:
    """Serve the pages until a signal; their address is told first."""
    from process_manager.cli.interrupts import stopping

    scheme = "http" if settings.web_certificate is None else "https"
    host, port = listener.getsockname()[:2]
    gc.freeze()  # what is loaded by now stays
    with stopping(running.stop, grace=settings.grace, what="requests"):
        tell_of(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/")
        running.run([listener])
