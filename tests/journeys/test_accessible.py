"""The pages in a real browser: axe-core finds nothing, nothing is refused by the content policy, nothing overflows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from luotain.listen.submission import Submission
from luotain.server.models.people import Member, Organization
from luotain.server.operations import listen, people
from luotain.server.web.navigation import sections
from luotain.terms import Role

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("axe")]

#: (language, brightness, width, height); the colours of both modes are reckoned in tests/test_palette.py
LOOKS = (("fi", "dark", 1280, 860), ("sv", "light", 390, 844))


@pytest.fixture
def browser(browser: Any) -> Iterator[Any]:
    """The shared browser, left without a window."""
    yield browser
    for window in browser.contexts:
        window.close()


@pytest.fixture
def installation() -> None:
    """Members of two roles, and something heard."""
    now = timezone.now()
    people.set_up_organization(
        name="Kurki", industry="airline", language="fi", time_zone="Europe/Helsinki", formal=False, now=now
    )
    for role in (Role.ADMINISTRATOR, Role.CX_LEAD, Role.FRONT_LINE):
        people.add_member(
            username=role, name=role.en, password=None, role=role, unit=people.top_unit(), language="fi", now=now
        )
    listen.ensure_touchpoint("checkin", name={"fi": "Lähtöselvitys"}, now=now)
    listen.receive(
        [
            Submission(
                kind="response", source="test", source_id=str(number), occurred_at=now - timedelta(hours=number),
                verbatim=words, language=language, touchpoint="checkin", contact_wanted=number == 2,
            )
            for number, (language, words) in enumerate(
                (("fi", "Jono oli pitkä, mutta virkailija oli ystävällinen."), ("sv", "Väskan kom inte fram."),
                 ("en", "Boarding was calm and quick."))
            )
        ],
        now=now,
    )  # fmt: skip


class Visit:
    """One browser window with one look, and what was complained of in it."""

    def __init__(self, browser: Any, base: str, look: tuple[str, str, int, int]) -> None:
        language, brightness, width, height = look
        self.base, self.look, self.complaints = base, look, list[str]()
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=brightness, locale=language
        )
        self.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": base}])
        self.page = self.context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, said: Any) -> None:
        # a page that is meant to answer 403 or 404 is told of by the browser, too
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.complaints.append(said.text)

    def log_in(self, role: Role) -> None:
        """Bring a session along: the door itself is tried elsewhere."""
        member = Client()
        member.force_login(Member.objects.get(username=role), backend="django.contrib.auth.backends.ModelBackend")
        session = member.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.base}])

    def problems(self, path: str) -> list[str]:
        """Open a page; return what is wrong with it."""
        self.page.goto(f"{self.base}{path}", wait_until="load")
        self.page.wait_for_selector("[hx-trigger=load]", state="detached")
        return self.shown_problems(path)

    def shown_problems(self, path: str = "this page") -> list[str]:
        """Return what is wrong with the page that is open."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("rules => axe.run(document, rules)", RULES)
        wrong = [
            f"{path} {self.look}: {rule['id']}: {node['html'][:120]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
        root = "document.documentElement"
        if self.page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"):
            wrong.append(f"{path} {self.look}: wider than the screen")
        wrong += [f"{path} {self.look}: {line}" for line in self.complaints]
        self.complaints.clear()
        return wrong


def test_the_pages_of_the_hallway_can_be_used_by_everybody(
    browser: Any, live_server: Any, installation: None, settings: Any
) -> None:
    settings.DEBUG = True
    pages = {
        Role.ADMINISTRATOR: ("home", "members", "own_settings", "start", "look"),
        Role.FRONT_LINE: ("home",),
        Role.CX_LEAD: ("home",),
    }
    wrong: list[str] = []
    for look in LOOKS:
        visit = Visit(browser, live_server.url, look)
        wrong += visit.problems(reverse("login"))
        for role, names in pages.items():
            visit.log_in(role)
            wrong += [problem for name in names for problem in visit.problems(reverse(name))]
    assert wrong == []


def test_the_pages_of_the_rooms_can_be_used_by_everybody(browser: Any, live_server: Any, installation: None) -> None:
    visit = Visit(browser, live_server.url, ("fi", "light", 390, 844))
    visit.log_in(Role.CX_LEAD)
    names = [link.name for room in sections(Member.objects.get(username=Role.CX_LEAD).grants()) for link in room.links]
    assert len(names) > 8
    assert [problem for name in names for problem in visit.problems(reverse(name))] == []


def test_the_respondents_page_can_be_used_by_everybody(browser: Any, live_server: Any, installation: None) -> None:
    address = reverse("feedback_page", args=["checkin"])
    wrong = [line for look in LOOKS for line in Visit(browser, live_server.url, look).problems(address)]
    assert wrong == []


def test_the_menu_opens_on_a_phone_by_the_keyboard_alone(browser: Any, live_server: Any, installation: None) -> None:
    visit = Visit(browser, live_server.url, ("en", "light", 390, 844))
    visit.log_in(Role.CX_LEAD)
    visit.page.goto(f"{live_server.url}{reverse('home')}")
    assert not visit.page.is_visible("#side nav")
    for key in ("Tab", "Tab", "Enter"):  # past "skip to the content", on the menu, open
        visit.page.keyboard.press(key)
    assert visit.page.is_visible("#side nav")
    visit.page.keyboard.press("Escape")
    assert not visit.page.is_visible("#side nav")


def test_the_brightness_can_be_chosen_and_is_remembered(browser: Any, live_server: Any, installation: None) -> None:
    visit = Visit(browser, live_server.url, ("en", "light", 1280, 860))
    visit.log_in(Role.CX_LEAD)
    visit.page.goto(f"{live_server.url}{reverse('home')}")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = visit.page.evaluate(ground)
    visit.page.click("[data-theme-choice=dark]")
    dark = visit.page.evaluate(ground)
    visit.page.goto(f"{live_server.url}{reverse('own_settings')}")
    assert light != dark == visit.page.evaluate(ground)


def test_the_first_start_leads_from_five_questions_to_an_answer(
    browser: Any, live_server: Any, installation: None
) -> None:
    Organization.objects.update(set_up_at=None)
    visit = Visit(browser, live_server.url, ("en", "light", 390, 844))
    visit.log_in(Role.ADMINISTRATOR)
    visit.page.goto(f"{live_server.url}{reverse('home')}")
    assert visit.page.url.endswith(reverse("start"))
    visit.page.fill("#id_name", "Kurki")
    visit.page.fill("#id_industry", "airline")
    visit.page.fill("#id_touchpoint", "Gate")
    visit.page.click(".steps button[type=submit]")
    assert visit.page.is_visible(".qr svg")
    assert visit.page.get_attribute("a.address", "href").endswith(reverse("feedback_page", args=["gate"]))
    assert visit.complaints == []
