"""The frame of every page: who reads it, in what light and language, and what stands above and below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from process_manager import clock
from process_manager.actor import Actor
from process_manager.errors import ProcessManagerError
from process_manager.governance.policies import Policies
from process_manager.inspection import Viewer, moments, needs_a_person
from process_manager.inspection.attention import MOST_IN_MENU
from process_manager.message import Message, grouped, opening, spelled
from process_manager.web import catalogue, navigation, once, routes, static_files
from process_manager.web.catalogue import Texts
from process_manager.web.icons import Icons
from process_manager.web.identity import WayIn
from process_manager.web.moments import Calendar
from process_manager.web.navigation import Entry
from process_manager.web.office import Office

TEMPLATES: Final = Path(__file__).parent / "templates"
THEMES: Final = ("light", "dark")
WAITING: Final = "needs a person"


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around it.

    Attributes:
        language: The code of the language that it is in.
        languages: The others that it could be in: their codes and own names.
        theme: light or dark; empty follows the reader's system.
        has_keys: Whether single keys do something.
        actor: Who reads it; None before they have signed in.
        signs_out: Whether they can sign out here: whom a proxy has signed on cannot.
        path: Its own address, without what was asked.
        here: Its own address, to come back to.
        entries: The pages that are named at the top.
        starts: Whether they may start any process.
        within: The pages beside this one that stand in one of them.
        request_id: The id of the request.
    """

    language: str
    languages: Sequence[tuple[str, str]]
    theme: str
    has_keys: bool
    actor: Actor | None
    signs_out: bool
    path: str
    here: str
    entries: Sequence[Entry]
    starts: bool
    within: Sequence[Entry]
    request_id: str


def texts(request: Request) -> Texts:
    """Return what the pages say, in the reader's language."""
    return catalogue.chosen(request.cookies.get("language"), request.headers.get("accept-language"))


def calendar(request: Request) -> Calendar:
    """Return the reader's clock."""
    office: Office = request.app.state.office
    return Calendar(office.zone, texts(request), clock.now())


def show(request: Request, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """Return a page.

    Args:
        request: The request that it answers.
        template: The name of its template.
        status: The HTTP status.
        facts: What the template shows.
    """
    said, icons = texts(request), Icons()
    drawn = _environment(said.language).get_template(template)
    page = drawn.render(
        frame=_frame(request, said),
        icon=icons.icon,
        use_icon=icons.use,
        sprite=icons.sprite,
        calendar=calendar(request),
        moment=calendar(request).moment,
        asks_reason=_policies(request).asks_reason,
        waiting=lambda: None if status == HTTPStatus.SERVICE_UNAVAILABLE else _waiting(request),
        **facts,
    )
    return HTMLResponse(page, status)


def _policies(request: Request) -> Policies:
    office: Office = request.app.state.office
    return office.policies


def _waiting(request: Request) -> str | None:
    """Return how many processes need a person, up to a hundred, for the menu; None where nobody can tell."""
    office: Office = request.app.state.office
    viewer = office.viewer(request.state.actor)

    def counted() -> int:
        with office.database.read() as connection:
            return needs_a_person(connection, most=MOST_IN_MENU + 1, viewer=viewer)

    with suppress(ProcessManagerError):
        number = office.shared.get((WAITING, viewer.kinds), counted)
        return f"{MOST_IN_MENU}+" if number > MOST_IN_MENU else str(number or "")
    return None


def keep_waiting(office: Office, viewer: Viewer, number: int) -> None:
    """Keep for the menu how many need a person: a page has counted them by the way."""
    office.shared.keep((WAITING, viewer.kinds), number)


def _frame(request: Request, said: Texts) -> Frame:
    actor: Actor | None = getattr(request.state, "actor", None)
    theme = request.cookies.get("theme", "")
    others = [(each, catalogue.own_name(each)) for each in catalogue.every() if each != said.language]
    return Frame(
        language=said.language,
        languages=others,
        theme=theme if theme in THEMES else "",
        has_keys=request.cookies.get("keys") != "off",
        actor=actor,
        signs_out=actor is not None and getattr(request.state, "way_in", None) is WayIn.SESSION,
        path=request.scope["path"],
        here=routes.here(request.scope) if request.method == "GET" else "/",
        entries=() if actor is None else navigation.of(actor),
        starts=actor is not None and navigation.starts(actor),
        within=() if actor is None else navigation.within(actor, request.scope["path"]),
        request_id=request.state.request_id,
    )


@cache
def _environment(language: str) -> Environment:
    """Return the templates in a language, each compiled once: a message that they show is told in it."""
    said = catalogue.every()[language]
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=said.told,
    )
    made.filters["told"] = said.told
    made.filters["translated"] = lambda text: said.gettext(text) if text else ""  # as it is: it may have a %
    made.globals["spelled"] = spelled
    made.globals["opening"] = opening
    made.globals["begun"] = lambda number: opening(spelled(number) if number else Message("no"))
    made.globals["lasting"] = lambda stretch: said.told(moments.lasting(stretch))
    made.install_gettext_callables(said.gettext, said.ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    for name in ("gettext", "ngettext"):
        made.globals[name] = _telling(cast("Callable[..., str]", made.globals[name]), said)
    made.globals["static"] = static_files.address
    made.globals["once"] = once.field
    return made


def _telling(say: Callable[..., str], said: Texts) -> Callable[..., str]:
    """Return how a template says a sentence: with facts that may be messages, and its number in groups."""

    @pass_context
    def told(context: Context, *sentence: Any, **facts: object) -> str:
        if len(sentence) == 3:
            facts.setdefault("num", grouped(sentence[2]))
        return say(context, *sentence, **{name: said.told(fact) for name, fact in facts.items()})

    return told
