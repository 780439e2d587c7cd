"""What is done in the hallway: the organization and its people, the outbox, the log of events, privacy, state."""

from luotain.server.operations.people.customers import (
    contact_of,
    hold_contact,
    identify,
    identify_many,
    may_be_asked,
    release_hold,
    rows_of,
    undo_merge,
)
from luotain.server.operations.people.events import Chain, record, seal_events, verify_chain
from luotain.server.operations.people.members import add_member, change_password
from luotain.server.operations.people.messages import Delivered, deliver, post_message, release_claims
from luotain.server.operations.people.organization import ensure_organization, set_up_organization, top_unit
from luotain.server.operations.people.schema import migrate, pending_migrations

__all__ = [
    "Chain",
    "Delivered",
    "add_member",
    "change_password",
    "contact_of",
    "deliver",
    "ensure_organization",
    "hold_contact",
    "identify",
    "identify_many",
    "may_be_asked",
    "migrate",
    "pending_migrations",
    "post_message",
    "record",
    "release_claims",
    "release_hold",
    "rows_of",
    "seal_events",
    "set_up_organization",
    "top_unit",
    "undo_merge",
    "verify_chain",
]
