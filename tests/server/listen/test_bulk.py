"""The bulk writer: what goes in by blocks comes out as it was, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.asking import ask
from luotain.server.models.bulk import insert_many, insert_numbered, insert_rows, moment_writer, reserve_ids
from luotain.server.models.listen import Answer, Channel, Fact, Feedback, Touchpoint
from luotain.server.models.people import Message
from luotain.server.operations.listen import ensure_touchpoint, receive
from luotain.terms import SCALES

NOW = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)
AWKWARD = ("a\tb", "line\nline", "\\N", "\\", "\r\n", "", "{}", "ääkköset 😀", "'; DROP TABLE x; --", "%s", "\\t")

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [1, 20, 100])
def test_awkward_words_come_out_as_they_went_in(count: int) -> None:
    told = [AWKWARD[n % len(AWKWARD)] for n in range(count)]
    insert_rows(Channel, ("code", "kind", "name"), [(f"c{n}", "web", {"en": text}) for n, text in enumerate(told)])
    found = Channel.objects.order_by("pk").values_list("name", "offered")
    assert list(found) == [({"en": text}, True) for text in told]


@pytest.mark.parametrize("count", [2, 100])
def test_moments_keep_their_instant_and_what_is_not_told_is_the_models_own(count: int) -> None:
    zone = timezone(timedelta(hours=2))
    rows = [(f"t{n}", None if n % 2 else n, NOW.astimezone(zone) + timedelta(seconds=n)) for n in range(count)]
    insert_rows(Touchpoint, ("code", "order", "created_at"), [(code, order or 0, at) for code, order, at in rows])
    found = list(Touchpoint.objects.order_by("pk").values_list("code", "order", "created_at", "open", "unit", "kind"))
    assert found == [(code, order or 0, at, True, None, "encounter") for code, order, at in rows]


@pytest.mark.parametrize("count", [4, 100])
def test_nothing_and_something_stand_side_by_side_in_a_column(count: int) -> None:
    stored = moment_writer()(NOW)
    rows = [
        ("response", "t", str(n), stored, stored, None if n % 2 else stored, ["speeder"] if n % 3 else [])
        for n in range(count)
    ]
    names = ("kind", "source", "source_id", "occurred_at", "received_at", "completed_at", "flags")
    insert_rows(Feedback, names, rows)
    found = list(Feedback.objects.order_by("pk").values_list("completed_at", "flags"))
    assert found == [(None if n % 2 else NOW, ["speeder"] if n % 3 else []) for n in range(count)]


@pytest.mark.parametrize("count", [1, 100])
def test_encrypted_values_are_written_encrypted(count: int) -> None:
    insert_many(
        [
            Message(key=f"k{n}", sender="email", purpose="test", recipient="aino@example.fi", subject="a\tb",
                    text="Hei", headers={"X": "1"}, created_at=NOW, due_at=NOW)
            for n in range(count)
        ]
    )  # fmt: skip
    message = Message.objects.order_by("pk")[0]
    assert (message.recipient, message.subject, message.headers) == ("aino@example.fi", "a\tb", {"X": "1"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT recipient, subject, headers FROM luotain_message")
        assert not any("aino" in str(value) or "a\tb" in str(value) for value in cursor.fetchone())


@pytest.mark.parametrize("count", [0, 1, 3, 100])
def test_rows_that_the_database_numbers_are_told_their_numbers_in_order(count: int) -> None:
    ids = insert_numbered(Channel, ("code", "kind"), [(f"c{n}", "web") for n in range(count)])
    assert list(Channel.objects.order_by("pk").values_list("pk", "code")) == [
        (pk, f"c{n}") for n, pk in zip(range(count), ids, strict=True)
    ]
    assert Channel.objects.create(code="next", kind="web").pk > max(ids, default=0)


def test_several_questions_are_answered_each_by_its_own_rows() -> None:
    insert_numbered(Channel, ("code", "kind"), [("a", "web"), ("b", "web")])
    told = ask(
        [
            ("SELECT code FROM luotain_channel WHERE code IN (%s, %s) ORDER BY code", ["b", "a"]),
            ("UPDATE luotain_channel SET kind = %s WHERE code = 'b'", ["a;b '%s"]),
            ("SELECT kind FROM luotain_channel WHERE code = %s", ["none"]),
            ("SELECT kind FROM luotain_channel WHERE code = 'b'", []),
        ]
    )
    assert [[tuple(row) for row in rows] for rows in told] == [[("a",), ("b",)], [], [], [("a;b '%s",)]]


def test_reserved_ids_are_nobody_elses() -> None:
    reserved = reserve_ids(Channel, 3)
    insert_many([Channel(pk=pk, code=f"c{pk}", kind="web") for pk in reserved])
    assert Channel.objects.create(code="next", kind="web").pk > max(reserved)


def test_what_voices_point_to_stays_though_the_database_does_not_check_it() -> None:
    touchpoint = ensure_touchpoint("desk", now=NOW)
    answer = SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], "9")
    receive([Submission("response", "t", "1", NOW, (answer,), touchpoint="desk")], now=NOW)
    with pytest.raises(ProtectedError):
        touchpoint.delete()
    with pytest.raises(ProtectedError):
        Answer.objects.get().scale.delete()  # type: ignore[union-attr]
    Feedback.objects.get().delete()
    assert (Answer.objects.count(), Fact.objects.count()) == (0, 1)


def test_a_thousand_voices_cost_no_more_queries_than_ten() -> None:
    ensure_touchpoint("desk", now=NOW)
    answer = SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], "9")

    def queries(first: int, count: int) -> int:
        told = [
            Submission("response", "t", str(first + n), NOW, (answer,), touchpoint="desk", channel="")
            for n in range(count)
        ]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            receive(told, now=NOW)
        return len(asked)

    queries(0, 1)  # the scale is made
    assert queries(1_000, 1_000) <= queries(10, 100)
    assert queries(3_000, 5) <= queries(200, 100)


def test_values_that_are_alike_in_python_and_not_in_json_stay_apart() -> None:
    told = [{"a": 1}, {"a": True}, {"a": 1.0}, {"a": "1"}, {"a": None}, {"a": []}, [], {}, {"a": "x"}, {"a": "x"}] * 10
    insert_rows(Channel, ("code", "kind", "name"), [(f"c{n}", "web", value) for n, value in enumerate(told)])
    found = Channel.objects.order_by("pk").values_list("name", flat=True)
    assert [repr(value) for value in found] == [repr(value) for value in told]
