"""When a message that could not be sent is tried again, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: the first pause; every further one is twice as long, up to the longest
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
#: how long one recipient is tried (RFC 5321, 4.5.4.1: "at least 4–5 days")
GIVE_UP_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Next:
    """What happens to a message after a failure: tried again at ``due_at``, or given up (``None``)."""

    due_at: datetime | None

    @property
    def given_up(self) -> bool:
        """Whether nobody tries any more."""
        return self.due_at is None


def pause(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts (1 or more)."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def after_failure(*, attempts: int, created_at: datetime, now: datetime, permanent: bool) -> Next:
    """Decide what happens to one message that its recipient's side did not take.

    Parameters
    ----------
    attempts
        How often it has been tried, the failed one included.
    permanent
        Whether the other side said that trying again is useless (5xx).
    """
    if permanent or now - created_at >= GIVE_UP_AFTER:
        return Next(None)
    return Next(now + pause(attempts))
