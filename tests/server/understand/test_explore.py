"""The explorer: figures by address, down to their voices, kept, annotated and taken out as files."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.utils import timezone
from tests.server.understand.conftest import Tell

from luotain.server.models.listen import Feedback
from luotain.server.models.people import Organization, Unit
from luotain.server.models.understand import Annotation, SavedView
from luotain.server.operations import people
from luotain.server.operations.people import today_at
from luotain.server.operations.understand.blocks import form_blocks
from luotain.terms import Population, Role

pytestmark = pytest.mark.django_db(transaction=True)
Enter = Callable[..., None]


@pytest.fixture
def enter(client: Client, tell: Tell) -> Enter:
    """Let somebody of a role in."""
    Organization.objects.update(set_up_at=timezone.now(), name="Kurki", language="en")

    def go(role: Role, unit: Unit | None = None) -> None:
        who = people.add_member(
            username=str(role), name="N", password=None, role=role, unit=unit or people.top_unit(), language="en",
            now=timezone.now(),
        )  # fmt: skip
        client.force_login(who, "django.contrib.auth.backends.ModelBackend")
        client.cookies["django_language"] = "en"

    return go


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_one_filter_holds_for_all_of_a_figure(client: Client, enter: Enter, tell: Tell) -> None:
    now = timezone.now()
    tell("nps", *[10] * 20, *[5] * 10, scale="nps_0_10", touchpoint="check-in", at=now)
    tell("nps", *[0] * 30, scale="nps_0_10", touchpoint="cabin", at=now)
    enter(Role.ANALYST)
    shown = text_of(client, "/explore/?measure=nps&by=touchpoint&only.touchpoint=check-in")
    assert re.search(r"Check in 33 interval \[−2, 62\] n = 30", shown)
    assert "−100" not in shown
    assert "n = 60" not in shown


def test_a_series_is_drawn_with_what_happened_meanwhile(client: Client, enter: Enter, tell: Tell) -> None:
    now = timezone.now()
    for days, score in ((0, 10), (40, 3)):
        tell("nps", *[score] * 30, scale="nps_0_10", touchpoint="check-in", at=now - timedelta(days=days))
    enter(Role.CX_LEAD)
    told = {"day": today_at(now).isoformat(), "text": "New app released", "touchpoint": "check-in"}
    for _twice in range(2):
        assert client.post("/explore/annotate/?measure=nps&by=month", told).status_code == 302
    assert Annotation.objects.count() == 1
    page = client.get("/explore/?measure=nps&by=month").content.decode()
    assert "<svg" in page
    assert "New app released" in page
    row = Annotation.objects.get()
    client.post(f"/explore/annotations/{row.pk}/drop/")
    assert not Annotation.objects.exists()


def test_a_figure_opens_its_voices_and_no_others(client: Client, enter: Enter, tell: Tell) -> None:
    now = timezone.now()
    tell("csat", 1, scale="csat_1_5", touchpoint="check-in", verbatim="The queue never moved", at=now)
    tell("csat", 5, scale="csat_1_5", touchpoint="cabin", verbatim="Lovely crew", at=now)
    tell("nps", 9, scale="nps_0_10", touchpoint="check-in", verbatim="Another question", at=now)
    enter(Role.CX_LEAD)
    shown = text_of(client, "/explore/voices/?measure=csat&only.touchpoint=check-in")
    assert "The queue never moved" in shown
    assert "Lovely crew" not in shown
    assert "Another question" not in shown


def test_a_partner_sees_figures_of_its_units_but_no_words(client: Client, enter: Enter, tell: Tell) -> None:
    unit = Unit.add(parent=people.top_unit(), code="partner", name="Partner", kind="function")
    now = timezone.now()
    tell("csat", *[5] * 12, scale="csat_1_5", unit="partner", verbatim="Own words", at=now)
    tell("csat", *[1] * 15, scale="csat_1_5", verbatim="Of others", at=now)
    enter(Role.PARTNER, unit)
    assert "n = 12" in text_of(client, "/explore/?measure=csat")
    shown = text_of(client, "/explore/voices/?measure=csat")
    assert "n = 12" in shown
    assert "Own words" not in shown
    assert client.post("/explore/annotate/?measure=csat", {"day": "2026-01-01", "text": "x"}).status_code == 403


def test_the_words_of_a_few_employees_are_not_shown(client: Client, enter: Enter, tell: Tell) -> None:
    now = timezone.now()
    staff = {"population": Population.EMPLOYEE.value, "verbatim": "Our shift is tired", "at": now}
    tell("nps", *[3] * 7, scale="nps_0_10", **staff)
    form_blocks(now=now)
    enter(Role.CX_LEAD)
    shown = text_of(client, "/explore/voices/?measure=nps&population=employee")
    assert "Our shift is tired" not in shown
    assert "Fewer than eight employees" in shown
    tell("nps", 3, scale="nps_0_10", **staff)
    form_blocks(now=now)
    assert "Our shift is tired" in text_of(client, "/explore/voices/?measure=nps&population=employee")


def test_erased_and_confidential_voices_stay_away(client: Client, enter: Enter, tell: Tell) -> None:
    tell("csat", 1, scale="csat_1_5", verbatim="Keep it to yourself", at=timezone.now())
    Feedback.objects.update(confidential=True)
    enter(Role.CX_LEAD)
    assert "Keep it to yourself" not in text_of(client, "/explore/voices/?measure=csat")


def test_files_hold_what_the_page_may_show(client: Client, enter: Enter, tell: Tell) -> None:
    now = timezone.now()
    tell("nps", *[10] * 20, *[5] * 10, scale="nps_0_10", touchpoint="check-in", at=now)
    tell("nps", *[10] * 3, scale="nps_0_10", touchpoint="cabin", at=now)
    enter(Role.ANALYST)
    answer = client.get("/explore/figures.csv?measure=nps&by=touchpoint")
    assert answer["Content-Disposition"].startswith('attachment; filename="luotain-nps-')
    rows = {row["touchpoint"]: row for row in csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))}
    assert (rows["check-in"]["n"], rows["check-in"]["method"]) == ("30", "score")
    assert float(rows["check-in"]["value"]) == pytest.approx(33.333333)
    assert (rows["cabin"]["n"], rows["cabin"]["value"]) == ("0", "")
    for kind, head in (("xlsx", b"PK"), ("parquet", b"PAR1"), ("sav", b"$FL2"), ("svg", b"<svg"), ("png", b"\x89PNG")):
        file = client.get(f"/explore/figures.{kind}?measure=nps&by=touchpoint")
        assert file.status_code == 200
        assert file.content.startswith(head), kind
    assert client.get("/explore/figures.doc?measure=nps").status_code == 404


def test_a_kept_view_is_found_again_and_dropped_by_its_owner_only(client: Client, enter: Enter, tell: Tell) -> None:
    tell("nps", *[10] * 20, scale="nps_0_10", touchpoint="check-in", at=timezone.now())
    enter(Role.ANALYST)
    for _twice in range(2):
        answer = client.post("/explore/save/?measure=nps&by=touchpoint", {"name": "Desks", "shared": "1"})
        assert answer.status_code == 302
    kept = SavedView.objects.get()
    assert "by=touchpoint" in kept.query
    enter(Role.CX_LEAD)
    assert "Desks" in text_of(client, "/explore/")
    assert client.post(f"/explore/{kept.pk}/drop/").status_code == 404
    assert SavedView.objects.exists()


def test_a_view_that_makes_no_sense_says_so(client: Client, enter: Enter, tell: Tell) -> None:
    tell("nps", *[10] * 20, scale="nps_0_10", at=timezone.now())
    enter(Role.ANALYST)
    assert "left out: planet" in text_of(client, "/explore/?measure=nps&by=planet")
    assert "there is no touchpoint" in text_of(client, "/explore/?measure=nps&only.touchpoint=moon").lower()
    assert client.get("/explore/figures.csv?measure=nps&only.touchpoint=moon").status_code == 302
    assert client.get("/explore/voices/?measure=nps&only.touchpoint=moon").status_code == 302
