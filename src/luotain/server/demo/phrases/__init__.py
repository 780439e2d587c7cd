"""The phrase grammar: situation × feeling × detail × ask, in Finnish, Swedish and English.

Every sentence is whole and written out in the case it needs; the grammar only chooses, fills in names and numbers, and
joins. What is chosen follows the experience: the score says whether it was good, and the feeling whether there is a
"but". The same scene and dice give the same text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

from luotain.server.demo.phrases import en, fi, sv
from luotain.terms import Emotion, Valence

LANGUAGES: dict[str, ModuleType] = {"fi": fi, "sv": sv, "en": en}
#: how many dice (integers from 0 to 2**16 − 1) one text needs
DICE = 6

#: sort of touchpoint -> the touchpoints; the rest are "ground" where one flies, and "web"
_SORTS = {
    "air": ("cabin_crew", "meal", "seat", "entertainment"),
    "ground": ("checkin_desk", "bag_drop", "lounge", "gate", "transfer", "baggage_claim"),
    "place": ("travel_shop", "holiday_advice", "travel_fair", "member_evening"),
    "phone": ("phone_booking", "service_phone"),
    "chat": ("service_chat",),
    "app": ("app_checkin",),
    "paper": ("newsletter", "confirmation", "terms", "invoice", "reminder"),
    "claim": ("claim",),
    "home": ("courier",),
    "web": ("inspiration", "flight_search", "web_booking", "payment_bank", "points"),
}
_SORT = {code: sort for sort, codes in _SORTS.items() for code in codes}
_LINE = ("phone_booking", "service_phone", "service_chat")
#: what the two sentences of blame at a touchpoint are about: codes of causes, in the order of BLAME
BLAMED = {
    "newsletter": ("information", "promise"), "travel_fair": ("service", "information"),
    "inspiration": ("digital", "digital"), "flight_search": ("digital", "price"), "travel_shop": ("service", "waiting"),
    "holiday_advice": ("service", "information"), "web_booking": ("digital", "price"),
    "phone_booking": ("process", "promise"), "payment_bank": ("partner", "partner"),
    "confirmation": ("waiting", "information"), "terms": ("information", "information"),
    "app_checkin": ("digital", "digital"), "checkin_desk": ("service", "waiting"), "bag_drop": ("digital", "service"),
    "lounge": ("quality", "quality"), "gate": ("process", "information"), "cabin_crew": ("service", "service"),
    "meal": ("quality", "quality"), "seat": ("quality", "promise"), "entertainment": ("quality", "quality"),
    "transfer": ("waiting", "information"), "baggage_claim": ("waiting", "information"),
    "courier": ("partner", "partner"), "invoice": ("price", "price"), "reminder": ("process", "service"),
    "service_phone": ("process", "promise"), "service_chat": ("process", "promise"), "claim": ("waiting", "information"),
    "points": ("information", "process"), "member_evening": ("quality", "process"),
    "relationship": ("service", "quality"),
}  # fmt: skip
#: function -> which sentences of IMPROVE are about it; touchpoint of each sentence of OBSERVE
IMPROVES = {
    "airport": (0, 2, 5, 11), "cabin": (6, 7, 11), "lounge": (6, 11), "contact": (1, 8, 11), "shop": (9, 11),
    "holidays": (9, 11), "web": (4, 9), "app": (4,), "invoicing": (1, 3), "media": (7, 11), "loyalty": (1, 4),
    "baggage": (10, 11),
}  # fmt: skip
OBSERVED = ("gate", "bag_drop", "bag_drop", "invoice", "lounge", "service_chat", "claim", "checkin_desk")

_DAYS = {
    "fi": [
        f"{day}na" for day in ("maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai", "sunnuntai")
    ],
    "sv": [f"på {day}en" for day in ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")],
    "en": [f"on {day}day" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")],
}
#: the stations: at, from, to
_PLACES = {
    "fi": (
        ("Helsingissä", "Helsingistä", "Helsinkiin"), ("Oulussa", "Oulusta", "Ouluun"),
        ("Rovaniemellä", "Rovaniemeltä", "Rovaniemelle"), ("Tukholmassa", "Tukholmasta", "Tukholmaan"),
    ),
    "sv": tuple((f"i {n}", f"från {n}", f"till {n}") for n in ("Helsingfors", "Uleåborg", "Rovaniemi", "Stockholm")),
    "en": tuple((f"in {n}", f"from {n}", f"to {n}") for n in ("Helsinki", "Oulu", "Rovaniemi", "Stockholm")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """What a customer tells of.

    ``tone`` is −1 for a bad score, 0 for a middling one, 1 for a good one; ``flight``, ``station`` and ``weekday`` are
    negative where there is none.
    """

    touchpoint: str
    emotion: str
    tone: int
    cause: str = ""
    hard: bool = False
    slow: bool = False
    #: wishes to be contacted
    contact: bool = False
    #: also tells of the topic that no touchpoint covers
    blind: bool = False
    #: fits into a text message
    brief: bool = False
    purpose: str = ""
    flight: int = -1
    station: int = -1
    weekday: int = -1

    @property
    def blames(self) -> bool:
        """Whether something bad is told of: the score is bad, or the feeling is although the score is not."""
        return self.tone < 0 or Emotion(self.emotion).valence == Valence.NEGATIVE


class _Dice:
    """A long row of throws out of a few dice."""

    def __init__(self, dice: Sequence[int]) -> None:
        self._state = 0
        for die in dice:
            self._state = (self._state ^ die) * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1

    def throw(self, sides: int) -> int:
        """Return a number from nought up to ``sides``."""
        self._state = self._state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        return (self._state >> 33) % sides

    def pick(self, options: Sequence[str]) -> str:
        """Return one of the sentences."""
        return options[self.throw(len(options))]


def pick(options: Sequence[str], die: int) -> str:
    """Return the option that the die points at."""
    return options[die % len(options)]


def story(language: str, scene: Scene, dice: Sequence[int]) -> str:
    """Compose a verbatim.

    Parameters
    ----------
    language: "fi", "sv" or "en".
    scene: what is told of.
    dice: ``DICE`` integers; the first chooses the first sentence.
    """
    book, more = LANGUAGES[language], _Dice(dice)
    parts = _blame(book, scene, dice[0], more) if scene.blames else _praise(book, scene, dice[0], more)
    if scene.blind:
        parts.insert(2, more.pick(book.BLIND))
    if scene.brief:
        parts = parts[:2]
    slots = _slots(language, scene, more)
    return " ".join(part.format_map(slots) if "{" in part else part for part in parts)


def blamed(touchpoint: str, cause: str, die: int) -> str:
    """Return the code of the cause that the first sentence of a complaint speaks of."""
    return cause or pick(BLAMED[touchpoint], die)


def _blame(book: ModuleType, scene: Scene, die: int, more: _Dice) -> list[str]:
    first = _struck(book, scene) if scene.cause else book.BLAME[scene.touchpoint]
    sort, parts = _SORT.get(scene.touchpoint, ""), [pick(first, die)]
    if sort in book.FACT and more.throw(10) < 7:
        parts.append(more.pick(book.FACT[sort]))
    if sort in book.WAITED and scene.cause not in ("queue", "technical_delay", "weather") and more.throw(4) == 0:
        parts.append(more.pick(book.WAITED[sort]))
    if scene.cause in book.PROMISED and more.throw(5) < 2:
        parts.append(more.pick(book.PROMISED[scene.cause]))
    if more.throw(10) < 4:
        parts.append(more.pick(book.DETAIL_BAD_AIR if sort == "air" else book.DETAIL_BAD))
    if more.throw(10) < 7:
        parts.append(more.pick(_felt_badly(book, scene)))
    if scene.tone >= 0:
        parts.append(more.pick(book.OTHERWISE))
    elif scene.contact:
        parts.append(more.pick(book.ASK_CONTACT))
    elif more.throw(10) < 4:
        parts.append(more.pick(book.ASK))
    return parts


def _struck(book: ModuleType, scene: Scene) -> Sequence[str]:
    """Return the sentences of a cause, in the form it takes at the touchpoint."""
    where = {"lounge": "lounge", "app_checkin": ""}.get(
        scene.touchpoint, "line" if scene.touchpoint in _LINE else "web"
    )
    sentences: Sequence[str] = book.CAUSE.get(f"{scene.cause}@{where}") or book.CAUSE[scene.cause]
    return sentences


def _felt_badly(book: ModuleType, scene: Scene) -> Sequence[str]:
    valence = Emotion(scene.emotion).valence
    feelings = {Valence.NEGATIVE: book.FEEL, Valence.POSITIVE: book.DESPITE}.get(valence, book.FEEL_FLAT)
    sentences: Sequence[str] = feelings[scene.emotion]
    return sentences


def _praise(book: ModuleType, scene: Scene, die: int, more: _Dice) -> list[str]:
    parts = [pick(book.PRAISE[scene.touchpoint], die)]
    sort = _SORT.get(scene.touchpoint, "")
    if scene.hard:
        parts.append(more.pick(book.HARD))
    elif scene.slow:
        parts.append(more.pick(book.SLOW))
    else:
        if more.throw(10) < 6:
            parts.append(more.pick(book.FEEL[scene.emotion]))
        if more.throw(10) < 4 and scene.emotion != Emotion.INDIFFERENCE:
            met = sort in ("air", "ground", "place", "phone", "chat")
            parts.append(more.pick(book.DETAIL_GOOD if met else book.DETAIL_GOOD_APART))
    if sort in ("air", "ground") and more.throw(10) < 4:
        parts.append(more.pick((*book.WHEN, *(book.WHEN_WORK if scene.purpose == "work" else book.WHEN_LEISURE))))
    elif sort in book.FACT and sort not in ("claim", "home") and more.throw(10) < 2:
        parts.append(more.pick(book.FACT[sort]))
    if scene.tone > 0 and scene.emotion != Emotion.INDIFFERENCE and more.throw(10) < 5:
        parts.append(more.pick(book.THANKS))
    return parts


def _slots(language: str, scene: Scene, more: _Dice) -> dict[str, str]:
    """Return what fills the gaps of sentences: always all of them, so that each text takes the same throws."""
    number, station = more.throw(40), scene.station if scene.station >= 0 else more.throw(4)
    away, hour = (station + 1 + more.throw(3)) % 4, 8 + more.throw(12)
    here, there = _PLACES[language][station], _PLACES[language][away]
    return {
        "on": _DAYS[language][scene.weekday if scene.weekday >= 0 else more.throw(7)],
        "at": here[0], "origin": here[1], "to": there[2],
        "flight": f"KU{101 + (scene.flight if scene.flight >= 0 else number)}",
        "hour": f"{hour}:00" if language == "en" else str(hour),
        "minutes": str(20 + 5 * more.throw(9)), "weeks": str(3 + more.throw(6)),
    }  # fmt: skip


def pair(language: str, kind: str, dice: Sequence[int], *, among: Sequence[int] = ()) -> str:
    """Compose a text of two sentences: ``kind`` is IMPROVE, OBSERVE, EMPLOYEE_GOOD or EMPLOYEE_BAD.

    ``among`` are the places of the first sentences that fit; empty: all.
    """
    book = LANGUAGES[language]
    firsts = getattr(book, kind)
    first = pick([firsts[place] for place in among] if among else firsts, dice[0])
    reasons = getattr(book, kind.split("_")[0] + "_WHY")
    return f"{first} {pick(reasons, dice[1] // 2)}" if dice[1] % 2 else first


def farewell(language: str, reason: str, dice: Sequence[int]) -> str:
    """Compose what a lost customer tells of the real reason."""
    return pick(LANGUAGES[language].LOST[reason], dice[0])


def sentences(language: str) -> Iterator[str]:
    """Yield every whole sentence of a language, for checks."""
    for name, value in vars(LANGUAGES[language]).items():
        if name.isupper():
            groups = value.values() if isinstance(value, dict) else (value,)
            for group in groups:
                yield from group
