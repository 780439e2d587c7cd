"""What was planted of channels and promises is found by the pages that tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command

from luotain.server.demo.writer import build
from luotain.server.models.listen import Answer
from luotain.server.operations.people import top_unit
from luotain.server.operations.understand.channels import channels_page
from luotain.server.operations.understand.pages import Question
from luotain.server.operations.understand.promises import promises_page
from luotain.understand.channels import Advice

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def kurki(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
        yield build(now=NOW, size=4000, seed=3, tell=lambda _stage, _share: None)
        call_command("flush", interactive=False, verbosity=0)


def test_what_was_planted_of_channels_and_promises_is_found(kurki: dict[str, Any]) -> None:
    """One test, because what has been built goes with the first test that commits."""
    reach = [top_unit().path]
    page = channels_page(reach=reach, now=NOW, months=24)
    lines = {line.code: line for line in page.lines}
    for code, share in kurki["channels"]["values"]["solved_at_first"].items():
        cell = lines[code].known.solved
        assert cell.value is not None
        # five shares are looked at: each may lie so far off by chance once in a thousand companies
        assert abs(cell.value - share) < 3.3 * (share * (1 - share) / cell.n) ** 0.5, code
    assert lines["phone"].verdict.advice in (Advice.KEEP, Advice.OPEN)
    assert lines["app"].verdict.advice == Advice.OPEN
    assert page.waiting is not None
    assert page.waiting.whole.high is not None
    assert page.waiting.whole.high < 0
    for code, planted in kurki["wishes"]["values"].items():
        assert lines[code].known.used.value == pytest.approx(planted["used"], abs=0.12)

    found = {line.promise.code: line for line in promises_page(Question(now=NOW, reach=reach)).lines}
    for code, touchpoint in (("on_time", "gate"), ("met_as_a_guest", "cabin_crew")):
        kept = found[code].deliveries[0].kept
        assert kept.low is not None
        assert kept.high is not None
        assert kept.low - 0.02 < kurki["promises"]["values"][touchpoint] < kept.high + 0.02
    assert found["on_time"].surest > found["met_as_a_guest"].surest
    assert not found["plain_words"].told
    assert not Answer.objects.filter(measure="promise").exclude(feedback__touchpoint__code__in=("gate", "cabin_crew"))
