"""Who may open which page: one table for every address of the product, enforced before any view runs.

An address that is missing here opens for nobody; ``tests/server/test_access.py`` walks the router itself and tries
every role at every address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from luotain.people.access import Grant, Permission, reach, reaches_all

#: open to the whole world: login pages, the respondent's pages, "you said, we did"
PUBLIC = "public"
#: open to every member who has logged in
MEMBER = "member"
#: the API checks its own keys (``server/api``)
KEY = "key"

#: name of the address -> what it takes to open it
ACCESS: dict[str, str | Permission] = {
    # people
    "home": MEMBER,
    "today_figures": Permission.SEE_MEASURES,
    "health": PUBLIC,
    "login": PUBLIC,
    "first": PUBLIC,
    "logout": PUBLIC,
    "set_language": PUBLIC,
    "members": Permission.MANAGE_MEMBERS,
    "member": Permission.MANAGE_MEMBERS,
    "give_role": Permission.MANAGE_MEMBERS,
    "take_role": Permission.MANAGE_MEMBERS,
    "set_active": Permission.MANAGE_MEMBERS,
    "matches": Permission.MANAGE_SETUP,
    "match_decide": Permission.MANAGE_SETUP,
    "match_undo": Permission.MANAGE_SETUP,
    "own_settings": MEMBER,
    "own_language": MEMBER,
    "own_password": MEMBER,
    "look": MEMBER,
    # listen
    "start": Permission.MANAGE_SETUP,
    "started": Permission.MANAGE_SETUP,
    "respond": PUBLIC,
    "respond_thanks": PUBLIC,
    "respond_seen": PUBLIC,
    "respond_no_more": PUBLIC,
    "own_ask": PUBLIC,
    "own_page": PUBLIC,
    "own_profile": PUBLIC,
    "own_consent": PUBLIC,
    "own_address": PUBLIC,
    "own_export": PUBLIC,
    "own_erase": PUBLIC,
    "feedback_page": PUBLIC,
    "feedback_page_thanks": PUBLIC,
    "notices": PUBLIC,
    "stream": Permission.SEE_FEEDBACK,
    "stream_newer": Permission.SEE_FEEDBACK,
    "touchpoints": Permission.SEE_FEEDBACK,
    "touchpoint": Permission.SEE_FEEDBACK,
    "touchpoint_owner": Permission.MANAGE_SETUP,
    "touchpoint_ways": Permission.MANAGE_SETUP,
    "touchpoint_way": Permission.MANAGE_SETUP,
    "voice_door": Permission.SEE_FEEDBACK,
    "visits": Permission.OBSERVE,
    "visit_kept": Permission.OBSERVE,
    "touchpoint_qr": Permission.SEE_FEEDBACK,
    "touchpoint_poster": Permission.SEE_FEEDBACK,
    "attachment": Permission.SEE_FEEDBACK,
    "observation": Permission.OBSERVE,
    "hooks": Permission.MANAGE_SETUP,
    "hook": Permission.MANAGE_SETUP,
    "hook_question": Permission.MANAGE_SETUP,
    "hook_secret": Permission.MANAGE_SETUP,
    "hook_revoke": Permission.MANAGE_SETUP,
    "hook_in": KEY,
    "api:api-root": PUBLIC,
    "api:openapi-json": PUBLIC,
    "api:feedback": KEY,
    "api:interactions": KEY,
    "api:contact_list": KEY,
    "questionnaires": Permission.ASK,
    "questionnaire_new": Permission.ASK,
    "questionnaire_style": Permission.ASK,
    "questionnaire": Permission.ASK,
    "questionnaire_head": Permission.ASK,
    "questionnaire_add": Permission.ASK,
    "questionnaire_discard": Permission.ASK,
    "questionnaire_check": Permission.ASK,
    "questionnaire_publish": Permission.ASK,
    "questionnaire_versions": Permission.ASK,
    "questionnaire_download": Permission.ASK,
    "questionnaire_upload": Permission.ASK,
    "questionnaire_use": Permission.ASK,
    "questionnaire_retire": Permission.ASK,
    "questionnaire_preview": Permission.ASK,
    "questionnaire_thanks": Permission.ASK,
    "questionnaire_question": Permission.ASK,
    "questionnaire_move": Permission.ASK,
    "questionnaire_remove": Permission.ASK,
    "questionnaire_scale": Permission.ASK,
    "questionnaire_score": Permission.ASK,
    "imports": Permission.IMPORT_DATA,
    "import_page": Permission.IMPORT_DATA,
    "import_try": Permission.IMPORT_DATA,
    "import_start": Permission.IMPORT_DATA,
    "import_progress": Permission.IMPORT_DATA,
    "import_discard": Permission.IMPORT_DATA,
    "import_undo": Permission.IMPORT_DATA,
    "import_rejected": Permission.IMPORT_DATA,
    "import_mapping": Permission.IMPORT_DATA,
    # understand
    "measures": Permission.SEE_MEASURES,
    "measure": Permission.SEE_MEASURES,
    "own_measures": Permission.SEE_MEASURES,
    "own_measure_drop": Permission.ASK,
    "response": Permission.SEE_MEASURES,
    "journey": Permission.SEE_MEASURES,
    "channels": Permission.SEE_MEASURES,
    "promises": Permission.SEE_MEASURES,
    "promise_drop": Permission.ASK,
    "compare": Permission.SEE_MEASURES,
    "benchmarks": Permission.SEE_MEASURES,
    "benchmark_drop": Permission.ASK,
    "drivers": Permission.SEE_MEASURES,
    "linkage": Permission.SEE_MEASURES,
    "words": Permission.SEE_MEASURES,
    "words_voices": Permission.SEE_MEASURES,
    "explore": Permission.SEE_MEASURES,
    "explore_file": Permission.SEE_MEASURES,
    "explore_voices": Permission.SEE_MEASURES,
    "explore_save": Permission.SEE_MEASURES,
    "explore_drop": Permission.SEE_MEASURES,
    "annotate": Permission.ASK,
    "annotation_drop": Permission.ASK,
    "value": Permission.SEE_MEASURES,
    "teams": Permission.SEE_MEASURES,
    "places": Permission.SEE_MEASURES,
    "place": Permission.SEE_MEASURES,
    "place_count": Permission.OBSERVE,
    "reasons": Permission.SEE_MEASURES,
    "reason_verify": Permission.ASK,
    "quality": Permission.SEE_MEASURES,
    "questionnaire_results": Permission.SEE_MEASURES,
    "quality_lift": Permission.ASK,
    "programmes": Permission.ASK,
    "programme": Permission.ASK,
    "programme_new": Permission.ASK,
    "programme_change": Permission.ASK,
    "programme_pause": Permission.ASK,
    "programme_end": Permission.ASK,
    "programme_wave": Permission.ASK,
    "peace_set": Permission.ASK,
    "why": Permission.WORK_CASES,
    # respond
    "customers": Permission.WORK_CASES,
    "customer": Permission.WORK_CASES,
    "customer_link": Permission.WORK_CASES,
    "customer_attribute": Permission.WORK_CASES,
    "customer_export": Permission.MANAGE_SETUP,
    "customer_erase": Permission.MANAGE_SETUP,
    "inbox": Permission.WORK_CASES,
    "next_case": Permission.WORK_CASES,
    "case": Permission.WORK_CASES,
    "case_reply": Permission.WORK_CASES,
    "case_move": Permission.WORK_CASES,
    "case_solve": Permission.WORK_CASES,
    "case_assign": Permission.WORK_CASES,
    "case_cause": Permission.WORK_CASES,
    "case_feeling": Permission.WORK_CASES,
    "case_note": Permission.WORK_CASES,
    "case_remedy": Permission.WORK_CASES,
    "case_merge": Permission.WORK_CASES,
    "case_goodwill": Permission.GIVE_GOODWILL,
    "case_gift": Permission.GIVE_GOODWILL,
    # improve
    "actions": Permission.SEE_ACTIONS,
    "action": Permission.SEE_ACTIONS,
    "action_new": Permission.PLAN_ACTIONS,
    "action_outlook": Permission.PLAN_ACTIONS,
    "action_change": Permission.PLAN_ACTIONS,
    "action_register": Permission.PLAN_ACTIONS,
    "action_stop": Permission.PLAN_ACTIONS,
    "action_verify": Permission.PLAN_ACTIONS,
    "action_notice": Permission.PUBLISH_NOTICES,
    "action_notice_withdraw": Permission.PUBLISH_NOTICES,
    "goals": Permission.SEE_ACTIONS,
    "goal_set": Permission.PLAN_ACTIONS,
}

#: what concerns the organization as a whole: the permission must be held at the top of the tree
WHOLE: frozenset[str] = frozenset(
    {
        "start",
        "started",
        "peace_set",
        "hooks",
        "hook",
        "hook_question",
        "hook_secret",
        "hook_revoke",
    }
) | frozenset(name for name in ACCESS if name.startswith(("questionnaire", "match", "customer_e")))


def paths_of(grants: Iterable[Grant], name: str) -> tuple[str, ...]:
    """Return the unit paths in which these grants open the address; empty where they do not, or it takes none."""
    rule = ACCESS.get(name)
    paths = reach(grants, rule) if isinstance(rule, Permission) else ()
    return paths if name not in WHOLE or reaches_all(paths) else ()


class AccessMiddleware:
    """Enforces the table; leaves in ``request.reach`` the unit paths in which the permission is held."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "behind_the_door", False) and not response.has_header("Cache-Control"):
            # what a member saw must not come back by the "back" button of a shared computer
            add_never_cache_headers(response)
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponseBase | None:
        """Let the request through, lead it to the login page, or refuse it."""
        match = request.resolver_match
        rule = ACCESS.get(match.view_name if match else "")
        if rule in (PUBLIC, KEY):
            return None
        if not request.user.is_authenticated:
            return _to_the_door(request)
        request.behind_the_door = True  # type: ignore[attr-defined]
        if rule == MEMBER:
            return None
        paths = paths_of(request.user.grants(), match.view_name if match else "")
        if not paths:
            raise PermissionDenied
        request.reach = paths  # type: ignore[attr-defined]
        return None


def _to_the_door(request: HttpRequest) -> HttpResponse:
    """Lead to the login page; a page that asked for a part of itself is led there as a whole."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        page = redirect_to_login(htmx.current_url_abs_path or "/")
        return HttpResponseClientRedirect(page.url)
    return redirect_to_login(request.get_full_path())


def reach_of(request: HttpRequest) -> Any:
    """Return the unit paths that the table granted for this request."""
    return getattr(request, "reach", ())
