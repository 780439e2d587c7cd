"""Webhooks in the core: who signed them, what they tell, and that nothing in them is guessed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from luotain.listen.hooks import ADAPTERS
from luotain.listen.hooks.decide import Decision, Place, Understood, decisions, stored, understand
from luotain.listen.hooks.delivery import BadSignature, Delivery, Event, NotReadable, parse
from luotain.terms import SCALES, AnswerUse, HookKind

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
BODY = '{"hyvää": "päivää"}'.encode()


def _hmac(message: bytes, digest: str = "sha256") -> bytes:
    return hmac.new(SECRET.encode(), message, getattr(hashlib, digest)).digest()


def signed(kind: HookKind, body: bytes, now: datetime = NOW) -> dict[str, str]:
    """Sign as the sender does, reckoned here anew from its documentation."""
    unix = str(int(now.timestamp()))
    if kind in (HookKind.STANDARD, HookKind.FORMBRICKS):
        told = Webhook(SECRET).sign("msg_1", now, body.decode())
        return {"webhook-id": "msg_1", "webhook-timestamp": unix, "webhook-signature": f"v1,AAAA {told}"}
    iso = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        HookKind.TYPEFORM: {"typeform-signature": "sha256=" + base64.b64encode(_hmac(body)).decode()},
        HookKind.TALLY: {"tally-signature": base64.b64encode(_hmac(body)).decode()},
        HookKind.SURVICATE: {"hmac": _hmac(body).hex()},
        HookKind.ZAMMAD: {"x-hub-signature": "sha1=" + _hmac(body, "sha1").hex()},
        HookKind.ZENDESK: {
            "x-zendesk-webhook-signature": base64.b64encode(_hmac(iso.encode() + body)).decode(),
            "x-zendesk-webhook-signature-timestamp": iso,
        },
        HookKind.CHATWOOT: {
            "x-chatwoot-signature": "sha256=" + _hmac(f"{unix}.".encode() + body).hex(),
            "x-chatwoot-timestamp": unix,
        },
    }[kind]


@pytest.mark.parametrize("kind", HookKind)
def test_a_signature_opens_for_its_own_body_and_secret_only(kind: HookKind) -> None:
    verify, headers = ADAPTERS[kind].verify, signed(kind, BODY)
    verify(Delivery(BODY, headers, NOW), SECRET)
    other = "whsec_" + base64.b64encode(b"another secret of thirty-two byt").decode()
    for body, secret, told in (
        (BODY + b" ", SECRET, headers),
        (BODY, other, headers),
        (BODY, SECRET, {}),
        (BODY, SECRET, dict.fromkeys(headers, "")),
        (BODY, SECRET, dict.fromkeys(headers, "\udcff ä")),
        (b"\xff\xfe", SECRET, headers),
    ):
        with pytest.raises(BadSignature):
            verify(Delivery(body, told, NOW), secret)


@pytest.mark.parametrize("kind", [HookKind.STANDARD, HookKind.FORMBRICKS, HookKind.ZENDESK, HookKind.CHATWOOT])
@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_signed_time_that_is_not_about_now_is_refused(kind: HookKind, minutes: int) -> None:
    delivery = Delivery(BODY, signed(kind, BODY), NOW + timedelta(minutes=minutes))
    with pytest.raises(BadSignature):
        ADAPTERS[kind].verify(delivery, SECRET)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b"{", b'{"a": NaN}', b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b'"' + b"9" * 10_000]
)
def test_what_is_no_json_object_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(NotReadable):
        parse(body)


def read(kind: HookKind, payload: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Event:
    return ADAPTERS[kind].read(payload, Delivery(json.dumps(payload).encode(), headers or {}, NOW))


def told(
    kind: HookKind, payload: Mapping[str, Any], decided: Mapping[str, Decision] | None = None
) -> Understood:  # fmt: skip
    (heard,) = read(kind, payload).heard
    return understand(heard, decided or {}, SCALES, Place("hook:test", "front-desk", "web"), NOW)


def waiting(understood: Understood) -> list[str]:
    return [question.code for question in understood.questions if question.waiting]


def sample(shared: Path, name: str) -> Any:
    return json.loads((shared / "data" / "formats" / name).read_text(encoding="utf-8"))


# --- what each sender tells ----------------------------------------------------------------------------------------


def test_typeform_nps_is_a_measure_and_an_opinion_scale_waits(shared: Path) -> None:
    voice = told(HookKind.TYPEFORM, sample(shared, "typeform/webhook_nps_doc_example.json"))
    measured = {answer.code: (answer.measure, answer.raw) for answer in voice.submission.answers if answer.measure}
    assert measured == {"dBqPlgeKejN2": ("nps", "6")}
    assert {"UXftY0tSmuDV", "hcCNsLUHGXgv", "user_id"} <= set(waiting(voice))
    outside = {answer.code: answer.raw for answer in voice.submission.answers if not answer.measure}
    assert (outside["UXftY0tSmuDV"], outside["hcCNsLUHGXgv"]) == ("9", "8")
    assert voice.submission.identifiers == {"email": "typeformintegration@example.com"}
    assert voice.submission.occurred_at == datetime(2023, 10, 6, 23, 58, 18, tzinfo=UTC)
    titles = {question.code: question.title for question in voice.questions}
    assert titles["UXftY0tSmuDV"] == "How would you rate the overall performance of the team?"


def test_typeform_is_read_whatever_the_order_of_the_answers_and_without_its_definition(shared: Path) -> None:
    payload = sample(shared, "typeform/webhook_nps_doc_example.json")
    forwards = told(HookKind.TYPEFORM, payload)
    payload["form_response"]["answers"].reverse()
    del payload["form_response"]["definition"]
    backwards = told(HookKind.TYPEFORM, payload)
    assert sorted(map(repr, backwards.submission.answers)) == sorted(map(repr, forwards.submission.answers))
    bare = told(HookKind.TYPEFORM, sample(shared, "typeform/doc_example_truncated_webhook.json"))
    assert bare.submission.verbatim == "Sample answer"
    assert waiting(bare) == ["user_id", "source"]


def test_formbricks_tells_one_response_in_three_versions(shared: Path) -> None:
    voices = [
        (event, told(HookKind.FORMBRICKS, sample(shared, f"formbricks/webhook_response{event}.json")))
        for event in ("Created", "Updated", "Finished")
    ]
    assert {voice.submission.source_id for _, voice in voices} == {"response:responseId"}
    assert [voice.submission.completed for _, voice in voices] == [False, False, True]
    assert [waiting(voice) for _, voice in voices] == [[], ["visit_reason"], ["newsletter_consent"]]


def test_tally_tells_choices_by_their_words(shared: Path) -> None:
    payload = sample(shared, "tally/webhook_example_thirdparty.json")
    payload["data"]["fields"][2]["value"] = ["opt2", "opt1"]
    payload["data"]["fields"].append({"key": "q", "label": "Rate us", "type": "RATING", "value": 4})
    event = read(HookKind.TALLY, payload)
    assert event.key == "abc123"
    voice = told(HookKind.TALLY, payload)
    answers = {answer.code: (answer.measure, answer.raw, answer.label) for answer in voice.submission.answers}
    assert answers["question_jkl012"] == ("", "", "Business; Starter")
    assert answers["q"] == ("", "4", "")
    assert "q" in waiting(voice)
    assert voice.submission.identifiers == {"email": "david@example.com"}


def test_survicate_names_the_category_of_nps_and_it_stays_a_claim() -> None:
    answered = {
        "responseUuid": "r1", "timestamp": "2026-05-10T06:46:02+00:00",
        "respondent": {"attributes": {"email": "aino@example.com"}},
        "question": {"id": 7, "body": "Would you recommend us?"},
        "choice": {"id": 6, "body": "passive", "comment": "Meh"},
    }  # fmt: skip
    payload = {"messageId": "m1", "event": {"questionAnswered": answered}}
    voice = told(HookKind.SURVICATE, payload)
    (nps,) = [answer for answer in voice.submission.answers if answer.measure]
    assert (nps.measure, nps.raw, nps.claimed) == ("nps", "6", "passive")
    assert voice.submission.verbatim == "Meh"
    assert voice.submission.identifiers == {"email": "aino@example.com"}
    assert not voice.submission.completed


def test_survicate_export_is_read_and_its_numbers_wait(shared: Path) -> None:
    voice = told(HookKind.SURVICATE, sample(shared, "survicate/survey-response-example.json"))
    assert voice.submission.source_id == "response:resp_xyz789"
    assert waiting(voice) == ["q_001", "q_002"]


def test_zammad_hears_customers_and_not_agents() -> None:
    article = {
        "id": 11, "sender": "Customer", "type": "email", "internal": False, "content_type": "text/html",
        "body": "<p>Laukku ei tullut.</p><blockquote>vanhaa</blockquote>", "created_at": "2026-05-30T10:00:00.000Z",
    }  # fmt: skip
    payload = {"ticket": {"id": 1, "title": "Laukku", "customer": {"email": "aino@example.com"}}, "article": article}
    voice = told(HookKind.ZAMMAD, payload).submission
    assert (voice.kind, voice.channel, voice.verbatim) == ("email", "email", "Laukku ei tullut.")
    assert (voice.source_id, voice.contact_wanted) == ("article:11", True)
    for change in ({"sender": "Agent"}, {"sender": "System"}, {"internal": True}):
        assert read(HookKind.ZAMMAD, {**payload, "article": {**article, **change}}).heard == ()


def test_zendesk_events_and_triggers_are_read() -> None:
    created = {
        "type": "zen:event-type:ticket.created", "id": "e1", "time": "2026-05-30T10:00:00Z",
        "detail": {"id": "35436", "subject": "Viivästys", "description": "Myöhässä.", "via": {"channel": "email"}},
    }  # fmt: skip
    voice = told(HookKind.ZENDESK, created).submission
    assert (voice.source_id, voice.verbatim) == ("ticket:35436", "Viivästys\n\nMyöhässä.")
    comment = {"id": "5", "body": "Kiitos", "is_public": True, "author": {"id": "1", "is_staff": False}}
    added = {**created, "type": "zen:event-type:ticket.comment_added", "event": {"comment": comment}}
    assert told(HookKind.ZENDESK, added).submission.verbatim == "Kiitos"
    comment["author"] = {"is_staff": True}
    assert read(HookKind.ZENDESK, added).heard == ()
    ticket = {
        "id": "9", "at": "2026-05-30T10:00:00Z", "via": "Email", "satisfaction": "Bad with comment",
        "satisfaction_comment": "Kesti", "requester": {"email": "a@example.com", "external_id": "C-1"},
    }  # fmt: skip
    rated = told(HookKind.ZENDESK, {"ticket": ticket})
    assert rated.submission.identifiers == {"email": "a@example.com", "customer_id": "C-1"}
    decided = {"satisfaction": Decision(AnswerUse.MEASURE, "recommended", "yes_no", {"good": "1", "bad": "0"})}
    (answer,) = told(HookKind.ZENDESK, {"ticket": ticket}, decided).submission.answers
    assert (answer.measure, answer.raw) == ("recommended", "0")


def test_chatwoot_hears_customers_and_their_ratings(shared: Path) -> None:
    message = sample(shared, "chatwoot/message_created_doc_example.json")
    voice = told(HookKind.CHATWOOT, message).submission
    assert (voice.kind, voice.verbatim) == ("chat", "Hi")
    assert voice.occurred_at == datetime(2020, 3, 3, 13, 5, 57, tzinfo=UTC)
    assert read(HookKind.CHATWOOT, {**message, "message_type": "outgoing"}).heard == ()
    submitted = {"submitted_values": {"csat_survey_response": {"rating": 2, "feedback_message": "Hidas"}}}
    rated = {"event": "message_updated", "id": 5, "content_attributes": submitted, "message_type": "template"}
    csat = told(HookKind.CHATWOOT, rated).submission
    assert [(answer.measure, answer.raw) for answer in csat.answers] == [("csat", "2")]
    assert csat.verbatim == "Hidas"


def test_standard_webhooks_declare_measure_and_scale_themselves() -> None:
    data = {
        "source_id": "7", "occurred_at": "2026-05-30T10:00:00+03:00", "touchpoint": "gate", "channel": "kiosk",
        "answers": [{"code": "q", "measure": "nps", "scale": "nps_0_10", "value": 9}, {"code": "x", "value": 4}],
        "attributes": {"market": "FIN"}, "contact_wanted": True,
    }  # fmt: skip
    payload = {"type": "feedback.created", "timestamp": "2026-05-30T07:00:05Z", "data": data}
    voice = told(HookKind.STANDARD, payload)
    assert (voice.submission.touchpoint, voice.submission.channel) == ("gate", "kiosk")
    assert voice.submission.attributes == {"market": "FIN"}
    assert waiting(voice) == ["x"]
    many = {**payload, "data": {"items": [data, {**data, "source_id": "8"}]}}
    assert [heard.source_id for heard in read(HookKind.STANDARD, many).heard] == ["voice:7", "voice:8"]
    assert read(HookKind.STANDARD, {**payload, "type": "ping"}).heard == ()


# --- decisions -----------------------------------------------------------------------------------------------------


def test_decisions_make_of_an_answer_what_a_person_said() -> None:
    answers = {"rate": 4, "why": "Hyvä", "who": "aino@example.com", "market": "FIN", "ok": "accepted", "call": "1"}
    payload = {"event": "responseFinished", "data": {"id": "r", "data": answers, "createdAt": "2026-05-30T10:00:00Z"}}
    decided = {
        "rate": Decision(AnswerUse.MEASURE, "csat", "csat_1_5"),
        "why": Decision(AnswerUse.WORDS),
        "who": Decision(AnswerUse.IDENTIFIER, name="email"),
        "market": Decision(AnswerUse.ATTRIBUTE, name="market"),
        "ok": Decision(AnswerUse.CONSENT, name="marketing", wording="2026-1"),
        "call": Decision(AnswerUse.CONTACT),
    }
    voice = told(HookKind.FORMBRICKS, payload, decided)
    said = voice.submission
    assert [(answer.measure, answer.raw) for answer in said.answers] == [("csat", "4")]
    assert (said.verbatim, said.identifiers, said.attributes) == (
        "Hyvä", {"email": "aino@example.com"}, {"market": "FIN"}
    )  # fmt: skip
    assert said.contact_wanted
    assert [(one.purpose, one.given, one.wording) for one in said.consents] == [("marketing", True, "2026-1")]
    assert waiting(voice) == []
    assert decisions({"questions": {code: stored(one) for code, one in decided.items()}}) == decided


def test_a_value_that_the_scale_does_not_take_is_kept_outside_and_reported() -> None:
    payload = {"event": "responseFinished", "data": {"id": "r", "data": {"rate": 9}}}
    voice = told(HookKind.FORMBRICKS, payload, {"rate": Decision(AnswerUse.MEASURE, "csat", "csat_1_5")})
    assert [(answer.measure, answer.raw) for answer in voice.submission.answers] == [("", "9")]
    (question,) = voice.questions
    assert question.waiting
    assert "csat_1_5" in str(question.problem)


def test_what_is_dated_in_the_future_is_dated_now() -> None:
    payload = {"event": "responseFinished", "data": {"id": "r", "data": {}, "createdAt": "2030-01-01T00:00:00Z"}}
    assert told(HookKind.FORMBRICKS, payload).submission.occurred_at == NOW


# --- anything at all -----------------------------------------------------------------------------------------------

#: the names that adapters look for, so that the search soon finds its way into them
NAMES = [
    "event", "data", "id", "type", "form_response", "answers", "field", "fields", "key", "value", "choice", "choices",
    "labels", "hidden", "definition", "token", "eventType", "responseId", "options", "ticket", "article", "sender",
    "body", "customer", "detail", "comment", "author", "content", "message_type", "content_attributes",
    "submitted_values", "csat_survey_response", "rating", "questionAnswered", "surveyAnswered", "question",
    "respondent", "survey_id", "items", "source_id", "occurred_at", "identifiers", "attributes", "measure", "scale",
    "number", "text", "label", "createdAt", "submitted_at", "created_at", "time", "timestamp", "satisfaction",
]  # fmt: skip
WORDS = [
    "responseFinished", "form_response", "FORM_RESPONSE", "message_created", "message_updated", "incoming", "Customer",
    "feedback.created", "zen:event-type:ticket.created", "zen:event-type:ticket.comment_added", "nps", "number",
    "choice", "choices", "promoter", "csat_1_5", "2026-01-01T00:00:00Z", "\ud800", "\x00", "RATING", "accepted",
]  # fmt: skip
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([*WORDS, 10**4000, "x" * 50_000])
names = st.sampled_from(NAMES) | st.text(max_size=8)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=10,
)
payloads = st.dictionaries(names, anything, max_size=5)

#: for each kind a delivery that is as it should be, to be spoilt in one place
WHOLE: dict[HookKind, dict[str, Any]] = {
    HookKind.FORMBRICKS: {
        "event": "responseFinished",
        "data": {
            "id": "r", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "language": "fi",
            "data": {"a": 4, "b": "x", "c": ["y"], "d": {"e": 1}}, "variables": {"v": 1},
            "contact": {"userId": "u"}, "contactAttributes": {"email": "a@b.fi"},
        },
    },
    HookKind.TYPEFORM: {
        "event_id": "e", "event_type": "form_response",
        "form_response": {
            "token": "t", "submitted_at": "2026-01-01T00:00:00Z", "hidden": {"h": "1"},
            "definition": {"fields": [{"id": "q", "title": "Q"}]},
            "answers": [
                {"type": "number", "number": 9, "field": {"id": "q", "type": "nps"}},
                {"type": "choice", "choice": {"label": "x"}, "field": {"id": "c", "type": "dropdown"}},
                {"type": "choices", "choices": {"labels": ["x"]}, "field": {"id": "d", "type": "multiple_choice"}},
            ],
        },
    },
    HookKind.TALLY: {
        "eventId": "e", "eventType": "FORM_RESPONSE",
        "data": {
            "responseId": "r", "createdAt": "2026-01-01T00:00:00Z",
            "fields": [{"key": "k", "label": "L", "type": "RATING", "value": 4, "options": [{"id": "o", "text": "t"}]}],
        },
    },
    HookKind.SURVICATE: {
        "messageId": "m",
        "event": {
            "questionAnswered": {
                "responseUuid": "r", "timestamp": "2026-01-01T00:00:00Z", "respondent": {"attributes": {"email": "a"}},
                "question": {"id": 1, "body": "Q"}, "choice": {"id": 9, "body": "promoter", "comment": "c"},
                "answers": [{"question": {"id": 2}, "choices": [{"body": "x"}], "fields": {"email": "e"}}],
            }
        },
    },
    HookKind.ZAMMAD: {
        "ticket": {"id": 1, "title": "T", "customer": {"email": "a@b.fi", "phone": "1"}},
        "article": {"id": 2, "sender": "Customer", "type": "email", "body": "<p>x</p>", "content_type": "text/html"},
    },
    HookKind.ZENDESK: {
        "type": "zen:event-type:ticket.comment_added", "id": "e", "time": "2026-01-01T00:00:00Z",
        "detail": {"id": "1", "subject": "s", "description": "d", "via": {"channel": "email"}},
        "event": {"comment": {"id": "2", "body": "b", "is_public": True, "author": {"is_staff": False}}},
        "ticket": {"id": "3", "satisfaction": "Good", "requester": {"email": "a"}},
    },
    HookKind.CHATWOOT: {
        "event": "message_created", "id": 1, "content": "x", "message_type": "incoming", "created_at": 1767225600,
        "conversation": {"channel": "Channel::Email", "meta": {"sender": {"email": "a"}}}, "sender": {"email": "a"},
        "content_attributes": {"submitted_values": {"csat_survey_response": {"rating": 3, "feedback_message": "f"}}},
    },
    HookKind.STANDARD: {
        "type": "feedback.created", "timestamp": "2026-01-01T00:00:00Z",
        "data": {
            "source_id": "1", "occurred_at": "2026-01-01T00:00:00Z", "identifiers": {"email": "a"},
            "attributes": {"m": "F"},
            "answers": [{"code": "q", "measure": "nps", "scale": "nps_0_10", "value": 9, "claimed": "promoter"}],
        },
    },
}  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value inside another one."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, one in inner for found in [(*path, key), *places(one, (*path, key))]]


def spoilt(payload: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy with another value in one place."""
    if not path:
        return value
    copy = dict(payload) if isinstance(payload, dict) else list(payload)
    copy[path[0]] = spoilt(payload[path[0]], path[1:], value)
    return copy


def _try(kind: HookKind, payload: dict[str, Any]) -> None:
    try:
        event = ADAPTERS[kind].read(payload, Delivery(b"", {}, NOW))
    except NotReadable:
        return
    for heard in event.heard:
        voice = understand(heard, {}, SCALES, Place("hook:test"), NOW).submission
        assert 0 < len(voice.source_id) <= 150
        assert len(voice.verbatim) <= 20_000
        assert all(0 < len(answer.code) <= 60 and len(answer.raw) <= 200 for answer in voice.answers)
        assert voice.occurred_at.tzinfo is not None


def _try_all(payload: dict[str, Any], place: int, value: Any) -> None:
    """Let every adapter read anything at all, and what it expects with one value replaced by anything."""
    for kind, whole in WHOLE.items():
        _try(kind, payload)
        ways = places(whole)
        _try(kind, spoilt(whole, ways[place % len(ways)], value))


def test_what_the_search_begins_with_is_read_as_a_voice() -> None:
    assert {kind for kind, whole in WHOLE.items() if read(kind, whole).heard} == set(HookKind)


@settings(max_examples=150, deadline=None)
@given(payload=payloads, place=st.integers(0, 999), value=anything)
def test_no_payload_whatever_it_holds_makes_an_adapter_fail(payload: dict[str, Any], place: int, value: Any) -> None:
    _try_all(payload, place, value)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(payload=payloads, place=st.integers(0, 999), value=anything)
def test_ten_thousand_payloads_make_no_adapter_fail(payload: dict[str, Any], place: int, value: Any) -> None:
    _try_all(payload, place, value)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_body_makes_the_reader_fail(body: bytes) -> None:
    try:
        found = parse(body)
    except NotReadable:
        return
    assert isinstance(found, dict)
