"""One feedback from the door to a verified effect: a real browser, a real mail server, the real ``luotain serve``."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.mailserver import MailServer, free_port

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
SECRET = "kurki lentää etelään"
CUSTOMER = "aino.asiakas@example.fi"


def until(seen: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Wait until something is there."""
    end = time.monotonic() + seconds
    while not (found := seen()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.5)
    return found


class Installation:
    """A home of its own, with its mail server and the served product."""

    def __init__(self, home: Path, mail: MailServer) -> None:
        self.mail, self.port = mail, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("LUOTAIN_", "DJANGO_"))}
        self.environment = clean | {
            "LUOTAIN_HOME": str(home), "LUOTAIN_SMTP_URL": mail.url, "LUOTAIN_MAIL_FROM": "Kurki <care@kurki.example>",
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str, told: str = "") -> str:
        """Run a command of the product to its end."""
        return self._run([sys.executable, "-m", "luotain.server.cli", *arguments], told)

    def history(self, *arguments: str) -> str:
        """Run the generator of the history."""
        return self._run([sys.executable, str(HERE / "history.py"), *arguments], "").strip()

    def _run(self, command: list[str], told: str) -> str:
        done = subprocess.run(command, env=self.environment, input=told, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def serve(self, log: Path) -> None:
        """Start the product, web and loop together."""
        command = [sys.executable, "-m", "luotain.server.cli", "serve", "--port", str(self.port)]
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, env=self.environment, stdout=output, stderr=subprocess.STDOUT)
        until(lambda: b"answers at" in log.read_bytes(), "luotain serve")

    def stop(self) -> None:
        """Stop it as Ctrl-C would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)


@pytest.fixture
def kurki(tmp_path: Path) -> Iterator[Installation]:
    """A fresh installation, served."""
    mail = MailServer()
    mail.up()
    installation = Installation(tmp_path / "home", mail)
    try:
        installation.run("init")
        installation.run(
            "member", "add", "aino", "--role", "cx_lead", "--name", "Aino", "--language", "en", told=f"{SECRET}\n"
        )
        installation.serve(tmp_path / "serve.log")
        yield installation
    finally:
        installation.stop()
        mail.down()


@pytest.fixture
def desk(kurki: Installation, browser: Any) -> Iterator[Any]:
    """The browser of a member who has logged in."""
    context = browser.new_context(base_url=kurki.address, locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    until(lambda: _opens(page, "/login/"), "the login page")
    page.fill("[name=username]", "aino")
    page.fill("[name=password]", SECRET)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "/login/" not in address)
    yield page
    context.close()


def _opens(page: Any, path: str) -> bool:
    from playwright.sync_api import Error

    try:
        answer = page.goto(path)
    except Error:
        return False
    return bool(answer and answer.ok)


def answer_five_questions(page: Any) -> str:
    """Set the installation up; return the code of the first touchpoint."""
    page.goto("/start/")
    page.fill("[name=name]", "Kurki")
    page.fill("[name=industry]", "airline")
    page.select_option("select[name=language]", "en")
    page.fill("[name=touchpoint]", "Check-in")
    page.select_option("select[name=time_zone]", "Europe/Helsinki")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/start/*/")
    return str(page.url.rstrip("/").rsplit("/", 1)[1])


def give_feedback(kurki: Installation, browser: Any, code: str, *, score: str, words: str, address: str = "") -> str:
    """Answer at the touchpoint's public page as a customer would; return the text of the thank-you page."""
    context = browser.new_context(base_url=kurki.address, locale="en-GB", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"/f/{code}/")
    for _page in range(8):
        if page.url.split("?")[0].endswith("/thanks/"):
            break
        # the labels stand over the inputs; a keyboard or a screen reader reaches the inputs themselves
        for chosen in page.locator(f"input[name=csat][value='{score}']").all():
            chosen.check(force=True)
        for box in page.locator("#answers textarea").all()[:1]:
            box.fill(words)
        if address and page.locator("input[name='contact.address']").count():
            page.check("input[name=contact]", force=True)
            page.fill("input[name='contact.address']", address)
        page.click("#answers button[type=submit]:not([name])")
        page.wait_for_load_state()
    assert page.url.split("?")[0].endswith("/thanks/"), page.inner_text("main, body")
    thanks = str(page.inner_text("body"))
    context.close()
    return thanks


def heard(page: Any, code: str) -> tuple[str, int]:
    """Return the satisfaction at a touchpoint as the measures page shows it, and the number of answers."""
    page.goto(f"/measures/{code}/")
    figure = page.locator(".measure-card", has_text="CSAT").first.locator(".figure").inner_text()
    count = re.search(r"=\s*([\d\s.,\u00a0\u202f]+)$", figure.strip())
    assert count, figure
    return figure, int(re.sub(r"\D", "", count[1]))


def test_one_feedback_walks_all_the_way_through(kurki: Installation, desk: Any, browser: Any) -> None:
    # the first hour: five questions lead to the first touchpoint
    code = answer_five_questions(desk)
    number = kurki.history(code, "boarding", "aino")

    # listen → understand: an answer is in the figure as soon as it is given, with its interval
    _figure, before = heard(desk, code)
    words = "I waited for an hour and nobody told why. I am disappointed."
    assert "Thank you" in give_feedback(kurki, browser, code, score="2", words=words, address=CUSTOMER)
    figure, after = heard(desk, code)
    assert after == before + 1
    assert re.search(r"\[.+,.+\]", figure), figure

    # respond: the loop opens the case, a person replies, the mail truly arrives, the case is solved
    def opened() -> bool:
        desk.goto("/inbox/")
        return bool(desk.locator(".case-list", has_text="nobody told why").count())

    until(opened, "the case")
    desk.locator(".case-list a", has_text="nobody told why").first.click()
    desk.wait_for_url("**/cases/*/")
    case = desk.url
    desk.fill("[name=subject]", "Your hour at check-in")
    desk.fill(
        ".reply-form [name=text]", "I am sorry that you waited and nobody told why. We now show the waiting time."
    )
    desk.locator(".reply-form button.btn-primary").click()
    desk.wait_for_load_state()
    mail = until(lambda: next(iter(kurki.mail.box.mails), None), "the mail")
    assert CUSTOMER in str(mail["To"])
    assert mail["Subject"] == "Your hour at check-in"
    assert "nobody told why" in mail.get_body(("plain",)).get_content()
    desk.goto(case)
    desk.locator("form[action$='/solve/'] button").first.click()
    desk.wait_for_load_state()
    assert "Solved" in desk.inner_text(".messages")

    # improve: a new action is planned and sealed before its start …
    desk.goto("/actions/new/")
    desk.fill("[name=title]", "One more desk in the morning")
    desk.select_option("[name=touchpoint]", label="Check-in")
    desk.select_option("[name=measure]", "csat")
    desk.select_option("[name=control_touchpoint]", label="Boarding")
    desk.fill("[name=expected_effect]", "60")
    desk.fill("[name=minimum_interesting]", "10")
    desk.fill("[name=starts_on]", (date.today() + timedelta(days=14)).isoformat())
    desk.get_by_role("button", name="Save the draft").click()
    desk.wait_for_url(re.compile(r"/actions/\d+/$"))
    for box in desk.locator("[name=accept_weak]").all():
        box.check()
    desk.get_by_role("button", name="Register and seal").click()
    desk.wait_for_load_state()
    assert "Sealed" in desk.inner_text("main")

    # … and of the one whose weeks are over, the loop has verified the effect that was planted
    def verified() -> bool:
        desk.goto(f"/actions/{number}/")
        return bool(desk.locator(".verdict-line .chip").count())

    until(verified, "the verified effect")
    assert desk.inner_text(".verdict-line .chip") == "confirmed"
    low, high = (
        float(end.replace("−", "-")) for end in re.findall(r"[+−]?[\d.]+", desk.inner_text(".verdict-line .interval"))
    )
    assert low < 40 < high

    # listen again: what came of it is told to the next respondent and to everybody
    desk.goto(f"/actions/{number}/notice/")
    desk.fill("[name=said_en]", "We wait at check-in and nobody tells how long.")
    desk.fill("[name=did_en]", "A sign shows the waiting time.")
    desk.get_by_role("button", name="Publish").click()
    desk.wait_for_load_state()
    thanks = give_feedback(kurki, browser, code, score="5", words="Quick this time.")
    desk.goto("/notices/")
    for text in (thanks, desk.inner_text("body")):
        assert "A sign shows the waiting time." in text
        assert "It helped" in text
