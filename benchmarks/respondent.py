"""How long a respondent waits: the always-open page, a personal link from page to page, and four faces at a kiosk.

The server is the product's own (``luotain serve``, one process, the loop elsewhere) on a demo company; the figures are
what a client on the same machine waits, over one kept connection, so they are never less than the server's own time.
Every filling is a new one: a new sheet, a new personal link.
"""

from __future__ import annotations

import gzip
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from benchmarks.frame import Benchmark, Section, Table, Verdict, milliseconds, rows_of
from benchmarks.pages import LUOTAIN, served

SAID = """What a client on the same machine waits for the respondent's pages of a demo company with {rows} feedbacks
(one process, the loop elsewhere): the median and the 95th percentile of {count} fillings, each of them a new one, after
a warm-up of {warm_up}. The open page asks three questions on one page; the personal link leads over three pages."""
TOUCHPOINT = "bag_drop"
WARM_UP = 10
#: p95 of a page, in milliseconds, and weight of a page with all it loads, in bytes
TARGET, WEIGHT = 50, 30_000
#: written in the home of the demo company: personal links that nobody has opened
LINKS = """
import sys, django
django.setup()
from datetime import timedelta
from django.utils import timezone
from luotain.people.link import fingerprint
from luotain.server.models.listen import Instrument, Invitation, Programme, Touchpoint
from luotain.server.models.people import Customer
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.fieldwork.letters import new_salt, token_of
now = timezone.now()
card = publish_instruments(now=now)["touchpoint_card"]
here = Touchpoint.objects.get(code=sys.argv[2])
programme = Programme.objects.create(
    code="benchmark", kind="triggered", instrument=card, touchpoint=here, starts_at=now)
customers = list(Customer.objects.values_list("pk", flat=True)[: int(sys.argv[1])])
for number in range(int(sys.argv[1])):
    salt = new_salt()
    token = token_of(salt)
    Invitation.objects.create(
        programme=programme, customer_id=customers[number % len(customers)], language="en", salt=salt,
        token_hash=fingerprint(token), invited_at=now, expires_at=now + timedelta(days=1))
    print(token)
"""


class Respondent:
    """A browser on one kept connection that notes how long each kind of page takes, in seconds."""

    def __init__(self, base: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(base).netloc)
        self.waits: dict[str, list[float]] = {}

    def ask(self, name: str, address: str, told: dict[str, str] | None = None) -> tuple[str, str]:
        """Ask for a page, or send a form; return the page and where it leads."""
        body = urlencode(told) if told is not None else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        start = time.perf_counter()
        self._connection.request("POST" if body is not None else "GET", address, body, headers)
        response = self._connection.getresponse()
        page = response.read().decode()
        self.waits.setdefault(name, []).append(time.perf_counter() - start)
        expected = 303 if body is not None else 200
        if response.status != expected:
            raise RuntimeError(f"{name}: {response.status} instead of {expected}")
        return page, response.getheader("Location") or ""

    def weight(self, address: str) -> int:
        """Return what a page and all that it loads weigh when they are compressed, in bytes."""
        self._connection.request("GET", address)
        page = self._connection.getresponse().read()
        weight = len(gzip.compress(page))
        for name in re.findall(r'(?:<link rel="(?:stylesheet|icon)" href|<script src)="([^"]+)"', page.decode()):
            self._connection.request("GET", name)
            weight += len(gzip.compress(self._connection.getresponse().read()))
        return weight


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def complain(browser: Respondent, _token: str) -> None:
    """Complain on the open page: one page, one press."""
    address = f"/f/{TOUCHPOINT}/?in=en"
    page, _ = browser.ask("open page: shown", address)
    told = hidden(page) | {"csat": "1", "story": "The queue took two hours.", "contact.address": ""}
    _, thanks = browser.ask("open page: sent", address, told)
    browser.ask("open page: thanks", thanks)


def answer(browser: Respondent, token: str) -> None:
    """Answer behind a personal link, over three pages."""
    address = f"/r/{token}/"
    page, _ = browser.ask("personal link: page 1 shown", f"{address}?score=3")
    _, on = browser.ask("personal link: page 1 sent (first answer saved)", address, hidden(page) | {"nps": "3"})
    page, _ = browser.ask("personal link: page 2 shown", on)
    told = {"ces": "2", "emotion": "anger", "emotion.intensity": "4"}
    _, on = browser.ask("personal link: page 2 sent", address, hidden(page) | told)
    page, _ = browser.ask("personal link: page 3 shown", on)
    _, thanks = browser.ask("personal link: page 3 sent", address, hidden(page) | {"story": "Bags were lost."})
    browser.ask("personal link: thanks", thanks)


def tap(browser: Respondent, _token: str) -> None:
    """Tap a face at a kiosk."""
    address = f"/f/{TOUCHPOINT}/?via=faces&in=en"
    page, _ = browser.ask("kiosk: faces shown", address)
    browser.ask("kiosk: face tapped", address, hidden(page) | {"faces": "1"})


WAYS: tuple[Callable[[Respondent, str], None], ...] = (complain, answer, tap)


def percentile_95(seconds: list[float]) -> float:
    """Return the 95th percentile, by interpolation between the nearest ranks."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def measured(size: int, count: int) -> tuple[dict[str, list[float]], int]:
    """Make a demo company, serve it, and fill its forms; return the waits by page and the heaviest page's weight."""
    with tempfile.TemporaryDirectory(prefix="luotain-respondent-") as home:
        environment = os.environ | {"LUOTAIN_HOME": home, "DJANGO_SETTINGS_MODULE": "luotain.server.settings"}
        command = [LUOTAIN, "demo", "--size", str(size), "--no-serve"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        asked = [sys.executable, "-c", LINKS, str(WARM_UP + count), TOUCHPOINT]
        told = subprocess.run(asked, env=environment, check=True, capture_output=True, text=True)
        with served(home) as base:
            browser = Respondent(base)
            for number, token in enumerate(told.stdout.split()):
                if number == WARM_UP:
                    browser.waits.clear()
                for way in WAYS:
                    way(browser, token)
            heaviest = max(browser.weight(f"/f/{TOUCHPOINT}/{query}") for query in ("", "?via=faces", "thanks/"))
            return browser.waits, heaviest


def run(size: int, count: int) -> Section:
    """Fill forms of a company of that size, and say how long each page takes."""
    waits, weight = measured(size, count)
    rows = [(name, milliseconds(statistics.median(taken)), milliseconds(percentile_95(taken)))
            for name, taken in waits.items()]  # fmt: skip
    slowest = max(percentile_95(taken) for taken in waits.values())
    return Section(
        SAID.format(rows=rows_of(size), count=count, warm_up=WARM_UP),
        (Table(("page", "median, ms", "p95, ms"), tuple(rows)),),
        (
            Verdict("p95 of the slowest of the respondent's pages", 1000 * slowest, TARGET, "ms"),
            Verdict("weight of the heaviest page with all it loads, compressed", weight / 1000, WEIGHT / 1000, "kB"),
        ),
    )


BENCHMARK = Benchmark(
    "respondent",
    "The respondent's page",
    run,
    full={"size": 50_000, "count": 200},
    quick={"size": 2_000, "count": 20},
)
