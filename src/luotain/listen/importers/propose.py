"""A first mapping for a file that comes without one: what can be seen is filled in, what must be known is asked.

A measure is never guessed from a range of numbers: 1–5 can be satisfaction, ease, a reversed test or a floor plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from luotain.language.said import Said
from luotain.listen.answering import number
from luotain.listen.importers.mapping import OWN_SCALE, REQUIRED
from luotain.listen.importers.toml import comment, quoted
from luotain.listen.importers.values import slug
from luotain.terms import ImportKind

_SAMPLE = 300
_DATE_FORMATS = (
    "iso", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%Y", "%d.%m.%y", "%Y/%m/%d",
    "%d-%m-%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y %H.%M",
    "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M:%S UTC", "%b %d, %Y %I:%M %p", "%d %b %Y %H:%M", "%b %d, %Y",
)  # fmt: skip
_PERSONAL = re.compile(
    r"e-?mail|phone|puhelin|telefon|^name$|(customer|first|last|full|user|respondent)[ _]?name|nimi$|namn$|author$"
    r"|author|address|osoite|\bip\b|ipaddress|latitude|longitude"
    r"|hetu|ssn|birth|recipient",
    re.IGNORECASE,
)
_NO_RATING = re.compile(r"month|quarter|year|week|count|number|kuukausi|vuosi|viikko|månad|år$|vecka", re.IGNORECASE)
_SAYS_NOTHING = frozenset({"", "na", "n/a", "null", "none", "-", "don't know", "did not answer"})
_LONG_TEXT = 40
_FEW_RATINGS, _FEW_GROUPS = 21, 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping to begin with, and what a person must decide in it."""

    toml: str
    questions: tuple[Said, ...]
    #: what a person should know of it
    notes: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What the first records say in one column, cells that say nothing aside."""

    name: str
    told: tuple[str, ...]

    @property
    def different(self) -> set[str]:
        """What is said, each once."""
        return set(self.told)


def propose(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    source: str,
    touchpoint: str = "",
    say: Callable[[Said], str] = str,
) -> Proposal:
    """Propose a mapping of feedback from the first records of a file.

    Parameters: ``columns`` and the first ``rows`` of the table; ``source`` names where they come from,
    ``touchpoint`` where they were given, if that is known; ``say`` puts
    the mapping's comments into the reader's language. The proposal is valid TOML; every open question stands in it
    as "?", which no import accepts.
    """
    seen = [
        Told(name, tuple(row[place].strip() for row in rows[:_SAMPLE] if _tells(row[place])))
        for place, name in enumerate(columns)
    ]
    questions: list[Said] = []
    lines = ['kind = "feedback"', f"source = {quoted(slug(source) or 'import')}"]
    used = _top(seen, len(rows[:_SAMPLE]), touchpoint, lines, questions, say)
    personal = [c.name for c in seen if c.name not in used and _PERSONAL.search(c.name)]
    if personal:
        lines.append(comment(say(Said("Looks like personal data: left out."))))
        lines.append(f"drop = [{', '.join(map(quoted, personal))}]")
    rest = [c for c in seen if c.name not in used and c.name not in personal and c.told]
    ratings = [c for c in rest if _is_rating(c)]
    groups = [
        c
        for c in rest
        if c not in ratings
        and not _NO_RATING.search(c.name)
        and 1 < len(c.different) <= min(_FEW_GROUPS, len(c.told) // 3 + 1)
    ]
    if groups:
        lines.append("\n[attributes]")
        lines += [f"{slug(c.name).replace('-', '_') or 'a'} = {quoted(c.name)}" for c in groups]
    for column in ratings:
        parts = _scales_apart(column.name, columns, rows[:_SAMPLE])
        lines += _answers_apart(column, parts, questions, say) if parts else _answer(column, questions, say)
    return Proposal("\n".join(lines) + "\n", tuple(questions))


def skeleton(kind: ImportKind, columns: Sequence[str], *, source: str, say: Callable[[Said], str] = str) -> Proposal:
    """Return the keys that a mapping of this kind needs, each still open, beside the columns of the file."""
    lines = [
        f'kind = "{kind}"',
        f"source = {quoted(slug(source) or 'import')}",
        comment(say(Said("The file has the columns: %(columns)s", columns=", ".join(columns)))),
    ]
    questions = []
    for key in REQUIRED[kind]:
        questions.append(Said("Which column of the file is %(key)s?", key=key))
        if key == "identifiers":
            lines.append('[identifiers]\ncustomer_id = "?"')
        elif key == "values":
            name = say(Said("name of the figure"))
            lines.append(f'[values]\n{quoted(name)} = "?"')
        else:
            lines.append(f'{key} = {{ column = "?" }}')
    return Proposal("\n".join(lines) + "\n", tuple(questions))


def _tells(cell: str) -> bool:
    return cell.strip().lower() not in _SAYS_NOTHING


def _top(
    seen: list[Told],
    count: int,
    touchpoint: str,
    lines: list[str],
    questions: list[Said],
    say: Callable[[Said], str],
) -> set[str]:
    """Write the id, the time, the place and the verbatim; return the columns that they took."""
    used: set[str] = set()
    for column in seen:
        if re.search(r"(^|[ _-])id$|^id[ _-]|tunnus$", column.name, re.IGNORECASE) and len(column.different) == count:
            lines.append(f"id = {quoted(column.name)}")
            used.add(column.name)
            break
    times = next((found for c in seen if c.name not in used and (found := find_times(c))), None)
    if times is None:
        lines.append('occurred_at = { column = "?" }')
        questions.append(Said("Which column tells when the feedback was given? Write it as the column of occurred_at."))
    else:
        column, formats = times
        used.add(column.name)
        if is_ambiguous(formats):
            questions.append(
                Said(
                    "Is '%(value)s' in '%(column)s' day first or month first? Leave the right ones in formats.",
                    value=column.told[0],
                    column=column.name,
                )
            )
            formats = ("?", *formats)
        lines.append(
            f"occurred_at = {{ column = {quoted(column.name)}, formats = [{', '.join(map(quoted, formats))}] }}"
        )
    lines.append(f"touchpoint = {{ value = {quoted(touchpoint or '?')}, create = true }}")
    if not touchpoint:
        questions.append(Said("At which touchpoint was it given? Write its code as the value of touchpoint."))
    texts = [c.name for c in seen if c.name not in used and _is_text(c)]
    if texts:
        lines.append(f"verbatim = [{', '.join(map(quoted, texts))}]")
    lines.append(comment(say(Said("true: bad experiences open cases as if they had come in today"))))
    lines.append("opens_cases = false")
    return used | set(texts)


def find_times(column: Told) -> tuple[Told, tuple[str, ...]] | None:
    """Return the column and the formats that read it, the fewest that are needed where none reads all."""
    if not column.told or any(cell.isdigit() for cell in column.told[:20]):
        return None
    reads = {form: {cell for cell in column.different if _parses(cell, form)} for form in _DATE_FORMATS}
    whole = tuple(form for form in _DATE_FORMATS if len(reads[form]) == len(column.different))
    if whole:
        return column, whole
    for four, two in (("%d/%m/%Y", "%d/%m/%y"), ("%m/%d/%Y", "%m/%d/%y"), ("%d.%m.%Y", "%d.%m.%y")):
        if len(reads[four] | reads[two]) == len(column.different):
            return column, (four, two)
    best = max(_DATE_FORMATS, key=lambda form: len(reads[form]))
    return (column, (best,)) if len(reads[best]) >= 0.9 * len(column.different) else None


def _parses(cell: str, form: str) -> bool:
    try:
        datetime.fromisoformat(cell) if form == "iso" else datetime.strptime(cell, form)
    except ValueError:
        return False
    return True


def is_ambiguous(formats: tuple[str, ...]) -> bool:
    """Tell whether the formats read a date both day first and month first."""
    return any(form.startswith("%d/%m") for form in formats) and any(form.startswith("%m/%d") for form in formats)


def _is_text(column: Told) -> bool:
    if not column.told:
        return False
    return sum(map(len, column.told)) / len(column.told) >= _LONG_TEXT and len(column.different) > len(column.told) / 2


def _is_rating(column: Told) -> bool:
    if _NO_RATING.search(column.name):
        return False
    try:
        values = {number(cell) for cell in column.different}
    except ValueError:
        return False
    return len(values) <= _FEW_RATINGS and all(0 <= value <= 100 for value in values)


#: where the scales that are in use end
_ENDS = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 10, 100})
_FEW_SCALES, _ENOUGH = 6, 3


def _scales_apart(
    name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[str, dict[str, list[float]]] | None:
    """Return the column by which several scales in one column can be told apart, and the values of each.

    Terminals with three, four and ten buttons often write into the same field (0–3, 0–4, 0–10): each kind of
    question, or of terminal, then ends at another value.
    """
    place = columns.index(name)
    for other, by in enumerate(columns):
        groups: dict[str, list[float]] = {}
        for row in rows:
            if other != place and _tells(row[place]) and row[other].strip():
                groups.setdefault(row[other].strip(), []).append(number(row[place]))
        ends = {max(values) for values in groups.values()}
        enough = all(values.count(max(values)) >= _ENOUGH for values in groups.values())
        if 1 < len(groups) <= _FEW_SCALES and len(ends) > 1 and ends <= _ENDS and enough:
            return by, groups
    return None


def _answers_apart(
    column: Told,
    parts: tuple[str, dict[str, list[float]]],
    questions: list[Said],
    say: Callable[[Said], str],
) -> list[str]:
    """Ask for each of several scales in one column."""
    by, groups = parts
    lines: list[str] = []
    for value, numbers in groups.items():
        met = Told(column.name, tuple(f"{one:g}" for one in numbers))
        lines += [*_answer(met, questions, say), f"where = {{ {quoted(by)} = {quoted(value)} }}"]
        lines[-5] = f"code = {quoted((slug(f'{column.name} {value}') or 'answer')[:60])}"
    shown = ", ".join(f"{min(numbers):g}–{max(numbers):g} ({value})" for value, numbers in groups.items())
    questions.append(
        Said(
            "'%(column)s' holds several scales, told apart by '%(by)s': %(scales)s. Declare each for itself.",
            column=column.name,
            by=by,
            scales=shown,
        )
    )
    return lines


def _answer(column: Told, questions: list[Said], say: Callable[[Said], str]) -> list[str]:
    values = sorted({number(cell) for cell in column.different})
    shown = ", ".join(f"{value:g}" for value in values[:12])
    questions.append(
        Said(
            "What does '%(column)s' (values met: %(values)s) measure, and on which scale? Write measure as nps, ces, "
            "csat, emotion or a name of your own, and scale as a code (nps_0_10, ces_1_7, csat_1_5, yes_no) or as "
            "%(example)s. If it is no rating, remove it.",
            column=column.name,
            values=shown,
            example=OWN_SCALE,
        )
    )
    met = Said("values met: %(values)s", values=shown)
    return [
        "\n[[answers]]",
        f"code = {quoted(slug(column.name) or 'answer')}",
        f"column = {quoted(column.name)}",
        f'measure = "?"  {comment(say(met))}',
        'scale = "?"',
    ]
