"""Fieldwork: programmes ask whom their rule says, when it says, and nobody too often; every decision is kept."""

from luotain.server.operations.listen.fieldwork.deciding import InvitationLetter, MayNotBeAsked, ask_due, invite
from luotain.server.operations.listen.fieldwork.following import (
    close_ended,
    close_wave,
    follow_messages,
    note_opened,
    remind_due,
)
from luotain.server.operations.listen.fieldwork.leaving import last_word
from luotain.server.operations.listen.fieldwork.programmes import (
    NotNow,
    Plan,
    change_programme,
    create_programme,
    end_programme,
    open_wave,
    pause_programme,
    programmes_in,
    set_peace,
    wave_under_way,
)
from luotain.server.operations.listen.fieldwork.rehearsing import (
    Tried,
    rehearse_plan,
    rehearse_programme,
    rehearse_trigger,
    rehearse_wave,
)
from luotain.server.operations.listen.fieldwork.selecting import draw_wave, draw_waves, select_new
from luotain.server.operations.listen.fieldwork.telling import (
    Ahead,
    Line,
    Why,
    customer_called,
    hindered,
    may_be_asked_by,
    why,
    why_as_json,
)

__all__ = [
    "Ahead",
    "InvitationLetter",
    "Line",
    "MayNotBeAsked",
    "NotNow",
    "Plan",
    "Tried",
    "Why",
    "ask_due",
    "change_programme",
    "close_ended",
    "close_wave",
    "create_programme",
    "customer_called",
    "draw_wave",
    "draw_waves",
    "end_programme",
    "follow_messages",
    "hindered",
    "invite",
    "last_word",
    "may_be_asked_by",
    "note_opened",
    "open_wave",
    "pause_programme",
    "programmes_in",
    "rehearse_plan",
    "rehearse_programme",
    "rehearse_trigger",
    "rehearse_wave",
    "remind_due",
    "select_new",
    "set_peace",
    "wave_under_way",
    "why",
    "why_as_json",
]
