"""The page of one customer: it looks into every room but the last, so it stands with the cases."""

from __future__ import annotations

import json
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from luotain.server.models.people import Customer, Member
from luotain.server.operations import people
from luotain.server.operations.respond import customer as one
from luotain.server.web.access import reach_of
from luotain.server.web.navigation import may_open
from luotain.terms import Provenance

#: what a member can know: what the customer has said, only she says
_BY_MEMBER = (Provenance.OBSERVED, Provenance.INFERRED)


class SearchForm(forms.Form):
    """Whom to look for."""

    q = forms.CharField(
        max_length=254,
        label=gettext_lazy("Customer"),
        help_text=gettext_lazy("Customer number, e-mail address, phone number or id."),
    )


class AttributeForm(forms.Form):
    """What a member knows of a customer."""

    name = forms.CharField(max_length=60, label=gettext_lazy("What"), widget=forms.TextInput(attrs={"list": "kinds"}))
    value = forms.CharField(max_length=200, label=gettext_lazy("Value"))
    provenance = forms.ChoiceField(label=gettext_lazy("How we know"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = translation.get_language() or "en"
        choices = [(way.value, capfirst(way.label(language))) for way in _BY_MEMBER]
        cast(forms.ChoiceField, self.fields["provenance"]).choices = choices


def _member(request: HttpRequest) -> Member:
    return cast(Member, request.user)


def _found(request: HttpRequest, pk: int) -> Customer:
    customer = one.customer_in(pk=pk, reach=reach_of(request))
    if customer is None:
        raise Http404
    return customer


@require_http_methods(["GET", "HEAD", "POST"])
def customers(request: HttpRequest) -> HttpResponse:
    """Look for a customer. What is looked for is sent as a form, so that no address stands in any log."""
    form, nobody = SearchForm(request.POST or None), False
    if request.method == "POST" and form.is_valid():
        found = one.find_for(name=form.cleaned_data["q"], reach=reach_of(request))
        if found is not None:
            return redirect("customer", found.pk)
        nobody = True
    return render(request, "respond/customers.html", {"form": form, "nobody": nobody})


@require_safe
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: what happened, in one order, and what is known."""
    found = _found(request, pk)
    if found.pk != pk:
        return redirect("customer", found.pk)
    return _show(request, found, AttributeForm())


def _show(request: HttpRequest, found: Customer, form: AttributeForm, status: int = 200) -> HttpResponse:
    page = one.read_customer(customer=found, reach=reach_of(request), now=timezone.now())
    grants = _member(request).grants()
    context = {
        "page": page,
        "customer": found,
        "form": form,
        "may_erase": may_open(grants, "customer_erase"),
        "may_export": may_open(grants, "customer_export"),
    }
    return render(request, "respond/customer.html", context, status=status)


@require_POST
def customer_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the person a link to her own page."""
    try:
        kind = one.send_own_link(customer=_found(request, pk), by=_member(request), now=timezone.now())
    except one.NoAddress:
        messages.error(request, _("No address is known to which a link could be sent."))
    else:
        by_mail = kind == "email"
        messages.success(
            request, _("The link is on its way by e-mail.") if by_mail else _("The link is on its way by text message.")
        )
    return redirect("customer", pk)


@require_POST
def customer_attribute(request: HttpRequest, pk: int) -> HttpResponse:
    """Add or correct what is known of the customer."""
    found, form = _found(request, pk), AttributeForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    told = form.cleaned_data
    try:
        one.note_attribute(
            customer=found,
            name=told["name"],
            value=told["value"],
            provenance=Provenance(told["provenance"]),
            by=_member(request),
            now=timezone.now(),
        )
    except one.SaidByThemselves:
        form.add_error("name", _("The customer has told this: send a link to their own page, where they correct it."))
        return _show(request, found, form, status=422)
    except ValueError:
        form.add_error("name", _("Use letters or digits in the name."))
        return _show(request, found, form, status=422)
    messages.success(request, _("Noted."))
    return redirect("customer", found.pk)


@require_POST
def customer_export(request: HttpRequest, pk: int) -> HttpResponse:
    """Download all that is kept of the customer, as JSON; that it was done is noted."""
    found = _found(request, pk)
    people.record(kind="customer_exported", subject=found, by=_member(request), now=timezone.now())
    body = json.dumps(people.export_customer(found), ensure_ascii=False, indent=2)
    response = HttpResponse(body, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="customer-{found.pk}.json"'
    return response


@require_POST
def customer_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase the customer, after a second yes."""
    found = _found(request, pk)
    if request.POST.get("sure") != "yes":
        unsure = "sure_asked" in request.POST
        return render(request, "respond/customer_erase.html", {"customer": found, "unsure": unsure})
    people.erase_customer(found, now=timezone.now(), by=_member(request))
    messages.success(request, _("The customer has been erased."))
    return redirect("customers")
