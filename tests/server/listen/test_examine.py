"""Doubtful answers are flagged by what is known of them, once, and never against a member's own finding."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from luotain.listen.network import read_networks
from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import Fact, Feedback, Instrument, Question, Touchpoint
from luotain.server.models.people import Event, Member
from luotain.server.models.trust import Filling, LiftedDoubt
from luotain.server.operations import listen, people
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.codes import ensure_scale
from luotain.server.operations.listen.examine import examine, lift_doubt
from luotain.server.operations.listen.fill import save_page
from luotain.server.operations.listen.forms import open_touchpoint
from luotain.terms import SCALES, Role

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LATER = NOW + timedelta(minutes=11)
LONG = "I waited forty minutes at the desk and nobody told me anything about the delay"


@pytest.fixture
def desk() -> Touchpoint:
    people.set_up_organization(
        name="Kurki", industry="", language="en", time_zone="Europe/Helsinki", formal=False, now=NOW
    )
    listen.default_channels()
    listen.default_scales()
    publish_instruments(now=NOW)
    return listen.ensure_touchpoint("desk", name={"en": "Desk"}, unit=people.top_unit(), now=NOW)


def fill(key: str, score: int, *, address: str = "203.0.113.7", seconds: float = 40, at: Any = NOW, **more: str) -> int:
    """Fill the desk's form as a browser does, page by page."""
    page = 1
    while True:
        form = open_touchpoint(code="desk", key=key, now=at)
        fields = {"csat": str(score % 5 + 1), "story": f"Score {score}", **more}
        saved = save_page(
            form=form, page=page, fields=fields, language="en", seconds=seconds, address=address, now=at
        )  # fmt: skip
        assert not saved.faults
        if saved.completed:
            return Feedback.objects.get(source="feedback page", source_id=key).pk
        page = saved.next_page


def flags(pk: int) -> list[str]:
    return list(Feedback.objects.get(pk=pk).flags)


def told(key: str, text: str, *, at: Any = NOW, **more: Any) -> Submission:
    nps = SubmittedAnswer("nps", measure="nps", scale=SCALES["nps_0_10"], raw="3")
    return Submission(
        kind="response", source="test", source_id=key, occurred_at=at, answers=(nps,), verbatim=text,
        touchpoint="desk", **more,
    )  # fmt: skip


def test_what_is_kept_of_a_filling_names_no_address_and_goes_after_thirty_days(desk: Touchpoint) -> None:
    fill("a" * 16, 9)
    kept = Filling.objects.get()
    assert len(kept.network) == 64
    assert kept.seconds == 40
    assert people.purge_expired(now=NOW + timedelta(days=29)) == 0
    assert people.purge_expired(now=NOW + timedelta(days=31)) >= 1
    assert not Filling.objects.exists()


def test_the_digest_of_a_network_changes_from_day_to_day(desk: Touchpoint) -> None:
    for day in (0, 0, 1):
        fill(f"day{day}".ljust(14, "x") + str(Filling.objects.count()), 9, at=NOW - timedelta(days=day))
    networks = list(Filling.objects.order_by("pk").values_list("network", flat=True))
    assert networks[0] == networks[1] != networks[2]


def test_ten_answers_from_one_network_within_the_hour_are_a_burst(desk: Touchpoint) -> None:
    many = [fill(f"burst{n:02}".ljust(16, "x"), n % 11, at=NOW + timedelta(minutes=n)) for n in range(10)]
    alone = fill("elsewhere".ljust(16, "x"), 7, address="198.51.100.1")
    examine(now=LATER)
    assert all("burst" in flags(pk) for pk in many)
    assert "burst" not in flags(alone)


def test_the_same_answers_again_from_the_same_network_are_a_duplicate(desk: Touchpoint) -> None:
    first, again = fill("f" * 16, 2), fill("g" * 16, 2, at=NOW + timedelta(minutes=5))
    other = fill("h" * 16, 2, address="198.51.100.1")
    examine(now=LATER)
    assert [("duplicate" in flags(pk)) for pk in (first, again, other)] == [False, True, False]


def test_who_answers_faster_than_anybody_reads_is_flagged(desk: Touchpoint) -> None:
    Question.objects.filter(code="csat").update(text={"en": "word " * 60})
    slow, quick = fill("s" * 16, 4, seconds=30), fill("q" * 16, 8, seconds=3, address="198.51.100.1")
    assert flags(quick) == [], "three seconds alone are no reason"
    examine(now=LATER)
    assert "speeder" in flags(quick)
    assert flags(slow) == []


def test_copied_words_are_flagged_and_the_first_to_say_them_is_not(desk: Touchpoint) -> None:
    receipt = listen.receive(
        [
            told("1", LONG, at=NOW - timedelta(days=2)),
            told("2", LONG.upper() + "!", at=NOW - timedelta(days=1)),
            told("3", "Everything went well, the staff smiled and my bag was there at once", at=NOW),
        ],
        now=NOW,
    )
    assert examine(now=NOW) == 0, "what came a moment ago waits: older ids may still be on their way"
    examine(now=LATER)
    assert [flags(pk) for pk in receipt.feedback_ids] == [[], ["copied_text"], []]
    assert examine(now=LATER) == 0


def test_words_of_a_month_ago_are_no_copy(desk: Touchpoint) -> None:
    listen.receive([told("old", LONG, at=NOW - timedelta(days=32))], now=NOW)
    (again,) = listen.receive([told("new", LONG)], now=NOW).feedback_ids
    examine(now=LATER)
    assert flags(again) == []


def test_a_straight_line_over_ten_questions_is_flagged(desk: Touchpoint) -> None:
    scale = ensure_scale(SCALES["agree_1_5"])
    asked = Instrument.objects.create(code="long", title={"en": "Long"}, languages=["en"], published_at=NOW)
    for order in range(12):
        Question.objects.create(
            instrument=asked, order=order, code=f"q{order}", kind="score", measure=f"m{order}", scale=scale,
            text={"en": "Question"},
        )  # fmt: skip

    def answers(*values: int) -> tuple[SubmittedAnswer, ...]:
        return tuple(
            SubmittedAnswer(f"q{at}", measure=f"m{at}", scale=SCALES["agree_1_5"], raw=str(value))
            for at, value in enumerate(values)
        )

    careful, straight = listen.receive(
        [
            Submission(
                kind="response", source="test", source_id=str(n), occurred_at=NOW, answers=answers(*values),
                touchpoint="desk", instrument_id=asked.pk,
            )
            for n, values in enumerate([(1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4), (3,) * 12])
        ],
        now=NOW,
    ).feedback_ids  # fmt: skip
    examine(now=LATER)
    assert flags(straight) == ["straight_line"]
    assert flags(careful) == []


def test_staff_who_score_their_own_work_are_flagged(desk: Touchpoint) -> None:
    Member.objects.create(username="liisa", name="Liisa", email="Liisa@kurki.example", joined_at=NOW)
    own, customer = listen.receive(
        [
            told("own", "", identifiers={"email": "liisa@kurki.example"}),
            told("customer", "", identifiers={"email": "aino@example.com"}),
        ],
        now=NOW,
    ).feedback_ids
    examine(now=LATER)
    assert flags(own) == ["staff"]
    assert flags(customer) == []


def test_the_companys_own_network_is_flagged_at_once(desk: Touchpoint, settings: Any) -> None:
    settings.LUOTAIN_STAFF_NETWORKS = read_networks("203.0.113.0/24")
    assert flags(fill("o" * 16, 10)) == ["staff_network"]
    assert flags(fill("p" * 16, 10, address="198.51.100.1")) == []


def test_a_flagged_answer_is_told_anew_and_nothing_is_deleted(desk: Touchpoint) -> None:
    listen.receive([told("1", LONG, at=NOW - timedelta(days=2)), told("2", LONG)], now=NOW)
    examine(now=LATER)
    second = Feedback.objects.get(source_id="2")
    rows = list(Fact.objects.filter(feedback_id=second.pk).order_by("pk").values_list("sign", "flagged"))
    assert rows == [(1, False), (-1, False), (1, True)]
    assert second.answers.count() == 1


def test_a_doubt_that_a_member_lifted_is_not_raised_again(desk: Touchpoint) -> None:
    member = people.add_member(
        username="m", name="M", password=None, role=Role.CX_LEAD, unit=people.top_unit(), language="en", now=NOW
    )
    first, again = fill("f" * 16, 2), fill("g" * 16, 2, at=NOW + timedelta(minutes=5))
    examine(now=LATER)
    for _ in range(2):
        lift_doubt(feedback=Feedback.objects.get(pk=again), doubt="duplicate", by=member, now=LATER)
    assert flags(again) == []
    assert Fact.objects.filter(feedback_id=again).order_by("-pk").values_list("flagged", flat=True)[0] is False
    Filling.objects.update(examined_at=None)
    examine(now=LATER)
    assert flags(again) == []
    assert LiftedDoubt.objects.count() == 1
    assert Event.objects.filter(kind="doubt_lifted").count() == 1
    assert flags(first) == []
