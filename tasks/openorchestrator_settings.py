"""What steps that work on the queues of OpenOrchestrator need to be told."""

from __future__ import annotations

from pydantic import Field

from process_manager.settings import PackageSettings, Url


class OpenOrchestratorSettings(PackageSettings):
    """Where the queues are."""

    openorchestrator_url: Url | None = Field(
        None,
        min_length=1,
        examples=["sqlite:///queues.db"],
        description="The OpenOrchestrator database with the queues, as an SQLAlchemy URL.",
    )
