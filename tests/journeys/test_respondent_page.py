"""The respondent's page in a real browser: with and without script, by keyboard alone, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from luotain.server.models.listen import Feedback, Instrument, Programme, Question
from luotain.server.operations import listen, people
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.codes import ensure_scale
from luotain.server.operations.listen.fieldwork import invite
from luotain.server.web.listen import respondent
from luotain.terms import SCALES, Scale

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=[(320, False), (320, True), (1280, False), (1280, True)], ids=lambda p: f"{p[0]}-{p[1]}")
def page(request: pytest.FixtureRequest, browser: Any) -> Iterator[Any]:
    """A window of a phone's and of a desk's width, with and without script."""
    width, script = request.param
    yield from window(browser, width, script=script)


def window(browser: Any, width: int, *, script: bool, **more: Any) -> Iterator[Any]:
    context = browser.new_context(
        viewport={"width": width, "height": 720}, java_script_enabled=script, locale="en-GB", **more
    )
    page = context.new_page()
    yield page
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


# --- every kind of question --------------------------------------------------------------------------------------


def words(text: str) -> dict[str, str]:
    return {"en": text, "fi": f"{text} suomeksi", "sv": f"{text} på svenska"}


@pytest.fixture
def all_kinds(desk: Any) -> Any:
    """A form with a branch and every kind of question, always open at the desk; 24 words of each scale are long."""
    now = timezone.now()
    agree = ensure_scale(SCALES["agree_1_5"])
    labels = [(str(n), f"To quite a considerable degree {n}") for n in range(1, 6)]
    options = [{"code": code, "text": words(text)} for code, text in labels]
    form = Instrument.objects.create(
        code="all", title=words("All"), thanks=words("Thanks"), languages=["fi", "sv", "en"], published_at=now
    )
    low = {"all": [{"question": "nps", "op": "at_most", "values": ["6"]}]}
    nps, hundred = ensure_scale(SCALES["nps_0_10"]), ensure_scale(Scale("hundred", 0, 100))
    rows = [{"code": code, "text": words(f"The {code} of the service")} for code in ("speed", "friendliness")]
    for order, more in enumerate(
        (
            {"code": "nps", "kind": "score", "measure": "nps", "scale": nps, "page": 1, "required": True},
            {"code": "reasons", "kind": "multi", "options": options, "most": 2, "page": 2, "condition": low},
            {"code": "service", "kind": "matrix", "measure": "service", "scale": agree, "rows": rows,
             "options": options, "page": 2},
            {"code": "part", "kind": "choice", "options": options, "page": 2},
            {"code": "worth", "kind": "score", "measure": "worth", "scale": hundred, "page": 2},
            {"code": "feeling", "kind": "emotion", "measure": "emotion", "page": 2},
            {"code": "story", "kind": "text", "page": 3, "help": words("Help")},
            {"code": "photo", "kind": "file", "page": 3},
            {"code": "contact", "kind": "contact", "page": 3},
        )
    ):  # fmt: skip
        Question.objects.create(instrument=form, order=order, text=words(more["code"].capitalize()), **more)
    Programme.objects.create(code="here", kind="always_on", instrument=form, touchpoint=desk, starts_at=now)
    return desk


def go_on(page: Any) -> None:
    with page.expect_navigation():
        page.locator("form#answers .buttons button").first.click()


def pages_of(page: Any, base: str, language: str) -> Iterator[None]:
    """Walk through the form, and stop at each page of it."""
    page.goto(f"{base}/f/check-in/?in={language}")
    yield
    page.locator("input[name=nps][value='2']").check(force=True)
    go_on(page)
    yield
    page.locator("input[name='service.speed'][value='4']").check(force=True)
    go_on(page)
    page.locator("input[name=contact]").check()
    go_on(page)  # an address is missing: the page says so
    yield
    page.locator("input[name='contact.address']").fill("aino@example.fi")
    go_on(page)
    yield


def is_too_wide(page: Any) -> bool:
    root = "document.documentElement"
    return bool(page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"))


def test_every_kind_is_filled_by_keyboard_alone(page: Any, live_server: Any, all_kinds: Any) -> None:
    page.goto(f"{live_server.url}/f/check-in/?in=en")
    tab_to(page, "input[name=nps]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**page=2**")
    tab_to(page, "input[name='reasons.2']")
    page.keyboard.press("Space")
    tab_to(page, "input[name='service.speed']")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    tab_to(page, "input[name=worth]")
    page.keyboard.type("70")
    page.keyboard.press("Enter")
    page.wait_for_url("**page=3**")
    tab_to(page, "textarea[name=story]")
    page.keyboard.type("A long queue")
    tab_to(page, "form#answers .buttons button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/**")
    kept = {a.code: a.label or a.raw for a in Feedback.objects.get().answers.all()}
    assert kept == {"nps": "0", "reasons.2": "2", "service.speed": "2", "worth": "70"}


@pytest.mark.parametrize("brightness", ["light", "dark"])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_keeps_anybody_from_answering(
    browser: Any, live_server: Any, all_kinds: Any, axe: Any, width: int, language: str, brightness: str
) -> None:
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    wrong: list[str] = []
    told: list[Any] = []

    def hear(said: Any) -> None:
        told.append(said)

    for page in window(browser, width, script=True, color_scheme=brightness):
        page.on("console", hear)
        for _ in pages_of(page, live_server.url, language):
            page.evaluate(axe.read_text(encoding="utf-8"))
            found = page.evaluate("rules => axe.run(document, rules)", rules)["violations"]
            wrong += [f"{page.url}: {rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
            assert not is_too_wide(page)
    # that an answer does not fit is told by the browser, too
    wrong += [said.text for said in told if said.type == "error" and "422" not in said.text]
    assert wrong == []


def test_letters_twice_as_large_and_a_window_half_as_wide_hide_nothing(
    browser: Any, live_server: Any, all_kinds: Any
) -> None:
    for page in window(browser, 640, script=True, device_scale_factor=2):
        for _ in pages_of(page, live_server.url, "fi"):
            assert not is_too_wide(page)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert not is_too_wide(page)
            for left, right, _size in places(page, "label:visible, .buttons button, legend:visible"):
                assert left >= 0
                assert right <= 640


# --- with script -------------------------------------------------------------------------------------------------


def test_words_survive_a_reload_and_a_tunnel(browser: Any, live_server: Any, desk: Any) -> None:
    for page in window(browser, 390, script=True):
        page.goto(f"{live_server.url}/f/check-in/?in=en")
        page.fill("textarea[name=story]", "The lamp is broken.")
        page.reload()
        assert page.input_value("textarea[name=story]") == "The lamp is broken."
        page.locator("input[name=csat][value='2']").check(force=True)
        page.context.set_offline(True)
        page.locator("form#answers .buttons button").first.click()
        assert "no connection" in page.inner_text("#offline")
        page.context.set_offline(False)
        page.wait_for_selector("#offline", state="detached")
        go_on(page)
        page.wait_for_url("**/thanks/**")
        assert Feedback.objects.get().verbatim == "The lamp is broken."
        page.goto(f"{live_server.url}/f/check-in/?in=en")
        assert page.input_value("textarea[name=story]") == ""


@pytest.mark.parametrize("script", [False, True])
def test_a_kiosk_takes_one_tap_and_starts_over(
    browser: Any, live_server: Any, desk: Any, script: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(respondent, "_IDLE", 3)
    start = f"{live_server.url}/f/check-in/?via=faces"
    for page in window(browser, 1280, script=script):
        page.goto(start)
        page.locator("button.face").nth(3).click()
        page.wait_for_url("**page=2**")
        assert Feedback.objects.get().answers.get().raw == "4"
        page.fill("textarea", "Aino was here")
        if script:
            page.wait_for_selector(".still-there:visible")
            page.mouse.down()
            assert not page.is_visible(".still-there")
            page.context.set_offline(True)
            expect(page.locator("textarea")).to_have_value("", timeout=8000)
            page.context.set_offline(False)
        page.wait_for_url(start, timeout=8000)
        assert page.locator("button.face").count() == 4
        assert "Aino" not in page.content()
    assert Feedback.objects.get().verbatim == ""


def test_a_kiosk_does_not_go_back_to_the_guest_before(browser: Any, live_server: Any, all_kinds: Any) -> None:
    for page in window(browser, 1280, script=True):
        page.goto(f"{live_server.url}/f/check-in/?via=kiosk&in=en")
        page.locator("input[name=nps][value='9']").check(force=True)
        go_on(page)
        go_on(page)
        page.fill("textarea[name=story]", "Aino was here")
        go_on(page)
        page.wait_for_url("**/thanks/**")
        for _ in range(3):
            page.go_back()
            assert "Aino" not in page.content()
