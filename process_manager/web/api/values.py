"""What is sent to the API: texts, moments and ids, each checked before anything is asked of the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from process_manager.web.ids import BIGGEST

LONGEST: Final = 2_000
"""Characters of a reason or a text that is searched for: SQL Server takes 4,000, and no message is longer."""


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds a character that cannot be stored")
    return text


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is past the end of time") from None


def _storable_id(text: str) -> str:
    if int(text) > BIGGEST:
        raise ValueError("no id is so high")
    return text


storable: Final = AfterValidator(_storable)
Text = Annotated[str, StringConstraints(max_length=LONGEST), AfterValidator(_storable)]
NeededText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST), AfterValidator(_storable)
]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Id = Annotated[int, Field(ge=1, le=BIGGEST)]
IdText = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,18}$"), AfterValidator(_storable_id)]
IdInPath = Annotated[int, Path(ge=1, le=BIGGEST, description="The id of the process.")]


class Sent(BaseModel):
    """What is sent: a field that nobody knows is refused, for it may be a slip of the pen."""

    model_config = ConfigDict(extra="forbid")
