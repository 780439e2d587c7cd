"""How an action is shown: its weeks as a chart with its table, its checks in plain words, its verdict explained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils import formats
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from luotain.improve.charts import Line, series_chart
from luotain.server.models.improve import Effect
from luotain.server.operations.improve.shown import ActionLine, ActionSheet
from luotain.server.web.numbers import interval_words
from luotain.terms import CheckOutcome, EffectCheck, EvidenceLevel, Verdict, measure_words

#: what each check means, where it is in order and where not
_MEANS: dict[str, tuple[object, object]] = {
    EffectCheck.SEAL: (
        gettext_lazy("Nothing has been changed since the registration was sealed."),
        gettext_lazy("The registration was changed after it was sealed, so no verdict is given."),
    ),
    EffectCheck.WEEKS: (
        gettext_lazy("There are enough weeks on both sides of the start."),
        gettext_lazy("There are too few weeks to tell: at least 8 before and 6 after are needed."),
    ),
    EffectCheck.ANSWERS: (
        gettext_lazy("Every week rests on enough answers."),
        gettext_lazy("Most weeks rest on fewer than 5 answers; their figures jump by chance."),
    ),
    EffectCheck.PRE_TREND: (
        gettext_lazy("Before the start both moved alike: the difference did not drift."),
        gettext_lazy("The difference was already moving before the start; what came after may be more of the same."),
    ),
    EffectCheck.PLACEBO: (
        gettext_lazy("With a made-up start in the middle of the earlier weeks there is no effect, as it should be."),
        gettext_lazy("Even a made-up start shows an “effect”; so the real one proves nothing."),
    ),
    EffectCheck.BAD_WEEK: (
        gettext_lazy("The weeks before the start were usual ones."),
        gettext_lazy(
            "The start followed an unusual week; after such a week the next ones are nearer to the usual anyway."
        ),
    ),
    EffectCheck.CONTROL: (
        gettext_lazy("Where nothing was done, nothing changed."),
        gettext_lazy("The control changed too, or there is none. The comparison takes off what both share."),
    ),
    EffectCheck.OWN_ACTION: (
        gettext_lazy("No other registered action ran at the control meanwhile."),
        gettext_lazy(
            "Another action ran at the control meanwhile, so it does not show what would have happened anyway."
        ),
    ),
    EffectCheck.SERIAL: (
        gettext_lazy("A week does not resemble the one before it more than chance would have it."),
        gettext_lazy("Neighbouring weeks resemble each other, so the interval may be too narrow."),
    ),
}
_UNKNOWN = gettext_lazy("There is too little to look at.")

_VERDICTS: dict[str, object] = {
    Verdict.CONFIRMED: gettext_lazy(
        "The change is real, worth having, and as large as expected as far as can be told."
    ),
    Verdict.SMALLER: gettext_lazy("There is a change for the better, but not the one that was expected."),
    Verdict.NO_EVIDENCE: gettext_lazy("No change can be told from chance, and the expected one is ruled out."),
    Verdict.OPPOSITE: gettext_lazy("The figure changed for the worse."),
    Verdict.CANNOT_TELL: gettext_lazy(
        "Neither “nothing” nor the expected change can be ruled out, or a check forbids a verdict. "
        "That is a result too."
    ),
}

_EVIDENCE: dict[str, object] = {
    EvidenceLevel.A: gettext_lazy("Who was treated was drawn by lot: other causes are shut out but for chance."),
    EvidenceLevel.B: gettext_lazy(
        "Compared with a control that moved alike before. "
        "Something else that befell only this touchpoint, at the same time, would look the same."
    ),
    EvidenceLevel.C: gettext_lazy("Compared with a control composed of many places."),
    EvidenceLevel.D: gettext_lazy("Compared with its own earlier course, without a control."),
    EvidenceLevel.E: gettext_lazy("Observed, not verified: what would have happened anyway is not known."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One check in plain words."""

    name: str
    outcome: str
    chip: str
    meaning: object
    figure: str


@dataclass(frozen=True, slots=True)
class Table:
    """A chart's data, as the shared chart component wants it."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


_CHIPS = {CheckOutcome.PASSED: "good", CheckOutcome.NOTED: "warn", CheckOutcome.FAILED: "bad"}


def checks_in_words(effect: Effect, *, sealed: bool) -> list[Row]:
    """Return the checks of an effect, those that forbid a verdict first.

    ``sealed`` is whether the registration is as sealed now: it may have been changed after the effect was reckoned.
    """
    language = get_language() or "en"
    order = {CheckOutcome.FAILED.value: 0, CheckOutcome.NOTED.value: 1}
    rows = []
    looked_at = [
        {**check, "outcome": CheckOutcome.FAILED.value} if check["name"] == EffectCheck.SEAL and not sealed else check
        for check in effect.checks
    ]
    for check in sorted(looked_at, key=lambda each: order.get(each["outcome"], 2)):
        outcome, name = CheckOutcome(check["outcome"]), EffectCheck(check["name"])
        good, bad = _MEANS[name]
        meaning = good if outcome is CheckOutcome.PASSED else _UNKNOWN if outcome is CheckOutcome.UNKNOWN else bad
        rows.append(
            Row(name.label(language), outcome.label(language), _CHIPS.get(outcome, "plain"), meaning, _figure(check))
        )
    return rows


def _figure(check: dict[str, Any]) -> str:
    """Return a check's figure as a person reads it; counts without an interval, slopes and changes with one."""
    name, value, low, high = (check.get(key) for key in ("name", "value", "low", "high"))
    if value is None or name == EffectCheck.SEAL:
        return ""
    if name == EffectCheck.WEEKS:
        return _("%(before)s before, %(after)s after") % {"before": _number(low, 0), "after": _number(high, 0)}
    if name == EffectCheck.ANSWERS:
        return _("%(number)s in the middle week") % {"number": _number(value, 0)}
    if name == EffectCheck.BAD_WEEK and check["outcome"] == CheckOutcome.NOTED and float(value).is_integer():
        return _("%(number)s weeks left out") % {"number": _number(value, 0)}
    if name == EffectCheck.BAD_WEEK:
        return _("%(number)s standard deviations") % {"number": _number(value, 1)}
    if low is None or high is None:
        return _("correlation %(number)s") % {"number": _number(value, 2)}
    digits = 2 if name == EffectCheck.PRE_TREND else 1
    shown = f"{_number(value, digits)} {interval_words(_number(low, digits), _number(high, digits))}"
    return _("%(figure)s a week") % {"figure": shown} if name == EffectCheck.PRE_TREND else shown


def _number(value: float | None, digits: int) -> str:
    if value is None:
        return "–"
    return str(formats.number_format(round(value, digits), digits)).replace("-", "\N{MINUS SIGN}")


def verdict_in_words(effect: Effect) -> object:
    """Return what the verdict means."""
    return _VERDICTS[effect.verdict]


def evidence_in_words(effect: Effect) -> object:
    """Return what the level of evidence proves, and what it does not."""
    return _EVIDENCE[effect.evidence]


def scale_of(lines: Iterable[ActionLine]) -> float:
    """Return the half-width of the one scale on which all effects of a list are drawn."""
    ends: list[float] = [
        abs(end)
        for line in lines
        for end in (
            line.action.expected_effect,
            *((line.effect.low, line.effect.high) if line.effect else ()),
        )
        if end is not None
    ]
    return max([*ends, 5.0]) * 1.05


def weeks_chart(sheet: ActionSheet) -> tuple[str, Table] | None:
    """Return the chart of both series and its table; ``None`` while there are no weeks."""
    if not sheet.treated or sheet.window is None:
        return None
    sides = [(str(sheet.action.touchpoint), sheet.treated)]
    if sheet.control:
        sides.append((str(sheet.action.control_touchpoint), sheet.control))
    lines = tuple((name, tuple(tuple(row) for row in rows)) for name, rows in sides)
    words = (
        ("week", _("week that begins")),
        ("value", measure_words(sheet.action.measure, get_language() or "en")),
        ("start", pgettext("of an action", "start")),
    )
    decimal = str(formats.get_format("DECIMAL_SEPARATOR"))
    return _svg(lines, sheet.window.start, words, decimal), _table(sides)


@lru_cache(maxsize=64)
def _svg(
    lines: tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...],
    start: date,
    words: tuple[tuple[str, str], ...],
    decimal: str,
) -> str:
    drawn = [Line(name, [(date.fromisoformat(day), value, n) for day, value, n in rows]) for name, rows in lines]
    return series_chart(drawn, start=start, words=dict(words), decimal=decimal)


def _table(sides: Sequence[tuple[str, Sequence[Sequence[Any]]]]) -> Table:
    columns = [_("week that begins")]
    weeks: dict[str, list[str]] = {}
    for at, (name, rows) in enumerate(sides):
        columns += [name, "n"]
        for day, value, n in rows:
            shown = weeks.setdefault(str(day), ["–"] * (2 * len(sides)))
            shown[2 * at : 2 * at + 2] = [_number(value, 1), _number(n, 0)]
    ordered = sorted(weeks.items(), reverse=True)
    return Table(columns, [[formats.date_format(date.fromisoformat(day), "j.n.Y"), *row] for day, row in ordered])
