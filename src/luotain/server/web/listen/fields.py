"""What a question looks like on the respondent's page: choices, labels, what was told, what did not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.formats import get_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from luotain.listen.answering import LONGEST_TEXT
from luotain.listen.branching import points
from luotain.listen.files import LARGEST_FILE, FileFault
from luotain.listen.filling import owner
from luotain.listen.piping import fill
from luotain.listen.questionnaire import Misfit, mixed
from luotain.server.models.base import in_language
from luotain.server.models.listen import Attachment, Question
from luotain.server.operations.listen.forms import Form
from luotain.terms import Emotion, QuestionKind

#: mouths of the faces, from very bad to very good, on a 40 × 40 drawing; the four have none that is indifferent
_MOUTHS = ("M12 30q8-10 16 0", "M13 29q7-5 14 0", "M13 28h14", "M13 26q7 5 14 0", "M12 25q8 10 16 0")
_FACES = {"csat_1_5": _MOUTHS, "faces_1_4": (_MOUTHS[0], _MOUTHS[1], _MOUTHS[3], _MOUTHS[4])}
#: a scale with more points than this is told as a number
_MOST_BUTTONS = 11
#: as much of a text as another question repeats, in characters
_REPEATED = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button or check box."""

    value: str
    label: str
    checked: bool
    #: what only a screen reader needs beside the number
    hint: str = ""
    #: the mouth of a face, as an SVG path
    mouth: str = ""
    #: the field of its own that a check box has
    name: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table of ratings."""

    code: str
    legend: str
    choices: tuple[Choice, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A question with what was told so far."""

    code: str
    kind: str
    #: which of the layouts fits: scale, faces, list, number, emotion, multi, matrix, text, file, contact
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
    rows: tuple[Row, ...] = ()
    #: at most so many choices
    most: int | None = None
    #: ends and step of a number
    least: str = ""
    largest: str = ""
    step: str = ""
    address: str = ""
    ask_address: bool = True
    #: the file that is there already
    attachment: Attachment | None = None
    error: str = ""
    #: which input the error belongs to
    error_at: str = ""

    @property
    def long(self) -> bool:
        """Whether the scale needs two rows on a narrow screen."""
        return len(self.choices) > 7


@dataclass(frozen=True, slots=True)
class Around:
    """What a question must know of the form it stands in."""

    known_customer: bool = False
    #: what draws the order of the choices, where it is drawn (:attr:`Form.lot`)
    lot: str = ""
    #: what texts take in (:func:`known_words`)
    known: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Attachment] = field(default_factory=dict)

    def text(self, texts: Mapping[str, str]) -> str:
        """Return a text of the questionnaire in the reader's language, with its places filled."""
        text = in_language(dict(texts))
        return fill(text, self.known) if "{" in text else text


def in_words(fault: Misfit | FileFault) -> str:
    """Say what does not fit, and what to do."""
    words: dict[Misfit | FileFault, str] = {
        Misfit.MISSING: _("Please choose one of the answers."),
        Misfit.OFF_SCALE: _("This is not one of the answers. Please choose again."),
        Misfit.UNKNOWN_CHOICE: _("This is not one of the answers. Please choose again."),
        Misfit.TOO_MANY: _("You chose more than can be chosen here. Please choose fewer."),
        Misfit.TOO_LONG: _("The text is too long: at most %(limit)d characters fit. We kept the beginning of it.")
        % {"limit": LONGEST_TEXT},
        Misfit.ADDRESS_MISSING: _("Please give an e-mail address or a phone number, so that we can answer you."),
        Misfit.NOT_TAKEN: _("This could not be kept as it is. Please change it and send again."),
        Misfit.ADDRESS_UNCLEAR: _("This does not look like an e-mail address or a phone number. Please check it."),
        FileFault.EMPTY: _("The file is empty. Please choose another one."),
        FileFault.TOO_LARGE: _("The file is too large: at most %(limit)d MB fit. Please choose a smaller one.")
        % {"limit": LARGEST_FILE // 1_000_000},
        FileFault.OTHER_KIND: _(
            "Only pictures (JPEG, PNG, WebP) and PDF files can be sent. Please choose another one."
        ),
        FileFault.DAMAGED: _("The file is broken off or damaged. Please choose it again or take another picture."),
        FileFault.AGAIN: _("Please choose the file once more: it could not be kept yet."),
    }
    return words[fault]


def known_words(form: Form, told: Mapping[str, str], organization: str) -> dict[str, str]:
    """Return what the texts of a form may take in, in the reader's language: places and earlier answers."""
    answers = {f"answer:{question.code}": _answer_words(question, told) for question in form.questions}
    return {"touchpoint": str(form.touchpoint or ""), "organization": organization} | answers


def _answer_words(question: Question, told: Mapping[str, str]) -> str:
    labels = _labels(question)
    if question.kind == QuestionKind.MULTI:
        return ", ".join(label for code, label in labels.items() if told.get(f"{question.code}.{code}", "").strip())
    value = told.get(question.code, "")
    if question.kind == QuestionKind.EMOTION:
        known = value in set(Emotion)
        return Emotion(value).label(get_language() or "en") if known else ""
    if question.kind in (QuestionKind.CONTACT, QuestionKind.FILE):
        return ""
    return labels.get(value, value)[:_REPEATED]


def field_of(
    question: Question, told: Mapping[str, str], faults: Mapping[str, Misfit | FileFault], around: Around
) -> Field:
    """Return how ``question`` looks with what was told, in the reader's language."""
    value = told.get(question.code, "")
    error_at = next((name for name in faults if owner(name) == question.code), "")
    labels, look = _labels(question), _look(question)
    scale = question.scale
    return Field(
        code=question.code,
        kind=question.kind,
        look=look,
        legend=around.text(question.text),
        help=around.text(question.help),
        required=question.required,
        value=value[:LONGEST_TEXT],
        choices=_choices(question, look, value, told, around),
        low=next(iter(labels.values()), ""),
        high=next(reversed(labels.values()), ""),
        strengths=_strengths(question, labels, told) if look == "emotion" else (),
        rows=_rows(question, told, faults, around) if look == "matrix" else (),
        most=question.most if look == "multi" else None,
        least=f"{scale.low:g}" if scale else "",
        largest=f"{scale.high:g}" if scale else "",
        step=f"{scale.step:g}" if scale else "",
        address=told.get(f"{question.code}.address", "")[:254],
        ask_address=not around.known_customer,
        attachment=around.files.get(question.code),
        error=in_words(faults[error_at]) if error_at else "",
        error_at=error_at,
    )


def _labels(question: Question) -> dict[str, str]:
    return {option["code"]: in_language(option["text"]) for option in question.options}


def _look(question: Question) -> str:
    if question.kind == QuestionKind.SCORE and question.scale is not None:
        if question.scale.code in _FACES:
            return "faces"
        count = len(points(question.scale.scale))
        if count > _MOST_BUTTONS:
            return "number"
        return "list" if len(question.options) == count else "scale"
    looks: dict[str, str] = {
        QuestionKind.EMOTION: "emotion",
        QuestionKind.CHOICE: "list",
        QuestionKind.MULTI: "multi",
        QuestionKind.MATRIX: "matrix",
        QuestionKind.FILE: "file",
        QuestionKind.CONTACT: "contact",
    }
    return looks.get(question.kind, "text")


def _choices(question: Question, look: str, value: str, told: Mapping[str, str], around: Around) -> tuple[Choice, ...]:
    if look == "emotion":
        return _emotions(value)
    labels = _labels(question)
    if question.kind in (QuestionKind.CHOICE, QuestionKind.MULTI):
        codes: Iterable[str] = mixed(labels, f"{around.lot}/{question.code}") if _is_drawn(question, around) else labels
        names = {code: f"{question.code}.{code}" for code in labels}
        if question.kind == QuestionKind.CHOICE:
            return tuple(Choice(code, labels[code], code == value) for code in codes)
        return tuple(
            Choice(code, labels[code], bool(told.get(names[code], "").strip()), name=names[code]) for code in codes
        )
    return _points(question, labels, value, look) if look in ("scale", "faces", "list", "matrix") else ()


def _is_drawn(question: Question, around: Around) -> bool:
    return bool(question.shuffled and around.lot)


def _points(question: Question, labels: Mapping[str, str], value: str, look: str) -> tuple[Choice, ...]:
    if question.scale is None:
        return ()
    in_full = look in ("faces", "list")
    mouths = _FACES[question.scale.code] if look == "faces" else ()
    return tuple(
        Choice(
            point,
            labels.get(point, _figure(point)) if in_full else _figure(point),
            point == value,
            "" if in_full or labels.get(point) == point else labels.get(point, ""),
            mouths[at] if mouths else "",
        )
        for at, point in enumerate(points(question.scale.scale))
    )


def _figure(point: str) -> str:
    """Return a point of a scale as the reader writes it: 0,5."""
    return point.replace(".", str(get_format("DECIMAL_SEPARATOR"))).replace("-", "−")


def _rows(
    question: Question, told: Mapping[str, str], faults: Mapping[str, Misfit | FileFault], around: Around
) -> tuple[Row, ...]:
    legends = {row["code"]: around.text(row["text"]) for row in question.rows}
    labels = _labels(question)
    codes: Iterable[str] = mixed(legends, f"{around.lot}/{question.code}") if _is_drawn(question, around) else legends
    fields = ((code, f"{question.code}.{code}") for code in codes)
    return tuple(
        Row(
            name,
            legends[code],
            _points(question, labels, told.get(name, ""), "matrix"),
            in_words(faults[name]) if name in faults else "",
        )
        for code, name in fields
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
