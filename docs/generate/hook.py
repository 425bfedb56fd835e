"""What MkDocs calls while it builds: generated pages come in, the navigation is completed, outside addresses go."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from docs.generate import api, benchmarks, decisions
from docs.generate.pages import PAGES

OUTSIDE: Final = re.compile(r"https://(?:unpkg\.com|api\.github\.com|\$\{e\}/api)/[\w@./-]*")
"""What the theme's scripts would ask for diagrams, for a repository's stars and for another search: we have none."""
OTHER_LANGUAGES: Final = "assets/javascripts/lunr"
"""Where the theme keeps what a search needs in other languages than English."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Complete the parts of the navigation that follow from the files."""
    modules = [{module.removeprefix("process_manager."): f"reference/api/{api.file(module)}"} for module in api.MODULES]
    folders: dict[str, list[object]] = {
        "API": ["reference/api/index.md", *modules],
        "Decisions": ["decisions/index.md", *(f"decisions/{each.name}" for each in decisions.records())],
    }
    config.nav = _completed(config.nav, folders)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages and the charts."""
    for uri, made in PAGES.items():
        files.append(File.generated(config, uri, content=made()))
    for chart in benchmarks.charts():
        files.append(File.generated(config, f"benchmarks/charts/{chart.name}", abs_src_path=str(chart)))
    return files


def on_post_build(config: MkDocsConfig) -> None:
    """Take the addresses of other hosts out of the theme's scripts: what nobody can ask, nobody asks."""
    shutil.rmtree(Path(config.site_dir) / OTHER_LANGUAGES, ignore_errors=True)
    for script in sorted(Path(config.site_dir).rglob("*.js")):
        text = script.read_text("utf-8")
        if OUTSIDE.search(text):
            script.write_text(OUTSIDE.sub("", text), encoding="utf-8", newline="")


def _completed(nav: object, folders: dict[str, list[object]]) -> list[object]:
    return list(_each(nav if isinstance(nav, list) else [], folders))


def _each(nav: list[object], folders: dict[str, list[object]]) -> Iterator[object]:
    for item in nav:
        match item:
            case {**entry} if len(entry) == 1:
                name, below = next((str(name), below) for name, below in entry.items())
                yield {name: folders.get(name) or (_completed(below, folders) if isinstance(below, list) else below)}
            case _:
                yield item
