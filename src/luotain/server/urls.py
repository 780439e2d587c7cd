"""Every address of the product: the pages by room, and the API."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("luotain.server.web.urls")),
]
