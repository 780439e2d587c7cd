"""The addresses of the pages, room by room. Who may open them is decided in ``web/access.py``."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.i18n import set_language

from luotain.server.web import people, today
from luotain.server.web.health import health
from luotain.server.web.listen import respondent

urlpatterns: list[URLPattern] = [
    # people
    path("", today.home, name="home"),
    path("health/", health, name="health"),
    path("login/", people.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set_language"),
    path("members/", people.members, name="members"),
    path("members/<int:pk>/", people.member, name="member"),
    path("members/<int:pk>/role/", people.give_role, name="give_role"),
    path("members/<int:pk>/role/<int:membership>/", people.take_role, name="take_role"),
    path("members/<int:pk>/active/", people.set_active, name="set_active"),
    path("me/", people.own_settings, name="own_settings"),
    path("me/language/", people.own_language, name="own_language"),
    path("me/password/", people.own_password, name="own_password"),
    # listen
    path("r/<str:token>/", respondent.respond, name="respond"),
    path("r/<str:token>/thanks/", respondent.respond_thanks, name="respond_thanks"),
    path("r/<str:token>/no-more/", respondent.respond_no_more, name="respond_no_more"),
    path("f/<slug:code>/", respondent.feedback_page, name="feedback_page"),
    path("f/<slug:code>/thanks/", respondent.feedback_page_thanks, name="feedback_page_thanks"),
    path("notices/", respondent.notices, name="notices"),
    # understand
    # respond
    # improve
]
