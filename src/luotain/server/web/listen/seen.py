"""That a letter was opened: told only by the letters of programmes whose company chose to ask mail programs for it."""

from __future__ import annotations

import base64

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from luotain.server.operations.listen.fieldwork import note_opened

#: one transparent point, as GIF
_POINT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
def respond_seen(request: HttpRequest, token: str) -> HttpResponse:
    """Note the opening of a letter. Any address is answered alike, so that nobody can try out links here."""
    note_opened(token=token, now=timezone.now())
    return HttpResponse(_POINT, content_type="image/gif", headers={"Cache-Control": "no-store"})
