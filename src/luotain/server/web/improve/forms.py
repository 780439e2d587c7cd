"""The forms of improving: every field explains itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from luotain.server.models.improve import Action
from luotain.server.models.listen import Touchpoint
from luotain.server.operations.improve.shown import reachable_touchpoints
from luotain.server.operations.people import own_zone
from luotain.terms import LANGUAGES, EffectMethod, Emotion, MeasureName


def _language() -> str:
    return (get_language() or "en")[:2]


class ActionForm(forms.Form):
    """What will be done, and what is expected of it."""

    field_order = (
        "title", "why", "touchpoint", "measure", "expected_effect", "minimum_interesting", "label", "method",
        "control_touchpoint", "before_weeks", "after_weeks", "starts_on", "triggered_by_bad_week",
        "brings_technology", "customer_reason",
    )  # fmt: skip
    #: a draft may lack these, a registration may not
    for_registering = ("expected_effect", "minimum_interesting", "starts_on", "control_touchpoint")

    title = forms.CharField(
        max_length=120, label=_("What will be done"), help_text=_("A name that customers would understand too.")
    )
    why = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), label=_("Why"),
        help_text=_("What customers said that led to this."),
    )  # fmt: skip
    touchpoint: forms.ModelChoiceField[Touchpoint] = forms.ModelChoiceField(
        None, label=_("Where it is done"), empty_label=_("choose"),
        help_text=_("The touchpoint whose figure should change."),
    )  # fmt: skip
    measure = forms.ChoiceField(
        label=_("What should change"), help_text=_("One measure. Others may be looked at, but this one is promised.")
    )
    label = forms.ChoiceField(
        required=False, label=_("Which emotion"), help_text=_("Only where the measure is emotion.")
    )
    method = forms.ChoiceField(
        label=_("How it will be told"),
        help_text=_("A control shows what would have happened anyway. "
            "Without one the effect stays “observed, not verified”."),
    )  # fmt: skip
    control_touchpoint: forms.ModelChoiceField[Touchpoint] = forms.ModelChoiceField(
        None, required=False, label=_("Control: where nothing is done"), empty_label=_("choose"),
        help_text=_("A touchpoint that moves like the first one, and where nothing else is changed meanwhile."),
    )  # fmt: skip
    expected_effect = forms.FloatField(
        required=False, min_value=-200, max_value=200, label=_("Expected change"),
        help_text=_("In the measure's own unit: points for NPS, percentage points for CSAT and emotions. "
            "Less of something: a negative number."),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip
    minimum_interesting = forms.FloatField(
        required=False, min_value=0, max_value=200, label=_("Smallest change worth the work"),
        help_text=_("Below this you would not do it again."), widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip
    starts_on = forms.DateField(
        required=False, label=_("Starts"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The first day. Registering is possible only before it."),
    )  # fmt: skip
    before_weeks = forms.IntegerField(
        min_value=1, max_value=104, initial=26, label=_("Weeks before"),
        help_text=_("How far back the comparison looks: at least 8."),
    )  # fmt: skip
    after_weeks = forms.IntegerField(
        min_value=1, max_value=104, initial=26, label=_("Weeks after"),
        help_text=_("When the verdict is given: at least 6. More weeks tell smaller effects."),
    )  # fmt: skip
    triggered_by_bad_week = forms.BooleanField(
        required=False, label=_("A bad week made us act"),
        help_text=_("After a bad week the next ones are better by themselves. "
            "The four weeks before the start are then left out."),
    )  # fmt: skip
    brings_technology = forms.BooleanField(required=False, label=_("It brings new technology to the customer"))
    customer_reason = forms.CharField(
        required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        label=_("The customer's reason for it"),
        help_text=_("Needed when it brings technology: what does the customer gain?"),
    )  # fmt: skip

    def __init__(self, *args: Any, reach: Iterable[str], action: Action | None = None, **options: Any) -> None:
        self.action = action
        if action and "initial" not in options:
            options["initial"] = self._from(action)
        super().__init__(*args, **options)
        points = reachable_touchpoints(reach)
        for name in ("touchpoint", "control_touchpoint"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = points
        language = _language()
        self._choose("measure", [(m.value, m.label(language)) for m in MeasureName])
        self._choose("label", [("", "–"), *((e.value, e.label(language)) for e in Emotion if e.asked)])
        self._choose("method", [(m.value, m.label(language)) for m in EffectMethod])

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @staticmethod
    def _from(action: Action) -> dict[str, Any]:
        names = (
            "why", "measure", "label", "method", "expected_effect", "minimum_interesting", "before_weeks",
            "after_weeks", "triggered_by_bad_week", "brings_technology", "customer_reason",
        )  # fmt: skip
        start = action.starts_at.astimezone(own_zone()).date() if action.starts_at else None
        return {
            **{name: getattr(action, name) for name in names},
            "title": str(action), "touchpoint": action.touchpoint_id, "starts_on": start,
            "control_touchpoint": action.control_touchpoint_id,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Hold the fields against each other; the registration itself checks the rest."""
        data = super().clean() or {}
        if data.get("brings_technology") and not data.get("customer_reason", "").strip():
            self.add_error("customer_reason", _("Name the customer's reason: technology alone is none."))
        if data.get("label") and data.get("measure") != MeasureName.EMOTION:
            self.add_error("label", _("Choose an emotion only where the measure is emotion."))
        if data.get("method") == EffectMethod.BEFORE_AFTER:
            data["control_touchpoint"] = None
        return data

    def details(self) -> dict[str, Any]:
        """Return the fields of the action; the title in the reader's language, the start as midnight there."""
        data = dict(self.cleaned_data)
        first = data.pop("starts_on")
        kept = dict(self.action.title) if self.action else {}
        data["title"] = {**kept, _language(): data["title"]}
        data["starts_at"] = datetime.combine(first, time(), own_zone()) if first else None
        return data


class NoticeForm(forms.Form):
    """What customers said and what was done, in as many of the three languages as there are readers."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        words = {"fi": _("in Finnish"), "sv": _("in Swedish"), "en": _("in English")}
        for language in LANGUAGES:
            for name in ("said", "did"):
                field = forms.CharField(
                    required=False, max_length=600, label=words[language],
                    widget=forms.Textarea(attrs={"rows": 3, "lang": language}),
                )  # fmt: skip
                self.fields[f"{name}_{language}"] = field

    def texts(self, name: str) -> dict[str, str]:
        """Return the texts of "said" or "did" by language, empty ones left out."""
        found = {language: self.cleaned_data.get(f"{name}_{language}", "").strip() for language in LANGUAGES}
        return {language: text for language, text in found.items() if text}

    def clean(self) -> dict[str, Any]:
        """Ask for both texts in at least one language, the same one."""
        data = super().clean() or {}
        if not any(data.get(f"said_{code}") and data.get(f"did_{code}") for code in LANGUAGES):
            raise forms.ValidationError(_("Write what was said and what was done in at least one language."))
        return data

    def pairs(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Return the fields language by language."""
        return [(code, self[f"said_{code}"], self[f"did_{code}"]) for code in LANGUAGES]


class GoalForm(forms.Form):
    """Where a measure should be."""

    measure = forms.ChoiceField(label=_("Measure"))
    label = forms.ChoiceField(required=False, label=_("Which emotion"))
    touchpoint: forms.ModelChoiceField[Touchpoint] = forms.ModelChoiceField(
        None, label=_("Touchpoint"), empty_label=_("choose")
    )
    direction = forms.TypedChoiceField(
        label=_("Should be"), coerce=int, choices=((1, _("at least")), (-1, _("at most")))
    )
    target = forms.FloatField(
        min_value=-100, max_value=100, label=_("Target"), widget=forms.NumberInput(attrs={"step": "any"})
    )
    due_date = forms.DateField(
        required=False, label=_("By"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, reach: Iterable[str], **options: Any) -> None:
        super().__init__(*args, **options)
        language = _language()
        self.fields["measure"].choices = [(m.value, m.label(language)) for m in MeasureName]  # type: ignore[attr-defined]
        emotions = [(e.value, e.label(language)) for e in Emotion if e.asked]
        self.fields["label"].choices = [("", "–"), *emotions]  # type: ignore[attr-defined]
        self.fields["touchpoint"].queryset = reachable_touchpoints(reach)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """An emotion belongs to the emotion measure only."""
        data = super().clean() or {}
        if data.get("label") and data.get("measure") != MeasureName.EMOTION:
            self.add_error("label", _("Choose an emotion only where the measure is emotion."))
        return data
