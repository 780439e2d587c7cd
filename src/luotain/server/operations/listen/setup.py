"""The first start: five questions, and then the first touchpoint is measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from luotain.server.models.listen import Touchpoint
from luotain.server.models.people import Member
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.codes import default_channels, default_scales, ensure_touchpoint
from luotain.server.operations.people import record, set_up_organization, top_unit
from luotain.terms import LANGUAGES, TouchpointKind


@transaction.atomic
def start_measuring(
    *,
    name: str,
    industry: str,
    language: str,
    formal: bool,
    time_zone: str,
    touchpoint: str,
    kind: TouchpointKind,
    by: Member,
    now: datetime,
) -> Touchpoint:
    """Keep the answers of a new installation and open its first touchpoint's feedback page.

    Answering again with the same touchpoint changes the answers and makes nothing twice.

    Parameters
    ----------
    name, industry, language, formal, time_zone
        As for :func:`luotain.server.operations.people.set_up_organization`.
    touchpoint
        What the touchpoint is called, in ``language``.
    kind
        What kind of place in the journey it is.
    by, now
        Who answered, and when.

    Returns
    -------
    Touchpoint
        The one whose feedback page is open now.
    """
    set_up_organization(name=name, industry=industry, language=language, time_zone=time_zone, formal=formal, now=now)
    default_scales()
    default_channels()
    publish_instruments(now=now)
    called = dict.fromkeys(LANGUAGES, touchpoint)
    code = slugify(touchpoint)[:60] or "first"
    opened = ensure_touchpoint(code, name=called, kind=kind, unit=top_unit(), now=now)
    if opened.owner is None:
        set_owner(touchpoint=opened, owner=by, by=by, now=now)
    record(kind="installation_started", subject=opened, by=by, now=now)
    return opened


@transaction.atomic
def set_other_ways(*, touchpoint: Touchpoint, words: Mapping[str, str], by: Member, now: datetime) -> None:
    """Say in plain words, by language, how else a customer reaches us from a touchpoint; the same again is nothing."""
    told = {language: text.strip() for language, text in words.items() if language in LANGUAGES and text.strip()}
    if touchpoint.other_ways == told:
        return
    touchpoint.other_ways = told
    touchpoint.save(update_fields=["other_ways"])
    record(kind="touchpoint_ways_set", subject=touchpoint, by=by, now=now)


@transaction.atomic
def set_owner(*, touchpoint: Touchpoint, owner: Member | None, by: Member, now: datetime) -> None:
    """Say who answers for a touchpoint; ``None``: nobody yet. The same owner again changes nothing."""
    if touchpoint.owner == owner:
        return
    touchpoint.owner = owner
    touchpoint.save(update_fields=["owner"])
    record(kind="touchpoint_owner_set", subject=touchpoint, by=by, now=now, owner=owner.pk if owner else None)
