"""The reference of the settings, from the model that reads them."""

from __future__ import annotations

from docs.generate import markdown
from process_manager.cli import env_example
from process_manager.settings import PREFIX, model_of

INTRODUCTION = f"""\
A setting is read from the environment, from `.env` and from `process_manager.toml`, in this order; the first that has
it counts. In `process_manager.toml` it stands by its name, elsewhere behind `{PREFIX}` in capitals. An unknown name is
refused. `process-manager config show` lists what is in force and where each value comes from, and
`process-manager config example` writes a `.env` with every setting commented out, which is `.env.example`.

A duration is written as `90s`, `5m`, `1h` or `2d`."""


def page() -> str:
    """Return the page."""
    rows = [
        (
            f"{markdown.code(PREFIX + name.upper())}<br>{markdown.code(name)}",
            markdown.code(shown(field.default)),
            markdown.plain(field.description or ""),
        )
        for name, field in model_of().model_fields.items()
    ]
    return markdown.page("Settings", INTRODUCTION, markdown.table(("variable, name", "default", "meaning"), rows))


def shown(default: object) -> str:
    """Return a default as somebody would write it, and nothing for one that is unset."""
    return "" if default is None else env_example.written(default)
