"""Days on which nobody is at work, and nobody is disturbed."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Return the public holidays of a country, with the eves on which its offices are in fact closed.

    ``country`` is an ISO 3166 code, "" for none. Raises ``ValueError`` for a country whose holidays are not known.
    """
    if not country:
        return frozenset()
    try:
        known = holidays.country_holidays(country)
        wanted = tuple({"public", "de_facto"} & set(known.supported_categories))
        return frozenset(holidays.country_holidays(country, years=year, categories=wanted))
    except NotImplementedError as error:
        raise ValueError(f"the holidays of the country {country!r} are not known") from error
