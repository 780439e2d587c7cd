"""Webhooks: the address that other systems call, and the pages where a person says what their questions are here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luotain.listen.hooks import ADAPTERS
from luotain.listen.hooks.decide import Decision, decisions
from luotain.listen.hooks.delivery import BadSignature, Nature, NotReadable
from luotain.server.models.base import in_language
from luotain.server.models.listen import Channel, Hook, HookQuestion, ScaleRow, Touchpoint
from luotain.server.models.people import Member, Unit
from luotain.server.operations.listen import hooks as operations
from luotain.server.web.said import sentence
from luotain.terms import AnswerUse, Aspect, HookKind, IdentifierKind, MeasureName, Purpose, Vocabulary

#: bytes of one delivery at most
LARGEST = 2_000_000
#: of one minute at most, in one web process: deliveries of one webhook, and wrong signatures of one caller
_MOST_OF_HOOK = 6_000
_MOST_UNSIGNED = 60
_USUAL = {
    Nature.DECLARED.value: AnswerUse.MEASURE,
    Nature.WORDS.value: AnswerUse.WORDS,
    Nature.EMAIL.value: AnswerUse.IDENTIFIER,
    Nature.PHONE.value: AnswerUse.IDENTIFIER,
}


@csrf_exempt
@require_POST
@sensitive_variables()
def hook_in(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Take in what another system delivers.

    Answers 200 with what became of it, also for a second copy and for events that mean nothing here; 400 for a body
    that is not the sender's JSON, 401 for a wrong signature or address, 413 for too much and 429 for too many.
    """
    # Only what is rightly signed counts against a webhook: a stranger cannot use up what is its sender's.
    if _counted(f"hook:{public_id}") >= _MOST_OF_HOOK:
        return _too_many()
    try:
        body = request.body if int(request.headers.get("Content-Length") or 0) <= LARGEST else None
    except (RequestDataTooBig, ValueError):
        body = None
    if body is None or len(body) > LARGEST:
        return _refused(413, f"The body is too large: at most {LARGEST} bytes are taken.")
    try:
        taken = operations.take_delivery(
            kind=kind, public_id=public_id, body=body, headers=request.headers, now=timezone.now()
        )
    except (BadSignature, operations.NoSuchHook):
        if _more(f"hook:unsigned:{request.META.get('REMOTE_ADDR', '')}") > _MOST_UNSIGNED:
            return _too_many()
        return _refused(401, "The signature does not fit this address: check the secret and the address.")
    except NotReadable as problem:
        return _refused(400, str(problem.said))
    _more(f"hook:{public_id}")
    told = {name: getattr(taken, name) for name in ("event", "read", "accepted", "duplicate", "rejected")}
    remarks = {"problem": taken.problem, "warning": taken.warning}
    return JsonResponse(told | {name: str(said) for name, said in remarks.items() if said})


def _too_many() -> JsonResponse:
    answer = _refused(429, "Too many requests: wait a minute.")
    answer["Retry-After"] = "60"
    return answer


def _refused(status: int, error: str) -> JsonResponse:
    return JsonResponse({"error": error}, status=status)


def _counted(name: str) -> int:
    return int(cache.get(name, 0))


def _more(name: str) -> int:
    """Count one more within the minute; return how many there have been."""
    if cache.add(name, 1, timeout=60):
        return 1
    try:
        return int(cache.incr(name))
    except ValueError:  # the minute was over between the two
        return 1


# --- the pages ---------------------------------------------------------------------------------------------------


def _words(vocabulary: type[Vocabulary]) -> list[tuple[str, str]]:
    language = translation.get_language() or "en"
    return [(word.value, capfirst(word.label(language))) for word in vocabulary]


def _rows(rows: Any, name: str = "name") -> list[tuple[str, str]]:
    return [("", _("none")), *((row.code, in_language(getattr(row, name)) or row.code) for row in rows)]


class HookForm(forms.Form):
    """A new webhook."""

    code = forms.SlugField(
        label=gettext_lazy("Name of the system"),
        max_length=50,
        help_text=gettext_lazy("Letters, digits and hyphens; it stands as the source of what comes in."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Whose webhooks?"))
    touchpoint = forms.ChoiceField(
        label=gettext_lazy("Touchpoint"), required=False, help_text=gettext_lazy("Where the voices belong.")
    )
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        units = [("", _("none")), *((unit.code, unit.name) for unit in Unit.objects.filter(closed_at=None))]
        choices = {
            "kind": _words(HookKind),
            "touchpoint": _rows(Touchpoint.objects.all()),
            "channel": _rows(Channel.objects.order_by("code")),
            "unit": units,
        }
        for name, told in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = told


class DecisionForm(forms.Form):
    """What a question of another system is here."""

    use = forms.ChoiceField(label=gettext_lazy("What is it?"))
    measure = forms.ChoiceField(label=gettext_lazy("Measure"), required=False)
    scale = forms.ChoiceField(label=gettext_lazy("Scale"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Recognised by"), required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose of the consent"), required=False)
    wording = forms.CharField(label=gettext_lazy("Version of its wording"), required=False, max_length=40)
    name = forms.SlugField(label=gettext_lazy("Code of the breakdown"), required=False, max_length=60)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        scales = [
            (row.code, f"{row.low:g}–{row.high:g} ({row.code})") for row in ScaleRow.objects.order_by("low", "high")
        ]
        measures = [choice for choice in _words(MeasureName) if choice[0] != MeasureName.EMOTION]
        choices = {
            "use": _words(AnswerUse),
            "measure": [("", ""), *measures, *_words(Aspect)],
            "scale": [("", ""), *scales],
            "kind": [("", ""), *_words(IdentifierKind)],
            "purpose": [("", ""), *_words(Purpose)],
        }
        for name, told in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = told

    def decision(self) -> Decision:
        """Return what was chosen: of the parts only those that belong to the use."""
        told = self.cleaned_data
        use = AnswerUse(told["use"])
        if use == AnswerUse.MEASURE:
            return Decision(use, told["measure"], told["scale"])
        names = {AnswerUse.IDENTIFIER: "kind", AnswerUse.CONSENT: "purpose", AnswerUse.ATTRIBUTE: "name"}
        wording = told["wording"] if use == AnswerUse.CONSENT else ""
        return Decision(use, name=told[names[use]] if use in names else "", wording=wording)


@require_http_methods(["GET", "HEAD", "POST"])
def hooks(request: HttpRequest) -> HttpResponse:
    """List the webhooks and make a new one; a secret that was made for it is shown this once."""
    form = HookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data | {"kind": HookKind(form.cleaned_data["kind"])}
        try:
            made = operations.add_hook(**told, by=_member(request), now=timezone.now())
        except operations.NotAHook as problem:
            form.add_error("code", sentence(problem.said))
        else:
            return _page(request, made.hook, secret=made.secret)
    rows = list(Hook.objects.select_related("touchpoint").order_by("revoked_at", "code"))
    waiting = set(HookQuestion.objects.filter(waiting=True).values_list("hook_id", flat=True))
    page = {"form": form, "rows": [(row, row.pk in waiting and row.revoked_at is None) for row in rows]}
    return render(request, "listen/hooks.html", page, status=422 if form.errors else 200)


@require_safe
def hook(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one webhook: its address, what came in, and which questions wait for a decision."""
    return _page(request, get_object_or_404(Hook, pk=pk))


def _page(request: HttpRequest, row: Hook, *, secret: str = "") -> HttpResponse:
    decided = decisions(row.mapping)
    questions = list(row.questions.order_by("-waiting", "code"))
    page = {
        "hook": row,
        "address": settings.LUOTAIN_ADDRESS + reverse("hook_in", args=[row.kind, row.public_id]),
        "secret": secret,
        "own_secret": ADAPTERS[HookKind(row.kind)].own_secret,
        "waiting": [(question, _decision_form(question)) for question in questions if question.waiting],
        "decided": [
            (question, decision, _usual(question), _decision_form(question, decision))
            for question, decision in ((one, decided.get(one.code)) for one in questions if not one.waiting)
        ],
    }
    return render(request, "listen/hook.html", page)


def _usual(question: HookQuestion) -> AnswerUse:
    """Return what a question is without a decision: what the sender says of it settles that, or nothing does."""
    return _USUAL.get(question.nature, AnswerUse.OUTSIDE)


def _decision_form(question: HookQuestion, decision: Decision | None = None) -> DecisionForm:
    told: dict[str, str] = {"use": _usual(question)}
    if decision:
        told = {
            "use": decision.use, "measure": decision.measure, "scale": decision.scale, "wording": decision.wording,
            "kind": decision.name, "purpose": decision.name, "name": decision.name,
        }  # fmt: skip
    return DecisionForm(initial=told, auto_id=f"q{question.pk}-%s")


@require_POST
def hook_question(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    """Say what a question is here, from now on and for what is still kept."""
    row = get_object_or_404(Hook, pk=pk)
    asked = get_object_or_404(row.questions, pk=question)
    form = DecisionForm(request.POST, auto_id=f"q{asked.pk}-%s")
    if form.is_valid():
        try:
            changed = operations.decide(
                hook=row, question=asked.code, decision=form.decision(), by=_member(request), now=timezone.now()
            )
        except operations.NotADecision as problem:
            form.add_error(None, sentence(problem.said))
        else:
            text = ngettext(
                "Decided. %(count)s voice that had come in was read anew.",
                "Decided. %(count)s voices that had come in were read anew.",
                changed,
            )
            messages.success(request, text % {"count": changed})
            return redirect("hook", pk=row.pk)
    return render(request, "listen/hook_question.html", {"hook": row, "question": asked, "form": form}, status=422)


@require_POST
@sensitive_variables("secret")
def hook_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the secret by which the sender signs."""
    row, secret = get_object_or_404(Hook, pk=pk), request.POST.get("secret", "").strip()
    try:
        operations.set_secret(hook=row, secret=secret, by=_member(request), now=timezone.now())
        messages.success(request, _("The secret is kept. Deliveries signed with it come in from now on."))
    except operations.NotAHook as problem:
        messages.error(request, sentence(problem.said))
    return redirect("hook", pk=row.pk)


@require_POST
def hook_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the address."""
    row = get_object_or_404(Hook, pk=pk)
    operations.revoke_hook(hook=row, by=_member(request), now=timezone.now())
    messages.success(request, _("The address is closed. What came in stays."))
    return redirect("hook", pk=row.pk)


def _member(request: HttpRequest) -> Member | None:
    return request.user if isinstance(request.user, Member) else None
