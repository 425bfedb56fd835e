"""How an extra is installed where this program came from: from a checkout that is one, else by its name."""

from __future__ import annotations

import json
import shlex
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAME = "process-manager"


def install_command(extra: str) -> str:
    """Return the command that adds an extra to this installation."""
    found = json.loads(_direct_url() or "{}")
    url = urlsplit(str(found.get("url", "")))
    if url.scheme != "file":
        return f"pip install '{NAME}[{extra}]'"
    folder = unquote(url.path)
    folder = folder[1:] if folder[2:3] == ":" else folder  # /C:/clones/process-manager
    shown = "." if Path(folder) == Path.cwd() else folder
    editable = "-e " if found.get("dir_info", {}).get("editable") else ""
    return f"pip install {editable}{shlex.quote(f'{shown}[{extra}]')}"


def _direct_url() -> str | None:
    """Return what pip noted of where it came from (PEP 610); None for what a registry or nobody gave."""
    try:
        return metadata.distribution(NAME).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return None
