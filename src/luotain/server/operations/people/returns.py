"""What comes back: mail that reached nobody, and mail that was called unwanted."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from luotain.people.identity import Unusable, normalise
from luotain.server.crypto import blind_index
from luotain.server.models.people import Customer, Identifier, Message
from luotain.server.operations.people.consents import note_consent
from luotain.server.operations.people.events import record
from luotain.terms import IdentifierKind, Purpose

#: who tells their mail service that our mail is unwanted wants neither surveys nor offers; an answer to their own
#: complaint they may still want
_UNWANTED = (Purpose.SURVEY, Purpose.MARKETING)
_WORDING = "mail-complaint-1"


@transaction.atomic
def note_return(*, message_id: str, now: datetime) -> bool:
    """Write down that a message came back for good; its address is not written to again.

    Parameters
    ----------
    message_id
        The id of the message (a UUID), as its Message-ID and a report of non-delivery (RFC 3464) tell it.

    Returns
    -------
    bool
        Whether the message is one of ours. Noting it twice changes nothing.
    """
    message = _found(message_id)
    if message is None:
        return False
    if message.returned_at is None:
        message.returned_at = now
        message.save(update_fields=["returned_at"])
        _shut(message.recipient, now)
        record(kind="message_returned", subject=message, now=now)
    return True


@transaction.atomic
def note_complaint(*, message_id: str, now: datetime) -> bool:
    """Write down that a recipient called a message unwanted (RFC 5965): no more surveys and no offers.

    Returns whether the message is one of ours. Noting it twice changes nothing.
    """
    message = _found(message_id)
    if message is None:
        return False
    if message.complained_at is None:
        message.complained_at = now
        message.save(update_fields=["complained_at"])
        if message.customer is not None:
            _refuse(message.customer, message.pk, now)
        record(kind="message_unwanted", subject=message, now=now)
    return True


def _found(message_id: str) -> Message | None:
    try:
        known = uuid.UUID(message_id)
    except ValueError:
        return None
    return Message.objects.select_for_update().filter(message_id=known).first()


def _shut(recipient: str, now: datetime) -> None:
    kind = IdentifierKind.EMAIL if "@" in recipient else IdentifierKind.PHONE
    try:
        address = normalise(kind, recipient)
    except Unusable:
        # an address that was never an identifier of anybody: there is nothing to shut
        return
    Identifier.objects.filter(kind=kind, index=blind_index(kind, address), unusable_at=None).update(unusable_at=now)


def _refuse(customer: Customer, message: int, now: datetime) -> None:
    for purpose in _UNWANTED:
        note_consent(
            customer=customer, purpose=purpose, given=False, wording_version=_WORDING,
            source=f"message:{message}", now=now,
        )  # fmt: skip
