"""Logging: one line per happening, JSON where nobody sits at a terminal, and never a personal value.

Two nets keep personal data out. Fields that are personal by name are dropped from every line, whoever wrote it;
and lines about requests tell the pattern of the address (``/s/<token>/``) instead of the address itself, because
personal links carry a token.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

#: fields that are dropped from every line
PERSONAL = frozenset(
    {
        "address", "answer", "authorization", "body", "cookie", "customer_name", "email", "first_name", "html",
        "identifier", "ip", "last_name", "message_text", "name_of_customer", "password", "payload", "phone",
        "recipient", "secret", "sender_address", "subject_line", "text", "token", "user_agent", "username",
        "value", "verbatim",
    }
)  # fmt: skip


def drop_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Leave out of a line the fields that are personal by name; the line says which were left out."""
    personal = sorted(PERSONAL.intersection(event))
    for name in personal:
        del event[name]
    if personal:
        event["left_out"] = personal
    return event


def address_of(request: Any) -> str:
    """Return the pattern of the address that was asked for, without what stands in its places."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "(no such page)"


class PatternOfAddress(logging.Filter):
    """Replaces, in Django's own lines about requests, the address by its pattern."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line; always let it through."""
        request = getattr(record, "request", None)
        if request is not None:
            status = getattr(record, "status_code", "")
            record.msg, record.args = "%s %s %s", (getattr(request, "method", ""), address_of(request), status)
            record.request = None
        return True


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_personal,
    ]


def _renderer() -> list[Any]:
    if sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    # No local variables in tracebacks: they hold what customers wrote.
    plain = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(plain), structlog.processors.JSONRenderer()]


def configure(level: str) -> dict[str, Any]:
    """Set structlog up and return the matching ``LOGGING`` of Django's settings.

    Parameters
    ----------
    level
        The least level that is shown: "DEBUG", "INFO", "WARNING" or "ERROR".
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"pattern": {"()": PatternOfAddress}},
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _shared(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    drop_personal,
                    *_renderer(),
                ],
            }
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["pattern"]},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django brings handlers of its own (mail to administrators, the test server's lines): ours is enough.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
