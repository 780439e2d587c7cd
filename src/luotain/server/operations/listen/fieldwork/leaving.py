"""The last word before a letter leaves: is it still the hour, and may this person still be asked?

A letter can wait in the outbox: a mail server is down, many are sent at once, or the worker was stopped overnight.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from luotain.listen.fieldwork import next_send_time
from luotain.listen.rule import Rule, read_rule
from luotain.people.contact import Contacts, Hindered, may_contact
from luotain.server.models.listen import Asking, Invitation
from luotain.server.models.people import Message, Organization
from luotain.server.operations.listen.fieldwork.contacts import Reached, peace_of
from luotain.server.operations.listen.fieldwork.following import person_of
from luotain.server.operations.people import Verdict, record
from luotain.terms import Hindrance, Purpose

_KEY = re.compile(r"invitation:(\d+)(:reminder:\d+)?")
#: how long a letter of a paused programme waits before it is looked at again
_WHILE_PAUSED = timedelta(minutes=15)


def last_word(message: Message, now: datetime) -> Verdict:
    """Decide whether a claimed letter of fieldwork leaves now, leaves later, or not at all.

    Outside the recipient's own hours, and while its programme is paused, it is put off. Where something speaks against
    it that was not so when it was written (a case was opened, the person refused, the asking is over, or the same
    person was asked as another customer meanwhile), an invitation is taken back: it then never was, and the ledger
    tells why the person was not asked. A reminder is only left out. Other messages leave.
    """
    told = _KEY.fullmatch(message.key)
    if told is None:
        return Verdict()
    with transaction.atomic():
        rows = Invitation.objects.select_for_update(of=("self",)).select_related(
            "programme__instrument", "wave", "customer"
        )
        invitation = rows.filter(pk=int(told[1])).first()
        if invitation is None:
            return _drop(message)
        rule = read_rule(invitation.wave.rule if invitation.wave else invitation.programme.rule)
        person = person_of(invitation, rule)
        found = _against(invitation, person, rule, now, reminder=bool(told[2]))
        if person is None or found:
            return _withhold(message, invitation, found, now, reminder=bool(told[2]))
        return _when(invitation, person, rule, now)


def _when(invitation: Invitation, person: Reached, rule: Rule, now: datetime) -> Verdict:
    if invitation.programme.paused_at is not None:
        return Verdict(put_off_to=now + _WHILE_PAUSED)
    country = Organization.objects.get().country
    at = next_send_time(now, zone=person.zone, window=rule.window, country=country)
    return Verdict(put_off_to=at if at > now else None)


def _against(
    invitation: Invitation, person: Reached | None, rule: Rule, now: datetime, *, reminder: bool
) -> tuple[Hindered, ...]:
    """Return what speaks against the letter now, the end of its asking first."""
    ends = (invitation.expires_at, invitation.programme.ends_at, invitation.wave and invitation.wave.closed_at)
    answered = invitation.completed_at or (reminder and invitation.started_at)
    over = [Hindered(Hindrance.CLOSED)] if answered or any(end and end <= now for end in ends) else []
    if person is None:
        return (*over, Hindered(Hindrance.ERASED))
    peace = peace_of(Organization.objects.get()).at_least(rule.quiet_days, rule.same_quiet_days)
    decision = may_contact(
        purpose=Purpose.SURVEY, now=now, contacts=_besides(invitation, person, reminder=reminder), peace=peace
    )
    return (*over, *decision.hindrances)


def _besides(invitation: Invitation, person: Reached, *, reminder: bool) -> Contacts:
    """Return what is known of the person, of other invitations only those whose letter has left.

    Whom two programmes would ask was decided when the letters were written; two customers can turn out to be one
    person later. A reminder belongs to its invitation: no days of peace bar it.
    """
    if reminder:
        return replace(person.contacts, asked_at=None, same_asked_at=None)
    others = Invitation.objects.filter(customer__in=person.rows, message__sent_at__isnull=False)
    others = others.exclude(pk=invitation.pk)
    same = others.filter(programme__instrument__code=invitation.programme.instrument.code)
    return replace(
        person.contacts,
        asked_at=others.aggregate(last=Max("invited_at"))["last"],
        same_asked_at=same.aggregate(last=Max("invited_at"))["last"],
    )


def _withhold(
    message: Message, invitation: Invitation, found: tuple[Hindered, ...], now: datetime, *, reminder: bool
) -> Verdict:
    """Take the letter back; where it was the invitation itself, the ledger tells why nobody was asked."""
    why = found[0]
    if reminder or invitation.reminders or invitation.delivered_at or invitation.started_at:
        invitation.remind_at = None
        invitation.reminders -= reminder
        invitation.save(update_fields=["remind_at", "reminders"])
        record(kind="reminder_withheld", subject=invitation, now=now, hindrance=why.why.value)
        return _drop(message)
    record(kind="invitation_withheld", subject=invitation, now=now, hindrance=why.why.value)
    Asking.objects.filter(invitation=invitation).update(
        invitation=None,
        hindrance=why.why,
        detail=why.detail[:60],
        until=why.until,
        hindrances=[one.why.value for one in found],
    )
    invitation.delete()
    return _drop(message)


def _drop(message: Message) -> Verdict:
    message.delete()
    return Verdict(withheld=True)
