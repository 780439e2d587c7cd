"""The Django application that carries all tables, pages and commands of the product."""

import gc

from django.apps import AppConfig

#: Python's own 700, 10, 10 make a batch of a thousand rows walk all that the process holds, over and over, in search
#: of circles that rows do not form: half of what taking in a batch cost. What is in no circle is freed at once anyway.
_COLLECT = (50_000, 20, 100)


class LuotainConfig(AppConfig):
    """One application: its label is the prefix of every table."""

    name = "luotain.server"
    label = "luotain"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Look for circles in memory less often."""
        gc.set_threshold(*_COLLECT)
