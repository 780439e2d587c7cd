"""The entry point for a WSGI server."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luotain.server.settings")
application = get_wsgi_application()

# Only now, when Django is set up: the engine of figures and the drawing tools take seconds to load, and whoever opens
# the first page should not wait for them.
from django.utils import timezone  # noqa: E402

from luotain.server.operations.understand import warm_up  # noqa: E402

Thread(target=warm_up, kwargs={"now": timezone.now()}, name="warm-up", daemon=True).start()
