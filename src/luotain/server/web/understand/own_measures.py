"""The company's own measures: declared in a form, tried on the past before they are kept."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from luotain.server.models.people import Member
from luotain.server.models.understand import OwnMeasure
from luotain.server.operations.understand import own
from luotain.server.web.access import paths_of, reach_of
from luotain.server.web.numbers import number
from luotain.server.web.said import sentence
from luotain.terms import LANGUAGES, MeasureName, OwnKind, Scale
from luotain.understand.estimate import as_shown
from luotain.understand.own import Class, Declaration, WrongDeclaration

CLASS_WORDS: Final[dict[str, object]] = {
    "bottom": gettext_lazy("Bottom"),
    "middle": gettext_lazy("Between"),
    "rest": gettext_lazy("The others"),
    "top": gettext_lazy("Top"),
    "all": gettext_lazy("All values"),
}


class OwnMeasureForm(forms.Form):
    """A measure as it is declared: its names, whose answers it counts, and by which rule."""

    name_fi = forms.CharField(label=gettext_lazy("Name in Finnish"), max_length=80, required=False)
    name_sv = forms.CharField(label=gettext_lazy("Name in Swedish"), max_length=80, required=False)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80, required=False)
    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=40,
        help_text=gettext_lazy("For addresses, files and the command line: small letters a–z, digits, underscores."),
    )  # fmt: skip
    answers = forms.ChoiceField(
        label=gettext_lazy("Answers that are counted"),
        help_text=gettext_lazy("A measure that has been answered, on one of its scales."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("What is made of them"))
    top_from = forms.FloatField(
        label=gettext_lazy("The top begins at"), required=False,
        help_text=gettext_lazy("Of a share and a net share: the lowest value that counts as top."),
    )  # fmt: skip
    bottom_to = forms.FloatField(
        label=gettext_lazy("The bottom reaches up to"), required=False,
        help_text=gettext_lazy("Of a net share only: the highest value that counts as bottom."),
    )  # fmt: skip
    #: the rule whose trial stands on the page
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        known, language = own.ground(), get_language() or "en"
        pairs = [(name, scale) for name, scales in known.answered.items() for scale in sorted(scales)]
        cast(forms.ChoiceField, self.fields["answers"]).choices = [
            (f"{name} {scale}", f"{_called(name)} · {_ends(known.scales.get(scale))}")
            for name, scale in pairs
            if name != MeasureName.EMOTION
        ]
        cast(forms.ChoiceField, self.fields["kind"]).choices = [(each.value, each.label(language)) for each in OwnKind]

    def declaration(self) -> Declaration | None:
        """Return what the form declares; what is wrong with it is told at its field."""
        data = self.cleaned_data
        answers, _space, scale = data["answers"].partition(" ")
        told = {
            "code": data["code"], "kind": data["kind"], "answers": answers, "scale": scale,
            "bottom_to": data["bottom_to"], "top_from": data["top_from"],
            "name": {language: data[f"name_{language}"] for language in LANGUAGES},
        }  # fmt: skip
        try:
            return own.checked(told)
        except WrongDeclaration as wrong:
            at = {"scale": "answers", "name": "name_fi"}.get(wrong.field, wrong.field)
            words = sentence(wrong.said)
            self.add_error(at if at in self.fields else None, words[:1].upper() + words[1:] + ".")
            return None


def _called(name: str) -> str:
    words = own.words_of(name)
    return words[:1].upper() + words[1:]


def _ends(scale: Scale | None) -> str:
    return f"{scale.low:g}–{scale.high:g}" if scale else "–"


def _initial(row: OwnMeasure | None) -> dict[str, Any]:
    if row is None:
        return {"kind": OwnKind.SHARE}
    rule = row.rule
    names = {f"name_{language}": row.name.get(language, "") for language in LANGUAGES}
    return {**rule, **names, "code": row.code, "answers": f"{rule['answers']} {rule['scale']}"}


@require_http_methods(["GET", "HEAD", "POST"])
def own_measures(request: HttpRequest) -> HttpResponse:
    """The company's own measures, and the form of those who may declare them."""
    member = cast(Member, request.user)
    may_declare = bool(paths_of(member.grants(), "own_measure_drop"))
    form, trial = _form(request, may_declare), None
    if form is not None and form.is_bound and form.is_valid() and (declaration := form.declaration()):
        seen = json.dumps(declaration.rule(), sort_keys=True)
        if "keep" in request.POST and form.cleaned_data["seen"] == seen:
            own.declare(declarations=[declaration], by=member, now=timezone.now())
            messages.success(request, _("Kept. It counts everywhere from now on, also in what was answered before."))
            return redirect("own_measures")
        form.data = {**request.POST.dict(), "seen": seen}
        trial = _trial(request, declaration)
    context = {"lines": _lines(request), "form": form, "may_declare": may_declare, "trial": trial}
    return render(
        request, "understand/own_measures.html", context, status=422 if form is not None and form.errors else 200
    )


def _form(request: HttpRequest, may_declare: bool) -> OwnMeasureForm | None:
    if not may_declare:
        return None
    if request.method == "POST":
        return OwnMeasureForm(request.POST)
    return OwnMeasureForm(initial=_initial(OwnMeasure.objects.filter(code=request.GET.get("code", "")).first()))


def _lines(request: HttpRequest) -> list[dict[str, Any]]:
    language = get_language() or "en"
    return [
        {
            "row": line.row,
            "cell": line.cell,
            "answers": _called(line.declaration.answers),
            "ends": _ends(line.scale),
            "kind": OwnKind(line.declaration.kind).label(language),
            "classes": _classes(line.declaration, line.scale),
        }
        for line in own.own_measures(reach=reach_of(request), now=timezone.now())
    ]


def _classes(declaration: Declaration, scale: Scale) -> list[tuple[object, str]]:
    return [(_class_word(declaration, each), _values(each, scale)) for each in declaration.classes(scale)]


def _class_word(declaration: Declaration, each: Class) -> object:
    shared = declaration.kind == OwnKind.SHARE and each.name == "middle"
    return CLASS_WORDS["rest" if shared else each.name]


def _values(each: Class, scale: Scale) -> str:
    """Return the values of a class in words: "1–3", "above 3 and below 6", "6–7"."""
    low, high = f"{each.low:g}", f"{each.high:g}"
    if each.open_low and each.open_high:
        return _("above %(low)s and below %(high)s") % {"low": low, "high": high}
    if each.open_high:
        return _("below %(high)s") % {"high": high}
    return low if each.low == each.high else f"{low}–{high}"


def _trial(request: HttpRequest, declaration: Declaration) -> dict[str, Any]:
    found = own.trial(declaration, reach=reach_of(request), now=timezone.now())
    scale = own.ground().scales[declaration.scale]
    n = sum(count for _each, count in found.classes)
    rows = [
        (_class_word(declaration, each), _values(each, scale), count, count / n if n else None)
        for each, count in found.classes
    ]
    return {
        "start": found.start, "end": found.end, "n": n, "rows": rows if n >= _ENOUGH else [],
        "before": as_shown(found.before) if found.before else None, "after": as_shown(found.after),
        "fewest": number(_ENOUGH, 0),
    }  # fmt: skip


#: fewer answers than this are not told by class
_ENOUGH: Final = 10


@require_POST
def own_measure_drop(request: HttpRequest, code: str) -> HttpResponse:
    """Withdraw one of the company's own measures."""
    row = get_object_or_404(OwnMeasure, code=code)
    own.withdraw(measure=row, by=cast(Member, request.user), now=timezone.now())
    messages.success(request, _("Withdrawn. The answers stay as they were."))
    return redirect("own_measures")
