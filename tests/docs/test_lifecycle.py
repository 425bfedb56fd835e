"""The picture of the lifecycle, which README, pages and docs show."""

import re
import xml.etree.ElementTree as ET

from docs.generate import lifecycle
from process_manager.lifecycle import Status, diagram

SVG = "{http://www.w3.org/2000/svg}"


def test_the_kept_picture_is_what_is_drawn_from_the_diagram() -> None:
    kept = lifecycle.FILE.read_text("utf-8")

    assert kept == lifecycle.picture(), "Run `python -m docs.generate.lifecycle`."


def test_the_picture_has_every_status_and_every_trigger() -> None:
    drawn = ET.fromstring(lifecycle.picture())  # noqa: S314 - our own
    words = {text.text for text in drawn.iter(f"{SVG}text")}
    arrows = re.findall(r"(\S+) --> (\w+): (.+)$", diagram(), re.MULTILINE)
    triggers = [names for source, to, names in arrows if source != to or source == "running"]  # an edit moves nothing

    assert words == {*Status, *triggers, "skip at rest", "open"}


def test_the_picture_is_read_by_who_does_not_see_it() -> None:
    drawn = ET.fromstring(lifecycle.picture())  # noqa: S314 - our own
    described = drawn.findtext(f"{SVG}desc") or ""

    assert drawn.get("role") == "img"
    assert drawn.findtext(f"{SVG}title") == "The lifecycle of a process"
    assert "failed to pending by restart" in described
    assert described.endswith("Nothing leaves succeeded, skipped, abandoned.")
