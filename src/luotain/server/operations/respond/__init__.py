"""What is done in the respond room: triage, cases, replies, remedies, goodwill."""

from luotain.server.operations.respond.answers import join_answers
from luotain.server.operations.respond.cases import (
    add_note,
    advance,
    assign,
    merge,
    note_feeling,
    note_remedy,
    set_cause,
    solve,
)
from luotain.server.operations.respond.giving import add_gift_codes, give_goodwill, issue_gift_code, redeem, set_budget
from luotain.server.operations.respond.inbox import Filters, Inbox, next_case, read_inbox
from luotain.server.operations.respond.reading import CasePage, hints_on, owners_of, read_case, read_case_page
from luotain.server.operations.respond.reply import language_of, reply
from luotain.server.operations.respond.setup import default_causes, default_playbook, default_rules
from luotain.server.operations.respond.triage import triage_waiting

__all__ = [
    "CasePage",
    "Filters",
    "Inbox",
    "add_gift_codes",
    "add_note",
    "advance",
    "assign",
    "default_causes",
    "default_playbook",
    "default_rules",
    "give_goodwill",
    "hints_on",
    "issue_gift_code",
    "join_answers",
    "language_of",
    "merge",
    "next_case",
    "note_feeling",
    "note_remedy",
    "owners_of",
    "read_case",
    "read_case_page",
    "read_inbox",
    "redeem",
    "reply",
    "set_budget",
    "set_cause",
    "solve",
    "triage_waiting",
]
