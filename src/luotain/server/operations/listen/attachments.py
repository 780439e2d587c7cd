"""The files that came with voices, for those who may see the voices."""

from __future__ import annotations

from collections.abc import Sequence

from luotain.server.models.listen import Attachment
from luotain.server.models.people import in_reach


def attachment_in_reach(*, pk: int, reach: Sequence[str]) -> Attachment | None:
    """Return a file whose voice lies within ``reach`` (paths of units), else ``None``."""
    return Attachment.objects.filter(in_reach(reach, "feedback__unit"), pk=pk, feedback__erased_at=None).first()
