"""What becomes of invitations: whether they arrived, whom to remind, and when it is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from luotain.listen.fieldwork import Asked, Reminder, next_reminder, next_send_time, remind
from luotain.listen.rule import Rule, read_rule
from luotain.people.link import fingerprint, is_whole
from luotain.server.models.listen import Asking, Invitation, Wave
from luotain.server.models.people import Customer, Message
from luotain.server.operations.listen.fieldwork.contacts import Reached, reach_people
from luotain.server.operations.listen.fieldwork.letters import Desk, Recipient, tracks_opening
from luotain.server.operations.people import record, rows_of
from luotain.terms import Anonymity, Hindrance

#: how many invitations are followed in one turn
BATCH = 500


@transaction.atomic
def follow_messages(*, now: datetime) -> int:
    """Note on invitations what became of their messages: delivered, or come back; return how many changed.

    A message that the mail server took is delivered; one that comes back days later is bounced as well.
    """
    under_way = Invitation.objects.filter(delivered_at=None, bounced_at=None, message__isnull=False)
    arrived = under_way.filter(Q(message__sent_at__isnull=False) | Q(message__failed_at__isnull=False))
    back = Invitation.objects.filter(bounced_at=None, message__returned_at__isnull=False)
    changed = _note(arrived, now)
    return changed + _note(back, now)


def _note(found: QuerySet[Invitation], now: datetime) -> int:
    ids = list(found.order_by("pk").values_list("pk", flat=True)[:BATCH])
    message = Message.objects.filter(pk=OuterRef("message_id"))
    return Invitation.objects.filter(pk__in=ids).update(
        delivered_at=Subquery(message.values("sent_at")[:1]),
        bounced_at=Coalesce(Subquery(message.values("returned_at")[:1]), Subquery(message.values("failed_at")[:1])),
    )


def note_opened(*, token: str, now: datetime) -> bool:
    """Note that the letter with this personal link was opened, where its programme asks for it; the first time counts.

    Some mail programs load pictures that nobody looks at and others load none, so the figure says little: it is off
    unless the company chose it. Of anonymous answers it is never kept.
    """
    if not is_whole(token):
        return False
    unopened = Invitation.objects.filter(token_hash=fingerprint(token), opened_at=None).select_related("programme")
    invitation = unopened.exclude(programme__instrument__anonymity=Anonymity.ANONYMOUS).first()
    if invitation is None or not tracks_opening(invitation):
        return False
    return bool(Invitation.objects.filter(pk=invitation.pk, opened_at=None).update(opened_at=now))


# --- reminders ---------------------------------------------------------------------------------------------------


def remind_due(*, now: datetime, limit: int = 100) -> int:
    """Remind the silent whose day has come, at most ``limit``; return how many were looked at.

    Each is decided anew: whoever has begun to answer, refused, or is in a contact pause by now is left alone for good.
    Reminders of a paused programme wait.
    """
    with transaction.atomic():
        waiting = Invitation.objects.filter(remind_at__lte=now, programme__paused_at=None)
        held = waiting.select_for_update(of=("self",), skip_locked=True).select_related(
            "programme__instrument", "programme__touchpoint", "interaction__touchpoint", "wave", "customer"
        )
        taken = list(held.order_by("remind_at", "pk")[:limit])
        desk = Desk() if taken else None
        for invitation in taken:
            assert desk is not None
            _remind(invitation, desk, now)
    return len(taken)


def _remind(invitation: Invitation, desk: Desk, now: datetime) -> None:
    rule = read_rule(invitation.wave.rule if invitation.wave else invitation.programme.rule)
    person = person_of(invitation, rule)
    asked = _as_asked(invitation)
    what = Reminder.NEVER if person is None else remind(asked, contacts=person.contacts, rule=rule, now=now)
    if person is None or what == Reminder.NEVER:
        invitation.remind_at = None
    elif what == Reminder.WAIT:  # the rule waits longer now than it did when the person was asked
        invitation.remind_at = next_reminder(asked, rule=rule)
    else:
        country = desk.organization.country
        sent_at = next_send_time(now, zone=person.zone, window=rule.window, country=country)
        if sent_at > now:
            invitation.remind_at = sent_at
        else:
            _send(invitation, person, desk, rule, now)
    invitation.save(update_fields=["remind_at", "reminded_at", "reminders"])


def person_of(invitation: Invitation, rule: Rule) -> Reached | None:
    """Return what is known of the one invited, held until the transaction ends; ``None`` when nobody is left."""
    customer = invitation.customer
    if customer is None:
        return None
    # Held, as when somebody is asked: a case that opens at this moment comes before or after, not in between.
    list(Customer.objects.select_for_update().filter(pk__in=rows_of(customer)).order_by("pk").values("pk"))
    code = invitation.programme.instrument.code
    return reach_people([customer.pk], instrument=code, channels=rule.channels)[customer.pk]


def _as_asked(invitation: Invitation) -> Asked:
    return Asked(
        invited_at=invitation.invited_at,
        expires_at=invitation.expires_at,
        reminded=invitation.reminders,
        reminded_at=invitation.reminded_at,
        started=invitation.started_at is not None,
        completed=invitation.completed_at is not None,
        bounced=invitation.bounced_at is not None,
    )


def _send(invitation: Invitation, person: Reached, desk: Desk, rule: Rule, now: datetime) -> None:
    invitation.reminders += 1
    invitation.reminded_at = now
    to = Recipient(person.contacts.address, person.channel, now)
    desk.remind(invitation, to, number=invitation.reminders, now=now)
    record(kind="reminded", subject=invitation, now=now, number=invitation.reminders)
    invitation.remind_at = next_reminder(_as_asked(invitation), rule=rule)


# --- the end -----------------------------------------------------------------------------------------------------


def close_ended(*, now: datetime) -> int:
    """Close the waves whose day is over, and the turns that nobody will get any more; return how many were closed."""
    over = Wave.objects.filter(closed_at=None, closes_at__lte=now)
    closed = sum(close_wave(wave=wave, now=now) for wave in over.order_by("pk"))
    late = Asking.objects.filter(decided_at=None, programme__ends_at__lte=now)
    return closed + _close_turns(late, now)


@transaction.atomic
def close_wave(*, wave: Wave, now: datetime) -> int:
    """Close a wave: nobody is asked or reminded any more, links that are out work as long as they were promised to."""
    if not Wave.objects.filter(pk=wave.pk, closed_at=None).update(closed_at=now):
        return 0
    turns = _close_turns(Asking.objects.filter(wave=wave, decided_at=None), now)
    Invitation.objects.filter(wave=wave, remind_at__isnull=False).update(remind_at=None)
    record(kind="wave_closed", subject=wave, now=now, turns=turns)
    return 1 + turns


def _close_turns(turns: QuerySet[Asking], now: datetime) -> int:
    why = Hindrance.CLOSED.value
    return turns.update(decided_at=now, hindrance=why, hindrances=[why])
