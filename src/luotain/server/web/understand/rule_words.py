"""A programme's rule in plain words, and where the programme stands."""

from __future__ import annotations

from datetime import datetime

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from luotain.listen.rule import Rule, Window
from luotain.server.models.listen import Programme
from luotain.server.models.people import AttributeKind, Tier, Unit
from luotain.server.web.numbers import number
from luotain.terms import ChannelKind, ProgrammeKind


def state_of(programme: Programme, now: datetime) -> str:
    """Return where a programme stands: over, paused, coming or running."""
    if programme.ends_at is not None and programme.ends_at <= now:
        return "over"
    if programme.paused_at is not None:
        return "paused"
    return "coming" if programme.starts_at > now else "running"


def rule_in_words(programme: Programme, rule: Rule) -> list[str]:
    """Return the rule as sentences, in the order in which it acts."""
    if programme.kind == ProgrammeKind.ALWAYS_ON:
        return [_("The form is always open at the touchpoint; nobody is written to.")]
    told = _event(rule) if programme.kind == ProgrammeKind.TRIGGERED else _audience(rule)
    return [sentence for sentence in (*told, *_quotas(programme, rule), *_peace(rule), *_sending(rule)) if sentence]


def _event(rule: Rule) -> list[str]:
    hours = ngettext(
        "The customer is asked %(count)s hour after the event.",
        "The customer is asked %(count)s hours after the event.",
        round(rule.delay_hours),
    ) % {"count": number(rule.delay_hours, 0 if rule.delay_hours == round(rule.delay_hours) else 1)}
    late = ngettext(
        "What is more than %(count)s day past is not asked about.",
        "What is more than %(count)s days past is not asked about.",
        rule.too_late_days,
    ) % {"count": rule.too_late_days}
    return [*_whom(rule), hours, late, _share(rule)]


def _share(rule: Rule) -> str:
    if rule.share >= 1:
        return _("Everybody gets a turn.")
    return _("%(share)s %% are drawn by lot.") % {"share": number(rule.share * 100, 1 if rule.share * 100 % 1 else 0)}


def _whom(rule: Rule) -> list[str]:
    """Return to what the audience is limited, nothing where everybody belongs to it."""
    one = rule.audience
    named = [
        (one.unit and Unit.objects.filter(code=one.unit).first(), _("Customers of %(name)s.")),
        (one.tier and Tier.objects.filter(code=one.tier).first(), _("Customer tier %(name)s.")),
        (one.contact_list, _("Those on the contact list %(name)s.")),
    ]
    told = [words % {"name": thing} for thing, words in named if thing]
    if one.attribute:
        told.append(
            _("Those whose %(attribute)s is %(value)s.") % {"attribute": _called(one.attribute), "value": one.value}
        )
    return told


def _audience(rule: Rule) -> list[str]:
    whom = _whom(rule) or [_("All customers.")]
    most = []
    if rule.sample_size is not None:
        most = [_("At most %(count)s in a wave, drawn by lot.") % {"count": number(rule.sample_size, 0)}]
    new = [_("Those who were never asked are drawn first.")] if rule.newcomers_first else []
    return [*whom, _share(rule), *most, *new]


def _called(code: str) -> str:
    kind = AttributeKind.objects.filter(code=code).first()
    return str((kind.name if kind else {}).get((get_language() or "en")[:2]) or code)


def _quotas(programme: Programme, rule: Rule) -> list[str]:
    if not rule.quotas:
        return []
    parts = ", ".join(
        f"{_('others') if group == '*' else group} {number(most, 0)}" for group, most in rule.quotas.items()
    )
    if programme.kind == ProgrammeKind.WAVES:
        return [_("At most so many of a group in a wave: %(parts)s.") % {"parts": parts}]
    return [
        ngettext(
            "At most so many of a group in %(count)s day: %(parts)s.",
            "At most so many of a group in %(count)s days: %(parts)s.",
            rule.quota_days,
        )
        % {"count": rule.quota_days, "parts": parts}
    ]


def _peace(rule: Rule) -> list[str]:
    told = []
    if rule.quiet_days:
        told.append(
            ngettext(
                "At least %(count)s day of peace after any question.",
                "At least %(count)s days of peace after any question.",
                rule.quiet_days,
            )
            % {"count": rule.quiet_days}
        )
    if rule.same_quiet_days:
        told.append(
            ngettext(
                "At least %(count)s day of peace before the same questions.",
                "At least %(count)s days of peace before the same questions.",
                rule.same_quiet_days,
            )
            % {"count": rule.same_quiet_days}
        )
    return told


def _sending(rule: Rule) -> list[str]:
    language = get_language() or "en"
    ways = [ChannelKind(channel).label(language) for channel in rule.channels]
    by = _("Channel: %(first)s, else %(second)s.") if len(ways) > 1 else _("Channel: %(first)s.")
    told = [by % dict(zip(("first", "second"), ways, strict=False)), _hours(rule.window)]
    if rule.reminders:
        told.append(
            ngettext(
                "The silent are reminded once, after %(days)s days.",
                "The silent are reminded at most %(count)s times, %(days)s days apart.",
                rule.reminders,
            )
            % {"count": rule.reminders, "days": rule.reminder_days}
        )
    else:
        told.append(_("Nobody is reminded."))
    told.append(
        ngettext("The link works for %(count)s day.", "The link works for %(count)s days.", rule.open_days)
        % {"count": rule.open_days}
    )
    if rule.track_opens:
        told.append(_("Mail programs are asked whether the letter was opened."))
    return told


def _hours(window: Window) -> str:
    spans = ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in window.spans())
    days = ", ".join(str(WEEKDAYS_ABBR[day]) for day in sorted(window.weekdays))
    if window.holidays_off:
        return _("Letters go out %(spans)s on the customer's clock, %(days)s, not on public holidays.") % {
            "spans": spans, "days": days,
        }  # fmt: skip
    return _("Letters go out %(spans)s on the customer's clock, %(days)s.") % {"spans": spans, "days": days}


def _clock(minute: int) -> str:
    return (
        f"{minute // 60}.{minute % 60:02d}"
        if (get_language() or "en")[:2] != "en"
        else f"{minute // 60}:{minute % 60:02d}"
    )
