"""What all tests share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

# The tests' own home: nothing of the developer's installation is read or written. Parallel workers share it; each has
# a database of its own.
WORKER = "PYTEST_XDIST_WORKER" in os.environ
HOME = os.environ["LUOTAIN_HOME"] if WORKER else tempfile.mkdtemp(prefix="luotain-test-")
os.environ["LUOTAIN_HOME"] = HOME
os.environ["LUOTAIN_SMTP_URL"] = ""
os.environ["DJANGO_SETTINGS_MODULE"] = "luotain.server.settings"

import django
import pytest
from django.conf import settings

django.setup()
assert str(settings.HOME) == HOME, "the settings were read before the tests had a home of their own"

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    if not WORKER:
        shutil.rmtree(HOME, ignore_errors=True)


def leave_out(reason: str) -> NoReturn:
    """Skip a test for want of something; in CI, where all of it must be there, fail instead."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def shared() -> Path:
    """The folder of real data and truth tables that stands beside the project, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared (real data and truth tables) is not here")
    return SHARED


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real Chromium (Debian's package), driven by playwright."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        leave_out("Chromium is not installed: apt-get install chromium")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        # Playwright runs an event loop in this thread; Django must not take it for an async context.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        chromium = playwright.chromium.launch(executable_path=program, args=quiet)
        yield chromium
        chromium.close()
