"""Every request gets an id, and one line in the log that names no person and no personal link."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from luotain.server.logs import address_of

_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
log = structlog.get_logger("luotain.web")


class RequestLog:
    """Binds the request's id to everything that is logged while it is answered, and sends it back in a header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.headers.get("X-Request-ID", "")
        request_id = told if _ID.fullmatch(told) else uuid.uuid4().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            log.info(
                "request",
                method=request.method,
                page=address_of(request),
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000),
            )
        response["X-Request-ID"] = request_id
        return response
