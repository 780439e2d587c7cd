"""The component gallery at /look/: every shared component on one page, to be looked at. Only while developing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from luotain import palette
from luotain.understand.estimate import Cell

POINTS: Final = tuple(
    (20 + step % 5 + step / 2, 14 + step % 5 + step / 2, 26 + step % 5 + step / 2) for step in range(24)
)
WORDS: Final = (
    ("fi", "Jono oli pitkä, mutta Sanna löysi laukkuni ja soitti vielä illalla. Kiitos!"),
    ("sv", "Fakturan gick inte att förstå. Jag ringde tre gånger och fick tre olika svar."),
    ("en", "Boarding was calm and quick. The app, however, lost my seat."),
)


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour of the palette in both modes."""

    name: str
    light: str
    dark: str


def look(request: HttpRequest) -> HttpResponse:
    """Show the gallery; outside of development there is nothing here."""
    if not settings.DEBUG:
        raise Http404
    now = timezone.now()
    messages.success(request, "The reply was sent.")
    messages.error(request, "The file was not read: row 12, field “score” holds 11, the scale ends at 10.")
    page = {
        "now": now,
        "cells": _cells(),
        "points": POINTS,
        "voices": [_voice(*words, at=now - timedelta(hours=hours)) for hours, words in enumerate(WORDS, 1)],
        "cases": _cases(now),
        "swatches": [Swatch(name, colour, palette.DARK[name]) for name, colour in palette.LIGHT.items()],
        "svg": _drawing(),
        "table": {"columns": ("Month", "NPS", "n"), "rows": (("2026-09", 28, 412), ("2026-10", 31, 398))},
    }
    return render(request, "look.html", page)


def _cells() -> list[tuple[str, Cell, float, float]]:
    return [
        ("NPS", Cell(value=31.2, low=24.1, high=38.0, n=412, method="score"), -100, 100),
        ("CES", Cell(value=5.43, low=5.31, high=5.55, n=1288, method="t"), 1, 7),
        ("CSAT", Cell(value=81.0, low=76.2, high=85.1, n=96, method="wilson"), 0, 100),
        ("NPS", Cell(value=-12.0, low=-41.5, high=19.8, n=21, method="score"), -100, 100),
        ("CSAT", Cell(value=None, low=None, high=None, n=3, method="hidden"), 0, 100),
    ]


def _voice(language: str, words: str, at: Any) -> SimpleNamespace:
    return SimpleNamespace(
        language=language, verbatim=words, occurred_at=at, touchpoint="Lähtöselvitys", channel="Verkkolomake",
        kind="response", contact_wanted=language == "sv",
    )  # fmt: skip


def _cases(now: Any) -> list[SimpleNamespace]:
    kinds = (("urgent", "received", -3), ("high", "acknowledged", 2), ("normal", "assessed", 20), ("low", "closed", 0))
    return [
        SimpleNamespace(
            pk=1200 + at, priority=priority, stage=stage, touchpoint="Laskutus", owner=None,
            feedback=_voice(*WORDS[at % 3], at=now), solved_at=None,
            due_at=None if stage == "closed" else now + timedelta(hours=hours),
            closed_at=now if stage == "closed" else None,
        )
        for at, (priority, stage, hours) in enumerate(kinds)
    ]  # fmt: skip


def _drawing() -> str:
    light = palette.LIGHT
    return (
        '<svg viewBox="0 0 640 160" width="640" height="160" role="img" aria-label="NPS by month">'
        f'<rect width="640" height="160" fill="{light["surface"]}"/>'
        f'<path d="M20 130H620M20 80H620M20 30H620" stroke="{light["grid"]}"/>'
        f'<path d="M20 90L320 60L620 40V75L320 96L20 128Z" fill="{light["band"]}"/>'
        f'<path d="M20 110L320 78L620 57" fill="none" stroke="{light["series-1"]}" stroke-width="2"/></svg>'
    )
