"""The tables, room by room. Import from the room's own module, not from here."""

from luotain.server.models import improve, listen, people, respond, understand

__all__ = ["improve", "listen", "people", "respond", "understand"]
