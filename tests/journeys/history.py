"""A small generator: a history with one planted effect, and the action that was registered before it began.

Run in the home of an installation: ``python tests/journeys/history.py TOUCHPOINT CONTROL MEMBER``. It works through the
same operations as every door; only the clock that is handed to them stands earlier. Prints the action's number.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEFORE, AFTER, DAILY, EFFECT = 10, 8, 5, 40


def scores(touchpoint: int, day: int, lift: float) -> list[int]:
    """Return the day's scores on 1–5: four in ten are satisfied, ``lift`` per cent more where something was done.

    Spread evenly over the days by a golden-ratio sequence, so that the planted truth is the same in every run.
    """
    found = []
    for number in range(DAILY):
        draw = ((touchpoint * 7919 + (day + 400) * DAILY + number) * 0.6180339887498949) % 1
        # every second draw from another sequence, so that weeks differ as they do in life
        draw = (draw + 0.37 * ((day * 31 + number * 17 + touchpoint * 5) % 11)) % 1
        found.append(5 if draw < 0.4 + lift / 100 else 2)
    return found


def main(treated: str, control: str, username: str) -> int:
    """Write the history and the registration; return the action's number."""
    from luotain.server.cli.setup import ready

    ready()
    from luotain.listen.submission import Submission, SubmittedAnswer
    from luotain.server.models.people import Member, Organization
    from luotain.server.operations import improve, listen
    from luotain.terms import SCALES

    now = datetime.now(UTC)
    zone = ZoneInfo(Organization.objects.get().time_zone)
    start = datetime.combine(now.astimezone(zone).date() - timedelta(weeks=AFTER), time(), zone)
    planned = start - timedelta(days=7)
    points = [listen.ensure_touchpoint(code, now=planned) for code in (treated, control)]
    voices = [
        Submission(
            kind="response", source="history", source_id=f"{point.code}-{day}-{number}", touchpoint=point.code,
            occurred_at=start + timedelta(days=day, hours=12),
            answers=(SubmittedAnswer("csat", "csat", SCALES["csat_1_5"], str(score)),),
        )
        for place, point in enumerate(points)
        for day in range(-7 * BEFORE, 7 * AFTER)
        for number, score in enumerate(scores(place, day, EFFECT if place == 0 and day >= 0 else 0))
    ]  # fmt: skip
    # triage looks at what customers tell now, not at old answers
    receipt = listen.receive(voices, now=now, triage=False)
    assert receipt.accepted == len(voices), receipt.rejections[:3]
    by = Member.objects.get(username=username)
    action = improve.plan_action(
        title={"en": "Tell the waiting time", "fi": "Kerrotaan jonotusaika"}, measure="csat", touchpoint=points[0],
        control_touchpoint=points[1], expected_effect=30.0, minimum_interesting=10.0, starts_at=start,
        before_weeks=BEFORE, after_weeks=AFTER, by=by, now=planned,
    )  # fmt: skip
    return improve.register(action=action, by=by, now=planned, accept_weak=True).pk


if __name__ == "__main__":
    print(main(*sys.argv[1:]))  # noqa: T201
