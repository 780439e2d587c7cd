"""Words that a questionnaire's texts take from the respondent's own matter: ``{touchpoint}``, ``{answer:nps}``.

Only what is known for certain can stand in a text: the touchpoint, the organization's name, and earlier answers.
Whoever shows a text escapes it as a whole: what is filled in is a stranger's words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from luotain.language.said import Said
from luotain.terms import Vocabulary

#: what stands where nothing is known
UNKNOWN = "…"

_PLACE = re.compile(r"\{([^{}|]*)\}")
_ANSWER = "answer:"


class Place(Vocabulary):
    """What a text may take in, beside earlier answers (``{answer:code}``)."""

    TOUCHPOINT = "touchpoint", "the touchpoint", "kosketuspiste", "kontaktpunkten"
    ORGANIZATION = "organization", "the organization", "organisaatio", "organisationen"


@dataclass(frozen=True, slots=True)
class Piped:
    """What a text takes in: a place's name, or the code of the question whose answer it repeats."""

    name: str
    answer: str = ""


def piped(text: str) -> tuple[Piped, ...]:
    """Return what ``text`` takes in, known or not, in the order of the text."""
    found = (match.group(1).strip() for match in _PLACE.finditer(text))
    return tuple(
        Piped("answer", name.removeprefix(_ANSWER).strip()) if name.startswith(_ANSWER) else Piped(name)
        for name in found
    )


def fill(text: str, known: Mapping[str, str]) -> str:
    """Return ``text`` with its places filled.

    Parameters
    ----------
    text
        As it was written.
    known
        What stands in each place: ``touchpoint``, ``organization``, ``answer:nps``, in the reader's words.

    Returns
    -------
    str
        The text, with :data:`UNKNOWN` where nothing is known. What is filled in is not searched for places again.
    """
    return _PLACE.sub(lambda match: known.get(match.group(1).strip(), "") or UNKNOWN, text)


def misfilled(text: str, earlier: Sequence[str]) -> tuple[Said, ...]:
    """Return what is wrong with the places of a text that is shown after the questions ``earlier`` (their codes)."""
    wrong: list[Said] = []
    for place in piped(text):
        if place.answer and place.answer not in earlier:
            wrong.append(
                Said(
                    "{answer:%(question)s} repeats an answer that has not been given by then: name an earlier question",
                    question=place.answer,
                )
            )
        elif not place.answer and place.name not in set(Place):
            known = ", ".join(f"{{{name.value}}}" for name in Place)
            wrong.append(
                Said("{%(name)s} is not known: use one of %(known)s or {answer:question}", name=place.name, known=known)
            )
    return tuple(wrong)
