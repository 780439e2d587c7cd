"""What moves a figure, of the answers that stand side by side in one feedback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from luotain.language.said import Said
from luotain.server.operations.understand.figures import read, units_in
from luotain.server.operations.understand.pages import Question
from luotain.terms import MeasureName
from luotain.understand import answers
from luotain.understand.answers import Survey
from luotain.understand.drivers import drivers
from luotain.understand.estimate import RANK_FROM, NotComparable
from luotain.understand.given import BadInput, TooFewAnswers
from luotain.understand.measures import Limits, UnknownMeasure
from luotain.understand.priorities import Standing, standing
from luotain.understand.remember import Remembered
from luotain.understand.results import Result
from luotain.understand.tables import Tables

#: what is explained unless something else is chosen
TARGET: Final = MeasureName.NPS.value
#: of a survey's answers, so many have a measure beside the target before it counts as asked there
ASKED: Final = 0.25
#: elements of an experience whose weights are told apart, and what of them is claimed of emotion
ELEMENTS: Final = (MeasureName.EMOTION.value, MeasureName.CES.value, "speed", "efficiency", "ease")
CLAIMED_OF_EMOTION: Final = 2 / 3
#: a map of fewer drivers tells nothing that the list does not
FEWEST_ON_A_MAP: Final = 3
#: rows are drawn anew so often that the numbers drawn stay in bounds
_DRAWS: Final = (60, 400)
#: a page reads so many feedbacks, the newest: more would narrow the intervals by nothing that can be seen
MOST_ANSWERS: Final = 150_000
_ROWS_DRAWN: Final = 8_000_000
_SEED: Final = 1
_TOO_FEW: Final = Said("Too few have answered everything: choose fewer items or a longer period.")
_ALIKE: Final = Said("All answers are alike: there is no spread to explain.")
_results: Final = Remembered[Result](64)
_surveys: Final = Remembered[list[Survey]](64)


@dataclass(frozen=True, slots=True)
class DriversPage:
    """What was found of one survey; ``found`` is ``None`` where it cannot be told, for the reason in ``refusal``."""

    target: str
    surveys: tuple[Survey, ...]
    #: which of them is shown
    survey: Survey | None = None
    found: Result | None = None
    map: Standing | None = None
    refusal: Said | str = ""
    #: the weights of emotion, ease and speed, where a survey asks for them
    elements: Result | None = None
    items: tuple[str, ...] = field(default=())

    @property
    def cut(self) -> bool:
        """Whether older answers were left unread."""
        return self.found is not None and self.found.n + self.found.left_out >= MOST_ANSWERS

    @property
    def emotion(self) -> Any:
        """What is estimated of emotion's part, beside what is claimed of it."""
        rows = self.elements or ()
        return next((row for row in rows if row.driver == MeasureName.EMOTION.value), None)


def drivers_page(
    question: Question, *, target: str = TARGET, programme: str | None = None, items: Sequence[str] = ()
) -> DriversPage:
    """Return what moves a target in one survey, by what was answered beside it.

    Parameters
    ----------
    question
        Period, population and reach.
    target
        The measure that is explained.
    programme
        Code of the survey; ``None`` or an unknown one: the one that asks the most beside the target.
    items
        The drivers; none: all that the survey asks.
    """

    def ask(tables: Tables) -> DriversPage:
        limits = question.limits(tables)
        found = tuple(one for one in _told(tables, target, limits) if one.n)
        asking = [one for one in found if _asked(one)]
        survey = next((one for one in asking if one.programme == programme), asking[0] if asking else None)
        if survey is None:
            return DriversPage(target, found)
        page = _of_survey(tables, DriversPage(target, tuple(asking), survey), limits, items)
        return replace(page, elements=_elements(tables, asking, target, limits))

    return read(ask)


def _told(tables: Tables, target: str, limits: Limits) -> list[Survey]:
    key = (tables.version, target, repr(limits)) if tables.version is not None else None
    return _surveys.get(key, lambda: answers.surveys(tables, target, limits=limits))


def drivers_of(
    target: str,
    predictors: Sequence[str],
    *,
    where: dict[str, Any] | None = None,
    start: Any = None,
    end: Any = None,
    reach: Sequence[str] | None = None,
    **options: Any,
) -> Result:
    """Return :func:`luotain.drivers` of answers that stand side by side; without predictors, of all beside the target.

    ``where``, ``start``, ``end`` and ``reach`` are those of :func:`~luotain.server.operations.understand.measure`.
    Several answers of one customer are drawn together. Raises what :func:`luotain.drivers` raises, and UnknownMeasure,
    UnknownBreakdown and NotComparable as measures do.
    """

    def ask(tables: Tables) -> dict[str, Any]:
        limits = Limits(where, start, end, units_in(tables, reach))
        named = list(predictors) or _every(tables, target, limits)
        return answers.side_by_side(tables, [target, *named], limits=limits)

    columns = read(ask)
    named = [name for name in columns if name not in (target, "customer")]
    return drivers(columns, target=target, predictors=named, cluster="customer", **options)


def _every(tables: Tables, target: str, limits: Limits) -> list[str]:
    found = [_asked(one) for one in _told(tables, target, limits) if _asked(one)]
    if not found:
        raise UnknownMeasure(f"nothing was answered beside {target!r}: name another target, or a longer period")
    return found[0]


def _asked(survey: Survey) -> list[str]:
    return [name for name, n in survey.beside.items() if n >= ASKED * survey.n and n >= RANK_FROM]


def _of_survey(tables: Tables, page: DriversPage, limits: Limits, items: Sequence[str]) -> DriversPage:
    assert page.survey is not None
    offered = _asked(page.survey)
    chosen = [name for name in offered if name in items] or offered
    try:
        found = _found(tables, page.target, chosen, _within(limits, page.survey))
    except NotComparable as refusal:
        return replace(page, refusal=refusal.said, items=tuple(chosen))
    except TooFewAnswers:
        return replace(page, refusal=_TOO_FEW, items=tuple(chosen))
    except BadInput:
        return replace(page, refusal=_ALIKE, items=tuple(chosen))
    return replace(page, found=found, map=_map(tables, found), items=tuple(chosen))


def _map(tables: Tables, found: Result) -> Standing | None:
    """Return where the drivers stand that were asked on one scale: the one that most were asked on."""
    scales = Counter(scale for row in found if (scale := tables.one_scale(row.driver)))
    if not scales:
        return None
    scale = scales.most_common(1)[0][0]
    alike = [row for row in found if tables.one_scale(row.driver) == scale]
    return standing(alike) if len(alike) >= FEWEST_ON_A_MAP else None


def _within(limits: Limits, survey: Survey) -> Limits:
    if survey.programme == answers.NO_PROGRAMME:
        return limits
    return replace(limits, where={**(limits.where or {}), "programme": survey.programme})


def _elements(tables: Tables, surveys: Sequence[Survey], target: str, limits: Limits) -> Result | None:
    """Return the weights of emotion, ease and speed among all who were asked for them together."""
    emotion = MeasureName.EMOTION.value
    asking = [(one, [name for name in ELEMENTS if name in _asked(one)]) for one in surveys if emotion in _asked(one)]
    asking = [(one, named) for one, named in asking if len(named) > 1]
    if not asking or target == emotion:
        return None
    _, named = max(asking, key=lambda each: (len(each[1]), each[0].n))
    try:
        return _found(tables, target, named, limits)
    except (BadInput, NotComparable):
        return None


def _found(tables: Tables, target: str, names: Sequence[str], limits: Limits) -> Result:
    key = (tables.version, target, tuple(names), repr(limits)) if tables.version is not None else None
    return _results.get(key, lambda: _drawn(tables, target, names, limits))


def _drawn(tables: Tables, target: str, names: Sequence[str], limits: Limits) -> Result:
    columns = answers.side_by_side(tables, [target, *names], limits=limits, most=MOST_ANSWERS)
    few, many = _DRAWS
    draws = max(few, min(many, _ROWS_DRAWN // max(len(columns[target]), 1)))
    return drivers(columns, target=target, predictors=names, cluster="customer", bootstrap=draws, seed=_SEED)
