"""Public holidays by country and year, from a library that is imported when a rule first names holidays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from process_manager.errors import IllegalValue


@lru_cache(maxsize=1024)
def holidays_of(country: str, categories: tuple[str, ...], year: int) -> frozenset[date]:
    """Return the holidays of one year, made once: the library's own growing calendar is not thread-safe."""
    from holidays import country_holidays

    return frozenset(country_holidays(country, years=year, categories=categories, expand=False))


def check(country: str, categories: Sequence[str]) -> None:
    """Raise IllegalValue for a country or category that has no calendar."""
    unknown = [name for name in categories if name not in _supported(country)]
    if unknown:
        raise IllegalValue(
            what=f"Holiday category of {country}",
            value=unknown[0],
            problem="is not known",
            hint=f"The calendar of {country} has {', '.join(_supported(country))}; write holidays DK+optional for two.",
        )


def _supported(country: str) -> Sequence[str]:
    from holidays import country_holidays

    try:
        if re.fullmatch("[A-Z]{2}", country):
            return tuple(country_holidays(country).supported_categories)
    except NotImplementedError:
        pass
    raise IllegalValue(
        what="Country",
        value=country,
        problem="has no calendar of holidays",
        hint="Write the two letters of a country, as in holidays DK, holidays NO or holidays PL.",
    )
