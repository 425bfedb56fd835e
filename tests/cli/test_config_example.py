"""`.env.example`: every setting with its meaning and default, as the settings model has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shop import Shop

from process_manager import settings
from process_manager.settings import PREFIX, model_of

TOP = Path(__file__).parents[2]
EXAMPLE = (TOP / ".env.example").read_text(encoding="utf-8")


def test_the_file_at_the_top_is_what_the_command_writes(bare: Shop) -> None:
    assert bare.ask("config", "example").out == EXAMPLE, "run: process-manager config example > .env.example"


def test_it_has_every_setting_with_its_meaning_once_and_sets_none() -> None:
    shown = re.findall(rf"^# (.+)\n(?:# Not set by default; for example:\n)?#{PREFIX}([A-Z_]+)=.+$", EXAMPLE, re.M)

    assert shown == [(field.description, name.upper()) for name, field in model_of().model_fields.items()]
    assert [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")] == []


def test_with_every_line_uncommented_the_defaults_are_in_force(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in model_of().model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    unset = settings.load().model_dump()
    Path("logging.yaml").write_text("", encoding="utf-8")
    Path(".env").write_text(re.sub(rf"^#(?={PREFIX})", "", EXAMPLE, flags=re.M), encoding="utf-8")

    written = settings.load().model_dump()

    assert {name: value for name, value in written.items() if unset[name] is not None} == {
        name: value for name, value in unset.items() if value is not None
    }
    assert [name for name, value in written.items() if value is None] == []
