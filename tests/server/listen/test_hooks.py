"""Webhooks with a database: taken in once, signed or not at all, and decided on by a person."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.listen.test_hooks import SECRET, sample, signed
from tests.server.conftest import LogIn
from typer.testing import CliRunner

from luotain.listen.hooks.decide import Decision
from luotain.server.cli.main import app
from luotain.server.models.listen import (
    Answer,
    Fact,
    Feedback,
    Hook,
    HookDelivery,
    HookQuestion,
    HookVoice,
    Payload,
)
from luotain.server.models.people import Consent, Customer, Event
from luotain.server.operations import listen, people
from luotain.server.operations.listen import facts, hooks
from luotain.server.operations.listen.fill import take_half_told
from luotain.server.web.listen import hooks as page
from luotain.terms import AnswerUse, HookKind, Role

pytestmark = pytest.mark.django_db
HETU = "010190-123M"


@pytest.fixture(autouse=True)
def house() -> None:
    cache.clear()
    people.ensure_organization(now=timezone.now())
    listen.default_scales()
    listen.default_channels()
    listen.ensure_touchpoint("check-in", now=timezone.now())


def make(kind: HookKind, code: str = "") -> Hook:
    made = hooks.add_hook(code=code or kind.value, kind=kind, touchpoint="check-in", now=timezone.now())
    hooks.set_secret(hook=made.hook, secret=SECRET, now=timezone.now())
    return made.hook


def send(hook: Hook, payload: Any, *, headers: dict[str, str] | None = None) -> Any:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    told = signed(HookKind(hook.kind), body, timezone.now()) if headers is None else headers
    return Client(enforce_csrf_checks=True).post(
        reverse("hook_in", args=[hook.kind, hook.public_id]), body, content_type="application/json", headers=told
    )


def rated(
    value: object, *, number: str = "r1", event: str = "responseFinished", minute: int = 1, **more: object
) -> Any:
    times = {"createdAt": "2026-05-30T10:00:00Z", "updatedAt": f"2026-05-30T10:{minute:02}:00Z"}
    return {"event": event, "data": {"id": number, **times, "data": {"rate": value, **more}}}


def test_a_signed_delivery_comes_in_at_its_minute_with_its_place_and_raw_form(shared: Any) -> None:
    hook = make(HookKind.TYPEFORM)
    answer = send(hook, sample(shared, "typeform/webhook_nps_doc_example.json"))
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"event": "form_response", "read": 1, "accepted": 1, "duplicate": 0, "rejected": 0}
    feedback = Feedback.objects.get()
    assert feedback.occurred_at == datetime(2023, 10, 6, 23, 58, 18, tzinfo=UTC)
    assert (feedback.touchpoint.code, feedback.channel.code, feedback.source) == ("check-in", "web", "hook:typeform")
    (fact,) = Fact.objects.all()
    assert (fact.measure, fact.value, fact.category) == ("nps", 6, "detractor")
    raw = Payload.objects.get()
    assert feedback.payload == raw
    assert raw.delete_after - raw.received_at == timedelta(days=30)
    hook.refresh_from_db()
    assert (hook.accepted, hook.duplicate, hook.last_received_at is not None) == (1, 0, True)


@pytest.mark.parametrize("kind", HookKind)
def test_a_wrong_signature_is_counted_and_leaves_nothing(kind: HookKind) -> None:
    hook = make(kind)
    body = json.dumps(rated(3)).encode()
    headers = {name: value[:-2] + "xx" for name, value in signed(kind, body, timezone.now()).items()}
    answer = send(hook, body, headers=headers)
    assert answer.status_code == 401
    assert send(hook, body, headers={}).status_code == 401
    hook.refresh_from_db()
    assert (hook.unsigned, hook.accepted) == (2, 0)
    assert not Feedback.objects.exists()
    assert not Payload.objects.exists()


def test_the_same_delivery_again_is_a_duplicate_and_writes_nothing() -> None:
    hook = make(HookKind.TALLY)
    payload = {
        "eventId": "e1", "eventType": "FORM_RESPONSE",
        "data": {"responseId": "r1", "fields": [{"key": "q", "type": "RATING", "value": 4}]},
    }  # fmt: skip
    assert send(hook, payload).json()["accepted"] == 1
    # Tally signs no time: a second delivery is known by its id, whatever else has changed in it
    again = send(hook, {**payload, "createdAt": "2026-06-01T00:00:00Z"})
    assert (again.status_code, again.json()["duplicate"], again.json()["accepted"]) == (200, 1, 0)
    counts = [table.objects.count() for table in (Feedback, Answer, Payload, HookDelivery)]
    assert counts == [1, 1, 1, 1]
    hook.refresh_from_db()
    assert (hook.accepted, hook.duplicate) == (1, 1)


def test_a_response_grows_from_started_to_finished(shared: Any) -> None:
    hook = make(HookKind.FORMBRICKS)
    for event in ("Created", "Updated", "Finished"):
        body = json.dumps(sample(shared, f"formbricks/webhook_response{event}.json")).encode()
        headers = signed(HookKind.FORMBRICKS, body, timezone.now())
        assert send(hook, body, headers=headers | _other_id(body, event)).status_code == 200
    feedback = Feedback.objects.get()
    assert feedback.completed_at is not None
    assert set(feedback.answers.values_list("code", flat=True)) == {"newsletter_consent"}
    assert Payload.objects.count() == 1
    assert "responseFinished" in Payload.objects.get().body


def _other_id(body: bytes, name: str) -> dict[str, str]:
    """Sign again under an id of its own, as each delivery has."""
    from standardwebhooks import Webhook

    now = timezone.now()
    told = Webhook(SECRET).sign(f"msg_{name}", now, body.decode())
    return {"webhook-id": f"msg_{name}", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": told}


def deliver(hook: Hook, payload: Any, name: str) -> Any:
    body = json.dumps(payload).encode()
    return send(hook, body, headers=_other_id(body, name))


def test_a_changed_answer_of_an_unfinished_response_counts_once_and_an_older_version_never_wins() -> None:
    hook = make(HookKind.FORMBRICKS)
    deliver(hook, rated(2, event="responseCreated", minute=1), "a")
    decided = Decision(AnswerUse.MEASURE, "csat", "csat_1_5")
    hooks.decide(hook=hook, question="rate", decision=decided, now=timezone.now())
    deliver(hook, rated(5, event="responseUpdated", minute=3), "c")
    late = deliver(hook, rated(1, event="responseUpdated", minute=2), "b")
    assert late.json()["duplicate"] == 1
    deliver(hook, rated(5, minute=4), "d")
    after = deliver(hook, rated(1, minute=5), "e")
    assert after.json()["duplicate"] == 1, "what is finished stays"
    assert [answer.raw for answer in Answer.objects.all()] == ["5"]
    assert sum(fact.sign * fact.value for fact in Fact.objects.all()) == 5
    assert sum(fact.sign for fact in Fact.objects.all()) == 1


def test_a_response_that_was_taken_as_it_stood_goes_on_when_its_rest_comes() -> None:
    hook = make(HookKind.FORMBRICKS)
    deliver(hook, rated(2, event="responseCreated", minute=1), "a")
    assert take_half_told(now=timezone.now() + timedelta(days=2)) == 1
    assert deliver(hook, rated(3, minute=4, why="Jono"), "b").json()["accepted"] == 1
    feedback = Feedback.objects.get()
    assert (feedback.partial_at, feedback.completed_at is not None) == (None, True)
    assert sorted(feedback.answers.values_list("code", "raw", "text")) == [("rate", "3", ""), ("why", "", "Jono")]


def test_identity_codes_are_masked_in_the_words_and_in_the_raw_form() -> None:
    hook = make(HookKind.CHATWOOT)
    content = f"Tunnukseni on {HETU}, kiitos"
    message = {"event": "message_created", "id": 3, "content": content, "message_type": "incoming"}
    assert send(hook, message).status_code == 200
    assert HETU not in Feedback.objects.get().verbatim
    assert HETU not in Payload.objects.get().body
    assert "kiitos" in Payload.objects.get().body


def test_what_means_nothing_here_is_counted() -> None:
    hook = make(HookKind.CHATWOOT)
    assert send(hook, {"event": "conversation_typing_on"}).json()["event"] == "conversation_typing_on"
    hook.refresh_from_db()
    assert (hook.ignored, hook.accepted) == (1, 0)
    assert not Payload.objects.exists()


@pytest.mark.parametrize(("body", "status"), [(b"not json", 400), (b"[" * 50_000, 400), (b"x" * 2_000_001, 413)])
def test_what_cannot_be_read_is_refused(body: bytes, status: int) -> None:
    hook = make(HookKind.TALLY)
    assert send(hook, body).status_code == status
    assert not Payload.objects.exists()


def test_what_the_house_refuses_is_told_and_comes_in_when_it_can() -> None:
    hook = make(HookKind.STANDARD)
    data = {"source_id": "1", "occurred_at": "2026-05-30T10:00:00Z", "touchpoint": "new-gate", "verbatim": "Hei"}
    answer = send(hook, {"type": "feedback.created", "data": data})
    assert (answer.status_code, answer.json()["rejected"]) == (200, 1)
    assert "touchpoint" in answer.json()["problem"]
    hook.refresh_from_db()
    assert hook.rejected == 1
    listen.ensure_touchpoint("new-gate", now=timezone.now())
    assert hooks.tell_anew(hook=hook, now=timezone.now()) == 1
    assert Feedback.objects.get().touchpoint.code == "new-gate"
    hook.refresh_from_db()
    assert hook.problem == ""
    assert hooks.tell_anew(hook=hook, now=timezone.now()) == 0


def answered(question: int, choice: dict[str, Any], **more: Any) -> dict[str, Any]:
    event = {"responseUuid": "r1", "question": {"id": question, "body": f"Q{question}"}, "choice": choice, **more}
    return {"messageId": f"m{question}", "event": {"questionAnswered": event}}


def test_answers_that_are_told_one_by_one_are_one_voice_and_each_can_be_decided_on() -> None:
    hook = make(HookKind.SURVICATE)
    send(hook, answered(1, {"id": 9, "body": "promoter"}, timestamp="2026-05-10T06:00:00Z"))
    send(hook, answered(2, {"id": 501, "body": "Great"}, timestamp="2026-05-10T06:01:00Z"))
    fields = {"email": "aino@example.com"}
    send(hook, answered(3, {"id": 7, "body": "x", "comment": "Hei"}, timestamp="2026-05-10T06:02:00Z", fields=fields))
    feedback = Feedback.objects.get()
    assert set(feedback.answers.values_list("code", flat=True)) == {"1", "2", "3"}
    assert (feedback.verbatim, feedback.customer) == ("Hei", Customer.objects.get())
    decision = Decision(AnswerUse.MEASURE, "csat", "csat_1_5", {"great": "5"})
    hooks.decide(hook=hook, question="2", decision=decision, now=timezone.now())
    standing = [(fact.measure, fact.value, fact.customer_id) for fact in facts.standing([feedback.pk])]
    assert sorted(standing) == [("csat", 5.0, feedback.customer_id), ("nps", 9.0, feedback.customer_id)]
    # the raw form of the first answer goes with time; what it told stays
    Payload.objects.order_by("pk").first().delete()  # type: ignore[union-attr]
    hooks.decide(hook=hook, question="2", decision=Decision(AnswerUse.OUTSIDE), now=timezone.now())
    assert set(feedback.answers.values_list("code", flat=True)) == {"1", "2", "3"}
    assert [fact.measure for fact in facts.standing([feedback.pk])] == ["nps"]
    people.erase_customer(Customer.objects.get(), now=timezone.now())
    assert not Payload.objects.exists()


def test_who_it_was_can_be_told_later() -> None:
    hook = make(HookKind.FORMBRICKS)
    deliver(hook, rated(2, event="responseCreated", minute=1), "a")
    decided = Decision(AnswerUse.MEASURE, "csat", "csat_1_5")
    hooks.decide(hook=hook, question="rate", decision=decided, now=timezone.now())
    payload = rated(2, minute=2)
    payload["data"]["contact"] = {"userId": "C-7"}
    deliver(hook, payload, "b")
    (fact,) = facts.standing([Feedback.objects.get().pk])
    assert fact.customer_id == Customer.objects.get().pk


def test_what_is_told_again_without_news_keeps_its_raw_form() -> None:
    hook = make(HookKind.FORMBRICKS)
    deliver(hook, rated(2, minute=1), "a")
    assert deliver(hook, rated(2, minute=2), "b").json()["duplicate"] == 1
    assert Payload.objects.get() == Feedback.objects.get().payload
    assert HookVoice.objects.get().payload == Payload.objects.get()


def test_a_provider_category_that_disagrees_is_kept_as_claimed() -> None:
    hook = make(HookKind.SURVICATE)
    answered = {"responseUuid": "r1", "question": {"id": 7}, "choice": {"id": 6, "body": "promoter"}}
    send(hook, {"messageId": "m1", "event": {"questionAnswered": answered}})
    answer = Answer.objects.get()
    assert (answer.category, answer.claimed) == ("detractor", "promoter")


def test_an_undecided_number_waits_outside_every_measure_until_a_person_decides() -> None:
    hook = make(HookKind.FORMBRICKS)
    deliver(hook, rated(2, why="Jono oli pitkä", who="aino@example.com"), "a")
    deliver(hook, rated(4, number="r2"), "b")
    assert not Fact.objects.exists()
    question = HookQuestion.objects.get(code="rate")
    assert (question.waiting, question.low, question.high) == (True, 2, 4)
    csat = Decision(AnswerUse.MEASURE, "csat", "csat_1_5")
    assert hooks.decide(hook=hook, question="rate", decision=csat, now=timezone.now()) == 2
    assert sorted(Fact.objects.values_list("value", "category")) == [(2.0, "poor"), (4.0, "good")]
    assert hooks.tell_anew(hook=hook, now=timezone.now()) == 0, "twice is the same as once"
    hooks.decide(hook=hook, question="why", decision=Decision(AnswerUse.WORDS), now=timezone.now())
    hooks.decide(
        hook=hook, question="who", decision=Decision(AnswerUse.IDENTIFIER, name="email"), now=timezone.now()
    )  # fmt: skip
    first = Feedback.objects.get(source_id="response:r1")
    assert (first.verbatim, first.customer_id) == ("Jono oli pitkä", Customer.objects.get().pk)
    assert first.completed_at is not None
    assert sum(fact.sign for fact in Fact.objects.all()) == 2
    deliver(hook, rated(5, number="r3"), "c")
    assert Answer.objects.get(feedback__source_id="response:r3").category == "good"
    assert Event.objects.filter(kind="hook_question_decided").count() == 3


@pytest.mark.parametrize(
    "decision",
    [
        Decision(AnswerUse.MEASURE, "nps", "csat_1_5"),
        Decision(AnswerUse.MEASURE, "speed", "no_such"),
        Decision(AnswerUse.MEASURE, "", "csat_1_5"),
        Decision(AnswerUse.MEASURE, "emotion", "emotion_1_5"),
        Decision(AnswerUse.IDENTIFIER, name="shoe size"),
        Decision(AnswerUse.CONSENT, name="marketing"),
        Decision(AnswerUse.ATTRIBUTE, name="a b"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(decision: Decision) -> None:
    hook = make(HookKind.FORMBRICKS)
    deliver(hook, rated(2), "a")
    with pytest.raises(hooks.NotADecision):
        hooks.decide(hook=hook, question="rate", decision=decision, now=timezone.now())
    hook.refresh_from_db()
    assert hook.mapping == {}


def test_a_consent_goes_to_the_ledger_of_whoever_gave_it() -> None:
    hook = make(HookKind.FORMBRICKS)
    payload = rated(2, ok="accepted")
    payload["data"]["contactAttributes"] = {"email": "aino@example.com"}
    deliver(hook, payload, "a")
    decision = Decision(AnswerUse.CONSENT, name="marketing", wording="2026-1")
    hooks.decide(hook=hook, question="ok", decision=decision, now=timezone.now())
    line = Consent.objects.get()
    assert (line.purpose, line.given, line.wording_version, line.source) == (
        "marketing", True, "2026-1", "hook:formbricks"
    )  # fmt: skip
    hooks.tell_anew(hook=hook, now=timezone.now())
    assert Consent.objects.count() == 1


def test_an_erased_person_stays_erased_when_the_sender_tells_again() -> None:
    hook = make(HookKind.FORMBRICKS)
    payload = rated(2, why="salaista")
    payload["data"]["contactAttributes"] = {"email": "aino@example.com"}
    deliver(hook, payload, "a")
    people.erase_customer(Customer.objects.get(), now=timezone.now())
    assert not Payload.objects.exists()
    assert not HookVoice.objects.exists()
    deliver(hook, payload, "b")
    assert "salaista" not in json.dumps(list(Answer.objects.values_list("text", "raw")))


@pytest.mark.parametrize("kind", HookKind)
def test_the_secret_is_made_by_whoever_makes_it_there(kind: HookKind) -> None:
    made = hooks.add_hook(code="x", kind=kind, now=timezone.now())
    ours = kind in (HookKind.STANDARD, HookKind.TYPEFORM, HookKind.TALLY, HookKind.ZAMMAD)
    assert (bool(made.secret), made.hook.secret) == (ours, made.secret)
    with pytest.raises(hooks.NotAHook):
        hooks.set_secret(hook=made.hook, secret="short", now=timezone.now())


def test_nothing_is_taken_in_at_a_closed_or_unknown_address_or_before_the_secret_is_told() -> None:
    hook = make(HookKind.TALLY)
    bare = hooks.add_hook(code="bare", kind=HookKind.ZENDESK, now=timezone.now()).hook
    assert send(bare, {"ticket": {"id": 1}}).status_code == 401
    other = Hook(kind=HookKind.TALLY, public_id="f" * 32)
    assert send(other, {}).status_code == 401
    hooks.revoke_hook(hook=hook, now=timezone.now())
    assert send(hook, {"eventType": "FORM_RESPONSE"}).status_code == 401
    assert Client().get(reverse("hook_in", args=[hook.kind, hook.public_id])).status_code == 405


def test_whoever_signs_wrongly_again_and_again_has_to_wait_and_nobody_else() -> None:
    hook = make(HookKind.TALLY)
    statuses = [send(hook, {}, headers={}).status_code for _ in range(62)]
    assert (statuses[0], statuses[-1]) == (401, 429)
    assert send(hook, {"eventType": "OTHER"}).status_code == 200


def test_a_sender_gone_mad_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_MOST_OF_HOOK", 3)
    mad, other = make(HookKind.TALLY), make(HookKind.TALLY, "other")
    answers = [send(mad, {"eventType": "OTHER", "n": n}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert send(other, {"eventType": "OTHER"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_from_two_sides_at_once_comes_in_once() -> None:
    hook = make(HookKind.TALLY)
    payload = {
        "eventId": "e1", "eventType": "FORM_RESPONSE",
        "data": {"responseId": "r1", "fields": [{"key": "q", "type": "TEXTAREA", "value": "Hei"}]},
    }  # fmt: skip

    def deliver_once(_: int) -> tuple[int, int]:
        try:
            answer = send(hook, payload).json()
            return answer["accepted"], answer["duplicate"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as senders:
        told = list(senders.map(deliver_once, range(8)))
    assert sorted(told) == [(0, 1)] * 7 + [(1, 0)]
    assert [table.objects.count() for table in (Feedback, Payload, HookDelivery)] == [1, 1, 1]


# --- pages and commands --------------------------------------------------------------------------------------------


def test_the_secret_is_shown_once_on_the_page(log_in: LogIn) -> None:
    browser = log_in(Role.CX_LEAD)
    made = browser.post(reverse("hooks"), {"code": "shop", "kind": "standard"})
    hook = Hook.objects.get()
    assert hook.secret.startswith("whsec_")
    assert hook.secret in made.content.decode()
    assert hook.secret not in browser.get(reverse("hook", args=[hook.pk])).content.decode()
    assert browser.post(reverse("hooks"), {"code": "shop", "kind": "standard"}).status_code == 422
    assert Hook.objects.count() == 1


def test_a_question_is_decided_on_the_page(log_in: LogIn) -> None:
    hook = make(HookKind.FORMBRICKS)
    deliver(hook, rated(2), "a")
    browser = log_in(Role.CX_LEAD)
    page = browser.get(reverse("hook", args=[hook.pk])).content.decode()
    assert "Waiting for a decision: which measure is this?" in page
    question = reverse("hook_question", args=[hook.pk, HookQuestion.objects.get().pk])
    wrong = browser.post(question, {"use": "measure", "measure": "nps", "scale": "csat_1_5"})
    assert wrong.status_code == 422
    assert "nps_0_10" in wrong.content.decode()
    right = browser.post(question, {"use": "measure", "measure": "csat", "scale": "csat_1_5"}, follow=True)
    assert "1 voice that had come in was read anew" in right.content.decode()
    assert Fact.objects.get().measure == "csat"
    browser.post(reverse("hook_secret", args=[hook.pk]), {"secret": "short"})
    hook.refresh_from_db()
    assert hook.secret == SECRET
    browser.post(reverse("hook_revoke", args=[hook.pk]))
    hook.refresh_from_db()
    assert hook.revoked_at is not None


def test_the_commands_make_list_and_close_an_address() -> None:
    run = CliRunner().invoke
    made = run(app, ["hook", "add", "forms", "--kind", "tally", "--touchpoint", "check-in"])
    assert made.exit_code == 0, made.output
    hook = Hook.objects.get()
    assert f"/hooks/tally/{hook.public_id}/" in made.output
    assert len(hook.secret) > 30
    assert hook.secret in made.output
    assert run(app, ["hook", "secret", "forms"], input="a-better-secret\n").exit_code == 0
    hook.refresh_from_db()
    assert hook.secret == "a-better-secret"
    assert "never heard" in run(app, ["hook", "list"]).output
    assert run(app, ["hook", "revoke", "forms"]).exit_code == 0
    assert "closed" in run(app, ["hook", "list"]).output
    for wrong in (["add", "forms"], ["add", "x", "--kind", "nobody"], ["add", "y", "--unit", "zz"], ["revoke", "zz"]):
        assert run(app, ["hook", *wrong]).exit_code == 1, wrong
