"""Looking voices through for signs of carelessness, machines and own stakes: flags are added, and nothing is deleted.

Forms of our own pages are looked through as soon as they are told (what is kept of their filling waits in a row); all
other voices by their ids, a while after they came: a transaction that began earlier can still bring in a smaller id.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from luotain.listen import pace, quality
from luotain.listen.quality import Doubt
from luotain.people.identity import is_address, normalise
from luotain.server import crypto
from luotain.server.models.base import in_language
from luotain.server.models.listen import COMPLETED, Answer, Feedback, Question
from luotain.server.models.people import Identifier, Member
from luotain.server.models.trust import Examination, Filling, LiftedDoubt
from luotain.server.operations.listen.facts import tell_anew
from luotain.server.operations.people import record
from luotain.terms import FeedbackKind, IdentifierKind, Population, QuestionKind

#: a copy repeats what was said at the same touchpoint within this time, among so many of the newest texts
COPIED_WITHIN, _TEXTS = timedelta(days=30), 2000
#: so many of the newest fillings of a questionnaire tell how long it takes, and how its answers hang together
_ALIKE = 500
#: what has come in within this time may still have older ids on their way
_SETTLED = timedelta(minutes=10)
#: in these a text is a respondent's own; a letter quotes, and an observation tells what others said
_OWN_WORDS = (FeedbackKind.RESPONSE, FeedbackKind.COMPLAINT, FeedbackKind.REVIEW, FeedbackKind.SOCIAL)

Found = defaultdict[int, set[str]]


def examine(*, now: datetime, limit: int = 200) -> int:
    """Look new voices through, and flag those that are doubtful; return how many were looked through.

    Twice is the same as once, and a doubt that a member has lifted is not raised again. ``limit``: how many fillings,
    and how many other voices, are looked through at a time.
    """
    return _examine_fillings(now, limit) + _examine_others(now, limit)


@transaction.atomic
def _examine_fillings(now: datetime, limit: int) -> int:
    waiting = Filling.objects.select_for_update(of=("self",)).select_related("feedback")
    fillings = list(
        waiting.filter(examined_at=None, feedback__completed_at__isnull=False, feedback__erased_at=None)
        .order_by("pk")[:limit]
    )  # fmt: skip
    if not fillings:
        return 0
    found: Found = defaultdict(set)
    _from_networks(fillings, found)
    _too_fast(fillings, found)
    _of_voices([filling.feedback for filling in fillings], found)
    _flag(found, now)
    Filling.objects.filter(pk__in=[filling.pk for filling in fillings]).update(examined_at=now)
    return len(fillings)


@transaction.atomic
def _examine_others(now: datetime, limit: int) -> int:
    Examination.objects.get_or_create(name="voices", defaults={"at": now})
    mark = Examination.objects.select_for_update().get(name="voices")
    settled = Feedback.objects.filter(pk__gt=mark.read_to, received_at__lte=now - _SETTLED)
    last = settled.order_by("-pk").values_list("pk", flat=True).first()
    if last is None:
        return 0
    # History is not looked through: its copies are older than a copy can be.
    lately = settled.filter(COMPLETED, erased_at=None, occurred_at__gte=now - COPIED_WITHIN)
    voices = list(lately.order_by("pk")[:limit])
    found: Found = defaultdict(set)
    own = set(Filling.objects.filter(feedback__in=voices).values_list("feedback_id", flat=True))
    _of_voices([voice for voice in voices if voice.pk not in own], found)
    _flag(found, now)
    mark.read_to, mark.at = voices[-1].pk if len(voices) == limit else last, now
    mark.save(update_fields=["read_to", "at"])
    return len(voices)


def _flag(found: Mapping[int, Collection[str]], now: datetime) -> None:
    """Add the doubts to the voices, save those that a member lifted; what was measured is told anew as doubtful."""
    lifted: defaultdict[int, set[str]] = defaultdict(set)
    for pk, doubt in LiftedDoubt.objects.filter(feedback__in=list(found)).values_list("feedback_id", "doubt"):
        lifted[pk].add(doubt)
    for voice in Feedback.objects.select_for_update().filter(pk__in=list(found)).order_by("pk"):
        doubts = sorted({*voice.flags, *found[voice.pk]} - (lifted[voice.pk] - set(voice.flags)))
        if doubts != sorted(voice.flags):
            _set_flags(voice, doubts, now)


def _set_flags(voice: Feedback, doubts: list[str], now: datetime) -> None:
    was_flagged = bool(voice.flags)
    Feedback.objects.filter(pk=voice.pk).update(flags=doubts)
    if was_flagged != bool(doubts):
        tell_anew(voice.pk, now=now, flagged=bool(doubts))


@transaction.atomic
def lift_doubt(*, feedback: Feedback, doubt: str, by: Member, now: datetime) -> None:
    """Take a doubt off a voice, because a member found it unfounded; it is not raised again. Twice is once."""
    voice = Feedback.objects.select_for_update().get(pk=feedback.pk)
    if doubt not in voice.flags:
        return
    LiftedDoubt.objects.get_or_create(feedback=voice, doubt=doubt, defaults={"member": by, "at": now})
    _set_flags(voice, sorted(set(voice.flags) - {doubt}), now)
    record(kind="doubt_lifted", subject=voice, by=by, now=now, doubt=doubt)


# --- what tells of doubt: how forms were filled --------------------------------------------------------------------


def _from_networks(fillings: Sequence[Filling], found: Found) -> None:
    """Find many answers from one network within the hour, and the same answers again from the same network."""
    networks = {filling.network for filling in fillings if filling.network}
    if not networks:
        return
    since = min(filling.at for filling in fillings) - timedelta(days=1)
    rows = Filling.objects.filter(network__in=networks, at__gte=since).order_by("at", "pk")
    beside = [
        quality.Filling(key, network, at, told)
        for key, network, at, told in rows.values_list("feedback_id", "network", "at", "told")
    ]
    for doubt, names in ((Doubt.BURST, quality.bursts(beside)), (Doubt.DUPLICATE, quality.repeated(beside))):
        for name in names:
            found[int(str(name))].add(doubt.value)


def _too_fast(fillings: Sequence[Filling], found: Found) -> None:
    """Find who answered faster than the questions can be read, or than a third of what others need."""
    timed = [filling for filling in fillings if filling.seconds is not None and filling.feedback.instrument_id]
    answered = _answered([filling.feedback_id for filling in timed])
    texts = _texts({filling.feedback.instrument_id for filling in timed})
    usual = {one: _usual_times(one) for one in {filling.feedback.instrument_id for filling in timed}}
    for filling in timed:
        voice, codes = filling.feedback, answered[filling.feedback_id]
        asked = [texts[voice.instrument_id][code] for code in codes if code in texts[voice.instrument_id]]
        words = sum(len(in_language(text, voice.language).split()) for text in asked)
        floor = pace.shortest_time(words, len(asked))
        # The last one is this respondent: the rule of speed looks at all, and only her own answer is asked for.
        if pace.too_fast([*usual[voice.instrument_id], filling.seconds or 0.0], shortest=floor)[-1]:
            found[voice.pk].add(Doubt.SPEEDER.value)


def _answered(voices: Collection[int]) -> defaultdict[int, set[str]]:
    codes: defaultdict[int, set[str]] = defaultdict(set)
    for voice, code in Answer.objects.filter(feedback__in=voices).values_list("feedback_id", "code"):
        codes[voice].add(code.partition(".")[0])
    return codes


def _texts(instruments: Collection[int | None]) -> defaultdict[int | None, dict[str, dict[str, str]]]:
    texts: defaultdict[int | None, dict[str, dict[str, str]]] = defaultdict(dict)
    rows = Question.objects.filter(instrument__in=instruments).values_list("instrument_id", "code", "text")
    for instrument, code, text in rows:
        texts[instrument][code] = text
    return texts


def _usual_times(instrument: int | None) -> list[float]:
    rows = Filling.objects.filter(feedback__instrument=instrument, seconds__isnull=False).order_by("-pk")
    return [seconds for seconds in rows.values_list("seconds", flat=True)[:_ALIKE] if seconds is not None]


# --- what tells of doubt: what was said, and who said it -----------------------------------------------------------


def _of_voices(voices: Sequence[Feedback], found: Found) -> None:
    for touchpoint in {voice.touchpoint_id for voice in voices}:
        _copied([voice for voice in voices if voice.touchpoint_id == touchpoint], found)
    for instrument, n in Counter(voice.instrument_id for voice in voices).items():
        if instrument is not None and n:
            _careless(instrument, {voice.pk for voice in voices if voice.instrument_id == instrument}, found)
    _own_people(voices, found)


def _copied(voices: Sequence[Feedback], found: Found) -> None:
    """Find texts that repeat another one told at the same touchpoint within thirty days before."""
    told = [voice for voice in voices if voice.kind in _OWN_WORDS and quality.pieces(voice.verbatim)]
    if not told:
        return
    first = min(voice.occurred_at for voice in told) - COPIED_WITHIN
    last = max(voice.occurred_at for voice in told)
    rows = Feedback.objects.filter(
        ~Q(verbatim=""), touchpoint=told[0].touchpoint_id, erased_at=None, kind__in=_OWN_WORDS,
        occurred_at__gte=first, occurred_at__lte=last,
    )  # fmt: skip
    newest = rows.order_by("-occurred_at", "-pk").values_list("pk", "verbatim")[:_TEXTS]
    copies = quality.copies(dict(reversed(list(newest))))
    for voice in told:
        if voice.pk in copies:
            found[voice.pk].add(Doubt.COPIED_TEXT.value)


def _careless(instrument: int, voices: Collection[int], found: Found) -> None:
    """Find straight lines and answers at random in a questionnaire of ten questions and more on one scale."""
    items = _scale_items(instrument)
    if len(items) < quality.FEWEST_ITEMS:
        return
    others = Feedback.objects.filter(COMPLETED, instrument=instrument).order_by("-pk").values_list("pk", flat=True)
    keys = sorted({*voices, *others[:_ALIKE]})
    place = {code: at for at, code in enumerate(items)}
    table = {key: [float("nan")] * len(items) for key in keys}
    rows = Answer.objects.filter(feedback__in=keys, code__in=items, value__isnull=False)
    for key, code, value in rows.values_list("feedback_id", "code", "value"):
        table[key][place[code]] = value if value is not None else float("nan")
    for key, doubts in zip(keys, quality.careless([table[key] for key in keys]), strict=True):
        if key in voices:
            found[key].update(doubt.value for doubt in doubts)


def _scale_items(instrument: int) -> list[str]:
    """Return the answers of a questionnaire that are given on its commonest scale, in the order asked."""
    items: defaultdict[int, list[str]] = defaultdict(list)
    for question in Question.objects.filter(instrument=instrument, scale__isnull=False).order_by("order"):
        rows = [f"{question.code}.{row['code']}" for row in question.rows]
        items[question.scale_id or 0] += rows if question.kind == QuestionKind.MATRIX else [question.code]
    return max(items.values(), key=len, default=[])


def _own_people(voices: Iterable[Feedback], found: Found) -> None:
    """Find customers' answers whose teller has the e-mail address of a member: people who score their own work."""
    asked = {voice.customer_id: voice for voice in voices if voice.population != Population.EMPLOYEE}
    asked.pop(None, None)
    if not asked:
        return
    owners = Identifier.objects.filter(kind=IdentifierKind.EMAIL, index__in=_addresses_of_members())
    own = set(owners.filter(customer__in=list(asked)).values_list("customer_id", flat=True))
    for voice in voices:
        if voice.customer_id in own and voice.population != Population.EMPLOYEE:
            found[voice.pk].add(Doubt.STAFF.value)


def _addresses_of_members() -> list[str]:
    addresses = {member.email for member in Member.objects.only("email") if is_address(member.email)}
    return [crypto.blind_index("email", normalise("email", address)) for address in addresses]
