"""Which submissions are known already: one question per source for a whole chunk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Q

from luotain.listen.submission import Submission
from luotain.server.models.asking import Question
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


def known_wanted(submissions: Iterable[Submission]) -> list[Question]:
    """Return the questions by whose answers :func:`find_known` finds these submissions."""
    ids: dict[str, list[str]] = {}
    for submission in submissions:
        ids.setdefault(submission.source, []).append(submission.source_id)
    return [(_ASK[connection.vendor], [json.dumps(wanted), source]) for source, wanted in ids.items()]


def find_known(submissions: Iterable[Submission], answers: Iterable[Sequence[tuple[int]]]) -> dict[Key, Feedback]:
    """Return the feedback that these submissions have already become, half-answered ones locked.

    ``answers`` are those to :func:`known_wanted`.
    """
    invitations = [submission.invitation_id for submission in submissions if submission.invitation_id]
    found = [pk for rows in answers for (pk,) in rows]
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
