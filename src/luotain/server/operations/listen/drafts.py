"""Questionnaires in the making: a draft is changed, looked at, published, and taken into use where somebody says so.

A published version never changes. Changing a questionnaire means changing its draft, which is made of the newest
version the first time somebody changes anything; people who answer see nothing of it until it has been published and
a programme has been moved to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.text import slugify

from luotain.language.said import Said
from luotain.listen.branching import Clause, Condition, condition_of, points
from luotain.listen.drafting import PROMISES, Draft, DraftQuestion, Remark, check, publishable, rating_of
from luotain.listen.instruments import ReadyQuestion, address_as
from luotain.listen.questionnaire import clean_text
from luotain.server.models.listen import Feedback, HeldVoice, Instrument, Programme, Question, ScaleRow
from luotain.server.models.people import Member, Organization
from luotain.server.operations.listen.ask import question_row
from luotain.server.operations.listen.codes import DeclaredOtherwise, ensure_scale
from luotain.server.operations.listen.forms import item_of
from luotain.server.operations.people import record
from luotain.terms import LANGUAGES, SCALES, Anonymity, ProgrammeKind, QuestionKind, Scale

Texts = Mapping[str, str]

#: what a version consists of, beside its questions
_HEAD = ("title", "intro", "thanks", "languages", "anonymity", "population", "shuffled")
#: what a question consists of
_ASKED = (
    "code", "order", "kind", "measure", "scale_id", "text", "help", "options", "rows", "shuffled", "condition", "page",
    "most", "required",
)  # fmt: skip
_CODE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LONGEST_MEASURE = 40
#: what no questionnaire can be called: its address is taken
KEPT_FREE = ("new", "bring-in")
#: what is said of a scale without both ends
ENDS_MISSING = Said("give both ends of the scale as numbers")
#: as long as a text of a questionnaire may be, in characters
LONGEST_WORDING = 4_000
#: more points than this nobody tells apart, and no page can show
_MOST_POINTS = 101


class DraftProblem(ValueError):
    """What was asked of a draft cannot be done: ``said`` tells why and what to do, ``field`` where."""

    def __init__(self, said: Said, field: str = "") -> None:
        super().__init__(said)
        self.said, self.field = said, field


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadChange:
    """What a questionnaire is to say of itself."""

    title: Texts
    intro: Texts
    thanks: Texts
    languages: tuple[str, ...]
    anonymity: Anonymity
    population: str
    shuffled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionChange:
    """What a question is to be."""

    code: str
    text: Texts
    help: Texts
    measure: str = ""
    #: the scale's code
    scale: str = ""
    options: tuple[tuple[str, Texts], ...] = ()
    #: code, measure ("" for the question's own) and text
    rows: tuple[tuple[str, str, Texts], ...] = ()
    required: bool = False
    shuffled: bool = False
    condition: Condition | None = None
    #: whether a new page begins with it; where no question says so, pages are laid by themselves
    new_page: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What became of publishing: the new version, or ``None`` and what keeps it back."""

    instrument: Instrument | None
    remarks: tuple[Remark, ...]


# --- reading -----------------------------------------------------------------------------------------------------


def versions_of(code: str) -> QuerySet[Instrument]:
    """Return the versions of a questionnaire, the draft first and then the newest."""
    return Instrument.objects.filter(code=code).order_by(F("published_at").desc(nulls_first=True), "-version")


def newest_of(code: str) -> Instrument | None:
    """Return the draft of a questionnaire or, without one, its newest version."""
    return versions_of(code).first()


def published_of(code: str) -> Instrument | None:
    """Return the newest published version of a questionnaire."""
    return versions_of(code).exclude(published_at=None).first()


def as_draft(instrument: Instrument) -> Draft:
    """Return a version as the checks know it."""
    return Draft(
        instrument.title,
        tuple(instrument.languages),
        tuple(_as_asked(row) for row in instrument.questions.select_related("scale").order_by("order", "pk")),
        instrument.intro,
        instrument.thanks,
        Anonymity(instrument.anonymity),
    )


def _as_asked(row: Question) -> DraftQuestion:
    options = tuple((option["code"], option["text"]) for option in row.options)
    rows = tuple((option["code"], option["text"]) for option in row.rows)
    return DraftQuestion(item_of(row), row.text, row.help, options, rows)


def examine(instrument: Instrument) -> tuple[Remark, ...]:
    """Look at a version as before publishing it (:func:`luotain.listen.drafting.check`)."""
    used = Programme.objects.filter(instrument__code=instrument.code, touchpoint=None)
    return check(
        as_draft(instrument),
        formal=_formal(),
        promised=_promised(instrument.code),
        touchpoint=not used.exclude(kind=ProgrammeKind.TRIGGERED).exists(),
    )


def _promised(code: str) -> Anonymity | None:
    """Return the strongest promise of anonymity under which somebody has answered."""
    rows = Instrument.objects.filter(code=code, published_at__isnull=False)
    for row in sorted(rows, key=lambda row: PROMISES.index(Anonymity(row.anonymity)), reverse=True):
        answered = (Feedback.objects.filter(instrument=row), HeldVoice.objects.filter(instrument=row))
        if any(found.exists() for found in answered):
            return Anonymity(row.anonymity)
    return None


# --- drafts ------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft_of(*, code: str, by: Member | None, now: datetime) -> Instrument:
    """Return the draft of a questionnaire, made of its newest version when there is none.

    Raises ``Instrument.DoesNotExist`` for an unknown code.
    """
    # whoever waited here for another's first change finds that draft when looking again
    list(versions_of(code).select_for_update().values_list("pk"))
    newest = newest_of(code)
    if newest is None:
        raise Instrument.DoesNotExist(code)
    if newest.published_at is None:
        return newest
    draft = Instrument.objects.create(
        code=code, version=newest.version + 1, own=True, **{name: getattr(newest, name) for name in _HEAD}
    )
    Question.objects.bulk_create(
        Question(instrument=draft, **{name: getattr(row, name) for name in _ASKED})
        for row in newest.questions.order_by("order", "pk")
    )
    record(kind="questionnaire_drafted", subject=draft, by=by, now=now, version=draft.version)
    return draft


@transaction.atomic
def new_questionnaire(*, title: str, language: str, copied_from: str = "", by: Member, now: datetime) -> Instrument:
    """Begin a questionnaire, empty or as a copy of another one.

    Parameters
    ----------
    title
        What it is called, in ``language``; its code is made of it.
    language
        In which language the title is; an empty questionnaire is asked in that language until more are chosen.
    copied_from
        The code of a questionnaire whose newest version is copied; "": an empty one.
    by, now
        Who begins it, and when.
    """
    title = clean_text(title)
    if not title:
        raise DraftProblem(Said("give it a title"), "title")
    code = _free(
        slugify(title)[:50] or "questionnaire", {*KEPT_FREE, *Instrument.objects.values_list("code", flat=True)}
    )
    copied = newest_of(copied_from) if _CODE.fullmatch(copied_from) else None
    if copied_from and copied is None:
        raise DraftProblem(Said("the questionnaire to be copied is no longer there: choose another"), "copied_from")
    head: dict[str, Any] = {name: getattr(copied, name) for name in _HEAD} if copied else {"languages": [language]}
    head["title"] = {**head.get("title", {}), language: title}
    draft = Instrument.objects.create(code=code, own=True, **head)
    rows = copied.questions.order_by("order", "pk") if copied else ()
    Question.objects.bulk_create(
        Question(instrument=draft, **{name: getattr(row, name) for name in _ASKED}) for row in rows
    )
    record(kind="questionnaire_drafted", subject=draft, by=by, now=now, version=draft.version)
    return draft


@transaction.atomic
def discard(*, code: str, by: Member | None, now: datetime) -> bool:
    """Throw the draft of a questionnaire away; return whether there was one."""
    draft = _held(code)
    if draft is None:
        return False
    record(kind="questionnaire_draft_discarded", subject=draft, by=by, now=now, version=draft.version)
    draft.delete()
    return True


def _held(code: str) -> Instrument | None:
    return Instrument.objects.select_for_update().filter(code=code, published_at=None).first()


def _free(wish: str, taken: set[str]) -> str:
    """Return ``wish``, or ``wish_2`` and so on when it is taken."""
    code, number = wish, 1
    while code in taken:
        number += 1
        code = f"{wish}_{number}"
    return code


# --- changing ----------------------------------------------------------------------------------------------------


@transaction.atomic
def change_head(*, code: str, change: HeadChange, by: Member, now: datetime) -> Instrument:
    """Change what a questionnaire says of itself; returns its draft."""
    draft = draft_of(code=code, by=by, now=now)
    formal = _formal()
    draft.title, draft.intro = _said(change.title, formal), _said(change.intro, formal)
    draft.thanks = _said(change.thanks, formal)
    draft.languages = [language for language in LANGUAGES if language in change.languages]
    draft.anonymity, draft.population = change.anonymity.value, change.population
    draft.shuffled = change.shuffled
    draft.save()
    return draft


@transaction.atomic
def add_question(*, code: str, question: ReadyQuestion, after: str = "", by: Member, now: datetime) -> Question:
    """Add a question to the draft of a questionnaire.

    Parameters
    ----------
    code
        The questionnaire.
    question
        What is asked; its code gets a number when the questionnaire has one already.
    after
        The code of the question that it comes after; "": the last one.
    by, now
        Who adds it, and when.
    """
    draft = draft_of(code=code, by=by, now=now)
    rows = _in_order(draft)
    values = question_row(question, len(rows), _formal())
    values["code"] = _free(question.code, {row.code for row in rows})
    values["scale"] = _scale_of(question.scale) if question.scale else None
    added = Question.objects.create(instrument=draft, **values)
    places = [row.code for row in rows]
    breaks = _breaks(rows)
    rows.insert(places.index(after) + 1 if after in places else len(rows), added)
    _number(rows, breaks)
    return added


def _scale_of(code: str) -> ScaleRow:
    """Return the scale that was declared under a code, or the one that ships with the product."""
    row = ScaleRow.objects.filter(code=code).first() if _CODE.fullmatch(code) else None
    if row is None and code not in SCALES:
        raise DraftProblem(Said("there is no scale “%(scale)s”: declare it first", scale=code), "scale")
    return row or ensure_scale(SCALES[code])


@transaction.atomic
def change_question(*, code: str, question: str, change: QuestionChange, by: Member, now: datetime) -> Question:
    """Change a question in the draft; conditions and texts that name it follow when its code changes.

    Raises
    ------
    DraftProblem
        When there is no such question, or the change could not even be kept: a code that is taken or no code, a
        score without its measure and scale, a scale that is not declared.
    """
    draft = draft_of(code=code, by=by, now=now)
    row = _question_of(draft, question)
    _check_codes(draft, row, change)
    scale = _scale_of(change.scale) if change.scale else None
    if row.kind == QuestionKind.SCORE and not (scale and change.measure):
        raise DraftProblem(Said("a score needs a measure and a scale: choose both"), "measure")
    formal = _formal()
    row.code, row.text, row.help = change.code, _said(change.text, formal), _said(change.help, formal)
    row.measure, row.scale = change.measure, scale
    row.options = [{"code": option, "text": _said(text, formal)} for option, text in change.options]
    row.rows = [{"code": line, "measure": measure, "text": _said(text, formal)} for line, measure, text in change.rows]
    row.required, row.shuffled, row.most = change.required, change.shuffled, change.most
    row.condition = change.condition.stored() if change.condition else {}
    row.save()
    rows = _in_order(draft)
    _number(rows, _breaks(rows) - {row.pk} | ({row.pk} if change.new_page else set()))
    if change.code != question:
        _rename(draft, question, change.code)
    return row


@transaction.atomic
def move_question(*, code: str, question: str, steps: int, by: Member, now: datetime) -> Question:
    """Move a question in the draft by ``steps`` places: −1 is one up; at the ends it stays."""
    draft = draft_of(code=code, by=by, now=now)
    row = _question_of(draft, question)
    rows = _in_order(draft)
    breaks = _breaks(rows)
    at = next(place for place, other in enumerate(rows) if other.pk == row.pk)
    rows.insert(min(max(at + steps, 0), len(rows) - 1), rows.pop(at))
    _number(rows, breaks)
    return row


@transaction.atomic
def remove_question(*, code: str, question: str, by: Member, now: datetime) -> Instrument:
    """Take a question out of the draft; a condition that looks at it is named before publishing."""
    draft = draft_of(code=code, by=by, now=now)
    gone = _question_of(draft, question)
    breaks = _breaks(_in_order(draft))
    gone.delete()
    _number(_in_order(draft), breaks)
    return draft


@transaction.atomic
def declare_scale(*, scale: Scale, by: Member | None, now: datetime, code: str = "", question: str = "") -> ScaleRow:
    """Declare a scale of the company's own; the same one again changes nothing.

    Parameters
    ----------
    scale
        The scale.
    by, now
        Who declares it, and when.
    code, question
        The questionnaire and the question in its draft that are to use it; "": none yet.

    Raises
    ------
    DraftProblem
        When its ends, step or cut points make no scale, or its code means another one.
    """
    _check_scale(scale)
    known = ScaleRow.objects.filter(code=scale.code).exists()
    try:
        row = ensure_scale(scale)
    except DeclaredOtherwise as problem:
        raise DraftProblem(problem.said, "code") from problem
    if not known:
        record(kind="scale_declared", subject=row, by=by, now=now)
    if question:
        asked = _question_of(draft_of(code=code, by=by, now=now), question)
        Question.objects.filter(pk=asked.pk).update(scale=row)
    return row


@transaction.atomic
def turn_into_score(
    *, code: str, question: str, measure: str, scale: str = "", is_reversed: bool = False, by: Member, now: datetime
) -> Question:
    """Make of a choice between numbers, as other tools' ratings come in, a score of a measure.

    Parameters
    ----------
    code, question
        The questionnaire and the question in its draft.
    measure
        What it measures: somebody's to say, never guessed.
    scale
        The scale that has just these points; "": one of its own is declared, from the lowest choice to the highest.
    is_reversed
        Whether the low end of a scale of its own is the good one.
    by, now
        Who says so, and when.

    Raises
    ------
    DraftProblem
        When the choices are no rating, the measure is no code, or the scale has other points than the choices.
    """
    row = _question_of(draft_of(code=code, by=by, now=now), question)
    codes = [option["code"] for option in row.options]
    ends = rating_of(codes) if row.kind == QuestionKind.CHOICE else None
    if ends is None:
        raise DraftProblem(Said("only a choice between numbers can become a score"), "kind")
    if not _CODE.fullmatch(measure) or len(measure) > _LONGEST_MEASURE:
        raise DraftProblem(Said("a score needs a measure: choose one, or name your own"), "measure")
    low, high, step = ends
    own = Scale(f"{measure}_{low:g}_{high:g}{'_reversed' if is_reversed else ''}"[:60], low, high, step, is_reversed)
    row.scale = _scale_of(scale) if scale else declare_scale(scale=own, by=by, now=now)
    if set(points(row.scale.scale)) != set(codes):
        raise DraftProblem(
            Said("the scale “%(scale)s” has other points than the choices: choose another", scale=scale), "scale"
        )
    row.kind, row.measure = QuestionKind.SCORE.value, measure
    # A word at a point stays; a number that is its own word says nothing beside it.
    row.options = [option for option in row.options if set(option["text"].values()) - {option["code"]}]
    row.shuffled, row.most = False, None
    row.save()
    return row


def _check_scale(scale: Scale) -> None:
    if not _CODE.fullmatch(scale.code):
        raise DraftProblem(Said("a code has letters a–z, digits, hyphens and underscores"), "code")
    if not scale.low < scale.high:
        raise DraftProblem(Said("the high end must be above the low end"), "high")
    steps = (scale.high - scale.low) / scale.step if scale.step > 0 else 0
    if steps < 1 or abs(steps - round(steps)) > 1e-9 or steps >= _MOST_POINTS:
        raise DraftProblem(Said("the step must lead from the low end to the high end in at most 100 steps"), "step")
    if (scale.poor_to is None) != (scale.good_from is None):
        raise DraftProblem(Said("give both limits, or neither"), "poor_to")
    if (
        scale.poor_to is not None
        and scale.good_from is not None
        and not (scale.low <= scale.poor_to < scale.good_from <= scale.high)
    ):
        raise DraftProblem(Said("the limits lie on the scale, the poor one below the good one"), "poor_to")


def _in_order(draft: Instrument) -> list[Question]:
    return list(draft.questions.order_by("order", "pk"))


def _breaks(rows: Sequence[Question]) -> set[int]:
    """Return the ids of the questions with which a new page begins."""
    return {row.pk for before, row in pairwise(rows) if begins_page(row, before)}


def begins_page(row: Question, before: Question | None) -> bool:
    """Tell whether the questionnaire says that a new page begins with a question, given the one before it."""
    return bool(before and row.page and row.page > (before.page or 1))


def _number(rows: Sequence[Question], breaks: set[int]) -> None:
    """Give the questions their order, and their pages where somebody has said where a page begins."""
    said = any(row.pk in breaks for row in rows[1:])
    page = 1
    for order, row in enumerate(rows):
        page += order > 0 and row.pk in breaks
        row.order, row.page = order, page if said else None
    Question.objects.bulk_update(rows, ["order", "page"])


def _question_of(draft: Instrument, code: str) -> Question:
    row = draft.questions.filter(code=code).first()
    if row is None:
        raise DraftProblem(Said("there is no question “%(question)s” any more", question=code), "question")
    return row


def check_code(name: str) -> None:
    """Raise :class:`DraftProblem` for what cannot be a code."""
    if not _CODE.fullmatch(name):
        raise DraftProblem(
            Said("“%(code)s” cannot be a code: use letters a–z, digits, hyphens and underscores", code=name), "code"
        )


def _check_codes(draft: Instrument, row: Question, change: QuestionChange) -> None:
    parts = [*(option for option, _ in change.options), *(line for line, *_ in change.rows)]
    for name in (change.code, *parts):
        check_code(name)
    if draft.questions.exclude(pk=row.pk).filter(code=change.code).exists():
        raise DraftProblem(Said("another question has the code “%(code)s”: choose another", code=change.code), "code")


def _formal() -> bool:
    return bool(Organization.objects.values_list("formal", flat=True).first())


def keeper() -> Callable[[Texts], dict[str, str]]:
    """Return what makes texts as they are kept here, for many texts at a time."""
    formal = _formal()
    return lambda texts: _said(texts, formal)


def _said(texts: Texts, formal: bool) -> dict[str, str]:
    """Return texts as they are kept: trimmed, without empty ones, in the organization's form of address."""
    cleaned = {language: clean_text(text) for language, text in texts.items() if language in LANGUAGES}
    for text in cleaned.values():
        if len(text) > LONGEST_WORDING:
            raise DraftProblem(
                Said(
                    "a text has %(count)s characters, and at most %(most)s fit: shorten it",
                    count=len(text),
                    most=LONGEST_WORDING,
                ),
                "text",
            )
    return address_as({language: text for language, text in cleaned.items() if text}, formal=formal)


def _rename(draft: Instrument, old: str, new: str) -> None:
    """Let the conditions and texts of the draft follow a question to its new code."""
    place = re.compile(rf"\{{\s*answer:\s*{re.escape(old)}\s*\}}")

    def follow(texts: Texts) -> dict[str, str]:
        return {language: place.sub(f"{{answer:{new}}}", text) for language, text in texts.items()}

    for row in _in_order(draft):
        condition = condition_of(row.condition)
        if condition:
            row.condition = Condition(
                tuple(_followed(c, old, new) for c in condition.clauses), condition.any_of
            ).stored()
        row.text, row.help = follow(row.text), follow(row.help)
        row.save(update_fields=["condition", "text", "help"])
    draft.thanks = follow(draft.thanks)
    draft.save(update_fields=["thanks"])


def _followed(clause: Clause, old: str, new: str) -> Clause:
    owner, dot, row = clause.question.partition(".")
    return Clause(f"{new if owner == old else owner}{dot}{row}", clause.op, clause.values)


# --- publishing --------------------------------------------------------------------------------------------------


@transaction.atomic
def publish(*, code: str, by: Member, now: datetime) -> Published:
    """Publish the draft of a questionnaire as its next version.

    Nothing is published while a remark is blocking. A draft that says what the newest version says is thrown away:
    there would be nothing new to publish. Programmes stay with their version (:func:`use_in_programmes`).
    """
    draft = _held(code)
    newest = published_of(code)
    if draft is None:
        return Published(newest, ())
    remarks = examine(draft)
    if not publishable(remarks):
        return Published(None, remarks)
    if newest is not None and same(draft, newest):
        discard(code=code, by=by, now=now)
        return Published(newest, remarks)
    draft.version = newest.version + 1 if newest else 1
    draft.published_at, draft.own = now, True
    draft.save()
    record(kind="questionnaire_published", subject=draft, by=by, now=now, version=draft.version)
    return Published(draft, remarks)


def same(one: Instrument, other: Instrument) -> bool:
    """Tell whether two versions say and ask the same."""
    if any(getattr(one, name) != getattr(other, name) for name in _HEAD):
        return False
    return list(one.questions.order_by("order").values(*_ASKED)) == list(
        other.questions.order_by("order").values(*_ASKED)
    )


@transaction.atomic
def use_in_programmes(*, code: str, programmes: Iterable[int], by: Member, now: datetime) -> int:
    """Let programmes ask with the newest published version; return how many were moved.

    Only programmes that ask with this questionnaire already are moved; the others are left alone.
    """
    newest = published_of(code)
    if newest is None:
        raise DraftProblem(Said("publish the questionnaire first"), "programmes")
    rows = Programme.objects.filter(pk__in=list(programmes), instrument__code=code).exclude(instrument=newest)
    moved = list(rows.select_for_update(of=("self",)))
    for row in moved:
        row.instrument = newest
        row.save(update_fields=["instrument"])
        record(kind="programme_moved", subject=row, by=by, now=now, instrument=newest.pk, version=newest.version)
    return len(moved)


@transaction.atomic
def retire(*, code: str, by: Member, now: datetime) -> None:
    """Stop offering a questionnaire where one is chosen; what was answered stays.

    Raises :class:`DraftProblem` while a programme asks with it.
    """
    running = Programme.objects.filter(instrument__code=code).filter(Q(ends_at=None) | Q(ends_at__gt=now))
    if running.exists():
        raise DraftProblem(
            Said(
                "the programme “%(programme)s” asks with it: end the programme or let it ask with another one first",
                programme=running[0].code,
            )
        )
    newest = newest_of(code)
    if newest is not None and Instrument.objects.filter(code=code, retired_at=None).update(retired_at=now):
        record(kind="questionnaire_retired", subject=newest, by=by, now=now)


@transaction.atomic
def offer_again(*, code: str, by: Member, now: datetime) -> None:
    """Offer a retired questionnaire again."""
    newest = newest_of(code)
    if newest is not None and Instrument.objects.filter(code=code, retired_at__isnull=False).update(retired_at=None):
        record(kind="questionnaire_offered_again", subject=newest, by=by, now=now)
