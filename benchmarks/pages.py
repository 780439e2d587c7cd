"""How long the pages take: first and then, as a member and as a customer, on a demo company of any size.

The server is the product's own (``luotain serve``, one process); the figures are what a client on the same machine
waits. ``--set large=1000000`` adds a larger company, which takes its time to make.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.frame import Benchmark, Section, Table, Verdict, milliseconds, rows_of

SAID = """What a client on the same machine waits for pages of the demo company: the first request of the page after the
start of the server (one process, the loop elsewhere), and the median of the seven that follow."""
LUOTAIN = str(Path(sys.executable).parent / "luotain")
PASSWORD = "kurki-demo-2026"  # the demo company's
STAFF = (
    "/",
    "/stream/",
    "/inbox/",
    "/measures/",
    "/measures/gate/",
    "/explore/?measure=nps&by=touchpoint&by=month",
    "/compare/",
    "/drivers/",
    "/linkage/",
    "/words/",
    "/teams/",
    "/value/",
    "/channels/",
    "/journey/",
    "/actions/",
    "/actions/1/",
    "/goals/",
)
PUBLIC = ("/f/bag_drop/", "/notices/")
TIMES = 8
WARM_UP_SECONDS = 15


@contextmanager
def served(home: str) -> Iterator[str]:
    """Serve the home and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [LUOTAIN, "serve", "--no-loop", "--port", str(port)]
    server = subprocess.Popen(command, env=os.environ | {"LUOTAIN_HOME": home}, stdout=subprocess.DEVNULL)
    try:
        time.sleep(WARM_UP_SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def member(base: str) -> urllib.request.OpenerDirector:
    """Log in as the customer-experience lead."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = browser.open(f"{base}/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    form = {"csrfmiddlewaretoken": token.group(1), "username": "cx", "password": PASSWORD}
    request = urllib.request.Request(f"{base}/login/", urllib.parse.urlencode(form).encode(), {"Referer": base})
    browser.open(request).read()
    return browser


def waits(browser: urllib.request.OpenerDirector, address: str) -> tuple[float, float, int]:
    """Return the first and the median later time in seconds, and the page's size in bytes."""
    taken, size = [], 0
    for _ in range(TIMES):
        start = time.perf_counter()
        size = len(browser.open(address).read())
        taken.append(time.perf_counter() - start)
    return taken[0], statistics.median(taken[1:]), size


def measured(size: int) -> dict[str, tuple[float, float, int]]:
    """Make a demo company of so many feedbacks, fold it, serve it, and ask for every page."""
    with tempfile.TemporaryDirectory(prefix="luotain-pages-") as home:
        environment = os.environ | {"LUOTAIN_HOME": home}
        for command in (["demo", "--size", str(size), "--no-serve"], ["store", "fold"]):
            subprocess.run([LUOTAIN, *command], env=environment, check=True, capture_output=True)
        with served(home) as base:
            stranger, lead = urllib.request.build_opener(), member(base)
            return {path: waits(stranger if path in PUBLIC else lead, base + path) for path in (*STAFF, *PUBLIC)}


def run(size: int, large: int) -> Section:
    """Ask for the pages of a company of each size."""
    sizes = [each for each in (size, large) if each]
    found = {each: measured(each) for each in sizes}
    rows = [(f"`{path}`", *_cells([found[each][path] for each in sizes])) for path in (*STAFF, *PUBLIC)]
    heads = [part for each in sizes for part in (f"{rows_of(each)}: first, ms", "then, ms")]
    verdicts = [
        Verdict(
            f"the slowest page of {rows_of(each)} feedbacks, after the first time", _slowest(found[each]), 200, "ms"
        )
        for each in sizes
    ]
    return Section(SAID, (Table(("page", *heads, "kB"), tuple(rows)),), tuple(verdicts))


def _cells(found: Sequence[tuple[float, float, int]]) -> list[str]:
    return [*(milliseconds(each) for first, then, _ in found for each in (first, then)), f"{found[-1][2] / 1000:.0f}"]


def _slowest(found: dict[str, tuple[float, float, int]]) -> float:
    return 1000 * max(then for _, then, _ in found.values())


BENCHMARK = Benchmark(
    "pages",
    "Pages",
    run,
    full={"size": 50_000, "large": 0},
    quick={"size": 2_000, "large": 0},
)
