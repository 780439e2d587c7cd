"""The hallway: logging in, today's work by role, the members, one's own settings, and errors in plain words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Login(LoginView):
    """The door. A member's own language is taken up as they enter."""

    template_name = "people/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Log in and remember the member's language in this browser."""
        answer = super().form_valid(form)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, form.get_user().language, samesite="Lax")
        return answer


def home(request: HttpRequest) -> HttpResponse:
    """Show what to do today."""
    return render(request, "people/home.html")


def members(request: HttpRequest) -> HttpResponse:
    """List the members."""
    return render(request, "people/home.html")


def own_settings(request: HttpRequest) -> HttpResponse:
    """Language and password."""
    return render(request, "people/home.html")
