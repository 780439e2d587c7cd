"""A voice that a webhook told and a file holds too counts once, whichever came first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.listen.test_hooks import SECRET, signed

from luotain.listen.importers.ledger import Ledger
from luotain.listen.importers.mapping import read_mapping
from luotain.server.models.listen import Fact, Feedback, HeldVoice, Hook, Instrument, Programme
from luotain.server.operations import listen, people
from luotain.server.operations.listen import hooks, import_file
from luotain.server.operations.listen.held import release_anonymous
from luotain.terms import HookKind

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)

FORMBRICKS = {
    "event": "responseFinished",
    "data": {"id": "one", "createdAt": "2026-05-30T10:00:00Z", "updatedAt": "2026-05-30T10:01:00Z",
             "finished": True, "data": {"rate": 3, "why": "Slow"}},
}  # fmt: skip
TYPEFORM = {
    "event_id": "e1", "event_type": "form_response",
    "form_response": {"token": "one", "submitted_at": "2026-05-30T10:00:00Z", "answers": [
        {"type": "number", "number": 3, "field": {"id": "q", "type": "nps"}}]},
}  # fmt: skip
TALLY = {
    "eventId": "e1", "eventType": "FORM_RESPONSE", "createdAt": "2026-05-30T10:00:00Z",
    "data": {"responseId": "one", "createdAt": "2026-05-30T10:00:00Z",
             "fields": [{"key": "q", "type": "RATING", "value": 3}]},
}  # fmt: skip
ZENDESK = {
    "type": "zen:event-type:ticket.created", "id": "e1", "time": "2026-05-30T10:00:00Z",
    "detail": {"id": "one", "subject": "Late", "description": "My order is late.", "via": {"channel": "email"}},
}  # fmt: skip
ZAMMAD = {
    "ticket": {"id": 7, "number": "one", "title": "Late", "article_count": 1},
    "article": {"id": 70, "sender": "Customer", "type": "email", "body": "My order is late.",
                "created_at": "2026-05-30T10:00:00Z"},
}  # fmt: skip
SENDERS = {
    HookKind.FORMBRICKS: FORMBRICKS, HookKind.TYPEFORM: TYPEFORM, HookKind.TALLY: TALLY,
    HookKind.ZENDESK: ZENDESK, HookKind.ZAMMAD: ZAMMAD,
}  # fmt: skip


@pytest.fixture(autouse=True)
def house() -> None:
    cache.clear()
    people.ensure_organization(now=NOW)
    listen.default_scales()
    listen.default_channels()


def hooked(kind: HookKind, programme: str = "") -> Hook:
    made = hooks.add_hook(code=f"our-{kind.value}", kind=kind, programme=programme, now=NOW).hook
    hooks.set_secret(hook=made, secret=SECRET, now=NOW)
    return made


def deliver(hook: Hook, payload: Any) -> dict[str, Any]:
    body = json.dumps(payload).encode()
    answer = Client().post(
        reverse("hook_in", args=[hook.kind, hook.public_id]), body, content_type="application/json",
        headers=signed(HookKind(hook.kind), body, timezone.now()),
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


def export(folder: Path, kind: HookKind, *ids: str, programme: str = "") -> Ledger:
    path = folder / f"{len(list(folder.iterdir()))}.csv"
    rows = [f"{name},2026-05-30T10:00:00Z,3" for name in ids]
    path.write_text("\n".join(["id,at,score", *rows]) + "\n", encoding="utf-8")
    text = f"""
        source = "{kind.value}"
        id = "id"
        occurred_at = {{ column = "at" }}
        {f'programme = "{programme}"' if programme else ""}
        [[answers]]
        column = "score"
        measure = "nps"
        scale = "nps_0_10"
        unknown = "reject"
    """
    return import_file(path, mapping=read_mapping(text), now=timezone.now())


@pytest.mark.parametrize("kind", SENDERS)
def test_a_file_after_the_webhook_adds_only_what_the_webhook_did_not_tell(kind: HookKind, tmp_path: Path) -> None:
    hook = hooked(kind)
    assert deliver(hook, SENDERS[kind])["accepted"] == 1
    facts = Fact.objects.count()
    ledger = export(tmp_path, kind, "one", "two")
    assert (ledger.read, ledger.accepted, ledger.duplicate) == (2, 1, 1)
    assert Feedback.objects.count() == 2
    assert Fact.objects.count() == facts + 1
    assert export(tmp_path, kind, "one", "two").duplicate == 2


@pytest.mark.parametrize("kind", SENDERS)
def test_a_webhook_after_the_file_is_a_duplicate_and_keeps_nothing(kind: HookKind, tmp_path: Path) -> None:
    hook = hooked(kind)
    assert export(tmp_path, kind, "one").accepted == 1
    told = deliver(hook, SENDERS[kind])
    assert (told["accepted"], told["duplicate"]) == (0, 1)
    assert Feedback.objects.count() == 1
    assert Fact.objects.count() == 1


def test_the_other_senders_and_the_other_ids_stay_voices_of_their_own(tmp_path: Path) -> None:
    hook = hooked(HookKind.TYPEFORM)
    deliver(hook, TYPEFORM)
    assert export(tmp_path, HookKind.TALLY, "one").accepted == 1
    assert export(tmp_path, HookKind.TYPEFORM, "two").accepted == 1


def test_an_anonymous_voice_is_known_at_the_other_door_before_and_after_it_came_out(tmp_path: Path) -> None:
    instrument = Instrument.objects.create(code="own", anonymity="anonymous", published_at=NOW)
    Programme.objects.create(code="pulse", kind="always_on", instrument=instrument, starts_at=NOW)
    hook = hooked(HookKind.TYPEFORM, programme="pulse")
    deliver(hook, TYPEFORM)
    assert export(tmp_path, HookKind.TYPEFORM, "one", "2", "3", "4", "5", programme="pulse").duplicate == 1
    assert HeldVoice.objects.count() == 5
    # What a file and a webhook tell is of one programme, and comes out together.
    assert release_anonymous(now=timezone.now()) == 5
    assert export(tmp_path, HookKind.TYPEFORM, "one", programme="pulse").duplicate == 1
    assert Feedback.objects.count() == 5
