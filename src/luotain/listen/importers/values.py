"""Reading single values of a file: times in mixed formats, codes, texts, money."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from luotain.language.said import Said
from luotain.listen.answering import NotAccepted, number
from luotain.listen.importers.formats import ISO, UNIX, parsed
from luotain.listen.importers.mapping import Cell, Times
from luotain.listen.importers.problem import WrongMapping

_MOST_REMEMBERED = 50_000


class TimeReader:
    """Reads a column of times, in which several formats may be mixed."""

    def __init__(self, times: Times, time_zone: str) -> None:
        self.column = times.column
        self._otherwise, self._value = times.otherwise, times.value
        alone = ISO in times.formats or UNIX in times.formats
        self.formats = times.formats if alone else (*times.formats, ISO)
        try:
            self._zone = ZoneInfo(times.time_zone or time_zone)
        except (KeyError, ValueError, OSError):
            raise WrongMapping(
                Said('there is no time zone "%(zone)s": write it as "Europe/Helsinki"', zone=times.time_zone)
            ) from None
        self._known: dict[str, datetime] = {}

    def read(self, text: str) -> datetime:
        """Return the time in UTC.

        Raises :class:`NotAccepted` where no declared format fits, or where two fit and mean different days.
        """
        found = self._known.get(text)
        if found is None:
            found = self._parse(text)
            if len(self._known) < _MOST_REMEMBERED:
                self._known[text] = found
        return found

    def local(self, text: str) -> datetime:
        """Return the time as the clock showed it where it was written down; raises as :meth:`read` does."""
        return self.read(text).astimezone(self._zone)

    def told(self, row: Mapping[str, str]) -> str:
        """Return what the record says of its time: the first of the columns that is filled in."""
        if not self.column:
            return self._value
        text = row[self.column]
        return text if text.strip() else next((row[name] for name in self._otherwise if row[name].strip()), "")

    def period(self, text: str) -> tuple[date, date]:
        """Return the first and last day of the period: a day, a month or a year, as the format tells."""
        cleaned = text.strip()
        for form in self.formats:
            at = parsed(cleaned, form)
            if at is None:
                continue
            day = at.date()
            if form == "iso" or "%d" in form or "%j" in form:
                return day, day
            if "%m" in form or "%b" in form or "%B" in form:
                return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
            return date(day.year, 1, 1), date(day.year, 12, 31)
        raise NotAccepted(
            self.column, text, Said("not a period of the form %(formats)s", formats=", ".join(self.formats))
        )

    def _parse(self, text: str) -> datetime:
        cleaned = text.strip()
        if not cleaned:
            missing = Said("the time is missing: a record without its time is not measured")
            raise NotAccepted(self.column, text, missing)
        readings = {at for form in self.formats if (at := parsed(cleaned, form)) is not None}
        if not readings:
            unknown = Said(
                "not a time of the form %(formats)s: add its format to formats", formats=", ".join(self.formats)
            )
            raise NotAccepted(self.column, text, unknown)
        if len(readings) > 1:
            days = ", ".join(sorted(at.date().isoformat() for at in readings))
            several = Said("could mean any of %(days)s: leave only the right format in formats", days=days)
            raise NotAccepted(self.column, text, several)
        at = readings.pop()
        return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)


def cell_value(cell: Cell, row: dict[str, str]) -> str:
    """Return what the cell says of this record, translated by its map; "" where it says nothing."""
    if not cell.column:
        return cell.value
    text = row[cell.column].strip()
    if text in cell.missing:
        return ""
    return cell.map.get(text, (cell.otherwise or text) if text else "")


def meets(where: Mapping[str, frozenset[str]], row: dict[str, str]) -> bool:
    """Tell whether each of these columns of the record has one of the values listed for it."""
    return all(row[column].strip() in values for column, values in where.items())


@lru_cache(maxsize=10_000)
def slug(text: str) -> str:
    """Return a code made of a name: "PTS – Patient Transport" becomes "pts-patient-transport"."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")[:60]


def money(column: str, text: str) -> Decimal:
    """Return an amount; raises :class:`NotAccepted` where it is none, or has both a comma and a point."""
    cleaned = re.sub(r"[€$£\s\u00a0]|EUR|SEK|USD|GBP", "", text)
    try:
        number(cleaned)
        return Decimal(cleaned.replace("−", "-").replace("–", "-").replace(",", "."))
    except (ValueError, InvalidOperation):
        raise NotAccepted(column, text, Said("not an amount: write it as 1234.50 or 1234,50")) from None


_MOST_COUNTED = 2**31 - 1
_HOUR = re.compile(r"(\d{1,2})(?:[:.]00){0,2}(?: ?[-–] ?\d{1,2}(?:[:.]00){0,2})?")


def count_of(column: str, text: str) -> int:
    """Return how many were counted; raises :class:`NotAccepted` where that is no whole number."""
    cleaned = re.sub(r"\s", "", text)
    try:
        told = number(cleaned)
    except ValueError:
        told = -1.0
    if not 0 <= told <= _MOST_COUNTED or told != int(told):
        raise NotAccepted(column, text, Said("not a count: write a whole number, as 120"))
    return int(told)


def hour_of(column: str, text: str) -> int | None:
    """Return the hour in which something was counted, ``None`` for the whole day.

    "14", "14:00" and "14–15" are the hour that begins at two in the afternoon. Raises :class:`NotAccepted` where it is
    no whole hour of a day.
    """
    if not text:
        return None
    found = _HOUR.fullmatch(text)
    if found is None or int(found[1]) > 23:
        raise NotAccepted(column, text, Said("not an hour of a day: write the one in which it begins, from 0 to 23"))
    return int(found[1])


_YES = frozenset({"1", "true", "yes", "y", "kyllä", "ja", "x"})
_NO = frozenset({"0", "false", "no", "n", "ei", "nej", ""})


def yes_or_no(column: str, text: str) -> bool:
    """Return whether the text says yes; raises :class:`NotAccepted` when it says neither."""
    low = text.strip().lower()
    if low in _YES or low in _NO:
        return low in _YES
    raise NotAccepted(column, text, Said("neither yes nor no: translate it with map"))
