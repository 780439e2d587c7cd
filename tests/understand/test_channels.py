"""Matters made of contacts, first-contact resolution, hops, verdicts, the picture of a flow, and slopes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from luotain.understand.channels import (
    Advice,
    Contact,
    Known,
    Reason,
    first_contact,
    flow,
    hops,
    matters,
    speed,
    verdicts,
)
from luotain.understand.contacts import contacts_in
from luotain.understand.doubts import share_of
from luotain.understand.flow import flow_chart
from luotain.understand.given import BadInput, TooFewAnswers, UnknownColumn
from luotain.understand.slope import slope, slopes

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = START + timedelta(days=60)


def contact(day: float, channel: str = "phone", *, customer: int = 1, topic: str = "invoice", reference: str = "",
            solved: bool | None = None, hours: float | None = None) -> Contact:  # fmt: skip
    return Contact(customer, topic, channel, START + timedelta(days=day), reference, solved, hours)


def test_contacts_of_one_customer_about_one_thing_within_a_week_are_one_matter() -> None:
    found = matters([contact(0, "email"), contact(6, "phone"), contact(12, "phone")], until=LATER)
    assert [one.path for one in found] == [("email", "phone", "phone")]
    assert found[0].hops == 2
    assert found[0].solved_at_first is False


def test_a_longer_pause_another_customer_or_another_topic_makes_another_matter() -> None:
    told = [contact(0), contact(8), contact(1, customer=2), contact(1, topic="baggage")]
    assert [one.hops for one in matters(told, until=LATER)] == [0, 0, 0, 0]


def test_a_reference_holds_a_matter_together_over_a_long_pause_and_parts_two_that_lie_close() -> None:
    told = [contact(0, reference="A"), contact(1, reference="B"), contact(20, "chat", reference="A")]
    found = matters(told, until=LATER)
    assert [one.path for one in found] == [("phone", "chat"), ("phone",)]


def test_a_contact_without_a_reference_joins_the_matter_it_follows() -> None:
    found = matters([contact(0, reference="A"), contact(1, "chat")], until=LATER)
    assert [one.path for one in found] == [("phone", "chat")]


def test_one_contact_that_was_left_unsolved_is_not_solved_at_the_first() -> None:
    (one,) = matters([contact(0, solved=False)], until=LATER)
    assert one.solved_at_first is False


def test_what_began_less_than_a_week_ago_is_not_counted_yet() -> None:
    (one,) = matters([contact(0)], until=START + timedelta(days=3))
    assert one.solved_at_first is None
    assert first_contact([one])[0].n == 0


def test_first_contact_is_counted_to_the_channel_where_the_matter_began() -> None:
    told = [contact(0, "email", customer=1), contact(1, "phone", customer=1), contact(0, "phone", customer=2)]
    whole, *cells = first_contact(matters(told, until=LATER))
    assert (whole.value, whole.n) == (0.5, 2)
    assert {cell.by["channel"]: (cell.value, cell.n) for cell in cells} == {"email": (0.0, 1), "phone": (1.0, 1)}
    assert whole.low is not None
    assert whole.low < 0.5 < (whole.high or 0)


def test_hops_tell_each_step_and_a_flow_what_stood_where() -> None:
    told = [contact(day, channel, customer=who)
            for who, path in enumerate((("email", "phone"), ("email", "phone"), ("chat", "chat", "phone")))
            for day, channel in enumerate(path)]  # fmt: skip
    found = matters(told, until=LATER)
    assert [(hop.step, hop.first, hop.second, hop.n) for hop in hops(found)] == [
        (1, "email", "phone", 2), (1, "chat", "chat", 1), (2, "chat", "phone", 1),
    ]  # fmt: skip
    assert flow(found).steps == ({"email": 2, "chat": 1}, {"phone": 2, "chat": 1}, {"phone": 1})


def test_time_to_solution_is_what_the_source_tells_or_what_lay_between() -> None:
    told = [contact(0, customer=1, hours=4), contact(0, customer=2), contact(2, customer=2, solved=True)]
    assert [one.hours for one in matters(told, until=LATER)] == [4, 48]
    assert speed(matters(told, until=LATER)).middle == 26
    assert speed([]).middle is None


def known(channel: str, solved: int, *, offered: bool = True, used: int = 50, wished: int = 50) -> Known:
    return Known(channel, offered, share_of(solved, 100), share_of(60, 100), share_of(20, 100), share_of(used, 100),
                 share_of(wished, 100), share_of(0, 0))  # fmt: skip


def test_verdicts_name_their_reasons_and_put_first_what_is_to_be_done() -> None:
    found = verdicts(
        [known("chat", 60), known("web", 20, wished=2), known("email", 20), known("phone", 95),
         known("app", 60, offered=False)]
    )  # fmt: skip
    assert {each.channel: each.advice for each in found} == {
        "email": Advice.MEND, "web": Advice.STOP, "app": Advice.OPEN, "phone": Advice.KEEP, "chat": Advice.UNTOLD,
    }  # fmt: skip
    assert next(each for each in found if each.channel == "web").reasons == (Reason.SOLVES_LESS, Reason.WISHED_LESS)
    assert [each.advice for each in found] == [Advice.MEND, Advice.STOP, Advice.OPEN, Advice.KEEP, Advice.UNTOLD]


def test_a_difference_that_may_be_chance_or_rests_on_few_is_no_reason() -> None:
    one = known("chat", 55)
    assert verdicts([one])[0].advice == Advice.UNTOLD
    assert verdicts([replace(one, solved=share_of(0, 8))])[0].advice == Advice.UNTOLD


def test_the_picture_draws_what_names_say_and_nothing_without_hops() -> None:
    found = matters([contact(0, "email"), contact(1, "phone")], until=LATER)
    drawn = flow_chart(flow(found), names={"email": "<E-mail>"}, titles=("1", "2", "3"))
    assert "&lt;E-mail&gt; 1" in drawn
    assert drawn.count("<path") == 1
    assert flow_chart(flow(matters([contact(0)], until=LATER)), names={}, titles=("1",)) == ""


def test_a_slope_is_found_with_its_interval_and_not_told_of_few_or_of_equal_values() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 30, 2000)
    y = 50 - 2.0 * x + rng.normal(0, 20, 2000)
    told = slope(list(x), list(y), step=10)
    assert told.low is not None
    assert told.high is not None
    assert told.low < -20 < told.high
    assert told.high - told.low < 4
    assert slope([1.0, 2.0], [1.0, 2.0]).value is None
    assert slope([1.0] * 50, list(y[:50])).value is None


def test_segments_that_differ_in_slope_are_told_and_those_that_do_not_are_not() -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(0, 30, 4000)
    work = rng.random(4000) < 0.5
    names = ["work" if each else "leisure" for each in work]
    alike, apart = 50 - 1.0 * x, 50 - np.where(work, 3.0, 0.5) * x
    noise = rng.normal(0, 20, 4000)
    same = slopes(list(x), list(alike + noise), names, name="purpose").p
    other = slopes(list(x), list(apart + noise), names, name="purpose").p
    assert same is not None
    assert same > 0.05
    assert other is not None
    assert other < 0.001


def test_contacts_of_a_file_are_read_with_what_may_stand_beside(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(
        "customer,topic,channel,at,solved,hours\na,bill,email,2026-03-01T09:00,no,\na,bill,phone,2026-03-02T09:00,yes,24\n"
        "b,bill,phone,2026-03-02T10:00,,\n"
    )
    found = matters(contacts_in(path), until=LATER)
    assert [(one.path, one.solved_at_first, one.hours) for one in found] == [
        (("email", "phone"), False, 24.0), (("phone",), True, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"at": "yesterday"}, "row 1: at is 'yesterday'"),
        ({"channel": ""}, "row 1: channel is empty"),
        ({"solved": "perhaps"}, "row 1: solved is 'perhaps'"),
        ({"hours": -1}, "row 1: hours is -1"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_with_its_row(row: dict[str, object], named: str) -> None:
    whole = {"customer": "a", "topic": "bill", "channel": "phone", "at": "2026-03-01", **row}
    with pytest.raises(BadInput, match=named):
        contacts_in([whole])


def test_a_file_without_a_needed_column_or_without_rows_is_refused() -> None:
    with pytest.raises(UnknownColumn, match="topic"):
        contacts_in({"customer": ["a"], "channel": ["phone"], "at": ["2026-03-01"]})
    with pytest.raises(TooFewAnswers):
        contacts_in({"customer": [], "topic": [], "channel": [], "at": []})
