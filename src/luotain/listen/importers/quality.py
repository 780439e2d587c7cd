"""How good the data of a file is, told before it is brought in: dates, scales, empty columns, languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

from luotain.language.identify import identify
from luotain.language.said import Said
from luotain.listen.importers.dates import Order, Orders
from luotain.listen.importers.mapping import AnswerColumn, Mapping, turned_key
from luotain.listen.importers.reading import Record
from luotain.listen.importers.records import on_scale, says_nothing, translated
from luotain.listen.importers.values import cell_value, meets

#: as many texts as are read for their language
_TEXTS_READ = 2_000
_MOST_CODES = 40


@dataclass(frozen=True, slots=True)
class Quality:
    """What a file is like. Counts are records; shares are from 0 to 1."""

    records: int
    #: columns that no record fills in
    empty: tuple[str, ...]
    #: answer -> value that its scale does not know -> how often
    off_scale: Map[str, Map[str, int]]
    #: language of the verbatims -> how many of those that were read
    languages: Map[str, int]
    #: records between which day and month stand the other way round, and where that is taken as decided
    turned: tuple[tuple[int, int], ...]
    #: dates that only the declared order reads, only the other, and either
    dates: Map[str, int]
    #: the key by which such a stretch is taken as decided
    other_order: str = "month_first"
    #: the share of records that are known already, or stand in the file twice
    duplicates: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return it as it is printed."""
        return {
            "empty_columns": list(self.empty),
            "off_scale": {code: dict(values) for code, values in self.off_scale.items()},
            "languages": dict(self.languages),
            "dates": {**self.dates, "turned": [list(stretch) for stretch in self.turned]},
            "duplicates": round(self.duplicates, 4),
        }

    def lines(self) -> list[Said]:
        """Return it as sentences, only what is worth a look."""
        lines = []
        if self.duplicates:
            lines.append(Said("duplicates: %(share)s %% of the records", share=f"{self.duplicates * 100:.1f}"))
        if self.languages:
            shown = ", ".join(f"{code or '?'} {count}" for code, count in self.languages.items())
            lines.append(Said("languages of the texts: %(languages)s", languages=shown))
        if self.empty:
            lines.append(Said("columns in which nothing stands: %(columns)s", columns=", ".join(self.empty[:20])))
        for code, values in self.off_scale.items():
            shown = ", ".join(f"{value!r} ({count}×)" for value, count in list(values.items())[:8])
            strange = Said("values that the scale of '%(answer)s' does not know: %(codes)s", answer=code, codes=shown)
            lines.append(strange)
        lines += [_stretch(self.other_order, first, last) for first, last in self.turned[:20]]
        return lines


def _stretch(key: str, first: int, last: int) -> Said:
    return Said(
        "records %(first)s–%(last)s have dates that fit only with day and month changed: to read all of this stretch "
        "so, write %(key)s into occurred_at",
        first=str(first),
        last=str(last),
        key=f"{key} = [[{first}, {last}]]",
    )


@dataclass(slots=True)
class Examination:
    """Reads records one by one and keeps counts, never the records."""

    mapping: Mapping
    columns: tuple[str, ...]
    records: int = 0
    _filled: set[str] = field(default_factory=set)
    _off: dict[str, Counter[str]] = field(default_factory=dict)
    _languages: Counter[str] = field(default_factory=Counter)
    _dates: Counter[Order] = field(default_factory=Counter)
    _texts: int = 0
    _orders: Orders | None = None

    def __post_init__(self) -> None:
        times = self.mapping.occurred_at
        if times and times.column:
            self._orders = Orders(times.formats, times.turned)

    def meet(self, record: Record) -> None:
        """Take one record into account."""
        self.records += 1
        if record.problem:
            return
        row = dict(zip(self.columns, record.cells, strict=True))
        if len(self._filled) < len(self.columns):
            self._filled.update(name for name, cell in row.items() if cell.strip())
        for answer in self.mapping.answers:
            self._answer(answer, row)
        self._text(row)
        if self._orders is not None and self.mapping.occurred_at is not None:
            text = row[self.mapping.occurred_at.column]
            self._orders.meet(record.number, text)
            self._dates[self._orders.order(text)] += 1

    def _answer(self, answer: AnswerColumn, row: dict[str, str]) -> None:
        if answer.scale is None or not answer.column or not meets(answer.where, row):
            return
        told = row[answer.column].strip()
        if told and not says_nothing(answer, told) and not on_scale(answer, translated(answer, told)):
            met = self._off.setdefault(answer.code, Counter())
            if told[:60] in met or len(met) < _MOST_CODES:
                met[told[:60]] += 1

    def _text(self, row: dict[str, str]) -> None:
        text = " ".join(said for cell in self.mapping.verbatim if (said := cell_value(cell, row)))
        if text and self._texts < _TEXTS_READ:
            self._texts += 1
            self._languages[identify(text)] += 1

    def finish(self, *, duplicates: float = 0.0) -> Quality:
        """Return what was found, once every record has been met."""
        dates = {
            "declared_order": self._dates[Order.RIGHT],
            "other_order": self._dates[Order.SWAPPED],
            "either": self._dates[Order.EITHER],
        }
        return Quality(
            self.records,
            tuple(name for name in self.columns if name not in self._filled),
            {code: dict(met.most_common()) for code, met in self._off.items()},
            dict(self._languages.most_common()),
            self._orders.finish() if self._orders else (),
            dates,
            turned_key(self.mapping.occurred_at.formats if self.mapping.occurred_at else ()),
            duplicates,
        )
