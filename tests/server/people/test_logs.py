"""Log lines name no person and no personal link."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from luotain.server import logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the product writes to its log, at the most talkative level."""
    stream = io.StringIO()
    root = logging.getLogger()
    (console,) = (handler for handler in root.handlers if type(handler) is logging.StreamHandler)
    before, level = console.setStream(stream), root.level
    root.setLevel(logging.INFO)
    yield stream
    root.setLevel(level)
    if before is not None:
        console.setStream(before)


def _written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_fields_that_are_personal_by_name_are_dropped_and_the_line_says_so(lines: io.StringIO) -> None:
    structlog.get_logger("luotain.test").warning("noted", email="aino@example.fi", case=12, verbatim="Aino kertoo")
    (line,) = _written(lines)
    assert (line["event"], line["case"], line["left_out"]) == ("noted", 12, ["email", "verbatim"])
    assert "aino" not in json.dumps(line).lower()


def test_lines_of_other_libraries_are_json_too(lines: io.StringIO) -> None:
    logging.getLogger("somebody.else").warning("took %d ms", 7)
    assert _written(lines)[0]["event"] == "took 7 ms"


def test_a_traceback_shows_no_local_variables(lines: io.StringIO) -> None:
    try:
        secret = "what the customer wrote"
        raise RuntimeError(str(len(secret)))
    except RuntimeError:
        structlog.get_logger("luotain.test").exception("failed")
    assert "what the customer wrote" not in lines.getvalue()
    assert "RuntimeError" in lines.getvalue()


@pytest.mark.django_db
def test_a_personal_link_is_logged_as_its_pattern_only(lines: io.StringIO, client: Client) -> None:
    client.get("/r/SECRET-TOKEN-of-aino/?score=9&email=aino@example.fi")
    client.get("/no-such-page/aino@example.fi/")
    assert "SECRET" not in lines.getvalue()
    assert "aino" not in lines.getvalue()
    pages = [line["page"] for line in _written(lines) if line["event"] == "request"]
    assert pages[-1] == "(no such page)"
    assert pages[0].startswith("/r/<")


@pytest.mark.django_db
def test_every_answer_carries_the_id_under_which_it_was_logged(lines: io.StringIO, client: Client) -> None:
    answer = client.get("/health/", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer["X-Request-ID"] == "from-the-proxy-1"
    assert _written(lines)[-1]["request_id"] == "from-the-proxy-1"
    forged = client.get("/health/", headers={"X-Request-ID": "a b\n<script>"})
    assert forged["X-Request-ID"].isalnum()


@pytest.mark.django_db
def test_health_tells_strangers_ok_and_nothing_else(client: Client) -> None:
    answer = client.get("/health/")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert client.post("/health/").status_code == 405


@pytest.mark.django_db
def test_health_says_when_the_database_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from luotain.server.operations import people

    monkeypatch.setattr(people, "database_answers", lambda: False)
    assert client.get("/health/").status_code == 503


def test_the_renderer_at_a_terminal_shows_no_local_variables_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    configured = logs.configure("WARNING")
    assert configured["root"]["level"] == "WARNING"
