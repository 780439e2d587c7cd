"""A mapping: which column of a file is what. Written in TOML, read into frozen values, every mistake named.

A bare string names a *column* for ids, answers, identifiers and attributes, and is a *constant* for touchpoint,
channel, unit, tier, population and language; ``{column = "…"}`` names a column and ``{value = "…"}`` a constant
anywhere. A measure and its scale are always declared, never guessed from the values.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

from luotain import terms
from luotain.language.said import Said
from luotain.listen.importers.formats import ISO, UNIX
from luotain.listen.importers.problem import WrongMapping
from luotain.listen.importers.reading import Reading
from luotain.terms import SCALES, ImportKind, Scale

KEEP, REJECT = "keep_without_value", "reject"
#: how a scale of one's own is declared
OWN_SCALE = '{ code = "…", low = 1, high = 10 }'


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value comes from: a column, or a constant; with a translation of its values."""

    column: str = ""
    value: str = ""
    map: Map[str, str] = field(default_factory=dict)
    #: values that say nothing ("NA", "Did not answer")
    missing: frozenset[str] = frozenset()
    #: what every other value means, where the map knows some only
    otherwise: str = ""
    #: whether a code that is not known yet may be created
    create: bool = False
    #: what stands before the text, where several columns make one
    title: str = ""
    breakdown: bool = True

    def __bool__(self) -> bool:
        return bool(self.column or self.value)


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times, or one time for all: formats (strptime, or "iso") and the zone of times that name none."""

    column: str
    formats: tuple[str, ...] = ("iso",)
    time_zone: str = ""
    #: records, from the first to the last, whose day and month stand the other way round than the formats say
    turned: tuple[tuple[int, int], ...] = ()
    #: columns that are looked into where the first one is empty (a response that was never sent off)
    otherwise: tuple[str, ...] = ()
    #: the time of every record, where the file has no column of times
    value: str = ""


@dataclass(frozen=True, slots=True)
class Duration:
    """A column that tells how long each respondent took, and in which unit its plain numbers are."""

    column: str
    unit: str = "seconds"


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """One answer: its column (or several, one for each choice), measure and scale, and what its codes mean."""

    code: str
    column: str
    #: column -> the choice that it stands for, where each choice has a column of its own
    columns: Map[str, str] = field(default_factory=dict)
    measure: str = ""
    scale: Scale | None = None
    map: Map[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    #: what becomes of a code that the scale does not know: "reject", "keep_without_value", or "" (ask)
    unknown: str = ""
    #: a column whose repeated value means that the same answer stands on several records
    once_per: str = ""
    #: a column that claims the category
    claimed: Cell = field(default_factory=Cell)
    #: for an emotion: the column of its strength
    strength: str = ""
    #: the answer stands only on the records in which these columns have one of these values
    where: Map[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """Records that are told by the values of their columns, and what is to be said of them."""

    where: Map[str, frozenset[str]]
    says: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Everything that is declared of a file."""

    kind: ImportKind
    source: str
    reading: Reading
    id: tuple[str, ...] = ()
    occurred_at: Times | None = None
    cells: Map[str, Cell] = field(default_factory=dict)
    verbatim: tuple[Cell, ...] = ()
    answers: tuple[AnswerColumn, ...] = ()
    attributes: Map[str, Cell] = field(default_factory=dict)
    identifiers: Map[str, Cell] = field(default_factory=dict)
    details: Map[str, Cell] = field(default_factory=dict)
    values: Map[str, Cell] = field(default_factory=dict)
    behaviours: Map[str, Cell] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    opens_cases: bool = False
    feedback: str = "response"
    ends_at: Times | None = None
    duration: Duration | None = None
    #: name of the importer that reads the file; "": by what the file is
    format: str = ""
    #: records that are no feedback (a test, a preview): refused, each with the reason
    leave_out: tuple[Rule, ...] = ()
    #: records that are taken in and counted as a warning
    report: tuple[Rule, ...] = ()
    #: the mapping as it was written, for the import's own row
    raw: Map[str, Any] = field(default_factory=dict)

    def columns(self) -> frozenset[str]:
        """Return every column that the mapping names, dropped ones aside."""
        groups = (self.cells, self.attributes, self.identifiers, self.details, self.values, self.behaviours)
        named = {cell.column for group in groups for cell in group.values()}
        named |= set(self.id) | {cell.column for cell in self.verbatim}
        for times in (self.occurred_at, self.ends_at):
            named |= {times.column, *times.otherwise} if times else set()
        named |= {self.duration.column} if self.duration else set()
        for answer in self.answers:
            named |= {answer.column, answer.once_per, answer.claimed.column, answer.strength}
            named |= {*answer.columns, *answer.where}
        named |= {column for rule in (*self.leave_out, *self.report) for column in rule.where}
        return frozenset(named - {""})


_COMMON = {"kind", "source", "format", "file", "id", "drop", "leave_out", "report"}
_SHARED_CELLS = ("touchpoint", "channel", "unit")
#: kind -> the keys that stand for one cell of a record
_CELLS: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.FEEDBACK: (*_SHARED_CELLS, "tier", "language", "population", "contact_wanted", "completed", "programme"),
    ImportKind.CUSTOMERS: ("name", "language", "tier", "unit", "contact_list"),
    ImportKind.INTERACTIONS: (*_SHARED_CELLS, "reference"),
    ImportKind.TRANSACTIONS: ("unit", "product", "amount", "margin", "currency"),
    ImportKind.FIGURES: ("unit",),
    ImportKind.DISRUPTIONS: ("cause", "reference", "touchpoint", "within_control", "description"),
    ImportKind.VISITS: ("touchpoint", "hour", "visitors"),
}
_TABLES: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.FEEDBACK: (
        "occurred_at", "verbatim", "answers", "attributes", "identifiers", "opens_cases", "feedback", "duration",
    ),
    ImportKind.CUSTOMERS: ("attributes", "identifiers"),
    ImportKind.INTERACTIONS: ("occurred_at", "identifiers", "details"),
    ImportKind.TRANSACTIONS: ("occurred_at", "identifiers"),
    ImportKind.FIGURES: ("period", "values"),
    ImportKind.DISRUPTIONS: ("occurred_at", "ends_at"),
    ImportKind.VISITS: ("occurred_at", "behaviours"),
}  # fmt: skip
#: what no mapping of the kind can do without
REQUIRED: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.FEEDBACK: ("occurred_at",),
    ImportKind.CUSTOMERS: ("identifiers",),
    ImportKind.INTERACTIONS: ("occurred_at", "touchpoint"),
    ImportKind.TRANSACTIONS: ("occurred_at", "amount"),
    ImportKind.FIGURES: ("unit", "period", "values"),
    ImportKind.DISRUPTIONS: ("occurred_at", "cause", "within_control"),
    ImportKind.VISITS: ("occurred_at", "touchpoint", "visitors"),
}
#: of these, a bare string is a column; of all others a constant
_BARE_COLUMN = {"reference", "product", "amount", "margin", "name", "cause", "within_control", "description"}
_BARE_COLUMN |= {"contact_wanted", "completed", "hour", "visitors"}


def read_mapping(text: str, *, kind: str = "") -> Mapping:
    """Read a mapping from TOML.

    ``kind`` is taken where the mapping names none. Raises :class:`WrongMapping` naming the key and what to write.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongMapping(Said("the mapping is not valid TOML: %(error)s", error=str(error))) from None
    return mapping_from(raw, kind=kind)


def with_touchpoint(mapping: Mapping, code: str) -> Mapping:
    """Return the mapping with every record at one touchpoint, which is created when it is not known."""
    cell = {"value": code, "create": True}
    return mapping_from({**mapping.raw, "touchpoint": cell})


def with_stretches(mapping: Mapping, stretches: Sequence[tuple[int, int]]) -> Mapping:
    """Return the mapping with these records' day and month decided to stand the other way round."""
    times = mapping.raw.get("occurred_at", {})
    told = dict(times) if isinstance(times, dict) else {"column": times}
    formats = mapping.occurred_at.formats if mapping.occurred_at else ()
    key = turned_key(formats)
    return mapping_from({**mapping.raw, "occurred_at": {**told, key: [*told.get(key, []), *map(list, stretches)]}})


def turned_key(formats: Iterable[str]) -> str:
    """Return the key by which a stretch in the other order is decided, given the formats that are declared."""
    begins = [form.index("%d") < form.index("%m") for form in formats if "%d" in form and "%m" in form]
    return "day_first" if begins and not begins[0] else "month_first"


def mapping_from(raw: Map[str, Any], *, kind: str = "") -> Mapping:
    """Read a mapping from plain values (the form in which an import keeps it)."""
    named = str(raw.get("kind") or kind or "feedback")
    kinds = ImportKind._value2member_map_
    for told in (named, kind):
        if told and told not in kinds:
            raise _none_of("kind", told, ImportKind)
    if kind and named != kind:
        raise WrongMapping(
            Said(
                "the mapping is for %(kind)s, and %(asked)s were asked for: use the mapping that fits",
                kind=named,
                asked=kind,
            )
        )
    what = ImportKind(named)
    _refuse_open(raw, "")
    _known_keys(raw, _COMMON | set(_CELLS[what]) | set(_TABLES[what]), "")
    for key in REQUIRED[what]:
        if key not in raw:
            raise _lacks("", key)
    times = raw.get("occurred_at", raw.get("period"))
    return Mapping(
        kind=what,
        source=_text(raw, "source", "") or what.value,
        reading=_reading(raw.get("file", {})),
        id=_columns(raw.get("id", ()), "id"),
        occurred_at=_times(times, "period" if "period" in raw else "occurred_at") if times is not None else None,
        cells={key: _cell(raw[key], key, key in _BARE_COLUMN) for key in _CELLS[what] if key in raw},
        verbatim=tuple(_cell(part, "verbatim", True) for part in _list(raw.get("verbatim", []))),
        answers=_answers(raw.get("answers", [])),
        attributes=_group(raw.get("attributes", {}), "attributes"),
        identifiers=_named(raw.get("identifiers", {}), "identifiers", terms.IdentifierKind),
        details=_group(raw.get("details", {}), "details"),
        values=_group(raw.get("values", {}), "values"),
        behaviours=_named(raw.get("behaviours", {}), "behaviours", terms.Behaviour),
        drop=_columns(raw.get("drop", ()), "drop"),
        opens_cases=_flag(raw, "opens_cases"),
        feedback=_word(_text(raw, "feedback", "response"), terms.FeedbackKind, "feedback"),
        ends_at=_times(raw["ends_at"], "ends_at") if "ends_at" in raw else None,
        duration=_duration(raw["duration"]) if "duration" in raw else None,
        format=_text(raw, "format", ""),
        leave_out=_rules(raw.get("leave_out", []), "leave_out"),
        report=_rules(raw.get("report", []), "report"),
        raw={**raw, "kind": named},
    )


def check_columns(mapping: Mapping, columns: Sequence[str]) -> list[str]:
    """Return the columns of the file that the mapping does not take in.

    Raises :class:`WrongMapping` for a column that the file does not have, with the nearest name.
    """
    for name in sorted(mapping.columns() | set(mapping.drop)):
        if name not in columns:
            near = difflib.get_close_matches(name, columns, 1, 0.5)
            if near:
                raise WrongMapping(
                    Said(
                        "there is no column '%(column)s' in the file: did you mean '%(near)s'?",
                        column=name,
                        near=near[0],
                    )
                )
            has = ", ".join(columns[:30])
            raise WrongMapping(
                Said("there is no column '%(column)s' in the file: the file has %(columns)s", column=name, columns=has)
            )
    return [name for name in columns if name not in mapping.columns() and name not in mapping.drop]


def _refuse_open(value: Any, where: str) -> None:
    """Refuse a mapping in which a question of the proposal still stands as "?"."""
    if value == "?":
        raise WrongMapping(Said("%(key)s is still open: replace the question mark with your decision", key=where))
    parts: Any = value.items() if isinstance(value, dict) else enumerate(value, 1) if isinstance(value, list) else ()
    for key, part in parts:
        _refuse_open(part, f"{where}.{key}" if where and isinstance(key, str) else str(where or key))


def _known_keys(raw: Map[str, Any], known: set[str], where: str) -> None:
    for key in raw:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.6)
            if near:
                raise WrongMapping(
                    Said(
                        "the mapping has an unknown key %(key)s: did you mean %(near)s?", key=where + key, near=near[0]
                    )
                )
            raise WrongMapping(
                Said(
                    "the mapping has an unknown key %(key)s: known here are %(known)s",
                    key=where + key,
                    known=", ".join(sorted(known)),
                )
            )


def _write(key: str, value: Any, example: str) -> WrongMapping:
    """Say how a key is to be written instead."""
    return WrongMapping(
        Said("%(key)s = %(value)s: write it as %(example)s", key=key, value=repr(value), example=example)
    )


def _none_of(key: str, value: Any, known: Iterable[str]) -> WrongMapping:
    return WrongMapping(
        Said("%(key)s = %(value)s: use one of %(known)s", key=key, value=repr(value), known=", ".join(known))
    )


def _lacks(where: str, key: str) -> WrongMapping:
    return WrongMapping(Said("the mapping needs %(key)s: add it", key=f"{where}.{key}" if where else key))


def _text(raw: Map[str, Any], key: str, default: str) -> str:
    value = raw.get(key, default)
    if not isinstance(value, str):
        raise _write(key, value, '"…"')
    return value


def _flag(raw: Map[str, Any], key: str) -> bool:
    value = raw.get(key, False)
    if not isinstance(value, bool):
        raise _none_of(key, value, ("true", "false"))
    return value


def _word(value: str, vocabulary: type[terms.Vocabulary], key: str) -> str:
    if value not in vocabulary._value2member_map_:
        raise _none_of(key, value, vocabulary)
    return value


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _columns(value: Any, key: str) -> tuple[str, ...]:
    names = _list(value)
    if not all(isinstance(name, str) and name for name in names):
        raise WrongMapping(
            Said("%(key)s = %(value)s: write the name of a column, or a list of names", key=key, value=repr(value))
        )
    return tuple(names)


def _strings(value: Any, key: str) -> Map[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str | int | float) for v in value.values()):
        raise _write(key, value, '{ "1" = "5" }')
    return {
        str(k): f"{v:g}" if isinstance(v, float) else str(int(v) if isinstance(v, bool) else v)
        for k, v in value.items()
    }


def _missing(value: Any) -> frozenset[str]:
    return frozenset(str(item) for item in _list(value))


_CELL_KEYS = {"column", "value", "map", "missing", "otherwise", "create", "title", "breakdown"}


def _cell(value: Any, key: str, bare_is_column: bool) -> Cell:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return Cell(column=str(value)) if bare_is_column else Cell(value=str(value))
    if not isinstance(value, dict):
        raise _write(key, value, '{ column = "…" }')
    _known_keys(value, _CELL_KEYS, f"{key}.")
    if bool(value.get("column")) == bool(value.get("value")):
        raise WrongMapping(Said("%(key)s needs either a column or a value: give it one of them", key=key))
    return Cell(
        column=_text(value, "column", ""),
        value=_text(value, "value", ""),
        map=_strings(value.get("map", {}), f"{key}.map"),
        missing=_missing(value.get("missing", [])),
        otherwise=_text(value, "otherwise", ""),
        create=_flag(value, "create"),
        title=_text(value, "title", ""),
        breakdown=_flag({"breakdown": True, **value}, "breakdown"),
    )


def _group(value: Any, key: str) -> Map[str, Cell]:
    if not isinstance(value, dict):
        raise _write(key, value, f"[{key}]")
    for name in value:
        _check_length(name, _LONGEST_CODE, f"{key}.{name[:20]}…")
    return {name: _cell(cell, f"{key}.{name}", True) for name, cell in value.items()}


def _named(value: Any, key: str, vocabulary: type[terms.Vocabulary]) -> Map[str, Cell]:
    """Read a group whose names are words of a vocabulary."""
    group = _group(value, key)
    for name in group:
        _word(name, vocabulary, key)
    return group


def _times(value: Any, key: str) -> Times:
    if isinstance(value, str):
        return Times(value)
    if not isinstance(value, dict):
        raise _write(key, value, '{ column = "…", formats = ["%d/%m/%Y"] }')
    _known_keys(value, {"column", "value", "formats", "time_zone", "otherwise", *_TURNED}, f"{key}.")
    formats = tuple(str(item) for item in _list(value.get("formats", ["iso"])))
    for item in formats:
        if item not in (ISO, UNIX) and "%" not in item:
            raise WrongMapping(
                Said(
                    "%(key)s: '%(value)s' is not a format of times; write it as %(example)s",
                    key=f"{key}.formats",
                    value=item,
                    example='"%d/%m/%Y", "iso"',
                )
            )
    if bool(value.get("column")) == bool(value.get("value")):
        raise _lacks(key, "column")
    return Times(
        _text(value, "column", ""),
        formats,
        _text(value, "time_zone", ""),
        _turned(value, formats, key),
        _columns(value.get("otherwise", ()), f"{key}.otherwise"),
        str(value.get("value", "")),
    )


#: in which units a duration can be told -> how many seconds each is
UNITS = {"seconds": 1.0, "minutes": 60.0, "milliseconds": 0.001}


def _duration(value: Any) -> Duration:
    told = {"column": value} if isinstance(value, str) else value
    if not isinstance(told, dict):
        raise _write("duration", value, '{ column = "…", unit = "seconds" }')
    _known_keys(told, {"column", "unit"}, "duration.")
    if not told.get("column"):
        raise _lacks("duration", "column")
    unit = _text(told, "unit", "seconds")
    if unit not in UNITS:
        raise _none_of("duration.unit", unit, UNITS)
    return Duration(_text(told, "column", ""), unit)


#: what a stretch in the other order is called -> whether the declared formats then begin with the day
_TURNED = {"month_first": True, "day_first": False}


def _turned(value: Map[str, Any], formats: tuple[str, ...], key: str) -> tuple[tuple[int, int], ...]:
    """Read which records have their day and month the other way round."""
    stretches: list[tuple[int, int]] = []
    begins = {form.index("%d") < form.index("%m") for form in formats if "%d" in form and "%m" in form}
    for name in sorted(_TURNED.keys() & value.keys()):
        if _TURNED[name] not in begins:
            raise WrongMapping(
                Said("%(key)s stands only beside formats in the other order: remove it", key=f"{key}.{name}")
            )
        for stretch in _list(value[name]):
            if not _is_stretch(stretch):
                raise _write(f"{key}.{name}", stretch, "[[120, 240]]")
            stretches.append((stretch[0], stretch[1]))
    return tuple(sorted(stretches))


def _is_stretch(value: Any) -> bool:
    numbers = isinstance(value, list | tuple) and len(value) == 2 and all(type(item) is int for item in value)
    return numbers and 1 <= value[0] <= value[1]


def _rules(value: Any, key: str) -> tuple[Rule, ...]:
    """Read rules that tell records by the values of their columns."""
    rules = []
    for raw in _list(value):
        if not isinstance(raw, dict):
            raise _write(key, raw, f"[[{key}]]")
        _known_keys(raw, {"where", "says"}, f"{key}.")
        if not raw.get("where"):
            raise _lacks(key, "where")
        rules.append(Rule(_where(raw["where"], f"{key}.where"), _text(raw, "says", "")))
    return tuple(rules)


def _where(value: Any, key: str) -> Map[str, frozenset[str]]:
    if not isinstance(value, dict):
        raise _write(key, value, '{ "Status" = ["preview", "test"] }')
    return {column: _missing(values) for column, values in value.items()}


def _reading(value: Any) -> Reading:
    if not isinstance(value, dict):
        raise _write("file", value, "[file]")
    _known_keys(value, {"encoding", "delimiter", "sheet", "before_header", "after_header"}, "file.")
    delimiter = _text(value, "delimiter", "")
    if len(delimiter) > 1:
        raise _write("file.delimiter", delimiter, '";"')
    counts = [value.get(key, 0) for key in ("before_header", "after_header")]
    if not all(isinstance(count, int) and 0 <= count <= 1000 for count in counts):
        raise WrongMapping(Said("file.before_header and file.after_header are whole numbers from 0 to 1000"))
    return Reading(_text(value, "encoding", ""), delimiter, _text(value, "sheet", ""), *counts)


_ANSWER_KEYS = {
    "code", "column", "columns", "measure", "scale", "map", "missing", "unknown", "once_per", "claimed", "strength",
    "where",
}  # fmt: skip


def _answers(value: Any) -> tuple[AnswerColumn, ...]:
    answers = tuple(_answer(raw, f"answers[{place}]") for place, raw in enumerate(_list(value), start=1))
    codes = [answer.code for answer in answers]
    for code in codes:
        if codes.count(code) > 1:
            raise WrongMapping(Said("two answers have the code '%(code)s': give each a code of its own", code=code))
    return answers


def _answer(raw: Any, where: str) -> AnswerColumn:
    if not isinstance(raw, dict):
        raise _write(where, raw, "[[answers]]")
    _known_keys(raw, _ANSWER_KEYS, f"{where}.")
    column = _text(raw, "column", "")
    measure = _text(raw, "measure", "")
    columns = _strings(raw.get("columns", {}), f"{where}.columns")
    if bool(column) == bool(columns):
        raise _lacks(where, "column")
    if columns and not raw.get("code"):
        raise _lacks(where, "code")
    if columns and (measure or "scale" in raw):
        raise WrongMapping(Said("%(key)s: choices in columns of their own have no measure and no scale", key=where))
    if raw.get("unknown", "") not in ("", KEEP, REJECT):
        raise _none_of(f"{where}.unknown", raw["unknown"], (REJECT, KEEP))
    answer = AnswerColumn(
        code=_text(raw, "code", "") or measure or column[:60],
        column=column,
        columns=columns,
        measure=measure,
        scale=_scale(raw["scale"], f"{where}.scale") if "scale" in raw else None,
        map=_strings(raw.get("map", {}), f"{where}.map"),
        missing=_missing(raw.get("missing", [])),
        unknown=_text(raw, "unknown", ""),
        once_per=_text(raw, "once_per", ""),
        claimed=_cell(raw["claimed"], f"{where}.claimed", True) if "claimed" in raw else Cell(),
        strength=_text(raw, "strength", ""),
        where=_where(raw.get("where", {}), f"{where}.where"),
    )
    _check_length(answer.code, _LONGEST_CODE, f"{where}.code")
    _check_length(measure, _LONGEST_MEASURE, f"{where}.measure")
    _check_length(answer.scale.code if answer.scale else "", _LONGEST_CODE, f"{where}.scale.code")
    _check_measure(answer, where)
    return answer


#: as many characters as a code, and the name of a measure, may have
_LONGEST_CODE, _LONGEST_MEASURE = 60, 40


def _check_length(text: str, most: int, key: str) -> None:
    if len(text) > most:
        raise WrongMapping(Said("%(key)s is longer than %(most)s characters: shorten it", key=key, most=most))


def _check_measure(answer: AnswerColumn, where: str) -> None:
    official = terms.OFFICIAL_SCALE.get(answer.measure)
    if answer.measure and answer.scale is None and answer.measure != terms.MeasureName.EMOTION:
        raise WrongMapping(
            Said(
                "%(key)s: the measure %(measure)s needs a scale; it is never guessed from the values",
                key=where,
                measure=answer.measure,
            )
        )
    if official and answer.scale and answer.scale.code != official:
        raise WrongMapping(
            Said(
                "%(key)s: %(measure)s is defined on the scale %(official)s; on %(scale)s it is another measure, "
                "so give it another name",
                key=where,
                measure=answer.measure,
                official=official,
                scale=answer.scale.code,
            )
        )


_SCALE_KEYS = {"code", "low", "high", "step", "reversed", "poor_to", "good_from", "labels", "missing"}


def _scale(value: Any, where: str) -> Scale:
    if isinstance(value, str):
        if value not in SCALES:
            raise WrongMapping(
                Said(
                    "%(key)s = %(value)s: use one of %(known)s, or declare it as %(example)s",
                    key=where,
                    value=repr(value),
                    known=", ".join(SCALES),
                    example=OWN_SCALE,
                )
            )
        return SCALES[value]
    if not isinstance(value, dict):
        raise _write(where, value, OWN_SCALE)
    _known_keys(value, _SCALE_KEYS, f"{where}.")
    for key in ("code", "low", "high"):
        if key not in value:
            raise _lacks(where, key)
    numbers = {key: value[key] for key in ("low", "high", "step", "poor_to", "good_from") if key in value}
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers.values()):
        raise WrongMapping(Said("%(key)s: low, high, step, poor_to and good_from are numbers", key=where))
    if value["high"] <= value["low"] or value.get("step", 1) <= 0:
        raise WrongMapping(Said("%(key)s: high must be above low, and the step above 0", key=where))
    if value["code"] in SCALES:
        raise WrongMapping(
            Said(
                "%(key)s: '%(code)s' is the name of a scale that is known; choose another",
                key=where,
                code=value["code"],
            )
        )
    return Scale(
        code=_text(value, "code", ""),
        low=float(value["low"]),
        high=float(value["high"]),
        step=float(value.get("step", 1)),
        reversed_=_flag(value, "reversed"),
        poor_to=_float(value.get("poor_to")),
        good_from=_float(value.get("good_from")),
        labels=dict(_strings(value.get("labels", {}), f"{where}.labels")),
        missing=tuple(str(item) for item in _list(value.get("missing", []))),
    )


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
