"""What a ready-made instrument consists of, and the choice of its form of address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from luotain.listen.branching import Condition
from luotain.terms import Anonymity, Population, QuestionKind

Texts = Mapping[str, str]

_FORMS = re.compile(r"\{([^|{}]*)\|([^|{}]*)\}")


@dataclass(frozen=True, slots=True)
class ReadyQuestion:
    """A question of a ready-made instrument."""

    code: str
    kind: QuestionKind
    text: Texts
    measure: str = ""
    scale: str = ""
    help: Texts = field(default_factory=dict)
    #: words for single points of the scale, or the choices
    options: tuple[tuple[str, Texts], ...] = ()
    required: bool = False
    #: the rows of a table of ratings: code, measure, text
    rows: tuple[tuple[str, str, Texts], ...] = ()
    condition: Condition | None = None
    #: whether the choices come in an order of their own for each respondent
    shuffled: bool = False
    #: at most so many choices of a question that takes several
    most: int | None = None


@dataclass(frozen=True, slots=True)
class ReadyInstrument:
    """A ready-made instrument."""

    code: str
    title: Texts
    thanks: Texts
    questions: tuple[ReadyQuestion, ...]
    anonymity: Anonymity = Anonymity.IDENTIFIED
    population: Population = Population.CUSTOMER
    #: what is told before the first question
    intro: Texts = field(default_factory=dict)


def address_as(texts: Texts, *, formal: bool) -> dict[str, str]:
    """Return ``texts`` with the organization's form of address chosen."""
    return {language: _FORMS.sub(r"\2" if formal else r"\1", text) for language, text in texts.items()}
