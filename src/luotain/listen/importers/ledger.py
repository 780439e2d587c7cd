"""The ledger of an import: read = accepted + duplicate + rejected, at every moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from luotain.language.said import Said, restored
from luotain.listen.importers.quality import Quality
from luotain.listen.submission import Refusal

#: as many rejected records as are kept to be mended; the rest are counted
MOST_KEPT = 10_000


@dataclass(slots=True)
class Ledger:
    """What became of the records of a file."""

    format: str = ""
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    rejections: list[Refusal] = field(default_factory=list)
    #: what a person should know, and how often it happened
    warnings: Counter[Said] = field(default_factory=Counter)
    import_id: int | None = None
    #: how good the data is, where it was looked into (a trial)
    quality: Quality | None = None

    def reject(self, refusal: Refusal) -> None:
        """Note a record that was not taken in."""
        self.rejected += 1
        if len(self.rejections) < MOST_KEPT:
            self.rejections.append(refusal)

    @property
    def balances(self) -> bool:
        """Whether every record that was read is accounted for."""
        return self.read == self.accepted + self.duplicate + self.rejected

    def warning_lines(self) -> list[str]:
        """Return the warnings, the frequent ones with their number."""
        return [f"{text} ({count:,}×)" if count > 1 else text for text, count in self.warnings.items()]

    def stored_warnings(self) -> list[tuple[dict[str, Any], int]]:
        """Return the warnings and their numbers as JSON values."""
        return [(text.stored(), count) for text, count in self.warnings.items()]

    def as_dict(self) -> dict[str, Any]:
        """Return the ledger as it is printed and kept."""
        return {
            "format": self.format,
            "read": self.read,
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "rejected": self.rejected,
            "rejections": [
                {"record": r.record, "field": r.field, "value": r.value, "reason": r.reason} for r in self.rejections
            ],
            "warnings": self.warning_lines(),
            **({"quality": self.quality.as_dict()} if self.quality else {}),
        }


def restored_warnings(stored: Iterable[Sequence[Any]]) -> dict[Said, int]:
    """Return what :meth:`Ledger.stored_warnings` made into JSON."""
    return {restored(text): count for text, count in stored}
