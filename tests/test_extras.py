"""How an extra is installed: as the program itself was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from process_manager import extras
from process_manager.extras import install_command

CLONE = {"url": "file:///srv/a%20clone", "dir_info": {"editable": True}}
FOUND = {
    "from a registry": (None, "pip install 'process-manager[web]'"),
    "from a wheel elsewhere": ({"url": "https://example.org/p.whl"}, "pip install 'process-manager[web]'"),
    "from a clone": (CLONE, "pip install -e '/srv/a clone[web]'"),
    "copied from a clone": ({"url": "file:///srv/clone", "dir_info": {}}, "pip install '/srv/clone[web]'"),
    "from a clone on Windows": (
        {"url": "file:///C:/clones/pm", "dir_info": {"editable": True}},
        "pip install -e 'C:/clones/pm[web]'",
    ),
}


@pytest.mark.parametrize("how", sorted(FOUND))
def test_an_extra_is_installed_as_the_program_was(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    noted, expected = FOUND[how]
    monkeypatch.setattr(extras, "_direct_url", lambda: None if noted is None else json.dumps(noted))

    assert install_command("web") == expected


def test_in_the_clone_itself_it_is_the_shortest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    noted = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    monkeypatch.setattr(extras, "_direct_url", lambda: json.dumps(noted))

    assert install_command("web") == "pip install -e '.[web]'"
