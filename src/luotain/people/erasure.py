"""What happens to each kind of row when a person is erased: one list for the whole house.

A test walks all tables and fails when one that can reach a person, or that keeps something encrypted, is missing
here. Tables are named as text, because the hallway does not know the rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Way(StrEnum):
    """How a table takes part in an erasure."""

    #: the rows go
    DELETE = "delete"
    #: the rows stay, so that counts hold, but what is personal in them is emptied
    SCRUB = "scrub"
    #: the rows hold ids, codes and times only: without the identifiers they point to nobody
    KEEP = "keep"
    #: append-only: each row is taken back by a new row with the opposite sign
    TAKE_BACK = "take_back"
    #: not tied to a customer; the rows go by themselves when their time is up
    EXPIRES = "expires"
    #: keeps something encrypted that belongs to no customer
    NOT_A_CUSTOMER = "not_a_customer"


@dataclass(frozen=True, slots=True)
class Part:
    """How one table takes part."""

    way: Way
    #: from the table to the customer, as Django follows keys; more than one where rows hang in different ways
    paths: tuple[str, ...] = ()
    #: (key, table): rows that point to such a row of the person are the person's too
    of: tuple[tuple[str, str], ...] = ()
    #: what is emptied, and what stands there afterwards (``NOW``: the moment of erasure, where empty so far)
    scrub: Mapping[str, object] = field(default_factory=dict)
    #: (table, key): rows of this table that such a row of the person points to belong to the person too
    held_by: tuple[tuple[str, str], ...] = ()
    #: left out of what a person is given: hashes, and what only the machine understands
    not_exported: tuple[str, ...] = ()


#: stands for the moment of erasure
NOW = "now"
_C = ("customer",)
_OF_FEEDBACK = (("feedback", "luotain.Feedback"),)
_OF_CASE = (("case", "luotain.Case"),)

#: in the order in which it is done: what hangs on a row comes before the row
PARTS: dict[str, Part] = {
    "luotain.Fact": Part(Way.TAKE_BACK),
    # The block stays what it was: without this row the others' answers would be told by the difference.
    "luotain.BlockAnswer": Part(Way.KEEP, of=(("feedback_id", "luotain.Feedback"),)),
    "luotain.Code": Part(Way.DELETE, of=_OF_FEEDBACK, not_exported=("text_hash",)),
    "luotain.Answer": Part(Way.DELETE, of=_OF_FEEDBACK),
    "luotain.Attachment": Part(Way.DELETE, of=_OF_FEEDBACK),
    "luotain.Letter": Part(Way.DELETE, of=(*_OF_FEEDBACK, ("answers", "luotain.Message")), not_exported=("key",)),
    "luotain.HookVoice": Part(Way.DELETE, of=_OF_FEEDBACK),
    "luotain.Filling": Part(Way.DELETE, of=_OF_FEEDBACK, not_exported=("network", "told")),
    "luotain.LiftedDoubt": Part(Way.DELETE, of=_OF_FEEDBACK),
    "luotain.VerifiedReason": Part(Way.DELETE, of=_OF_FEEDBACK),
    "luotain.WrongDoor": Part(Way.DELETE, of=_OF_FEEDBACK),
    "luotain.LeaderVisit": Part(Way.DELETE, of=_OF_FEEDBACK),
    "luotain.Payload": Part(Way.DELETE, held_by=(("luotain.Feedback", "payload"), ("luotain.HookVoice", "payload"))),
    "luotain.Message": Part(
        Way.SCRUB,
        _C,
        scrub={"recipient": "", "subject": "", "text": "", "html": "", "headers": {}},
        held_by=(("luotain.Step", "message"),),
    ),
    "luotain.Step": Part(Way.SCRUB, of=_OF_CASE, scrub={"text": ""}),
    "luotain.GoodwillEntry": Part(Way.SCRUB, of=_OF_CASE, scrub={"reason": ""}),
    "luotain.GiftCode": Part(Way.KEEP, of=_OF_CASE, not_exported=("index",)),
    "luotain.Case": Part(Way.SCRUB, _C, _OF_FEEDBACK, {"feeling_before": "", "feeling_after": ""}),
    "luotain.Feedback": Part(
        Way.SCRUB,
        _C,
        of=(("interaction", "luotain.Interaction"), ("invitation", "luotain.Invitation")),
        scrub={"verbatim": "", "attributes": {}, "contact_wanted": False, "erased_at": NOW},
    ),
    "luotain.Asking": Part(
        Way.SCRUB, _C, of=(("interaction", "luotain.Interaction"),), scrub={"segment": "", "detail": ""}
    ),
    "luotain.Invitation": Part(
        Way.SCRUB,
        _C,
        scrub={"expires_at": NOW, "segment": "", "salt": "", "remind_at": None},
        not_exported=("token_hash", "salt"),
    ),
    "luotain.ContactListEntry": Part(Way.DELETE, _C),
    "luotain.Interaction": Part(Way.SCRUB, _C, scrub={"reference": "", "details": {}}),
    "luotain.Transaction": Part(Way.KEEP, _C),
    "luotain.OwnLink": Part(Way.DELETE, _C, not_exported=("token_hash",)),
    "luotain.ContactHold": Part(Way.DELETE, _C),
    "luotain.Consent": Part(Way.KEEP, _C),
    "luotain.Attribute": Part(Way.DELETE, _C),
    "luotain.LooseKey": Part(Way.DELETE, _C, not_exported=("index",)),
    "luotain.Match": Part(Way.DELETE, ("first", "second", "merged"), not_exported=("points", "reasons")),
    "luotain.Identifier": Part(Way.DELETE, _C, not_exported=("index",)),
    "luotain.Customer": Part(
        Way.SCRUB,
        ("pk",),
        scrub={"name": "", "language": "", "tier": None, "unit": None, "account": None, "erased_at": NOW},
    ),
    "luotain.Rejection": Part(Way.EXPIRES),
    "luotain.Member": Part(Way.NOT_A_CUSTOMER),
    "luotain.Hook": Part(Way.NOT_A_CUSTOMER),
}
