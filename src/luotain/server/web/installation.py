"""Every page knows whose installation it is, and shows times in that organization's time zone."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from luotain.server.models.people import Organization

#: what answers also when there is no database, and what shows neither name nor times: other systems' doors
WITHOUT = ("health", "hook_in", "api:feedback", "api:interactions")


class InstallationMiddleware:
    """Leaves the organization in ``request.organization`` (``None`` before the very first start)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """Read the organization once, and count days and hours as it does."""
        match = request.resolver_match
        if match and match.view_name in WITHOUT:
            return
        organization = Organization.objects.first()
        request.organization = organization  # type: ignore[attr-defined]
        if organization:
            timezone.activate(ZoneInfo(organization.time_zone))
