"""The marks of the pages: each is drawn by its name, and a page carries those that it uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

FILE: Final = Path(__file__).parent / "templates" / "icons.svg"
_SYMBOL: Final = re.compile(r'<(symbol|pattern) id="([^"]+)".*?</\1>', re.DOTALL)


class Icons:
    """The marks that one page uses."""

    def __init__(self) -> None:
        self._used: dict[str, None] = {}

    def icon(self, name: str, kind: str = "i") -> Markup:
        """Return a mark of this name; without a kind its place decides how large it is."""
        self.use(name)
        of_kind = Markup(' class="{}"').format(kind) if kind else ""
        return Markup('<svg{} aria-hidden="true"><use href="#{}"/></svg>').format(of_kind, name)

    def use(self, name: str) -> str:
        """Carry a mark or pattern that is named elsewhere, such as by a class; raise KeyError when there is none."""
        known()[name]
        self._used[name] = None
        return ""

    def sprite(self) -> Markup:
        """Return what the page carries: called once, after all that may use a mark."""
        drawn = Markup("\n").join(known()[name] for name in self._used)
        return Markup('<svg class="sprite" aria-hidden="true" focusable="false">\n{}\n</svg>').format(drawn)


@cache
def known() -> Mapping[str, Markup]:
    """Return the marks that there are, by name."""
    found = _SYMBOL.finditer(FILE.read_text("utf-8"))
    return {each[2]: Markup(each[0]) for each in found}  # noqa: S704 - our own file
