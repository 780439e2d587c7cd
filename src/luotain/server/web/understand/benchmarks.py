"""The register of benchmarks: whose figure, from where, of how many, made how."""

from __future__ import annotations

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
from luotain.server.models.understand import Benchmark
from luotain.server.operations import understand
from luotain.server.operations.understand.benchmarks import (
    KnownAlready,
    Told,
    drop_benchmark,
    register_benchmark,
    registered,
)
from luotain.server.web.access import paths_of
from luotain.server.web.understand.compare import SAMPLING_WORDS
from luotain.server.web.understand.measures import feature_in_words
from luotain.terms import SCALES, ChannelKind, MeasureName, Population, ProgrammeKind
from luotain.understand.compare import Card

_NOT_TOLD: Final = ("", gettext_lazy("the source does not tell"))


def _words(vocabulary: Any) -> list[tuple[str, str]]:
    language = get_language() or "en"
    return [(word.value, word.label(language)) for word in vocabulary]


class BenchmarkForm(forms.Form):
    """A figure with its source and method: without source, year, n and method it is no benchmark."""

    name = forms.CharField(label=gettext_lazy("Whose figure"), max_length=200)
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=300, help_text=gettext_lazy("Where anybody can read it.")
    )
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1990, max_value=2100)
    measure = forms.ChoiceField(label=gettext_lazy("Measure"))
    scale = forms.ChoiceField(label=gettext_lazy("Scale"))
    value = forms.FloatField(
        label=gettext_lazy("Figure"), help_text=gettext_lazy("NPS in points; shares in per cent; means on their scale.")
    )
    n = forms.IntegerField(label=gettext_lazy("Number of answers"), min_value=1, max_value=2_000_000_000)
    population = forms.ChoiceField(label=gettext_lazy("Who was asked"))
    mode = forms.ChoiceField(label=gettext_lazy("Way of asking"), required=False)
    timing = forms.ChoiceField(label=gettext_lazy("Time of asking"), required=False)
    sampling = forms.ChoiceField(label=gettext_lazy("Sampling"), required=False)
    wording = forms.CharField(label=gettext_lazy("Wording of the question"), max_length=500, required=False)
    response_rate = forms.FloatField(label=gettext_lazy("Response rate, %"), min_value=0, max_value=100, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choices: dict[str, Any] = {
            "measure": [(name, name.upper()) for name in understand.measure_names()],
            "scale": [(code, f"{scale.low:g} – {scale.high:g} · {code}") for code, scale in SCALES.items()],
            "population": _words(Population),
            "mode": [_NOT_TOLD, *_words(ChannelKind)],
            "timing": [_NOT_TOLD, *_words(ProgrammeKind)],
            "sampling": [_NOT_TOLD, *SAMPLING_WORDS.items()],
        }
        for name, options in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = options

    def clean(self) -> dict[str, Any]:
        """Refuse a figure that its own scale cannot hold."""
        data = super().clean() or {}
        ends = _ends(data.get("measure", ""), data.get("scale", ""))
        value = data.get("value")
        if value is not None and ends and not ends[0] <= value <= ends[1]:
            self.add_error(
                "value", _("This figure lies between %(low)g and %(high)g.") % {"low": ends[0], "high": ends[1]}
            )
        return data

    def told(self) -> Told:
        """Return what the form tells."""
        data = self.cleaned_data
        rate = data["response_rate"]
        card = Card(
            data["measure"], data["scale"], data["wording"], data["mode"], data["timing"], data["population"],
            data["sampling"], "", None if rate is None else rate / 100,
        )  # fmt: skip
        return Told(data["name"], data["source"], data["year"], data["value"], data["n"], card)


def _ends(measure: str, scale: str) -> tuple[float, float] | None:
    if measure in (MeasureName.NPS, MeasureName.EMOTION):
        return -100, 100
    if measure == MeasureName.CSAT:
        return 0, 100
    return (SCALES[scale].low, SCALES[scale].high) if scale in SCALES else None


@require_http_methods(["GET", "HEAD", "POST"])
def benchmarks(request: HttpRequest) -> HttpResponse:
    """The register, and the form of those who may add to it."""
    member = cast(Member, request.user)
    may_add = bool(paths_of(member.grants(), "benchmark_drop"))
    form = BenchmarkForm(request.POST if request.method == "POST" and may_add else None)
    if form.is_bound and form.is_valid():
        try:
            register_benchmark(
                told=form.told(), language=(get_language() or "en")[:2], by=member, now=timezone.now()
            )  # fmt: skip
            messages.success(request, _("Registered. It stands beside your own figures where the two were made alike."))
            return redirect("benchmarks")
        except KnownAlready:
            form.add_error("name", _("This figure of this source and year is in the register already."))
    rows = [
        (row, feature_in_words("population", row.card.population), feature_in_words("mode", row.card.mode))
        for row in registered()
    ]
    context = {"rows": rows, "form": form if may_add else None, "may_add": may_add}
    return render(request, "understand/benchmark_register.html", context, status=422 if form.is_bound else 200)


@require_POST
def benchmark_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a benchmark out of the register."""
    row = get_object_or_404(Benchmark.objects.select_related("card"), pk=pk)
    drop_benchmark(benchmark=row, by=cast(Member, request.user), now=timezone.now())
    messages.success(request, _("Taken out of the register."))
    return redirect("benchmarks")
