"""The codes that a batch refers to, looked up once: touchpoints, channels, units, tiers, scales, breakdowns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from json import loads
from typing import Any
from zoneinfo import ZoneInfo

from luotain import terms
from luotain.language.said import Said
from luotain.listen.answering import NotAccepted
from luotain.listen.submission import Submission
from luotain.server.models.asking import Question as Asked
from luotain.server.models.asking import ask
from luotain.server.models.listen import Invitation, Programme, Question
from luotain.server.models.people import AttributeKind
from luotain.server.operations.listen.codes import ensure_scale
from luotain.server.operations.people.organization import DEFAULT_ZONE
from luotain.terms import Scale

#: table -> code -> (id, id of its unit)
_Found = dict[str, dict[str, tuple[int, int | None]]]
_SCALES = "SELECT id, code, low, high, step, reversed, official, poor_to, good_from, labels, missing FROM luotain_scale"
_UNKNOWN = {
    "touchpoints": Said("there is no touchpoint with this code: create it first, or correct the code"),
    "channels": Said("there is no channel with this code: create it first, or correct the code"),
    "units": Said("there is no unit with this code: create it first, or correct the code"),
    "tiers": Said("there is no tier with this code: create it first, or correct the code"),
}


def unknown_code(table: str, code: str) -> NotAccepted:
    """Say that nothing in ``table`` has this code, and what to do."""
    return NotAccepted(table.removesuffix("s"), code, _UNKNOWN[table])


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the codes of one batch stand for."""

    zone: ZoneInfo
    #: touchpoint code -> (id, id of its unit)
    touchpoints: dict[str, tuple[int, int | None]]
    channels: dict[str, int]
    units: dict[str, int]
    tiers: dict[str, int]
    scales: dict[str, tuple[int, Scale]]
    breakdowns: frozenset[str]
    questions: dict[tuple[int, str], Question]
    invitations: dict[int, Invitation]
    #: programme id -> (id of its touchpoint, id of its channel)
    programmes: dict[int, tuple[int | None, int | None]]

    def find(self, table: str, code: str) -> int:
        """Return the id behind ``code``; raises :class:`NotAccepted` naming the remedy when there is none."""
        known: dict[str, int] = getattr(self, table)
        try:
            return known[code]
        except KeyError:
            raise unknown_code(table, code) from None

    def touchpoint(self, code: str) -> tuple[int, int | None]:
        """Return the id of the touchpoint and of its unit."""
        try:
            return self.touchpoints[code]
        except KeyError:
            raise unknown_code("touchpoints", code) from None

    def scale(self, field: str, scale: Scale) -> int:
        """Return the id of the scale, which must be declared as it stands in the answer."""
        known = self.scales.get(scale.code)
        if known is None:
            raise NotAccepted(field, scale.code, Said("there is no scale with this code: declare it before it is used"))
        if known[1] != scale:
            raise NotAccepted(
                field,
                scale.code,
                Said("this scale is declared otherwise here: a scale never changes, give it a new code"),
            )
        return known[0]


def load_catalogue(submissions: Sequence[Submission]) -> Catalogue:
    """Read what these submissions refer to: the plain codes in one query, and one for each other table referred to."""
    found, scales = _read_codes(submissions)
    programmes = {s.programme_id for s in submissions if s.programme_id}
    invitations = {s.invitation_id for s in submissions if s.invitation_id}
    return Catalogue(
        zone=ZoneInfo(next(iter(found["organization"]), DEFAULT_ZONE)),
        touchpoints=found["touchpoint"],
        channels={code: pk for code, (pk, _) in found["channel"].items()},
        units={code: pk for code, (pk, _) in found["unit"].items()},
        tiers={code: pk for code, (pk, _) in found["tier"].items()},
        scales=scales,
        breakdowns=frozenset(AttributeKind.objects.filter(breakdown=True).values_list("code", flat=True))
        if any(s.attributes for s in submissions)
        else frozenset(),
        questions=_questions({s.instrument_id for s in submissions if s.instrument_id}),
        invitations=Invitation.objects.select_related("interaction").in_bulk(invitations) if invitations else {},
        programmes={
            pk: (touchpoint, channel)
            for pk, touchpoint, channel in Programme.objects.filter(pk__in=programmes).values_list(
                "pk", "touchpoint_id", "channel_id"
            )
        }
        if programmes
        else {},
    )


def codes_wanted(submissions: Sequence[Submission]) -> list[Asked]:
    """Return the questions by whose answers :func:`load_catalogue` knows the plain codes of these submissions."""
    wanted = {
        "touchpoint": _wanted(s.touchpoint for s in submissions),
        "channel": _wanted(s.channel for s in submissions),
        "unit": _wanted(s.unit for s in submissions),
        "tier": _wanted(s.tier for s in submissions),
    }
    asked = ["SELECT 'organization', time_zone, id, NULL FROM luotain_organization WHERE id = 1"]
    parameters: list[str] = []
    for table, codes in wanted.items():
        if codes:
            unit = "unit_id" if table == "touchpoint" else "NULL"
            asked.append(f"SELECT '{table}', code, id, {unit} FROM luotain_{table} WHERE code IN {_places(codes)}")  # noqa: S608
            parameters += codes
    questions: list[Asked] = [(" UNION ALL ".join(asked), parameters)]
    scales = _scales_of(submissions)
    if scales:
        questions.append((f"{_SCALES} WHERE code IN {_places(scales)}", scales))
    return questions


def _wanted(codes: Iterable[str]) -> list[str]:
    return sorted({code for code in codes if code})


def _scales_of(submissions: Sequence[Submission]) -> list[str]:
    return _wanted(a.scale.code for s in submissions for a in s.answers if a.scale)


def _read_codes(submissions: Sequence[Submission]) -> tuple[_Found, dict[str, tuple[int, Scale]]]:
    """Return the ids (a touchpoint's with that of its unit) behind the codes of each table, and the scales.

    The organization's time zone stands in it as the code of the one organization.
    """
    found: _Found = {table: {} for table in ("organization", "touchpoint", "channel", "unit", "tier")}
    rows, *scale_rows = ask(codes_wanted(submissions))
    for table, code, pk, unit_id in rows:
        found[table][code] = (pk, unit_id)
    return found, _scales(set(_scales_of(submissions)), scale_rows[0] if scale_rows else ())


def _places(values: Collection[str]) -> str:
    return f"({', '.join(['%s'] * len(values))})"


def _scales(wanted: set[str], rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[int, Scale]]:
    scales = {
        code: (
            pk,
            Scale(code, low, high, step, bool(back), bool(official), poor, good, loads(labels), tuple(loads(none))),
        )
        for pk, code, low, high, step, back, official, poor, good, labels, none in rows
    }
    for code in wanted - scales.keys():
        if code in terms.SCALES:
            row = ensure_scale(terms.SCALES[code])
            scales[code] = (row.pk, row.scale)
    return scales


def _questions(instruments: set[int]) -> dict[tuple[int, str], Question]:
    if not instruments:
        return {}
    rows = Question.objects.filter(instrument__in=instruments).select_related("scale")
    return {(row.instrument_id, row.code): row for row in rows}
