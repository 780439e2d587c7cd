"""The hallway: logging in, the members and their roles, one's own settings, and errors in plain words."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from luotain.server.models.people import Member, Membership, Unit, in_reach
from luotain.server.operations import people
from luotain.server.operations.people import memberships
from luotain.server.web.access import reach_of
from luotain.terms import Role, Vocabulary

LANGUAGES = [("fi", "Suomi"), ("sv", "Svenska"), ("en", "English")]
REFUSALS = {
    "last_administrator": gettext_lazy(
        "This would leave nobody who may manage the installation. Make somebody else an administrator first."
    ),
    "out_of_reach": gettext_lazy("This member also works in a unit that you do not manage. Ask its administrator."),
}


def word_choices(vocabulary: type[Vocabulary]) -> list[tuple[str, str]]:
    """Return the codes of a vocabulary with their words in the reader's language, for a form."""
    language = translation.get_language() or "en"
    return [(word.value, capfirst(word.label(language))) for word in vocabulary]


# --- the door --------------------------------------------------------------------------------------------------------


class LoginForm(AuthenticationForm):
    """User name and password; what is wrong is not told apart."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": gettext_lazy("The user name or the password is wrong. Capital letters count."),
    }


class Login(LoginView):
    """The door. A member's own language is taken up as they enter."""

    template_name = "people/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        """Show the door; where nobody has a key to it yet, lead to the making of the first administrator."""
        if people.first_key():
            return redirect("first")
        return super().get(request, *args, **more)

    def form_valid(self, form: Any) -> HttpResponse:
        """Log in and remember the member's language in this browser."""
        answer = super().form_valid(form)
        return in_their_language(answer, form.get_user().language)


class FirstForm(forms.Form):
    """Who the first administrator is."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"})
    )
    username = forms.RegexField(
        r"^[a-z0-9._@-]+$", label=gettext_lazy("User name"), max_length=60,
        error_messages={"invalid": gettext_lazy("Use lower-case letters a–z, digits and the signs . _ @ - only.")},
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none"}),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}), help_text=gettext_lazy("At least 12 characters."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def first(request: HttpRequest) -> HttpResponse:
    """Make the first administrator of a new installation, log them in and lead them to its five questions."""
    if not people.first_key():
        return redirect("login")
    key = request.POST.get("key") or request.GET.get("key", "")
    if not people.is_first_key(key):
        return render(request, "people/first.html", {"wrong": bool(key)}, status=403 if key else 200)
    form = FirstForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        language = translation.get_language() or "en"
        try:
            made = people.make_first_administrator(**form.cleaned_data, key=key, language=language, now=timezone.now())
        except ValidationError as refusal:
            form.add_error("password", refusal)
        except people.NotFirst:
            return redirect("login")
        else:
            login(request, made, "django.contrib.auth.backends.ModelBackend")
            return in_their_language(redirect("home"), language)
    page = {"form": form, "key": key}
    return render(request, "people/first.html", page, status=422 if form.errors else 200)


def in_their_language(answer: HttpResponse, language: str) -> HttpResponse:
    """Remember a language in the browser that gets this answer."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
    )
    return answer


# --- members ---------------------------------------------------------------------------------------------------------


class RoleForm(forms.Form):
    """A role in a unit."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    unit = forms.ModelChoiceField(Unit.objects.none(), label=gettext_lazy("Unit"), empty_label=None)

    def __init__(self, *args: Any, paths: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        cast(forms.ChoiceField, self.fields["role"]).choices = word_choices(Role)
        cast(Any, self.fields["unit"]).queryset = memberships.units_in(paths)


class MemberForm(RoleForm):
    """A new member with their first role."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    username = forms.RegexField(
        r"^[a-z0-9._@-]+$", label=gettext_lazy("User name"), max_length=60,
        error_messages={"invalid": gettext_lazy("Use lower-case letters a–z, digits and the signs . _ @ - only.")},
    )  # fmt: skip
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)
    password = forms.CharField(
        label=gettext_lazy("First password"), strip=False, widget=forms.PasswordInput(render_value=True),
        help_text=gettext_lazy("At least 12 characters. The member changes it in their own settings."),
    )  # fmt: skip
    field_order = ("name", "username", "email", "language", "role", "unit", "password")

    def clean_username(self) -> str:
        """Refuse a name that somebody has."""
        username = str(self.cleaned_data["username"])
        if Member.objects.filter(username=username).exists():
            raise ValidationError(_("Somebody already has this user name. Choose another."))
        return username


@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest) -> HttpResponse:
    """List the members; add one."""
    paths = reach_of(request)
    first = {"language": translation.get_language(), "role": Role.AGENT}
    form = MemberForm(request.POST if request.method == "POST" else None, paths=paths, initial=first)
    if form.is_bound and form.is_valid():
        try:
            added = people.add_member(**form.cleaned_data, now=timezone.now())
        except ValidationError as refusal:
            form.add_error("password", refusal)
        else:
            messages.success(request, _("%(name)s was added.") % {"name": added.name})
            return redirect("members")
    page = {"members": memberships.members_in(paths)[:500], "form": form}
    return render(request, "people/members.html", page, status=422 if form.errors else 200)


def _reachable(request: HttpRequest, pk: int) -> Member:
    return get_object_or_404(memberships.members_in(reach_of(request)), pk=pk)


@require_GET
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one member and their roles."""
    shown = _reachable(request, pk)
    form = RoleForm(paths=reach_of(request), initial={"role": Role.AGENT})
    return render(request, "people/member.html", {"shown": shown, "form": form})


@require_POST
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a member a role in a unit."""
    shown = _reachable(request, pk)
    form = RoleForm(request.POST, paths=reach_of(request))
    if not form.is_valid():
        return render(request, "people/member.html", {"shown": shown, "form": form}, status=422)
    memberships.give_role(
        member=shown,
        role=Role(form.cleaned_data["role"]),
        unit=form.cleaned_data["unit"],
        by=cast(Member, request.user),
        now=timezone.now(),
    )
    return redirect("member", pk)


@require_POST
def take_role(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """Take a role away."""
    shown = _reachable(request, pk)
    row = get_object_or_404(Membership.objects.filter(in_reach(reach_of(request)), member=shown), pk=membership)
    try:
        memberships.take_role(membership=row, by=cast(Member, request.user), now=timezone.now())
    except memberships.NotAllowed as refusal:
        messages.error(request, str(REFUSALS[refusal.reason]))
    return redirect("member", pk)


@require_POST
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a member in, or keep them out."""
    shown = _reachable(request, pk)
    try:
        memberships.set_active(
            member=shown,
            active=request.POST.get("active") == "yes",
            reach=reach_of(request),
            by=cast(Member, request.user),
            now=timezone.now(),
        )
    except memberships.NotAllowed as refusal:
        messages.error(request, str(REFUSALS[refusal.reason]))
    return redirect("member", pk)


# --- one's own settings -----------------------------------------------------------------------------------------------


class LanguageForm(forms.Form):
    """In which language the member reads."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)


class PasswordForm(forms.Form):
    """A new password; the old one shows that it is really the member."""

    old = forms.CharField(
        label=gettext_lazy("Present password"), strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    new = forms.CharField(
        label=gettext_lazy("New password"), strip=False, help_text=gettext_lazy("At least 12 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, member: Member, **more: Any) -> None:
        super().__init__(*args, **more)
        self.member = member

    def clean_old(self) -> str:
        """Refuse a wrong present password."""
        if not self.member.check_password(str(self.cleaned_data["old"])):
            raise ValidationError(_("This is not your present password."))
        return ""


def _settings_page(request: HttpRequest, password: forms.Form | None = None) -> HttpResponse:
    reader = cast(Member, request.user)
    page = {
        "language": LanguageForm(initial={"language": reader.language}),
        "password": password or PasswordForm(member=reader),
        "roles": reader.memberships.select_related("unit").order_by("role"),
    }
    return render(request, "people/own_settings.html", page, status=422 if password else 200)


@require_GET
def own_settings(request: HttpRequest) -> HttpResponse:
    """Show one's own settings."""
    return _settings_page(request)


@require_POST
def own_language(request: HttpRequest) -> HttpResponse:
    """Remember in which language the member reads."""
    form = LanguageForm(request.POST)
    if form.is_valid():
        memberships.choose_language(member=cast(Member, request.user), language=form.cleaned_data["language"])
        return in_their_language(redirect("own_settings"), form.cleaned_data["language"])
    return redirect("own_settings")


@require_POST
def own_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the session goes on."""
    reader = cast(Member, request.user)
    form = PasswordForm(request.POST, member=reader)
    if form.is_valid():
        try:
            memberships.choose_password(member=reader, password=form.cleaned_data["new"], now=timezone.now())
        except ValidationError as refusal:
            form.add_error("new", refusal)
        else:
            update_session_auth_hash(request, reader)
            messages.success(request, _("Your password was changed."))
            return redirect("own_settings")
    return _settings_page(request, form)


# --- errors, in plain words ------------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be understood."""
    return render(request, "people/error.html", {"code": 400}, status=400)


def not_permitted(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: logged in, but the role does not open this."""
    return render(request, "people/error.html", {"code": 403}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page or row, or not in the member's units. Other systems are told in JSON."""
    if request.path.startswith("/api/"):
        told = {"error": "There is no such address in the API.", "field": "", "remedy": "openapi.json lists them."}
        return JsonResponse(told, status=404)
    return render(request, "people/error.html", {"code": 404}, status=404)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was open too long or came from elsewhere; what was written stays in the browser's page."""
    return render(request, "people/error.html", {"code": 403, "expired": True}, status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our own mistake. Nothing is read from the database, which may be the very thing that fails."""
    return render(None, "people/broken.html", status=500)
