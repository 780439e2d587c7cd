"""The respondent's page in a real browser: without script, by keyboard alone, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from luotain.server.models.listen import Feedback, Instrument, Programme
from luotain.server.operations import listen, people
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.fieldwork import invite

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=[320, 1280])
def page(request: pytest.FixtureRequest, browser: Any) -> Iterator[Any]:
    context = browser.new_context(
        viewport={"width": request.param, "height": 720}, java_script_enabled=False, locale="en-GB"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(live_server: Any) -> Any:
    now = timezone.now()
    people.ensure_organization(now=now)
    people.set_up_organization(
        name="Kurki", industry="", language="en", time_zone="Europe/Helsinki", formal=False, now=now
    )
    listen.default_channels()
    publish_instruments(now=now)
    return listen.ensure_touchpoint("check-in", name={"en": "Check-in"}, now=now)


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until the element is reached, as a person without a mouse does."""
    for _ in range(40):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def places(page: Any, selector: str) -> list[tuple[float, float, float]]:
    """Return of each such element its left and right edge and its shorter side, in pixels, in one look."""
    found = page.locator(selector).evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(r => [r.left, r.right, Math.min(r.width, r.height)])"
    )
    return [(left, right, size) for left, right, size in found]


def test_a_complaint_is_made_by_keyboard_alone(page: Any, live_server: Any, desk: Any) -> None:
    page.goto(f"{live_server.url}/f/check-in/?in=en")
    tab_to(page, "input[name=csat]")
    page.keyboard.press("Space")
    tab_to(page, "textarea[name=story]")
    page.keyboard.type("The queue took two hours.")
    tab_to(page, "input[name='contact.address']")
    page.keyboard.type("aino@example.fi")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/**")
    assert "Thank you" in page.inner_text("h1")
    feedback = Feedback.objects.get()
    assert feedback.verbatim == "The queue took two hours."
    assert feedback.answers.get().raw == "1"
    assert feedback.contact_wanted


def test_nothing_sticks_out_sideways_and_every_target_is_large(page: Any, live_server: Any, desk: Any) -> None:
    now = timezone.now()
    Programme.objects.create(
        code="always", kind="always_on", instrument=Instrument.objects.get(code="touchpoint_card"), touchpoint=desk,
        starts_at=now,
    )  # fmt: skip
    for language in ("fi", "sv", "en"):
        page.goto(f"{live_server.url}/f/check-in/?in={language}")
        for _ in range(3):
            for left, right, _ in places(page, "label:visible, button:visible:not(.visually-hidden), textarea"):
                assert left >= 0
                assert right <= page.viewport_size["width"]
            targets = places(page, ".scale label, .choices label, .faces label, button:not(.visually-hidden)")
            assert targets
            assert min(size for _, _, size in targets) >= 24
            if page.locator("input[name=nps]").count():
                page.locator("input[name=nps][value='3']").check(force=True)
            page.locator("form#answers .buttons button").first.click()


def test_the_back_button_and_the_language_switch_lose_nothing(page: Any, live_server: Any, desk: Any) -> None:
    now = timezone.now()
    rule = Programme.objects.create(
        code="after", kind="triggered", instrument=Instrument.objects.get(code="touchpoint_card"), touchpoint=desk,
        starts_at=now,
    )  # fmt: skip
    customer = people.identify(identifiers={"email": "aino@example.fi"}, source="test", now=now, language="en")
    letter = invite(programme=rule, customer=customer, now=now)
    page.goto(f"{live_server.url}/r/{letter.link_token}/?score=9")
    assert page.locator("input[name=nps][value='9']").is_checked()
    assert not Feedback.objects.exists()
    page.locator("input[name=nps][value='2']").check(force=True)
    page.get_by_role("button", name="Svenska").click()
    assert page.locator("html").get_attribute("lang") == "sv"
    assert page.locator("input[name=nps][value='2']").is_checked()
    page.locator("form#answers .buttons button").first.click()
    page.wait_for_url("**page=2**")
    assert Feedback.objects.get().completed_at is None
    page.go_back()
    page.reload()
    assert page.locator("input[name=nps][value='2']").is_checked()
    page.go_forward()
    page.locator("input[name=emotion][value=anger]").check(force=True)
    page.locator("form#answers .buttons button").first.click()
    page.wait_for_url("**page=3**")
    page.locator("form#answers .buttons button").first.click()
    page.wait_for_url("**/thanks/**")
    assert {a.code: a.label or a.raw for a in Feedback.objects.get().answers.all()} == {"nps": "2", "emotion": "anger"}
