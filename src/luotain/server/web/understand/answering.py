"""Response rate and score: what goes together between rounds and within them, and what nobody can know."""

from __future__ import annotations

from math import isinf
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luotain.server.operations.understand.answering import AnsweringPage, answering_page, asking_programmes
from luotain.server.web.access import reach_of
from luotain.server.web.numbers import number, unit_words
from luotain.server.web.understand.measures import Choice, one_of
from luotain.understand.answering import CORRELATIONS
from luotain.understand.estimate import PER_CENT, POINTS, SHARE, Cell

_USUAL: Final = "0.05"
#: correlations below this are written with three decimals
_FINE: Final = 0.01


@require_safe
def response(request: HttpRequest) -> HttpResponse:
    """One programme's response rate and score; another is chosen by the address."""
    reach = reach_of(request)
    programmes = asking_programmes(reach=reach)
    if not programmes:
        return render(request, "understand/response.html", {"programmes": []})
    chosen = one_of(request, "programme", [row.code for row in programmes], programmes[0].code)
    correlation = one_of(request, "rho", [f"{each:g}" for each in CORRELATIONS], _USUAL)
    programme = next(row for row in programmes if row.code == chosen)
    page = answering_page(programme, correlation=float(correlation), reach=reach, now=timezone.now())
    context = {
        "programmes": [Choice(row.code, str(row), row.code == chosen) for row in programmes],
        "correlations": [
            Choice(f"{each:g}", _of_correlation(each), f"{each:g}" == correlation) for each in CORRELATIONS
        ],
        "page": page,
        "groups": [(page.names.get(code, code), *told) for code, *told in page.weighted.groups],
        "difference": _difference(page.halves.difference),
        **_what_if(page),
    }
    return render(request, "understand/response.html", context)


def _of_correlation(value: float) -> str:
    words = {0.0: _("not at all (as by lot)"), 0.01: _("hardly"), 0.05: _("somewhat"), 0.2: _("strongly")}
    written = f"ρ {number(value, 3 if 0 < value < _FINE else 2)}"
    return f"{written}: {words[value]}" if value in words else written


def _difference(cell: Cell | None) -> dict[str, Any] | None:
    """Return a difference for the page: shares in percentage points."""
    if cell is None or cell.value is None or cell.low is None or cell.high is None:
        return None
    times = 100 if cell.unit == SHARE else 1
    return {
        "value": times * cell.value, "low": times * cell.low, "high": times * cell.high, "unit": _steps(cell.unit),
        "n": cell.n,
    }  # fmt: skip


def _steps(unit: str) -> str:
    return _("percentage points") if unit == SHARE else _("points") if unit == POINTS else _("steps of the scale")


def _what_if(page: AnsweringPage) -> dict[str, Any]:
    """Return the bounds and the defect in the words of the page."""
    figure = page.figure
    if figure is None:
        return {}
    times = 100 if figure.unit == SHARE else 1
    unit = unit_words(PER_CENT if figure.unit == SHARE else figure.unit)
    found: dict[str, Any] = {"unit": unit, "steps": _steps(figure.unit)}
    if page.bounds:
        found["bounds"] = [
            number(times * each, 0 if figure.unit else 1) + (unit if unit == "%" else "") for each in page.bounds
        ]
    if page.defect and figure.value is not None:
        whole = page.defect.as_good_as
        found["as_good_as"] = None if isinf(whole) else number(min(whole, figure.n), 0)
        found["rho"] = number(page.defect.correlation, 3 if page.defect.correlation < _FINE else 2)
        found["off"] = number(times * page.defect.off, 1)
        found["no_better"] = not isinf(whole) and whole >= figure.n
    return found
