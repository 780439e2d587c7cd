"""Every address of the product: the pages by room, and the API."""

from django.urls import URLPattern, URLResolver, include, path

from luotain.server.api.urls import urls as api_urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api_urls),
    path("", include("luotain.server.web.urls")),
]

handler400 = "luotain.server.web.people.bad_request"
handler403 = "luotain.server.web.people.not_permitted"
handler404 = "luotain.server.web.people.not_found"
handler500 = "luotain.server.web.people.broken"
