"""The addresses of the API, put together once."""

from __future__ import annotations

from luotain.server.api import listen
from luotain.server.api.gate import api

api.add_router("", listen.router)
urls = api.urls
