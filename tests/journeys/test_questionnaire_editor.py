"""A questionnaire is made in a real browser: with a script and without, on a desk and on a phone, by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from luotain.server.models.listen import Instrument, Programme
from luotain.server.models.people import Member
from luotain.server.operations import listen, people
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.drafts import newest_of, published_of
from luotain.terms import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CARD = "touchpoint_card"


@pytest.fixture
def lead(live_server: Any) -> Member:
    """The lead of customer experience in a house that asks with the touchpoint card."""
    now = timezone.now()
    people.set_up_organization(
        name="Kurki", industry="airline", language="en", time_zone="Europe/Helsinki", formal=False, now=now
    )
    listen.default_scales()
    publish_instruments(now=now)
    listen.ensure_touchpoint("desk", name={"en": "The desk"}, now=now)
    Programme.objects.create(
        code="desk", name={"en": "At the desk"}, kind="waves", instrument=Instrument.objects.get(code=CARD),
        starts_at=now,
    )  # fmt: skip
    return people.add_member(
        username="lead", name="Lead", password=None, role=Role.CX_LEAD, unit=people.top_unit(), language="en", now=now
    )


@pytest.fixture(params=[(True, 1280), (True, 390), (False, 1280), (False, 390)], ids=lambda p: f"script {p[0]}, {p[1]}")
def page(request: pytest.FixtureRequest, browser: Any, live_server: Any, lead: Member) -> Iterator[Any]:
    """A window in which the lead has logged in; with a script or without, wide or narrow."""
    script, width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=script, locale="en-GB", base_url=live_server.url
    )
    member = Client()
    member.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    session = member.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    window = context.new_page()
    window.script = script
    yield window
    context.close()


def settle(page: Any, act: Any) -> None:
    """Do something that is saved by itself where there is a script, and by the button where there is none."""
    if page.script:
        with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
            act()
        page.wait_for_selector(".htmx-request, .htmx-swapping, .htmx-settling", state="detached")
    else:
        act()
        page.click("#save")


def fill(page: Any, field: str, text: str) -> None:
    def write() -> None:
        page.fill(f"[id='{field}']", text)
        page.press(f"[id='{field}']", "Tab")

    settle(page, write)


def test_a_card_gets_a_follow_up_for_detractors_is_published_and_taken_into_use(page: Any) -> None:
    page.goto(f"/questionnaires/{CARD}/?question=nps")
    page.click("summary:has-text('Add a question')")
    page.click("button[name=part][value=text]")
    page.wait_for_selector("[id='t-text.en']")
    fill(page, "t-text.en", "What would have made it better?")
    assert "What would have made it better?" in page.inner_text(".respondent")
    settle(page, lambda: page.select_option("[id='if.0-q']", "nps"))
    settle(page, lambda: page.select_option("[id='if.0-v']", "6"))
    assert "is at most 6" in page.inner_text(".entry.current")
    fill(page, "t-text.sv", "")
    assert "sv missing" in page.inner_text(".entry.current")
    page.click("text=Check and publish")
    assert page.locator("button:has-text('Publish')").is_disabled()
    page.click("text=is missing in Swedish")
    fill(page, "t-text.sv", "Vad skulle ha gjort det bättre?")
    page.click("text=Check and publish")
    assert "is new" in page.inner_text("main")
    page.click("button:has-text('Publish')")
    published = published_of(CARD)
    assert published is not None
    assert published.version == 2
    added = published.questions.get(code="story_2")
    assert added.condition == {"all": [{"question": "nps", "op": "at_most", "values": ["6"]}]}
    assert Programme.objects.get().instrument.version == 1
    page.check("input[name=programme]")
    page.click("button:has-text('Move the chosen ones')")
    assert Programme.objects.get().instrument.version == 2


def test_it_can_be_walked_through_and_shows_the_follow_up_to_detractors_alone(page: Any) -> None:
    page.goto(f"/questionnaires/{CARD}/?question=improvement")
    settle(page, lambda: page.select_option("[id='if.0-q']", "nps"))
    settle(page, lambda: page.select_option("[id='if.0-v']", "6"))
    for score, asked in (("3", True), ("9", False)):
        page.goto(f"/questionnaires/{CARD}/preview/?in=en")
        page.check(f"input[name=nps][value='{score}']", force=True)
        seen = ""
        while "/thanks/" not in page.url:
            page.click("form#answers .buttons button[type=submit]:not([name=back])")
            seen += page.inner_text("main")
        assert ("What should we do differently?" in seen) is asked
        assert "nothing is saved" in seen


@pytest.mark.parametrize("page", [(True, 1280), (True, 390)], indirect=True, ids=("desk", "phone"))
def test_words_that_are_being_written_are_not_lost_when_the_form_is_drawn_anew(page: Any) -> None:
    page.goto(f"/questionnaires/{CARD}/?question=emotion")
    page.click("summary:has-text('Add a question')")
    page.click("button[name=part][value=choice]")
    page.wait_for_selector("[id='t-option.3.en']")
    fill(page, "t-option.3.en", "The queue")
    assert page.input_value("[id='t-option.3.en']") == "The queue"
    assert page.locator("[id='t-option.4.en']").count() == 1
    assert page.evaluate("document.activeElement.id") != ""
    page.click("#frame-desk", force=True)
    desk, phone = page.locator("#frame").bounding_box(), 390
    assert desk["width"] > phone or page.viewport_size["width"] == 390
    assert newest_of(CARD) is not None


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_everybody_can_use_the_pages_of_questionnaires(
    browser: Any, live_server: Any, lead: Member, axe: Path, theme: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme, locale="en-GB", base_url=live_server.url
    )
    member = Client()
    member.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    session = member.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    window = context.new_page()
    complaints: list[str] = []
    window.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    window.goto(f"/questionnaires/{CARD}/?question=story")
    for part in ("matrix", "multi", "file"):
        window.click("summary:has-text('Add a question')")
        window.click(f"button[name=part][value={part}]")
    window.select_option("[id='if.0-q']", "nps")
    window.wait_for_selector("[id='if.0-v']")
    window.goto(f"/questionnaires/{CARD}/?question=ratings")
    window.fill("[id='t-text.sv']", "")
    window.press("[id='t-text.sv']", "Tab")
    window.wait_for_selector("#remarks li")
    addresses = (
        "", "?question=nps", "?question=emotion", "?question=ratings&in=sv", "?question=choices", "?question=file",
        "check/", "versions/", "preview/",
    )  # fmt: skip
    wrong: list[str] = []
    for address in ("/questionnaires/", *(f"/questionnaires/{CARD}/{rest}" for rest in addresses)):
        window.goto(address)
        window.evaluate(axe.read_text(encoding="utf-8"))
        found = window.evaluate("rules => axe.run(document, rules)", RULES)
        wrong += [
            f"{address}: {rule['id']}: {node['html'][:120]}" for rule in found["violations"] for node in rule["nodes"]
        ]
        if window.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{address}: wider than the screen")
    context.close()
    assert wrong + complaints == []


def test_a_rating_of_another_tool_becomes_a_score_without_the_file(page: Any, tmp_path: Path) -> None:
    file = tmp_path / "visit.json"
    file.write_text('{"title": "Visit", "elements": [{"type": "rating", "name": "r1", "title": "How was it?"}]}')
    page.goto("/questionnaires/")
    page.set_input_files("#brought-file", file)
    page.click("form[action$='/bring-in/'] button")
    page.click("td a")
    page.click("summary:has-text('Make it a score')")
    page.select_option("#score_measure", "csat")
    page.select_option("#score_scale", "csat_1_5")
    page.click("details[open] button:has-text('Make it a score')")
    page.wait_for_selector("text=The question is a score now.")
    draft = newest_of("visit")
    assert draft is not None
    row = draft.questions.get()
    assert (row.kind, row.measure, row.scale and row.scale.code) == ("score", "csat", "csat_1_5")
