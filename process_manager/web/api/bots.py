"""`/bots`: processes that a front end starts, each with what may be given for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path, Query, Response
from pydantic import AliasChoices, ConfigDict, Field, StringConstraints

from process_manager.governance import bots
from process_manager.governance.bot_actions import CreateBot, DeleteBot, EditBot
from process_manager.governance.bots import Bot, NewBot
from process_manager.web.api.asking import Doer, Doing, Reader, Reading
from process_manager.web.api.router import PREFIX, ApiRouter, answers
from process_manager.web.api.values import Id, Sent, Text, storable
from process_manager.web.ids import BIGGEST

router = ApiRouter("bots")

BotId = Annotated[int, Path(ge=1, le=BIGGEST, description="The id of the bot.")]
BotName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150), storable]
IfMatch = Annotated[
    str | None,
    Header(
        pattern=r'^(\*|"[0-9]{1,9}"(, ?"[0-9]{1,9}")*)$',
        description="The ETag of the bot as it was looked at; without it, whatever it is now.",
    ),
]
SCHEMA: Final = {"sheet": {"type": "file", "label": "Rows", "required": True}, "year": {"type": "integer"}}
EXAMPLE: Final[dict[str, Any]] = {
    "id": "3",
    "name": "Read the invoices",
    "description": "Reads a sheet of invoices and starts a process for each row.",
    "script_identifier": "excel-reader",
    "parameter_schema": SCHEMA,
    "default_parameters": {"year": 2026},
    "enabled": True,
    "version": 1,
    "created_at": "2026-11-30T07:00:00Z",
    "created_by": "ada",
    "updated_at": "2026-11-30T07:00:00Z",
}


class BotFields(Sent):
    """What may be said of a bot."""

    name: BotName | None = Field(None, description="What people call it: no other bot has that name.")
    description: Text | None = Field(None, description="What it does.")
    script_identifier: Text | None = Field(
        None,
        description="The name of the process class that a job of it is.",
        validation_alias=AliasChoices("script_identifier", "process"),
    )
    parameter_schema: dict[str, dict[str, Any]] | None = Field(
        None,
        description="What may be given for a job, by name: `type` (string, integer, boolean, file or text), `label`, "
        "`required`, `default`, `description`, `options`. A subset of the parameters of the class; without it all.",
    )
    default_parameters: dict[str, Any] | None = Field(None, description="What a job has that is given nothing else.")
    enabled: bool | None = Field(None, description="Whether jobs of it may be started.")
    reason: Text = Field("", description="Why, for the audit chain.")


class NewBotRequest(BotFields):
    """A bot that is to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Read the invoices", "script_identifier": "excel-reader"}]}
    )

    name: BotName = Field(description="What people call it: no other bot has that name.")
    script_identifier: Text = Field(
        description="The name of the process class that a job of it is.",
        validation_alias=AliasChoices("script_identifier", "process"),
    )


class BotEditRequest(BotFields):
    """What is to be changed of a bot; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False, "reason": "SAP is closed"}]})


class BotReason(Sent):
    """Why a bot is deleted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "nobody starts it any more"}]})

    reason: Text = Field("", description="Why, for the audit chain.")


@dataclass(frozen=True, slots=True)
class ShownBot:
    """A bot."""

    id: str
    name: str
    description: str
    script_identifier: str
    parameter_schema: dict[str, Any]
    default_parameters: dict[str, Any]
    enabled: bool
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BotList:
    """Bots, the oldest first; `next_after` asks for the page after this one, and is null on the last."""

    items: list[ShownBot]
    next_after: str | None


@router.get("", summary="List bots", **answers({"items": [EXAMPLE], "next_after": None}, unfit=400))
def list_bots(
    reader: Reading,
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 100,
    after: Annotated[Id | None, Query(description="`next_after` of the page before.")] = None,
) -> BotList:
    """Return the bots of the processes that whoever asks may see."""
    with reader.office.database.read() as connection:
        found = bots.page(connection, after=after or 0, limit=limit + 1, kinds=reader.viewer.kinds)
    items = [_shown(each) for each in found[:limit]]
    return BotList(items, items[-1].id if len(found) > limit else None)


@router.post("", summary="Make a bot", **answers(EXAMPLE, 409, status=201, unfit=400))
def create_bot(doer: Doing, body: NewBotRequest, response: Response) -> ShownBot:
    """Make it. Without a schema it takes what its process class takes."""
    new = NewBot(
        body.name,
        body.script_identifier,
        description=body.description or "",
        parameter_schema=body.parameter_schema,
        default_parameters=body.default_parameters,
        enabled=body.enabled is not False,
    )
    made = doer.act(CreateBot(new, doer.registry, reason=body.reason)).value
    response.headers["Location"] = f"{PREFIX}bots/{made.id}"
    return _tagged(made, response)


def bot_of(reader: Reading, bot_id: BotId) -> Bot:
    """Return the bot of the path, if the reader may see it."""
    return seen_by(reader, bot_id)


SeenBot = Annotated[Bot, Depends(bot_of)]


@router.get("/{bot_id}", summary="Show a bot", **answers(EXAMPLE, 404, unfit=400))
def get_bot(bot: SeenBot, response: Response) -> ShownBot:
    """Return a bot. The ETag is its version: `If-Match` of an edit."""
    return _tagged(bot, response)


@router.patch("/{bot_id}", summary="Edit a bot", **answers(EXAMPLE, 404, 409, 412, unfit=400))
def edit_bot(doer: Doing, bot: SeenBot, body: BotEditRequest, response: Response, if_match: IfMatch = None) -> ShownBot:
    """Change what is given. 412 when it has been edited since it was looked at."""
    return _edited(doer, bot, body, if_match, response)


@router.put("/{bot_id}", summary="Replace what a bot says", **answers(EXAMPLE, 404, 409, 412, unfit=400))
def replace_bot(
    doer: Doing, bot: SeenBot, body: NewBotRequest, response: Response, if_match: IfMatch = None
) -> ShownBot:
    """Change what is given; what is left out stays as it is."""
    return _edited(doer, bot, body, if_match, response)


@router.delete(
    "/{bot_id}",
    summary="Delete a bot",
    response_class=Response,
    **answers(None, 404, 409, 412, status=204, unfit=400),
)
def delete_bot(doer: Doing, bot: SeenBot, body: BotReason | None = None, if_match: IfMatch = None) -> None:
    """Delete it. 409 when jobs of it were started: disable it instead."""
    reason = "" if body is None else body.reason
    doer.act(DeleteBot(bot.id, bot.process, seen=versions(if_match), reason=reason))


def seen_by(reader: Reader, bot_id: int) -> Bot:
    """Return a bot that the reader may see; raise NotFound where there is none."""
    with reader.office.database.read() as connection:
        return bots.get(connection, bot_id, kinds=reader.viewer.kinds)


def versions(if_match: str | None) -> tuple[int, ...] | None:
    """Return the versions that are meant; None for any."""
    return None if if_match in (None, "*") else tuple(map(int, re.findall("[0-9]+", if_match)))


def _edited(doer: Doer, bot: Bot, body: BotFields, if_match: str | None, response: Response) -> ShownBot:
    given = body.model_dump(exclude_none=True, exclude={"reason"})
    if "script_identifier" in given:
        given["process"] = given.pop("script_identifier")
    action = EditBot(bot.id, bot.process, given, doer.registry, seen=versions(if_match), reason=body.reason)
    return _tagged(doer.act(action).value, response)


def _tagged(bot: Bot, response: Response) -> ShownBot:
    response.headers["ETag"] = f'"{bot.version}"'
    return _shown(bot)


def _shown(bot: Bot) -> ShownBot:
    return ShownBot(
        id=str(bot.id),
        name=bot.name,
        description=bot.description,
        script_identifier=bot.process,
        parameter_schema=dict(bot.parameter_schema),
        default_parameters=dict(bot.default_parameters),
        enabled=bot.enabled,
        version=bot.version,
        created_at=bot.created_at,
        created_by=bot.created_by,
        updated_at=bot.changed_at,
    )
