"""What the pages say, in each language: whole sentences with placeholders, by the English one."""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages import mofile, pofile

from process_manager.message import Message, opened

FOLDER: Final = Path(__file__).parent / "texts"
ENGLISH: Final = "en"


class Texts:
    """The sentences in one language; those that it lacks are said in English."""

    def __init__(self, language: str, files: Iterable[Path] = ()) -> None:
        self.language = language
        self._found: gettext.NullTranslations = gettext.NullTranslations()
        for file in files:
            self._add(file)

    def _add(self, file: Path) -> None:
        compiled = io.BytesIO()
        with file.open("rb") as opened:
            mofile.write_mo(compiled, pofile.read_po(opened, locale=self.language))
        compiled.seek(0)
        read = gettext.GNUTranslations(compiled)
        read.add_fallback(self._found)
        self._found = read

    def say(self, sentence: str, **facts: object) -> str:
        """Return a sentence with its facts.

        Args:
            sentence: In English, with placeholders such as %(name)s; or a message, which has its facts.
            facts: What stands for each placeholder.
        """
        if isinstance(sentence, Message):
            return str(self.told(sentence))
        return self._found.gettext(sentence) % {name: self.told(fact) for name, fact in facts.items()}

    def told(self, fact: object) -> object:
        """Return what stands on a page for a fact: a message in this language, anything else as it is."""
        if not isinstance(fact, Message):
            return fact
        facts = {name: self.told(each) for name, each in fact.facts.items()}
        text = self._template(fact) % facts
        return opened(text) if fact.is_opening else text

    def _template(self, message: Message) -> str:
        if not message.many:
            return self._found.gettext(message.template)
        return self._found.ngettext(message.template, message.many, message.number)

    def count(self, one: str, many: str, number: int, **facts: object) -> str:
        """Return the sentence for this number of things; `number` is one of its facts."""
        return self._found.ngettext(one, many, number) % {
            "number": number,
            **{name: self.told(fact) for name, fact in facts.items()},
        }

    def gettext(self, sentence: str) -> str:
        """Return a sentence with its placeholders, for templates."""
        return self._found.gettext(sentence)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the sentence for this number of things with its placeholders, for templates."""
        return self._found.ngettext(one, many, number)


@cache
def every() -> Mapping[str, Texts]:
    """Return the texts of each language that there is, by its code: English, and each folder of translations."""
    folders = sorted(each for each in FOLDER.iterdir() if each.is_dir())
    return {ENGLISH: Texts(ENGLISH)} | {each.name: Texts(each.name, sorted(each.glob("*.po"))) for each in folders}


@cache
def own_name(language: str) -> str:
    """Return what a language is called by those who speak it, such as Dansk."""
    name = Locale.parse(language).get_language_name(language) or language
    return name[:1].upper() + name[1:]


def chosen(kept: str | None, accepted: str | None) -> Texts:
    """Return the texts for a reader.

    Args:
        kept: The language that they chose, if they did.
        accepted: What their browser says: the header Accept-Language.
    """
    known = every()
    if kept is not None and kept in known:
        return known[kept]
    for part in (accepted or "").split(","):
        language = part.partition(";")[0].strip().partition("-")[0].lower()
        if language in known:
            return known[language]
    return known[ENGLISH]
