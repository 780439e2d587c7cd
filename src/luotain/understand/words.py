"""Which words one group of people uses and another does not, and how much of it is more than chance.

Words are counted by *people*: who writes "queue" five times counts once, or one angry letter makes a theme. They are
ranked by Monroe's log-odds (see :mod:`luotain.understand.keyness`). What may be claimed is another matter, because
people of one unit share words: pooled tests call 18–67 % of words different where units merely differ among
themselves. So a claim rests on *units*: the square root of each unit's share of people with the word, compared between
the two sides by Welch's test (1947), and of many words by Benjamini & Hochberg (1995).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from luotain.language.identify import identify
from luotain.understand.given import BadInput, TooFewAnswers, given
from luotain.understand.interval import wilson_interval
from luotain.understand.keyness import keyness
from luotain.understand.results import Result, result
from luotain.understand.segments import adjust
from luotain.understand.text.lemmas import lemmas

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: what is said of a word
CLAIMED: Final = "claimed"
RANKED: Final = "ranked"

AUTO: Final = "auto"
#: under so many units on a side nothing is claimed
UNITS_A_SIDE: Final = 10
#: of what is claimed, so much may be chance
ACCEPTED: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Counted:
    """Who uses which words: one entry for each person and word."""

    words: list[str]
    #: of each entry
    person: Ints
    word: Ints
    #: of each person
    side: Ints
    unit: Ints


def words(
    table: Any,
    *,
    text: str,
    group: str,
    unit: str | None,
    language: str | None = None,
    respondent: str | None = None,
    sides: tuple[Any, Any] | None = None,
    least: int = 5,
    without: Collection[str] = (),
    prior: float = 500,
) -> Result:
    """Return which words are characteristic of one group of people against another.

    Parameters
    ----------
    table
        One row for each text: a data frame, an Arrow or Ibis table, a dictionary of columns, or the path of a Parquet
        or CSV file. Rows without a text are passed over.
    text
        The column of texts.
    group
        The column that says which side a text belongs to.
    unit
        The column of units (teams, companies) whose people share words; ``None``: words are ranked and none is claimed.
    language
        A column of two-letter codes, a code that holds for all texts ("fi"), ``"auto"`` to tell it from each text, or
        ``None``: words count as they are written, not by their base forms.
    respondent
        The column that tells people apart; without it every row is a person.
    sides
        Which two values of ``group`` are compared; needed where there are more.
    least
        Words that fewer people use are passed over.
    without
        Words (in their base form) that are passed over, such as
        :data:`~luotain.understand.text.lemmas.SMALL_WORDS`.
    prior
        How many words the prior of the ranking weighs.

    Returns
    -------
    One row for each word, the most characteristic first: ``word``, ``side`` (whose word it is), ``count_first``,
    ``count_second`` (people who use it), ``share_first``, ``share_second`` (of all people of the side, 0 to 1), with
    ``low`` and ``high`` of the own side's share (Wilson 1927), ``delta``, ``z``, ``p`` and ``q`` (of units; ``None``
    where nothing can be claimed), ``verdict`` ("claimed" or "ranked"), ``n`` (people of the own side) and ``method``.
    Facts: ``first``, ``second``, ``n_first``, ``n_second`` (people), ``units_first``, ``units_second``, ``provable``
    (whether both sides have the ten units that a claim takes), ``left_out`` (rows without text or side).

    Raises
    ------
    BadInput
        Where ``group`` has not two sides, or one that ``sides`` does not name.
    TooFewAnswers
        Where a side has no texts.

    Examples
    --------
    >>> import luotain
    >>> told = {"text": ["jono oli pitkä", "pitkä jono", "hyvä ruoka", "ruoka oli hyvää"], "mood": ["-", "-", "+", "+"]}
    >>> found = luotain.words(told, text="text", group="mood", unit=None, language="fi", least=2)
    >>> sorted((row.word, row.side) for row in found if row.z)
    [('hyvä', '+'), ('jono', '-'), ('pitkä', '-'), ('ruoka', '+')]
    """
    taken = given(table, text, group, unit, respondent, language if _is_column(table, language) else None)
    texts, told = taken.texts(text), taken.values(group)
    first, second = _two_sides(group, told, sides)
    spoken = _languages(texts, language, taken.texts if language in taken.columns else None)
    kept = [
        at for at, (own, side) in enumerate(zip(texts, told, strict=True)) if own.strip() and side in (first, second)
    ]
    units = taken.values(unit) if unit else [None] * len(texts)
    people = taken.values(respondent) if respondent else [None] * len(texts)
    counted = _count(kept, texts, spoken, [told[at] == second for at in kept], units, people)
    many = np.bincount(counted.side, minlength=2)
    if not many.all():
        empty = first if not many[0] else second
        raise TooFewAnswers(f"{group} {empty!r} has no texts: nothing can be compared")
    columns, facts = _compared(counted, (first, second), many, (least, without), prior, unit is not None)
    facts |= {"left_out": len(texts) - len(kept)}
    return result("words", columns, facts=facts, notes=_notes(facts, bool(unit)))


def _is_column(table: Any, language: str | None) -> bool:
    return bool(language) and language != AUTO and language in given(table).columns


def _two_sides(group: str, told: Sequence[Any], sides: tuple[Any, Any] | None) -> tuple[Any, Any]:
    there = sorted({each for each in told if each is not None}, key=str)
    if sides is None and len(there) == 2:
        return there[0], there[1]
    listed = ", ".join(map(str, there[:10])) or "nothing"
    if sides is None:
        raise BadInput(f"column {group!r} has {len(there)} values ({listed}): name the two that are compared as sides")
    # A side that was typed is a text, whatever the column holds.
    named = {str(each): each for each in there}
    if any(str(each) not in named for each in sides) or sides[0] == sides[1]:
        raise BadInput(f"column {group!r} has no two sides {sides[0]!r} and {sides[1]!r}; there is {listed}")
    return named[str(sides[0])], named[str(sides[1])]


def _languages(texts: Sequence[str], language: str | None, column: Callable[[str], list[str]] | None) -> Sequence[str]:
    if column is not None and language is not None:
        return [each[:2].lower() for each in column(language)]
    if language == AUTO:
        return [identify(each) for each in texts]
    if language and not (len(language) == 2 and language.isalpha()):
        raise BadInput(f'language is a column, a code of two letters or "{AUTO}", not {language!r}')
    return [(language or "").lower()] * len(texts)


def _count(
    kept: Sequence[int], texts: Sequence[str], spoken: Sequence[str], on_second: Sequence[bool],
    units: Sequence[Any], people: Sequence[Any],
) -> _Counted:  # fmt: skip
    """Count who uses which words. Who stands on both sides is a person on each."""
    known: dict[Any, int] = {}
    numbers: dict[str, int] = {}
    of_units: dict[Any, int] = {}
    side: list[int] = []
    unit: list[int] = []
    who, which = array("q"), array("q")
    for at, second in zip(kept, on_second, strict=True):
        name = (object() if people[at] is None else people[at], second)
        person = known.setdefault(name, len(known))
        if person == len(side):
            side.append(int(second))
            unit.append(-1 if units[at] is None else of_units.setdefault((units[at], second), len(of_units)))
        for word in set(lemmas(texts[at], spoken[at])):
            who.append(person)
            which.append(numbers.setdefault(word, len(numbers)))
    size = max(len(numbers), 1)
    # Each person and word once, in how many texts they ever stand together.
    once = np.unique(np.array(who, np.int64) * size + np.array(which, np.int64))
    return _Counted(list(numbers), once // size, once % size, np.array(side, np.int64), np.array(unit, np.int64))


def _compared(
    counted: _Counted,
    sides: tuple[Any, Any],
    many: Ints,
    passed: tuple[int, Collection[str]],
    prior: float,
    by_units: bool,
) -> tuple[dict[str, Any], dict[str, Any]]:
    size = len(counted.words)
    counts = np.stack([np.bincount(counted.word[counted.side[counted.person] == at], minlength=size) for at in (0, 1)])
    least, without = passed
    spoken = np.array([word not in without for word in counted.words], bool)
    chosen = np.flatnonzero((counts.sum(axis=0) >= max(1, least)) & spoken)
    units = _units_of(counted)
    provable = by_units and min(units) >= UNITS_A_SIDE
    facts = {
        "first": sides[0], "second": sides[1], "n_first": int(many[0]), "n_second": int(many[1]),
        "units_first": units[0], "units_second": units[1], "provable": provable,
    }  # fmt: skip
    found = keyness(counts[0], max(int(counts[0].sum()), 1), counts[1], max(int(counts[1].sum()), 1), prior=prior)
    chosen = chosen[np.argsort(-np.abs(found.z[chosen]), kind="stable")]
    z, a, b = found.z[chosen], counts[0, chosen], counts[1, chosen]
    p = _welch(counted, chosen, units) if provable else np.full(len(chosen), np.nan)
    told = ~np.isnan(p)
    q = np.full(len(chosen), np.nan)
    q[told] = adjust(p[told]) if told.any() else q[told]
    own = np.where(z >= 0, 0, 1)
    low, high = wilson_interval(np.where(own == 0, a, b), many[own])
    columns = {
        "word": [counted.words[at] for at in chosen], "side": [sides[at] for at in own], "count_first": a,
        "count_second": b, "share_first": a / many[0], "share_second": b / many[1], "low": low, "high": high,
        "delta": found.delta[chosen], "z": z, "p": p, "q": q,
        "verdict": [CLAIMED if each <= ACCEPTED else RANKED for each in q], "n": many[own],
        "method": ["log-odds"] * len(chosen),
    }  # fmt: skip
    return columns, facts


def _units_of(counted: _Counted) -> tuple[int, int]:
    told = counted.unit >= 0
    first, second = (len(np.unique(counted.unit[told & (counted.side == at)])) for at in (0, 1))
    return first, second


def _welch(counted: _Counted, chosen: Ints, units: tuple[int, int]) -> Floats:
    """Return, for each chosen word, the p-value of Welch's test on the square roots of the units' shares."""
    told = counted.unit >= 0
    people = np.bincount(counted.unit[told])
    place = np.full(len(counted.words), -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    entries = (place[counted.word] >= 0) & told[counted.person]
    pair = place[counted.word[entries]] * len(people) + counted.unit[counted.person[entries]]
    pairs, using = np.unique(pair, return_counts=True)
    word, unit = np.divmod(pairs, len(people))
    side_of_unit = np.zeros(len(people), np.int64)
    side_of_unit[counted.unit[told]] = counted.side[told]
    share = using / people[unit]
    means, errors = [], []
    for side, many in enumerate(units):
        own = side_of_unit[unit] == side
        # A unit without the word has a share of zero, which adds nothing to either sum.
        mean = np.bincount(word[own], np.sqrt(share[own]), minlength=len(chosen)) / many
        squares = np.bincount(word[own], share[own], minlength=len(chosen))
        means.append(mean)
        errors.append(np.maximum(squares - many * mean**2, 0) / (many - 1) / many)
    return _two_sided(means[0] - means[1], errors[0], errors[1], units)


def _two_sided(gap: Floats, first: Floats, second: Floats, units: tuple[int, int]) -> Floats:
    whole = first + second
    none = whole <= 1e-15
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = whole**2 / (first**2 / (units[0] - 1) + second**2 / (units[1] - 1))
        p = 2 * stdtr(freedom, -np.abs(gap) / np.sqrt(whole))
    # Without any spread the test says nothing: alike everywhere is no difference, and apart everywhere is no chance.
    return np.asarray(np.where(none, np.where(np.abs(gap) < 1e-12, 1.0, 0.0), p), float)


def _notes(facts: dict[str, Any], by_units: bool) -> tuple[str, ...]:
    told = [
        not facts["provable"]
        and (
            f"Ranked, not proven: a claim takes {UNITS_A_SIDE} units a side, and there are "
            f"{facts['units_first']} and {facts['units_second']}."
            if by_units
            else "Ranked, not proven: without units chance cannot be told."
        ),
        facts["left_out"] and f"{facts['left_out']} rows without a text or a side were left out.",
    ]
    return tuple(each for each in told if each)
