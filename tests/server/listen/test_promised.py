"""What a programme promised is kept at every door: webhooks, files and the API."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.listen.test_hooks import SECRET, signed

from luotain.listen.hooks.decide import Decision
from luotain.listen.importers.mapping import read_mapping
from luotain.server.models.listen import (
    Answer,
    Fact,
    Feedback,
    HeldVoice,
    Hook,
    HookDelivery,
    HookVoice,
    Instrument,
    Payload,
    Programme,
    Rejection,
)
from luotain.server.models.people import Consent, Customer
from luotain.server.models.respond import Case
from luotain.server.operations import listen, people, respond
from luotain.server.operations.listen import CannotUndo, hooks, import_file, undo_import
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.held import held_of, release_anonymous
from luotain.server.operations.listen.hooks import decide
from luotain.server.operations.listen.imports import Import
from luotain.server.operations.listen.stream import Filter, read_stream
from luotain.server.operations.people.tokens import create_token
from luotain.terms import AnswerUse, HookKind, Role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, 17, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def house() -> None:
    cache.clear()
    people.ensure_organization(now=NOW)
    listen.default_scales()
    listen.default_channels()
    publish_instruments(now=NOW)
    respond.default_rules()
    listen.ensure_touchpoint("work", now=NOW)


def programme(anonymity: str, code: str = "pulse") -> Programme:
    instrument = Instrument.objects.create(
        code=f"own-{anonymity}", title={"en": "Own"}, anonymity=anonymity, population="employee",
        languages=["en"], published_at=NOW,
    )  # fmt: skip
    return Programme.objects.create(
        code=code, kind="always_on", instrument=instrument, starts_at=NOW - timedelta(days=900),
        touchpoint=listen.ensure_touchpoint("work", now=NOW),
    )  # fmt: skip


def hooked(anonymity: str) -> Hook:
    asked = programme(anonymity)
    made = hooks.add_hook(code="forms", kind=HookKind.TALLY, programme=asked.code, now=timezone.now()).hook
    hooks.set_secret(hook=made, secret=SECRET, now=timezone.now())
    return made


def send(hook: Hook, number: int, score: int = 4, *, mail: bool = True) -> dict[str, Any]:
    fields = [{"key": "q", "label": "How was it?", "type": "RATING", "value": score},
              {"key": "w", "label": "Why?", "type": "TEXTAREA", "value": f"Words {number}"}]  # fmt: skip
    if mail:
        fields.append({"key": "e", "label": "Mail", "type": "INPUT_EMAIL", "value": f"anna{number}@example.fi"})
    payload = {
        "eventId": f"e{number}", "eventType": "FORM_RESPONSE", "createdAt": "2026-05-30T10:11:12Z",
        "data": {"responseId": f"r{number}", "createdAt": "2026-05-30T10:11:12Z", "fields": fields},
    }  # fmt: skip
    body = json.dumps(payload).encode()
    answer = Client().post(
        reverse("hook_in", args=[hook.kind, hook.public_id]), body, content_type="application/json",
        headers=signed(HookKind(hook.kind), body, timezone.now()),
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


def test_an_anonymous_webhook_leaves_no_person_no_raw_form_and_no_moment() -> None:
    hook = hooked("anonymous")
    for number in range(4):
        told = send(hook, number)
        assert (told["accepted"], told["rejected"]) == (1, 0)
        assert "identifiers" in told["warning"]
    assert not Feedback.objects.exists()
    assert not Customer.objects.exists()
    assert not Payload.objects.exists()
    assert not HookVoice.objects.exists()
    assert all(row.received_at.astimezone().second == 0 for row in HookDelivery.objects.all())
    assert release_anonymous(now=timezone.now()) == 0
    send(hook, 4)
    assert release_anonymous(now=timezone.now()) == 5
    rows = list(Feedback.objects.all())
    assert {row.verbatim for row in rows} == {f"Words {n}" for n in range(5)}
    assert len({row.occurred_at for row in rows}) == 1
    assert rows[0].occurred_at.second == rows[0].occurred_at.minute == 0
    assert not any(row.customer_id or row.payload_id or row.source_id.startswith("response:") for row in rows)
    assert not Customer.objects.exists()
    assert all(row.body == {} for row in HeldVoice.objects.all())


def test_the_same_anonymous_voice_again_is_a_duplicate_before_and_after_it_came_out() -> None:
    hook = hooked("anonymous")
    for number in range(5):
        send(hook, number)
    HookDelivery.objects.all().delete()
    assert send(hook, 2)["duplicate"] == 1
    assert release_anonymous(now=timezone.now()) == 5
    HookDelivery.objects.all().delete()
    assert send(hook, 2)["duplicate"] == 1
    assert release_anonymous(now=timezone.now()) == 0
    assert Feedback.objects.count() == 5


def test_a_confidential_webhook_is_counted_and_shown_nowhere() -> None:
    hook = hooked("confidential")
    told = send(hook, 1, score=1)
    assert "identifiers" in told["warning"]
    row = Feedback.objects.get()
    assert (row.confidential, row.customer_id, row.triaged_at is not None) == (True, None, True)
    assert not Customer.objects.exists()
    assert not read_stream(reach=(people.top_unit().path,), only=Filter()).voices
    decide_measure(hook)
    assert Fact.objects.filter(sign=1).count() == 1
    row.refresh_from_db()
    assert (row.confidential, row.customer_id) == (True, None)
    assert not Customer.objects.exists()


def decide_measure(hook: Hook) -> None:
    decide(hook=hook, question="q", decision=Decision(AnswerUse.MEASURE, "csat", "csat_1_5"), now=timezone.now())


MAPPING = """
source = "elsewhere"
id = "id"
occurred_at = {{ column = "day", formats = ["%d.%m.%Y %H:%M"], time_zone = "Europe/Helsinki" }}
programme = "{programme}"
verbatim = ["words"]
identifiers = {{ email = "mail" }}
attributes = {{ born = "born" }}
opens_cases = true
[[answers]]
column = "score"
measure = "nps"
scale = "nps_0_10"
unknown = "reject"
"""


def table(folder: Path, *rows: str) -> Path:
    path = folder / "answers.csv"
    path.write_text("\n".join(["id;day;score;words;mail;born", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_file_of_anonymous_answers_comes_out_by_days_without_a_person(tmp_path: Path) -> None:
    asked = programme("anonymous")
    rows = [f"{n};1.3.2026 10:{n:02};{n};Words {n};p{n}@example.fi;19{n:02}" for n in range(6)]
    rows += [f"{n};9.3.2026 11:{n};{n - 9};;p{n}@example.fi;19{n}" for n in range(10, 15)]
    path = table(tmp_path, *rows, "99;1.3.2026 12:00;11;Bad;x@example.fi;1999")
    mapping = read_mapping(MAPPING.format(programme="pulse"))
    ledger = import_file(path, mapping=mapping, now=NOW)
    assert (ledger.read, ledger.accepted, ledger.duplicate, ledger.rejected) == (12, 11, 0, 1)
    assert {str(said).rpartition(" ")[2]: count for said, count in ledger.warnings.items()} == {
        "identifiers": 11, "attributes": 11,
    }  # fmt: skip
    assert held_of(asked, now=NOW).waiting == 11
    assert (Rejection.objects.get().row, Rejection.objects.get().value) == ("", "")
    assert import_file(path, mapping=mapping, now=NOW).duplicate == 11
    assert release_anonymous(now=NOW) == 11
    days = sorted(row.occurred_at.date().isoformat() for row in Feedback.objects.all())
    assert days == ["2026-02-28"] * 6 + ["2026-03-08"] * 5  # midnight in Helsinki
    assert not Customer.objects.exists()
    assert not Case.objects.exists()
    assert not Feedback.objects.exclude(attributes={}).exists()
    assert set(Feedback.objects.values_list("touchpoint__code", flat=True)) == {"work"}
    assert Fact.objects.filter(measure="nps").count() == 11
    assert import_file(path, mapping=mapping, now=NOW + timedelta(days=400)).duplicate == 11
    with pytest.raises(CannotUndo, match="anonymously"):
        undo_import(imported=Import.objects.order_by("pk").first(), now=NOW)


def test_a_trial_run_of_an_anonymous_file_keeps_nothing(tmp_path: Path) -> None:
    programme("anonymous")
    path = table(tmp_path, "1;1.3.2026 10:00;3;Words;a@example.fi;1961")
    ledger = import_file(path, mapping=read_mapping(MAPPING.format(programme="pulse")), now=NOW, dry_run=True)
    assert (ledger.read, ledger.accepted) == (1, 1)
    assert not HeldVoice.objects.exists()


def test_a_file_that_names_an_unknown_programme_is_refused_record_by_record(tmp_path: Path) -> None:
    path = table(tmp_path, "1;1.3.2026 10:00;3;Words;a@example.fi;1961")
    ledger = import_file(path, mapping=read_mapping(MAPPING.format(programme="puls")), now=NOW)
    assert (ledger.accepted, ledger.rejected) == (0, 1)
    assert (ledger.rejections[0].field, ledger.rejections[0].value) == ("programme", "puls")


def test_an_identified_programme_takes_a_file_as_it_is(tmp_path: Path) -> None:
    asked = programme("identified")
    path = table(tmp_path, "1;1.3.2026 10:00;3;Words;a@example.fi;1961")
    import_file(path, mapping=read_mapping(MAPPING.format(programme="pulse")), now=NOW)
    row = Feedback.objects.get()
    assert (row.programme_id, row.confidential, row.customer_id is not None) == (asked.pk, False, True)


def post(body: Any) -> dict[str, Any]:
    secret = create_token(name="till", role=Role.ANALYST, unit=people.top_unit(), now=NOW).secret
    answer = Client().post(
        "/api/v1/feedback", json.dumps(body), content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )  # fmt: skip
    told: dict[str, Any] = answer.json()
    return told | {"status": answer.status_code}


def voice(number: int, **more: Any) -> dict[str, Any]:
    score = {"code": "nps", "measure": "nps", "scale": "nps_0_10", "value": 2}
    return {
        "source_id": f"v{number}", "occurred_at": "2026-05-30T10:11:12Z", "answers": [score], "programme": "pulse",
        "verbatim": "Cold", "identifiers": {"email": "anna@example.fi"},
        "consents": [{"purpose": "survey", "given": True, "wording": "v1"}], **more,
    }  # fmt: skip


def test_the_api_holds_anonymous_voices_and_tells_what_it_left_out() -> None:
    programme("anonymous")
    told = post({"items": [voice(1), voice(2), voice(3, programme=""), voice(2)]})
    assert (told["read"], told["accepted"], told["duplicate"], told["rejected"]) == (4, 3, 1, 0)
    assert [bool(one) for one in told["ids"]] == [False, False, True, False]
    assert {(one["record"], one["field"]) for one in told["warnings"]} == {
        (record, name) for record in (1, 2, 4) for name in ("identifiers", "consents")
    }
    assert not Payload.objects.exists()
    assert HeldVoice.objects.count() == 2


def test_the_api_shows_a_confidential_voice_only_when_its_person_asks_for_an_answer() -> None:
    programme("confidential")
    told = post({"items": [voice(1), voice(2, contact_wanted=True)]})
    assert [one["field"] for one in told["warnings"]] == ["identifiers", "consents"]
    silent, asks = Feedback.objects.order_by("source_id")
    assert (silent.confidential, silent.customer_id, silent.triaged_at is None) == (True, None, False)
    assert (asks.confidential, asks.customer_id is not None, asks.triaged_at) == (False, True, None)
    assert Consent.objects.count() == 1
    assert Answer.objects.count() == 2


def test_the_api_refuses_a_programme_that_there_is_not() -> None:
    told = post(voice(1))
    assert told["status"] == 422
    assert not Feedback.objects.exists()
