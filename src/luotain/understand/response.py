"""How far asking got: invited, delivered, opened, begun, answered. A response rate is counted, never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from luotain.understand.estimate import SHARE, Cell
from luotain.understand.interval import wilson_interval


@dataclass(frozen=True, slots=True)
class Funnel:
    """Counts of invitations; each one that completed is counted in all the steps before too, as far as they are known.

    ``sent``: has left our outbox, whatever became of it; ``delivered``: taken by the recipient's mail server and not
    come back since; ``opened``: known only where the company chose to ask mail programs.
    """

    invited: int = 0
    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    opened: int = 0
    started: int = 0
    completed: int = 0

    @property
    def reachable(self) -> int:
        """How many could have answered: all but those whose letter came back."""
        return self.invited - self.bounced

    def response_rate(self) -> Cell:
        """Return the share of those who could have answered that did, with its 95 % interval.

        The base is the invitations that did not come back (AAPOR 2023, *Standard Definitions*, response rate 1, with
        undeliverable addresses as not eligible). The interval is Wilson's (1927). Both are of this asking only: they do
        not tell what the silent would have said.
        """
        answered, base = self.completed, self.reachable
        if answered > base or min(answered, base) < 0:
            raise ValueError(f"{answered} answers cannot come from {base} people who could have answered")
        low, high = wilson_interval(answered, base)
        value = answered / base if base else None
        return Cell(
            value,
            float(low) if base else None,
            float(high) if base else None,
            base,
            "wilson",
            measure="response_rate",
            unit=SHARE,
        )
