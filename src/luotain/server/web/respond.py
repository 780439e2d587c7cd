"""The respond room: the inbox, the page of a case, and what is done there.

Every act is a POST that ends in a redirect to the case; only a reply that cannot go out yet, or is being looked at
before it does, is shown again with what was written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from luotain.people.access import Permission, reach
from luotain.respond.refusal import NotPossible
from luotain.server.models.people import Member
from luotain.server.models.respond import Case, Gift
from luotain.server.models.understand import Cause
from luotain.server.operations import respond
from luotain.server.operations.respond import Filters
from luotain.server.web.access import reach_of
from luotain.terms import CaseRefusal, Emotion, Priority, Remedy, Stage, Vocabulary

V = TypeVar("V", bound=Vocabulary)

#: where a reply can take a case
REPLY_STAGES = (Stage.ANSWERED, Stage.ACKNOWLEDGED)


class ReplyForm(forms.Form):
    """What goes out to the customer."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200, required=False)
    text = forms.CharField(
        label=gettext_lazy("Text"), widget=forms.Textarea(attrs={"rows": 11}), max_length=20_000, required=False
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("After this the case is"), choices=[(stage.value, stage.en) for stage in REPLY_STAGES]
    )
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = translation.get_language() or "en"
        choices = [(stage.value, stage.label(language)) for stage in REPLY_STAGES]
        cast(forms.ChoiceField, self.fields["stage"]).choices = choices


class GoodwillForm(forms.Form):
    """A small sum, and why."""

    amount = forms.DecimalField(
        label=gettext_lazy("Sum"), max_digits=8, decimal_places=2, localize=True, widget=forms.TextInput
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


# --- the inbox -------------------------------------------------------------------------------------------------------


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The open cases within reach, the one due first on top."""
    member, now = _member(request), timezone.now()
    filters = _filters(request, member)
    page = respond.read_inbox(
        reach=reach_of(request), member=member.pk, filters=filters, after=request.GET.get("after", ""), now=now
    )
    kept = {name: str(value) for name, value in request.GET.items() if value and name != "after"}
    return render(
        request,
        "respond/inbox.html",
        {
            "page": page,
            "now": now,
            "filters": filters,
            "kept": kept,
            "limited": bool(kept),
            "later_address": f"?{urlencode({**kept, 'after': page.after})}" if page.after else "",
            "further": bool(request.GET.get("after")),
            "first_address": f"?{urlencode(kept)}",
            "tabs": _tabs(kept, page.counts),
            "priorities": _words(Priority),
            "stages": [(code, word) for code, word in _words(Stage) if code != Stage.CLOSED],
        },
    )


@require_GET
def next_case(request: HttpRequest) -> HttpResponse:
    """Lead to the case to take up next."""
    left = respond.read_case(pk=_whole(request.GET.get("from")) or 0, reach=reach_of(request))
    pk = respond.next_case(reach=reach_of(request), member=_member(request).pk, case=left)
    if pk is None:
        messages.success(request, _("Nobody else is waiting for you."))
        return redirect("inbox")
    return redirect("case", pk)


def _filters(request: HttpRequest, member: Member) -> Filters:
    told = request.GET
    owner = told.get("owner", "")
    return Filters(
        owner=member.pk if owner == "me" else None,
        unowned=owner == "none",
        unit=_whole(told.get("unit")),
        priority=told.get("priority", "") if told.get("priority") in set(Priority) else "",
        stage=told.get("stage", "") if told.get("stage") in set(Stage) else "",
        touchpoint=_whole(told.get("touchpoint")),
        channel=_whole(told.get("channel")),
        due=told.get("due", "") if told.get("due") in ("overdue", "today", "later") else "",
    )


def _tabs(kept: dict[str, str], counts: Any) -> list[dict[str, object]]:
    """Return the clocks to choose from, each with its capped count; the chosen one leads back to all."""
    words = {"overdue": _("Overdue"), "today": _("Due today"), "later": _("Later")}
    rest = {name: value for name, value in kept.items() if name != "due"}
    tabs: list[dict[str, object]] = [
        {"words": _("All open"), "count": "", "address": f"?{urlencode(rest)}", "chosen": "due" not in kept}
    ]
    for code, text in words.items():
        address = f"?{urlencode({**rest, 'due': code})}"
        tabs.append(
            {"code": code, "words": text, "count": counts[code], "address": address, "chosen": kept.get("due") == code}
        )
    return tabs


# --- the page of a case ----------------------------------------------------------------------------------------------


@require_GET
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: the customer's words first, then what was done and what can be done."""
    return _show(request, _case_or_404(request, pk))


@require_POST
def case_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a reply, or show it with hints before it goes out."""
    shown = _case_or_404(request, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _show(request, shown, form=form, status=422)
    told = form.cleaned_data
    if "preview" in request.POST:
        return _show(request, shown, form=form, preview=True)
    try:
        respond.reply(
            case=shown, by=_member(request), now=timezone.now(), subject=told["subject"], text=told["text"],
            stage=Stage(told["stage"]), number=told["number"],
        )  # fmt: skip
    except NotPossible as problem:
        if problem.reason == CaseRefusal.ANSWERED_MEANWHILE:
            form = _next_reply(request, shown)
        form.add_error(None, capfirst(_reason(problem)))
        return _show(request, shown, form=form, status=422)
    messages.success(request, _("The reply is on its way."))
    return redirect("case", pk)


def _show(
    request: HttpRequest, shown: Case, *, form: ReplyForm | None = None, preview: bool = False, status: int = 200
) -> HttpResponse:
    member, now = _member(request), timezone.now()
    page = respond.read_case_page(case=shown, reach=reach_of(request), member=member, now=now)
    if form is None:
        form = _empty_reply(request, page)
    written = str(form["text"].value() or "")
    context = {
        "page": page,
        "case": shown,
        "now": now,
        "form": form,
        "preview": preview,
        "subject": form["subject"].value(),
        "written": written,
        "hints": respond.hints_on(case=shown, text=written) if preview or form.errors else (),
        "stages": _walked(shown),
        "emotions": _words(Emotion),
        "remedies": _words(Remedy),
        "may_give": _may_give(member, shown),
        "goodwill_form": GoodwillForm(initial={"number": len(page.goodwill) + 1}),
        "mail_waits": not settings.LUOTAIN_SMTP_URL,
    }
    return render(request, "respond/case.html", context, status=status)


def _next_reply(request: HttpRequest, shown: Case) -> ReplyForm:
    """Return what was written as the next reply, for a person who has now seen the one that was faster."""
    page = respond.read_case_page(case=shown, reach=reach_of(request), member=_member(request), now=timezone.now())
    form = ReplyForm({**request.POST.dict(), "number": str(page.replies + 1)})
    form.full_clean()
    return form


def _empty_reply(request: HttpRequest, page: respond.CasePage) -> ReplyForm:
    chosen = next((draft for draft in page.drafts if draft.code == request.GET.get("draft")), None)
    initial: dict[str, object] = {"number": page.replies + 1, "stage": Stage.ANSWERED.value}
    if chosen:
        initial |= {"subject": chosen.subject, "text": chosen.text}
    return ReplyForm(initial=initial)


def _walked(shown: Case) -> list[dict[str, object]]:
    """Return the stages in order, each with whether the case has passed it or stands there."""
    order = list(Stage)
    here = order.index(Stage(shown.stage))
    language = translation.get_language() or "en"
    return [
        {"word": stage.label(language), "passed": place < here, "here": place == here}
        for place, stage in enumerate(order)
    ]


def _may_give(member: Member, shown: Case) -> bool:
    paths = reach(member.grants(), Permission.GIVE_GOODWILL)
    return any((shown.unit is None and path.count("/") == 1) or (
        shown.unit is not None and shown.unit.path.startswith(path)
    ) for path in paths)  # fmt: skip


# --- what is done with a case ----------------------------------------------------------------------------------------


@require_POST
def case_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move the case to another stage."""
    stage = _choice(Stage, request.POST.get("stage"))
    return _act(request, pk, lambda case, by, now: respond.advance(case=case, to=stage, by=by, now=now), _("Moved."))


@require_POST
def case_solve(request: HttpRequest, pk: int) -> HttpResponse:
    """Call the case solved."""
    done = _("Solved. The customer may be asked again.")
    return _act(request, pk, lambda case, by, now: respond.solve(case=case, by=by, now=now), done)


@require_POST
def case_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the case an owner."""
    told = request.POST.get("owner", "")
    possible = {member.pk: member for member in respond.owners_of(_case_or_404(request, pk))} if told else {}
    owner = possible.get(_whole(told) or 0)
    if told and owner is None:
        raise Http404
    done = _("The owner is now %(name)s.") % {"name": owner.name} if owner else _("The case has no owner now.")
    return _act(request, pk, lambda case, by, now: respond.assign(case=case, owner=owner, by=by, now=now), done)


@require_POST
def case_cause(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the cause."""
    told = request.POST.get("cause", "")
    cause = get_object_or_404(Cause, pk=_whole(told)) if told else None
    done = _("The cause is noted.")
    return _act(request, pk, lambda case, by, now: respond.set_cause(case=case, cause=cause, by=by, now=now), done)


@require_POST
def case_feeling(request: HttpRequest, pk: int) -> HttpResponse:
    """Note how the customer felt before and after."""
    told = {name: request.POST[name] for name in ("before", "after") if name in request.POST}
    felt = {name: _choice(Emotion, value).value if value else "" for name, value in told.items()}
    done = _("The feeling is noted.")
    return _act(request, pk, lambda case, by, now: respond.note_feeling(case=case, by=by, now=now, **felt), done)


@require_POST
def case_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an internal note."""
    text = request.POST.get("text", "")[:20_000]
    done = _("The note is kept.")
    return _act(request, pk, lambda case, by, now: respond.add_note(case=case, by=by, text=text, now=now), done)


@require_POST
def case_remedy(request: HttpRequest, pk: int) -> HttpResponse:
    """Note a remedy that was given."""
    remedy = _choice(Remedy, request.POST.get("remedy"))
    done = _("The remedy is noted.")
    return _act(request, pk, lambda case, by, now: respond.note_remedy(case=case, remedy=remedy, by=by, now=now), done)


@require_POST
def case_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge the case into another one of the same customer."""
    into = _case_or_404(request, _whole(request.POST.get("into")) or 0)
    done = _("Merged. This is the case that goes on.")
    act: Act = lambda case, by, now: respond.merge(case=case, into=into, by=by, now=now)  # noqa: E731
    return _act(request, pk, act, done, then=into.pk)


@require_POST
def case_goodwill(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a small sum from one's own budget."""
    form = GoodwillForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the sum in figures, for example 10, and say why."))
        return redirect("case", pk)
    told = form.cleaned_data
    return _act(
        request, pk,
        lambda case, by, now: respond.give_goodwill(case=case, by=by, now=now, **told),
        _("Given. Tell the customer in a reply."),
    )  # fmt: skip


@require_POST
def case_gift(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a gift code for the customer."""
    gift = get_object_or_404(Gift, pk=_whole(request.POST.get("gift")))
    done = _("The code is below: tell it to the customer in a reply.")
    return _act(request, pk, lambda case, by, now: respond.issue_gift_code(case=case, gift=gift, by=by, now=now), done)


Act = Callable[[Case, Member, datetime], object]


def _act(request: HttpRequest, pk: int, act: Act, done: str, *, then: int | None = None) -> HttpResponse:
    """Do one thing with a case within reach, say how it went, and lead back to the case."""
    shown = _case_or_404(request, pk)
    try:
        act(shown, _member(request), timezone.now())
    except NotPossible as problem:
        messages.error(request, capfirst(_reason(problem)) + ".")
        return redirect("case", pk)
    messages.success(request, done)
    return redirect("case", then or pk)


# --- small translations ----------------------------------------------------------------------------------------------


def _case_or_404(request: HttpRequest, pk: int) -> Case:
    found = respond.read_case(pk=pk, reach=reach_of(request))
    if found is None:
        raise Http404
    return found


def _member(request: HttpRequest) -> Member:
    return cast(Member, request.user)


def _reason(problem: NotPossible) -> str:
    return problem.reason.label(translation.get_language() or "en")


def _words(vocabulary: type[Vocabulary]) -> list[tuple[str, str]]:
    language = translation.get_language() or "en"
    return [(word.value, word.label(language)) for word in vocabulary]


def _whole(told: str | None) -> int | None:
    return int(told) if told and told.isascii() and told.isdigit() and len(told) < 18 else None


def _choice(vocabulary: type[V], told: str | None) -> V:
    try:
        return vocabulary(told or "")
    except ValueError as error:
        raise Http404 from error
