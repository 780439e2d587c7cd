"""Feedback put in by the one way there is, for figures to be read from."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from luotain.listen.submission import Receipt, Submission, SubmittedAnswer
from luotain.server.operations import listen, people
from luotain.terms import SCALES, Scale
from luotain.understand.store import databases

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
_numbers = count()

Tell = Callable[..., Receipt]


@pytest.fixture(autouse=True)
def alone_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the transactions of tests beside this one, which hold the watermarks of all databases of a server back.

    Those of the test's own database, which it may hold open on purpose, are not waited for.
    """
    horizon = databases.PostgreSQL.horizon
    others = (
        "SELECT backend_xid::text AS number FROM pg_stat_activity"
        " WHERE backend_xid IS NOT NULL AND datname <> current_database()"
    )

    def after_others(self: databases.PostgreSQL) -> int:
        running = {row["number"] for row in self.rows(others)}
        while running & {row["number"] for row in self.rows(others)}:
            time.sleep(0.01)
        return horizon(self)

    monkeypatch.setattr(databases.PostgreSQL, "horizon", after_others)


@pytest.fixture
def tell(transactional_db: None) -> Tell:
    """Put in one feedback for each raw answer to a measure, and return the receipt."""
    people.ensure_organization(now=NOW)
    listen.default_scales()

    def put(measure: str, *raws: float | str, scale: str | Scale | None = None, **more: Any) -> Receipt:
        on = SCALES[scale] if isinstance(scale, str) else scale
        if on:
            listen.ensure_scale(on)
        if "touchpoint" in more:
            listen.ensure_touchpoint(more["touchpoint"], now=NOW)
        for name in more.get("attributes", {}):
            listen.ensure_breakdown(name)
        return listen.receive(
            [
                Submission(
                    kind="response", source="test", source_id=str(next(_numbers)),
                    occurred_at=more.get("at", NOW), answers=(_answer(measure, raw, on),),
                    **{name: value for name, value in more.items() if name != "at"},
                )
                for raw in raws
            ],
            now=max(NOW, more.get("at", NOW)),
        )  # fmt: skip

    return put


def _answer(measure: str, raw: float | str, scale: Scale | None) -> SubmittedAnswer:
    if isinstance(raw, str):
        return SubmittedAnswer(code=measure, measure=measure, label=raw)
    return SubmittedAnswer(code=measure, measure=measure, scale=scale, raw=f"{raw:g}")
