"""What all tests share."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

# The tests' own place: nothing of the developer's installation is read or written, and all that the tests and the
# programs they start put aside lies in one folder, which goes at the end. Each parallel worker has
# a database and a home of its own in it.
WORKER = "PYTEST_XDIST_WORKER" in os.environ
if not WORKER:
    PLACE = Path(tempfile.mkdtemp(prefix="luotain-test-"))
    (PLACE / "tmp").mkdir()
    os.environ |= {"LUOTAIN_HOME": str(PLACE / "home"), "TMPDIR": str(PLACE / "tmp"), "LUOTAIN_SMTP_URL": ""}
    tempfile.tempdir = None
    atexit.register(shutil.rmtree, PLACE, ignore_errors=True)
    # Whoever ends the tests by a signal ends them as Ctrl-C does: cleanly.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
HOME = os.environ["LUOTAIN_HOME"]
os.environ["DJANGO_SETTINGS_MODULE"] = "luotain.server.settings"

import django
import pytest
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate

django.setup()

from luotain.understand import tables

assert str(settings.HOME) == HOME, "the settings were read before the tests had a home"
if WORKER:  # files are named by ids of rows, which workers with databases of their own give out twice
    os.environ["LUOTAIN_HOME"] = str(settings.HOME / os.environ["PYTEST_XDIST_WORKER"])
    Path(os.environ["LUOTAIN_HOME"]).mkdir(exist_ok=True)

# What is slow on purpose is quick here. What the tests start as a process of its own is as it is in life.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
if SQLITE:
    settings.DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    # Tables straight from the models: `luotain init` runs the migrations, as does the run on PostgreSQL.
    settings.DATABASES["default"]["TEST"]["MIGRATE"] = False
# Django's own permissions, which the product does not use, would be written anew after every test that commits.
post_migrate.disconnect(create_contenttypes)
post_migrate.disconnect(create_permissions, dispatch_uid="django.contrib.auth.management.create_permissions")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run on PostgreSQL only what uses the tests' database: all else would be as it was on SQLite."""
    if SQLITE:
        return
    stay, go = [], []
    for item in items:
        asks = item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())
        (stay if asks else go).append(item)
    config.hook.pytest_deselected(items=go)
    items[:] = stay


def leave_out(reason: str) -> NoReturn:
    """Skip a test for want of something; in CI, where all of it must be there, fail instead."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the tests' database; let the figures' own connections go before it is taken down."""
    if SQLITE:
        with django_db_blocker.unblock():
            recorder = MigrationRecorder(connection)
            recorder.ensure_schema()
            for app, name in MigrationLoader(None).disk_migrations:
                recorder.record_applied(app, name)
    yield
    tables.forget()


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


@pytest.fixture(scope="session")
def axe() -> Path:
    """The file of axe-core, which looks for what keeps people from using a page."""
    script = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        leave_out("axe-core is not here: python tools/vendor.py --with-axe")
    return script
