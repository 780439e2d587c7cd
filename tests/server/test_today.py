"""The start page: each role finds what to do today, in its own units, by few and cheap queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import escape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.server.conftest import LogIn

from luotain.listen.submission import Submission
from luotain.server.models.listen import Feedback, Import
from luotain.server.models.people import Member, Organization, Unit, Worker
from luotain.server.models.respond import Case
from luotain.server.operations import listen, respond
from luotain.server.operations import today as operation
from luotain.server.operations.today import PIECES, today
from luotain.server.web.today import LEADS, TALLIES
from luotain.terms import Role

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)

Hear = Callable[..., Feedback]


@pytest.fixture
def town(top: Unit) -> Callable[[str], Unit]:
    return lambda code: Unit.add(parent=top, code=code, name=code.title(), kind="function")


@pytest.fixture
def hear(top: Unit) -> Hear:
    """Take in one voice of a unit; with ``due`` (hours from now) it has an open case."""

    def tell(
        words: str, unit: Unit, *, at: datetime = NOW, due: float | None = None, owner: Member | None = None
    ) -> Feedback:
        receipt = listen.receive(
            [
                Submission(
                    kind="response", source="test", source_id=words, occurred_at=at - timedelta(hours=1),
                    verbatim=words, unit=unit.code,
                )
            ],
            now=at,
        )  # fmt: skip
        row = Feedback.objects.get(pk=receipt.feedback_ids[0])
        if due is not None:
            when = at + timedelta(hours=due)
            Case.objects.create(
                feedback=row, unit=unit, owner=owner, opened_at=at, touch_due_at=when, solve_due_at=when, due_at=when
            )
        return row

    return tell


def counts(member: Member) -> dict[str, float | None]:
    return {tally.code: tally.count for tally in today(member=member, now=NOW).tallies}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_day_of_its_own(role: Role, log_in: LogIn) -> None:
    page = log_in(role).get(reverse("home")).content.decode()
    assert escape(str(LEADS[role])) in page
    assert sum(other != role and PIECES[other] == PIECES[role] for other in Role) == 0


def test_every_piece_can_be_laid_on_a_desk_and_has_words() -> None:
    pieces = {piece for pieces in PIECES.values() for piece in pieces}
    assert all(hasattr(operation._Desk, piece) for piece in pieces - {"figures"})
    assert pieces - set(operation._LISTS) == set(TALLIES)


def test_an_agent_begins_with_their_own_cases_and_those_that_nobody_has(
    hear: Hear, town: Callable[[str], Unit], member_with: Callable[..., Member]
) -> None:
    here = town("helsinki")
    agent, other = member_with(Role.AGENT, here), member_with(Role.UNIT_MANAGER, here)
    hear("mine, late", here, due=-2, owner=agent)
    hear("nobody's", here, due=1)
    hear("another's", here, due=-5, owner=other)
    day = today(member=agent, now=NOW)
    assert [case.feedback.verbatim for case in day.cases] == ["mine, late", "nobody's"]
    assert counts(agent) == {"own_late": 1, "own_open": 1, "cases_unowned": 1, "goodwill": None}
    assert next(tally for tally in day.tallies if tally.code == "own_late").alarm


def test_a_unit_manager_sees_nothing_of_another_unit(
    hear: Hear, town: Callable[[str], Unit], member_with: Callable[..., Member]
) -> None:
    here, there = town("helsinki"), town("oulu")
    manager = member_with(Role.UNIT_MANAGER, here)
    hear("ours", here, due=-1)
    hear("theirs", there, due=-1)
    day = today(member=manager, now=NOW)
    assert [row.verbatim for row in day.voices] == ["ours"]
    assert [case.feedback.verbatim for case in day.cases] == ["ours"]
    assert counts(manager) == {"cases_late": 1, "cases_unowned": 1, "cases_open": 1, "voices_week": 1}


def test_figures_of_everywhere_open_no_words_and_no_cases_of_everywhere(
    hear: Hear, top: Unit, town: Callable[[str], Unit], member_with: Callable[..., Member]
) -> None:
    here, there = town("helsinki"), town("oulu")
    manager = member_with(Role.UNIT_MANAGER, here)
    for role in (Role.PARTNER, Role.FRONT_LINE):
        manager.memberships.create(role=role, unit=top if role == Role.PARTNER else there, since=NOW)
    hear("ours", here, due=-1)
    hear("of those whom only the front line hears", there, due=-1)
    hear("of nobody but the top", top, due=-1)
    day = today(member=manager, now=NOW)
    assert sorted(row.verbatim for row in day.voices) == ["of those whom only the front line hears", "ours"]
    assert [case.feedback.verbatim for case in day.cases] == ["ours"]


def test_personal_data_in_the_words_are_masked_as_in_the_stream(
    hear: Hear, top: Unit, member_with: Callable[..., Member]
) -> None:
    hear("write to aino@example.fi, please", top)
    shown = today(member=member_with(Role.FRONT_LINE), now=NOW).voices
    assert "aino@example.fi" not in shown[0].verbatim
    assert shown[0].masked


def test_who_reaches_a_part_only_sees_their_own_imports(
    town: Callable[[str], Unit], member_with: Callable[..., Member]
) -> None:
    analyst, other = member_with(Role.ANALYST, town("helsinki")), member_with(Role.ANALYST, town("oulu"))
    for member, name in ((analyst, "ours.csv"), (other, "theirs.csv"), (None, "by-command.csv")):
        Import.objects.create(
            kind="feedback", state="failed", file_name=name, file_hash=name, member=member, started_at=NOW
        )
    assert [row.file_name for row in today(member=analyst, now=NOW).imports] == ["ours.csv"]
    assert counts(analyst)["imports_failed"] == 1
    assert len(today(member=member_with(Role.ANALYST), now=NOW).imports) == 3


def test_goodwill_is_that_of_the_day_in_the_organizations_own_time_zone(member_with: Callable[..., Member]) -> None:
    agent = member_with(Role.AGENT)
    respond.set_budget(member=agent, start=date(2026, 6, 16), end=date(2026, 6, 30), amount=Decimal(50))
    late = datetime(2026, 6, 15, 22, tzinfo=UTC)  # one in the morning of the 16th in Helsinki
    assert {tally.code: tally.count for tally in today(member=agent, now=late).tallies}["goodwill"] == 50


def test_a_partner_is_shown_no_words_and_no_cases(hear: Hear, top: Unit, log_in: LogIn) -> None:
    hear("for our own eyes", top, at=timezone.now(), due=1)
    assert "for our own eyes" not in log_in(Role.PARTNER).get(reverse("home")).content.decode()


def test_a_member_without_a_role_is_told_to_ask_for_one(top: Unit, log_in: LogIn) -> None:
    browser = log_in(Role.AGENT)
    Member.objects.get().memberships.all().delete()
    assert "You have no role yet" in browser.get(reverse("home")).content.decode()


def test_an_administrator_is_alarmed_when_nobody_works_in_the_background(member_with: Callable[..., Member]) -> None:
    administrator = member_with(Role.ADMINISTRATOR)

    def loop() -> tuple[float | None, bool]:
        first = today(member=administrator, now=NOW).tallies[0]
        return first.count, first.alarm

    assert loop() == (0, True)
    worker = Worker.objects.create(name="one", rooms="people", started_at=NOW)
    Worker.objects.filter(pk=worker.pk).update(beat_at=NOW - timedelta(minutes=1))
    assert loop() == (1, False)
    assert today(member=administrator, now=NOW + timedelta(minutes=9)).tallies[0].alarm


def test_a_count_is_not_followed_further_than_needed(
    hear: Hear, top: Unit, member_with: Callable[..., Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "MOST", 2)
    for word in ("one", "two", "three"):
        hear(word, top)
    tally = today(member=member_with(Role.PARTNER), now=NOW).tallies[0]
    assert (tally.count, tally.more) == (2, True)


@pytest.mark.parametrize("role", list(Role))
def test_the_page_asks_the_database_as_often_however_much_there_is(
    role: Role, hear: Hear, top: Unit, log_in: LogIn
) -> None:
    browser = log_in(role)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(reverse("home")).status_code == 200
        return len(queries)

    hear("first", top, at=timezone.now(), due=1)
    few = asked()
    for word in ("second", "third", "fourth"):
        hear(word, top, at=timezone.now(), due=1)
    assert asked() == few
    assert few <= 20


def test_times_are_shown_in_the_organizations_own_time_zone(hear: Hear, top: Unit, log_in: LogIn) -> None:
    hear("at noon", top, at=timezone.now())
    said = Feedback.objects.get().occurred_at
    browser = log_in(Role.FRONT_LINE)
    for zone in ("Europe/Helsinki", "America/Lima"):
        Organization.objects.update(time_zone=zone)
        page = browser.get(reverse("home")).content.decode()
        assert said.astimezone(ZoneInfo(zone)).strftime("%H:%M") in page
