"""The short way of reading a request takes in what the long way would, and reads it alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from luotain.server.api.listen import FeedbackBatch, FeedbackBody
from luotain.server.api.quick import read
from luotain.server.models.listen import Feedback
from luotain.server.operations import people
from luotain.server.operations.people.tokens import create_token

VOICE = {"source_id": "1", "occurred_at": "2026-01-31T12:00:00+02:00"}
ANSWER = {"code": "nps", "measure": "nps", "scale": "nps_0_10", "value": 9}
FIELDS = ("source", "source_id", "kind", "population", "touchpoint", "channel", "unit", "tier", "language", "verbatim")
ANSWERS = ("code", "measure", "scale", "value", "label", "text", "claimed")

#: what the short way leaves to the long way, which refuses it or reads it in its own manner
LEFT = (
    {"occurred_at": "2026-01-31T12:00:00"},
    {"occurred_at": "2026-01-31"},
    {"occurred_at": 1769853600},
    {"occurred_at": "1949-12-31T23:00:00Z"},
    {"occurred_at": "2200-01-01T00:00:00Z"},
    {"source_id": ""},
    {"source_id": 1},
    {"source_id": "x" * 151},
    {"source": "x" * 51},
    {"verbatim": "x" * 20_001},
    {"verbatim": "nul \x00"},
    {"verbatim": None},
    {"kind": "rumour"},
    {"contact_wanted": "yes"},
    {"contact_wanted": 1},
    {"attributes": {"": "x"}},
    {"attributes": {str(n): "" for n in range(51)}},
    {"attributes": {"market": 3}},
    {"identifiers": {"shoe": "43"}},
    {"answers": [ANSWER] * 101},
    {"answers": [{**ANSWER, "value": True}]},
    {"answers": [{**ANSWER, "value": 1e300}]},
    {"answers": [{**ANSWER, "value": "9" * 201}]},
    {"answers": [{"measure": "nps"}]},
    {"scores": 9},
    {"items": []},
)
TAKEN: tuple[dict[str, Any], ...] = (
    {},
    {"occurred_at": "2026-01-31T12:00:00.123456Z"},
    {"answers": [{**ANSWER, "value": 9.0}, {**ANSWER, "code": "b", "value": "9"}, {**ANSWER, "value": None}]},
    {"answers": [{**ANSWER, "value": -4.5}, {**ANSWER, "value": 2**53}]},
    {"verbatim": "Hyvää 😀 \\ud83d\\ude00 \t\n", "language": "fi", "contact_wanted": True},
    {"attributes": {"market": "MEX"}, "identifiers": {"email": "a@example.fi"}, "kind": "complaint"},
    {"population": "employee", "tier": "gold", "unit": "turku"},
)


def long_way(body: bytes) -> list[Any] | None:
    """Return what the declared contract makes of a body."""
    try:
        root = FeedbackBody.model_validate(json.loads(body)).root
    except (ValidationError, ValueError):
        return None
    return root.items if isinstance(root, FeedbackBatch) else [root]


def plain(voice: Any) -> dict[str, Any]:
    told = {name: getattr(voice, name) for name in FIELDS}
    answers = [{name: getattr(answer, name) for name in ANSWERS} for answer in voice.answers]
    kinds = [(type(answer["value"]), answer["value"]) for answer in answers]
    identifiers = (voice.identifiers.customer_id, voice.identifiers.email, voice.identifiers.phone)
    more = (dict(voice.attributes), voice.contact_wanted, voice.occurred_at, identifiers)
    return told | {"answers": answers, "kinds": kinds, "more": more}


def alike(body: bytes) -> bool:
    """Tell whether the short way took the body; fail where it took it otherwise than the long way."""
    short, long = read(body), long_way(body)
    if short is None:
        return False
    assert long is not None, "the short way takes what the contract refuses"
    assert [plain(voice) for voice in short[0]] == [plain(voice) for voice in long]
    return True


@pytest.mark.parametrize("change", TAKEN)
def test_what_is_plain_is_read_at_once_and_alike(change: dict[str, Any]) -> None:
    assert alike(json.dumps(VOICE | change).encode())
    assert alike(json.dumps({"items": [VOICE | change, VOICE]}, ensure_ascii=False).encode())


@pytest.mark.parametrize("change", LEFT)
def test_what_is_not_plain_is_left_to_the_one_that_explains(change: dict[str, Any]) -> None:
    assert read(json.dumps(VOICE | change).encode()) is None
    assert read(json.dumps({"items": [VOICE, VOICE | change]}).encode()) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"items": 3}', b"\xff\xfe", b'{"a": "\\ud800"}', b'{"a": "\xed\xa0\x80"}'],
)  # fmt: skip
def test_what_is_no_request_is_left_too(body: bytes) -> None:
    assert read(body) is None


texts = st.text(max_size=70)
values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=210)
answers = st.fixed_dictionaries(
    {}, optional={"code": texts, "measure": texts, "scale": texts, "value": values, "label": texts, "text": texts}
)
voices = st.fixed_dictionaries(
    {"source_id": texts, "occurred_at": st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()) | texts},
    optional={
        "kind": st.sampled_from(["response", "complaint", "x"]), "verbatim": texts, "language": texts, "unit": texts,
        "answers": st.lists(answers, max_size=3), "attributes": st.dictionaries(texts, texts | values, max_size=3),
        "contact_wanted": st.booleans() | values, "identifiers": st.dictionaries(st.just("email"), texts),
    },
)  # fmt: skip


@settings(max_examples=400, deadline=None, derandomize=True)
@given(voice=voices, many=st.booleans(), escaped=st.booleans())
def test_the_short_way_never_takes_what_the_long_way_would_not(voice: Any, many: bool, escaped: bool) -> None:
    try:
        body = json.dumps({"items": [voice]} if many else voice, ensure_ascii=escaped).encode()
    except UnicodeEncodeError:
        return
    alike(body)


@pytest.mark.django_db
def test_without_a_key_nothing_is_read(client: Client) -> None:
    answer = client.post("/api/v1/feedback", json.dumps(VOICE), content_type="application/json")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


@pytest.fixture
def secret(db: None) -> str:
    now = timezone.now()
    people.ensure_organization(now=now)
    return create_token(name="shop", role="analyst", unit=people.top_unit(), now=now).secret


def test_its_answers_make_browsers_as_careful_as_all_others_do(client: Client, secret: str) -> None:
    for voice, status in (
        (VOICE, 200),
        (VOICE | {"source_id": "2", "touchpoint": "nowhere"}, 422),
        (VOICE | {"source_id": ""}, 422),
    ):
        auth = {"Authorization": f"Bearer {secret}", "X-Request-ID": "told-by-sender"}
        answer = client.post("/api/v1/feedback", json.dumps(voice), content_type="application/json", headers=auth)
        assert answer.status_code == status
        assert answer["Content-Length"] == str(len(answer.content))
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Request-ID"] == "told-by-sender"


def test_a_host_that_is_not_ours_gets_nothing_done(client: Client, secret: str) -> None:
    auth = {"Authorization": f"Bearer {secret}", "Host": "elsewhere.example"}
    answer = client.post("/api/v1/feedback", json.dumps(VOICE), content_type="application/json", headers=auth)
    assert answer.status_code == 400
    assert not Feedback.objects.exists()


def test_the_short_way_asks_neither_for_a_session_nor_for_the_organization(client: Client, secret: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        auth = {"Authorization": f"Bearer {secret}"}
        client.post("/api/v1/feedback", json.dumps(VOICE), content_type="application/json", headers=auth)
    assert Feedback.objects.count() == 1
    assert not [one["sql"] for one in asked if "luotain_member" in one["sql"] or "django_session" in one["sql"]]
