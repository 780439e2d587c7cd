"""The one organization of the installation, and its five questions."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from luotain.server.models.people import Organization, Unit
from luotain.terms import UnitKind

#: the code of the unit at the top of the tree
TOP = "organization"
#: before anybody has answered the five questions
DEFAULT_ZONE = "Europe/Helsinki"


@transaction.atomic
def ensure_organization(*, now: datetime) -> Organization:
    """Return the organization, made if there is none yet, together with the top of its tree of units.

    Parameters
    ----------
    now
        When it is made, if it is.

    Returns
    -------
    Organization
        With ``set_up_at`` empty until its five questions are answered.
    """
    organization, _ = Organization.objects.get_or_create(pk=1, defaults={"name": "", "created_at": now})
    top, made = Unit.objects.get_or_create(
        parent=None,
        kind=UnitKind.ORGANIZATION,
        defaults={"code": TOP, "name": UnitKind.ORGANIZATION.label(organization.language)},
    )
    if made:
        top.path = f"{top.pk}/"
        top.save(update_fields=["path"])
    return organization


def top_unit() -> Unit:
    """Return the unit at the top of the tree: the organization itself."""
    return Unit.objects.get(parent=None, kind=UnitKind.ORGANIZATION)


def own_zone() -> ZoneInfo:
    """Return the organization's time zone, in which days and hours are counted."""
    return ZoneInfo(Organization.objects.filter(pk=1).values_list("time_zone", flat=True).first() or DEFAULT_ZONE)


def today_at(now: datetime) -> date:
    """Return the date in the organization's time zone."""
    return now.astimezone(own_zone()).date()


@transaction.atomic
def set_up_organization(
    *, name: str, industry: str, language: str, time_zone: str, formal: bool, now: datetime
) -> Organization:
    """Keep the answers of a new installation; answering again changes the answers, not the day of the first ones.

    Parameters
    ----------
    name, industry
        As the organization calls itself and its line of business.
    language
        "fi", "sv" or "en": what its people read unless they choose otherwise.
    time_zone
        An IANA name, in which days and months are counted.
    formal
        Whether customers are addressed formally.
    now
        The moment of answering.
    """
    organization = ensure_organization(now=now)
    organization.name, organization.industry, organization.language = name.strip(), industry.strip(), language
    organization.time_zone, organization.formal = time_zone, formal
    organization.set_up_at = organization.set_up_at or now
    organization.full_clean(validate_unique=False)
    organization.save()
    Unit.objects.filter(parent=None, kind=UnitKind.ORGANIZATION).update(name=organization.name)
    return organization
