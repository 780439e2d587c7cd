"""What a respondent's browser sent: fields and files, read within limits and never written to a disk."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError

from luotain.listen.files import LARGEST_FILE
from luotain.server.operations.listen.fill import Upload

#: the largest form that is read at all, in bytes; a longer text than fits is read, so that the rest is not lost
_LARGEST = 8_000_000
#: bytes of files that are kept of one form
_LARGEST_TOGETHER = 4 * LARGEST_FILE


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form as it was sent; nothing at all for a page that is only looked at."""

    fields: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    too_large: bool = False


def sent_form(request: HttpRequest) -> SentForm:
    """Read a sent form.

    The stream is read here and not through ``request.POST``, whose limit would throw the whole form away. Of a file
    that is too large only as much is kept as shows that it is, so that the words beside it are not lost.
    """
    if request.method != "POST":
        return SentForm()
    try:
        if request.content_type == "application/x-www-form-urlencoded":
            body = request.read(_LARGEST + 1)
            return SentForm(QueryDict(body, encoding="utf-8").dict()) if len(body) <= _LARGEST else _TOO_LARGE
        request.upload_handlers = [_InMemory(request)]
        fields = request.POST.dict()
        return SentForm(fields, {name: _upload(sent) for name, sent in request.FILES.items()})
    except (RequestDataTooBig, SuspiciousOperation, MultiPartParserError):
        return _TOO_LARGE


_TOO_LARGE = SentForm(too_large=True)


def _upload(sent: Any) -> Upload:
    content = sent.read()
    return Upload(str(sent.name), content, whole=len(content) == sent.size)


class _InMemory(FileUploadHandler):
    """Keeps files in memory: what respondents send is never on a disk in the clear."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._left = _LARGEST_TOGETHER
        self._content = io.BytesIO()

    def new_file(self, *args: Any, **more: Any) -> None:
        super().new_file(*args, **more)
        self._content = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        part = raw_data[: max(0, min(LARGEST_FILE - self._content.tell(), self._left))]
        self._left -= len(part)
        self._content.write(part)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile | None:
        self._content.seek(0)
        return InMemoryUploadedFile(
            self._content, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )
