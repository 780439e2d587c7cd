"""What the tests of the hallway share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

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
