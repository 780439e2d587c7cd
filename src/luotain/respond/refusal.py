"""The one way in which this room says no: with a reason that also says what would help."""

from __future__ import annotations

from luotain.terms import CaseRefusal


class NotPossible(Exception):
    """Something cannot be done in a case now; ``reason.label(language)`` tells the person why."""

    def __init__(self, reason: CaseRefusal) -> None:
        super().__init__(reason.en)
        self.reason = reason
