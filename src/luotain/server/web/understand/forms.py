"""The forms of programmes: every field explains itself, and becomes a part of the rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from luotain.listen.rule import Rule, WrongRule, read_rule
from luotain.server.models.listen import ContactList, Instrument, Programme, Touchpoint
from luotain.server.models.people import AttributeKind, Tier, Unit, in_reach
from luotain.server.operations.listen.fieldwork import Plan
from luotain.server.operations.people import own_zone
from luotain.server.web.said import sentence
from luotain.terms import ProgrammeKind

_HOURS = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_CHANNELS = (
    ("email", _("e-mail")),
    ("email,sms", _("e-mail, else text message")),
    ("sms,email", _("text message, else e-mail")),
    ("sms", _("text message")),
)
#: field of the form -> field of the rule, where they differ
_OF_RULE = {
    "share": "share",
    "opens": "window.opens",
    "closes": "window.closes",
    "weekdays": "window.weekdays",
    "holidays_off": "window.holidays_off",
    "quiet_from": "window.quiet_from",
    "quiet_to": "window.quiet_to",
    "unit": "audience.unit",
    "tier": "audience.tier",
    "attribute": "audience.attribute",
    "value": "audience.value",
    "contact_list": "audience.contact_list",
}


#: what the form and the rule call alike
_PLAIN = (
    "delay_hours", "too_late_days", "sample_size", "newcomers_first", "segment", "quotas", "quota_days", "quiet_days",
    "same_quiet_days", "reminders", "reminder_days", "open_days", "track_opens",
)  # fmt: skip
_NAMED = ("unit", "tier", "attribute", "contact_list")
_EVENT = ("delay_hours", "too_late_days", "quota_days")
_SAMPLE = ("sample_size", "newcomers_first")
#: what a programme of a kind has no use for
_IDLE = {
    ProgrammeKind.TRIGGERED: _SAMPLE,
    ProgrammeKind.WAVES: _EVENT,
    ProgrammeKind.ALWAYS_ON: (
        *_PLAIN, "share", *_NAMED, "value", "channels", "opens", "closes", "quiet_from", "quiet_to",
        "weekdays", "holidays_off",
    ),
}  # fmt: skip


def _language() -> str:
    return (get_language() or "en")[:2]


class ProgrammeForm(forms.Form):
    """Whom to ask, when and how often."""

    name = forms.CharField(max_length=80, label=_("Name"), help_text=_("As colleagues call it."))
    touchpoint: forms.ModelChoiceField[Touchpoint] = forms.ModelChoiceField(
        None, required=False, label=_("Touchpoint"), empty_label=_("none"),
        help_text=_("What is asked about. Only waves can do without one."),
    )  # fmt: skip
    instrument: forms.ModelChoiceField[Instrument] = forms.ModelChoiceField(
        None, label=_("Questionnaire"), empty_label=_("choose")
    )
    ends_on = forms.DateField(
        required=False, widget=_DAY, label=_("Last day"), help_text=_("Without one it goes on until you close it.")
    )

    delay_hours = forms.FloatField(
        min_value=0, initial=24, label=_("Hours after the event"), help_text=_("Long enough to know how it went.")
    )
    too_late_days = forms.IntegerField(
        initial=14, label=_("Too late after days"), help_text=_("What is longer past is not asked about.")
    )
    share = forms.FloatField(
        min_value=0, max_value=100, initial=100, label=_("Share drawn, %"), help_text=_("Drawn by lot, each time.")
    )
    sample_size = forms.IntegerField(
        required=False, min_value=1, label=_("At most so many in a wave"), help_text=_("Empty: everybody drawn.")
    )
    newcomers_first = forms.BooleanField(
        required=False, label=_("Draw those first who were never asked"),
        help_text=_("Hears new voices; the sample is then no longer an even one."),
    )  # fmt: skip

    unit: forms.ModelChoiceField[Unit] = forms.ModelChoiceField(
        None, required=False, to_field_name="code", label=_("Customers of"), empty_label=_("the whole organization")
    )
    tier: forms.ModelChoiceField[Tier] = forms.ModelChoiceField(
        None, required=False, to_field_name="code", label=_("Customer tier"), empty_label=_("every tier")
    )
    contact_list: forms.ModelChoiceField[ContactList] = forms.ModelChoiceField(
        None, required=False, to_field_name="code", label=_("Contact list"), empty_label=_("everybody")
    )
    attribute: forms.ModelChoiceField[AttributeKind] = forms.ModelChoiceField(
        None, required=False, to_field_name="code", label=_("With the attribute"), empty_label=_("any")
    )
    value = forms.CharField(required=False, max_length=200, label=_("that is"))

    segment = forms.ChoiceField(
        required=False, label=_("Groups"), help_text=_("Quotas and response rates are counted by group.")
    )
    quotas = forms.CharField(
        required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), label=_("Quotas"),
        help_text=_("A group and its highest number on each line, as gold: 100. A line with * is for all others."),
    )  # fmt: skip
    quota_days = forms.IntegerField(
        initial=30, label=_("Quotas count so many days"), help_text=_("In waves: the whole wave.")
    )
    quiet_days = forms.IntegerField(
        initial=0, label=_("Days of peace after any question"),
        help_text=_("Added peace: the organization's own always holds."),
    )  # fmt: skip
    same_quiet_days = forms.IntegerField(initial=0, label=_("Days of peace before the same questions"))

    channels = forms.ChoiceField(choices=_CHANNELS, initial="email", label=_("Sent by"))
    opens = forms.TimeField(
        widget=_HOURS, initial=time(9), label=_("Sent from"), help_text=_("On the customer's clock.")
    )
    closes = forms.TimeField(widget=_HOURS, initial=time(20), label=_("Sent until"))
    quiet_from = forms.TimeField(widget=_HOURS, initial=time(21), label=_("Quiet from"))
    quiet_to = forms.TimeField(widget=_HOURS, initial=time(8), label=_("Quiet until"))
    weekdays = forms.TypedMultipleChoiceField(
        coerce=int, widget=forms.CheckboxSelectMultiple, initial=[0, 1, 2, 3, 4, 5], label=_("On these days")
    )
    holidays_off = forms.BooleanField(required=False, initial=True, label=_("Not on public holidays"))

    reminders = forms.IntegerField(
        initial=0, min_value=0, label=_("Reminders at most"), help_text=_("Only the silent are reminded.")
    )
    reminder_days = forms.IntegerField(initial=4, label=_("Days before a reminder"))
    open_days = forms.IntegerField(initial=30, label=_("The link works for days"))
    track_opens = forms.BooleanField(
        required=False, label=_("Ask mail programs whether a letter was opened"),
        help_text=_("Says little and watches the customer. Never with anonymous questionnaires."),
    )  # fmt: skip

    #: what stands together on the page
    parts = (
        (_("What is asked"), ("name", "touchpoint", "instrument", "ends_on")),
        (_("After an event"), ("delay_hours", "too_late_days")),
        (_("Whom"), ("share", "sample_size", "newcomers_first", "unit", "tier", "contact_list", "attribute", "value")),
        (_("How often"), ("quiet_days", "same_quiet_days", "segment", "quota_days", "quotas")),
        (
            _("When letters go out"),
            ("channels", "opens", "closes", "quiet_from", "quiet_to", "weekdays", "holidays_off"),
        ),
        (_("Afterwards"), ("reminders", "reminder_days", "open_days", "track_opens")),
    )

    def __init__(
        self, *args: Any, kind: ProgrammeKind, reach: tuple[str, ...], programme: Programme | None = None,
        **options: Any,
    ) -> None:  # fmt: skip
        options["initial"] = {**(_initial(programme) if programme else {}), **options.get("initial", {})}
        super().__init__(*args, **options)
        self.programme, self.kind = programme, kind
        for name in _IDLE[kind]:
            del self.fields[name]
        self._offer(reach)

    def _offer(self, reach: tuple[str, ...]) -> None:
        """Fill in what can be chosen."""
        language = _language()
        kinds = AttributeKind.objects.order_by("code")
        querysets: dict[str, Any] = {
            "touchpoint": Touchpoint.objects.filter(in_reach(reach)),
            "instrument": _instruments(self.programme),
            "unit": Unit.objects.filter(closed_at=None),
            "tier": Tier.objects.all(),
            "contact_list": ContactList.objects.order_by("-created_at", "code"),
            "attribute": kinds,
        }
        fixed = [("", _("none")), ("tier", _("Customer tier")), ("unit", _("Unit")), ("language", _("Language"))]
        choices: dict[str, Any] = {
            "segment": [*fixed, *((one.code, one.name.get(language) or one.code) for one in kinds)],
            "weekdays": list(WEEKDAYS.items()),
        }
        for name, field in self.fields.items():
            if name in querysets:
                field.queryset = querysets[name]  # type: ignore[attr-defined]
            if name in choices:
                field.choices = choices[name]  # type: ignore[attr-defined]

    def grouped(self) -> list[tuple[object, list[forms.BoundField]]]:
        """Return the fields part by part under their headings; parts of which nothing is asked are left out."""
        told = [(title, [self[name] for name in names if name in self.fields]) for title, names in self.parts]
        return [(title, fields) for title, fields in told if fields]

    def clean_quotas(self) -> dict[str, int]:
        """Read the lines of the quotas."""
        quotas = {}
        for line in self.cleaned_data["quotas"].splitlines():
            group, _colon, most = (part.strip() for part in line.rpartition(":"))
            if not line.strip():
                continue
            if not group or not most.isascii() or not most.isdigit() or len(most) > 7:
                raise forms.ValidationError(_("Write a group, a colon and a number on each line, as gold: 100."))
            quotas[group] = int(most)
        return quotas

    def clean(self) -> dict[str, Any]:
        """Read the rule; what does not fit is said at its field."""
        data = super().clean() or {}
        if not self.errors:
            try:
                data["rule"] = read_rule(_rule_of(data))
            except WrongRule as wrong:
                self.refuse(wrong)
        return data

    def refuse(self, wrong: WrongRule) -> None:
        """Say at its field what the operation refused."""
        of_rule = {rule: field for field, rule in _OF_RULE.items()}
        name = wrong.field.partition(".")[0] if wrong.field.startswith("quotas") else wrong.field
        name = {"window": "closes", "ends_at": "ends_on", **of_rule}.get(name, name)
        self.add_error(name if name in self.fields else None, sentence(wrong.said))

    def plan(self, *, now: datetime) -> Plan:
        """Return the plan that the form tells; the name is kept in the reader's language."""
        data, old = self.cleaned_data, self.programme
        last: date | None = data["ends_on"]
        return Plan(
            name={**(old.name if old else {}), _language(): data["name"]},
            kind=self.kind,
            instrument=data["instrument"],
            touchpoint=data["touchpoint"],
            rule=data["rule"],
            starts_at=old.starts_at if old else now,
            ends_at=datetime.combine(last, time(23, 59, 59), own_zone()) if last else None,
        )

    def code(self) -> str:
        """Return a free code made of the name."""
        stem = slugify(self.cleaned_data["name"])[:50] or "programme"
        taken = set(Programme.objects.filter(code__startswith=stem).values_list("code", flat=True)) | {"new", "peace"}
        return next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if code not in taken)


def _instruments(programme: Programme | None) -> Any:
    """Return the newest published version of each questionnaire, and the one that the programme has."""
    published = Instrument.objects.filter(published_at__isnull=False, retired_at=None)
    newest: dict[str, int] = dict(published.order_by("version").values_list("code", "pk"))
    wanted = {*newest.values(), *({programme.instrument_id} if programme else set())}
    return Instrument.objects.filter(pk__in=wanted).order_by("code")


def _rule_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was asked of the rule as plain values; what was not asked keeps its default."""
    rule: dict[str, Any] = {name: data[name] for name in _PLAIN if name in data}
    if "share" in data:
        rule["share"] = round(data["share"] / 100, 6)
    if "channels" in data:
        rule["channels"] = data["channels"].split(",")
    if "opens" in data:
        clocks = {name: f"{data[name]:%H:%M}" for name in ("opens", "closes", "quiet_from", "quiet_to")}
        rule["window"] = {**clocks, "weekdays": data["weekdays"], "holidays_off": data["holidays_off"]}
    if "unit" in data:
        named = {name: data[name].code if data[name] else "" for name in _NAMED}
        rule["audience"] = {**named, "value": data["value"] if named["attribute"] else ""}
    return rule


def _initial(programme: Programme) -> dict[str, Any]:
    rule: Rule = read_rule(programme.rule)
    window, audience = rule.window, rule.audience
    return {
        **{name: getattr(rule, name) for name in _PLAIN if name != "quotas"},
        **{name: getattr(window, name) for name in ("opens", "closes", "quiet_from", "quiet_to", "holidays_off")},
        **{name: getattr(audience, name) for name in ("unit", "tier", "attribute", "value", "contact_list")},
        "name": str(programme),
        "touchpoint": programme.touchpoint_id,
        "instrument": programme.instrument_id,
        "ends_on": programme.ends_at.astimezone(own_zone()).date() if programme.ends_at else None,
        "share": round(rule.share * 100, 4),
        "quotas": "\n".join(f"{group}: {most}" for group, most in rule.quotas.items()),
        "weekdays": sorted(window.weekdays),
        "channels": ",".join(rule.channels),
    }


class WaveForm(forms.Form):
    """When a wave opens and closes, and whom it asks."""

    opens_on = forms.DateField(required=False, widget=_DAY, label=_("Opens"), help_text=_("Empty: at once."))
    closes_on = forms.DateField(widget=_DAY, label=_("Last day"))
    contact_list: forms.ModelChoiceField[ContactList] = forms.ModelChoiceField(
        None, required=False, label=_("Only those on"), empty_label=_("the programme's own audience")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["contact_list"].queryset = ContactList.objects.order_by("-created_at", "code")

    def times(self, now: datetime) -> tuple[datetime, datetime]:
        """Return when the wave opens and closes."""
        first, last, zone = self.cleaned_data["opens_on"], self.cleaned_data["closes_on"], own_zone()
        opens_at = datetime.combine(first, time(), zone) if first else now
        return max(opens_at, now), datetime.combine(last, time(23, 59, 59), zone)


class PeaceForm(forms.Form):
    """Days of peace that every customer has, whatever any programme says."""

    days = forms.IntegerField(min_value=0, max_value=3650, label=_("Days after any question"))
    same = forms.IntegerField(min_value=0, max_value=3650, label=_("Days before the same questions"))


class WhyForm(forms.Form):
    """Whose asking is told."""

    customer = forms.CharField(
        max_length=254, label=_("Customer"), help_text=_("Customer number, e-mail address, phone number or id.")
    )
