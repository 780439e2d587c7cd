"""What was promised to respondents cuts down what other systems tell of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from luotain.listen.anonymity import Waiting, release
from luotain.listen.promise import as_promised, left_out, midnight
from luotain.listen.submission import Agreed, Submission, SubmittedAnswer
from luotain.terms import Anonymity

AT = datetime(2026, 3, 5, 22, 41, 7, tzinfo=UTC)
DAY = midnight(AT, ZoneInfo("Europe/Helsinki"))
TOLD = Submission(
    "response", "survey", "r-1", AT, (SubmittedAnswer("nps", "nps", raw="3"),), "No heating", "en", "employee",
    touchpoint="work", channel="web", unit="red", tier="gold", identifiers={"email": "a@example.fi"},
    attributes={"born": "1961"}, consents=(Agreed("survey", True, "v1"),), contact_wanted=True, programme="pulse",
)  # fmt: skip


def test_a_moment_becomes_the_day_of_the_organization() -> None:
    assert DAY.isoformat() == "2026-03-06T00:00:00+02:00"


def test_of_an_anonymous_voice_only_answers_words_place_and_day_are_left() -> None:
    promised = as_promised(TOLD, Anonymity.ANONYMOUS, day=DAY)
    kept = promised.submission
    assert (kept.occurred_at, kept.answers, kept.verbatim, kept.touchpoint, kept.unit, kept.population) == (
        DAY, TOLD.answers, "No heating", "work", "red", "employee",
    )  # fmt: skip
    assert not kept.identifiers
    assert not kept.attributes
    assert not kept.consents
    assert not kept.contact_wanted
    assert not kept.tier
    assert not kept.channel
    assert not kept.language
    assert promised.left_out == ("identifiers", "attributes", "consents", "contact_wanted", "tier")
    assert str(left_out(promised.left_out[:2])).endswith("identifiers, attributes")


def test_a_confidential_voice_bears_a_name_only_when_its_person_wants_an_answer() -> None:
    asks = as_promised(TOLD, Anonymity.CONFIDENTIAL, day=DAY)
    assert (asks.submission, asks.left_out) == (TOLD, ())
    silent = Submission("response", "survey", "r-2", AT, identifiers={"email": "a@example.fi"}, attributes={"m": "x"})
    promised = as_promised(silent, Anonymity.CONFIDENTIAL, day=DAY)
    assert (promised.submission.identifiers, promised.submission.attributes) == ({}, {"m": "x"})
    assert promised.submission.occurred_at == AT
    assert promised.left_out == ("identifiers",)


def test_an_identified_voice_stays_as_it_was_told() -> None:
    assert as_promised(TOLD, Anonymity.IDENTIFIED, day=DAY).submission is TOLD


@pytest.mark.parametrize(
    ("counts", "batches"), [((5, 5), [5, 5]), ((5, 4), [9]), ((2, 3, 4, 1), [5, 5]), ((1, 1, 1), []), ((9,), [9])]
)
def test_answers_of_many_days_come_out_by_days_never_fewer_than_five(counts: list[int], batches: list[int]) -> None:
    group = (1, None, 1, None)
    waiting = [
        Waiting(f"{day}-{n}", group, day=DAY + timedelta(days=day))
        for day, count in enumerate(counts)
        for n in range(count)
    ]
    waiting.reverse()
    assert [len(batch.keys) for batch in release(waiting)] == batches
