"""What an answer says: its value turned so that more is better, and its category, recomputed from the scale."""

from __future__ import annotations

from dataclasses import dataclass

from luotain import terms
from luotain.language.said import Said
from luotain.listen.submission import SubmittedAnswer
from luotain.terms import Scale

#: as long as the customer's own words may be, in characters
LONGEST_TEXT = 20_000
_LONGEST_RAW = 200
_LONGEST_CODE = 60
_MINUS_SIGNS = str.maketrans({"−": "-", "–": "-", "\u00a0": None, "\u202f": None, " ": None})


class NotAccepted(ValueError):
    """An answer or text that cannot be taken in: ``field`` and ``value`` tell where, the message how to mend it."""

    def __init__(self, field: str, value: str, reason: Said) -> None:
        super().__init__(reason)
        self.field, self.value, self.reason = field, value, reason


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says on its scale."""

    #: oriented, so that a higher value is always better; ``None`` when nothing was rated
    value: float | None
    category: str
    #: the source's own category where it disagrees with the scale
    claimed: str
    #: what a measure counts, ``None`` when the answer is outside every measure
    measured: float | None


_UNRATED = Reading(None, "", "", None)


def number(text: str) -> float:
    """Return the number that ``text`` says: "9", "4,5", "−2" (also with U+2212) or "1 000".

    Raises ``ValueError`` when it says none; a text with both a comma and a point is not guessed at.
    """
    cleaned = text.strip().translate(_MINUS_SIGNS)
    if cleaned.count(",") == 1 and "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    if not cleaned.isascii() or "_" in cleaned:
        raise ValueError(f"{text!r} is not a number")
    value = float(cleaned)
    if value in (float("inf"), float("-inf")) or value != value:
        raise ValueError(f"{text!r} is not a number")
    return value


def read_answer(answer: SubmittedAnswer) -> Reading:
    """Read one answer on its declared scale.

    Raises :class:`NotAccepted` for a value off its scale, an unknown emotion, and whatever is too long to be kept.
    """
    _check_lengths(answer)
    if answer.measure == terms.MeasureName.EMOTION:
        return _emotion(answer)
    if answer.scale is None:
        if answer.measure:
            raise NotAccepted(
                answer.code,
                answer.raw,
                Said("the measure %(measure)s needs a scale: declare one", measure=answer.measure),
            )
        return Reading(None, "", answer.claimed, None)
    _check_scale(answer, answer.scale)
    if not answer.raw.strip():
        return _UNRATED
    if answer.raw.strip() in answer.scale.missing:
        return Reading(None, terms.Category.NONE, answer.claimed, None)
    return _rated(answer, answer.scale)


def _check_scale(answer: SubmittedAnswer, scale: Scale) -> None:
    """Refuse a published measure on a scale other than its own: it would be another measure under the same name."""
    official = terms.OFFICIAL_SCALE.get(answer.measure)
    if official and scale.code not in (official, ""):
        problem = Said(
            "%(measure)s is defined on the scale %(official)s: send it on that scale, or name the measure otherwise",
            measure=answer.measure,
            official=official,
        )
        raise NotAccepted(answer.code, scale.code, problem)


def _rated(answer: SubmittedAnswer, scale: Scale) -> Reading:
    try:
        raw = number(answer.raw)
        category = terms.categorise(answer.measure, scale, raw)
    except ValueError:
        raise NotAccepted(answer.code, answer.raw, off_scale(scale)) from None
    value = scale.orient(raw)
    claimed = "" if answer.claimed in ("", category) else answer.claimed
    return Reading(value, category, claimed, value if answer.measure else None)


def off_scale(scale: Scale) -> Said:
    """Say what the scale takes and what to do with a value that it does not take."""
    return Said(
        "not on the scale %(scale)s (%(range)s): correct the value, or declare the scale it was given on",
        scale=scale.code,
        range=_range(scale),
    )


def _range(scale: Scale) -> Said | str:
    taken: Said | str = f"{scale.low:g}–{scale.high:g}"
    if scale.step != 1:
        taken = Said("%(range)s in steps of %(step)s", range=taken, step=f"{scale.step:g}")
    if scale.missing:
        taken = Said("%(range)s, or %(codes)s for no answer", range=taken, codes=", ".join(scale.missing))
    return taken


def _emotion(answer: SubmittedAnswer) -> Reading:
    if not answer.label:
        return _UNRATED
    if answer.label not in terms.Emotion._value2member_map_:
        known = ", ".join(emotion.value for emotion in terms.Emotion)
        raise NotAccepted(
            answer.code, answer.label, Said("not an emotion that is asked: use one of %(known)s", known=known)
        )
    if answer.scale is None or not answer.raw.strip() or answer.raw.strip() in answer.scale.missing:
        return Reading(None, "", "", 1.0)
    return _rated(answer, answer.scale)


def _check_lengths(answer: SubmittedAnswer) -> None:
    if not answer.code or len(answer.code) > _LONGEST_CODE:
        problem = Said("every answer needs a code of at most %(most)s characters", most=_LONGEST_CODE)
        raise NotAccepted("code", answer.code, problem)
    if len(answer.raw) > _LONGEST_RAW or len(answer.label) > _LONGEST_CODE or len(answer.claimed) > 40:
        raise NotAccepted(answer.code, answer.raw, Said("longer than an answer can be: send long texts as text"))
    check_text(answer.code, answer.text)


def check_text(field: str, text: str) -> None:
    """Raise :class:`NotAccepted` when ``text`` is longer than the customer's own words may be."""
    if len(text) > LONGEST_TEXT:
        raise NotAccepted(
            field,
            text,
            Said(
                "%(count)s characters, and at most %(most)s are taken: shorten the text or split it",
                count=len(text),
                most=LONGEST_TEXT,
            ),
        )
