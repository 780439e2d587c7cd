"""The company's own measures count at once, everywhere, and never touch a published one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.server.understand.conftest import NOW, Tell

from luotain.server.models.understand import OwnMeasure
from luotain.server.operations import understand
from luotain.server.operations.understand.own import (
    all_checked,
    checked,
    declare,
    own_measures,
    trial,
    withdraw,
    words_of,
)
from luotain.server.operations.understand.store import fold_now
from luotain.understand.measures import UnknownMeasure
from luotain.understand.own import WrongDeclaration

pytestmark = pytest.mark.django_db(transaction=True)
NET: dict[str, Any] = {
    "code": "net_trust", "kind": "net", "answers": "trust", "scale": "ces_1_7", "bottom_to": 3, "top_from": 6,
    "name": {"fi": "Luottamus", "en": "Trust in us"},
}  # fmt: skip
SHARE = {**NET, "code": "firm", "kind": "share", "bottom_to": None}
MEAN = {**NET, "code": "middling", "kind": "mean", "bottom_to": None, "top_from": None}


def test_each_kind_counts_the_same_answers_by_its_own_rule(tell: Tell) -> None:
    tell("trust", 1, 3, 4, 5, 6, 6, 7, 7, scale="ces_1_7")
    declare(declarations=all_checked([NET, SHARE, MEAN]), by=None, now=NOW)
    net, share, mean, plain = (understand.measure(name)[0] for name in ("net_trust", "firm", "middling", "trust"))
    assert (net.value, net.unit, net.n, net.measure) == (25.0, "points", 8, "net_trust")
    assert (share.value, share.unit, share.measure) == (0.5, "share", "firm")
    assert mean.value == plain.value == pytest.approx(39 / 8)
    assert {"net_trust", "firm", "middling", "trust"} <= set(understand.measure_names())


def test_a_changed_rule_holds_at_the_next_question(tell: Tell) -> None:
    tell("trust", 4, 5, 6, 7, scale="ces_1_7")
    declare(declarations=[checked(SHARE)], by=None, now=NOW)
    assert understand.measure("firm")[0].value == 0.5
    assert declare(declarations=[checked({**SHARE, "top_from": 5})], by=None, now=NOW).changed == 1
    assert understand.measure("firm")[0].value == 0.75
    withdraw(measure=OwnMeasure.objects.get(), by=None, now=NOW)
    with pytest.raises(UnknownMeasure):
        understand.measure("firm")


def test_the_same_declaration_twice_changes_nothing(tell: Tell) -> None:
    tell("trust", 4, scale="ces_1_7")
    assert declare(declarations=all_checked([NET, SHARE]), by=None, now=NOW).new == 2
    assert declare(declarations=all_checked([NET, SHARE]), by=None, now=NOW).same == 2


def test_of_a_file_with_one_wrong_declaration_nothing_is_kept(tell: Tell) -> None:
    tell("trust", 4, scale="ces_1_7")
    with pytest.raises(WrongDeclaration, match="measure 2, field top_from"):
        all_checked([NET, {**SHARE, "top_from": 9}])
    with pytest.raises(WrongDeclaration, match="measure 2, field code: net_trust is declared twice"):
        all_checked([NET, NET])
    assert not OwnMeasure.objects.exists()


def test_a_rule_over_a_published_measure_leaves_that_measure_alone(tell: Tell) -> None:
    tell("nps", 0, 7, 9, 10, scale="nps_0_10")
    before = understand.measure("nps")
    tens = {**SHARE, "code": "only_tens", "answers": "nps", "scale": "nps_0_10", "top_from": 10}
    declare(declarations=[checked(tens)], by=None, now=NOW)
    assert understand.measure("only_tens")[0].value == 0.25
    assert understand.measure("nps") == before


def test_a_measure_that_answers_carry_may_get_a_rule_of_its_own(tell: Tell) -> None:
    tell("trust", 4, 7, scale="ces_1_7")
    declare(declarations=[checked({**SHARE, "code": "trust"})], by=None, now=NOW)
    assert (understand.measure("trust")[0].value, understand.measure("trust")[0].unit) == (0.5, "share")


def test_answers_on_another_scale_are_left_out_and_told(tell: Tell) -> None:
    tell("trust", 6, 7, scale="ces_1_7")
    tell("trust", 5, scale="csat_1_5")
    declare(declarations=[checked(SHARE)], by=None, now=NOW)
    cell = understand.measure("firm")[0]
    assert (cell.n, cell.detail("other_scale")) == (2, "1")


def test_a_trial_shows_the_last_quarter_by_both_rules_and_who_falls_where_and_keeps_nothing(tell: Tell) -> None:
    spring = datetime(2026, 2, 10, 12, tzinfo=UTC)
    tell("trust", 1, 3, 4, 5, 6, 6, 7, 7, scale="ces_1_7", at=spring)
    tell("trust", 1, 1, 1, scale="ces_1_7")
    found = trial(checked(NET), reach=None, now=NOW)
    assert [(each.name, n) for each, n in found.classes] == [("bottom", 2), ("middle", 2), ("top", 4)]
    assert (found.after.value, found.after.n) == (25.0, 8)
    assert found.before is not None
    assert (found.before.value, found.before.measure) == (pytest.approx(39 / 8), "trust")
    assert not OwnMeasure.objects.exists()
    with pytest.raises(UnknownMeasure):
        understand.measure("net_trust")


def test_a_trial_of_a_change_stands_beside_the_rule_before(tell: Tell) -> None:
    tell("trust", 4, 5, 6, 7, scale="ces_1_7", at=datetime(2026, 2, 10, 12, tzinfo=UTC))
    declare(declarations=[checked(SHARE)], by=None, now=NOW)
    found = trial(checked({**SHARE, "top_from": 7}), reach=None, now=NOW)
    assert found.before is not None
    assert (found.before.value, found.after.value) == (0.5, 0.25)
    assert understand.measure("firm")[0].value == 0.5


def test_own_measures_are_listed_with_their_figures_and_called_by_their_names(tell: Tell) -> None:
    tell("trust", *[7] * 12, scale="ces_1_7", at=datetime(2026, 2, 10, 12, tzinfo=UTC))
    declare(declarations=[checked(SHARE)], by=None, now=NOW)
    (line,) = own_measures(reach=None, now=NOW)
    assert (line.row.code, line.cell.n, line.scale.high) == ("firm", 12, 7)
    assert (words_of("firm", "fi"), words_of("firm", "en"), words_of("queue_time", "en")) == (
        "Luottamus", "Trust in us", "queue time",
    )  # fmt: skip


def test_kept_counts_serve_an_own_measure(tell: Tell) -> None:
    tell("trust", *[5, 6, 7, 7] * 30, scale="ces_1_7")
    assert fold_now(worker="test", clock=lambda: NOW)
    declare(declarations=[checked(SHARE)], by=None, now=NOW)
    assert (understand.measure("firm", by=["month"])[1].value, understand.measure("firm")[0].n) == (0.75, 120)
