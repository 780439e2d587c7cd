"""A company's own measures: every value in one class, and every wrong declaration refused with its remedy."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pytest

from luotain.terms import SCALES, Scale
from luotain.understand.kinds import Declared, Mean, NetShare, TopShare, identity
from luotain.understand.own import Declaration, WrongDeclaration, declarations_in, declared, own_rule
from luotain.understand.store.counts import maker
from luotain.understand.trial import last_quarter

TOLD: dict[str, Any] = {
    "code": "net_trust", "kind": "net", "answers": "trust", "scale": "ces_1_7", "bottom_to": 3, "top_from": 6,
    "name": {"fi": "Luottamus", "en": "Trust"},
}  # fmt: skip
ANSWERED = {"trust": {"ces_1_7"}, "nps": {"nps_0_10"}, "emotion": {"emotion_1_5"}, "mixed": {"ces_1_7", "csat_1_5"}}


def told(**changed: Any) -> Declaration:
    return declared({**TOLD, **changed}, scales=SCALES, answered=ANSWERED)


def test_a_net_share_counts_the_answers_it_is_declared_over_on_its_own_scale() -> None:
    assert told().measure() == NetShare("trust", "ces_1_7", bottom_to=3, top_from=6)


def test_a_share_and_a_mean_take_only_the_limits_they_have() -> None:
    share = told(kind="share", bottom_to=None)
    assert share.measure() == TopShare("trust", "ces_1_7", top_from=6)
    assert told(kind="mean", bottom_to=None, top_from=None).measure() == Mean("trust", "ces_1_7")


@pytest.mark.parametrize("kind", ["mean", "share", "net"])
@pytest.mark.parametrize("scale", [SCALES["ces_1_7"], Scale("half", 1, 7, step=0.5), Scale("ten", 0, 70, step=10)])
def test_every_value_of_the_scale_and_every_half_step_falls_in_exactly_one_class(kind: str, scale: Scale) -> None:
    step = scale.step
    bottom, top = scale.low + 2 * step, scale.low + 5 * step
    limits = {"mean": (None, None), "share": (None, top), "net": (bottom, top)}[kind]
    one = Declaration("own", kind, "trust", scale.code, *limits)
    classes = one.classes(scale)
    for value in np.arange(scale.low, scale.high + step / 4, step / 2):
        assert sum(each.holds(value) for each in classes) == 1, value
    assert sum(len(each.steps(scale)) for each in classes) == round((scale.high - scale.low) / step) + 1


def test_half_steps_between_neighbouring_limits_are_in_the_middle() -> None:
    one = told(bottom_to=4, top_from=5)
    (middle,) = [each for each in one.classes(SCALES["ces_1_7"]) if each.holds(4.5)]
    assert middle.name == "middle"
    assert middle.steps(SCALES["ces_1_7"]) == ()


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("code", {"code": "Net trust"}),
        ("code", {"code": "nps"}),
        ("code", {"code": "mixed"}),
        ("kind", {"kind": "median"}),
        ("answers", {"answers": "trusted"}),
        ("answers", {"answers": "emotion", "scale": "emotion_1_5"}),
        ("scale", {"scale": "csat_1_5"}),
        ("scale", {"answers": "mixed", "scale": ""}),
        ("bottom_to", {"bottom_to": None}),
        ("bottom_to", {"bottom_to": 3.5}),
        ("bottom_to", {"kind": "share"}),
        ("bottom_to", {"bottom_to": True}),
        ("top_from", {"top_from": 8}),
        ("top_from", {"top_from": "6"}),
        ("top_from", {"top_from": 3}),
        ("top_from", {"kind": "share", "bottom_to": None, "top_from": 1}),
        ("top_from", {"kind": "mean", "bottom_to": None}),
        ("name", {"name": {}}),
        ("name", {"name": "Trust"}),
        ("name", {"name": {"de": "Vertrauen"}}),
        ("name", {"name": {"en": "x" * 81}}),
        ("weight", {"weight": 2}),
    ],
)
def test_what_makes_no_measure_is_refused_at_its_field(field: str, changed: dict[str, Any]) -> None:
    with pytest.raises(WrongDeclaration) as wrong:
        told(**changed)
    assert wrong.value.field == field
    assert len(str(wrong.value)) > 20


def test_a_scale_need_not_be_told_where_the_answers_have_only_one() -> None:
    assert told(scale="").scale == "ces_1_7"


def test_a_rule_is_read_again_as_it_was_written() -> None:
    for one in (told(), told(kind="share", bottom_to=None), told(kind="mean", bottom_to=None, top_from=None)):
        assert own_rule(json.dumps(one.rule())) == one.measure()


def test_counts_that_were_kept_of_answers_serve_every_rule_over_them_but_nothing_else_is_shared() -> None:
    kinds = [Declared("trust"), Mean("trust", ""), TopShare("trust", "", 6), NetShare("trust", "", 3, 6)]
    assert len({maker(each) for each in kinds}) == 1
    assert identity(TopShare("trust", "", 6)) != identity(TopShare("trust", "", 5))


def test_a_file_declares_measures_and_nothing_else() -> None:
    assert declarations_in('[[measure]]\ncode = "a1"\n[[measure]]\ncode = "a2"') == [{"code": "a1"}, {"code": "a2"}]
    for wrong in ("", "measure = 3", "[[measure]]\n[other]", "[[measure"):
        with pytest.raises(WrongDeclaration):
            declarations_in(wrong)


@pytest.mark.parametrize(
    ("today", "quarter"),
    [
        (date(2026, 1, 1), (date(2025, 10, 1), date(2025, 12, 31))),
        (date(2026, 6, 30), (date(2026, 1, 1), date(2026, 3, 31))),
        (date(2026, 12, 31), (date(2026, 7, 1), date(2026, 9, 30))),
    ],
)
def test_the_last_quarter_is_the_last_whole_one(today: date, quarter: tuple[date, date]) -> None:
    assert last_quarter(today) == quarter
