"""Anonymous answers: kept apart as they are told, and let out together when nobody can be found out by it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from luotain.listen import questionnaire
from luotain.listen.anonymity import ENOUGH, Batch, Group, Waiting, release
from luotain.listen.branching import shown
from luotain.listen.filling import owner
from luotain.listen.promise import midnight
from luotain.listen.submission import Submission, SubmittedAnswer
from luotain.people.link import fingerprint
from luotain.people.privacy import storable
from luotain.server.crypto import blind_index
from luotain.server.models.listen import HeldVoice, Invitation, Programme, ScaleRow, Touchpoint, Wave
from luotain.server.models.people import Organization, Unit
from luotain.server.operations.listen.forms import Form, item_of
from luotain.server.operations.listen.receive import check, receive
from luotain.terms import ProgrammeKind

#: under which name anonymous answers are kept when they are out
SOURCE = "anonymous form"
#: how long one that was left half-told waits for its rest: a link can be opened again for a month, a page hardly is
_LINK_WAITS, _PAGE_WAITS = timedelta(days=31), timedelta(days=2)
#: how long one is kept for which there never were enough others, and how long the key of one that came out
_KEPT, _KEY_KEPT = timedelta(days=366), timedelta(days=31)
#: how long the key of one that came out is kept, where it came from another system or a file: they tell again
_KEY_OF_ANOTHER = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Held:
    """How many anonymous answers of a programme are not shown."""

    #: until there are enough others
    waiting: int = 0
    #: for good: nobody can answer any more, and they are too few
    aside: int = 0


def day_of(now: datetime) -> datetime:
    """Return the midnight with which the organization's day began: all that is kept of an anonymous answer's time."""
    zone = Organization.objects.values_list("time_zone", flat=True).first()
    return midnight(now, ZoneInfo(zone) if zone else UTC)


def hold(
    *, form: Form, told: Mapping[str, str], replaced: Iterable[str], flags: Iterable[str], send: bool, now: datetime
) -> None:
    """Keep a page of an anonymous form, so that nothing ties it to whoever told it.

    Parameters
    ----------
    form
        As it was opened.
    told
        The fields of the page.
    replaced
        The questions whose earlier answers no longer count.
    flags
        Signs of doubtful quality.
    send
        Whether this is the end of it. A link from which an answer has been sent already adds no other.

    Raises
    ------
    luotain.listen.answering.NotAccepted
        When an answer does not fit its scale: nothing has been kept.
    """
    at = day_of(now)
    key = fingerprint(form.key)
    held = HeldVoice.objects.select_for_update().filter(pk=key).first()
    if (held and held.completed) or (form.invitation and not _mark(form.invitation, at, send=send)):
        return
    held = held or HeldVoice(pk=key)
    gone = set(replaced)
    body = held.body
    kept = {name: value for name, value in body.get("told", {}).items() if owner(name) not in gone}
    now_told = {name: storable(value) for name, value in told.items()}
    held.body = {"told": kept | now_told, "flags": sorted({*body.get("flags", ()), *flags})}
    held.programme, held.instrument, held.completed = form.programme, form.instrument, send
    held.wave = form.invitation.wave if form.invitation else None
    # What belongs to one person alone, like the touchpoint she was asked about, would tell who she is.
    held.touchpoint = form.programme.touchpoint if form.invitation and form.programme else form.touchpoint
    held.unit = _unit(form)
    held.day, held.delete_after = at, at + _KEPT
    check([_submission(held, at)], now=now)
    held.save()


def _unit(form: Form) -> Unit | None:
    if form.invitation and form.invitation.unit_id:
        return form.invitation.unit
    return form.touchpoint.unit if form.touchpoint else None


def _mark(invitation: Invitation, at: datetime, *, send: bool) -> bool:
    """Note on an invitation how far its asking got; tell whether an answer may still be taken from it."""
    row = Invitation.objects.filter(pk=invitation.pk)
    row.filter(started_at=None).update(started_at=at, opened_at=at)
    unanswered = row.filter(completed_at=None)
    return bool(unanswered.update(completed_at=at)) if send else unanswered.exists()


# --- letting out -------------------------------------------------------------------------------------------------


def release_anonymous(*, now: datetime) -> int:
    """Let out the anonymous answers of which enough wait, in an order drawn by lot; return how many came out.

    All that come out together bear one day, the latest on which one of them was told, and neither language nor channel
    but what their words and their programme say: nothing in them tells who of the batch told what. Several workers may
    do it at once: one takes what waits, the others find nothing.
    """
    _take_half_told(now)
    waits = HeldVoice.objects.filter(completed=True, released=False)
    if waits.values("pk")[:ENOUGH].count() < ENOUGH:
        return 0
    with transaction.atomic():
        rows = list(waits.select_for_update(of=("self",), skip_locked=True))
        parents = dict(Unit.objects.values_list("pk", "parent_id"))
        batches = release([_waiting(row) for row in rows], over=_over(rows, now), parents=parents)
        by_key = {row.pk: row for row in rows}
        for batch in batches:
            _let_out(batch, [by_key[key] for key in batch.keys], day_of(now))
    return sum(len(batch.keys) for batch in batches)


def _take_half_told(now: datetime) -> int:
    page = Q(programme=None) | Q(programme__kind=ProgrammeKind.ALWAYS_ON)
    left = (page & Q(day__lte=now - _PAGE_WAITS)) | Q(day__lte=now - _LINK_WAITS) | Q(programme__ends_at__lte=now)
    keys = HeldVoice.objects.filter(left, completed=False).values_list("pk", flat=True)[:500]
    return HeldVoice.objects.filter(pk__in=list(keys), completed=False).update(completed=True)


def _waiting(row: HeldVoice) -> Waiting:
    # A file can hold years, whose answers must not all come out as those of its last day. Those of our own forms come
    # out as they wait: their invitations are here, with the days on which they were answered.
    return Waiting(row.pk, _group(row), row.unit_id, row.day if "voice" in row.body else None)


def _group(row: HeldVoice) -> Group:
    return (row.programme_id, row.wave_id, row.instrument_id or 0, row.touchpoint_id)


def _over(rows: Sequence[HeldVoice], now: datetime) -> set[Group]:
    """Return the groups of these rows in which nobody can answer any more."""
    groups = {_group(row) for row in rows}
    programmes = {programme for programme, *_ in groups if programme}
    ended = set(Programme.objects.filter(pk__in=programmes, ends_at__lte=now).values_list("pk", flat=True))
    closed = set(Wave.objects.filter(programme__in=programmes, closed_at__isnull=False).values_list("pk", flat=True))
    open_links = Invitation.objects.filter(programme__in=programmes, completed_at=None, expires_at__gt=now)
    answerable = set(open_links.values_list("programme_id", "wave_id").distinct())
    return {
        group
        for group in groups
        if (group[0] in ended or group[1] in closed) and (group[0], group[1]) not in answerable
    }


def _let_out(batch: Batch, rows: list[HeldVoice], now: datetime) -> None:
    day = max(row.day for row in rows)
    unit = Unit.objects.get(pk=batch.unit).code if batch.unit else ""
    # The order in which they were told must not be the order of their rows.
    secrets.SystemRandom().shuffle(rows)
    for triage in (True, False):
        _take_in([_submission(row, day, unit) for row in rows if _may_open_cases(row) == triage], day, triage=triage)
    HeldVoice.objects.filter(pk__in=batch.keys).update(
        body={}, released=True, programme=None, wave=None, touchpoint=None, unit=None, day=day,
    )  # fmt: skip
    for ours, kept in ((True, _KEY_KEPT), (False, _KEY_OF_ANOTHER)):
        keys = [row.pk for row in rows if ("voice" not in row.body) == ours]
        HeldVoice.objects.filter(pk__in=keys).update(delete_after=now + kept)


def _may_open_cases(row: HeldVoice) -> bool:
    """Tell whether it is news: what a file tells of earlier times opens no cases."""
    return bool(row.body.get("triage", True))


def _take_in(submissions: Sequence[Submission], day: datetime, *, triage: bool) -> None:
    receipt = receive(submissions, now=day, triage=triage)
    if receipt.rejections:
        raise RuntimeError(f"{len(receipt.rejections)} anonymous answers no longer fit, the first in "
                           f"{receipt.rejections[0].field}: they wait")  # fmt: skip


def _submission(row: HeldVoice, at: datetime, unit: str = "") -> Submission:
    """Return a held answer as a voice that bears a name drawn by lot."""
    if "voice" in row.body:
        return _told_elsewhere(row, at, unit)
    assert row.instrument is not None
    fields = row.body.get("told", {})
    items = tuple(item_of(question) for question in row.instrument.questions.select_related("scale").order_by("order"))
    told = questionnaire.read(shown(items, fields), fields, story=questionnaire.story_of(items))
    return Submission(
        kind="response",
        source=SOURCE,
        source_id=secrets.token_urlsafe(16),
        occurred_at=at,
        answers=told.answers,
        verbatim=told.verbatim,
        population=row.instrument.population,
        touchpoint=row.touchpoint.code if row.touchpoint else "",
        unit=unit,
        flags=tuple(row.body.get("flags", ())),
        instrument_id=row.instrument_id,
        programme_id=row.programme_id,
    )


# --- what other systems and files tell ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an anonymous voice of another system: kept now, or known already."""

    position: int
    new: bool


def hold_told(numbered: Sequence[tuple[int, Submission]], *, now: datetime, triage: bool) -> list[Kept]:
    """Keep anonymous voices of other systems as those of our own forms are kept; the same again changes nothing.

    They have been cut down to what their promise allows (:func:`luotain.listen.promise.as_promised`), and fit. By
    which they are known again is a keyed digest: only who has the installation's key can look a voice up by it. One
    that is still being told is completed by what comes later.
    """
    keys = {position: held_key(one.source, one.source_id) for position, one in numbered}
    waiting = HeldVoice.objects.select_for_update().filter(pk__in=set(keys.values()))
    rows = {row.pk: row for row in waiting}
    places = _places([submission for _, submission in numbered])
    fresh, changed, kept = dict[str, HeldVoice](), set[str](), list[Kept]()
    for position, submission in numbered:
        key = keys[position]
        row = rows.get(key)
        if row is None:
            fresh[key] = rows[key] = _row(key, submission, places, day_of(now), triage=triage)
        elif row.completed or row.released:
            kept.append(Kept(position, new=False))
            continue
        else:
            row.body["voice"] = _merged(row.body["voice"], _as_stored(submission))
            row.completed = submission.completed
            changed |= {key} - fresh.keys()
        kept.append(Kept(position, new=True))
    HeldVoice.objects.bulk_create(fresh.values(), batch_size=500)
    HeldVoice.objects.bulk_update([rows[key] for key in changed], ["body", "completed"], batch_size=100)
    return kept


def held_key(source: str, source_id: str) -> str:
    """Return by what an anonymous voice of another system is known again, whether it waits or has come out."""
    return blind_index("voice", f"{source}\n{source_id}")


@dataclass(frozen=True, slots=True)
class _Places:
    touchpoints: Mapping[str, Touchpoint]
    units: Mapping[str, Unit]


def _places(submissions: Iterable[Submission]) -> _Places:
    named = list(submissions)
    touchpoints = Touchpoint.objects.filter(code__in={one.touchpoint for one in named}).select_related("unit")
    units = Unit.objects.filter(code__in={one.unit for one in named})
    return _Places({row.code: row for row in touchpoints}, {row.code: row for row in units})


def _row(key: str, submission: Submission, places: _Places, today: datetime, *, triage: bool) -> HeldVoice:
    touchpoint = places.touchpoints.get(submission.touchpoint)
    return HeldVoice(
        key=key,
        programme_id=submission.programme_id,
        touchpoint=touchpoint,
        unit=places.units.get(submission.unit) or (touchpoint.unit if touchpoint else None),
        body={"voice": _as_stored(submission), "flags": list(submission.flags), "triage": triage},
        day=submission.occurred_at,
        completed=submission.completed,
        delete_after=today + _KEPT,
    )


def _as_stored(submission: Submission) -> dict[str, Any]:
    answers = {
        answer.code: [
            answer.measure, answer.scale.code if answer.scale else "", storable(answer.raw), answer.label,
            storable(answer.text), answer.claimed,
        ]
        for answer in submission.answers
    }  # fmt: skip
    return {
        "kind": str(submission.kind),
        "source": submission.source,
        "population": str(submission.population),
        "verbatim": storable(submission.verbatim),
        "answers": answers,
    }


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {**new, "answers": old["answers"] | new["answers"], "verbatim": new["verbatim"] or old["verbatim"]}


def _told_elsewhere(row: HeldVoice, at: datetime, unit: str) -> Submission:
    voice = row.body["voice"]
    wanted = {scale for _, scale, *_ in voice["answers"].values()} - {""}
    scales = {found.code: found.scale for found in ScaleRow.objects.filter(code__in=wanted)}
    return Submission(
        kind=voice["kind"],
        source=voice["source"],
        source_id=secrets.token_urlsafe(16),
        occurred_at=at,
        answers=tuple(
            SubmittedAnswer(code, measure, scales.get(scale), raw, label, text, claimed)
            for code, (measure, scale, raw, label, text, claimed) in voice["answers"].items()
        ),
        verbatim=voice["verbatim"],
        population=voice["population"],
        touchpoint=row.touchpoint.code if row.touchpoint else "",
        unit=unit,
        flags=tuple(row.body.get("flags", ())),
        programme_id=row.programme_id,
    )


def held_of(programme: Programme, *, now: datetime) -> Held:
    """Return how many anonymous answers of a programme are not shown, and whether they ever will be."""
    rows = list(HeldVoice.objects.filter(programme=programme, completed=True, released=False))
    over = _over(rows, now)
    aside = sum(_group(row) in over for row in rows)
    return Held(len(rows) - aside, aside)
