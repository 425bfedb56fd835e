"""Which processes are meant: the parameters of lists, and the `where` of acts on many."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field, field_validator

from process_manager import clock, durations
from process_manager.errors import UsageError
from process_manager.inspection import Filter
from process_manager.lifecycle.status import Status
from process_manager.web.api.values import Id, Moment, Sent, Text


class ProcessFilter(Sent):
    """Which processes; what is left out sets no condition."""

    status: list[Status] = Field([], description="In one of these statuses.", examples=[["failed"]])
    name: Text | None = Field(None, description="Of this process class.", examples=["fakturering"])
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="Of this version of it.")
    step: Text | None = Field(None, description="Standing at this step.")
    reference: Text | None = Field(None, description="With this number of the office.")
    channel: Text | None = Field(None, description="Of this channel.")
    order_key: Text | None = Field(None, description="Of this lane.")
    error: Text | None = Field(None, description="Whose newest message or traceback is an error with this text.")
    cause: list[Text] = Field([], description="Stopped for one of these causes: `keys` of `/causes`.")
    created_since: Moment | None = Field(None, description="Started then or later.")
    created_until: Moment | None = Field(None, description="Started before then.")
    updated_since: Moment | None = Field(None, description="Changed then or later.")
    updated_until: Moment | None = Field(None, description="Not changed since then.")
    older_than: str | None = Field(None, description="Not changed for so long, such as 1h or 2d.", examples=["1h"])

    @field_validator("older_than")
    @classmethod
    def _is_duration(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                _ = clock.now() - durations.parse(text)
            except (UsageError, OverflowError):
                raise ValueError("it is no duration such as 1h or 2d") from None
        return text


class ProcessQuery(ProcessFilter):
    """Which processes of a list, and how many of them."""

    search: Text | None = Field(
        None,
        description="With this reference or number, or with it as the whole value of a field that their class declares "
        "in `search` or `personal_search`; of more than 200, the newest.",
        examples=["2026-10482"],
    )
    limit: int = Field(50, ge=1, le=1000, description="At most so many.")
    below: Id | None = Field(None, description="Older than this one: `next_below` of the page before.")


def filter_of(asked: ProcessFilter, *, now: datetime, below: int | None = None) -> Filter:
    """Return the processes that are asked for."""
    given = asked.model_dump(exclude={"older_than", "limit", "below", "search"})
    if asked.older_than is not None:
        latest = now - _duration(asked.older_than)
        given["updated_until"] = min(latest, asked.updated_until or latest)
    return Filter(**{**given, "status": tuple(asked.status), "cause": tuple(asked.cause), "below": below})


def _duration(text: str) -> timedelta:
    return durations.parse(text)
