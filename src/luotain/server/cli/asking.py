"""``luotain invite`` and ``luotain why``: ask customers by a programme's rule, and tell why they were asked or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luotain.server.cli.setup import ready, stop

if TYPE_CHECKING:
    from datetime import datetime

    from luotain.server.models.listen import Programme, Wave
    from luotain.server.models.people import Customer
    from luotain.server.operations.listen.fieldwork import Tried, Why

_CODE = typer.Argument(help="The programme's code, as on its page.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(invite)
    app.command("why")(why)


def invite(
    programme: Annotated[str, _CODE],
    customer: Annotated[str, typer.Option(help="Ask this one: customer number, e-mail, phone or id.")] = "",
    contact_list: Annotated[str, typer.Option("--list", help="Open a wave that asks those on this list.")] = "",
    wave: Annotated[bool, typer.Option("--wave", help="Open a wave that asks the programme's own audience.")] = False,
    days: Annotated[int, typer.Option(min=1, max=365, help="How long a new wave stays open.")] = 14,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell who would be asked, and ask nobody.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Ask customers by a programme's rule. A wave that is under way is gone on with; nobody is asked twice."""
    ready()
    from django.utils import timezone

    rule, now = _programme(programme), timezone.now()
    if customer:
        told = _ask_one(rule, _customer(customer), now, dry_run)
    elif dry_run:
        told = _rehearse(rule, contact_list, now)
    elif wave or contact_list:
        told = _run_wave(rule, contact_list, days, now, quiet=as_json)
    else:
        raise stop("Say whom to ask: --customer, --list or --wave; or --dry-run to see who would be asked.")
    _print(told, as_json)


def _programme(code: str) -> Programme:
    from luotain.server.models.listen import Programme

    rows = Programme.objects.select_related("instrument", "touchpoint")
    found = rows.filter(code=code).first()
    if found is None:
        known = ", ".join(rows.order_by("code").values_list("code", flat=True)[:20])
        raise stop(f"There is no programme {code!r}. There are: {known or 'none yet'}.")
    return found


def _customer(name: str) -> Customer:
    from luotain.server.operations.listen.fieldwork import customer_called

    found = customer_called(name)
    if found is None:
        raise stop("There is no customer with this number, e-mail address, phone number or id.")
    return found


def _ask_one(programme: Programme, customer: Customer, now: datetime, dry_run: bool) -> dict[str, Any]:
    from luotain.server.operations.listen import fieldwork

    if dry_run:
        decision = fieldwork.may_be_asked_by(programme=programme, customer=customer, now=now)
        whys = [hindered.why for hindered in decision.hindrances]
    else:
        try:
            fieldwork.invite(programme=programme, customer=customer, now=now)
            whys = []
        except fieldwork.MayNotBeAsked as problem:
            whys = [hindered.why for hindered in problem.decision.hindrances]
    hindered = {why.value: 1 for why in whys[:1]}
    return {"programme": programme.code, "asked": 0 if whys else 1, "hindered": hindered, "dry_run": dry_run}


def _rehearse(programme: Programme, contact_list: str, now: datetime) -> dict[str, Any]:
    from luotain.listen.rule import WrongRule
    from luotain.server.operations.listen import fieldwork

    try:
        tried: Tried = fieldwork.rehearse_programme(programme=programme, contact_list=contact_list, now=now)
    except WrongRule as problem:
        raise stop(problem) from None
    found = tried.found
    return {
        "programme": programme.code,
        "interactions": found.interactions,
        "people": found.people,
        "never_asked_before": tried.newcomers,
        "asked": len(found.asked),
        "hindered": {why.value: count for why, count in found.hindered.items()},
        "cut": tried.cut,
        "dry_run": True,
    }


def _run_wave(programme: Programme, contact_list: str, days: int, now: datetime, *, quiet: bool) -> dict[str, Any]:
    from luotain.listen.rule import WrongRule
    from luotain.server.models.listen import Asking
    from luotain.server.operations.listen import fieldwork

    wave = fieldwork.wave_under_way(programme=programme, now=now)
    if wave is None:
        try:
            wave = fieldwork.open_wave(
                programme=programme, opens_at=now, closes_at=now + timedelta(days=days), contact_list=contact_list,
                by=None, now=now,
            )  # fmt: skip
        except (WrongRule, fieldwork.NotNow) as problem:
            raise stop(problem) from None
    fieldwork.draw_wave(wave=wave, now=now)
    _decide(programme, wave, now, quiet)
    turns = Asking.objects.filter(wave=wave)
    return {
        "programme": programme.code,
        "wave": wave.number,
        "asked": turns.exclude(invitation=None).count(),
        "waiting": turns.filter(decided_at=None).count(),
        "hindered": fieldwork.hindered(turns),
        "dry_run": False,
    }


def _decide(programme: Programme, wave: Wave, now: datetime, quiet: bool) -> None:
    from luotain.server.operations.listen import fieldwork

    done = 0
    while taken := fieldwork.ask_due(now=now, programme=programme):
        done += taken
        if not quiet:
            typer.echo(f"wave {wave.number}: {done:,} looked at …", err=True)


def _print(told: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    from luotain.terms import Hindrance

    would = "would be asked" if told["dry_run"] else "asked"
    of = f" of {told['people']:,} people" if "people" in told else ""
    about = f" ({told['interactions']:,} interactions of the last 30 days)" if told.get("interactions") else ""
    typer.echo(f"{told['programme']}: {told['asked']:,}{of} {would}{about}")
    if "never_asked_before" in told:
        typer.echo(f"{told['never_asked_before']:,} of the people have never been asked anything")
    if told.get("waiting"):
        typer.echo(f"{told['waiting']:,} wait for their hour; the loop asks them then")
    for code, count in sorted(told["hindered"].items(), key=lambda pair: -pair[1]):
        typer.echo(f"{count:,} not: {Hindrance(code).en}")
    if told.get("cut"):
        typer.echo("There was more than a dry run looks at: these are the newest.")


def why(
    customer: Annotated[str, typer.Argument(help="Customer number, e-mail address, phone number or id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Tell why a customer was asked or not asked, by which programme and when, and when she may be asked next."""
    ready()
    from django.utils import timezone

    from luotain.server.operations.listen import fieldwork

    told = fieldwork.why(customer=_customer(customer), now=timezone.now())
    assert told is not None  # the command line reaches everything
    if as_json:
        typer.echo(json.dumps(fieldwork.why_as_json(told), ensure_ascii=False, indent=2))
    else:
        _tell(told)


def _tell(told: Why) -> None:
    from luotain.server.operations.people import own_zone

    zone = own_zone()
    typer.echo(f"Customer {told.customer.pk}")
    for line in told.lines:
        where = f" (wave {line.wave})" if line.wave else f" ({line.touchpoint.code})" if line.touchpoint else ""
        what = "waits" if line.waiting else "asked" if line.asked else "not asked"
        because = "; ".join(why.en for why in line.hindrances)
        answered = ", answered" if line.completed else ", began to answer" if line.started else ""
        reminded = f", reminded {line.reminders}×" if line.reminders else ""
        until = f", until {line.until.astimezone(zone):%Y-%m-%d}" if line.until else ""
        at = f"{line.at.astimezone(zone):%Y-%m-%d %H:%M}"
        reason = f": {because}{until}" if because else ""
        typer.echo(f"{at}  {line.programme.code}{where}: {what}{reason}{reminded}{answered}")
    if not told.lines:
        typer.echo("No programme has selected this customer yet.")
    for one in told.ahead:
        decision = one.decision
        because = "; ".join(hindered.why.en for hindered in decision.hindrances)
        when = (
            "may be asked now" if one.now
            else f"not before {decision.until.astimezone(zone):%Y-%m-%d}: {because}" if decision.until
            else f"not until this has changed: {because}"
        )  # fmt: skip
        typer.echo(f"next  {one.programme.code}: {when}")
