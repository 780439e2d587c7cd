"""Programmes: made, changed, paused, closed; their waves opened, the days of peace of all set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet

from luotain.language.said import Said
from luotain.listen.rule import Audience, Rule, WrongRule, as_json, read_rule
from luotain.people.access import reaches_all
from luotain.server.models.listen import ContactList, Instrument, Interaction, Programme, Touchpoint, Wave
from luotain.server.models.people import AttributeKind, Member, Organization, Tier, Unit
from luotain.server.operations.people import record
from luotain.terms import Population, ProgrammeKind


class NotNow(ValueError):
    """It cannot be done to the programme as it stands; ``said`` says what to do instead."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Plan:
    """What a programme is, as the CX lead sets it."""

    name: Mapping[str, str]
    kind: ProgrammeKind
    instrument: Instrument
    touchpoint: Touchpoint | None
    rule: Rule
    starts_at: datetime
    ends_at: datetime | None = None


def plan_of(programme: Programme) -> Plan:
    """Return the plan by which a programme runs."""
    return Plan(
        name=programme.name,
        kind=ProgrammeKind(programme.kind),
        instrument=programme.instrument,
        touchpoint=programme.touchpoint,
        rule=read_rule(programme.rule),
        starts_at=programme.starts_at,
        ends_at=programme.ends_at,
    )


def programmes_in(paths: Sequence[str]) -> QuerySet[Programme]:
    """Return the programmes within reach: those of touchpoints of these units, and, to the whole, those of nobody."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(touchpoint__unit__path__startswith=path)
    if reaches_all(paths):
        condition = Q()
    rows = Programme.objects.filter(condition).select_related("instrument", "touchpoint__unit", "channel")
    return rows.order_by("kind", "code")


@transaction.atomic
def create_programme(*, code: str, plan: Plan, by: Member | None, now: datetime, paused: bool = False) -> Programme:
    """Make a programme. It asks about interactions that happen from ``plan.starts_at`` on.

    ``paused``: it asks nobody before somebody lets it (:func:`pause_programme`).

    Raises
    ------
    WrongRule
        When the plan does not hold together: the field is named, and what to write.
    """
    if Programme.objects.filter(code=code).exists():
        raise WrongRule("code", Said("there is a programme of this name already: choose another"))
    check(plan)
    programme = Programme.objects.create(
        code=code,
        read_to=_before(plan.starts_at),
        paused_at=now if paused else None,
        **_columns(plan),
    )
    record(kind="programme_created", subject=programme, by=by, now=now, rule=programme.rule)
    return programme


def _before(start: datetime) -> int:
    """Return the id up to which no interaction happened at ``start`` or later."""
    first = Interaction.objects.filter(occurred_at__gte=start).aggregate(first=Min("pk"))["first"]
    if first is not None:
        return int(first) - 1
    return int(Interaction.objects.aggregate(newest=Max("pk"))["newest"] or 0)


@transaction.atomic
def change_programme(*, programme: Programme, plan: Plan, by: Member | None, now: datetime) -> None:
    """Change a programme; what was decided before stays as it was. Raises :class:`WrongRule` and :class:`NotNow`.

    Waves that are open keep the rule under which they were opened.
    """
    if plan.kind != programme.kind:
        raise NotNow(Said("what a programme is triggered by cannot be changed: make a new one"))
    check(plan)
    for name, value in _columns(plan).items():
        setattr(programme, name, value)
    programme.save(update_fields=list(_columns(plan)))
    record(kind="programme_changed", subject=programme, by=by, now=now, rule=programme.rule)


def _columns(plan: Plan) -> dict[str, Any]:
    return {
        "name": dict(plan.name),
        "kind": plan.kind.value,
        "instrument": plan.instrument,
        "touchpoint": plan.touchpoint,
        "rule": as_json(plan.rule),
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
    }


def check(plan: Plan) -> None:
    """Raise :class:`WrongRule` when the plan names what is not there, or does not hold together."""
    if plan.touchpoint is None and plan.kind != ProgrammeKind.WAVES:
        raise WrongRule("touchpoint", Said("say at which touchpoint: only waves can do without one"))
    if plan.kind == ProgrammeKind.ALWAYS_ON and plan.rule.audience != Audience():
        raise WrongRule("audience", Said("a form that is always open has no audience: whoever comes can answer"))
    if plan.instrument.published_at is None:
        raise WrongRule("instrument", Said("publish the questionnaire first: a draft is asked of nobody"))
    if plan.ends_at is not None and plan.ends_at <= plan.starts_at:
        raise WrongRule("ends_at", Said("it must end after it starts"))
    if plan.kind == ProgrammeKind.WAVES:
        _check_whom(plan.instrument, plan.rule)
    _check_names(plan.rule)


def _check_whom(instrument: Instrument, rule: Rule) -> None:
    """Refuse to ask every customer what is meant for employees, the lost or those who never were customers."""
    if instrument.population != Population.CUSTOMER and not rule.audience.contact_list:
        said = Said("these questions are not for customers: name the contact list of those whom they are for")
        raise WrongRule("audience.contact_list", said)


def _check_names(rule: Rule) -> None:
    audience = rule.audience
    named = (
        ("audience.unit", Unit, audience.unit),
        ("audience.tier", Tier, audience.tier),
        ("audience.attribute", AttributeKind, audience.attribute),
        ("audience.contact_list", ContactList, audience.contact_list),
        ("segment", AttributeKind, rule.segment if rule.segment not in ("tier", "unit", "language") else ""),
    )
    for field, model, code in named:
        if code and not model._default_manager.filter(code=code).exists():
            raise WrongRule(field, Said("there is no %(code)s: check the code", code=code))


@transaction.atomic
def pause_programme(*, programme: Programme, paused: bool, by: Member | None, now: datetime) -> None:
    """Pause a programme, or let it go on; doing it twice changes nothing.

    While it is paused nobody is selected, asked or reminded. What came in meanwhile gets its turn afterwards, unless it
    is too late by then.
    """
    if (programme.paused_at is not None) == paused:
        return
    programme.paused_at = now if paused else None
    programme.save(update_fields=["paused_at"])
    record(kind="programme_paused" if paused else "programme_resumed", subject=programme, by=by, now=now)


@transaction.atomic
def end_programme(*, programme: Programme, by: Member | None, now: datetime) -> None:
    """Close a programme for good; links that are out work as long as they were promised to."""
    if programme.ends_at is not None and programme.ends_at <= now:
        return
    programme.ends_at = now
    programme.save(update_fields=["ends_at"])
    record(kind="programme_ended", subject=programme, by=by, now=now)


@transaction.atomic
def open_wave(
    *,
    programme: Programme,
    opens_at: datetime,
    closes_at: datetime | None,
    contact_list: str = "",
    by: Member | None,
    now: datetime,
) -> Wave:
    """Open a wave: when its day has come its sample is drawn and asked.

    Parameters
    ----------
    contact_list
        Ask only those on this list, whatever audience the programme's rule names.

    Raises
    ------
    NotNow
        When the programme is over or does not ask in waves.
    WrongRule
        When the times or the list do not fit.
    """
    if programme.kind != ProgrammeKind.WAVES:
        raise NotNow(Said("this programme does not ask in waves"))
    if programme.ends_at is not None and programme.ends_at <= now:
        raise NotNow(Said("this programme is over: make a new one"))
    if closes_at is not None and closes_at <= max(opens_at, now):
        raise WrongRule("closes_at", Said("a wave must close after it opens, and not in the past"))
    rule = _rule_of_wave(programme, contact_list)
    Programme.objects.select_for_update().get(pk=programme.pk)
    last = Wave.objects.filter(programme=programme).aggregate(last=Max("number"))["last"] or 0
    wave = Wave.objects.create(
        programme=programme, number=last + 1, opens_at=opens_at, closes_at=closes_at, rule=as_json(rule)
    )
    record(kind="wave_opened", subject=wave, by=by, now=now, programme=programme.pk)
    return wave


def wave_under_way(*, programme: Programme, now: datetime) -> Wave | None:
    """Return the programme's newest wave that has opened and not closed; ``None`` where there is none."""
    still = Q(closes_at=None) | Q(closes_at__gt=now)
    return (
        Wave.objects.filter(still, programme=programme, closed_at=None, opens_at__lte=now).order_by("-number").first()
    )


def _rule_of_wave(programme: Programme, contact_list: str) -> Rule:
    rule = read_rule(programme.rule)
    if contact_list:
        rule = replace(rule, audience=Audience(contact_list=contact_list))
    _check_whom(programme.instrument, rule)
    _check_names(rule)
    return rule


@transaction.atomic
def set_peace(*, days: int, same: int, by: Member | None, now: datetime) -> None:
    """Set how many days of peace every customer has, whatever any programme says."""
    Organization.objects.update(quiet_days=days, same_quiet_days=same)
    record(kind="peace_set", subject=Organization.objects.get(), by=by, now=now, days=days, same=same)
