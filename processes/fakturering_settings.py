"""What the invoice dispatch needs to be told."""

from __future__ import annotations

from pydantic import Field

from process_manager.settings import PackageSettings, Url


class FaktureringSettings(PackageSettings):
    """Where the invoice rows are."""

    fakturering_url: Url | None = Field(
        None,
        min_length=1,
        examples=["sqlite:///invoices.db"],
        description="The database with the invoice rows, as an SQLAlchemy URL.",
    )
