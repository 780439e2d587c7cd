"""The demo company in the database: the same rows from the same seed, and the rows that `receive` would have made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F, Sum

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.demo import company
from luotain.server.demo.writer import build
from luotain.server.models.improve import Action, Effect
from luotain.server.models.listen import Answer, Channel, Fact, Feedback, Interaction, Invitation, Notice, Touchpoint
from luotain.server.models.people import ContactHold, Identifier, Member, Organization, Tier, Unit
from luotain.server.models.respond import Case, GoodwillBudget
from luotain.server.operations.listen import receive

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
SIZE = 3000

#: truths and digest of the company that was made first in this process
_made: list[tuple[dict[str, Any], str]] = []


def _build(seed: int = 3) -> dict[str, Any]:
    return build(now=NOW, size=SIZE, seed=seed, tell=lambda _stage, _share: None)


def _digest() -> str:
    """Return a digest of all rows that the seed decides (tokens, keys and codes of gifts are fresh each time)."""
    digest = hashlib.sha256()
    left_out = {"token_hash", "tx"}
    for model in (Interaction, Invitation, Feedback, Answer, Fact, Unit, Tier):
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in left_out]
        for row in model.objects.order_by("pk").values_list(*names):
            digest.update(repr(row).encode())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def kurki(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """The demo company, made once for the tests that only look at it, with the truths that are planted in it."""
    with django_db_blocker.unblock():
        # Flushing also lets the rows be numbered from one.
        call_command("flush", interactive=False, verbosity=0)
        found = _build()
        _made.append((found, _digest()))
        yield found
        call_command("flush", interactive=False, verbosity=0)


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_same_seed_gives_the_same_truths_and_rows() -> None:
    if not _made:
        _made.append((_build(), _digest()))
    # What the fixture has made goes: tests that commit run after those that only look.
    call_command("flush", interactive=False, verbosity=0)
    assert (_build(), _digest()) == _made[0]


@pytest.mark.django_db
def test_the_company_is_whole(kurki: dict[str, Any]) -> None:
    assert Feedback.objects.count() == SIZE
    assert Organization.objects.get().set_up_at is not None
    assert Channel.objects.count() == 8
    assert Tier.objects.count() == 66
    assert {m.username for m in Member.objects.all()} == {login[0] for login in company.LOGINS + company.COLLEAGUES}
    assert set(Touchpoint.objects.filter(owner=None).values_list("code", flat=True)) == set(company.UNOWNED)
    assert Member.objects.get(username="cx").check_password(company.PASSWORD)
    # what was told anew as doubtful is taken back first: only the signs add up to the answers
    assert Fact.objects.aggregate(standing=Sum("sign"))["standing"] == Answer.objects.exclude(measure="").count()
    assert not Feedback.objects.filter(occurred_at__gt=NOW).exists()
    assert Feedback.objects.filter(triaged_at=None).count() == 0
    assert {action.state for action in Action.objects.all()} == {"verified", "running", "registered"}
    assert Effect.objects.count() == 5
    assert Notice.objects.exclude(published_at=None).count() == 3
    assert not GoodwillBudget.objects.filter(spent__gt=F("amount")).exists()
    for budget in GoodwillBudget.objects.annotate(given=Sum("entries__amount")):
        assert (budget.given or 0) == budget.spent
    for name, truth in kurki.items():
        assert truth["description"], name
        assert "values" in truth, name
    _no_row_points_at_one_that_is_missing()
    _addresses_are_reserved_ones()
    _planted_voices_are_found_by_their_ids(kurki)
    _cases_are_kept_in_good_order()


def _no_row_points_at_one_that_is_missing() -> None:
    connection.check_constraints()


def _addresses_are_reserved_ones() -> None:
    emails = [row.value for row in Identifier.objects.filter(kind="email")[:50]]
    assert emails
    assert all(email.endswith("@example.com") for email in emails)
    assert not Identifier.objects.filter(kind="phone").exists()


def _planted_voices_are_found_by_their_ids(found: dict[str, Any]) -> None:
    kinds = found["planted_answers"]["values"]
    for ids in kinds.values():
        assert Feedback.objects.filter(source="kurki", source_id__in=ids).count() == len(ids)
    held, sent = kinds.get("recovery_held_out", []), kinds.get("recovery_sent", [])
    assert Case.objects.filter(feedback__source_id__in=[*held, *sent]).count() == len(held) + len(sent)


def _cases_are_kept_in_good_order() -> None:
    """Whoever has an open case is not asked, whoever's case is solved may be; clocks, steps and owners agree."""
    assert Case.objects.filter(due_at__isnull=False).exists()
    holds = {hold.raised_by: hold for hold in ContactHold.objects.all()}
    for case in Case.objects.select_related("owner"):
        assert case.due_at == case.next_due_at()
        steps = list(case.steps.all())
        assert [step.at for step in steps] == sorted(step.at for step in steps)
        assert steps[0].stage == "received"
        if case.customer_id:
            assert (holds[f"case:{case.pk}"].released_at is None) == (case.due_at is not None)
        if case.touched_at:
            assert case.owner is not None
        if case.closed_at:
            assert steps[-1].stage == "closed"
    assert Case.objects.values("owner").distinct().count() > 3


@pytest.mark.django_db
def test_answers_and_facts_are_those_that_receive_would_have_made(kurki: dict[str, Any]) -> None:
    sample = [
        row
        for prefix in ("r-", "o-", "e-", "l-")
        for row in Feedback.objects.filter(source_id__startswith=prefix).order_by("pk")[:25]
    ]
    assert len(sample) > 60
    for row in sample:
        Feedback.objects.filter(pk=row.pk).update(invitation=None)
        receipt = receive([_submission(row)], now=NOW, triage=False)
        assert receipt.accepted == 1, receipt.rejections
        again = receipt.feedback_ids[0]
        assert _answers(again) == _answers(row.pk)
        assert _facts(again) == _facts(row.pk)


def _submission(row: Feedback) -> Submission:
    customer = row.customer_id and Identifier.objects.get(customer=row.customer_id, kind="customer_id").value
    return Submission(
        kind=row.kind, source="again", source_id=row.source_id, occurred_at=row.occurred_at,
        answers=tuple(
            SubmittedAnswer(
                a.code, a.measure, a.scale.scale if a.scale else None, a.raw, a.label, a.text
            ) for a in row.answers.select_related("scale").order_by("pk")
        ),
        verbatim=row.verbatim, language=row.language, population=row.population,
        touchpoint=row.touchpoint.code if row.touchpoint else "", channel=row.channel.code if row.channel else "",
        unit=row.unit.code if row.unit else "", tier=row.tier.code if row.tier else "",
        identifiers={"customer_id": customer} if customer else {}, attributes=row.attributes,
        instrument_id=row.instrument_id, programme_id=row.programme_id,
    )  # fmt: skip


def _answers(feedback: int) -> list[tuple[Any, ...]]:
    names = ("question_id", "code", "measure", "scale_id", "raw", "value", "label", "category", "text", "answered_at")
    return sorted(Answer.objects.filter(feedback=feedback).values_list(*names), key=repr)


def _facts(feedback: int) -> list[tuple[Any, ...]]:
    left_out = ("id", "tx", "feedback_id", "attributes")
    names = [f.attname for f in Fact._meta.concrete_fields if f.attname not in left_out]
    rows = Fact.objects.filter(feedback_id=feedback)
    values = [(*row, sorted(at.items())) for row, at in zip(
        rows.order_by("pk").values_list(*names), rows.order_by("pk").values_list("attributes", flat=True), strict=True
    )]  # fmt: skip
    return sorted(values, key=repr)
