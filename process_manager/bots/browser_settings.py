"""What the bots need to be told."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from process_manager.settings import PackageSettings


class BotSettings(PackageSettings):
    """Which sites a browser bot may visit, and with which browser."""

    bots_sites: str | None = Field(
        None,
        min_length=1,
        examples=["permits.example.dk,archive.example.dk"],
        description="The hosts that browser bots may visit, separated by commas; none when unset.",
    )
    bots_browser: Path | None = Field(
        None,
        examples=["/usr/bin/chromium"],
        description="The Chromium, Chrome or Edge of browser bots; one on PATH or Playwright's own when unset.",
    )
