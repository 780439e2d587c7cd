"""Which submissions are known already: one question per source for a whole chunk."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection
from django.db.models import Q

from luotain.listen.submission import Submission
from luotain.server.models.listen import Feedback

#: (source, id of its own), or ("invitation", id)
Key = tuple[str, str]

#: One parameter however many ids are asked for, and one look-up in the index for each. PostgreSQL is given no choice
#: (LIMIT): of a source that it has no statistics of yet it expects a dozen rows, and would read them all.
_ASK = {
    "postgresql": "SELECT found.id FROM json_array_elements_text(%s::json) AS told(source_id), LATERAL "
    "(SELECT id FROM luotain_feedback WHERE source = %s AND source_id = told.source_id LIMIT 1) AS found",
    "sqlite": "SELECT id FROM luotain_feedback WHERE source_id IN (SELECT value FROM json_each(%s)) AND source = %s",
}


def key_of_invitation(submission: Submission) -> Key:
    """Return the key by which an answered invitation is known."""
    return ("invitation", str(submission.invitation_id or ""))


def find_known(submissions: Iterable[Submission]) -> dict[Key, Feedback]:
    """Return the feedback that these submissions have already become, half-answered ones locked."""
    ids: dict[str, list[str]] = {}
    invitations = []
    for submission in submissions:
        ids.setdefault(submission.source, []).append(submission.source_id)
        if submission.invitation_id:
            invitations.append(submission.invitation_id)
    found = [pk for source, wanted in ids.items() for pk in _ids_of(source, wanted)]
    if not found and not invitations:
        return {}
    condition = Q(pk__in=found)
    if invitations:
        condition |= Q(invitation__in=invitations)
    known: dict[Key, Feedback] = {}
    for row in Feedback.objects.select_for_update(of=("self",)).filter(condition).order_by("pk"):
        known[row.source, row.source_id] = row
        if row.invitation_id:
            known["invitation", str(row.invitation_id)] = row
    return known


def _ids_of(source: str, source_ids: list[str]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_ASK[connection.vendor], [json.dumps(source_ids), source])
        return [pk for (pk,) in cursor.fetchall()]
