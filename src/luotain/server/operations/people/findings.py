"""What the doctor says: a finding, how bad it is, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    code: str
    level: Level
    name: str
    text: str
    remedy: str = ""

    def plain(self) -> dict[str, str]:
        """Return it as plain values, for JSON."""
        return asdict(self)
