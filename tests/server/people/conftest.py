"""What the tests of the hallway share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.mailserver import MailServer

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server that is up."""
    server = MailServer()
    server.up()
    yield server
    server.down()


@pytest.fixture(scope="session")
def _made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LUOTAIN_")}
    subprocess.run(
        [sys.executable, "-m", "luotain.server.cli", "init"], check=True, capture_output=True,
        env=environment | {"LUOTAIN_HOME": str(home)},
    )  # fmt: skip
    return home


@pytest.fixture
def home(_made_home: Path, tmp_path: Path) -> Path:
    """The folder of a fresh installation of its own, as ``luotain init`` leaves it."""
    return Path(shutil.copytree(_made_home, tmp_path / "home"))


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """The environment of a process that works in that installation."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("LUOTAIN_")}
    return clean | {"LUOTAIN_HOME": str(home)}
