"""Webhooks: addresses for other systems, what they deliver, and what their questions are here."""

from luotain.server.operations.listen.hooks.addresses import (
    NewHook,
    NotAHook,
    add_hook,
    find_hook,
    revoke_hook,
    set_secret,
)
from luotain.server.operations.listen.hooks.deciding import NotADecision, decide, tell_anew
from luotain.server.operations.listen.hooks.taking import Delivered, NoSuchHook, take_delivery

__all__ = [
    "Delivered",
    "NewHook",
    "NoSuchHook",
    "NotADecision",
    "NotAHook",
    "add_hook",
    "decide",
    "find_hook",
    "revoke_hook",
    "set_secret",
    "take_delivery",
    "tell_anew",
]
