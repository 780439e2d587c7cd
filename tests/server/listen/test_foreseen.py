"""What is foreseen of a post is asked in one journey; a wrong guess opens nothing and costs a journey."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from luotain.server.models.asking import ask, foreseeing, put_off
from luotain.server.models.bulk import ids_wanted, reserve_ids, told_ids
from luotain.server.models.listen import Channel, Feedback, Payload
from luotain.server.models.people import AccessToken, Unit
from luotain.server.operations import listen, people
from luotain.server.operations.people.tokens import create_token, expected_tokens, revoke_token

POSTGRESQL = connection.vendor == "postgresql"
pytestmark = pytest.mark.django_db
ADD = "INSERT INTO luotain_channel (code, kind, name, offered) VALUES (%s, %s, %s, TRUE)"


@pytest.fixture
def secret() -> str:
    now = timezone.now()
    people.ensure_organization(now=now)
    listen.default_scales()
    listen.default_channels()
    listen.ensure_touchpoint("check-in", now=now)
    return create_token(name="shop", role="analyst", unit=people.top_unit(), now=now).secret


def post(client: Client, secret: str, source_id: str, **more: str) -> Any:
    answer = {"code": "nps", "measure": "nps", "scale": "nps_0_10", "value": 9}
    told = {"source_id": source_id, "occurred_at": timezone.now().isoformat(), "touchpoint": "check-in"}
    body = json.dumps(told | {"answers": [answer]} | more)
    auth = {"Authorization": f"Bearer {secret}"}
    return client.post("/api/v1/feedback", body, content_type="application/json", headers=auth)


def test_a_post_of_a_known_key_asks_once_and_writes_once(client: Client, secret: str) -> None:
    assert post(client, secret, "1").status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert post(client, secret, "2").status_code == 200
    journeys = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
    if POSTGRESQL:
        assert len(journeys) == 2
        assert "luotain_accesstoken" in journeys[0]
        assert "luotain_scale" in journeys[0]
        assert "INSERT INTO" not in journeys[0]
        assert all(
            f'INSERT INTO "luotain_{table}"' in journeys[1] for table in ("payload", "feedback", "answer", "fact")
        )
    raw = Feedback.objects.get(source_id="2").payload
    assert raw is not None
    assert json.loads(raw.body)["source_id"] == "2"


def test_a_key_that_was_revoked_since_it_was_seen_opens_nothing(client: Client, secret: str) -> None:
    assert post(client, secret, "1").status_code == 200
    assert expected_tokens([secret])
    revoke_token(name="shop", now=timezone.now())
    assert post(client, secret, "2").status_code == 401
    assert (Feedback.objects.count(), Payload.objects.count()) == (1, 1)


def test_a_key_that_was_renamed_and_confined_since_it_was_seen_is_taken_as_it_is_now(
    client: Client, secret: str
) -> None:
    assert post(client, secret, "1").status_code == 200
    turku = Unit.add(parent=people.top_unit(), code="turku", name="Turku", kind="region")
    AccessToken.objects.filter(name="shop").update(name="kiosk", unit=turku)
    assert post(client, secret, "1").status_code == 200
    found = Feedback.objects.get(source="api:kiosk")
    assert found.unit == turku
    assert post(client, secret, "3", unit="helsinki").status_code == 403


def test_a_code_that_was_made_since_is_found_at_once(client: Client, secret: str) -> None:
    assert post(client, secret, "1", touchpoint="lounge").status_code == 422
    listen.ensure_touchpoint("lounge", now=timezone.now())
    assert post(client, secret, "1", touchpoint="lounge").status_code == 200


def test_the_same_voice_again_is_a_duplicate_and_keeps_its_id(client: Client, secret: str) -> None:
    first, again = (post(client, secret, "1").json() for _ in range(2))
    assert (again["duplicate"], again["ids"]) == (1, first["ids"])


def test_an_answer_that_was_foreseen_is_given_once() -> None:
    with transaction.atomic():
        question = ids_wanted(Channel, 2)
        with foreseeing([question]):
            first, second = (told_ids(ask([question])[0], 2) for _ in range(2))
    if POSTGRESQL:
        assert not set(first) & set(second)
        assert not set(reserve_ids(Channel, 2)) & {*first, *second}
    else:
        assert first == second


def test_what_is_put_off_is_there_before_the_next_answer_and_when_the_block_ends() -> None:
    codes = ("SELECT code FROM luotain_channel WHERE code LIKE %s ORDER BY code", ["late%"])
    with transaction.atomic(), foreseeing([]):
        put_off((ADD, ["late-1", "web", "{}"]))
        assert ask([codes]) == [[("late-1",)]]
        put_off((ADD, ["late-2", "web", "{}"]))
    assert ask([codes]) == [[("late-1",), ("late-2",)]]


def test_what_is_put_off_goes_with_a_block_that_fails() -> None:
    def fail() -> None:
        with transaction.atomic(), foreseeing([]):
            put_off((ADD, ["late", "web", "{}"]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Channel.objects.filter(code="late").exists()
    assert reserve_ids(Channel, 1)
