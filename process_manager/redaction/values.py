"""Mask given values wherever they stand: in a text, in any of the ways that texts write them, or in other values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final
from urllib.parse import quote, quote_plus

from process_manager.redaction import redact_text
from process_manager.redaction.urls import MASK

LEAST: Final = 4
"""Characters of a text, and digits of a number, below which a value is not looked for: it would be found everywhere."""

MOST: Final = 1_000
"""Values that are looked for; where there are more, a text is masked as a whole."""

_CUT: Final = re.compile(r" … \d+ characters left out … ")

Value = str | int | float


class HiddenValues:
    """Some values that are not to be shown; None where nobody can tell them, and no text is shown."""

    def __init__(self, values: Iterable[Value] | None) -> None:
        found = {value for value in values or () if _is_long_enough(value)}
        self._texts = {value for value in found if isinstance(value, str)}
        self._numbers = {form for value in found if not isinstance(value, str) for form in _written(value)}
        self._is_anything = bool(found) or values is None
        self._is_everything = len(found) > MOST or values is None

    def text(self, text: str) -> str:
        """Return the text with each of the values in it masked, in upper or lower case."""
        if not text or not self._is_anything:
            return text
        if self._is_everything:
            return MASK
        lower = text.lower()
        if self._may_be_in(lower):
            text = self._masked(text, lower)
        return self._without_halves(text) if "characters left out" in text else text

    def value(self, value: object) -> object:
        """Return the value with each of the values in it masked, at any depth."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return MASK if str(value) in self._whole else value
        if isinstance(value, Mapping):
            return {self.value(key) if isinstance(key, str) else key: self.value(part) for key, part in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return (tuple if isinstance(value, tuple) else list)(map(self.value, value))
        masked = self.text(text := str(value))
        return value if masked == text else masked

    @cached_property
    def _forms(self) -> dict[str, str]:
        """The ways to write the texts, each with the same in lower case."""
        return {form: form.lower() for value in self._texts for form in _forms(value)}

    @cached_property
    def _starts(self) -> frozenset[str]:
        return frozenset(form[:LEAST] for form in (*self._forms.values(), *self._numbers))

    def _may_be_in(self, lower: str) -> bool:
        """Return whether a text in lower case has the beginning of a value in it, however many there are."""
        if len(self._starts) < len(lower):
            return any(start in lower for start in self._starts)
        return any(lower[at : at + LEAST] in self._starts for at in range(len(lower) - LEAST + 1))

    def _masked(self, text: str, lower: str) -> str:
        """Mask the values that are in the text, the longest first, so that nothing is left of one in another."""
        forms = [re.escape(form) for form in _longest_first(self._forms) if self._forms[form] in lower]
        numbers = [rf"(?<!\d){re.escape(each)}(?!\d)" for each in _longest_first(self._numbers) if each in lower]
        return re.sub("|".join([*forms, *numbers]), MASK, text, flags=re.IGNORECASE) if forms or numbers else text

    @cached_property
    def _whole(self) -> frozenset[str]:
        """What a number must be as text to be one of the values."""
        plain = {value.lstrip("0") for value in self._texts if value.isdecimal()}
        return frozenset(self._texts | self._numbers | plain)

    def _without_halves(self, text: str) -> str:
        """Mask what is left of a value at either side of a cut."""
        parts, cuts = _CUT.split(text), _CUT.findall(text)
        for number in range(len(cuts)):
            parts[number] = self._without_head(parts[number])
            parts[number + 1] = self._without_tail(parts[number + 1])
        return "".join(part + cut for part, cut in zip(parts, [*cuts, ""], strict=True))

    def _without_head(self, before: str) -> str:
        left = max((_overlap(before, form) for form in self._forms), default=0)
        return f"{before[: len(before) - left]}{MASK}" if left else before

    def _without_tail(self, after: str) -> str:
        left = max((_overlap(after[::-1], form[::-1]) for form in self._forms), default=0)
        return f"{MASK}{after[left:]}" if left else after


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=len, reverse=True)


def _is_long_enough(value: Value) -> bool:
    if isinstance(value, str):
        return len(value.strip()) >= LEAST
    return sum(letter.isdigit() for letter in str(value)) >= LEAST


def _written(number: int | float) -> Iterator[str]:
    yield str(number)
    if isinstance(number, float) and number.is_integer():
        yield str(int(number))


def _forms(value: str) -> Iterator[str]:
    """Yield the ways in which texts write the value: plain, in Python, in JSON, in a URL, in HTML, redacted."""
    yield from (value, value.strip())
    yield from (repr(value)[1:-1], ascii(value)[1:-1], repr(value.encode("utf-8", "surrogatepass"))[2:-1])
    in_json = json.dumps(value)[1:-1]
    yield from (in_json, json.dumps(value, ensure_ascii=False)[1:-1], json.dumps(in_json)[1:-1])
    in_html = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield from (in_html, in_html.replace('"', "&quot;").replace("'", "&#x27;"))
    for encoding in ("utf-8", "latin-1"):
        yield from (quote(value, encoding=encoding, errors="replace"), quote(value, "", encoding, "replace"))
        yield quote_plus(value, encoding=encoding, errors="replace")
    redacted = redact_text(value)
    if len(redacted.replace(MASK, "").strip()) >= LEAST:
        yield redacted


def _overlap(before: str, value: str) -> int:
    """Return how many of the last characters of a text are the first ones of the value; 0 for fewer than a few."""
    at = before.find(value[:LEAST], max(0, len(before) - len(value)))
    while at >= 0:
        if value.startswith(before[at:]):
            return len(before) - at
        at = before.find(value[:LEAST], at + 1)
    return 0
