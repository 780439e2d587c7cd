"""The heartbeat of the loops, so that the doctor can tell whether anybody works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from luotain.server.models.people import Worker

#: a loop that has not beaten for so long is not running
SILENT_AFTER = timedelta(seconds=30)
#: rows of loops that died are forgotten after so long
FORGOTTEN_AFTER = timedelta(days=1)


def beat(*, name: str, rooms: Sequence[str], now: datetime) -> None:
    """Write down that the loop of that name works."""
    Worker.objects.update_or_create(
        name=name,
        defaults={"beat_at": now},
        create_defaults={"rooms": ",".join(rooms), "started_at": now, "beat_at": now},
    )


def retire(*, name: str, now: datetime) -> None:
    """Forget a loop that stops in good order, and those that died long ago."""
    Worker.objects.filter(name=name).delete()
    Worker.objects.filter(beat_at__lt=now - FORGOTTEN_AFTER).delete()


def working(*, now: datetime) -> list[Worker]:
    """Return the loops that have beaten lately."""
    return list(Worker.objects.filter(beat_at__gte=now - SILENT_AFTER).order_by("name"))
