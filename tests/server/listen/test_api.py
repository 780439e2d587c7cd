"""The API: what another system may send, what it is told when something is wrong, and that nothing comes in twice."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as contract

from luotain.server.models.listen import Answer, ApiRequest, Fact, Feedback, Interaction, Payload
from luotain.server.models.people import Consent, Identifier, Unit
from luotain.server.operations import listen, people
from luotain.server.operations.people.tokens import NotAKey, create_token, revoke_token

pytestmark = pytest.mark.django_db

FEEDBACK = "/api/v1/feedback"
INTERACTIONS = "/api/v1/interactions"
VOICE = {
    "source_id": "1",
    "occurred_at": "2026-01-31T12:00:00+02:00",
    "touchpoint": "check-in",
    "channel": "web",
    "verbatim": "Nopea ja ystävällinen palvelu.",
    "answers": [{"code": "nps", "measure": "nps", "scale": "nps_0_10", "value": 9}],
}


@pytest.fixture
def desk() -> Any:
    now = timezone.now()
    people.ensure_organization(now=now)
    listen.default_scales()
    listen.default_channels()
    return listen.ensure_touchpoint("check-in", now=now)


@pytest.fixture
def secret(desk: Any) -> str:
    return create_token(name="shop", role="analyst", unit=people.top_unit(), now=timezone.now()).secret


def post(client: Client, url: str, body: Any, secret: str, **headers: str) -> Any:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    auth = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.post(url, data, content_type="application/json", headers={**auth, **headers})


def test_one_voice_comes_in_with_its_category_and_its_raw_form(client: Client, secret: str) -> None:
    answer = post(client, FEEDBACK, VOICE, secret)
    assert answer.status_code == 200, answer.content
    feedback = Feedback.objects.get()
    told = {"read": 1, "accepted": 1, "duplicate": 0, "rejected": 0, "ids": [feedback.pk]}
    assert answer.json() == {**told, "rejections": [], "warnings": []}
    assert feedback.source == "api:shop"
    assert feedback.answers.get().category == "promoter"
    raw = Payload.objects.get()
    assert json.loads(raw.body) == VOICE
    assert feedback.payload == raw
    assert raw.delete_after - raw.received_at == timedelta(days=30)


def test_an_address_that_can_be_none_is_taken_in_with_a_warning_that_does_not_repeat_it(
    client: Client, secret: str
) -> None:
    good, bad = {"email": "aino@example.com"}, {"email": "aino at example", "customer_id": "7"}
    items = [{**VOICE, "source_id": str(n), "identifiers": who} for n, who in enumerate((good, bad, {}))]
    answer = post(client, FEEDBACK, {"items": items}, secret).json()
    assert (answer["accepted"], answer["rejected"]) == (3, 0)
    (warning,) = answer["warnings"]
    assert (warning["record"], warning["field"]) == (2, "identifiers.email")
    assert "correct it at its source" in warning["warning"]
    assert "aino at example" not in json.dumps(answer)
    assert Feedback.objects.get(source_id="1").customer is not None


def test_a_consent_goes_to_the_ledger_once_and_of_nobody_unknown(client: Client, secret: str) -> None:
    consents = [
        {"purpose": "marketing", "given": True, "wording": "2026-1"},
        {"purpose": "survey", "given": False, "wording": "2026-1"},
    ]
    known = {**VOICE, "identifiers": {"email": "aino@example.com"}, "consents": consents}
    for voice in (known, known, {**VOICE, "source_id": "2", "consents": consents}):
        assert post(client, FEEDBACK, voice, secret).status_code == 200
    lines = Consent.objects.order_by("purpose").values_list("purpose", "given", "wording_version", "source")
    assert list(lines) == [("marketing", True, "2026-1", "api:shop"), ("survey", False, "2026-1", "api:shop")]
    wrong = {**known, "source_id": "3", "consents": [{"purpose": "spam", "given": True, "wording": "1"}]}
    assert post(client, FEEDBACK, wrong, secret).status_code == 422


def test_a_voice_that_is_still_being_told_is_completed_when_it_comes_again(client: Client, secret: str) -> None:
    assert post(client, FEEDBACK, {**VOICE, "completed": False}, secret).json()["accepted"] == 1
    assert Feedback.objects.get().completed_at is None
    why = {"code": "why", "text": "Nopea"}
    whole = {**VOICE, "answers": [*VOICE["answers"], why]}  # type: ignore[misc]
    assert post(client, FEEDBACK, whole, secret).json()["accepted"] == 1
    assert Feedback.objects.get().completed_at is not None
    assert Answer.objects.count() == 2


@pytest.mark.parametrize("sign", ["-", "\u2212", "\u2013"])
@pytest.mark.parametrize("escaped", [True, False])
def test_an_identity_code_is_in_neither_the_words_nor_the_raw_form(
    client: Client, secret: str, sign: str, escaped: bool
) -> None:
    code = f"010190{sign}123M"
    body = json.dumps({**VOICE, "verbatim": f"Olen {code}."}, ensure_ascii=escaped)
    assert post(client, FEEDBACK, body.encode(), secret).status_code == 200
    assert "123M" not in Feedback.objects.get().verbatim
    assert "123M" not in Payload.objects.get().body
    assert "Olen" in Payload.objects.get().body


def test_what_is_said_in_the_future_is_refused(client: Client, secret: str) -> None:
    soon = (timezone.now() + timedelta(days=2)).isoformat()
    answer = post(client, FEEDBACK, {**VOICE, "occurred_at": soon}, secret)
    assert (answer.status_code, answer.json()["field"]) == (422, "occurred_at")


def test_a_published_measure_on_another_scale_is_refused_by_name(client: Client, secret: str) -> None:
    told = {**VOICE, "answers": [{"code": "nps", "measure": "nps", "scale": "csat_1_5", "value": 4}]}
    answer = post(client, FEEDBACK, told, secret)
    assert (answer.status_code, answer.json()["error"]) == (422, "nps is defined on the scale nps_0_10")
    assert "name the measure otherwise" in answer.json()["remedy"]
    assert Feedback.objects.count() == 0


def test_the_same_voice_twice_is_a_duplicate(client: Client, secret: str) -> None:
    post(client, FEEDBACK, VOICE, secret)
    assert post(client, FEEDBACK, VOICE, secret).json()["duplicate"] == 1
    assert Fact.objects.count() == 1


def test_a_key_sent_again_gets_the_same_answer_and_with_another_body_a_conflict(client: Client, secret: str) -> None:
    first = post(client, FEEDBACK, VOICE, secret, **{"Idempotency-Key": "a-1"})
    again = post(client, FEEDBACK, VOICE, secret, **{"Idempotency-Key": "a-1"})
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again.json()["accepted"] == 1
    other = post(client, FEEDBACK, {**VOICE, "source_id": "2"}, secret, **{"Idempotency-Key": "a-1"})
    assert other.status_code == 409
    assert other.json()["field"] == "Idempotency-Key"
    assert Feedback.objects.count() == 1


def test_a_key_is_forgotten_after_a_day(client: Client, secret: str) -> None:
    post(client, FEEDBACK, VOICE, secret, **{"Idempotency-Key": "a-1"})
    assert ApiRequest.objects.get().delete_after <= timezone.now() + timedelta(hours=24)
    ApiRequest.objects.update(delete_after=timezone.now() - timedelta(hours=1))
    assert post(client, FEEDBACK, {**VOICE, "source_id": "2"}, secret, **{"Idempotency-Key": "a-1"}).status_code == 200


def test_a_batch_is_taken_in_as_far_as_it_can_be(client: Client, secret: str) -> None:
    wrong = {**VOICE, "source_id": "3", "answers": [{**VOICE["answers"][0], "value": 11}]}  # type: ignore[index]
    answer = post(client, FEEDBACK, {"items": [VOICE, {**VOICE, "source_id": "2"}, wrong, VOICE]}, secret).json()
    assert (answer["read"], answer["accepted"], answer["duplicate"], answer["rejected"]) == (4, 2, 1, 1)
    assert answer["rejections"][0]["record"] == 3
    assert "nps_0_10" in answer["rejections"][0]["error"]


def test_ten_thousand_come_in_at_once_and_one_more_does_not(client: Client, secret: str) -> None:
    batch = [{**VOICE, "source_id": str(n), "verbatim": ""} for n in range(10_001)]
    assert post(client, FEEDBACK, {"items": batch}, secret).status_code == 422
    assert not Feedback.objects.exists()
    assert post(client, FEEDBACK, {"items": batch[:-1]}, secret).json()["accepted"] == 10_000


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"touchpoint": "nowhere"}, "touchpoint", "there is no touchpoint"),
        ({"occurred_at": "2026-01-31T12:00:00"}, "occurred_at", "timezone"),
        ({"occurred_at": "31.1.2026"}, "occurred_at", "datetime"),
        ({"occurred_at": "9999-12-31T23:59:59-05:00"}, "occurred_at", "year"),
        ({"scores": 9}, "scores", "not permitted"),
        ({"kind": "rumour"}, "kind", "response"),
        ({"contact_wanted": "yes"}, "contact_wanted", "boolean"),
        ({"verbatim": "nul \x00"}, "verbatim", "cannot be kept"),
        ({"verbatim": "x" * 20_001}, "verbatim", "20000"),
        ({"answers": [{"code": "nps", "measure": "nps", "value": 9}]}, "nps", "needs a scale"),
        ({"answers": [{"code": "n", "measure": "n", "scale": "ours", "value": 9}]}, "n", "no scale with this code"),
        ({"answers": [{"code": "nps", "measure": "nps", "scale": "nps_0_10", "value": "ten"}]}, "nps", "scale"),
        ({"answers": [{"code": "e", "measure": "emotion", "label": "meh"}]}, "e", "emotion"),
        ({"source_id": ""}, "source_id", "1 character"),
    ],
)
def test_bad_input_is_refused_with_field_and_words(
    client: Client, secret: str, change: Any, field: str, word: str
) -> None:
    answer = post(client, FEEDBACK, VOICE | change, secret)
    assert answer.status_code == 422, answer.content
    problem = answer.json()
    assert set(problem) == {"error", "field", "remedy"}
    assert problem["field"].endswith(field)
    assert word in problem["error"] + problem["remedy"]
    assert problem["remedy"]
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("body", ["{", "", b"\xff\xfe{", '{"a": ' * 5, "nul", "[1]", "[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused_plainly(client: Client, secret: str, body: Any) -> None:
    answer = post(client, FEEDBACK, body, secret)
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]


def test_a_huge_body_is_refused_plainly(client: Client, secret: str) -> None:
    answer = post(client, FEEDBACK, b" " * 17_000_000, secret)
    assert answer.status_code == 413
    assert "smaller batches" in answer.json()["remedy"]


def test_half_a_surrogate_pair_is_refused_and_not_a_crash(client: Client, secret: str) -> None:
    for change in ('"verbatim": "\\ud800"', '"source": "\\udfff"', '"attributes": {"\\ud800": "x"}'):
        body = '{"source_id": "1", "occurred_at": "2026-01-01T00:00:00Z", ' + change + "}"
        assert post(client, FEEDBACK, body, secret).status_code == 422


def test_without_a_right_key_nothing_opens(client: Client, secret: str) -> None:
    for wrong in ("", "luotain_nothing", secret[:-1]):
        answer = post(client, FEEDBACK, VOICE, wrong)
        assert answer.status_code == 401
        assert "token create" in answer.json()["remedy"]
    revoke_token(name="shop", now=timezone.now())
    assert post(client, FEEDBACK, VOICE, secret).status_code == 401
    assert not Feedback.objects.exists()


def test_a_session_is_no_key(client: Client, desk: Any) -> None:
    member = people.add_member(
        username="lead", name="Lead", password="long enough it is", role="cx_lead", unit=people.top_unit(),
        language="en", now=timezone.now(),
    )  # fmt: skip
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    assert post(client, FEEDBACK, VOICE, "").status_code == 401


def test_a_key_reaches_its_unit_and_no_other(client: Client, desk: Any) -> None:
    now, top = timezone.now(), people.top_unit()
    for code in ("turku", "oulu"):
        Unit.add(parent=top, code=code, name=code, kind="store")
    turku = Unit.objects.get(code="turku")
    listen.ensure_touchpoint("oulu-desk", unit=Unit.objects.get(code="oulu"), now=now)
    secret = create_token(name="till", role="analyst", unit=turku, now=now).secret
    assert post(client, FEEDBACK, VOICE, secret).status_code == 200
    assert Feedback.objects.get().unit == turku
    for change in ({"unit": "oulu"}, {"unit": "nowhere"}, {"touchpoint": "oulu-desk"}):
        answer = post(client, FEEDBACK, VOICE | change | {"source_id": "2"}, secret)
        assert answer.status_code == 403
        assert answer.json()["field"] in change
    assert Feedback.objects.count() == 1


def test_only_a_role_that_may_send_gets_a_key(desk: Any) -> None:
    with pytest.raises(NotAKey, match="may not send feedback"):
        create_token(name="x", role="front_line", unit=people.top_unit(), now=timezone.now())


def test_nobody_can_pass_for_our_own_doors(client: Client, secret: str) -> None:
    post(client, FEEDBACK, VOICE | {"source": "invitation"}, secret)
    assert Feedback.objects.get().source == "api:invitation"


def test_identifiers_make_a_customer_whose_address_is_not_in_the_clear(client: Client, secret: str) -> None:
    post(client, FEEDBACK, VOICE | {"identifiers": {"email": "Aino@Example.fi"}}, secret)
    customer = Feedback.objects.get().customer
    assert people.contact_of(customer) == "aino@example.fi"
    assert Identifier.objects.filter(customer=customer).count() == 1


def test_interactions_come_in_once(client: Client, secret: str) -> None:
    event = {"source_id": "AY1", "occurred_at": "2026-01-31T12:00:00Z", "touchpoint": "check-in", "reference": "AY1"}
    assert post(client, INTERACTIONS, event, secret).json()["accepted"] == 1
    assert post(client, INTERACTIONS, {"items": [event]}, secret).json()["duplicate"] == 1
    assert post(client, INTERACTIONS, event | {"source_id": "2", "touchpoint": "x"}, secret).status_code == 422
    assert Interaction.objects.get().reference == "AY1"


def test_the_contract_names_every_answer(client: Client) -> None:
    told = client.get("/api/v1/openapi.json").json()
    for path in (FEEDBACK, INTERACTIONS):
        assert set(told["paths"][path]["post"]["responses"]) == {"200", "400", "401", "403", "409", "413", "422"}


CHECKS = (
    checks.not_a_server_error,
    contract.status_code_conformance,
    contract.content_type_conformance,
    contract.response_schema_conformance,
    contract.negative_data_rejection,
)


# The real WSGI handler closes its connections, so the rows must be committed.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [FEEDBACK, INTERACTIONS])
def test_the_api_keeps_its_contract_whatever_is_sent(path: str, secret: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    sent = []

    @given(case=schema[path]["POST"].as_strategy())
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def walk(case: Any) -> None:
        sent.append(case)
        case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, checks=CHECKS)

    walk()
    assert len(sent) >= 10
