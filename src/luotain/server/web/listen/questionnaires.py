"""The pages of questionnaires: all of them, the editor of one, publishing, its history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from luotain.listen.drafting import Remark, publishable
from luotain.listen.palette import PALETTE, part
from luotain.listen.questionnaire import pages
from luotain.listen.versions import changes
from luotain.server.models.base import in_language
from luotain.server.models.listen import Instrument, Question
from luotain.server.models.people import Member
from luotain.server.operations.listen import drafts
from luotain.server.operations.listen.drafts import DraftProblem, HeadChange
from luotain.server.operations.listen.forms import item_of
from luotain.server.operations.listen.questionnaires import MANY, history, overview
from luotain.server.web.listen.preview import frame_of, preview_language
from luotain.server.web.listen.question_form import change_of, condition_words, form_of, read_texts, texts_of
from luotain.server.web.said import sentence
from luotain.terms import LANGUAGES, Anonymity, Population, Scale

View = TypeVar("View", bound=Callable[..., HttpResponse])


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"by": cast(Member, request.user), "now": timezone.now()}


def _editor(code: str, question: str = "", language: str = "") -> str:
    query = {name: value for name, value in (("question", question), ("in", language)) if value}
    return reverse("questionnaire", args=[code]) + (f"?{urlencode(query)}" if query else "")


def _told(view: View) -> View:
    """Lead back to the editor with the reason when something cannot be done; an unknown questionnaire is no page."""

    @wraps(view)
    def guarded(request: HttpRequest, code: str, **more: str) -> HttpResponse:
        try:
            return view(request, code, **more)
        except Instrument.DoesNotExist as unknown:
            raise Http404 from unknown
        except DraftProblem as problem:
            return _refused(request, code, problem, more.get("question", ""))

    return cast(View, guarded)


def _refused(request: HttpRequest, code: str, problem: DraftProblem, question: str) -> HttpResponse:
    if not getattr(request, "htmx", False):
        messages.error(request, sentence(problem.said))
        return redirect(_editor(code, question, request.POST.get("in", "")))
    response = render(request, "listen/questionnaire_refused.html", {"said": problem.said})
    response["HX-Reswap"] = "none"
    return response


# --- all of them -------------------------------------------------------------------------------------------------


@require_safe
def questionnaires(request: HttpRequest) -> HttpResponse:
    """All questionnaires, and where a new one begins."""
    rows = overview(now=timezone.now())
    return render(
        request,
        "listen/questionnaires.html",
        {
            "rows": [row for row in rows if not row.retired],
            "retired": [row for row in rows if row.retired],
            "many": MANY,
        },
    )


@require_POST
def questionnaire_new(request: HttpRequest) -> HttpResponse:
    """Begin a questionnaire, empty or as a copy."""
    try:
        draft = drafts.new_questionnaire(
            title=request.POST.get("title", "")[:200],
            language=(translation.get_language() or "en")[:2],
            copied_from=request.POST.get("copied_from", "")[:60],
            **_by(request),
        )
    except DraftProblem as problem:
        messages.error(request, sentence(problem.said))
        return redirect("questionnaires")
    return redirect(_editor(draft.code))


# --- the editor --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A question in the list beside its form."""

    question: Question
    words: str
    page: int
    condition: str
    #: languages in which some text of it is missing
    missing: tuple[str, ...]
    #: whether something in it keeps the questionnaire from being published
    wrong: bool
    current: bool


@require_safe
def questionnaire(request: HttpRequest, code: str) -> HttpResponse:
    """The editor: the list of questions, the form of one of them, and how its page looks to a respondent."""
    instrument = drafts.newest_of(code)
    if instrument is None:
        raise Http404
    context = _context(request, instrument, request.GET.get("question", ""), request.GET.get("in", ""))
    return render(request, "listen/questionnaire.html", context)


def _context(request: HttpRequest, instrument: Instrument, question: str, wish: str) -> dict[str, Any]:
    rows = list(instrument.questions.select_related("scale").order_by("order", "pk"))
    remarks = drafts.examine(instrument)
    language = preview_language(wish, instrument)
    place = next((at for at, row in enumerate(rows) if row.code == question), None)
    form = form_of(instrument, rows[place], rows[:place], remarks) if place is not None else None
    head = None if form else _head(instrument, remarks)
    tab = wish if wish in instrument.languages else "all"
    return {
        "instrument": instrument,
        "tab": tab,
        "tabs": _tabs(instrument, form.lacking if form else head["lacking"] if head else ()),
        "entries": _entries(rows, remarks, question, language),
        "form": form,
        "head": head,
        "head_wrong": any(remark.blocking and not remark.question for remark in remarks),
        "frame": frame_of(request, instrument, question=question, language=language),
        "language": language,
        "languages": [(code, _name(code)) for code in LANGUAGES],
        "palette": PALETTE,
        "newest": drafts.published_of(instrument.code),
    }


@dataclass(frozen=True, slots=True)
class Tab:
    """A language in which the texts of the form can be looked at by themselves; "all": side by side."""

    code: str
    name: str
    #: how many texts of the form it lacks
    missing: int = 0


def _tabs(instrument: Instrument, lacking: Sequence[str]) -> list[Tab]:
    asked = [Tab(code, _name(code), lacking.count(code)) for code in instrument.languages]
    return [Tab("all", _("Side by side")), *asked]


def _name(language: str) -> str:
    return str(translation.get_language_info(language)["name_local"]).capitalize()


def _entries(rows: list[Question], remarks: tuple[Remark, ...], current: str, language: str) -> list[Entry]:
    page_of = {
        item.code: number for number, page in enumerate(pages([item_of(row) for row in rows]), 1) for item in page
    }
    found = []
    for row in rows:
        own = [remark for remark in remarks if remark.question == row.code]
        found.append(
            Entry(
                row,
                row.text.get(language) or in_language(row.text),
                page_of[row.code],
                condition_words(row, rows),
                tuple(dict.fromkeys(remark.language for remark in own if remark.language and remark.blocking)),
                any(remark.blocking for remark in own),
                row.code == current,
            )
        )
    return found


def _head(instrument: Instrument, remarks: tuple[Remark, ...]) -> dict[str, Any]:
    asked, reader = instrument.languages, translation.get_language() or "en"
    title = texts_of("title", instrument.title, asked, needed=True)
    intro, thanks = texts_of("intro", instrument.intro, asked), texts_of("thanks", instrument.thanks, asked)
    return {
        "title": title,
        "intro": intro,
        "thanks": thanks,
        "lacking": [text.language for text in (*title, *intro, *thanks) if text.missing],
        "anonymities": [(word.value, word.label(reader)) for word in Anonymity],
        "populations": [(word.value, word.label(reader)) for word in Population],
        "remarks": [remark for remark in remarks if not remark.question],
        "shape": "|".join(asked),
    }


def _saved(request: HttpRequest, instrument: Instrument, question: str) -> HttpResponse:
    """Show what was saved: as a whole page without a script; with one, only the parts that say something else now."""
    wish = request.POST.get("in", "")
    if not getattr(request, "htmx", False):
        messages.success(request, _("The draft is saved."))
        return redirect(_editor(instrument.code, question, wish))
    context = _context(request, instrument, question, wish)
    shape = context["form"].shape if context["form"] else context["head"]["shape"]
    context |= {"saved_at": timezone.now(), "drawn_anew": request.POST.get("shape", "") != shape}
    response = render(request, "listen/questionnaire_saved.html", context)
    response["HX-Replace-Url"] = _editor(instrument.code, question, wish)
    return response


@require_POST
@_told
def questionnaire_head(request: HttpRequest, code: str) -> HttpResponse:
    """Save what the questionnaire says of itself."""
    known, sent = drafts.newest_of(code), request.POST
    if known is None:
        raise Http404
    anonymity = sent.get("anonymity", "")
    population = sent.get("population", "")
    change = HeadChange(
        title=read_texts(sent, "title", known.title),
        intro=read_texts(sent, "intro", known.intro),
        thanks=read_texts(sent, "thanks", known.thanks),
        languages=tuple(code for code in LANGUAGES if code in sent.getlist("languages")),
        anonymity=Anonymity(anonymity if anonymity in set(Anonymity) else known.anonymity),
        population=population if population in set(Population) else known.population,
        shuffled="shuffled" in sent,
    )
    return _saved(request, drafts.change_head(code=code, change=change, **_by(request)), "")


@require_POST
@_told
def questionnaire_question(request: HttpRequest, code: str, question: str) -> HttpResponse:
    """Save a question."""
    known = drafts.newest_of(code)
    rows = list(known.questions.select_related("scale").order_by("order", "pk")) if known else []
    place = next((at for at, row in enumerate(rows) if row.code == question), None)
    if place is None:
        raise Http404
    change = change_of(request.POST, rows[place], rows[:place])
    saved = drafts.change_question(code=code, question=question, change=change, **_by(request))
    return _saved(request, saved.instrument, saved.code)


@require_POST
@_told
def questionnaire_add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a question of a kind from the palette after the one that is open."""
    try:
        chosen = part(request.POST.get("part", ""))
    except KeyError as unknown:
        raise Http404 from unknown
    added = drafts.add_question(
        code=code, question=chosen.question, after=request.POST.get("after", ""), **_by(request)
    )
    return redirect(_editor(code, added.code, request.POST.get("in", "")))


@require_POST
@_told
def questionnaire_move(request: HttpRequest, code: str, question: str) -> HttpResponse:
    """Move a question one place up or down."""
    steps = 1 if request.POST.get("to") == "down" else -1
    drafts.move_question(code=code, question=question, steps=steps, **_by(request))
    return redirect(_editor(code, question, request.POST.get("in", "")))


@require_POST
@_told
def questionnaire_remove(request: HttpRequest, code: str, question: str) -> HttpResponse:
    """Take a question out of the draft."""
    drafts.remove_question(code=code, question=question, **_by(request))
    messages.success(request, _("The question is taken out of the draft."))
    return redirect(_editor(code, "", request.POST.get("in", "")))


@require_POST
@_told
def questionnaire_scale(request: HttpRequest, code: str, question: str) -> HttpResponse:
    """Declare a scale of the company's own and use it in a question."""
    sent = request.POST
    low, high, step = (_number(sent.get(name, "")) for name in ("low", "high", "step"))
    if low is None or high is None:
        raise DraftProblem(drafts.ENDS_MISSING, "low")
    scale = Scale(
        sent.get("scale_code", "").strip(),
        low,
        high,
        step if step is not None else 1.0,
        "reversed" in sent,
        poor_to=_number(sent.get("poor_to", "")),
        good_from=_number(sent.get("good_from", "")),
    )
    drafts.declare_scale(scale=scale, code=code, question=question, **_by(request))
    messages.success(request, _("The scale is declared, and the question uses it."))
    return redirect(_editor(code, question, sent.get("in", "")))


@require_POST
@_told
def questionnaire_score(request: HttpRequest, code: str, question: str) -> HttpResponse:
    """Make of a choice between numbers a score, once somebody has said what it measures."""
    sent = request.POST
    drafts.turn_into_score(
        code=code,
        question=question,
        measure=sent.get("measure_own", "").strip() or sent.get("measure", ""),
        scale=sent.get("scale", ""),
        is_reversed="reversed" in sent,
        **_by(request),
    )
    messages.success(request, _("The question is a score now."))
    return redirect(_editor(code, question, sent.get("in", "")))


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        return None


@require_POST
def questionnaire_discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    if drafts.discard(code=code, **_by(request)):
        messages.success(request, _("The draft is thrown away."))
    return redirect(_editor(code)) if drafts.newest_of(code) else redirect("questionnaires")


# --- publishing and history --------------------------------------------------------------------------------------


@require_safe
def questionnaire_check(request: HttpRequest, code: str) -> HttpResponse:
    """What is to be mended before the draft can be published, and what it changes."""
    draft = drafts.newest_of(code)
    if draft is None:
        raise Http404
    remarks, newest = drafts.examine(draft), drafts.published_of(code)
    waits = draft.published_at is None
    context = {
        "instrument": draft,
        "waits": waits,
        "wrong": [remark for remark in remarks if remark.blocking],
        "noted": [remark for remark in remarks if not remark.blocking],
        "publishable": waits and publishable(remarks),
        "changed": changes(drafts.as_draft(newest), drafts.as_draft(draft)) if newest and waits else (),
        "newest": newest,
    }
    return render(request, "listen/questionnaire_check.html", context)


@require_POST
def questionnaire_publish(request: HttpRequest, code: str) -> HttpResponse:
    """Publish the draft, or say what keeps it back."""
    published = drafts.publish(code=code, **_by(request))
    if published.instrument is None:
        messages.error(request, _("It cannot be published yet: something has to be mended first."))
        return redirect("questionnaire_check", code=code)
    messages.success(request, _("Version %(version)d is published.") % {"version": published.instrument.version})
    return redirect("questionnaire_versions", code=code)


@require_safe
def questionnaire_versions(request: HttpRequest, code: str) -> HttpResponse:
    """The history of a questionnaire: what changed, who asks with which version."""
    versions = history(code=code, now=timezone.now())
    if not versions:
        raise Http404
    newest = next((row for row in versions if row.instrument.published_at), None)
    behind = [
        (programme, row.instrument.version) for row in versions if row is not newest for programme in row.programmes
    ]
    context = {
        "instrument": versions[0].instrument,
        "versions": versions,
        "newest": newest,
        "behind": behind,
        "many": MANY,
    }
    return render(request, "listen/questionnaire_versions.html", context)


@require_POST
@_told
def questionnaire_use(request: HttpRequest, code: str) -> HttpResponse:
    """Let programmes ask with the newest version."""
    chosen = [int(pk) for pk in request.POST.getlist("programme") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    moved = drafts.use_in_programmes(code=code, programmes=chosen, **_by(request))
    if moved:
        messages.success(request, _("The chosen programmes ask with the newest version from now on."))
    else:
        messages.error(request, _("Choose the programmes that are to ask with the newest version."))
    return redirect("questionnaire_versions", code=code)


@require_POST
def questionnaire_retire(request: HttpRequest, code: str) -> HttpResponse:
    """Stop offering a questionnaire, or offer it again."""
    try:
        if request.POST.get("again"):
            drafts.offer_again(code=code, **_by(request))
            messages.success(request, _("The questionnaire is offered again."))
        else:
            drafts.retire(code=code, **_by(request))
            messages.success(request, _("The questionnaire is no longer offered. What was answered stays."))
    except DraftProblem as problem:
        messages.error(request, sentence(problem.said))
    return redirect("questionnaire_versions", code=code)
