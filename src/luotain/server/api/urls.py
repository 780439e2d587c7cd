"""The addresses of the API, put together once."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from luotain.server.api import listen, quick
from luotain.server.api.gate import api

api.add_router("", listen.router)


def _shorter(pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """Return the address of feedback with the short way before it; the others as they are."""
    if isinstance(pattern, URLPattern) and pattern.name == "feedback":
        return path(str(pattern.pattern), quick.before(pattern.callback), name=pattern.name)
    return pattern


_patterns, _app, _namespace = api.urls
urls = ([_shorter(pattern) for pattern in _patterns], _app, _namespace)
