"""What is asked: the ready-made instruments are published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from luotain.listen.instruments import READY_MADE, ReadyInstrument, ReadyQuestion, address_as
from luotain.server.models.listen import Instrument, Question
from luotain.server.models.people import Organization
from luotain.server.operations.listen.codes import ensure_scale
from luotain.terms import LANGUAGES, SCALES


@transaction.atomic
def publish_instruments(*, now: datetime) -> dict[str, Instrument]:
    """Publish the ready-made instruments; return the newest version of each by code.

    Where the wording (or the organization's form of address) has changed, a new version is published beside the old
    one; otherwise nothing is written. A questionnaire that the company has published or retired itself stays as it is.
    """
    formal = Organization.objects.values_list("formal", flat=True).first() or False
    return {ready.code: _publish(ready, formal=formal, now=now) for ready in READY_MADE}


def _publish(ready: ReadyInstrument, *, formal: bool, now: datetime) -> Instrument:
    versions = Instrument.objects.filter(code=ready.code).order_by("-version")
    newest = versions.exclude(published_at=None).first()
    if newest and (newest.own or newest.retired_at):
        return newest
    head = {
        "title": address_as(ready.title, formal=formal),
        "intro": address_as(ready.intro, formal=formal),
        "thanks": address_as(ready.thanks, formal=formal),
        "languages": list(LANGUAGES),
        "anonymity": ready.anonymity.value,
        "population": ready.population.value,
    }
    rows = [question_row(question, order, formal) for order, question in enumerate(ready.questions)]
    if newest and _as_published(newest) == (head, rows):
        return newest
    # a draft has a number of its own, and gets its last one when it is published
    version = (versions.values_list("version", flat=True).first() or 0) + 1
    instrument = Instrument.objects.create(code=ready.code, version=version, published_at=now, **head)
    scales = {code: ensure_scale(SCALES[code]) for code in {row["scale"] for row in rows} if code}
    Question.objects.bulk_create(
        Question(instrument=instrument, **{**row, "scale": scales.get(row["scale"])}) for row in rows
    )
    return instrument


def question_row(question: ReadyQuestion, order: int, formal: bool) -> dict[str, Any]:
    """Return the fields of a ready-made question's row, with the code of its scale, in the chosen form of address."""
    return {
        "code": question.code,
        "order": order,
        "kind": question.kind.value,
        "measure": question.measure,
        "scale": question.scale,
        "text": address_as(question.text, formal=formal),
        "help": address_as(question.help, formal=formal),
        "options": [{"code": code, "text": address_as(text, formal=formal)} for code, text in question.options],
        "rows": [
            {"code": code, "measure": measure, "text": address_as(text, formal=formal)}
            for code, measure, text in question.rows
        ],
        "shuffled": question.shuffled,
        "condition": question.condition.stored() if question.condition else {},
        "most": question.most,
        "required": question.required,
    }


def _as_published(instrument: Instrument) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    heads = ("title", "intro", "thanks", "languages", "anonymity", "population")
    head = {name: getattr(instrument, name) for name in heads}
    names = (
        "code", "order", "kind", "measure", "text", "help", "options", "rows", "shuffled", "condition", "most",
        "required",
    )  # fmt: skip
    rows = [
        {**{name: getattr(row, name) for name in names}, "scale": row.scale.code if row.scale else ""}
        for row in instrument.questions.select_related("scale").order_by("order")
    ]
    return head, rows
