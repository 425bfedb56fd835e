"""What the pages say: every sentence of every page in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from babel.messages import pofile
from jinja2 import Environment
from sources import MODULES, nodes

from process_manager.bots.browser_settings import BotSettings
from process_manager.message import Message, numbered, opening, spelled
from process_manager.settings.model import Settings
from process_manager.web import catalogue, frame, navigation, words
from process_manager.web.catalogue import FOLDER, Texts

LANGUAGES = sorted(set(catalogue.every()) - {"en"})
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
SAYING = ("say", "count")
MADE = ("Message", "numbered")


def said() -> set[str]:
    """Every sentence that a template or a function says, or that stands in a table for one."""
    of_entries = [each.name for entry in navigation.ENTRIES for each in (entry, *entry.within)]
    of_settings = [str(each.description) for each in {**Settings.model_fields, **BotSettings.model_fields}.values()]
    return {*in_templates(), *in_functions(), *in_messages(), *of_entries, *of_settings, *words.EVERY}


def in_templates() -> Iterator[str]:
    reader = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701 - it reads, and writes nothing
    for file in sorted(frame.TEMPLATES.glob("*.html")):
        for _line, _function, found in reader.extract_translations(file.read_text("utf-8")):  # type: ignore[attr-defined]
            sentence = found if isinstance(found, str) or found is None else found[0]
            if sentence is not None:  # what stands in a table is looked for there
                yield sentence


def name_of(function: ast.expr) -> str:
    """The last part of what is called."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def in_functions() -> Iterator[str]:
    web = [name for name in MODULES if name.startswith("process_manager.web")]
    for node in (node for name in web for node in nodes(name)):
        if isinstance(node, ast.Call) and name_of(node.func) in SAYING:
            yield from (each.value for each in node.args[:1] if isinstance(each, ast.Constant))
        if isinstance(node, ast.Dict) and all(isinstance(each, ast.Constant) for each in node.values):
            yield from (each.value for each in node.values if PLACEHOLDER.search(str(each.value)))  # type: ignore[attr-defined]


def in_messages() -> Iterator[str]:
    """The template of each message that any module makes; it stands there as it is."""
    for name in sorted(MODULES):
        for node in nodes(name):
            if isinstance(node, ast.Call) and name_of(node.func) in MADE:
                literal = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
                assert literal or name == "process_manager.message", f"{name}, line {node.lineno}, hides its template"
                yield from (str(each) for each in literal[:1])


def messages(language: str) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """The first form of each sentence, all its English forms, and all of this language."""
    for file in sorted((FOLDER / language).glob("*.po")):
        with file.open("rb") as opened:
            for each in pofile.read_po(opened, locale=language, abort_invalid=True):
                if each.id:
                    english = each.id if isinstance(each.id, tuple) else (each.id,)
                    theirs = each.string if isinstance(each.string, tuple) else (each.string,)
                    yield english[0], english, theirs


def test_danish_is_there_and_called_by_its_own_name() -> None:
    assert "da" in LANGUAGES
    assert (catalogue.own_name("da"), catalogue.own_name("en")) == ("Dansk", "English")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_there_and_none_that_nobody_says(language: str) -> None:
    known = {first for first, _english, _theirs in messages(language)}

    assert len(said()) > 80
    assert sorted(said() - known) == []
    assert sorted(known - said()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_translated_once_and_in_all_its_forms(language: str) -> None:
    found = list(messages(language))

    firsts = [first for first, _english, _theirs in found]
    assert sorted({each for each in firsts if firsts.count(each) > 1}) == []
    assert [first for first, _english, theirs in found if not all(theirs)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_has_its_facts_in_every_language(language: str) -> None:
    for first, english, theirs in messages(language):
        facts = {name for text in english for name in PLACEHOLDER.findall(text)}
        for text in theirs:
            number = {"number"} if text is not theirs[-1] else set()  # one of something needs no number
            assert set(PLACEHOLDER.findall(text)) | number == facts | number, first
            assert text.replace("%(", "").count("%") == 0, first


@pytest.mark.parametrize(
    ("kept", "accepted", "language"),
    [
        (None, None, "en"),
        (None, "da", "da"),
        (None, "da-DK,da;q=0.9,en;q=0.8", "da"),
        (None, "xx, DA", "da"),
        (None, "en-GB,da", "en"),
        ("da", "en", "da"),
        ("en", "da", "en"),
        ("../da", "en", "en"),
        ("", "da", "da"),
    ],
)
def test_the_language_is_the_one_chosen_then_the_one_that_the_browser_asks_for(
    kept: str | None, accepted: str | None, language: str
) -> None:
    assert catalogue.chosen(kept, accepted).language == language


def test_a_sentence_takes_its_facts_and_the_form_of_its_number() -> None:
    danish, english = catalogue.every()["da"], Texts("en")

    assert english.say("Error number %(number)s", number="8f31c2") == "Error number 8f31c2"
    assert danish.say("Error number %(number)s", number="8f31c2") == "Fejlnummer 8f31c2"
    assert danish.say("nobody has translated %(what)s", what="this") == "nobody has translated this"
    assert english.count("%(number)s thing", "%(number)s things", 1) == "1 thing"
    assert english.count("%(number)s thing", "%(number)s things", 2) == "2 things"


def test_a_message_is_told_with_all_that_it_is_made_of() -> None:
    danish = catalogue.every()["da"]
    place = Message("step %(number)s of %(most)s, %(step)s", number=2, most=4, step="book")
    until = Message("%(time)s tomorrow", time=Message("%(hour)s:%(minute)s", hour="06", minute="00"))
    message = Message("until %(until)s, then %(place)s.", until=until, place=place)

    assert message == "until 06:00 tomorrow, then step 2 of 4, book."
    assert danish.say(message) == "til kl. 06.00 i morgen, derefter trin 2 af 4, book."
    assert danish.say(opening(place)) == "Trin 2 af 4, book"
    assert danish.say("Error number %(number)s", number=spelled(3)) == "Fejlnummer tre"
    assert danish.say(numbered("in one step.", "in %(number)s steps.", 1)) == "i ét trin."
    assert danish.say(numbered("in one step.", "in %(number)s steps.", 1412)) == "i 1\u202f412 trin."
