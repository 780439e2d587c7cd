"""Who would be asked? A rule tried on what happened lately, before it goes live. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Max

from luotain.listen.fieldwork import Candidate, Rehearsal, rehearse
from luotain.listen.rule import Audience, Rule
from luotain.listen.sampling import Person, draw_sample, never_asked
from luotain.people.contact import may_contact
from luotain.server.models.listen import Interaction, Programme, Touchpoint, Wave, seed_of
from luotain.server.models.people import Organization
from luotain.server.operations.listen.fieldwork.contacts import ever_asked, peace_of, reach_people, segments_of
from luotain.server.operations.listen.fieldwork.programmes import Plan, check, plan_of
from luotain.server.operations.listen.fieldwork.selecting import audience_of, outside_of
from luotain.terms import Hindrance, ProgrammeKind, Purpose

#: how far a rehearsal looks back, and at how many interactions or people at most
DAYS = 30
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rehearsal found; ``cut`` when there was more than it looked at.

    ``newcomers``: how many of the people nobody has ever asked anything: a voice that is missing so far.
    """

    found: Rehearsal
    newcomers: int
    cut: bool = False


def rehearse_trigger(*, touchpoint: Touchpoint, instrument: str, rule: Rule, seed: str, now: datetime) -> Tried:
    """Tell whom a triggered programme would have asked about the interactions of the last 30 days."""
    since = now - timedelta(days=DAYS)
    happened = Interaction.objects.filter(
        touchpoint=touchpoint, occurred_at__gte=since, occurred_at__lte=now, customer__isnull=False
    )
    rows = list(happened.order_by("-occurred_at", "-pk").values_list("pk", "customer_id", "occurred_at")[: MOST + 1])
    everybody = sorted({customer for _, customer, _ in rows[:MOST]})
    outside = outside_of(rule.audience, everybody)
    ids = [pk for pk in everybody if pk not in outside]
    segments = segments_of(ids, rule.segment)
    people = reach_people(ids, instrument=instrument, channels=rule.channels)
    found = rehearse(
        [Candidate(pk, who, at, segments[who]) for pk, who, at in rows[:MOST] if who not in outside],
        contacts={pk: person.contacts for pk, person in people.items()},
        rule=rule,
        peace=peace_of(Organization.objects.get()),
        seed=seed,
        now=now,
    )
    missed = sum(who in outside for _, who, _ in rows[:MOST])
    if missed:
        hindered = {**found.hindered, Hindrance.OUTSIDE: missed}
        found = replace(found, interactions=found.interactions + missed, hindered=hindered)
    return Tried(found, len(never_asked(ids, ever_asked(ids))), cut=len(rows) > MOST)


def rehearse_programme(*, programme: Programme, contact_list: str = "", now: datetime) -> Tried:
    """Tell whom a programme would ask: about the last 30 days where it is triggered, else in its next wave."""
    plan = plan_of(programme)
    if contact_list:
        plan = replace(plan, rule=replace(plan.rule, audience=Audience(contact_list=contact_list)))
    return rehearse_plan(plan=plan, code=programme.code, now=now)


def rehearse_plan(*, plan: Plan, code: str, now: datetime) -> Tried:
    """Do the same for a programme that is only planned; raises :class:`WrongRule` where it does not hold together."""
    check(plan)
    if plan.kind == ProgrammeKind.TRIGGERED and plan.touchpoint is not None:
        return rehearse_trigger(
            touchpoint=plan.touchpoint, instrument=plan.instrument.code, rule=plan.rule, seed=code, now=now
        )
    last = Wave.objects.filter(programme__code=code).aggregate(last=Max("number"))["last"] or 0
    return rehearse_wave(instrument=plan.instrument.code, rule=plan.rule, seed=seed_of(code, last + 1), now=now)


def rehearse_wave(*, instrument: str, rule: Rule, seed: str, now: datetime) -> Tried:
    """Tell whom a wave would ask if it were drawn now."""
    ids = list(audience_of(rule.audience).order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    people = ids[:MOST]
    segments = segments_of(people, rule.segment)
    asked = ever_asked(people)
    draw = draw_sample(
        (Person(pk, segments[pk], pk in asked) for pk in people),
        seed=seed, size=rule.sample_size, share=rule.share, quotas=rule.quotas, newcomers_first=rule.newcomers_first,
    )  # fmt: skip
    hindered: dict[Hindrance, int] = {}
    for why in draw.left_out.values():
        hindered[why] = hindered.get(why, 0) + 1
    peace = peace_of(Organization.objects.get()).at_least(rule.quiet_days, rule.same_quiet_days)
    would = []
    for pk, person in reach_people(draw.drawn, instrument=instrument, channels=rule.channels).items():
        decision = may_contact(purpose=Purpose.SURVEY, now=now, contacts=person.contacts, peace=peace)
        if decision.hindrance is None:
            would.append(pk)
        else:
            hindered[decision.hindrance] = hindered.get(decision.hindrance, 0) + 1
    found = Rehearsal(0, len(people), tuple(would), hindered)
    return Tried(found, len(never_asked(people, asked)), cut=len(ids) > MOST)
