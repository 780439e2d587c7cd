"""Files that came with voices: handed to those who may see the voice, and never shown by the browser itself."""

from __future__ import annotations

import io

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from luotain.server.operations.listen.attachments import attachment_in_reach
from luotain.server.web.access import reach_of


@require_safe
def attachment(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out one file to be saved. Nothing has searched it for viruses: the reader's own computer does."""
    found = attachment_in_reach(pk=pk, reach=reach_of(request))
    if found is None:
        raise Http404
    response = FileResponse(
        io.BytesIO(found.content), as_attachment=True, filename=found.name, content_type=found.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store, private"
    return response
