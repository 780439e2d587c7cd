"""The addresses of the pages, room by room. Who may open them is decided in ``web/access.py``."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.i18n import set_language

from luotain.server.web import people

urlpatterns: list[URLPattern] = [
    # people
    path("", people.home, name="home"),
    path("login/", people.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set_language"),
    path("members/", people.members, name="members"),
    path("me/", people.own_settings, name="own_settings"),
    # listen
    # understand
    # respond
    # improve
]
