"""The codes that feedback refers to, created where they are missing: scales, channels, touchpoints, breakdowns."""

from __future__ import annotations

from datetime import datetime

from luotain import terms
from luotain.language.said import Said
from luotain.server.models.listen import Channel, ScaleRow, Touchpoint
from luotain.server.models.people import AttributeKind, Unit
from luotain.terms import Scale


class DeclaredOtherwise(ValueError):
    """A scale of this code is known here with other ends, direction or cut points."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


def default_scales() -> None:
    """Create the scales that every installation knows (:data:`luotain.terms.SCALES`)."""
    for scale in terms.SCALES.values():
        ensure_scale(scale)


def default_channels() -> None:
    """Create one channel of each kind, named in three languages."""
    for kind in terms.ChannelKind:
        ensure_channel(kind.value, kind=kind.value)


def ensure_scale(scale: Scale) -> ScaleRow:
    """Return the row of ``scale``, created when missing.

    Raises :class:`DeclaredOtherwise` when a scale of the same code is another one: a scale never changes, because
    answers were given on it.
    """
    row, _ = ScaleRow.objects.get_or_create(
        code=scale.code,
        defaults={
            "low": scale.low,
            "high": scale.high,
            "step": scale.step,
            "reversed": scale.reversed_,
            "official": scale.official,
            "poor_to": scale.poor_to,
            "good_from": scale.good_from,
            "labels": scale.labels,
            "missing": list(scale.missing),
        },
    )
    if row.scale != scale:
        raise DeclaredOtherwise(
            Said(
                "the scale %(scale)s is declared here as %(low)s–%(high)s with other properties: "
                "a scale never changes, so give the new one a code of its own",
                scale=scale.code,
                low=f"{row.scale.low:g}",
                high=f"{row.scale.high:g}",
            )
        )
    return row


def ensure_channel(code: str, *, kind: str = "api", name: dict[str, str] | None = None) -> Channel:
    """Return the channel of this code, created when missing."""
    words = terms.ChannelKind(kind)
    named = name or {language: words.label(language) for language in terms.LANGUAGES}
    return Channel.objects.get_or_create(code=code, defaults={"kind": kind, "name": named})[0]


def ensure_touchpoint(
    code: str, *, name: dict[str, str] | None = None, kind: str = "encounter", unit: Unit | None = None, now: datetime
) -> Touchpoint:
    """Return the touchpoint of this code, created outside every journey when missing."""
    words = name or {language: code.replace("-", " ").replace("_", " ").capitalize() for language in terms.LANGUAGES}
    defaults = {"name": words, "kind": kind, "unit": unit, "created_at": now}
    return Touchpoint.objects.get_or_create(code=code, defaults=defaults)[0]


def ensure_breakdown(code: str, *, name: dict[str, str] | None = None) -> AttributeKind:
    """Return the attribute of this code, marked as one that can split a measure."""
    words = name or {language: code.replace("_", " ") for language in terms.LANGUAGES}
    row, created = AttributeKind.objects.get_or_create(code=code, defaults={"name": words, "breakdown": True})
    if not created and not row.breakdown:
        AttributeKind.objects.filter(pk=row.pk).update(breakdown=True)
        row.breakdown = True
    return row
