"""Where visits stay and fewer buy, the places page says so; and where it cannot tell, that."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from tests.server.conftest import LogIn

from luotain.server.models.listen import Figure
from luotain.server.models.people import Unit
from luotain.server.operations.understand.conversion import conversions, price_view
from luotain.terms import Role, UnitKind

pytestmark = pytest.mark.django_db(transaction=True)


def shop(top: Unit, shares: list[float], code: str = "shop") -> Unit:
    """Put in a month for each share, the newest last, with about a thousand visits in each."""
    unit = Unit.add(parent=top, code=code, name=code.capitalize(), kind=UnitKind.STORE)
    today = timezone.localdate()
    for number, share in enumerate(reversed(shares)):
        end = today - timedelta(days=30 * number + 1)
        visits = 1000 + 10 * (number % 3)
        for name, value in (("visits", visits), ("sales", share * visits)):
            Figure.objects.create(
                unit=unit, period_start=end - timedelta(days=29), period_end=end, name=name,
                value=Decimal(f"{value:.2f}"),
            )  # fmt: skip
    return unit


def test_a_share_that_falls_while_visits_stay_is_told_with_its_interval(top: Unit) -> None:
    shop(top, [0.30, 0.31, 0.29, 0.30, 0.31, 0.30, 0.29, 0.30, 0.31, 0.30, 0.30] + [0.20, 0.21, 0.19] * 4)
    (found,) = conversions(reach=(top.path,), now=timezone.now())
    assert found.now is not None
    assert found.change is not None
    assert found.now.value == pytest.approx(20, abs=1)
    assert found.change.value == pytest.approx(-10, abs=1)
    assert found.change.high is not None
    assert found.change.high < 0


def test_a_share_that_only_wavers_cannot_be_told_apart(top: Unit) -> None:
    shop(top, [0.2, 0.3] * 12)
    (found,) = conversions(reach=(top.path,), now=timezone.now())
    assert found.change is not None
    assert found.change.low is not None
    assert found.change.high is not None
    assert found.change.low < 0 < found.change.high


def test_sales_in_money_are_refused_with_a_remedy(top: Unit, log_in: LogIn) -> None:
    shop(top, [30.0] * 5)
    (found,) = conversions(reach=(top.path,), now=timezone.now())
    assert found.now is None
    assert "count them as pieces" in str(found.why)
    assert "From visit to purchase" in log_in(Role.ANALYST).get("/places/").content.decode()


def test_who_reaches_another_unit_sees_no_conversion(top: Unit, log_in: LogIn) -> None:
    shop(top, [0.2] * 5)
    other = Unit.add(parent=top, code="other", name="Other", kind=UnitKind.STORE)
    assert "From visit to purchase" not in log_in(Role.ANALYST, other).get("/places/").content.decode()


def test_without_figures_and_answers_there_is_nothing_to_tell(top: Unit) -> None:
    assert conversions(reach=(top.path,), now=timezone.now()) == []
    assert price_view(reach=(top.path,), now=timezone.now()) is None
