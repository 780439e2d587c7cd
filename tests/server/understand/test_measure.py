"""Figures read from what was really told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from time import perf_counter

import pytest
from tests.server.understand.conftest import NOW, Tell

from luotain.server.models.listen import Fact, Journey, JourneyStage, Touchpoint
from luotain.server.models.people import Unit
from luotain.server.operations import listen
from luotain.server.operations.understand import measure
from luotain.server.operations.understand.blocks import form_blocks
from luotain.terms import Scale
from luotain.understand.estimate import NotComparable
from luotain.understand.interval import nps_interval, wilson_interval
from luotain.understand.measures import UnknownBreakdown, UnknownMeasure

pytestmark = pytest.mark.django_db(transaction=True)


def test_nps_by_market_has_the_overall_figure_first(tell: Tell) -> None:
    tell("nps", 10, 9, 9, 3, scale="nps_0_10", attributes={"market": "FI"})
    tell("nps", 0, 7, scale="nps_0_10", attributes={"market": "SE"})
    overall, finland, sweden = measure("nps", by=["market"])
    assert (overall.by["market"], finland.by["market"], sweden.by["market"]) == (None, "FI", "SE")
    assert (overall.value, overall.n) == (pytest.approx(100 * (3 - 2) / 6), 6)
    assert (finland.value, finland.n) == (50, 4)
    assert (finland.low, finland.high) == pytest.approx(nps_interval(1, 0, 3))
    assert (sweden.value, sweden.n) == (-50, 2)
    assert finland.method == "score"
    assert finland.unit == "points"


def test_answers_that_do_not_carry_the_attribute_are_left_out_and_counted(tell: Tell) -> None:
    tell("nps", 10, 10, scale="nps_0_10", attributes={"market": "FI"})
    tell("nps", 0, 0, 0, scale="nps_0_10")
    overall, finland = measure("nps", by=["market"])
    assert (overall.value, overall.n, overall.flags) == (100, 2, ("left_out:3",))
    assert finland.n == 2
    assert measure("nps")[0].n == 5


def test_each_measure_has_its_own_arithmetic(tell: Tell) -> None:
    tell("ces", 7, 5, 3, 5, scale="ces_1_7")
    tell("csat", 5, 4, 2, 1, scale="csat_1_5")
    tell("recommended", 1, 1, 0, scale="yes_no")
    tell("rating", 8, 9, 10, 1, scale=Scale("rating_1_10", 1, 10))
    (ces,), (csat,), (recommended,), (rating,) = (measure(m) for m in ("ces", "csat", "recommended", "rating"))
    assert (ces.value, ces.method, ces.unit) == (5, "t", "")
    assert (csat.value, csat.method, csat.unit) == (0.5, "wilson", "share")
    assert recommended.value == pytest.approx(2 / 3)
    assert recommended.low == pytest.approx(wilson_interval(2, 3)[0])
    assert (rating.value, rating.method, rating.scale) == (7, "t", "rating_1_10")
    assert rating.high is not None
    assert rating.high <= 10


def test_feelings_have_a_balance_and_a_share_each(tell: Tell) -> None:
    tell("emotion", "joy", "joy", "trust", "anger")
    found = {cell.by["emotion"]: cell for cell in measure("emotion")}
    assert (found[None].value, found[None].unit, found[None].n) == (50, "points", 4)
    assert (found["joy"].value, found["joy"].n, found["joy"].unit) == (0.5, 4, "share")
    assert found["anger"].value == 0.25
    assert "fear" not in found


def test_a_reversed_scale_is_turned_before_it_is_summed(tell: Tell) -> None:
    tell("fft", 1, 1, 5, scale=Scale("fft_1_5", 1, 5, reversed_=True, poor_to=2, good_from=4))
    assert measure("fft")[0].value == pytest.approx((5 + 5 + 1) / 3)


def test_nothing_is_called_nps_that_was_not_asked_on_its_scale(tell: Tell) -> None:
    refused = tell("nps", 10, scale=Scale("nps_1_10", 1, 10)).rejections[0]
    assert "nps is defined on the scale nps_0_10" in refused.reason
    # Even what stands in the facts under a false name is left out.
    tell("rating", 10, 9, scale=Scale("nps_1_10", 1, 10))
    Fact.objects.update(measure="nps")
    with pytest.raises(NotComparable, match=r"nps_1_10 \(1–10\)"):
        measure("nps")
    tell("nps", 10, scale="nps_0_10")
    (cell,) = measure("nps")
    assert (cell.n, cell.flags) == (1, ("other_scale:2",))


def test_two_scales_of_a_declared_measure_are_never_mixed(tell: Tell) -> None:
    tell("rating", 5, 5, scale=Scale("stars_1_5", 1, 5))
    tell("rating", 9, scale=Scale("rating_1_10", 1, 10))
    assert {cell.by["scale"]: (cell.value, cell.n) for cell in measure("rating")} == {
        "stars_1_5": (5, 2),
        "rating_1_10": (9, 1),
    }


def test_employees_are_kept_apart_from_customers(tell: Tell) -> None:
    tell("nps", 10, 10, scale="nps_0_10")
    tell("nps", *[0] * 5, scale="nps_0_10", population="employee")
    form_blocks(now=NOW)
    assert measure("nps")[0].value == 100
    assert measure("nps", where={"population": "employee"})[0].value == -100
    assert [cell.by["population"] for cell in measure("nps", by=["population"])] == [None, "customer", "employee"]


def test_a_stage_gathers_its_touchpoints(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10", touchpoint="book")
    tell("nps", 0, scale="nps_0_10", touchpoint="pay")
    tell("nps", 10, scale="nps_0_10", touchpoint="fly")
    journey = Journey.objects.create(code="trip", name={"en": "trip"})
    for order, (stage, points) in enumerate({"buy": ["book", "pay"], "travel": ["fly"]}.items()):
        row = JourneyStage.objects.create(journey=journey, code=stage, order=order)
        Touchpoint.objects.filter(code__in=points).update(stage=row)
    assert [(c.by["stage"], c.value, c.n) for c in measure("nps", by=["stage"])[1:]] == [
        ("buy", 0, 2),
        ("travel", 100, 1),
    ]
    assert measure("nps", where={"stage": "buy"})[0].n == 2


def test_periods_are_days_of_the_organization_with_both_ends_included(tell: Tell) -> None:
    # 21:30 UTC on the last of May is half past midnight on the first of June in Helsinki.
    tell("nps", 10, scale="nps_0_10", at=datetime(2026, 5, 31, 21, 30, tzinfo=UTC))
    tell("nps", 0, scale="nps_0_10", at=datetime(2026, 5, 31, 20, 30, tzinfo=UTC))
    assert [(c.by["month"], c.value) for c in measure("nps", by=["month"])[1:]] == [("2026-05", -100), ("2026-06", 100)]
    assert [c.by["day"] for c in measure("nps", by=["day"])[1:]] == [date(2026, 5, 31), date(2026, 6, 1)]
    assert [c.by["week"] for c in measure("nps", by=["week"])[1:]] == [date(2026, 5, 25), date(2026, 6, 1)]
    assert measure("nps", start=date(2026, 6, 1))[0].value == 100
    assert measure("nps", end=date(2026, 5, 31))[0].value == -100
    assert measure("nps", start=date(2026, 6, 1), end=date(2026, 6, 1))[0].n == 1
    assert measure("nps", where={"week": "2026-05-28"})[0].value == -100


def test_a_reader_sees_the_units_in_reach_only(tell: Tell) -> None:
    top = Unit.objects.get(parent=None)
    north = Unit.add(parent=top, code="north", name="North", kind="region")
    Unit.add(parent=north, code="oulu", name="Oulu", kind="store")
    south = Unit.add(parent=top, code="south", name="South", kind="region")
    tell("nps", 10, scale="nps_0_10", unit="oulu")
    tell("nps", 0, 0, scale="nps_0_10", unit="south")
    tell("nps", 0, scale="nps_0_10")
    assert measure("nps", reach=[north.path])[0].value == 100
    assert measure("nps", reach=[south.path])[0].n == 2
    assert measure("nps", reach=[top.path])[0].n == 4
    assert measure("nps", reach=[])[0].n == 0


def test_what_has_been_taken_back_is_gone_from_the_next_figure(tell: Tell) -> None:
    kept = tell("nps", 10, 10, scale="nps_0_10")
    undone = tell("nps", 0, 0, 0, scale="nps_0_10")
    assert measure("nps")[0].n == 5
    listen.take_back(undone.feedback_ids, now=NOW)
    assert (measure("nps")[0].n, measure("nps")[0].value) == (2, 100)
    listen.take_back(kept.feedback_ids[:1], now=NOW)
    assert measure("nps")[0].n == 1


def test_an_empty_house_has_an_empty_figure(tell: Tell) -> None:
    (cell,) = measure("nps", by=["market"])
    assert (cell.value, cell.low, cell.high, cell.n, dict(cell.by)) == (None, None, None, 0, {"market": None})


def test_unknown_names_are_answered_with_the_known_ones(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10", attributes={"market": "FI"})
    with pytest.raises(UnknownMeasure, match="ces, csat, emotion, nps"):
        measure("nsp")
    with pytest.raises(UnknownBreakdown, match="market"):
        measure("nps", by=["country"])
    with pytest.raises(UnknownBreakdown, match="there is no touchpoint 'x'"):
        measure("nps", where={"touchpoint": "x"})


def test_reading_a_figure_again_reads_only_what_is_new(tell: Tell) -> None:
    tell("nps", 10, scale="nps_0_10", attributes={"market": "FI"})
    first = Fact.objects.get()
    Fact.objects.bulk_create(
        [
            Fact(
                **{
                    field.attname: getattr(first, field.attname)
                    for field in Fact._meta.concrete_fields
                    if field.attname not in ("id", "tx", "feedback_id")
                },
                feedback_id=number,
            )
            for number in range(10, 20_010)
        ],
        batch_size=2000,
    )
    start = perf_counter()
    assert measure("nps", by=["market"])[0].n == 20_001
    cold = perf_counter() - start
    times = []
    for added in range(3):
        tell("nps", 0, scale="nps_0_10", attributes={"market": "FI"})
        start = perf_counter()
        assert measure("nps", by=["market"])[0].n == 20_002 + added
        times.append(perf_counter() - start)
    assert min(times) < max(cold, 0.05)


def test_a_declared_measure_that_nobody_has_answered_here_has_a_cell_of_no_answers(tell: Tell) -> None:
    tell("queue", 4, 5, scale="agree_1_5", touchpoint="gate")
    tell("nps", 9, scale="nps_0_10", touchpoint="lounge")
    (cell,) = measure("queue", where={"touchpoint": "lounge"})
    assert (cell.value, cell.low, cell.n) == (None, None, 0)
