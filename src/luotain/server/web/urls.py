"""The addresses of the pages, room by room. Who may open them is decided in ``web/access.py``."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.i18n import set_language

from luotain.server.web import look, people, respond, today, understand
from luotain.server.web.health import health
from luotain.server.web.improve import actions, goals, notices
from luotain.server.web.listen import imports, respondent, seen, staff, start

urlpatterns: list[URLPattern] = [
    # people
    path("", today.home, name="home"),
    path("today/figures/", today.figures, name="today_figures"),
    path("health/", health, name="health"),
    path("login/", people.Login.as_view(), name="login"),
    path("first/", people.first, name="first"),
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
    path("look/", look.look, name="look"),
    # listen
    path("start/", start.start, name="start"),
    path("start/<slug:code>/", start.started, name="started"),
    path("r/<str:token>/", respondent.respond, name="respond"),
    path("r/<str:token>/thanks/", respondent.respond_thanks, name="respond_thanks"),
    path("r/<str:token>/seen.gif", seen.respond_seen, name="respond_seen"),
    path("r/<str:token>/no-more/", respondent.respond_no_more, name="respond_no_more"),
    path("f/<slug:code>/", respondent.feedback_page, name="feedback_page"),
    path("f/<slug:code>/thanks/", respondent.feedback_page_thanks, name="feedback_page_thanks"),
    path("notices/", respondent.notices, name="notices"),
    path("stream/", staff.stream, name="stream"),
    path("stream/newer/", staff.stream_newer, name="stream_newer"),
    path("touchpoints/", staff.touchpoints, name="touchpoints"),
    path("touchpoints/<slug:code>/", staff.touchpoint, name="touchpoint"),
    path("touchpoints/<slug:code>/owner/", staff.touchpoint_owner, name="touchpoint_owner"),
    path("touchpoints/<slug:code>/qr.svg", staff.touchpoint_qr, name="touchpoint_qr"),
    path("observe/", staff.observation, name="observation"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.import_page, name="import_page"),
    path("imports/<int:pk>/try/", imports.import_try, name="import_try"),
    path("imports/<int:pk>/start/", imports.import_start, name="import_start"),
    path("imports/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("imports/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<int:pk>/rejected.csv", imports.import_rejected, name="import_rejected"),
    # understand
    path("measures/", understand.measures, name="measures"),
    path("measures/<slug:code>/", understand.measure, name="measure"),
    path("journey/", understand.journey, name="journey"),
    # respond
    path("inbox/", respond.inbox, name="inbox"),
    path("inbox/next/", respond.next_case, name="next_case"),
    path("cases/<int:pk>/", respond.case, name="case"),
    path("cases/<int:pk>/reply/", respond.case_reply, name="case_reply"),
    path("cases/<int:pk>/move/", respond.case_move, name="case_move"),
    path("cases/<int:pk>/solve/", respond.case_solve, name="case_solve"),
    path("cases/<int:pk>/owner/", respond.case_assign, name="case_assign"),
    path("cases/<int:pk>/cause/", respond.case_cause, name="case_cause"),
    path("cases/<int:pk>/feeling/", respond.case_feeling, name="case_feeling"),
    path("cases/<int:pk>/note/", respond.case_note, name="case_note"),
    path("cases/<int:pk>/remedy/", respond.case_remedy, name="case_remedy"),
    path("cases/<int:pk>/merge/", respond.case_merge, name="case_merge"),
    path("cases/<int:pk>/goodwill/", respond.case_goodwill, name="case_goodwill"),
    path("cases/<int:pk>/gift/", respond.case_gift, name="case_gift"),
    # improve
    path("actions/", actions.actions, name="actions"),
    path("actions/new/", actions.action_new, name="action_new"),
    path("actions/outlook/", actions.action_outlook, name="action_outlook"),
    path("actions/<int:pk>/", actions.action, name="action"),
    path("actions/<int:pk>/change/", actions.action_change, name="action_change"),
    path("actions/<int:pk>/register/", actions.action_register, name="action_register"),
    path("actions/<int:pk>/stop/", actions.action_stop, name="action_stop"),
    path("actions/<int:pk>/verify/", actions.action_verify, name="action_verify"),
    path("actions/<int:pk>/notice/", notices.action_notice, name="action_notice"),
    path("actions/<int:pk>/notice/withdraw/", notices.action_notice_withdraw, name="action_notice_withdraw"),
    path("goals/", goals.goals, name="goals"),
    path("goals/set/", goals.goal_set, name="goal_set"),
]
