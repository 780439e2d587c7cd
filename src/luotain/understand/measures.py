"""Figures of any measure, by any breakdown: table in, table out, every cell with its interval, n and method.

The database only sums; what is summed is additive, so breakdowns that are made of others (a stage of touchpoints, a
week of days, an attribute of the sets it stands in) and the overall figure are added up here, in numpy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from luotain.language.said import Said
from luotain.plugins import Estimates, Measure, names
from luotain.terms import SCALES, Population, Scale
from luotain.understand.blocks import VOICES, Blocks
from luotain.understand.estimate import LEFT_OUT, NEWEST, OTHER_SCALE, PROTECTED, Cell, NotComparable
from luotain.understand.interval import Floats
from luotain.understand.kinds import identity, measure_named, share
from luotain.understand.newest import newest
from luotain.understand.remember import Remembered
from luotain.understand.rolling import every_day, rolled
from luotain.understand.store.buffers import floats_of, numbers_of, of_numbers, scalar
from luotain.understand.store.scores import Among, Between, Condition, meeting
from luotain.understand.tables import Tables, attributes_of

_EPOCH: Final = date(1970, 1, 1).toordinal()
#: breakdown -> the column that holds it
_COLUMN: Final = {
    "touchpoint": "touchpoint", "stage": "touchpoint", "channel": "channel", "unit": "unit", "tier": "tier",
    "programme": "programme", "month": "month", "week": "day", "day": "day", "language": "language",
    "population": "population", "label": "label",
}  # fmt: skip
_IDS: Final = ("touchpoint", "channel", "unit", "tier", "programme")
_WORDS: Final = ("language", "population", "label")
_FEEDBACK: Final = "feedback"
#: all that there are
_NO_END: Final = 10**12
#: what has been asked of which version of the facts
_remembered: Final = Remembered[list[list[Cell]]](256)
BREAKDOWNS: Final = tuple(name for name in _COLUMN if name != "label")

Codes = NDArray[np.int64]


class UnknownMeasure(Exception):
    """Nobody has answered a question of this measure; the message lists the known ones."""


class UnknownBreakdown(Exception):
    """Facts do not carry this name or value; the message lists the known ones."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Which facts are counted. ``units`` limits them to these units (``None`` among them: rows without a unit)."""

    where: Mapping[str, Any] | None = None
    #: first and last day, both included, in the organization's time zone
    start: date | None = None
    end: date | None = None
    units: Collection[int | None] | None = None
    #: only each customer's newest answer, of those that the other limits let through (see ``newest``)
    newest: bool = False
    #: how many days the figure of a day spans, itself included; see :func:`rolling`
    span: int = 1
    #: only answers that are doubtful (``True``) or that are not (``False``); ``None``: all
    flagged: bool | None = None


@dataclass(frozen=True, slots=True)
class _Shelter:
    """Of each row of sums, whose answer it is: that of employees is counted with its whole block or not at all."""

    blocks: Blocks
    #: whether it is of an employee
    employees: NDArray[np.bool_]
    #: in which block it stands; −1 in none
    numbers: Codes

    def keeps(self, counted: NDArray[np.bool_], cells_: Codes) -> NDArray[np.bool_]:
        """Tell which of the counted rows may stay; ``cells_`` are the cells of the counted ones."""
        kept = counted.copy()
        kept[counted] = ~self.employees[counted] | self.blocks.whole_of(self.numbers[counted], cells_)
        return kept


@dataclass(frozen=True, slots=True)
class _Summed:
    """Sums with, for each breakdown, the decoded value of each row (an index into ``values``; −1 = not carried)."""

    columns: dict[str, Floats]
    codes: list[Codes]
    values: list[list[Any]]
    #: where a figure spans several days: how many, and the first day that gets one; days are the last breakdown
    span: int = 1
    first: int = 0
    #: whether the parts of a measure are wanted beside the whole
    parts: bool = True
    #: where answers of employees are among them
    shelter: _Shelter | None = None

    @property
    def own(self) -> NDArray[np.bool_]:
        """Which rows lie within the limits; the others lie before them, in the span of the first days."""
        if self.span > 1:
            return np.asarray(self.codes[-1] >= self.first)
        return np.ones(len(self.columns["n"]), dtype=bool)


@dataclass(frozen=True, slots=True)
class _Block:
    """Cells of one table whose sums are known, and whose figures are still to be worked out."""

    sums: dict[str, Floats]
    #: of each cell, the values of its breakdowns
    labels: Sequence[Mapping[str, Any]]
    scale: Scale
    #: what each cell carries beside
    fixed: Mapping[str, Any]
    #: of the first cell
    flags: tuple[str, ...] = ()
    #: whether the parts of a measure are wanted beside the whole
    parts: bool = True


def known_measures(tables: Tables) -> list[str]:
    """Return the names of all measures: those that are installed and those that have been answered."""
    return sorted({*names("luotain.measures"), *tables.measures(), *tables.own})


def cells(
    tables: Tables, name: str, *, by: Sequence[str] = (), limits: Limits | None = None, level: float = 0.95
) -> list[Cell]:
    """Return the figures of one measure: the overall cell first (its breakdown columns ``None``), then each cell.

    Parameters
    ----------
    tables
        What :func:`luotain.understand.tables.open_tables` returned.
    name
        A published measure (``nps``, ``ces``, ``csat``, ``emotion``), one of a plugin, or one declared by the company.
    by
        Names of breakdowns (``BREAKDOWNS``) or attributes. Only answers that carry all of them are counted, also
        overall; how many were left out is a flag of the first cell (``left_out:12``). A month reads ``"2026-03"``;
        a day and a week (its Monday) are dates; the rest are codes.
    limits
        Which answers are counted; unless they or ``by`` name a population, customers only.

    Raises
    ------
    UnknownMeasure, UnknownBreakdown
        With the known names in the message.
    NotComparable
        When a published measure has been answered only on a scale other than its own. Where some answers are on
        another scale they are left out (flag ``other_scale:7``); a declared measure gives cells for each scale.
    """
    return several(tables, name, groups=[by], limits=limits, level=level)[0]


def rolling(
    tables: Tables,
    name: str,
    *,
    days: int = 90,
    by: Sequence[str] = (),
    limits: Limits | None = None,
    level: float = 0.95,
) -> list[Cell]:
    """Return the overall cell of :func:`cells` first, then for each day the figure of the ``days`` days up to it.

    The days run from the first answer (or the first day of ``limits``, whose span begins before it) to the last; a day
    whose span holds no answers has no cell. ``by`` makes a series of each combination; ``day`` is the last breakdown.
    Raises what :func:`cells` raises.
    """
    limits = limits or Limits()
    if days < 1 or limits.newest:
        raise ValueError("a figure spans at least one day, and newest answers are those of the whole period")
    for name_ in ("day", "week", "month"):
        if name_ in by:
            raise UnknownBreakdown(f"a rolling figure stands for one day: leave {name_} out of the breakdowns")
    return cells(tables, name, by=[*by, "day"], limits=replace(limits, span=days), level=level)


def behind(tables: Tables, name: str, *, limits: Limits | None = None, most: int = 50) -> list[int]:
    """Return the ids of the newest feedbacks behind a figure: those whose answers are counted in it, newest first.

    ``most``: at most so many. A feeling among the limits (``emotion`` or ``label``) leaves the voices that named it.
    Voices of employees come in whole blocks of eight people or more (:mod:`luotain.understand.blocks`).
    Raises what :func:`cells` raises.
    """
    measure = _measure(tables, name)
    limits, part = _part_of(measure, limits or Limits())
    _check_names(tables, limits.where or {})

    def build(facts: Any) -> Any:
        counted = limited(tables, facts.filter(facts.measure == measure.name), limits, ())
        if limits.newest:
            counted = newest(counted, by_feedback=measure.by_feedback)
        if measure.scale:
            counted = counted.filter(counted.scale == measure.scale)
        if part is not None:
            counted = counted.filter(counted.label == part)
        voices = counted.group_by("feedback").agg(day=counted.day.max())
        return voices.order_by([voices.day.desc(), voices.feedback.desc()]).limit(most_)

    carried = tuple(tables.attribute_sets) if limits.where else ()
    sheltering = _tells_of_employees(limits, ())
    most_ = _NO_END if sheltering else most
    rows = tables.of_facts(("behind", *identity(measure), repr(limits), part, most_, carried), build)
    ids = _ids_of(rows["feedback"])
    if sheltering:
        ids = ids[tables.blocks_of(VOICES).whole(ids, np.zeros(len(ids), np.int64))]
    return [int(each) for each in ids[:most]]


def answers_one_by_one(
    tables: Tables, name: str, *, by: Sequence[str] = (), limits: Limits | None = None
) -> dict[str, list[Any]]:
    """Return each counted answer of a customer: columns ``value``, ``customer`` (its id) and those of ``by``.

    Only answers on the measure's own scale; ``customer`` is ``None`` where nobody knows whose it is. Employees' answers
    are never told one by one. Raises what :func:`cells` raises, and ``NotComparable`` for answers on several scales.
    """
    measure = _measure(tables, name)
    limits = limits or Limits()
    _check_names(tables, [*by, *(limits.where or {})])
    if _tells_of_employees(limits, [by]):
        raise NotComparable(Said("answers of employees are never told one by one"))
    scale = measure.scale or tables.one_scale(name)
    if scale is None or measure.parts:
        raise NotComparable(Said("%(name)s is not one number on one scale", name=name))
    raw = _columns(by)

    def build(facts: Any) -> Any:
        counted = limited(tables, facts.filter(facts.measure == measure.name), limits, by)
        return counted.filter(counted.scale == scale).select("value", "customer", *raw)

    carried = tuple(tables.attribute_sets) if limits.where else ()
    rows = tables.of_facts(("one by one", measure.name, scale, repr(limits), tuple(by), carried), build)
    found: dict[str, list[Any]] = {each: rows[each].to_pylist() for each in ("value", "customer")}
    for each in by:
        codes, values = _decoded(tables, each, rows)
        found[each] = [values[code] if code >= 0 else None for code in codes]
    return found


def several(
    tables: Tables,
    name: str,
    *,
    groups: Sequence[Sequence[str]],
    limits: Limits | None = None,
    level: float = 0.95,
    parts_in: int | None = None,
) -> list[list[Cell]]:
    """Return what :func:`cells` returns for each group of breakdowns, from one query of the database.

    The answer is remembered until a fact or a dimension changes. ``parts_in``: only the first so many groups have the
    parts of a measure (each feeling) as well as the whole; ``None``: all.
    """
    formed = tables.blocks_formed() if _tells_of_employees(limits or Limits(), groups) else 0
    key = (tables.version, name, repr(groups), repr(limits), level, parts_in, formed)
    found = _remembered.get(
        key if tables.version is not None else None,
        lambda: _several(tables, name, groups, limits, level, parts_in),
    )  # fmt: skip
    return [list(table) for table in found]


def _several(
    tables: Tables,
    name: str,
    groups: Sequence[Sequence[str]],
    limits: Limits | None,
    level: float,
    parts_in: int | None,
) -> list[list[Cell]]:
    measure = _measure(tables, name)
    limits, part = _part_of(measure, limits or Limits())
    every = list(dict.fromkeys(each for group in groups for each in group))
    _check_names(tables, [*every, *(limits.where or {})])
    raw = _columns(["scale", *every])
    sheltering = _tells_of_employees(limits, groups)
    rows = _sums_of_people(tables, measure, raw, limits, every) if sheltering else _sums(
        tables, measure, raw, limits, every
    )  # fmt: skip
    summed = {each: floats_of(rows[each]) for each in rows.column_names if each not in (*raw, _FEEDBACK)}
    decoded = {each: _decoded(tables, each, rows) for each in every}
    scale_of, used = _coded(rows["scale"])
    scales = np.array(used, dtype=object)[scale_of]
    shelter = _shelter_of(_ids_of(rows[_FEEDBACK]), tables.blocks_of(measure.name)) if sheltering else None
    asked = []
    for at, group in enumerate(groups):
        parts = part is not None or parts_in is None or at < parts_in
        codes, values = [decoded[each][0] for each in group], [decoded[each][1] for each in group]
        whole = _Summed(summed, codes, values, parts=parts, shelter=shelter)
        asked.append(_by_scale(tables, measure, group, _spanning(whole, limits), scales, name))
    found = []
    for table in _estimated(measure, asked, level, called=name):
        if limits.newest:
            table[0] = replace(table[0], flags=(*table[0].flags, NEWEST))
        found.append(table if part is None else _only(table, measure.parts, part, table[0].flags))
    return found


def _tells_of_employees(limits: Limits, groups: Sequence[Sequence[str]]) -> bool:
    """Whether answers of employees may be among those that are counted."""
    told = (limits.where or {}).get("population")
    if told is None:
        return any("population" in group for group in groups)
    return Population.EMPLOYEE.value in ([told] if isinstance(told, str) else list(told))


def _sums_of_people(
    tables: Tables, measure: Measure, raw: Sequence[str], limits: Limits, by: Sequence[str]
) -> pa.Table:
    """Return the sums as :func:`_sums` does, those of employees answer by answer; of others the feedback is −1."""
    told = (limits.where or {}).get("population")
    wanted = list(Population) if told is None else [told] if isinstance(told, str) else list(told)
    others = [each for each in wanted if each != Population.EMPLOYEE.value]
    alone = replace(limits, where={**(limits.where or {}), "population": [Population.EMPLOYEE.value]})
    rows = _sums(tables, measure, [*raw, _FEEDBACK], alone, by)
    if not others:
        return rows
    rest = _sums(tables, measure, raw, replace(limits, where={**(limits.where or {}), "population": others}), by)
    rest = rest.append_column(_FEEDBACK, of_numbers(np.full(len(rest), -1, np.int64)))
    return pa.concat_tables([rows, rest.select(rows.column_names)], promote_options="permissive")


def _shelter_of(feedbacks: Codes, blocks: Blocks) -> _Shelter:
    """Return the shelter of rows of sums; of people other than employees the feedback is −1."""
    return _Shelter(blocks, feedbacks >= 0, blocks.of(feedbacks))


def _ids_of(column: Any) -> Codes:
    return floats_of(column).astype(np.int64)


def _columns(wanted: Iterable[str]) -> list[str]:
    """Return the columns in which some breakdowns are held."""
    return list(dict.fromkeys(name if name == "scale" else _COLUMN.get(name, "attributes") for name in wanted))


def _sums(tables: Tables, measure: Measure, raw: Sequence[str], limits: Limits, by: Sequence[str]) -> Any:
    """Return the sums of the scores that are counted: from kept counts where the question allows, else of each fact."""
    limits = _whole_months(tables, limits)
    where = _columns(["population", *(limits.where or {})])
    days = ["day"] if limits.start or limits.end else []
    units = ["unit"] if limits.units is not None else []
    # No count carries it: then the facts themselves are read.
    flagged = ["flagged"] if limits.flagged is not None else []
    keep = list(dict.fromkeys([*raw, *where, *days, *units, *flagged]))

    carried = tuple(tables.attribute_sets) if "attributes" in where else ()
    question = (*identity(measure), tuple(raw), tuple(keep), tuple(by), repr(limits), carried)
    if limits.newest:
        rows = _newest_sums(tables, question, measure, raw, limits, by)
    else:
        rows = tables.of_scores(question, measure, keep, raw, _conditions(tables, limits, by))
    # Where all answers of a cell have been taken back, their counts add up to none.
    return rows.filter(pc.greater(rows["n"], scalar(0)))


def _newest_sums(
    tables: Tables, question: tuple[Any, ...], measure: Measure, raw: Sequence[str], limits: Limits, by: Sequence[str]
) -> Any:
    scale = tables.one_scale(measure.name)

    def build(facts: Any) -> Any:
        counted = limited(tables, facts.filter(facts.measure == measure.name), limits, by)
        found = newest(counted, by_feedback=measure.by_feedback)
        if scale is not None:
            # An engine need not pick what is known.
            found = found.mutate(scale=ibis.literal(scale))
        return measure.sums(measure.scores(found, raw), raw)

    return tables.of_facts((*question, scale), build)


def _whole_months(tables: Tables, limits: Limits) -> Limits:
    """Return the same limits without days, where they are whole months: there are fewer months to count than days."""
    known = tables.months()
    if known is None or limits.span > 1 or not (limits.start or limits.end):
        return limits
    first = limits.start or date(known[0] // 100, known[0] % 100, 1)
    last = min(limits.end or date.max, date.fromordinal(_EPOCH + tables.last_day()))
    ends = last == limits.end and (last + timedelta(days=1)).day != 1
    if first.day != 1 or ends or "month" in (limits.where or {}):
        return limits
    months = [
        each
        for each in _months_between(*known)
        if first.year * 100 + first.month <= each <= last.year * 100 + last.month
    ]
    return replace(
        limits,
        start=None,
        end=None,
        where={**(limits.where or {}), "month": [f"{each // 100}-{each % 100:02}" for each in months]},
    )


def _months_between(first: int, last: int) -> list[int]:
    steps = range(first // 100 * 12 + first % 100 - 1, last // 100 * 12 + last % 100)
    return [step // 12 * 100 + step % 12 + 1 for step in steps]


def _spanning(whole: _Summed, limits: Limits) -> _Summed:
    if limits.span == 1:
        return whole
    codes, days = every_day(whole.codes[-1], whole.values[-1])
    first = limits.start.toordinal() - days[0].toordinal() if limits.start and days else 0
    codes_, values = [*whole.codes[:-1], codes], [*whole.values[:-1], days]
    return replace(whole, codes=codes_, values=values, span=limits.span, first=max(first, 0))


def _part_of(measure: Measure, limits: Limits) -> tuple[Limits, str | None]:
    """Split off which part of the measure is wanted: one feeling is a share of all respondents, not of its own."""
    if not measure.parts:
        return limits, None
    where = dict(limits.where or {})
    wanted = [where.pop(name) for name in (measure.parts, "label") if name in where]
    return replace(limits, where=where), str(wanted[0]) if wanted else None


def _only(found: Sequence[Cell], parts: str, part: str, flags: tuple[str, ...]) -> list[Cell]:
    """Return the cells of one part; a part that nobody named has a share of nought, which is a figure too."""
    first, *rest = [cell for cell in found if cell.by[parts] == part] or [_nobody(found[0], parts, part)]
    return [replace(first, flags=flags), *rest]


def _nobody(whole: Cell, parts: str, part: str) -> Cell:
    none = share(np.zeros(1), np.array([float(whole.n)]), level=0.95)
    value, low, high = (float(column[0]) if whole.n else None for column in (none.value, none.low, none.high))
    return replace(
        whole,
        value=value,
        low=low,
        high=high,
        se=None,
        method=none.method,
        unit=none.unit,
        by={**whole.by, parts: part},
    )


def _measure(tables: Tables, name: str) -> Measure:
    if name in tables.own:
        return tables.own[name]
    if name in names("luotain.measures") or name in tables.measures():
        return measure_named(name)
    known = ", ".join(known_measures(tables))
    raise UnknownMeasure(f"there are no answers to a measure called {name!r}; known measures: {known}")


def _check_names(tables: Tables, wanted: Iterable[str]) -> None:
    for name in wanted:
        if name not in _COLUMN and not tables.is_empty and name not in (attributes := tables.attribute_names()):
            known = ", ".join([*BREAKDOWNS, *attributes])
            raise UnknownBreakdown(f"answers do not carry {name!r}; they can be broken down by: {known}")


def limited(tables: Tables, facts: Any, limits: Limits, by: Sequence[str] = ()) -> Any:
    """Return the facts (an Ibis table) that the limits let through; customers' alone unless they name a population."""
    return meeting(facts, _conditions(tables, limits, by))


def _conditions(tables: Tables, limits: Limits, by: Sequence[str]) -> list[Condition]:
    """Return which facts, or scores, the limits let through."""
    where = dict(limits.where or {})
    if "population" not in where and "population" not in by:
        where["population"] = Population.CUSTOMER.value
    found: list[Condition] = [_condition(tables, name, value) for name, value in where.items()]
    if limits.start:
        found.append(Between("day", low=limits.start.toordinal() - _EPOCH - (limits.span - 1)))
    if limits.end:
        found.append(Between("day", high=limits.end.toordinal() - _EPOCH))
    if limits.flagged is not None:
        found.append(Among("flagged", (limits.flagged,)))
    if limits.units is not None:
        found.append(Among("unit", sorted(limits.units, key=lambda unit: (unit is None, unit))))
    return found


def _condition(tables: Tables, name: str, value: Any) -> Condition:
    """Return the condition "the answer carries this value (or one of these)"."""
    wanted = [value] if isinstance(value, str | int | date) else list(value)
    column = _COLUMN.get(name, "attributes")
    if name in _WORDS:
        return Among(column, wanted)
    if name == "month":
        return Among(column, [_month_number(str(each)) for each in wanted])
    if name in ("day", "week"):
        days = [_day(name, each) for each in wanted]
        return Among(column, [day + more for day in days for more in range(7 if name == "week" else 1)])
    if name in _COLUMN:
        return Among(column, _ids(tables, name, wanted))
    texts = {str(each) for each in wanted}
    return Among(column, [text for text, each in tables.attribute_sets.items() if each.get(name) in texts])


def _ids(tables: Tables, name: str, wanted: Sequence[Any]) -> list[int]:
    members = tables.dimensions[name]
    known = {member.code for member in members.values()}
    for each in wanted:
        if each not in known and each not in members:
            raise UnknownBreakdown(f"there is no {name} {each!r}; known: {', '.join(sorted(known)) or 'none'}")
    ids = [key for key, member in members.items() if member.code in wanted or key in wanted]
    if name != "stage":
        return ids
    return [key for key, member in tables.dimensions["touchpoint"].items() if member.parent in ids]


def _month_number(text: str) -> int:
    year, _, month = text.partition("-")
    if not (year.isdigit() and month.isdigit() and 1 <= int(month) <= 12):
        raise UnknownBreakdown(f"a month reads 2026-03, not {text!r}")
    return int(year) * 100 + int(month)


def _day(name: str, value: Any) -> int:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise UnknownBreakdown(f"a {name} reads 2026-03-30, not {value!r}") from error
    return day.toordinal() - _EPOCH - (day.weekday() if name == "week" else 0)


def _decoded(tables: Tables, name: str, rows: Any) -> tuple[Codes, list[Any]]:
    """Return what each row carries of a breakdown: indexes, and the values that they stand for."""
    codes, held = _coded(rows[_COLUMN.get(name, "attributes")])
    meaning = [_meaning(tables, name, each) for each in held]
    values = sorted({value for value in meaning if value is not None})
    index = {value: at for at, value in enumerate(values)}
    return np.array([index.get(value, -1) for value in meaning], np.int64)[codes], values


def _coded(column: pa.ChunkedArray) -> tuple[Codes, list[Any]]:
    """Return of each row which of the different values it holds, and these; nothing is one of them."""
    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    coded = plain.combine_chunks().dictionary_encode("encode")
    codes = numbers_of(coded.indices).astype(np.int64)
    return codes, coded.dictionary.to_pylist()


def _meaning(tables: Tables, name: str, held: Any) -> Any:
    if held is None or held == "":
        return None
    if name in _WORDS:
        return held
    if name == "month":
        return f"{held // 100}-{held % 100:02}"
    if name in ("day", "week"):
        # 1970-01-01 was a Thursday: day −3 was a Monday
        return date.fromordinal(_EPOCH + (held if name == "day" else held - (held + 3) % 7))
    if name not in _COLUMN:
        return attributes_of(held).get(name) or None
    member = tables.dimensions[_COLUMN[name]].get(held)
    if name == "stage":
        member = tables.dimensions["stage"].get(member.parent) if member and member.parent else None
    return member.code if member else None


def _by_scale(
    tables: Tables, measure: Measure, by: Sequence[str], whole: _Summed, scales: NDArray[Any], called: str
) -> list[_Block]:
    carried = np.all([codes >= 0 for codes in whole.codes], axis=0) if whole.codes else np.ones(len(scales), bool)
    left_out = float(whole.columns["n"][~carried & whole.own].sum())
    flags: tuple[str, ...] = (f"{LEFT_OUT}:{left_out:.0f}",) if left_out else ()
    if measure.parts:
        return _table(by, whole, carried, Scale("", 0, 1), flags)
    if measure.scale:
        own = scales == measure.scale
        other = float(whole.columns["n"][~own & carried & whole.own].sum())
        if other and not own.any():
            raise NotComparable(_on_another_scale(tables, called, measure.scale, sorted(set(scales))))
        flags += (f"{OTHER_SCALE}:{other:.0f}",) if other else ()
        return _table(by, whole, carried & own, _scale(tables, measure.scale), flags)
    # where nobody has answered there is still one cell, of no answers
    used = sorted(set(scales[carried])) or sorted(set(scales)) or [""]
    found: list[_Block] = []
    for code in used:
        names_ = ("scale",) if len(used) > 1 else ()
        found += _table(by, whole, carried & (scales == code), _scale(tables, code), flags, names_)
    return found


def _on_another_scale(tables: Tables, called: str, scale: str, found: Sequence[str]) -> Said:
    own = _scale(tables, scale)
    others = ", ".join(f"{code} ({_scale(tables, code).low:g}–{_scale(tables, code).high:g})" for code in found)
    return Said(
        "%(measure)s is defined on the scale %(scale)s (%(low)s–%(high)s), but its answers are on %(others)s. "
        "Import them as a measure of their own; they cannot be called %(measure)s.",
        measure=called,
        scale=own.code,
        low=f"{own.low:g}",
        high=f"{own.high:g}",
        others=others,
    )


def _scale(tables: Tables, code: str) -> Scale:
    return tables.scales.get(code) or SCALES.get(code) or Scale(code, 0, 1)


def _table(
    by: Sequence[str],
    whole: _Summed,
    counted: NDArray[np.bool_],
    scale: Scale,
    flags: tuple[str, ...],
    extra: tuple[str, ...] = (),
) -> list[_Block]:
    """Return the overall cell and, below it, the cell of each combination of breakdown values."""
    own = counted & whole.own
    if whole.shelter:
        every = own
        own = whole.shelter.keeps(own, np.zeros(int(own.sum()), np.int64))
        hidden = float(whole.columns["n"][every & ~own].sum())
        flags += (f"{PROTECTED}:{hidden:.0f}",) if hidden else ()
    total = {name: column[own].sum(keepdims=True) for name, column in whole.columns.items()}
    fixed = dict.fromkeys(extra, scale.code)
    overall = _Block(total, [dict.fromkeys(by)], scale, fixed, flags, parts=whole.parts)
    if whole.shelter and by:
        counted = whole.shelter.keeps(counted, _cell_numbers(whole, counted))
    if not by or not counted.any():
        return [overall]
    sizes = [len(values) for values in whole.values]
    columns = {name: column[counted] for name, column in whole.columns.items()}
    numbers = _cell_numbers(whole, counted)
    cells_, place = np.unique(numbers, return_inverse=True)
    keys = np.stack(np.unravel_index(cells_, sizes), axis=1)
    summed = {
        name: np.bincount(place, weights=column, minlength=len(keys)).astype(np.float64)
        for name, column in columns.items()
    }
    if whole.span > 1:
        keys, summed = rolled(keys, summed, whole.span, first=whole.first, last=len(whole.values[-1]) - 1)
    decoded = [[values[code] for code in codes] for values, codes in zip(whole.values, keys.T.tolist(), strict=True)]
    labels = [dict(zip(by, each, strict=True)) for each in zip(*decoded, strict=True)]
    return [overall, _Block(summed, labels, scale, fixed, parts=whole.parts)]


def _cell_numbers(whole: _Summed, counted: NDArray[np.bool_]) -> Codes:
    """Return of each counted row the number of the cell that it falls in."""
    sizes = [len(values) for values in whole.values]
    return np.asarray(np.ravel_multi_index([codes[counted] for codes in whole.codes], sizes), dtype=np.int64)


def _estimated(measure: Measure, tables: Sequence[Sequence[_Block]], level: float, *, called: str) -> list[list[Cell]]:
    """Return the cells of the blocks of each table. Blocks whose figures can be worked out at once are put together."""
    together: dict[Any, list[_Block]] = {}
    for at, block in enumerate(each for table in tables for each in table):
        # Which parts a measure tells of depends on what it is asked.
        together.setdefault(at if measure.parts and block.parts else block.scale.code, []).append(block)
    cells_: dict[int, list[Cell]] = {}
    for blocks in together.values():
        sums = {name: np.concatenate([each.sums[name] for each in blocks]) for name in blocks[0].sums}
        found = measure.estimate(sums, blocks[0].scale, level=level)
        start = 0
        for block in blocks:
            rows = slice(start, start := start + len(block.labels))
            wanted = found if block.parts else {"": found[""]}
            cells_[id(block)] = _as_cells(
                measure.parts, called, {part: _rows(each, rows) for part, each in wanted.items()}, block
            )
    return [[cell for block in table for cell in cells_[id(block)]] for table in tables]


def _rows(columns: Estimates, rows: slice) -> Estimates:
    value, low, high, se, n = (
        column[rows] for column in (columns.value, columns.low, columns.high, columns.se, columns.n)
    )
    return replace(columns, value=value, low=low, high=high, se=se, n=n)


def _as_cells(parts: str, called: str, estimates: Mapping[str, Estimates], block: _Block) -> list[Cell]:
    found: list[list[Cell]] = []
    for part, columns in estimates.items():
        more = {**({parts: part or None} if parts else {}), **block.fixed}
        figures = zip(
            *(_plain(column) for column in (columns.value, columns.low, columns.high, columns.se)), strict=True
        )
        counts = np.rint(columns.n).astype(np.int64).tolist()
        found.append(
            [
                Cell(
                    value, low, high, n, columns.method, se, float(n), block.scale.code,
                    by={**label, **more}, measure=called, unit=columns.unit,
                )
                for label, (value, low, high, se), n in zip(block.labels, figures, counts, strict=True)
            ]
        )  # fmt: skip
    # the whole of each combination, then its parts
    cells_ = [cell for together in zip(*found, strict=True) for cell in together]
    return [replace(cells_[0], flags=block.flags), *cells_[1:]] if block.flags else cells_


def _plain(column: Floats) -> list[float | None]:
    return [None if number != number else number for number in column.tolist()]
