"""For those who watch over the machine: is the product answering and is its database there?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from luotain.server.operations import people


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer "ok", or 503 when the database cannot be reached. Nothing else is told to strangers."""
    alive = people.database_answers()
    return HttpResponse("ok" if alive else "unavailable", status=200 if alive else 503, content_type="text/plain")
