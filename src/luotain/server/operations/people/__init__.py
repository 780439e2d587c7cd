"""What is done in the hallway: the organization and its people, the outbox, the log of events, privacy, state."""

from luotain.server.operations.people.consents import newest_consents, note_consent
from luotain.server.operations.people.customers import (
    contact_of,
    find_customer,
    hold_contact,
    identify,
    identify_many,
    may_be_asked,
    merge_customers,
    release_hold,
    rows_of,
    rows_of_many,
    undo_merge,
)
from luotain.server.operations.people.doctor import examine
from luotain.server.operations.people.events import Chain, record, seal_events, verify_chain
from luotain.server.operations.people.findings import Finding, Level
from luotain.server.operations.people.first import NotFirst, first_key, is_first_key, make_first_administrator
from luotain.server.operations.people.members import add_member, change_password
from luotain.server.operations.people.messages import Delivered, Verdict, deliver, post_message, release_claims
from luotain.server.operations.people.organization import (
    ensure_organization,
    own_zone,
    set_up_organization,
    today_at,
    top_unit,
)
from luotain.server.operations.people.own import ask_own_link
from luotain.server.operations.people.privacy import Erased, erase_customer, export_customer, purge_expired
from luotain.server.operations.people.returns import note_complaint, note_return
from luotain.server.operations.people.schema import (
    database_answers,
    mend_indexes,
    migrate,
    newer_migrations,
    pending_migrations,
)
from luotain.server.operations.people.state import Manifest, Restored, StateError, backup, restore
from luotain.server.operations.people.workers import beat, retire, working

__all__ = [
    "Chain",
    "Delivered",
    "Erased",
    "Finding",
    "Level",
    "Manifest",
    "NotFirst",
    "Restored",
    "StateError",
    "Verdict",
    "add_member",
    "ask_own_link",
    "backup",
    "beat",
    "change_password",
    "contact_of",
    "database_answers",
    "deliver",
    "ensure_organization",
    "erase_customer",
    "examine",
    "export_customer",
    "find_customer",
    "first_key",
    "hold_contact",
    "identify",
    "identify_many",
    "is_first_key",
    "make_first_administrator",
    "may_be_asked",
    "mend_indexes",
    "merge_customers",
    "migrate",
    "newer_migrations",
    "newest_consents",
    "note_complaint",
    "note_consent",
    "note_return",
    "own_zone",
    "pending_migrations",
    "post_message",
    "purge_expired",
    "record",
    "release_claims",
    "release_hold",
    "restore",
    "retire",
    "rows_of",
    "rows_of_many",
    "seal_events",
    "set_up_organization",
    "today_at",
    "top_unit",
    "undo_merge",
    "verify_chain",
    "working",
]
