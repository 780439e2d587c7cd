"""Turns that have come are decided: people are invited, or it is written down why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from luotain.listen.fieldwork import Asked, Turn, decide, next_reminder, next_send_time
from luotain.listen.rule import Rule, read_rule
from luotain.people.contact import ContactDecision, Hindered
from luotain.people.link import fingerprint
from luotain.server.models.bulk import insert_many, reserve_ids
from luotain.server.models.listen import Asking, Interaction, Invitation, Programme
from luotain.server.models.people import Customer
from luotain.server.operations.listen.fieldwork.contacts import (
    Reached,
    peace_of,
    reach_people,
    segments_of,
    with_invitation,
)
from luotain.server.operations.listen.fieldwork.letters import Desk, Recipient, new_salt, token_of
from luotain.server.operations.people import record, rows_of_many
from luotain.terms import Hindrance

#: how many turns are decided in one transaction
BATCH = 200
#: code of the questionnaire, and the channels in their order: people are read once for all who share them
_Group = tuple[str, tuple[str, ...]]


class MayNotBeAsked(RuntimeError):
    """The person is not asked now; ``decision`` says why."""

    def __init__(self, decision: ContactDecision) -> None:
        super().__init__(f"not asked: {decision.hindrance}")
        self.decision = decision


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """An invitation and the secret of its link; the secret is nowhere else and empty when it was sent before."""

    invitation: Invitation
    link_token: str


def unit_of(programme: Programme, customer: Customer, interaction: Interaction | None) -> int | None:
    """Return the unit that an asking belongs to: where it happened, else whose customer it is."""
    if interaction is not None and interaction.unit_id:
        return interaction.unit_id
    touchpoint = interaction.touchpoint if interaction else programme.touchpoint
    return (touchpoint.unit_id if touchpoint else None) or customer.unit_id


def ask_due(*, now: datetime, limit: int = BATCH, programme: Programme | None = None) -> int:
    """Decide the turns that have come, at most ``limit``, in one transaction; return how many were looked at.

    A turn outside the recipient's hours is put off to the next moment within them. Turns of a paused programme wait.
    Any number of workers can do it at once: each takes turns that no other has in hand, and holds the people's rows,
    so that nobody is asked by two programmes at the same moment. ``programme``: only its turns.
    """
    with transaction.atomic():
        waiting = Asking.objects.filter(decided_at=None, due_at__lte=now, programme__paused_at=None)
        if programme is not None:
            waiting = waiting.filter(programme=programme)
        taken = _take(waiting.order_by("due_at", "pk"), limit)
        if taken:
            _Session(now).decide(taken)
    return len(taken)


def _take(waiting: QuerySet[Asking], limit: int) -> list[Asking]:
    rows = waiting.select_for_update(of=("self",), skip_locked=True).select_related(
        "programme__instrument", "programme__touchpoint", "programme__channel", "wave__programme",
        "customer", "interaction__touchpoint", "interaction__channel",
    )  # fmt: skip
    return list(rows[:limit])


def invite(
    *, programme: Programme, customer: Customer, interaction: Interaction | None = None, now: datetime
) -> InvitationLetter:
    """Ask one customer now, without a draw; the letter goes out at the next moment within their hours.

    Parameters
    ----------
    programme
        By whose rule.
    customer
        Whom to ask.
    interaction
        What is asked about. The same programme never asks twice about the same interaction.
    now
        When the person is asked.

    Returns
    -------
    InvitationLetter
        With the secret of the link, of which only a digest is stored.

    Raises
    ------
    MayNotBeAsked
        When consent, a contact pause, a recent invitation or a missing address speaks against it; that it was so
        stands in the ledger.
    """
    with transaction.atomic():
        asking = _turn_of(programme, customer, interaction, now)
        if asking.decided_at is None:
            _Session(now, by_hand=True).decide([asking])
        elif asking.invitation is not None:
            return InvitationLetter(asking.invitation, "")
    if asking.invitation is None:
        raise MayNotBeAsked(_as_decided(asking))
    return InvitationLetter(asking.invitation, token_of(asking.invitation.salt))


def _turn_of(programme: Programme, customer: Customer, interaction: Interaction | None, now: datetime) -> Asking:
    """Return the turn of this customer, held: the one that there is about the interaction, or a new one."""
    # The person is held first: two askings at the same moment come one after the other.
    Customer.objects.select_for_update().filter(pk=customer.pk).first()
    if interaction is not None:
        # A turn that was decided otherwise stays in the ledger: what spoke against it then may have passed by now.
        open_or_asked = Asking.objects.filter(programme=programme, interaction=interaction, hindrance="")
        earlier = open_or_asked.select_related("programme__instrument", "wave", "invitation", "customer").first()
        if earlier is not None:
            return earlier
    segment = read_rule(programme.rule).segment
    return Asking.objects.create(
        programme=programme,
        customer=customer,
        interaction=interaction,
        unit_id=unit_of(programme, customer, interaction),
        segment=segments_of([customer.pk], segment)[customer.pk],
        due_at=now,
    )


def _as_decided(asking: Asking) -> ContactDecision:
    whys = [Hindrance(code) for code in asking.hindrances]
    first = [Hindered(why, asking.detail, asking.until) for why in whys[:1]]
    return ContactDecision((*first, *(Hindered(why, until=asking.until) for why in whys[1:])))


@dataclass
class _Session:
    """One transaction in which turns are decided one after the other."""

    now: datetime
    #: asked by hand: the person is asked whatever the hour, and the letter waits for its hour in the outbox
    by_hand: bool = False
    desk: Desk = field(default_factory=Desk)
    people: dict[_Group, dict[int, Reached]] = field(default_factory=dict)
    #: row of a customer -> where the person stands in ``people``
    places: dict[int, list[tuple[_Group, int]]] = field(default_factory=dict)
    taken: dict[tuple[int, int | None, str], int] = field(default_factory=dict)
    rules: dict[tuple[int, int | None], Rule] = field(default_factory=dict)
    #: ids that are set aside, and the invitations that are written with the decisions
    ids: Iterator[int] = field(default_factory=lambda: iter(()))
    invitations: list[Invitation] = field(default_factory=list)

    def decide(self, askings: Sequence[Asking]) -> None:
        """Decide each, the longest waiting first."""
        self._hold(askings)
        self.ids = iter(reserve_ids(Invitation, len(askings)))
        for asking in askings:
            self._decide(asking)
        insert_many(self.invitations)
        names = ("due_at", "decided_at", "invitation", "hindrance", "detail", "until", "hindrances")
        Asking.objects.bulk_update(askings, names, batch_size=100)

    def _hold(self, askings: Sequence[Asking]) -> None:
        """Lock what is counted and who is asked, always in the same order, so that two workers never wait in a ring."""
        counted = {asking.programme_id for asking in askings if self._rule(asking).quotas}
        list(Programme.objects.select_for_update().filter(pk__in=counted).order_by("pk").values_list("pk"))
        ids = {asking.customer_id for asking in askings if asking.customer_id is not None}
        everybody = {pk for rows in rows_of_many(ids).values() for pk in rows}
        list(Customer.objects.select_for_update().filter(pk__in=everybody).order_by("pk").values_list("pk"))
        asked: dict[_Group, set[int]] = {}
        for asking in askings:
            if asking.customer_id is not None:
                asked.setdefault(self._group(asking), set()).add(asking.customer_id)
        for group, members in asked.items():
            self.people[group] = reach_people(members, instrument=group[0], channels=group[1])
            for pk, person in self.people[group].items():
                for row in person.rows:
                    self.places.setdefault(row, []).append((group, pk))

    def _decide(self, asking: Asking) -> None:
        if asking.customer_id is None:  # erased with all that led to them
            _close(asking, ContactDecision(), "erased", self.now)
            return
        rule, person = self._rule(asking), self.people[self._group(asking)][asking.customer_id]
        sent_at = next_send_time(self.now, zone=person.zone, window=rule.window, country=self.desk.organization.country)
        ended = _has_ended(asking, self.now)
        if sent_at > self.now and not ended and not self.by_hand:
            asking.due_at = sent_at
            return
        turn = Turn(
            person.contacts,
            asking.interaction.occurred_at if asking.interaction else None,
            asking.segment,
            self._count(asking, rule),
            ended,
        )
        decision = decide(turn, rule=rule, peace=peace_of(self.desk.organization), now=self.now)
        if decision.allowed:
            self._invite(asking, rule, person, sent_at)
        else:
            _close(asking, decision, decision.hindrance or "", self.now)

    def _rule(self, asking: Asking) -> Rule:
        """Return the rule by which a turn is decided: its wave's own, or the programme's."""
        key = (asking.programme_id, asking.wave_id)
        if key not in self.rules:
            self.rules[key] = read_rule(asking.wave.rule if asking.wave else asking.programme.rule)
        return self.rules[key]

    def _group(self, asking: Asking) -> _Group:
        return asking.programme.instrument.code, self._rule(asking).channels

    def _count(self, asking: Asking, rule: Rule) -> int:
        """Return how many of the same group have been asked within what the quota counts."""
        if not rule.quotas:
            return 0
        key = (asking.programme_id, asking.wave_id, asking.segment)
        if key not in self.taken:
            same = Invitation.objects.filter(programme=asking.programme_id, segment=asking.segment)
            same = same.filter(wave=asking.wave_id) if asking.wave_id else same.filter(
                invited_at__gt=self.now - timedelta(days=rule.quota_days)
            )  # fmt: skip
            self.taken[key] = same.count()
        return self.taken[key]

    def _invite(self, asking: Asking, rule: Rule, person: Reached, sent_at: datetime) -> None:
        invitation = self._write(asking, rule)
        to = Recipient(person.contacts.address, person.channel, sent_at)
        invitation.message = self.desk.invite(invitation, to, now=self.now)
        self.invitations.append(invitation)
        record(kind="invited", subject=invitation, now=self.now, programme=asking.programme_id)
        asking.invitation, asking.decided_at = invitation, self.now
        self._remember(asking, person)

    def _write(self, asking: Asking, rule: Rule) -> Invitation:
        salt, customer = new_salt(), asking.customer
        assert customer is not None
        expires_at = self.now + timedelta(days=rule.open_days)
        if asking.wave and asking.wave.closes_at:
            expires_at = min(expires_at, asking.wave.closes_at)
        return Invitation(
            pk=next(self.ids),
            programme=asking.programme,
            wave=asking.wave,
            customer=customer,
            interaction=asking.interaction,
            channel=asking.programme.channel,
            unit_id=asking.unit_id,
            language=customer.language or self.desk.organization.language,
            token_hash=fingerprint(token_of(salt)),
            salt=salt,
            segment=asking.segment,
            invited_at=self.now,
            remind_at=next_reminder(Asked(self.now, expires_at), rule=rule),
            expires_at=expires_at,
        )

    def _remember(self, asking: Asking, person: Reached) -> None:
        """Let the turns behind this one know that the person and the group have been asked."""
        for group, pk in set(self.places[person.rows[0]]):
            same = group[0] == asking.programme.instrument.code
            self.people[group][pk] = with_invitation(self.people[group][pk], self.now, same=same)
        key = (asking.programme_id, asking.wave_id, asking.segment)
        if key in self.taken:
            self.taken[key] += 1


def _has_ended(asking: Asking, now: datetime) -> bool:
    ends = (asking.programme.ends_at, asking.wave.closes_at if asking.wave else None)
    return any(end is not None and end <= now for end in ends)


def _close(asking: Asking, decision: ContactDecision, hindrance: str, now: datetime) -> None:
    asking.decided_at, asking.hindrance = now, hindrance
    asking.detail, asking.until = decision.detail[:60], decision.until
    asking.hindrances = [hindered.why.value for hindered in decision.hindrances]
