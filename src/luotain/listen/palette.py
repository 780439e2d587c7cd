"""What a questionnaire can be built of: each kind of question as it begins, with words in three languages.

A question that measures begins with its measure and scale, so that neither is ever guessed: the official ones where a
measure has an official scale, agreement from 1 to 5 for statements.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from luotain.language.said import Said
from luotain.listen.instruments.parts import (
    CONTACT,
    EASE,
    EMOTION,
    FACES,
    IMPROVEMENT,
    RECOMMEND_US,
    STORY,
    agree,
    recommend,
    texts,
)
from luotain.listen.instruments.ready import ReadyQuestion
from luotain.terms import Aspect, QuestionKind


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that can be added to a questionnaire."""

    name: str
    words: Said
    #: what it is for, in a few words
    why: Said
    question: ReadyQuestion


_CHOICES = (
    ("first", texts("Ensimmäinen", "Den första", "The first")),
    ("second", texts("Toinen", "Den andra", "The second")),
    ("other", texts("Jokin muu", "Något annat", "Something else")),
)
_CHOICE = ReadyQuestion(
    "choice",
    QuestionKind.CHOICE,
    texts("Mikä seuraavista sopii parhaiten?", "Vilket av följande passar bäst?", "Which of these fits best?"),
    options=_CHOICES,
)

PALETTE: tuple[Part, ...] = (
    Part("nps", Said("Recommending (NPS)"), Said("0–10, official"), recommend(RECOMMEND_US)),
    Part(
        "ces",
        Said("Ease (CES 2.0)"),
        Said("1–7, official"),
        EASE,
    ),
    Part(
        "csat",
        Said("Satisfaction (CSAT)"),
        Said("1–5, five faces"),
        ReadyQuestion(
            "csat",
            QuestionKind.SCORE,
            texts("Miten meillä meni?", "Hur lyckades vi?", "How did we do?"),
            "csat",
            "csat_1_5",
            options=FACES,
        ),
    ),
    Part("emotion", Said("Emotion"), Said("a feeling and its strength"), EMOTION),
    Part("choice", Said("One choice"), Said("one of several"), _CHOICE),
    Part(
        "multi",
        Said("Several choices"),
        Said("all that apply"),
        replace(
            _CHOICE,
            code="choices",
            kind=QuestionKind.MULTI,
            text=texts("Mitkä seuraavista sopivat?", "Vilka av följande passar?", "Which of these fit?"),
        ),
    ),
    Part(
        "rating",
        Said("Rating"),
        Said("any measure on any declared scale"),
        agree(
            "rating",
            Aspect.OVERALL.value,
            texts("Kokonaisuus oli hyvä.", "Helheten var bra.", "All in all it was good."),
        ),
    ),
    Part(
        "matrix",
        Said("Table of ratings"),
        Said("several statements, one scale"),
        replace(
            agree(
                "ratings",
                "",
                texts(
                    "Miltä nämä väittämät tuntuvat?",
                    "Hur stämmer de här påståendena?",
                    "How do these statements fit?",
                ),
            ),
            kind=QuestionKind.MATRIX,
            rows=(
                (
                    "speed",
                    "speed",
                    texts("Asiat hoituivat ripeästi", "Saker sköttes snabbt", "Things were done quickly"),
                ),
                ("service", "service", texts("Palvelu oli hyvää", "Servicen var bra", "The service was good")),
            ),
        ),
    ),
    Part("text", Said("Text"), Said("in their own words"), STORY),
    Part("improvement", Said("Improvement"), Said("what we should do differently"), IMPROVEMENT),
    Part(
        "promise",
        Said("Promise"),
        Said("did we keep it?"),
        agree(
            "promise",
            Aspect.PROMISE.value,
            texts(
                "Lupaus siitä, mitä saan, piti.",
                "Löftet om vad jag får höll.",
                "What I was promised is what I got.",
            ),
        ),
    ),
    Part(
        "values",
        Said("Shared values"),
        Said("do they match?"),
        agree(
            "values",
            Aspect.VALUES.value,
            texts(
                "Yrityksen tapa toimia vastaa omia arvojani.",
                "Företagets sätt att handla stämmer med mina värderingar.",
                "The way the company acts matches my own values.",
            ),
        ),
    ),
    Part("contact", Said("Contact wish"), Said("for those who want an answer"), CONTACT),
    Part(
        "file",
        Said("File"),
        Said("a picture or a document"),
        ReadyQuestion(
            "file",
            QuestionKind.FILE,
            texts("Kuva tai tiedosto", "En bild eller en fil", "A picture or a file"),
        ),
    ),
)


def part(name: str) -> Part:
    """Return the part of this name; raises ``KeyError`` for an unknown one."""
    return {known.name: known for known in PALETTE}[name]
