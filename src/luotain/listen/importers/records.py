"""From the records of a table to what arrives: voices, customers, interactions, money, figures, disruptions, visits."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from luotain import terms
from luotain.language.identify import identify
from luotain.language.said import Said, as_said
from luotain.listen.answering import NotAccepted, number, off_scale
from luotain.listen.arrivals import (
    Arrival,
    CustomerRow,
    DisruptionRow,
    FigureRow,
    InteractionRow,
    TransactionRow,
    VisitRow,
)
from luotain.listen.importers.dates import Order, Orders, is_within, swapped
from luotain.listen.importers.mapping import KEEP, AnswerColumn, Cell, Mapping, Rule
from luotain.listen.importers.reading import Record
from luotain.listen.importers.timing import is_too_fast, seconds_of, words_of
from luotain.listen.importers.values import (
    TimeReader,
    cell_value,
    count_of,
    hour_of,
    meets,
    money,
    slug,
    yes_or_no,
)
from luotain.listen.pace import SPEEDER
from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.people.privacy import storable
from luotain.terms import ImportKind

_IDENTITY_LENGTH = 32
_MOST_RATINGS = 10_000
#: texts whose language is remembered, and how long these are at most
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 20_000, 200
_MIXED = Said("dates whose day and month cannot be told apart, because the file mixes two orders: rejected")
_ALIKE = Said("records alike in every cell, without an id and without words: each counted as an answer of its own")
#: the attribute under which a voice keeps how long its teller took
DURATION = "duration_seconds"
_LEFT_OUT = Said("left out, as the mapping says")
_DATE_FIRST = Said("day and month stand the other way round here: write the date as year-month-day")
_DATE_MIXED = Said(
    "day and month change places around this record: write the date as year-month-day, or decide the whole stretch "
    "with month_first or day_first in occurred_at"
)

_Row = dict[str, str]


@dataclass(slots=True)
class Reader:
    """Reads the records of one file by one mapping. Make a new one for every pass over the file."""

    mapping: Mapping
    columns: tuple[str, ...]
    #: the zone of times that name none, where the mapping names none either
    time_zone: str
    warnings: Counter[Said] = field(default_factory=Counter)
    #: where the order of day and month cannot be told (:func:`survey`); ``None`` where nobody has looked for it
    stretches: tuple[tuple[int, int], ...] | None = None
    #: codes that were met and may have to be created: (table, code) -> name, if the file tells one
    created: dict[tuple[str, str], str] = field(default_factory=dict)
    #: below how many seconds an answer is too fast beside the others of the file (:func:`survey`)
    too_fast: float = 0.0
    #: column -> the question that stands above it, where the file tells one
    titles: Map[str, str] = field(default_factory=dict)
    #: whether the words tell the language of a voice whose record does not
    tells_languages: bool = False
    _times: TimeReader | None = None
    _turned: TimeReader | None = None
    #: which of the two reads the record in hand
    _reading: TimeReader | None = None
    _ends: TimeReader | None = None
    _seen: dict[str, set[bytes]] = field(default_factory=dict)
    _orders: Orders | None = None
    #: answers that claim no category, by column and value: a million records give a score in eleven ways
    _ratings: dict[tuple[str, str], SubmittedAnswer] = field(default_factory=dict)
    #: languages by words that may come again ("Kiitos!")
    _languages: dict[str, str] = field(default_factory=dict)
    #: how often a record without id and words was met
    _alike: dict[str, int] = field(default_factory=dict)
    #: how many words stand above each column that was asked about
    _words: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.mapping.occurred_at:
            times = self.mapping.occurred_at
            # A file that was looked through and has no such stretch holds no date in the other order.
            if self.stretches or self.stretches is None or times.otherwise:
                self._orders = Orders(times.formats, times.turned)
            self._times = TimeReader(times, self.time_zone)
            other = replace(times, formats=tuple(map(swapped, times.formats)))
            self._turned = TimeReader(other, self.time_zone)
        asked = {*self._columns_of_answers().values(), *(cell.column for cell in self.mapping.verbatim)}
        self._words = words_of(asked, self.titles)
        if self.mapping.ends_at:
            self._ends = TimeReader(self.mapping.ends_at, self.time_zone)

    def read(self, record: Record) -> list[Submission] | list[Arrival]:
        """Return what the record says; raises :class:`NotAccepted` naming the column where it cannot be read."""
        if record.problem:
            raise NotAccepted("", "", record.problem)
        row = dict(zip(self.columns, record.cells, strict=True))
        self._check_rules(row)
        if self._times is not None and self.mapping.occurred_at is not None:
            self._reading = self._turned if is_within(record.number, self.mapping.occurred_at.turned) else self._times
        self._check_order(record.number, row)
        if self.mapping.kind == ImportKind.FEEDBACK:
            return [self._submission(row)]
        return _READERS[self.mapping.kind](self, row)

    def _check_rules(self, row: _Row) -> None:
        """Refuse what the mapping leaves out, and count what it wants to be told of."""
        for rule in self.mapping.leave_out:
            if meets(rule.where, row):
                column = next(iter(rule.where))
                raise NotAccepted(column, row[column], as_said(rule.says) if rule.says else _LEFT_OUT)
        for rule in self.mapping.report:
            if meets(rule.where, row):
                self.warnings[as_said(rule.says) if rule.says else _told_by(rule)] += 1

    def _check_order(self, number: int, row: _Row) -> None:
        """Refuse a date that cannot be told where day and month have changed places."""
        if self._times is None or self._orders is None or self._reading is self._turned:
            return
        text = self._times.told(row)
        order = self._orders.order(text)
        if order is Order.SWAPPED:
            self.warnings[_MIXED] += 1
            raise NotAccepted(self._times.column, text, _DATE_FIRST)
        if order is Order.EITHER and is_within(number, self.stretches or ()):
            self.warnings[_MIXED] += 1
            raise NotAccepted(self._times.column, text, _DATE_MIXED)

    def _submission(self, row: _Row) -> Submission:
        cells = self.mapping.cells
        verbatim = self._verbatim(row)
        wanted, whole = cells.get("contact_wanted", Cell()), cells.get("completed", Cell())
        answers = tuple(self._answers(row))
        completed = yes_or_no(whole.column, cell_value(whole, row)) if whole else True
        seconds = self._seconds(row)
        return Submission(
            kind=self.mapping.feedback,
            source=self.mapping.source,
            source_id=self._own_id(row, verbatim),
            occurred_at=self._when(row),
            answers=answers,
            verbatim=verbatim,
            language=self._cell("language", row)[:8].lower() or self._told_by_words(verbatim),
            population=self._cell("population", row) or "customer",
            touchpoint=self._code("touchpoint", row),
            channel=self._code("channel", row),
            unit=self._code("unit", row),
            tier=self._code("tier", row),
            identifiers=self._identifiers(row),
            attributes=self._attributes(row) | ({} if seconds is None else {DURATION: f"{seconds:.10g}"}),
            flags=(SPEEDER,) if completed and seconds is not None and self._is_fast(row, answers, seconds) else (),
            contact_wanted=yes_or_no(wanted.column, cell_value(wanted, row)) if wanted else False,
            completed=completed,
            programme=self._cell("programme", row),
        )

    def _seconds(self, row: _Row) -> float | None:
        """Return how long the respondent took; what tells no duration is counted, and the voice kept without."""
        duration = self.mapping.duration
        told = row[duration.column].strip() if duration else ""
        if duration is None or not told:
            return None
        seconds = seconds_of(duration, told)
        if seconds is None:
            self.warnings[Said("%(column)s: no duration can be read; kept without one", column=duration.column)] += 1
        return seconds

    def _is_fast(self, row: _Row, answers: tuple[SubmittedAnswer, ...], seconds: float) -> bool:
        columns = self._columns_of_answers()
        asked = [columns[answer.code] for answer in answers if answer.code in columns]
        asked += [cell.column for cell in self.mapping.verbatim if cell_value(cell, row)]
        words = sum(self._words[column] for column in asked)
        return is_too_fast(seconds, words=words, taps=len(answers), floor=self.too_fast)

    def _columns_of_answers(self) -> dict[str, str]:
        return {answer.code: answer.column for answer in self.mapping.answers if answer.column}

    def _told_by_words(self, verbatim: str) -> str:
        """Return the language of the words, as it would be told of them on arrival; "" where they do not tell it."""
        if not self.tells_languages or not verbatim:
            return ""
        words = storable(verbatim)
        told = self._languages.get(words)
        if told is None:
            told = identify(words)
            if len(words) <= _LONGEST_REMEMBERED and len(self._languages) < _MOST_REMEMBERED:
                self._languages[words] = told
        return told

    def _own_id(self, row: _Row, verbatim: str) -> str:
        """Return the id of a voice.

        Two people can press the same button in the same minute; two do not write the same words. So records without
        an id that are alike in every cell are numbered where they hold no text, and are the same voice where they do.
        """
        known = self.identity(row)
        if self.mapping.id or verbatim:
            return known
        again = self._alike.get(known, 0) + 1
        self._alike[known] = again
        if again == 1:
            return known
        self.warnings[_ALIKE] += 1
        return f"{known}-{again}"

    def identity(self, row: _Row) -> str:
        """Return the record's own id: its id columns, or a digest of the whole record where there are none."""
        if not self.mapping.id:
            text = "\x1f".join(f"{name}\x1e{row[name]}" for name in sorted(row))
            return "row-" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_IDENTITY_LENGTH]
        parts = [row[name].strip() for name in self.mapping.id]
        if not any(parts):
            nameless = Said("the record has no id: give it one, or leave id out of the mapping")
            raise NotAccepted(self.mapping.id[0], "", nameless)
        joined = "/".join(parts)
        if len(joined) <= 150:
            return joined
        return "id-" + hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:_IDENTITY_LENGTH]

    def _when(self, row: _Row) -> datetime:
        assert self._reading is not None
        return self._reading.read(self._reading.told(row))

    def _cell(self, key: str, row: _Row) -> str:
        cell = self.mapping.cells.get(key)
        return cell_value(cell, row) if cell else ""

    def _code(self, key: str, row: _Row) -> str:
        cell = self.mapping.cells.get(key)
        value = cell_value(cell, row) if cell else ""
        if cell is None or not value or not cell.create:
            return value
        code = slug(value)
        if not code:
            codeless = Said("no code can be made of this name: translate it with map")
            raise NotAccepted(cell.column or key, value, codeless)
        self.created.setdefault((key, code), value if cell.column else "")
        return code

    def _verbatim(self, row: _Row) -> str:
        parts = [(cell.title, cell_value(cell, row)) for cell in self.mapping.verbatim]
        return "\n\n".join(f"{title}: {text}" if title else text for title, text in parts if text)

    def _identifiers(self, row: _Row) -> dict[str, str]:
        told = {kind: cell_value(cell, row) for kind, cell in self.mapping.identifiers.items()}
        return {kind: value for kind, value in told.items() if value}

    def _attributes(self, row: _Row) -> dict[str, str]:
        told = {code: cell_value(cell, row) for code, cell in self.mapping.attributes.items()}
        return {code: value[:200] for code, value in told.items() if value}

    def _answers(self, row: _Row) -> Iterator[SubmittedAnswer]:
        for column in self.mapping.answers:
            answer = self._answer(column, row)
            if answer is not None:
                yield answer

    def _answer(self, column: AnswerColumn, row: _Row) -> SubmittedAnswer | None:
        if column.where and not meets(column.where, row):
            return None
        if column.columns:
            return _choices(column, row)
        told = row[column.column].strip()
        if not told or says_nothing(column, told):
            return None
        if column.once_per and not self._first(column, row):
            return None
        raw = translated(column, told)
        if column.measure == terms.MeasureName.EMOTION:
            strength = row[column.strength].strip() if column.strength else ""
            return SubmittedAnswer(column.code, column.measure, column.scale, strength, label=raw.lower())
        if column.scale is None:
            return SubmittedAnswer(column.code, raw=raw[:200], text=raw if len(raw) > 200 else "")
        return self._rated(column, told, raw, cell_value(column.claimed, row).lower()[:40])

    def _rated(self, column: AnswerColumn, told: str, raw: str, claimed: str) -> SubmittedAnswer:
        known = self._ratings.get((column.code, raw)) if not claimed else None
        if known is not None:
            return known
        if on_scale(column, raw):
            if claimed:
                self._check_claim(column, raw, claimed)
            rated = SubmittedAnswer(column.code, column.measure, column.scale, raw, claimed=claimed)
            if not claimed and len(self._ratings) < _MOST_RATINGS:
                self._ratings[column.code, raw] = rated
            return rated
        if column.unknown == KEEP:
            kept = Said(
                "%(column)s = '%(value)s' is not on its scale: kept, outside the measure",
                column=column.column,
                value=raw[:60].replace("\x00", ""),
            )
            self.warnings[kept] += 1
            return SubmittedAnswer(column.code, raw=raw[:200], claimed=claimed)
        assert column.scale is not None
        raise NotAccepted(column.column, told, off_scale(column.scale))

    def _check_claim(self, column: AnswerColumn, raw: str, claimed: str) -> None:
        """Count each way in which the file's own category disagrees with the scale."""
        assert column.scale is not None
        if raw in column.scale.missing:
            return
        category = terms.categorise(column.measure, column.scale, number(raw))
        if category != claimed:
            said = Said(
                "%(column)s: %(value)s says '%(claimed)s', and is '%(category)s' on its scale",
                column=column.claimed.column,
                value=raw,
                claimed=claimed,
                category=category.value,
            )
            self.warnings[said] += 1

    def _first(self, column: AnswerColumn, row: _Row) -> bool:
        """Tell whether this is the first record of its group: one person's answer repeated on several records."""
        seen = self._seen.setdefault(column.code, set())
        key = hashlib.blake2b(row[column.once_per].encode("utf-8", "replace"), digest_size=12).digest()
        if key in seen:
            repeated = Said(
                "%(column)s is repeated for the same %(group)s: counted once",
                column=column.column,
                group=column.once_per,
            )
            self.warnings[repeated] += 1
            return False
        seen.add(key)
        return True


def _choices(column: AnswerColumn, row: _Row) -> SubmittedAnswer | None:
    """Return what was chosen, where each choice has a column of its own."""
    chosen = [
        column.map.get(told, choice)
        for name, choice in column.columns.items()
        if (told := row[name].strip()) and told not in column.missing
    ]
    raw = "; ".join(chosen)
    return SubmittedAnswer(column.code, raw=raw[:200], text=raw if len(raw) > 200 else "") if chosen else None


def _told_by(rule: Rule) -> Said:
    where = ", ".join(f"{column} = {'/'.join(sorted(values))}" for column, values in rule.where.items())
    return Said("records with %(where)s", where=where)


def _plain(told: str) -> str:
    """Return "3.0", as some exports write whole numbers, as "3"."""
    return told[:-2] if told.endswith(".0") else told


def says_nothing(column: AnswerColumn, told: str) -> bool:
    """Tell whether this is one of the codes that the mapping declares to be no answer."""
    return told in column.missing or _plain(told) in column.missing


def translated(column: AnswerColumn, told: str) -> str:
    """Return a value as the mapping translates it, a whole number also where it is written with a decimal."""
    raw = column.map.get(told, column.map.get(_plain(told), told))
    plain = _plain(raw)
    return plain if column.scale is not None and plain in column.scale.missing else raw


def on_scale(column: AnswerColumn, raw: str) -> bool:
    """Tell whether the scale knows this value, be it a rating or a code for no answer."""
    scale = column.scale
    if scale is None or raw in scale.missing:
        return True
    try:
        return scale.contains(number(raw))
    except ValueError:
        return False


def _customer(reader: Reader, row: _Row) -> list[Arrival]:
    identifiers = reader._identifiers(row)
    if not identifiers:
        raise NotAccepted("identifiers", "", Said("the record has nothing to recognise the customer by"))
    return [
        CustomerRow(
            identifiers,
            name=reader._cell("name", row),
            language=reader._cell("language", row)[:2].lower(),
            tier=reader._code("tier", row),
            unit=reader._code("unit", row),
            attributes=reader._attributes(row),
            contact_list=slug(reader._cell("contact_list", row)),
        )
    ]


def _interaction(reader: Reader, row: _Row) -> list[Arrival]:
    details = {name: cell_value(cell, row) for name, cell in reader.mapping.details.items()}
    return [
        InteractionRow(
            reader.mapping.source,
            reader.identity(row),
            reader._when(row),
            reader._code("touchpoint", row),
            channel=reader._code("channel", row),
            unit=reader._code("unit", row),
            reference=reader._cell("reference", row)[:100],
            details={name: value for name, value in details.items() if value},
            identifiers=reader._identifiers(row),
        )
    ]


def _transaction(reader: Reader, row: _Row) -> list[Arrival]:
    amount = reader.mapping.cells["amount"]
    margin = reader.mapping.cells.get("margin", Cell())
    told_margin = cell_value(margin, row) if margin else ""
    currency = (reader._cell("currency", row) or "EUR").upper()
    if len(currency) != 3:
        raise NotAccepted("currency", currency, Said("a currency is three letters, as EUR"))
    return [
        TransactionRow(
            reader.mapping.source,
            reader.identity(row),
            reader._when(row),
            money(amount.column, cell_value(amount, row)),
            money(margin.column, told_margin) if told_margin else None,
            currency,
            reader._cell("product", row)[:100],
            reader._code("unit", row),
            reader._identifiers(row),
        )
    ]


def _figures(reader: Reader, row: _Row) -> list[Arrival]:
    assert reader._times is not None
    start, end = reader._times.period(row[reader._times.column])
    unit = reader._code("unit", row)
    told = {name: cell_value(cell, row) for name, cell in reader.mapping.values.items()}
    values: dict[str, Decimal] = {name: money(name, value) for name, value in told.items() if value}
    if not values:
        raise NotAccepted("values", "", Said("the record has no figure in it"))
    return [FigureRow(reader.mapping.source, unit, start, end, name[:60], value) for name, value in values.items()]


def _disruption(reader: Reader, row: _Row) -> list[Arrival]:
    control = reader.mapping.cells["within_control"]
    ends = reader._ends
    told_end = row[ends.column].strip() if ends else ""
    return [
        DisruptionRow(
            reader.mapping.source,
            reader.identity(row),
            reader._cell("cause", row)[:60],
            yes_or_no(control.column, cell_value(control, row)),
            reader._when(row),
            ends.read(told_end) if ends and told_end else None,
            reader._cell("reference", row)[:100],
            reader._code("touchpoint", row),
            reader._cell("description", row),
        )
    ]


def _visits(reader: Reader, row: _Row) -> list[Arrival]:
    assert reader._reading is not None
    assert reader.mapping.occurred_at is not None
    at = reader._reading.local(reader._reading.told(row))
    hour, visitors = reader.mapping.cells.get("hour", Cell()), reader.mapping.cells["visitors"]
    # a counter that writes day and hour into one column is told by naming that column for both
    same = hour.column and hour.column == reader.mapping.occurred_at.column
    told = {code: (cell.column, cell_value(cell, row)) for code, cell in reader.mapping.behaviours.items()}
    seen = {code: count_of(column, value) for code, (column, value) in told.items() if value}
    return [
        VisitRow(
            reader._code("touchpoint", row),
            at.date(),
            at.hour if same else hour_of(hour.column, cell_value(hour, row)),
            count_of(visitors.column, cell_value(visitors, row)),
            {code: count for code, count in seen.items() if count},
        )
    ]


_READERS: dict[ImportKind, Callable[[Reader, _Row], list[Arrival]]] = {
    ImportKind.CUSTOMERS: _customer,
    ImportKind.INTERACTIONS: _interaction,
    ImportKind.TRANSACTIONS: _transaction,
    ImportKind.FIGURES: _figures,
    ImportKind.DISRUPTIONS: _disruption,
    ImportKind.VISITS: _visits,
}
