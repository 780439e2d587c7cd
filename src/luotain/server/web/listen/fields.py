"""What a question looks like on the respondent's page: choices, labels, what was told, what did not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.questionnaire import Misfit
from luotain.server.models.base import in_language
from luotain.server.models.listen import Question
from luotain.terms import Emotion, QuestionKind

#: mouth of each face, from very bad to very good, on a 40 × 40 drawing
_MOUTHS = ("M12 30q8-10 16 0", "M13 29q7-5 14 0", "M13 28h14", "M13 26q7 5 14 0", "M12 25q8 10 16 0")


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button."""

    value: str
    label: str
    checked: bool
    #: what only a screen reader needs beside the number
    hint: str = ""
    #: the mouth of a face, as an SVG path
    mouth: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A question with what was told so far."""

    code: str
    kind: str
    #: which of the layouts fits: scale, faces, list, emotion, text, contact
    look: str
    legend: str
    help: str
    required: bool
    value: str = ""
    choices: tuple[Choice, ...] = ()
    low: str = ""
    high: str = ""
    #: how strongly, for an emotion
    strengths: tuple[Choice, ...] = ()
    address: str = ""
    ask_address: bool = True
    error: str = ""
    #: which input the error belongs to
    error_at: str = ""

    @property
    def long(self) -> bool:
        """Whether the scale needs two rows on a narrow screen."""
        return len(self.choices) > 7


def in_words(misfit: Misfit) -> str:
    """Say what does not fit, and what to do."""
    return {
        Misfit.MISSING: _("Please choose one of the answers."),
        Misfit.OFF_SCALE: _("This is not one of the answers. Please choose again."),
        Misfit.UNKNOWN_CHOICE: _("This is not one of the answers. Please choose again."),
        Misfit.TOO_MANY: _("You chose more than can be chosen here. Please choose fewer."),
        Misfit.TOO_LONG: _("The text is too long: at most %(limit)d characters fit. We kept the beginning of it.")
        % {"limit": LONGEST_TEXT},
        Misfit.ADDRESS_MISSING: _("Please give an e-mail address or a phone number, so that we can answer you."),
        Misfit.NOT_TAKEN: _("This could not be kept as it is. Please change it and send again."),
        Misfit.ADDRESS_UNCLEAR: _("This does not look like an e-mail address or a phone number. Please check it."),
    }[misfit]


def field_of(
    question: Question, told: Mapping[str, str], misfits: Mapping[str, Misfit], *, known_customer: bool
) -> Field:
    """Return how ``question`` looks with what was told, in the reader's language."""
    value = told.get(question.code, "")
    error_at = next((name for name in (question.code, f"{question.code}.address") if name in misfits), "")
    choices: tuple[Choice, ...] = ()
    labels = {option["code"]: in_language(option["text"]) for option in question.options}
    look = _look(question, labels)
    if look in ("scale", "faces", "list"):
        choices = _points(question, labels, value, look)
    elif look == "choice":
        choices = tuple(Choice(code, label, code == value) for code, label in labels.items())
    elif look == "emotion":
        choices = _emotions(value)
    return Field(
        code=question.code,
        kind=question.kind,
        look="list" if look == "choice" else look,
        legend=in_language(question.text),
        help=in_language(question.help),
        required=question.required,
        value=value[:LONGEST_TEXT],
        choices=choices,
        low=next(iter(labels.values()), ""),
        high=next(reversed(labels.values()), ""),
        strengths=_strengths(question, labels, told) if look == "emotion" else (),
        address=told.get(f"{question.code}.address", "")[:254],
        ask_address=not known_customer,
        error=in_words(misfits[error_at]) if error_at else "",
        error_at=error_at,
    )


def _look(question: Question, labels: Mapping[str, str]) -> str:
    if question.kind == QuestionKind.SCORE and question.scale is not None:
        points = question.scale.high - question.scale.low + 1
        if question.measure == "csat" and points == len(_MOUTHS):
            return "faces"
        return "list" if len(labels) == points else "scale"
    looks: dict[str, str] = {
        QuestionKind.EMOTION: "emotion",
        QuestionKind.CHOICE: "choice",
        QuestionKind.CONTACT: "contact",
    }
    return looks.get(question.kind, "text")


def _points(question: Question, labels: Mapping[str, str], value: str, look: str) -> tuple[Choice, ...]:
    scale = question.scale
    if scale is None:
        return ()
    points = [f"{scale.low + step * scale.step:g}" for step in range(int((scale.high - scale.low) / scale.step) + 1)]
    return tuple(
        Choice(
            point,
            point if look == "scale" else labels.get(point, point),
            point == value,
            labels.get(point, "") if look == "scale" else "",
            _MOUTHS[at] if look == "faces" else "",
        )
        for at, point in enumerate(points)
    )


def _emotions(value: str) -> tuple[Choice, ...]:
    language = get_language() or "en"
    return tuple(
        Choice(word.value, _capital(word.label(language)), word.value == value) for word in Emotion if word.asked
    )


def _strengths(question: Question, labels: Mapping[str, str], told: Mapping[str, str]) -> tuple[Choice, ...]:
    value = told.get(f"{question.code}.intensity", "")
    return tuple(Choice(str(n), str(n), str(n) == value, labels.get(str(n), "")) for n in range(1, 6))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
