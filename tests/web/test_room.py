"""The room of the pages: who may enter it, and that nobody pays for it who does not use it."""

from __future__ import annotations

from shop import Shop

from tests.test_architecture import imports

ENTRY = "process_manager.cli.web"

LOADED = """
import sys
from process_manager.cli import exit_codes
exit_codes.run(["work"])
heavy = ("fastapi", "starlette", "uvicorn", "jinja2", "babel", "argon2", "multipart", "anyio")
print(*[name for name in sys.modules if name.startswith("process_manager.web") or name.split(".")[0] in heavy])
"""


def test_only_the_command_web_enters_the_room() -> None:
    entering = {
        one.source
        for one in imports()
        if one.target.startswith("process_manager.web") and not one.source.startswith("process_manager.web")
    }

    assert entering == {ENTRY}


def test_a_worker_loads_nothing_of_it(shop: Shop) -> None:
    answer = shop.really(script=LOADED)

    assert (answer.code, answer.out.strip()) == (0, "")
