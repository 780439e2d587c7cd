"""How long the pages take: first and then, as a member and as a customer, on a demo company of any size.

    .venv/bin/python benchmarks/pages.py [--home FOLDER] [--size 50000]

Without ``--home`` a demo company of that size is made in a temporary folder. The server is the product's own
(``luotain serve``, one process); the figures are what a client on the same machine waits.
"""

from __future__ import annotations

import argparse
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LUOTAIN = str(Path(sys.executable).parent / "luotain")
PASSWORD = "kurki-demo-2026"  # the demo company's
STAFF = (
    "/",
    "/stream/",
    "/inbox/",
    "/measures/",
    "/measures/gate/",
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


def measure(browser: urllib.request.OpenerDirector, address: str) -> tuple[float, float, int]:
    """Return the first and the median later time in milliseconds, and the page's size in kilobytes."""
    waits, size = [], 0
    for _ in range(TIMES):
        start = time.perf_counter()
        size = len(browser.open(address).read())
        waits.append((time.perf_counter() - start) * 1000)
    return waits[0], statistics.median(waits[1:]), size // 1000


def main() -> None:
    """Print a table of pages and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", default="")
    parser.add_argument("--size", default="50000")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="luotain-pages-") as folder:
        home = asked.home or folder
        if not asked.home:
            demo = [LUOTAIN, "demo", "--size", asked.size, "--no-serve"]
            subprocess.run(
                demo,
                env=os.environ | {"LUOTAIN_HOME": home},
                check=True,
                stderr=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        with served(home) as base:
            stranger, lead = urllib.request.build_opener(), member(base)
            print("| page | first, ms | then, ms | kB |\n|---|---|---|---|")
            for path in (*STAFF, *PUBLIC):
                first, then, size = measure(stranger if path in PUBLIC else lead, base + path)
                print(f"| `{path}` | {first:.0f} | {then:.0f} | {size} |")


if __name__ == "__main__":
    main()
