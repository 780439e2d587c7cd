"""Fieldwork: programmes ask whom their rule says, when it says, and nobody too often; every decision is kept."""

from luotain.server.operations.listen.fieldwork.deciding import InvitationLetter, MayNotBeAsked, ask_due, invite
from luotain.server.operations.listen.fieldwork.following import (
    close_ended,
    close_wave,
    follow_messages,
    note_opened,
    remind_due,
)
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
)
from luotain.server.operations.listen.fieldwork.rehearsing import Tried, rehearse_trigger, rehearse_wave
from luotain.server.operations.listen.fieldwork.selecting import draw_wave, draw_waves, select_new
from luotain.server.operations.listen.fieldwork.telling import Ahead, Line, Why, customer_called, why

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
    "invite",
    "note_opened",
    "open_wave",
    "pause_programme",
    "programmes_in",
    "rehearse_trigger",
    "rehearse_wave",
    "remind_due",
    "select_new",
    "set_peace",
    "why",
]
