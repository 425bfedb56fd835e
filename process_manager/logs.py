"""Structured log events over Python's own logging: one event is one line, masked before any handler sees it."""

from __future__ import annotations

import importlib.resources
import logging
import logging.config
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from process_manager import clock
from process_manager.errors import SettingsError
from process_manager.redaction import redact_pair, redact_text
from process_manager.redaction.values import HiddenValues
from process_manager.standard_streams import reopened

Log = structlog.typing.FilteringBoundLogger
_HINT = "Compare it with the shipped logging.yaml, or unset PROCESS_MANAGER_LOGGING_CONFIG."

_BOUND = ("process_id", "name", "version", "step", "attempt")

running: ContextVar[object | None] = ContextVar("running", default=None)
"""The run of the step that this thread executes, added to every event logged there."""

hiding: ContextVar[Callable[[], HiddenValues] | None] = ContextVar("hiding", default=None)
"""What returns the marked values of the process at work in this thread; they are looked up when something is logged."""

if TYPE_CHECKING:
    _StreamHandler = logging.StreamHandler[TextIO]
else:
    _StreamHandler = logging.StreamHandler


_configured: tuple[Path | None, str | None, str] | None = None


def configured() -> tuple[Path | None, str | None, str] | None:
    """Return the file, level and style that this program's logging was set up with; None when we did not set it up."""
    return _configured


def configure(*, config: Path | None = None, level: str | None = None, style: str = "console") -> None:
    """Set logging up.

    Args:
        config: The configuration file; None for the shipped one.
        level: The lowest level that is logged, such as INFO; None leaves the file's own.
        style: How the console handler writes: `console` or `json`.

    Raises:
        SettingsError: The file cannot be used.
    """
    where = config or _shipped()
    plan = _read(where)
    try:
        logging.config.dictConfig(_adapted(plan, level, style))
    except (ValueError, TypeError, AttributeError, ImportError, OSError) as error:
        problem = f"cannot be used: {error.__cause__ or error}"
        raise SettingsError(where=where, problem=problem, hint=_HINT) from None
    _route(lowest=min(logger.getEffectiveLevel() for logger in _loggers()))
    logging.setLogRecordFactory(MaskedRecord)
    global _configured  # noqa: PLW0603 - a program has one logging, as Python has it
    _configured = (config, level, style)


def check(config: Path | None) -> Path:
    """Return the file that `configure` would use, without setting anything up.

    Raises:
        SettingsError: The file cannot be read.
    """
    where = config or _shipped()
    _read(where)
    return where


def get(name: str) -> Log:
    """Return the logger of that name; `bind` context to it once where many events follow."""
    if not structlog.is_configured():  # imported as a library: use the host's logging, never its stdout
        _route(lowest=logging.NOTSET)
    log: Log = structlog.get_logger(name)
    return log


class MaskedRecord(logging.LogRecord):
    """A log record whose secrets are masked for every handler: a step may bring a handler of its own."""

    _exc_text: str | None = None

    def getMessage(self) -> str:  # noqa: N802 - logging calls it by this name
        """Return the text with its secrets masked; a line of ours is masked already, and would lose its braces."""
        text = super().getMessage()
        return text if isinstance(self.msg, _Line) else redact_text(_without_hidden(text))

    @property
    def exc_text(self) -> str | None:
        """Return the traceback as the first formatter wrote it, with its secrets masked."""
        return self._exc_text

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self._exc_text = text and redact_text(_without_hidden(text))


def _without_hidden(text: str) -> str:
    """Return the text without the marked values of the process at work here: before secrets, which may be parts."""
    hidden = hiding.get()
    return text if hidden is None else hidden().text(text)


class _Line(str):
    """The text of an event from one of our formatters, masked already."""

    __slots__ = ()


class StderrHandler(_StreamHandler):
    """A handler that writes to the present sys.stderr, because progress lines and tests replace it."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record to the present stderr; a step may have closed it, and a lost line stops no work."""
        self.stream = _open_stderr()
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging calls it by this name
        """Report that the line is lost, where that can be reported."""
        with suppress(ValueError):
            super().handleError(record)


def _open_stderr() -> TextIO:
    """Return sys.stderr or, if that is closed or missing, the first one or a new stream to its descriptor."""
    for stream in (sys.stderr, sys.__stderr__):
        if stream is not None and not getattr(stream, "closed", False):
            return stream
    return reopened(2)


def console() -> logging.Formatter:
    """Return the formatter for people, coloured on a terminal."""
    colours = sys.platform != "win32" and sys.stderr is not None and sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer(
        colors=colours, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )
    return _formatter(renderer)


def json_lines() -> logging.Formatter:
    """Return the formatter for machines: one JSON object a line."""
    return _formatter(structlog.processors.JSONRenderer(ensure_ascii=False))


def _route(lowest: int) -> None:
    """Hand events to Python's logging; those below the lowest level are dropped before they are built."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_chain(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        cache_logger_on_first_use=False,  # a cached logger would keep the level of an earlier configuration
    )


def _formatter(renderer: Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _writable(renderer)],
        foreign_pre_chain=_chain(),
    )


def _writable(renderer: Processor) -> Processor:
    """Escape what no handler can write in UTF-8, such as half a surrogate pair in a foreign text."""

    def rendered(logger: WrappedLogger, method: str, event: EventDict) -> str:
        return _Line(str(renderer(logger, method, event)).encode("utf-8", "backslashreplace").decode("utf-8"))

    return rendered


def _chain() -> list[Processor]:
    """Return the processors of every event, ours and other libraries' alike."""
    return [
        structlog.contextvars.merge_contextvars,
        _with_step,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,  # plain text: the structured one prints locals
        _masked,
    ]


def _with_step(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the step that the event was logged in, read only now because most steps log nothing."""
    step = running.get()
    return event if step is None else {name: getattr(step, name) for name in _BOUND} | dict(event)


def _masked(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask the secrets of the event; order its head for reading, with the time in UTC."""
    meta = {key: event.pop(key) for key in ("_record", "_from_structlog") if key in event}
    if (hidden := hiding.get()) is not None:
        event = _without_marked(event, hidden())
    head = {
        "timestamp": clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": event.pop("level"),
        "logger": event.pop("logger"),
        "event": redact_text(str(event.pop("event", ""))),
    }
    return head | {key: redact_pair(key, value) for key, value in event.items()} | meta


def _without_marked(event: EventDict, values: HiddenValues) -> EventDict:
    """Mask the marked values in the event, but for what tells of the step itself: an id may be equal to one."""
    step = running.get()
    ours = {name: event[name] for name in ("level", "logger")} | {name: getattr(step, name, None) for name in _BOUND}
    return {key: value if value == ours.get(key) else values.value(value) for key, value in event.items()}


def _shipped() -> Path:
    in_wheel = Path(str(importlib.resources.files("process_manager"))) / "logging.yaml"
    return in_wheel if in_wheel.is_file() else in_wheel.parent.parent / "logging.yaml"


def _read(path: Path) -> dict[str, Any]:
    import yaml

    try:
        plan = yaml.safe_load(path.read_text("utf-8-sig"))
    except OSError as error:
        raise SettingsError(where=path, problem=f"cannot be read: {error.strerror}", hint=_HINT) from None
    except UnicodeDecodeError:
        raise SettingsError(where=path, problem="is not UTF-8", hint="Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        problem = f"is not valid YAML: {' '.join(str(error).split())}"
        raise SettingsError(where=path, problem=problem, hint=_HINT) from None
    if not isinstance(plan, dict):
        raise SettingsError(where=path, problem="holds no logging configuration", hint=_HINT)
    return plan


def _adapted(plan: dict[str, Any], level: str | None, style: str) -> dict[str, Any]:
    """Return the configuration with the level and style of the settings."""
    if level is not None:
        plan["root"] = {**plan.get("root", {}), "level": level}
    if style == "json":
        for handler in plan.get("handlers", {}).values():
            if handler.get("formatter") == "console":
                handler["formatter"] = "json"
    return plan


def _loggers() -> Iterator[logging.Logger]:
    yield logging.getLogger()
    for name in logging.root.manager.loggerDict:
        yield logging.getLogger(name)
