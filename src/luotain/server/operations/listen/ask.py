"""Asking: the ready-made instruments are published, and a person is invited to answer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from luotain.listen.instruments import READY_MADE, ReadyInstrument, ReadyQuestion, address_as
from luotain.listen.link import STRENGTH, fingerprint, make_link
from luotain.people.contact import ContactDecision, Contacts, Hold, Peace, may_contact
from luotain.server.models.listen import Channel, Instrument, Interaction, Invitation, Programme, Question
from luotain.server.models.people import Consent, ContactHold, Customer, Organization
from luotain.server.operations.listen.codes import ensure_scale
from luotain.server.operations.people import contact_of, post_message, record, rows_of
from luotain.terms import LANGUAGES, SCALES, Purpose

#: days that a personal link opens, unless the programme says otherwise
OPEN_DAYS = 30


class MayNotBeAsked(RuntimeError):
    """The person is not asked now; ``decision`` says why."""

    def __init__(self, decision: ContactDecision) -> None:
        super().__init__(f"not asked: {decision.hindrance}")
        self.decision = decision


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """An invitation and the secret of its link; the secret is nowhere else and empty when it was sent before."""

    invitation: Invitation
    link_token: str


# --- instruments -------------------------------------------------------------------------------------------------


@transaction.atomic
def publish_instruments(*, now: datetime) -> dict[str, Instrument]:
    """Publish the ready-made instruments; return the newest version of each by code.

    Where the wording (or the organization's form of address) has changed, a new version is published beside the old
    one; otherwise nothing is written.
    """
    formal = Organization.objects.values_list("formal", flat=True).first() or False
    return {ready.code: _publish(ready, formal=formal, now=now) for ready in READY_MADE}


def _publish(ready: ReadyInstrument, *, formal: bool, now: datetime) -> Instrument:
    newest = Instrument.objects.filter(code=ready.code).order_by("-version").first()
    head = {
        "title": address_as(ready.title, formal=formal),
        "intro": address_as(ready.intro, formal=formal),
        "thanks": address_as(ready.thanks, formal=formal),
        "languages": list(LANGUAGES),
        "anonymity": ready.anonymity.value,
        "population": ready.population.value,
    }
    rows = [_question(question, order, formal) for order, question in enumerate(ready.questions)]
    if newest and _as_published(newest) == (head, rows):
        return newest
    version = newest.version + 1 if newest else 1
    instrument = Instrument.objects.create(code=ready.code, version=version, published_at=now, **head)
    scales = {code: ensure_scale(SCALES[code]) for code in {row["scale"] for row in rows} if code}
    Question.objects.bulk_create(
        Question(instrument=instrument, **{**row, "scale": scales.get(row["scale"])}) for row in rows
    )
    return instrument


def _question(question: ReadyQuestion, order: int, formal: bool) -> dict[str, Any]:
    return {
        "code": question.code,
        "order": order,
        "kind": question.kind.value,
        "measure": question.measure,
        "scale": question.scale,
        "text": address_as(question.text, formal=formal),
        "help": address_as(question.help, formal=formal),
        "options": [{"code": code, "text": address_as(text, formal=formal)} for code, text in question.options],
        "rows": [
            {"code": code, "measure": measure, "text": address_as(text, formal=formal)}
            for code, measure, text in question.rows
        ],
        "shuffled": question.shuffled,
        "condition": question.condition.stored() if question.condition else {},
        "most": question.most,
        "required": question.required,
    }


def _as_published(instrument: Instrument) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    heads = ("title", "intro", "thanks", "languages", "anonymity", "population")
    head = {name: getattr(instrument, name) for name in heads}
    names = (
        "code", "order", "kind", "measure", "text", "help", "options", "rows", "shuffled", "condition", "most",
        "required",
    )  # fmt: skip
    rows = [
        {**{name: getattr(row, name) for name in names}, "scale": row.scale.code if row.scale else ""}
        for row in instrument.questions.select_related("scale").order_by("order")
    ]
    return head, rows


# --- invitations -------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(
    *,
    programme: Programme,
    customer: Customer,
    interaction: Interaction | None = None,
    channel: Channel | None = None,
    now: datetime,
) -> InvitationLetter:
    """Invite a customer to answer, by e-mail.

    Parameters
    ----------
    programme
        The rule of asking; its ``rule`` may hold ``quiet_days`` and ``open_days``.
    customer
        Whom to ask.
    interaction
        What is asked about. The same programme never asks twice about the same interaction.
    channel
        Where the answer comes from; by default the programme's.
    now
        When the person is asked.

    Returns
    -------
    InvitationLetter
        With the secret of the link, of which only a digest is stored.

    Raises
    ------
    MayNotBeAsked
        When consent, a contact pause, a recent invitation or a missing address speaks against it.
    """
    # The customer's row is held, so that two workers never ask the same person at the same moment.
    Customer.objects.select_for_update().filter(pk=customer.pk).first()
    asked_before = _asked_before(programme, customer, interaction)
    if asked_before is not None:
        return InvitationLetter(asked_before, "")
    address = contact_of(customer)
    decision = may_be_invited(customer=customer, address=address, programme=programme, now=now)
    if not decision.allowed:
        raise MayNotBeAsked(decision)
    token = make_link(os.urandom(STRENGTH))
    organization = Organization.objects.get()
    invitation = Invitation.objects.create(
        programme=programme,
        customer=customer,
        interaction=interaction,
        channel=channel or programme.channel,
        unit_id=_unit_of(programme, customer, interaction),
        language=customer.language or organization.language,
        token_hash=fingerprint(token),
        invited_at=now,
        expires_at=now + timedelta(days=int(programme.rule.get("open_days", OPEN_DAYS))),
    )
    _post(invitation, token, address, organization, now)
    record(kind="invited", subject=invitation, now=now, programme=programme.pk)
    return InvitationLetter(invitation, token)


def may_be_invited(*, customer: Customer, address: str, programme: Programme, now: datetime) -> ContactDecision:
    """Decide whether a customer may be asked now, from the consents, pauses and invitations on record."""
    people = rows_of(customer)
    consents = Consent.objects.filter(customer__in=people, purpose=Purpose.SURVEY).order_by("-at", "-pk")
    holds = ContactHold.objects.filter(customer__in=people, released_at=None)
    asked = Invitation.objects.filter(customer__in=people).order_by("-invited_at")
    contacts = Contacts(
        address=address,
        consent=consents.values_list("given", flat=True).first(),
        holds=tuple(Hold(reason, until) for reason, until in holds.values_list("reason", "until")),
        asked_at=asked.values_list("invited_at", flat=True).first(),
        erased=customer.erased_at is not None,
    )
    peace = Peace().at_least(int(programme.rule.get("quiet_days", 0)), 0)
    return may_contact(purpose=Purpose.SURVEY, now=now, contacts=contacts, peace=peace)


def _asked_before(programme: Programme, customer: Customer, interaction: Interaction | None) -> Invitation | None:
    if interaction is None:
        return None
    return Invitation.objects.filter(programme=programme, interaction=interaction, customer=customer).first()


def _unit_of(programme: Programme, customer: Customer, interaction: Interaction | None) -> int | None:
    if interaction is not None and interaction.unit_id:
        return interaction.unit_id
    touchpoint = interaction.touchpoint if interaction else programme.touchpoint
    return (touchpoint.unit_id if touchpoint else None) or customer.unit_id


def _post(invitation: Invitation, token: str, address: str, organization: Organization, now: datetime) -> None:
    link = settings.LUOTAIN_ADDRESS + reverse("respond", args=[token])
    leave = settings.LUOTAIN_ADDRESS + reverse("respond_no_more", args=[token])
    with translation.override(invitation.language), timezone.override(ZoneInfo(organization.time_zone)):
        context = _letter(invitation, organization) | {"link": link, "leave": leave}
        post_message(
            key=f"invitation:{invitation.pk}",
            sender="email",
            purpose=Purpose.SURVEY,
            recipient=address,
            subject=render_to_string("email/invitation.subject.txt", context).strip(),
            text=render_to_string("email/invitation.txt", context),
            html=render_to_string("email/invitation.html", context),
            customer=invitation.customer,
            language=invitation.language,
            headers={"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
            now=now,
        )


def _letter(invitation: Invitation, organization: Organization) -> dict[str, Any]:
    instrument = invitation.programme.instrument
    first = instrument.questions.select_related("scale").order_by("order").first()
    scale = first.scale.scale if first and first.scale else None
    return {
        "organization": organization,
        "title": instrument.title,
        "question": first,
        "scores": range(int(scale.low), int(scale.high) + 1) if scale else (),
        "ends": (first.options[0], first.options[-1]) if first and len(first.options) > 1 else (),
        "touchpoint": _touchpoint_of(invitation),
        "language": invitation.language,
        "expires_at": invitation.expires_at,
    }


def _touchpoint_of(invitation: Invitation) -> object:
    return invitation.interaction.touchpoint if invitation.interaction else invitation.programme.touchpoint
