"""The addresses of the pages, room by room. Who may open them is decided in ``web/access.py``."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
