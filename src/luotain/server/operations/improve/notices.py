"""You said, we did: what feedback led to, told to customers by a person, with what was truly verified."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import formats, translation
from django.utils.translation import gettext as _

from luotain.server.models.improve import Action, Effect, Evidence
from luotain.server.models.listen import Notice
from luotain.server.models.people import Member
from luotain.server.operations.improve.actions import NotNow, seal_holds
from luotain.server.operations.people import record
from luotain.terms import LANGUAGES, ActionState, Verdict, measure_words


@transaction.atomic
def publish_notice(*, action: Action, said: dict[str, str], did: dict[str, str], by: Member, now: datetime) -> Notice:
    """Publish what customers said and what was done, with the verified effect in plain words.

    The verified text is made from the newest effect, never written by hand. Publishing again replaces the texts.
    Raises ``ValueError`` when either text is empty in every language, :class:`NotNow` when the action is a draft.
    """
    texts = {
        name: {k: v.strip() for k, v in text.items() if v.strip()} for name, text in (("said", said), ("did", did))
    }
    for name, text in texts.items():
        if not text:
            raise ValueError(f"{name}: write the text in at least one language")
    if action.state == ActionState.DRAFT:
        raise NotNow("a draft has not been done yet: register and start the action first")
    effect = newest_effect(action)
    notice, _created = Notice.objects.update_or_create(
        raised_by=f"action:{action.pk}",
        defaults={
            **texts, "touchpoint": action.touchpoint, "published_at": now, "withdrawn_at": None,
            "verified": {language: verified_words(action, effect, language) for language in LANGUAGES},
        },
    )  # fmt: skip
    Evidence.objects.get_or_create(action=action, notice=notice, defaults={"added_at": now})
    record(kind="notice_published", subject=notice, by=by, now=now, action=action.pk)
    return notice


@transaction.atomic
def withdraw_notice(*, notice: Notice, by: Member, now: datetime) -> Notice:
    """Take a notice away from the public pages; twice changes nothing."""
    if Notice.objects.filter(pk=notice.pk, withdrawn_at=None).update(withdrawn_at=now):
        record(kind="notice_withdrawn", subject=notice, by=by, now=now)
    notice.refresh_from_db()
    return notice


def newest_effect(action: Action) -> Effect | None:
    """Return the newest reckoning of the action's effect."""
    return Effect.objects.filter(action=action).order_by("-computed_at", "-pk").first()


def verified_words(action: Action, effect: Effect | None, language: str) -> str:
    """Return what was verified in plain words, with its interval; honest where nothing can be said."""
    with translation.override(language):
        if effect is None or effect.value is None or effect.verdict == Verdict.CANNOT_TELL or not seal_holds(action):
            return _("We cannot tell yet whether it helped.")
        figures = {
            "measure": measure_words(action.measure, language),
            "size": _size(abs(effect.value)),
            "low": _size(effect.low or 0.0),
            "high": _size(effect.high or 0.0),
        }
        return _sentence(Verdict(effect.verdict), effect.value >= 0) % figures


def _sentence(verdict: Verdict, rose: bool) -> str:
    if verdict is Verdict.NO_EVIDENCE:
        return _("We could not see that it helped: the change in %(measure)s is between %(low)s and %(high)s points.")
    if verdict is Verdict.OPPOSITE:
        return _(
            "It did not help: %(measure)s changed for the worse by %(size)s points (between %(low)s and %(high)s), "
            "compared with where nothing was done. We are looking into it again."
        )
    if verdict is Verdict.SMALLER:
        return _(
            "It helped, though less than we hoped: %(measure)s changed for the better by %(size)s points "
            "(between %(low)s and %(high)s), compared with where nothing was done."
        )
    if rose:
        return _(
            "It helped: %(measure)s rose by %(size)s points (between %(low)s and %(high)s), compared with where "
            "nothing was done."
        )
    return _(
        "It helped: %(measure)s fell by %(size)s points (between %(low)s and %(high)s), compared with where "
        "nothing was done."
    )


def _size(value: float) -> str:
    return str(formats.number_format(round(value, 1), 1)).replace("-", "\N{MINUS SIGN}")
