"""Requests that share a transaction: each is answered for itself, after its commit, and none fails for another."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.server.models.listen import ApiRequest, Fact, Feedback, Payload
from luotain.server.models.people import AccessToken
from luotain.server.operations import listen, people
from luotain.server.operations.listen.exchange import (
    Envelope,
    KeyReused,
    NoKey,
    _Delivery,
    _take_together,
    take_feedback,
)
from luotain.server.operations.listen.together import Together
from luotain.server.operations.people.tokens import create_token, revoke_token
from luotain.terms import SCALES

FEEDBACK = "/api/v1/feedback"


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.001)


class Desk:
    """Work that waits until it is let go, and remembers what was done together."""

    def __init__(self, most: int = 10) -> None:
        self.rounds: list[list[Any]] = []
        self.let_go = Event()
        self.together: Together[Any, Any] = Together(self.work, most=most)

    def work(self, items: Sequence[Any]) -> list[Any]:
        self.rounds.append(list(items))
        assert self.let_go.wait(10)
        if "broken" in items:
            raise ValueError("broken")
        return [KeyError(item) if item == "wrong" else f"{item} done" for item in items]

    def meanwhile(self, first: Any, *others: Any) -> list[Any]:
        """Ask for the first alone and for the others while it is being done; return what became of each."""

        def ask(item: Any) -> Any:
            try:
                return self.together.do(item)
            except (ValueError, KeyError) as problem:
                return problem

        with ThreadPoolExecutor(1 + len(others)) as pool:
            asked = [pool.submit(ask, first)]
            wait_until(lambda: len(self.rounds) == 1)
            for place, other in enumerate(others):
                asked.append(pool.submit(ask, other))
                wait_until(lambda place=place: len(self.together._waiting) == place + 1)  # type: ignore[misc]
            self.let_go.set()
            return [one.result(10) for one in asked]


def test_what_comes_while_others_are_at_work_is_done_together_and_in_order() -> None:
    desk = Desk()
    assert desk.meanwhile("a", "b", "c", "d") == ["a done", "b done", "c done", "d done"]
    assert desk.rounds == [["a"], ["b", "c", "d"]]
    assert desk.together.do("e") == "e done"


def test_no_more_are_done_at_once_than_was_said() -> None:
    desk = Desk(most=2)
    assert len(desk.meanwhile("a", "b", "c", "d", "e", "f")) == 6
    assert desk.rounds == [["a"], ["b", "c"], ["d", "e"], ["f"]]


def test_what_goes_wrong_with_one_is_told_to_that_one() -> None:
    found = Desk().meanwhile("a", "b", "wrong", "c")
    assert [type(one) for one in found] == [str, str, KeyError, str]


def test_work_that_breaks_is_told_to_all_who_shared_it_and_the_next_begin_afresh() -> None:
    desk = Desk(most=2)
    found = desk.meanwhile("a", "broken", "b", "c")
    assert [type(one) for one in found] == [str, ValueError, ValueError, str]
    assert desk.together.do("d") == "d done"


# --- voices ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(db: None) -> str:
    now = timezone.now()
    people.ensure_organization(now=now)
    listen.default_scales()
    listen.default_channels()
    listen.ensure_touchpoint("check-in", now=now)
    return create_token(name="shop", role="analyst", unit=people.top_unit(), now=now).secret


def voice(source_id: str, score: str = "9") -> Submission:
    answer = SubmittedAnswer("nps", "nps", SCALES["nps_0_10"], score)
    return Submission("response", "api:shop", source_id, timezone.now(), (answer,), touchpoint="check-in")


def delivery(secret: str, *voices: Submission, key: str = "", body: bytes = b"") -> _Delivery[Submission]:
    told = body or json.dumps([one.source_id for one in voices]).encode()
    return _Delivery(Envelope(secret, key, FEEDBACK, told), lambda token: voices, timezone.now())


def breaks(token: AccessToken) -> Sequence[Submission]:
    raise ZeroDivisionError


@pytest.mark.django_db
def test_each_of_several_requests_gets_its_own_answer_and_its_own_raw_form(secret: str) -> None:
    found = _take_together(
        [
            delivery(secret, voice("1"), voice("2", "11"), voice("3")),
            delivery(secret, voice("4")),
            delivery(secret, voice("1"), voice("5"), voice("6", "x")),
        ]
    )
    told = [(one["accepted"], one["duplicate"], one["rejected"]) for one in found if isinstance(one, dict)]
    assert told == [(2, 0, 1), (1, 0, 0), (1, 1, 1)]
    first, second, third = found
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert isinstance(third, dict)
    assert [refusal["record"] for refusal in first["rejections"] + third["rejections"]] == [2, 3]
    ids = {row.source_id: row.pk for row in Feedback.objects.all()}
    assert first["ids"] == [ids["1"], 0, ids["3"]]
    assert third["ids"] == [ids["1"], ids["5"], 0]
    raw = {row.source_id: row.payload and json.loads(row.payload.body) for row in Feedback.objects.all()}
    assert raw == {"1": ["1", "2", "3"], "3": ["1", "2", "3"], "4": ["4"], "5": ["1", "5", "6"]}
    assert Payload.objects.count() == 3


@pytest.mark.django_db
def test_a_request_that_fails_takes_no_other_with_it(secret: str) -> None:
    broken = _Delivery(Envelope(secret, "", FEEDBACK, b"{}"), breaks, timezone.now())
    first, second, third = _take_together([delivery(secret, voice("1")), broken, delivery(secret, voice("2"))])
    assert isinstance(second, ZeroDivisionError)
    assert isinstance(first, dict)
    assert isinstance(third, dict)
    assert (first["accepted"], third["accepted"]) == (1, 1)
    assert Feedback.objects.count() == Payload.objects.count() == 2


@pytest.mark.django_db
def test_a_wrong_and_a_revoked_key_open_nothing_beside_a_right_one(secret: str) -> None:
    old = create_token(name="old", role="analyst", unit=people.top_unit(), now=timezone.now()).secret
    revoke_token(name="old", now=timezone.now())
    found = _take_together([delivery("x", voice("1")), delivery(secret, voice("2")), delivery(old, voice("3"))])
    assert [type(one) for one in found] == [NoKey, dict, NoKey]
    assert [row.source_id for row in Feedback.objects.all()] == ["2"]


@pytest.mark.django_db
def test_one_idempotency_key_twice_in_a_round_is_answered_alike(secret: str) -> None:
    found = _take_together([delivery(secret, voice("1"), key="k"), delivery(secret, voice("1"), key="k")])
    assert found[0] == found[1]
    other = _take_together([delivery(secret, voice("2"), key="k"), delivery(secret, voice("3"), key="l")])
    assert isinstance(other[0], KeyReused)
    assert isinstance(other[1], dict)
    assert set(ApiRequest.objects.values_list("key", flat=True)) == {"k", "l"}
    assert set(Feedback.objects.values_list("source_id", flat=True)) == {"1", "3"}


@pytest.mark.django_db
def test_an_unknown_key_raises_and_keeps_no_raw_form(secret: str) -> None:
    with pytest.raises(NoKey):
        take_feedback(
            envelope=Envelope("x", "", FEEDBACK, b"{}"), voices=lambda token: [voice("1")], now=timezone.now()
        )
    assert not Payload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_come_in_once_each_and_are_there_when_they_are_answered(secret: str) -> None:
    at = (timezone.now() - timedelta(minutes=1)).isoformat()

    def send(number: int) -> tuple[int, int, bool]:
        # Every voice is sent twice, by different threads and in different company.
        body = {
            "source_id": str(number % 60), "occurred_at": at, "touchpoint": "check-in" if number % 10 else "nowhere",
            "answers": [{"code": "nps", "measure": "nps", "scale": "nps_0_10", "value": 9}],
        }  # fmt: skip
        try:
            headers = {"Authorization": f"Bearer {secret}"}
            answer = Client().post(FEEDBACK, json.dumps(body), content_type="application/json", headers=headers)
            there = Feedback.objects.filter(source_id=body["source_id"]).exists()
            return answer.status_code, answer.json().get("accepted", 0), there
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(send, range(120)))
    refused = [one for number, one in enumerate(found) if number % 10 == 0]
    taken = [one for number, one in enumerate(found) if number % 10]
    assert {(status, there) for status, _, there in refused} == {(422, False)}
    assert {(status, there) for status, _, there in taken} == {(200, True)}
    assert sum(accepted for _, accepted, _ in taken) == Feedback.objects.count() == Fact.objects.count() == 54
