"""What is told to a reader: English text that knows what it is made of, so that a page says it in another language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

NARROW: str = "\N{NARROW NO-BREAK SPACE}"


class Message(str):
    """A sentence, or a name in one. As text it is English: for the command line, for JSON and for logs.

    Attributes:
        template: The English sentence with placeholders, such as %(step)s: the key of its translations.
        many: The same for more than one thing; empty where it counts nothing.
        number: How many things it counts.
        facts: What stands for each placeholder; a fact that is a message is translated, too.
        is_opening: Whether it begins a sentence, and with a capital letter.
    """

    __slots__ = ("facts", "is_opening", "many", "number", "template")
    template: str
    many: str
    number: int
    facts: Mapping[str, object]
    is_opening: bool

    def __new__(cls, template: str, /, **facts: object) -> Self:
        """Return a message; `template` stands there as it is, so that its translations can be found."""
        return cls._made(template, "", 1, facts, is_opening=False)

    @classmethod
    def _made(cls, template: str, many: str, number: int, facts: Mapping[str, object], *, is_opening: bool) -> Self:
        text = (many if many and number != 1 else template) % facts
        made = super().__new__(cls, opened(text) if is_opening else text)
        made.template, made.many, made.number, made.facts, made.is_opening = template, many, number, facts, is_opening
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how it is made anew from a pickle."""
        return _again, (self.template, self.many, self.number, dict(self.facts), self.is_opening)


def _again(template: str, many: str, number: int, facts: Mapping[str, object], is_opening: bool) -> Message:
    return Message._made(template, many, number, facts, is_opening=is_opening)


def numbered(one: str, many: str, number: int, /, **facts: object) -> Message:
    """Return a message about a number of things.

    Args:
        one: What is said of one.
        many: What is said of none, or of more.
        number: How many; in groups it is the fact `number`, where no other is given.
        facts: What stands for each placeholder.
    """
    return Message._made(one, many, number, {"number": grouped(number), **facts}, is_opening=False)


def opening(text: str) -> str:
    """Return the text as it begins a sentence: with a capital letter, in every language."""
    if isinstance(text, Message):
        return Message._made(text.template, text.many, text.number, text.facts, is_opening=True)
    return opened(text)


def opened(text: str) -> str:
    """Return the text with a capital letter."""
    return text[:1].upper() + text[1:]


def grouped(number: int) -> str:
    """Return a number in groups of three, which no language misreads: 1 412."""
    return f"{number:,}".replace(",", NARROW)


def decimal(number: float) -> Message:
    """Return a number with one decimal, which each language parts from it in its own way."""
    whole, _, tenths = f"{number:.1f}".partition(".")
    return Message("%(whole)s.%(tenths)s", whole=whole, tenths=tenths)


def joined(parts: Iterable[str]) -> str:
    """Return the parts in a row, with commas between them; those that are messages are translated."""
    first, *others = parts
    return Message("%(one)s, %(other)s", one=first, other=joined(others)) if others else first


def spelled(number: int) -> str:
    """Return a number as a heading has it: as a word up to twelve."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else grouped(number)


_WORDS = (
    Message("none"),
    Message("one"),
    Message("two"),
    Message("three"),
    Message("four"),
    Message("five"),
    Message("six"),
    Message("seven"),
    Message("eight"),
    Message("nine"),
    Message("ten"),
    Message("eleven"),
    Message("twelve"),
)
