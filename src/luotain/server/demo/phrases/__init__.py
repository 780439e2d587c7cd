"""The phrase grammar: situation × feeling × detail × ask, in Finnish, Swedish and English.

Every sentence is whole and written out; the grammar only chooses and joins. The same dice give the same text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType

from luotain.server.demo.phrases import en, fi, sv
from luotain.terms import Emotion, Valence

LANGUAGES: dict[str, ModuleType] = {"fi": fi, "sv": sv, "en": en}
#: how many dice (integers from 0 to 2**16 − 1) one text needs
DICE = 6


def pick(options: Sequence[str], die: int) -> str:
    """Return the option that the die points at."""
    return options[die % len(options)]


def story(
    language: str, touchpoint: str, *, cause: str, emotion: str, good: bool, blind: bool, dice: Sequence[int]
) -> str:
    """Compose a verbatim.

    Parameters
    ----------
    language: "fi", "sv" or "en".
    touchpoint: code of the touchpoint, or "relationship".
    cause: code of the cause that struck, or "".
    emotion: the feeling that was picked.
    good: praise or blame.
    blind: whether the story also tells of the topic no touchpoint covers.
    dice: ``DICE`` integers.
    """
    book = LANGUAGES[language]
    situation = book.CAUSE[cause] if cause and not good else (book.PRAISE if good else book.BLAME)[touchpoint]
    parts = [pick(situation, dice[0])]
    # A feeling that speaks against the story is left unsaid.
    if dice[1] % 3 and Emotion(emotion).valence != (Valence.NEGATIVE if good else Valence.POSITIVE):
        parts.append(pick(book.FEEL[emotion], dice[1] // 3))
    if dice[2] % 2:
        parts.append(pick(book.WHEN, dice[2] // 2))
    if dice[3] % 2:
        parts.append(pick(book.DETAIL_GOOD if good else book.DETAIL_BAD, dice[3] // 2))
    if blind:
        parts.append(pick(book.BLIND, dice[5]))
    if dice[4] % 2:
        parts.append(pick(book.THANKS if good else book.ASK, dice[4] // 2))
    return " ".join(parts)


def pair(language: str, kind: str, dice: Sequence[int]) -> str:
    """Compose a text of two sentences: ``kind`` is IMPROVE, OBSERVE, EMPLOYEE_GOOD or EMPLOYEE_BAD."""
    book = LANGUAGES[language]
    first = pick(getattr(book, kind), dice[0])
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
