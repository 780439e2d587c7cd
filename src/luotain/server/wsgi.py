"""The entry point for a WSGI server."""

import gc
import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luotain.server.settings")
application = get_wsgi_application()

# Only now, when Django is set up. The pages are loaded before anybody is let in; the engine of figures and the drawing
# tools take seconds to load, and whoever opens the first page should not wait for them.
from django.urls import get_resolver  # noqa: E402
from django.utils import timezone  # noqa: E402

from luotain.server.operations.understand import warm_up  # noqa: E402

get_resolver().url_patterns  # noqa: B018 - loads every page


def _settle() -> None:
    """Load what takes long, then look no more for garbage in all that stays: it took a quarter of a post's time."""
    warm_up(now=timezone.now())
    gc.collect()
    gc.freeze()


Thread(target=_settle, name="warm-up", daemon=True).start()
