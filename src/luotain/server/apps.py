"""The Django application that carries all tables, pages and commands of the product."""

from django.apps import AppConfig


class LuotainConfig(AppConfig):
    """One application: its label is the prefix of every table."""

    name = "luotain.server"
    label = "luotain"
    default_auto_field = "django.db.models.BigAutoField"
