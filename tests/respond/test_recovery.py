"""The playbook as a decision table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luotain.respond.recovery import NotATable, decide, examine, read_table
from luotain.terms import Remedy

CAUSES = ["delay", "service", "weather"]
COLUMNS = [{"name": "cause", "values": CAUSES}, {"name": "hours", "low": 0, "below": 48}]


def table(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"columns": COLUMNS, "rules": list(rules)}


def rule(remedy: str, **when: Any) -> dict[str, Any]:
    return {"when": when, "then": {"remedy": remedy}}


AIRLINE = table(
    rule("explanation", cause=["weather"]),
    rule("gift", cause=["delay"], hours={"from": 3}),
    rule("repair", cause=["delay", "service"]),
)


def test_the_first_rule_that_holds_speaks_and_says_why() -> None:
    suggestion = decide(read_table(AIRLINE), {"cause": "delay", "hours": 5})
    assert suggestion is not None
    assert (suggestion.remedy, suggestion.rule) == (Remedy.GIFT, 2)
    assert suggestion.why == (("cause", "delay"), ("hours", "5"))


@pytest.mark.parametrize(("hours", "number"), [(2.99, 3), (3, 2), (47.9, 2)])
def test_an_interval_holds_from_its_low_end_up_to_but_not_at_its_high_end(hours: float, number: int) -> None:
    suggestion = decide(read_table(AIRLINE), {"cause": "delay", "hours": hours})
    assert suggestion is not None
    assert suggestion.rule == number


def test_a_fact_that_is_not_known_holds_only_in_an_any_cell() -> None:
    assert decide(read_table(AIRLINE), {"hours": 5}) is None
    assert decide(read_table(table(rule("apology"))), {}) is not None


def test_a_whole_table_has_no_gaps_and_every_rule_speaks() -> None:
    found = examine(read_table(AIRLINE))
    assert found.sound
    assert [(overlap.first, overlap.second) for overlap in found.overlaps] == [(2, 3)]


def test_a_gap_is_found_with_an_example_that_really_falls_through() -> None:
    gappy = read_table(table(rule("gift", cause=["delay"], hours={"below": 24}), rule("apology", cause=["service"])))
    found = examine(gappy)
    assert not found.sound
    assert {"cause": "weather", "hours": 0.0} in found.gaps
    assert all(decide(gappy, facts) is None for facts in found.gaps)


def test_a_rule_behind_others_that_cover_it_can_never_speak() -> None:
    hidden = table(
        rule("apology", cause=["delay"], hours={"below": 10}),
        rule("repair", cause=["delay"], hours={"from": 10}),
        rule("gift", cause=["delay"]),  # covered by the two before together, by neither alone
        rule("explanation"),
    )
    assert examine(read_table(hidden)).never == (3,)


cells = st.fixed_dictionaries(
    {},
    optional={
        "cause": st.lists(st.sampled_from(CAUSES), min_size=1, unique=True),
        "hours": st.tuples(st.integers(0, 23), st.integers(24, 48)).map(
            lambda ends: {"from": ends[0], "below": ends[1]}
        ),
    },
)
rules = st.lists(
    st.tuples(st.sampled_from(list(Remedy)), cells).map(lambda pair: rule(pair[0].value, **pair[1])), max_size=6
)


@settings(max_examples=150, deadline=None)
@given(rules)
def test_the_proof_agrees_with_trying_every_whole_hour(drawn: list[dict[str, Any]]) -> None:
    made = read_table(table(*drawn))
    found = examine(made)
    facts = [{"cause": cause, "hours": hour} for cause in CAUSES for hour in range(48)]
    spoken = [decide(made, each) for each in facts]
    assert (found.uncovered == 0) == all(spoken)
    assert set(found.never) == {each.number for each in made.rules} - {each.rule for each in spoken if each}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"rules": []}, "no columns"),
        (table(rule("discount")), "rule 1 suggests 'discount'"),
        (table(rule("gift", tier=["gold"])), "rule 1 speaks of 'tier'"),
        (table(rule("gift", cause=["rain"])), "'rain' is not a value"),
        (table(rule("gift", hours={"from": 5, "below": 2})), "is empty"),
        (table(rule("gift", hours=[1])), "takes"),
        ({"columns": [*COLUMNS, COLUMNS[0]]}, "same name"),
        ({"columns": [{"name": "x"}]}, "'values' or both"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place_and_the_remedy(data: dict[str, Any], message: str) -> None:
    with pytest.raises(NotATable, match=message):
        read_table(data)


def test_a_table_too_large_to_prove_is_refused_rather_than_half_proved() -> None:
    columns = [{"name": f"c{place}", "low": 0, "below": 1000} for place in range(4)]
    many = [
        {"when": {f"c{place}": {"from": step} for place in range(4)}, "then": {"remedy": "apology"}}
        for step in range(1, 60)
    ]
    with pytest.raises(NotATable, match="elementary cells"):
        examine(read_table({"columns": columns, "rules": many}))
