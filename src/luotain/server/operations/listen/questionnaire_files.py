"""Questionnaires as files: ours written out for SurveyJS, those of other tools read in as drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from luotain.language.said import Said
from luotain.listen.drafting import Draft, DraftQuestion
from luotain.listen.exchange.carried import Carried, Decided
from luotain.listen.exchange.look import read_questionnaire
from luotain.listen.exchange.surveyjs import write_surveyjs
from luotain.server.models.listen import Instrument, Question, ScaleRow
from luotain.server.models.people import Member
from luotain.server.operations.listen.drafts import (
    KEPT_FREE,
    DraftProblem,
    as_draft,
    check_code,
    declare_scale,
    discard,
    draft_of,
    keeper,
    newest_of,
    published_of,
    same,
)
from luotain.server.operations.people import record
from luotain.terms import SCALES, Scale

_MOST_QUESTIONS, _LONGEST_MEASURE = 500, 40
_Keeper = Callable[[Mapping[str, str]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """What became of a questionnaire file: the version that it is now (``None`` after a dry run), and what was read."""

    carried: Carried
    code: str
    instrument: Instrument | None
    #: whether the file differs from what was there
    changed: bool


def export_questionnaire(*, code: str) -> dict[str, Any]:
    """Return the newest version of a questionnaire, a draft before a published one, as a SurveyJS definition.

    Raises ``Instrument.DoesNotExist`` for an unknown code.
    """
    row = newest_of(code)
    if row is None:
        raise Instrument.DoesNotExist(code)
    return write_surveyjs(as_draft(row), code=code, population=row.population, shuffled=row.shuffled)


def decided_as(*, measure: str, scale: str) -> Decided:
    """Return what a rating measures, on a scale that is declared here or ships with the product.

    Raises :class:`DraftProblem` for an unknown scale and a measure that is no code.
    """
    check_code(measure if len(measure) <= _LONGEST_MEASURE else "")
    row = ScaleRow.objects.filter(code=scale).first()
    known: Scale | None = row.scale if row else SCALES.get(scale)
    if known is None:
        raise DraftProblem(Said("there is no scale “%(scale)s”: declare it first", scale=scale[:60]), "scale")
    return Decided(measure, known)


def bring_in_questionnaire(
    *,
    data: bytes,
    code: str = "",
    decided: Mapping[str, Decided] | None = None,
    dry_run: bool = False,
    by: Member | None,
    now: datetime,
) -> BroughtIn:
    """Read a questionnaire file into a draft; the same file again changes nothing.

    Parameters
    ----------
    data
        The bytes of a file of SurveyJS, Qualtrics or LimeSurvey, or of an XLSForm.
    code
        The questionnaire whose draft it becomes, new or known; "": a new one, called as the file calls it.
    decided
        What ratings of the file measure, by their code there (:func:`decided_as`).
    dry_run
        Whether to read only.
    by, now
        Who brings it in, and when.

    Raises
    ------
    luotain.listen.exchange.carried.CannotExchange
        For a file that is no questionnaire.
    DraftProblem
        Where its code is taken by another questionnaire, or something in it cannot be kept.
    """
    carried = read_questionnaire(data, decided)
    if len(carried.draft.questions) > _MOST_QUESTIONS:
        raise DraftProblem(Said("more than %(most)s questions: bring in a shorter one", most=_MOST_QUESTIONS))
    title = next(iter(carried.draft.title.values()), "")
    called = code or carried.code or slugify(title)[:50] or "questionnaire"
    check_code(called)
    if called in KEPT_FREE:
        raise DraftProblem(Said("no questionnaire can have the code %(code)s: choose another", code=called), "code")
    if dry_run:
        return BroughtIn(carried, called, None, changed=False)
    with transaction.atomic():
        return _written(carried, called, by, now, wanted=bool(code))


def _written(carried: Carried, code: str, by: Member | None, now: datetime, *, wanted: bool) -> BroughtIn:
    before = newest_of(code)
    draft = before and draft_of(code=code, by=by, now=now)
    if draft is None:
        draft = Instrument.objects.create(code=code, own=True, languages=list(carried.draft.languages))
        record(kind="questionnaire_drafted", subject=draft, by=by, now=now, version=draft.version)
    was = as_draft(draft)
    _fill(draft, carried, by, now)
    changed = before is None or as_draft(draft) != was
    if changed and before is not None and not wanted:
        raise DraftProblem(
            Said("there is another questionnaire with the code %(code)s: say which code it is to have", code=code),
            "code",
        )
    published = published_of(code)
    if published is not None and same(draft, published):
        discard(code=code, by=by, now=now)
        draft = published
    return BroughtIn(carried, code, draft, changed)


def _fill(row: Instrument, carried: Carried, by: Member | None, now: datetime) -> None:
    """Make a draft what the file says."""
    draft: Draft = carried.draft
    kept = keeper()
    row.title, row.intro, row.thanks = kept(draft.title), kept(draft.intro), kept(draft.thanks)
    row.languages, row.anonymity = list(draft.languages), draft.anonymity.value
    row.population, row.shuffled = carried.population, carried.shuffled
    row.save()
    row.questions.all().delete()
    scales = {
        question.item.scale.code: declare_scale(scale=question.item.scale, by=by, now=now)
        for question in draft.questions
        if question.item.scale is not None
    }
    Question.objects.bulk_create(
        _row(row, place, question, scales, kept) for place, question in enumerate(draft.questions)
    )


def _row(
    draft: Instrument, place: int, question: DraftQuestion, scales: Mapping[str, ScaleRow], kept: _Keeper
) -> Question:
    item = question.item
    return Question(
        instrument=draft,
        code=item.code,
        order=place,
        kind=item.kind.value,
        measure=item.measure,
        scale=scales[item.scale.code] if item.scale else None,
        text=kept(question.text),
        help=kept(question.help),
        options=[{"code": code, "text": kept(texts)} for code, texts in question.options],
        rows=[{"code": code, "measure": item.rows.get(code, ""), "text": kept(texts)} for code, texts in question.rows],
        shuffled=item.shuffled,
        condition=item.condition.stored() if item.condition else {},
        page=item.page,
        most=item.most,
        required=item.required,
    )
