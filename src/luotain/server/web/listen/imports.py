"""The import page: a file in, a look at it, a trial, and its ledger."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luotain.listen.importers.ledger import restored_warnings
from luotain.listen.importers.look import AUTO
from luotain.listen.importers.problem import CannotImport, Undecided
from luotain.listen.importers.programme import programme_in, with_programme
from luotain.listen.importers.toml import write
from luotain.server.models.listen import Import
from luotain.server.models.people import Member
from luotain.server.operations.listen import imports as operations
from luotain.server.operations.listen import uploads
from luotain.server.web.access import reach_of
from luotain.server.web.said import sentence, tell
from luotain.terms import ImportKind, ImportState

_SHOWN = 50
#: in a trial the mapping stands below, and should not be far away
_SHOWN_IN_TRIAL = 10
_PER_PAGE = 25


class UploadForm(forms.Form):
    """A file, and what it holds."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An export of another tool, or any table: CSV, TSV, XLSX, XLS, ODS, JSON or SPSS."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("What does it hold?"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = translation.get_language() or "en"
        self.fields["kind"] = forms.ChoiceField(
            label=gettext_lazy("What does it hold?"),
            choices=[(kind.value, capfirst(kind.label(language))) for kind in ImportKind],
        )


def _member(request: HttpRequest) -> Member | None:
    return request.user if isinstance(request.user, Member) else None


def _mine(request: HttpRequest) -> QuerySet[Import]:
    return uploads.imports_of(member=_member(request), reach=reach_of(request)).order_by("-pk")


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """List what has come in, and take a new file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = uploads.keep_upload(
                chunks=file.chunks(),
                name=file.name,
                kind=form.cleaned_data["kind"],
                by=_member(request),
                now=timezone.now(),
            )
            return redirect("import_page", pk=row.pk)
        except CannotImport as problem:
            form.add_error("file", sentence(problem.said))
    page = Paginator(_mine(request), _PER_PAGE).get_page(request.GET.get("page"))
    status = 422 if form.errors else 200
    return render(request, "listen/imports.html", {"form": form, "page": page}, status=status)


@require_safe
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one import: the file to be mapped, its progress, or its ledger."""
    row = get_object_or_404(_mine(request), pk=pk)
    if row.state == ImportState.PREPARED:
        return _prepare(request, row)
    return render(request, "listen/import.html", _ledger(row))


def _prepare(request: HttpRequest, row: Import, toml: str = "", status: int = 200, **more: object) -> HttpResponse:
    form = request.GET.get("format", AUTO)
    try:
        preview = uploads.preview(row, form=form, say=tell, among=_mine(request))
    except CannotImport as chosen:
        if form == AUTO:
            uploads.discard_upload(imported=row)
            messages.error(request, sentence(chosen.said))
            return redirect("imports")
        # read as something that it is not: the file stays, and is shown as what it is
        preview, status, more = uploads.preview(row, say=tell, among=_mine(request)), 422, {"problem": chosen.said}
    toml = toml or preview.proposal.toml
    programmes = uploads.programmes_for(row)
    # The questions of the proposal stand beside the mapping until the last question mark is gone from it.
    still_open = preview.proposal.questions if '"?"' in toml else ()
    context = {
        "imported": row,
        "preview": preview,
        "toml": toml,
        "still_open": still_open,
        "importers": uploads.importers_of(ImportKind(row.kind)),
        "programmes": programmes,
        "promising": uploads.promising(toml, programmes),
        **more,
    }
    return render(request, "listen/import_prepare.html", context, status=status)


def _told_mapping(request: HttpRequest) -> str:
    """Return the mapping as it stands on the page, with the programme that was chosen beside it."""
    toml = request.POST.get("mapping", "")
    chosen = request.POST.get("programme", "")
    return toml if chosen == request.POST.get("programme_was", "") else with_programme(toml, chosen)


def _ledger(row: Import) -> dict[str, object]:
    return {
        "imported": row,
        "running": row.state in (ImportState.WAITING, ImportState.RUNNING),
        "warnings": list(restored_warnings(row.warnings).items()),
        "rejections": row.rejections.order_by("record")[:_SHOWN],
        "can_undo": row.state in (ImportState.DONE, ImportState.FAILED) and row.kind != ImportKind.CUSTOMERS,
    }


@require_POST
def import_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Reckon the ledger of the first records with the mapping as it stands on the page."""
    row = get_object_or_404(_mine(request).filter(state=ImportState.PREPARED), pk=pk)
    toml = _told_mapping(request)
    if "promise" in request.POST:
        return _prepare(request, row, toml)
    try:
        if "turn" in request.POST:
            toml = uploads.decide_stretches(imported=row, toml=toml)
        ledger = uploads.try_upload(imported=row, toml=toml, now=timezone.now())
    except Undecided as asked:
        return _prepare(request, row, toml, 422, questions=asked.questions)
    except CannotImport as problem:
        return _prepare(request, row, toml, 422, problem=problem.said)
    warnings = list(ledger.warnings.items())
    quality = ledger.quality
    return _prepare(
        request,
        row,
        toml,
        trial=ledger,
        trial_warnings=warnings,
        quality=quality.lines() if quality else (),
        turned=quality.turned if quality else (),
        shown=ledger.rejections[:_SHOWN_IN_TRIAL],
    )


@require_POST
def import_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the file come in with the mapping as it stands on the page."""
    row = get_object_or_404(_mine(request), pk=pk)
    toml = _told_mapping(request)
    if row.state == ImportState.PREPARED and programme_in(toml).key not in ("", request.POST.get("promised", "")):
        # nothing comes in under a promise that has not been read
        return _prepare(request, row, toml, 422, unread=True)
    try:
        if row.state == ImportState.PREPARED:
            uploads.start_upload(imported=row, toml=toml, now=timezone.now())
    except Undecided as asked:
        return _prepare(request, row, toml, 422, questions=asked.questions)
    except CannotImport as problem:
        return _prepare(request, row, toml, 422, problem=problem.said)
    return redirect("import_page", pk=row.pk)


@require_safe
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that follows a running import."""
    row = get_object_or_404(_mine(request), pk=pk)
    response = render(request, "listen/import_ledger.html", _ledger(row))
    if row.state not in (ImportState.WAITING, ImportState.RUNNING):
        # The page as a whole changes: buttons for undoing and for the rejected rows appear.
        response["HX-Refresh"] = "true"
    return response


@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a file that has not been brought in."""
    row = get_object_or_404(_mine(request).filter(state=ImportState.PREPARED), pk=pk)
    uploads.discard_upload(imported=row)
    messages.success(request, _("The file was removed; nothing was brought in."))
    return redirect("imports")


@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take out what the import brought in."""
    row = get_object_or_404(_mine(request), pk=pk)
    try:
        undone = operations.undo_import(imported=row, now=timezone.now(), by=_member(request))
    except operations.CannotUndo as problem:
        messages.error(request, sentence(problem.said))
        return redirect("import_page", pk=pk)
    text = ngettext("%(count)s row was taken out.", "%(count)s rows were taken out.", undone.removed)
    messages.success(request, text % {"count": undone.removed})
    if undone.kept:
        kept = ngettext(
            "%(count)s piece of feedback has become a case and stays.",
            "%(count)s pieces of feedback have become cases and stay.",
            undone.kept,
        )
        messages.warning(request, kept % {"count": undone.kept})
    return redirect("import_page", pk=pk)


@require_safe
def import_rejected(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Download the rejected records, each with its reason, to be mended and brought in again."""
    row = get_object_or_404(_mine(request), pk=pk)

    def lines() -> Iterator[str]:
        yield "\ufeff"
        for cells in operations.rejected_rows(row):
            line = io.StringIO()
            csv.writer(line).writerow([tell(cell) for cell in cells])
            yield line.getvalue()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{row.pk}.csv"'
    return response


@require_safe
def import_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Download the mapping with which a file came in, for the command and for the next file."""
    row = get_object_or_404(_mine(request).exclude(state=ImportState.PREPARED), pk=pk)
    response = HttpResponse(write(row.mapping), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="mapping-{row.pk}.toml"'
    return response
