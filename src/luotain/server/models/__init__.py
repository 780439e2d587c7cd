"""The tables, room by room. Import from the room's own module, not from here."""

from luotain.server.models import improve, listen, people, presence, respond, trust, understand

__all__ = ["improve", "listen", "people", "presence", "respond", "trust", "understand"]
