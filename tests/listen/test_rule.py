"""A programme's rule, as it is written and read."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luotain.listen.rule import Audience, Rule, Window, WrongRule, as_json, read_rule


def test_a_rule_that_says_nothing_is_the_default_rule_and_is_kept_as_nothing() -> None:
    assert read_rule({}) == Rule()
    assert as_json(Rule()) == {}


def test_a_rule_comes_back_from_the_database_as_it_was() -> None:
    rule = Rule(
        share=0.3, delay_hours=2.5, segment="tier", quotas={"gold": 50, "*": 10}, channels=("sms", "email"),
        window=Window(opens=time(10), weekdays=frozenset({0, 6}), quiet_from=time(12), quiet_to=time(13)),
        audience=Audience(tier="gold", attribute="home", value="Kuopio"), sample_size=400,
    )  # fmt: skip
    assert read_rule(json.loads(json.dumps(as_json(rule)))) == rule


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"shares": 0.3}, "shares"),
        ({"share": 1.5}, "share"),
        ({"share": "0.3"}, "share"),
        ({"share": True}, "share"),
        ({"delay_hours": -1}, "delay_hours"),
        ({"reminders": 1.0}, "reminders"),
        ({"reminders": 6}, "reminders"),
        ({"sample_size": 0}, "sample_size"),
        ({"track_opens": "yes"}, "track_opens"),
        ({"segment": 7}, "segment"),
        ({"channels": []}, "channels"),
        ({"channels": ["email", "email"]}, "channels"),
        ({"channels": ["pigeon"]}, "channels"),
        ({"quotas": [1]}, "quotas"),
        ({"segment": "tier", "quotas": {"gold": -1}}, "quotas.gold"),
        ({"quotas": {"gold": 5}}, "segment"),
        ({"window": "9-20"}, "window"),
        ({"window": {"opens": "9"}}, "window.opens"),
        ({"window": {"opens": "25:00"}}, "window.opens"),
        ({"window": {"weekdays": []}}, "window.weekdays"),
        ({"window": {"weekdays": [7]}}, "window.weekdays"),
        ({"window": {"from": "09:00"}}, "window.from"),
        ({"window": {"opens": "22:00", "closes": "23:00"}}, "window"),
        ({"window": {"opens": "20:00", "closes": "09:00"}}, "window"),
        ({"audience": {"attribute": "home"}}, "audience.value"),
        ({"audience": {"tier": None}}, "audience.tier"),
    ],
)
def test_a_mistake_names_its_field(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongRule) as wrong:
        read_rule(raw)
    assert wrong.value.field == field
    assert len(wrong.value.said) > 10


@pytest.mark.parametrize(
    ("window", "spans"),
    [
        (Window(), [(540, 1200)]),
        (Window(opens=time(7), closes=time(23)), [(480, 1260)]),
        (Window(opens=time(7), closes=time(0), quiet_from=time(12), quiet_to=time(13)), [(420, 720), (780, 1440)]),
        (Window(quiet_from=time(0), quiet_to=time(0)), [(540, 1200)]),
        (Window(opens=time(22), closes=time(23)), []),
    ],
)
def test_quiet_hours_are_taken_out_of_the_window(window: Window, spans: list[tuple[int, int]]) -> None:
    assert window.spans() == spans


@given(st.times(), st.times(), st.times(), st.times())
def test_no_minute_is_both_open_and_quiet(opens: time, closes: time, quiet_from: time, quiet_to: time) -> None:
    window = Window(opens=opens, closes=closes, quiet_from=quiet_from, quiet_to=quiet_to)
    start, end = quiet_from.hour * 60 + quiet_from.minute, quiet_to.hour * 60 + quiet_to.minute
    for first, last in window.spans():
        for minute in {first, last - 1, (first + last) // 2}:
            assert not (start <= minute < end if start <= end else minute >= start or minute < end)


@given(st.dictionaries(st.sampled_from(["share", "quotas", "window", "x", "audience"]), st.integers() | st.text()))
def test_whatever_is_written_is_read_or_refused_by_name(raw: dict[str, Any]) -> None:
    with suppress(WrongRule):
        assert read_rule(as_json(read_rule(raw))) == read_rule(raw)
