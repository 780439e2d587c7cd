"""Take pictures of pages of a running installation: phone and desktop, light and dark, in every language.

    tools/screenshots.py --base http://127.0.0.1:8000 --login cx:PASSWORD --out /tmp/shots / /measures/ \
        [--sizes phone,desktop] [--themes light,dark] [--languages fi,sv,en] [--axe] [--first-screen]

Each picture is named <page>.<language>.<size>.<theme>.png. ``--axe`` also checks each page with axe-core and ends
with 1 when it finds something. Messages of the browser's console (a refused script, a missing file) are told too.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-default-apps", "--disable-domain-reliability",
)  # fmt: skip
SIZES = {"phone": (390, 844), "desktop": (1280, 860)}
AXE = Path(__file__).resolve().parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--login", default="", help="user:password; without it the pages are opened by a stranger")
    parser.add_argument("--out", type=Path, default=Path("/tmp/shots"))
    parser.add_argument("--sizes", default="phone,desktop")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--languages", default="fi")
    parser.add_argument("--axe", action="store_true")
    parser.add_argument("--first-screen", action="store_true", help="only what is seen without scrolling")
    return parser.parse_args()


def log_in(page: Page, base: str, login: str) -> None:
    """Log in through the door, as a member does."""
    user, _, password = login.partition(":")
    page.goto(f"{base}/login/")
    page.fill("#id_username", user)
    page.fill("#id_password", password)
    page.click(".door button[type=submit]")
    if "/login" in page.url:
        raise SystemExit(f"{user} could not log in")


def accessibility(page: Page) -> list[str]:
    """Return what axe-core finds on the page, one line per rule and place.

    Axe is evaluated by the debugger, which the content policy of the page does not concern.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def fetched_later(page: Page) -> None:
    """Wait for the parts that a page fetches after it is shown."""
    page.wait_for_selector("[hx-trigger=load]", state="detached", timeout=15000)


def name_of(path: str) -> str:
    """Return a file name for a page."""
    return path.strip("/").replace("/", "-").replace("?", "_").replace("&", "_") or "home"


def shoot(browser: Browser, options: argparse.Namespace) -> Iterator[str]:
    """Take every picture; yield what was wrong."""
    for language, size, theme in product(
        options.languages.split(","), options.sizes.split(","), options.themes.split(",")
    ):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, locale=language, device_scale_factor=1,
        )  # fmt: skip
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said, to=complaints: to.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error, to=complaints: to.append(str(error)))
        if options.login:
            log_in(page, options.base, options.login)
        context.add_cookies([{"name": "django_language", "value": language, "url": options.base}])
        for path in options.paths:
            answer = page.goto(f"{options.base}{path}", wait_until="load")
            fetched_later(page)
            target = options.out / f"{name_of(path)}.{language}.{size}.{theme}.png"
            page.screenshot(path=str(target), full_page=not options.first_screen)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong = [*complaints, *([f"{wide} px wider than the screen"] if wide > 0 else [])]
            if answer is None or answer.status >= 400:
                wrong.append(f"answered {answer.status if answer else 'nothing'}")
            if options.axe:
                wrong += accessibility(page)
            yield from (f"{target.name}: {line}" for line in wrong)
            complaints.clear()
        context.close()


def main() -> int:
    """Take the pictures; end with 1 when something was wrong."""
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        wrong = list(shoot(browser, options))
        browser.close()
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"pictures in {options.out}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
