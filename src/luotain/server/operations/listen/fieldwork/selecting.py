"""Turns are given: to interactions that come in, and to those whom the lot of a wave falls on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from luotain.listen.fieldwork import due, next_send_time
from luotain.listen.rule import Audience, Rule, read_rule
from luotain.listen.sampling import Person, draw_sample, in_share
from luotain.server.models.bulk import insert_many
from luotain.server.models.listen import Asking, ContactListEntry, Interaction, Programme, Wave
from luotain.server.models.people import Customer, Organization, Unit, below
from luotain.server.operations.listen.fieldwork.contacts import ever_asked, segments_of, zones_of
from luotain.server.operations.listen.fieldwork.deciding import unit_of
from luotain.server.operations.people import record, rows_of_many
from luotain.terms import Hindrance, ProgrammeKind

#: how many interactions get their turn in one transaction
BATCH = 1000
#: longer than any transaction lasts that brings interactions in
_SETTLED = timedelta(minutes=10)


def running(now: datetime) -> Q:
    """Return the condition "the programme is neither paused nor over"."""
    return Q(paused_at=None, starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now))


def select_new(*, now: datetime) -> int:
    """Give interactions that came in since the last time their turn, a batch for each programme that is triggered.

    An interaction is drawn by its lot: whom it misses is written down as not drawn, who is not of the programme's
    audience as outside, and the others wait until the delay has passed. Returns how many got a turn. The same
    interaction never gets two from one programme.
    """
    newest = Interaction.objects.aggregate(newest=Max("pk"))["newest"] or 0
    behind = Programme.objects.filter(running(now), kind=ProgrammeKind.TRIGGERED)
    behind = behind.filter(Q(read_to=None) | Q(read_to__lt=newest))
    return sum(_select(pk, newest, now) for pk in list(behind.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _select(pk: int, newest: int, now: datetime) -> int:
    # Held, so that no two workers look through the same interactions.
    held = Programme.objects.select_for_update(of=("self",), skip_locked=True).select_related("touchpoint")
    programme = held.filter(running(now), pk=pk).first()
    if programme is None:
        return 0
    if programme.read_to is None:
        programme.read_to = newest
    rows = list(_unseen(programme)[:BATCH])
    insert_many(_turns(programme, rows, now))
    if len(rows) < BATCH and (programme.reading_at is None or now - programme.reading_at >= _SETTLED):
        programme.read_to = max(programme.read_to, programme.reading_to or 0)
        programme.reading_to, programme.reading_at = newest, now
    programme.save(update_fields=["read_to", "reading_to", "reading_at"])
    return len(rows)


def _unseen(programme: Programme) -> QuerySet[Interaction]:
    seen = Asking.objects.filter(interaction=OuterRef("pk"), programme=programme)
    rows = Interaction.objects.filter(
        ~Exists(seen),
        pk__gt=programme.read_to or 0,
        touchpoint=programme.touchpoint,
        occurred_at__gte=programme.starts_at,
        customer__isnull=False,
    )
    return rows.select_related("customer", "touchpoint").order_by("pk")


def _turns(programme: Programme, rows: Sequence[Interaction], now: datetime) -> list[Asking]:
    if not rows:
        return []
    rule, country = read_rule(programme.rule), _country()
    ids = [row.customer_id for row in rows if row.customer_id is not None]
    segments, zones = segments_of(ids, rule.segment), zones_of(ids)
    outside = outside_of(rule.audience, ids)
    turns = []
    for row in rows:
        customer = row.customer
        assert customer is not None
        why = _why_not(programme, rule, row, outside)
        turns.append(
            Asking(
                programme=programme,
                customer=customer,
                interaction=row,
                unit_id=unit_of(programme, customer, row),
                segment=segments[customer.pk],
                due_at=now if why else due(row.occurred_at, rule=rule, zone=zones[customer.pk], country=country),
                **_left_out(why, now),
            )
        )
    return turns


def _why_not(programme: Programme, rule: Rule, row: Interaction, outside: Collection[int]) -> Hindrance | None:
    if row.customer_id in outside:
        return Hindrance.OUTSIDE
    return None if in_share(programme.code, row.pk, rule.share) else Hindrance.NOT_DRAWN


def outside_of(audience: Audience, ids: Sequence[int]) -> set[int]:
    """Return those of these customers who do not belong to an audience; merged rows count as one person."""
    if audience == Audience():
        return set()
    roots = {pk: rows[0] for pk, rows in rows_of_many(ids).items()}
    inside = set(audience_of(audience).filter(pk__in=set(roots.values())).values_list("pk", flat=True))
    return {pk for pk, root in roots.items() if root not in inside}


def _country() -> str:
    return Organization.objects.values_list("country", flat=True).first() or ""


def _left_out(why: Hindrance | None, now: datetime) -> dict[str, Any]:
    return {} if why is None else {"decided_at": now, "hindrance": why.value, "hindrances": [why.value]}


# --- waves -------------------------------------------------------------------------------------------------------


def audience_of(audience: Audience) -> QuerySet[Customer]:
    """Return the customers who belong to an audience; of merged rows only the one they were merged into."""
    people = Customer.objects.filter(merged_into=None, erased_at=None)
    if audience.unit:
        paths = list(Unit.objects.filter(code=audience.unit).values_list("path", flat=True))
        people = people.filter(unit__in=Unit.objects.filter(below(paths)))
    if audience.tier:
        people = people.filter(tier__code=audience.tier)
    if audience.attribute:
        people = people.filter(attributes__kind__code=audience.attribute, attributes__value=audience.value)
    if audience.contact_list:
        people = people.filter(_on_list(audience.contact_list))
    return people


def _on_list(code: str) -> Q:
    """Return the condition "on the list", also for those who were merged into another row since they came onto it."""
    entries = ContactListEntry.objects.filter(contact_list__code=code)
    merged = entries.filter(customer__merged_into__isnull=False).values_list("customer_id", flat=True)
    roots = {rows[0] for rows in rows_of_many(merged).values()}
    return Q(pk__in=entries.values("customer_id")) | Q(pk__in=roots)


def draw_waves(*, now: datetime) -> int:
    """Draw the samples of the waves that have opened; return how many people got a turn or were left out."""
    opened = Wave.objects.filter(drawn_at=None, closed_at=None, opens_at__lte=now, programme__paused_at=None)
    opened = opened.filter(Q(closes_at=None) | Q(closes_at__gt=now))
    return sum(draw_wave(wave=wave, now=now) for wave in opened.order_by("pk"))


@transaction.atomic
def draw_wave(*, wave: Wave, now: datetime) -> int:
    """Draw a wave's sample: everybody in its audience gets a turn, or a line that says why not.

    All in one transaction: a draw that breaks off leaves nothing and begins anew with the same lots. Done twice, it
    changes nothing.
    """
    held = Wave.objects.select_for_update(of=("self",), skip_locked=True).select_related("programme__touchpoint")
    wave_now = held.filter(pk=wave.pk, drawn_at=None).first()
    if wave_now is None:
        return 0
    rule = read_rule(wave_now.rule)
    people = {row.pk: row for row in audience_of(rule.audience).only("pk", "unit_id")}
    segments = segments_of(list(people), rule.segment)
    asked = ever_asked(list(people)) if rule.newcomers_first else set()
    draw = draw_sample(
        (Person(pk, segments[pk], pk in asked) for pk in people),
        seed=wave_now.seed,
        size=rule.sample_size,
        share=rule.share,
        quotas=rule.quotas,
        newcomers_first=rule.newcomers_first,
    )
    _write_draw(wave_now, rule, people, segments, draw.drawn, now)
    _write_left_out(wave_now, people, segments, draw.left_out, now)
    Wave.objects.filter(pk=wave_now.pk).update(drawn_at=now)
    record(kind="wave_drawn", subject=wave_now, now=now, drawn=len(draw.drawn), left_out=len(draw.left_out))
    return len(people)


def _write_draw(
    wave: Wave, rule: Rule, people: Mapping[int, Customer], segments: Mapping[int, str], drawn: Sequence[int],
    now: datetime,
) -> None:  # fmt: skip
    country = _country()
    for start in range(0, len(drawn), BATCH):
        part = drawn[start : start + BATCH]
        zones = zones_of(part)
        turns = [
            _turn(
                wave, people[pk], segments[pk],
                next_send_time(max(now, wave.opens_at), zone=zones[pk], window=rule.window, country=country),
            )
            for pk in part
        ]  # fmt: skip
        insert_many(turns)


def _write_left_out(
    wave: Wave, people: Mapping[int, Customer], segments: Mapping[int, str], left_out: Mapping[int, Hindrance],
    now: datetime,
) -> None:  # fmt: skip
    lines = iter(left_out.items())
    while part := list(islice(lines, BATCH)):
        insert_many([_turn(wave, people[pk], segments[pk], now, **_left_out(why, now)) for pk, why in part])


def _turn(wave: Wave, customer: Customer, segment: str, due_at: datetime, **decided: Any) -> Asking:
    return Asking(
        programme=wave.programme,
        wave=wave,
        customer=customer,
        unit_id=unit_of(wave.programme, customer, None),
        segment=segment,
        due_at=due_at,
        **decided,
    )
