"""What customers are told is what was verified; goals are held against the interval."""

from __future__ import annotations

import pytest

from luotain.server.models.improve import Evidence, Goal
from luotain.server.models.listen import Notice, Touchpoint
from luotain.server.models.people import Member, Unit
from luotain.server.operations import improve, listen
from luotain.server.operations.people import top_unit

from .conftest import NOW, PLANNED, START, history, plan, voice

pytestmark = pytest.mark.django_db(transaction=True)
SAID, DID = {"en": "We wait and nobody tells."}, {"en": "A sign tells the time."}


def test_the_verified_sentence_carries_the_interval_in_each_language(lead: Member) -> None:
    history(30)
    action = improve.register(action=plan(lead), by=lead, now=PLANNED)
    effect = improve.verify(action=action, now=NOW)
    notice = improve.publish_notice(action=action, said=SAID, did=DID, by=lead, now=NOW)
    assert set(notice.verified) == {"fi", "sv", "en"}
    assert f"{effect.value:.1f}" in notice.verified["en"]
    assert f"{effect.low:.1f}" in notice.verified["en"]
    assert f"{effect.value:.1f}".replace(".", ",") in notice.verified["fi"]
    assert notice.published_at == NOW
    assert Evidence.objects.get().notice == notice


def test_without_an_effect_it_says_that_we_cannot_tell_yet(lead: Member) -> None:
    action = improve.register(action=plan(lead, control_touchpoint=None, method="before_after"), by=lead, now=PLANNED)
    notice = improve.publish_notice(action=action, said=SAID, did=DID, by=lead, now=START)
    assert notice.verified["en"] == "We cannot tell yet whether it helped."


def test_publishing_again_replaces_and_withdrawing_takes_away(lead: Member) -> None:
    action = improve.register(action=plan(lead, control_touchpoint=None, method="before_after"), by=lead, now=PLANNED)
    improve.publish_notice(action=action, said=SAID, did=DID, by=lead, now=START)
    notice = improve.publish_notice(action=action, said=SAID, did={"en": "Two signs."}, by=lead, now=NOW)
    assert Notice.objects.get().did == {"en": "Two signs."}
    assert Evidence.objects.count() == 1
    assert improve.withdraw_notice(notice=notice, by=lead, now=NOW).withdrawn_at == NOW
    assert improve.publish_notice(action=action, said=SAID, did=DID, by=lead, now=NOW).withdrawn_at is None


def test_an_empty_text_or_a_draft_is_not_published(lead: Member) -> None:
    with pytest.raises(ValueError, match="said"):
        improve.publish_notice(action=plan(lead), said={"en": " "}, did=DID, by=lead, now=NOW)
    with pytest.raises(improve.NotNow, match="draft"):
        improve.publish_notice(action=plan(lead), said=SAID, did=DID, by=lead, now=NOW)
    assert not Notice.objects.exists()


def test_a_goal_is_set_once_and_held_against_the_interval(lead: Member, unit: Unit) -> None:
    history(30)
    point = Touchpoint.objects.get(code="check-in")
    for target in (90.0, 10.0, 10.0):
        improve.set_goal(measure="nps", target=target, touchpoint=point, by=lead, now=NOW)
    assert Goal.objects.count() == 1
    improve.set_goal(measure="nps", target=90.0, touchpoint=Touchpoint.objects.get(code="boarding"), by=lead, now=NOW)
    improve.set_goal(measure="csat", target=90.0, touchpoint=point, by=lead, now=NOW)
    lines = improve.goals_against(reach=[top_unit().path], now=NOW)
    assert [(line.goal.measure, str(line.standing)) for line in lines] == [
        ("csat", "unknown"), ("nps", "missed"), ("nps", "reached"),
    ]  # fmt: skip
    assert improve.goals_against(reach=[unit.path], now=NOW) == []


def test_a_goal_of_a_unit_counts_that_unit_only(lead: Member, unit: Unit) -> None:
    history(30, weeks_before=0)
    for place in (unit, top_unit()):
        improve.set_goal(measure="nps", target=10.0, unit=place, by=lead, now=NOW)
    lines = {line.goal.unit: line for line in improve.goals_against(reach=[top_unit().path], now=NOW)}
    assert lines[unit].cell is None
    assert str(lines[unit].standing) == "unknown"
    assert lines[top_unit()].cell is not None
    assert str(lines[top_unit()].standing) == "reached"


def test_a_goal_shows_no_figure_of_answers_too_few_to_be_shown(lead: Member) -> None:
    listen.receive([voice("check-in", 100, number, 10) for number in range(9)], now=NOW)
    improve.set_goal(measure="nps", target=10.0, touchpoint=Touchpoint.objects.get(code="check-in"), by=lead, now=NOW)
    line = improve.goals_against(reach=[top_unit().path], now=NOW)[0]
    assert line.cell is not None
    assert (line.cell.value, line.cell.n, str(line.standing)) == (None, 9, "unknown")
