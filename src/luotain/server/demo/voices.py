"""From simulated days to rows: interactions, invitations, feedback with answers and facts, cases that were closed.

Answers, categories and facts are the same that ``operations.listen.receive`` would make of the same voice; a test
holds them side by side.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from luotain.people.identity import normalise
from luotain.server import crypto
from luotain.server.demo import company, phrases
from luotain.server.demo.behaviour import LANGUAGES, QUARTERS, Contacts, Day, Employees, Ints, Lost, World
from luotain.server.demo.company import CAUSES, DAYS, TOUCHPOINTS
from luotain.server.demo.phrases import letters
from luotain.server.demo.setting import Setting
from luotain.server.demo.sink import Stamps, Table
from luotain.server.models.listen import Answer, Asking, Fact, Feedback, Interaction, Invitation, Transaction
from luotain.server.models.people import Attribute, AttributeKind, Consent, ContactHold, Customer, Identifier, Message
from luotain.server.models.respond import Case, GiftCode, Step
from luotain.server.operations.respond.triage import OPEN_CASE
from luotain.terms import SCALES, categorise

SOURCE = "kurki"
_TEAMS_OF = 4
_BLIND_FROM = 90  # days before now when the uncovered topic begins to rise
_CAP = 5000
#: up to these, something was not easy, and not quick
_HARD, _SLOW = 3, 2
_SERVICE_CHANNELS = tuple(company.SOLVED_AT_FIRST)
_UNASKED = tuple(code for code, _, _ in company.CHANNELS)
_UNASKED_ODDS = np.cumsum([share for _, _, share in company.CHANNELS])
_SCORED = ("web", "kiosk", "sms", "chat")
_NAMED = ("web", "email", "phone", "chat")
#: days of which the ledger of asking tells, and why nobody asked about the earlier contacts of a matter
_LEDGER = 60
_NOT_ASKED = ("not_drawn", "not_drawn", "not_drawn", "asked_recently", "not_drawn", "not_drawn", "held", "refused")
_KINDS = {"email": "email", "phone": "call", "chat": "chat", "social": "social"}
_GOOD = ("joy", "trust", "appreciated", "relief", "calm", "pride")
_BAD = ("disappointment", "anger", "confusion", "sadness", "embarrassment", "fear")
#: what one can feel that is good when something went wrong
_MILD = ("relief", "calm", "appreciated", "trust")
_TILT = {
    "weather": ("fear", "disappointment", "sadness"),
    "technical_delay": ("anger", "disappointment", "fear"),
    "aisle_noise": ("anger", "disappointment"),
    "baggage": ("disappointment", "anger", "sadness"),
    "invoice_wording": ("embarrassment", "anger"),
    "unclear_app": ("confusion", "disappointment"),
    "queue": ("anger", "disappointment"),
    "staff": ("embarrassment", "anger", "sadness"),
    "food": ("disappointment", "anger"),
    "price": ("anger", "disappointment", "confusion"),
    "refund": ("anger", "disappointment", "sadness"),
    "airport_security": ("fear", "anger", "embarrassment"),
}
#: what is felt where something goes wrong without a named cause; elsewhere anger, disappointment or confusion
_TILT_AT = {
    "checkin_desk": ("embarrassment", "anger"), "cabin_crew": ("sadness", "embarrassment", "disappointment"),
    "reminder": ("embarrassment", "anger", "fear"), "transfer": ("fear", "anger", "confusion"),
    "relationship": ("sadness", "disappointment", "anger"), "member_evening": ("disappointment", "sadness"),
    "claim": ("anger", "sadness", "disappointment"), "meal": ("disappointment", "anger"),
    "seat": ("anger", "disappointment"), "lounge": ("disappointment", "embarrassment"),
    "courier": ("sadness", "anger", "disappointment"), "phone_booking": ("anger", "disappointment", "confusion"),
}  # fmt: skip
#: how one felt after being answered, with a gift and without
_AFTER_GIFT = ("relief", "trust", "calm", "appreciated", "relief", "appreciated", "joy", "surprise", "disappointment")
_AFTER_WORDS = ("calm", "relief", "disappointment", "trust", "indifference", "calm")
_TILT_ELSE = ("disappointment", "anger", "confusion")


def _categories(measure: str, scale: str) -> dict[int, str]:
    """Return the category of every point of a scale, as an answer on it would get."""
    ends = range(int(SCALES[scale].low), int(SCALES[scale].high) + 1)
    return {value: str(categorise(measure, SCALES[scale], value)) for value in ends}


_CATEGORY = {
    "nps": _categories("nps", "nps_0_10"),
    "ces": _categories("ces", "ces_1_7"),
    "csat": _categories("csat", "csat_1_5"),
    "agree": _categories("agree", "agree_1_5"),
    "yes_no": _categories("yes_no", "yes_no"),
    "emotion": _categories("emotion", "emotion_1_5"),
}


def feeling(signed: int, cause: int, die: int, *, touchpoint: int | None = None, bad: bool = False) -> tuple[str, int]:
    """Return the emotion that is picked and its strength (1–5) for a signed feeling.

    Parameters
    ----------
    signed : −5 … 5.
    cause : number of the cause that struck, or −1.
    touchpoint : its number, −1 for the relationship; ``None`` for employees.
    bad : whether the score is bad: then a good feeling is a mild one.
    """
    choice: tuple[str, ...]
    if signed > 0:
        choice = _MILD if bad else _GOOD
    elif signed == 0:
        return ("surprise", "indifference")[die % 2], 1 + die // 2 % 3
    elif cause >= 0:
        choice = _TILT[CAUSES[cause].code]
    elif touchpoint is None:
        choice = _BAD
    else:
        choice = _TILT_AT.get(_code(touchpoint), _TILT_ELSE)
    return choice[die % len(choice)], abs(signed)


def _code(touchpoint: int) -> str:
    return TOUCHPOINTS[touchpoint].code if touchpoint >= 0 else "relationship"


def _waited(die: int, score: int) -> int:
    """Return after how many seconds a letter is answered: most on the same day, those who fared badly later."""
    share = die / 65536
    return int((share**2 if score < 7 else share**3) * 9 * 86400)


def _tone(value: int, low: int, high: int) -> int:
    """Return −1 up to ``low``, 1 from ``high``, 0 between."""
    return int(value >= high) - int(value <= low)


@dataclass(slots=True)
class Planted:
    """What was planted voice by voice: ids as ``Feedback.source_id``, at most 5,000 of each kind."""

    counts: dict[str, int] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    causes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, kind: str, source_id: str) -> None:
        """Remember one voice."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        kept = self.ids.setdefault(kind, [])
        if len(kept) < _CAP:
            kept.append(source_id)


@dataclass(slots=True)
class Voice:
    """One voice on its way to rows: what Feedback, Answer and Fact share."""

    pk: int
    source_id: str
    kind: str
    at: str
    population: str = "customer"
    customer: int | None = None
    touchpoint: int | None = None
    channel: int | None = None
    unit: int | None = None
    tier: int | None = None
    interaction: int | None = None
    instrument: int | None = None
    programme: int | None = None
    invitation: int | None = None
    member: int | None = None
    language: str = "fi"
    verbatim: str = ""
    attributes: str = "{}"
    contact_wanted: bool = False
    triaged: str | None = None


class Writer:
    """Holds the tables and turns simulated behaviour into their rows."""

    def __init__(self, world: World, setting: Setting) -> None:
        self.world, self.setting, self.stamps = world, setting, Stamps()
        self.planted = Planted()
        self.customers = Table(Customer, "id tier_id language created_at")
        self.identifiers = Table(Identifier, "id customer_id kind value index source created_at")
        self.consents = Table(Consent, "id customer_id purpose given wording_version source at")
        self.attributes = Table(Attribute, "id customer_id kind_id value provenance source known_at")
        self.interactions = Table(
            Interaction,
            "id customer_id touchpoint_id channel_id unit_id occurred_at received_at reference details source "
            "source_id",
        )
        self.transactions = Table(
            Transaction, "id customer_id unit_id occurred_at product amount margin source source_id"
        )
        self.invitations = Table(
            Invitation,
            "id programme_id wave_id customer_id interaction_id channel_id unit_id language segment token_hash "
            "invited_at delivered_at bounced_at opened_at started_at completed_at expires_at",
        )
        self.askings = Table(
            Asking,
            "id programme_id customer_id interaction_id unit_id segment due_at decided_at invitation_id hindrance "
            "hindrances",
        )
        self.gift_kinds: tuple[int, ...] = ()
        self._purpose = [plan.layers["purpose"] for plan in company.tiers()]
        self._recent = DAYS - max(0, min(4, int(600 / max(world.size / DAYS, 1)) - 1))
        self._weekday, self._workdays = 0, (0, 0)
        #: of the voices that nobody has triaged: the cause that their words speak of
        self.told: dict[str, str] = {}
        self._since = (date(1970, 1, 1)).toordinal()
        self._open_voices()

    def _open_voices(self) -> None:
        self.feedback = Table(
            Feedback,
            "id kind population customer_id touchpoint_id channel_id unit_id tier_id interaction_id instrument_id "
            "programme_id invitation_id member_id language verbatim attributes contact_wanted occurred_at received_at "
            "completed_at triaged_at source source_id",
        )
        self.answers = Table(
            Answer, "id feedback_id question_id code measure scale_id raw value label category text source answered_at"
        )
        self.facts = Table(
            Fact,
            "id feedback_id customer_id population measure label scale value category occurred_at day month "
            "touchpoint_id channel_id unit_id tier_id programme_id language attributes",
        )
        self.messages = Table(
            Message,
            "id message_id key sender purpose customer_id recipient subject text language created_at due_at "
            "attempts sent_at",
        )
        self.cases = Table(
            Case,
            "id feedback_id customer_id touchpoint_id channel_id unit_id owner_id stage priority cause_id "
            "feeling_before feeling_after opened_at touch_due_at solve_due_at touched_at solved_at closed_at",
        )
        self.steps = Table(Step, "id case_id kind stage text member_id message_id at")
        self.holds = Table(ContactHold, "id customer_id reason raised_by since released_at")
        self.gifts = Table(GiftCode, "id gift_id secret index case_id issued_at redeemed_at expires_at")

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, the referred before the referring."""
        return (
            self.customers, self.identifiers, self.consents, self.attributes, self.interactions, self.transactions,
            self.invitations, self.askings, self.feedback, self.answers, self.facts, self.messages, self.cases,
            self.steps, self.gifts, self.holds,
        )  # fmt: skip

    def flush(self) -> None:
        """Write all that waits."""
        for table in self.tables:
            table.write()

    def waiting(self) -> int:
        """Return how many rows wait."""
        return sum(len(table.rows) for table in self.tables)

    # --- customers ---------------------------------------------------------------------------------------------

    def people(self, start: int, end: int) -> None:
        """Add the customers from number ``start`` up to ``end``: no names, addresses under example.com only."""
        rng = np.random.default_rng([self.world.seed, 5, start])
        founded = int(self.world.calendar.first_midnight.timestamp())
        ages = rng.integers(1, 1500, end - start) * 86400
        created = self.stamps.many(founded - ages)
        dice = rng.random((end - start, 3))
        kinds = self._attribute_kinds()
        for n, at, die in zip(range(start, end), created, dice.tolist(), strict=True):
            pk, tier = n + 1, int(self.world.tier[n])
            language = LANGUAGES[int(self.world.language[n])]
            self.customers.put(((pk, self.setting.tiers[tier], language, at),))
            for kind, told in (("customer_id", f"KU{pk:08d}"), ("email", address(pk))):
                value = normalise(kind, told) if n < 3 else told
                (identifier,) = self.identifiers.ids(1)
                self.identifiers.put(
                    ((identifier, pk, kind, crypto.encrypt(value), crypto.blind_index(kind, value), SOURCE, at),)
                )
            self._consent(pk, "survey", True, at)
            self._consent(pk, "marketing", die[0] < 0.4, at)
            self._attribute(pk, kinds["purpose"], self._purpose[tier], "stated", at)
            if die[1] < 0.3:
                self._attribute(pk, kinds["speed_matters"], "yes" if die[2] < 0.55 else "no", "stated", at)

    def _attribute_kinds(self) -> dict[str, int]:
        return dict(AttributeKind.objects.values_list("code", "pk"))

    def _consent(self, customer: int, purpose: str, given: bool, at: str) -> None:
        (pk,) = self.consents.ids(1)
        self.consents.put(((pk, customer, purpose, given, "2024-1", SOURCE, at),))

    def _attribute(self, customer: int, kind: int, value: str, provenance: str, at: str) -> None:
        (pk,) = self.attributes.ids(1)
        self.attributes.put(((pk, customer, kind, value, provenance, SOURCE, at),))

    # --- days --------------------------------------------------------------------------------------------------

    def day(self, day: Day) -> None:
        """Add all rows of a day."""
        midnight = self.world.calendar.midnight(day.number)
        self._weekday, self._workdays = midnight.weekday(), self._working_days(day.number)
        stamp = midnight.date().toordinal() - self._since, midnight.year * 100 + midnight.month
        last = int(self.world.calendar.midnight(day.number + 1).timestamp()) - 61
        last = min(last, int(self.world.calendar.now.timestamp()) - 5)
        self._invited(day.invited, stamp, last)
        self._unasked(day.unasked, stamp)
        self._relationship(day.relationship, stamp)

    def _invited(self, c: Contacts, stamp: tuple[int, int], last: int) -> None:
        n = len(c)
        delay = ((c.dice[:, 0] / 65536) ** 2 * 5 * 3600).astype(np.int64) + 90
        told_at = c.at + 1800 + delay
        # Late in the evening, and today, there is less time to answer: the answers spread over what there is.
        told_at = np.where(told_at > last, c.at + ((last - c.at) * (c.dice[:, 4] / 65536)).astype(np.int64), told_at)
        asked_at = np.minimum(c.at + 1200, told_at - c.seconds - 60)
        interactions, invitations = self.interactions.ids(n), self.invitations.ids(n)
        references = self._references(c, interactions)
        self.interactions.put(self._interaction_rows(c, interactions, references))
        self._earlier_hops(c, references)
        self._sales(c)
        self.invitations.put(self._invitation_rows(c, invitations, interactions, asked_at, told_at))
        self._asked(c, invitations, interactions, asked_at)
        for i in np.flatnonzero(c.answered).tolist():
            voice = self._voice(c, i, self.stamps.one(int(told_at[i])))
            voice.interaction, voice.invitation = interactions[i], invitations[i]
            voice.source_id = f"r-{invitations[i]:09d}"
            self._card(c, i, voice, stamp)
            if c.speeder[i]:
                self.planted.note("speeder", voice.source_id)
            if c.recovery[i]:
                self._recover(c, i, voice, int(told_at[i]))

    def _references(self, c: Contacts, ids: range) -> list[str]:
        today = self.world.calendar.midnight(c.day).date().isoformat()
        return [
            f"KU{101 + flight}/{today}" if flight >= 0 else (f"SR-{pk:09d}" if first >= 0 else "")
            for flight, first, pk in zip(c.flight.tolist(), c.first_channel.tolist(), ids, strict=True)
        ]

    def _interaction_rows(self, c: Contacts, ids: range, references: list[str]) -> list[tuple[Any, ...]]:
        s, rows = self.setting, []
        channels = [s.channels[_served_by(plan)] for plan in TOUCHPOINTS]
        wait = np.maximum(2, 26 - 4 * c.speed + c.dice[:, 5] % 9)
        columns = (ids, c.customer.tolist(), c.touchpoint.tolist(), c.team.tolist(), self.stamps.many(c.at))
        more = (references, wait.tolist(), c.first_channel.tolist(), c.hops.tolist(), c.dice[:, 4].tolist())
        for pk, customer, touchpoint, team, at, reference, minutes, first, hops, die in zip(
            *columns, *more, strict=True
        ):
            channel, details = channels[touchpoint], f'{{"wait_minutes": {minutes}}}'
            if first >= 0:
                wished = "phone" if die % 5 < 3 else "chat"
                solved = "false" if hops else "true"
                details = (
                    f'{{"wait_minutes": {minutes}, "solved_at_first": {solved}, "hops": {hops}, '
                    f'"wished": "{wished}", "hours_to_solution": {1 + 19 * hops + die % 7}}}'
                )
                channel = s.channels[_SERVICE_CHANNELS[first]] if not hops else channel
            rows.append(
                (pk, customer + 1, s.touchpoints[touchpoint], channel, s.teams[team], at, at, reference, details,
                 SOURCE, f"i-{pk:09d}")
            )  # fmt: skip
        return rows

    def _earlier_hops(self, c: Contacts, references: list[str]) -> None:
        """Add the contacts in other channels through which a matter had come."""
        s = self.setting
        for i in np.flatnonzero(c.hops).tolist():
            for hop in range(int(c.hops[i])):
                (pk,) = self.interactions.ids(1)
                channel = _SERVICE_CHANNELS[(int(c.first_channel[i]) + 2 * hop) % len(_SERVICE_CHANNELS)]
                at = self.stamps.one(int(c.at[i]) - 19 * 3600 * (int(c.hops[i]) - hop))
                self.interactions.put(
                    ((pk, int(c.customer[i]) + 1, s.touchpoints[int(c.touchpoint[i])], s.channels[channel],
                      s.teams[int(c.team[i])], at, at, references[i], '{"solved": false}', SOURCE, f"i-{pk:09d}"),)
                )  # fmt: skip
                if c.day >= DAYS - _LEDGER:
                    self._not_asked(c, i, pk, at)

    def _sales(self, c: Contacts) -> None:
        """Add purchases: about four in ten contacts bring one, and those who feel well buy a little more."""
        bought = np.flatnonzero(c.dice[:, 1] % 5 < 2)
        rng = np.random.default_rng([self.world.seed, 6, c.day])
        card = np.array([1.0 + 0.5 * ("silver" in p.code) + 1.6 * ("gold" in p.code) for p in company.tiers()])
        amount = np.exp(rng.normal(4.9, 0.6, len(bought))) * card[c.tier[bought]] * (1 + 0.002 * c.points[bought])
        products = ("flight", "seat", "bag", "holiday")
        ids = self.transactions.ids(len(bought))
        for pk, i, euros, at in zip(ids, bought.tolist(), amount.tolist(), self.stamps.many(c.at[bought]), strict=True):
            self.transactions.put(
                ((pk, int(c.customer[i]) + 1, self.setting.teams[int(c.team[i])], at, products[pk % 4],
                  f"{euros:.2f}", f"{euros * 0.14:.2f}", SOURCE, f"t-{pk:09d}"),)
            )  # fmt: skip

    def _invitation_rows(
        self, c: Contacts, ids: range, interactions: range, asked: Ints, told: Ints
    ) -> list[tuple[Any, ...]]:
        s, tokens, rows = self.setting, _tokens(len(c)), []
        columns = (ids, c.customer.tolist(), c.touchpoint.tolist(), c.team.tolist(), c.language.tolist(), interactions)
        more = (tokens, asked.tolist(), told.tolist(), c.answered.tolist(), c.seconds.tolist(), c.dice[:, 2].tolist())
        stamp = self.stamps.one
        for pk, who, touchpoint, team, language, met, token, at, end, answered, took, die in zip(
            *columns, *more, strict=True
        ):
            bounced = not answered and die % 60 == 0
            opened = answered or (die % 3 == 0 and not bounced)
            rows.append(
                (pk, s.programmes[touchpoint], None, who + 1, met, s.channels["sms" if die % 5 < 2 else "email"],
                 s.teams[team], LANGUAGES[language], LANGUAGES[language], token, stamp(at),
                 None if bounced else stamp(at + 4),
                 stamp(at + 4) if bounced else None, stamp(end - took - 5) if opened else None,
                 stamp(end - took) if answered else None, stamp(end) if answered else None, stamp(at + 30 * 86400))
            )  # fmt: skip
        return rows

    def _asked(self, c: Contacts, invitations: range, interactions: range, asked: Ints) -> None:
        """Write into the ledger of the last weeks that these people were asked."""
        if c.day < DAYS - _LEDGER:
            return
        s, ids = self.setting, self.askings.ids(len(c))
        columns = (ids, c.customer.tolist(), c.touchpoint.tolist(), c.team.tolist(), c.language.tolist())
        self.askings.put(
            (
                pk,
                s.programmes[touchpoint],
                who + 1,
                met,
                s.teams[team],
                LANGUAGES[language],
                at,
                at,
                invitation,
                "",
                "[]",
            )
            for pk, who, touchpoint, team, language, met, invitation, at in zip(
                *columns, interactions, invitations, self.stamps.many(asked), strict=True
            )
        )

    def _not_asked(self, c: Contacts, i: int, interaction: int, at: str) -> None:
        """Write into the ledger that nobody asked about an earlier contact of the same matter, and why."""
        s, (pk,) = self.setting, self.askings.ids(1)
        why = _NOT_ASKED[interaction % len(_NOT_ASKED)]
        self.askings.put(
            ((pk, s.programmes[int(c.touchpoint[i])], int(c.customer[i]) + 1, interaction, s.teams[int(c.team[i])],
              LANGUAGES[int(c.language[i])], at, at, None, why, f'["{why}"]'),)
        )  # fmt: skip

    # --- voices ------------------------------------------------------------------------------------------------

    def _voice(self, c: Contacts, i: int, at: str) -> Voice:
        """Return what a voice of a contact has in common, whatever was asked."""
        (pk,) = self.feedback.ids(1)
        touchpoint, tier = int(c.touchpoint[i]), int(c.tier[i])
        attributes = {"purpose": self._purpose[tier]}
        if c.seller[i] >= 0:
            attributes["seller"] = company.SELLERS[int(c.seller[i])]
        s = self.setting
        return Voice(
            pk=pk, source_id="", kind="response", at=at, customer=int(c.customer[i]) + 1,
            touchpoint=s.touchpoints[touchpoint] if touchpoint >= 0 else None,
            channel=s.channels["sms" if c.dice[i, 2] % 5 < 2 else "email"],
            unit=s.teams[int(c.team[i])] if c.team[i] >= 0 else None, tier=s.tiers[tier],
            language=LANGUAGES[int(c.language[i])], attributes=json.dumps(attributes),
            triaged=None if c.day >= self._recent else at,
        )  # fmt: skip

    def _felt(self, c: Contacts, i: int, *, bad: bool) -> tuple[str, int]:
        """Return the emotion of a contact and its strength."""
        return feeling(
            int(c.emotion[i]), int(c.cause[i]), int(c.dice[i, 3]), touchpoint=int(c.touchpoint[i]), bad=bad
        )  # fmt: skip

    def _story(
        self, c: Contacts, i: int, emotion: str, tone: int, *, contact: bool = False, brief: bool = False
    ) -> str:
        dice = c.dice[i].tolist()
        chance = 0.004 + 0.036 * max(0, c.day - (DAYS - _BLIND_FROM)) / _BLIND_FROM
        asked = c.touchpoint[i] >= 0
        scene = phrases.Scene(
            touchpoint=_code(int(c.touchpoint[i])), emotion=emotion, tone=tone,
            cause=CAUSES[int(c.cause[i])].code if c.cause[i] >= 0 else "",
            hard=bool(asked and c.ease[i] <= _HARD), slow=bool(asked and c.speed[i] <= _SLOW), contact=contact,
            blind=tone < 1 and dice[5] / 65536 < chance * 2, brief=brief,
            purpose=self._purpose[int(c.tier[i])], flight=int(c.flight[i]),
            station=int(c.team[i]) % _TEAMS_OF if asked else -1, weekday=self._weekday,
        )  # fmt: skip
        return phrases.story(LANGUAGES[int(c.language[i])], scene, dice)

    def _card(self, c: Contacts, i: int, v: Voice, stamp: tuple[int, int]) -> None:
        """Add an answered card: recommendation, ease, emotion, speed, often a story, sometimes an improvement."""
        s = self.setting
        score, ease, speed = int(c.score[i]), int(c.ease[i]), int(c.speed[i])
        bad = score < 7
        emotion, strength = self._felt(c, i, bad=bad)
        v.instrument, v.programme = s.instruments["kurki_card"], s.programmes[int(c.touchpoint[i])]
        v.contact_wanted = not c.speeder[i] and int(c.dice[i, 4]) % 100 < (30 if bad else 1)
        # Whoever is hurt, or wants to be called, says why oftener.
        tells = 96 if bad or v.contact_wanted else 58
        if c.dice[i, 0] % 100 < tells and not c.speeder[i]:
            brief = int(c.dice[i, 2]) % 5 < 2
            v.verbatim = self._story(c, i, emotion, _tone(score, 6, 9), contact=v.contact_wanted, brief=brief)
        rated = [
            ("nps", "nps", "nps_0_10", score, "", _CATEGORY["nps"][score]),
            ("ces", "ces", "ces_1_7", ease, "", _CATEGORY["ces"][ease]),
            ("emotion", "emotion", "emotion_1_5", strength, emotion, _CATEGORY["emotion"][strength]),
            ("speed", "speed", "agree_1_5", speed, "", _CATEGORY["agree"][speed]),
        ]
        texts = [("story", v.verbatim)] if v.verbatim else []
        if c.dice[i, 1] % 5 == 0 and not c.speeder[i]:
            among = phrases.IMPROVES[TOUCHPOINTS[int(c.touchpoint[i])].function]
            texts.append(("improvement", phrases.pair(v.language, "IMPROVE", c.dice[i, 2:].tolist(), among=among)))
        self._put(v, "kurki_card", rated, texts, stamp)
        if c.cause[i] >= 0 and len(self.planted.causes) < 500 and v.verbatim and bad:
            self.planted.causes[v.source_id] = {"cause": CAUSES[int(c.cause[i])].code, "emotion": emotion}
        if v.triaged is None:
            self.told[v.source_id] = self._told_cause(c, i)

    def _told_cause(self, c: Contacts, i: int) -> str:
        """Return the code of the cause that a complaint speaks of."""
        struck = CAUSES[int(c.cause[i])].code if c.cause[i] >= 0 else ""
        return phrases.blamed(_code(int(c.touchpoint[i])), struck, int(c.dice[i, 0]))

    def _put(
        self, v: Voice, instrument: str, rated: Sequence[tuple[str, str, str, int, str, str]],
        texts: Sequence[tuple[str, str]], stamp: tuple[int, int],
    ) -> None:  # fmt: skip
        """Add the rows of a voice: feedback, answers, facts."""
        s, source = self.setting, SOURCE
        self.feedback.put(
            ((v.pk, v.kind, v.population, v.customer, v.touchpoint, v.channel, v.unit, v.tier, v.interaction,
              v.instrument, v.programme, v.invitation, v.member, v.language, v.verbatim, v.attributes,
              v.contact_wanted, v.at, v.at, v.at, v.triaged, source, v.source_id),)
        )  # fmt: skip
        answers = self.answers.ids(len(rated) + len(texts))
        facts = self.facts.ids(len(rated))
        day, month = stamp
        self.answers.put(
            (pk, v.pk, s.questions.get((instrument, code)), code, measure, s.scales[scale], str(value), float(value),
             label, category, "", source, v.at)
            for pk, (code, measure, scale, value, label, category) in zip(answers, rated, strict=False)
        )  # fmt: skip
        self.answers.put(
            (pk, v.pk, s.questions.get((instrument, code)), code, "", None, "", None, "", "", text, source, v.at)
            for pk, (code, text) in zip(answers[len(rated) :], texts, strict=True)
        )
        self.facts.put(
            (pk, v.pk, v.customer, v.population, measure, label, scale, float(value), category, v.at, day, month,
             v.touchpoint, v.channel, v.unit, v.tier, v.programme, v.language, v.attributes)
            for pk, (_code, measure, scale, value, label, category) in zip(facts, rated, strict=True)
        )  # fmt: skip

    def _unasked(self, c: Contacts, stamp: tuple[int, int]) -> None:
        """Add what was said without being asked, through eight channels; much of it without a name."""
        channels = np.searchsorted(_UNASKED_ODDS, c.dice[:, 0] / 65536 * _UNASKED_ODDS[-1])
        for i in range(len(c)):
            channel = _spoken_at(TOUCHPOINTS[int(c.touchpoint[i])], "web" if c.bot[i] else _UNASKED[int(channels[i])])
            v = self._voice(c, i, self.stamps.one(int(c.at[i])))
            v.source_id, v.channel = f"o-{v.pk:09d}", self.setting.channels[channel]
            v.programme = v.instrument = None
            if c.bot[i] or channel not in _NAMED or c.dice[i, 1] % 5 < 2:
                v.customer = v.tier = None
                v.attributes = "{}" if c.seller[i] < 0 else json.dumps({"seller": company.SELLERS[int(c.seller[i])]})
            csat = int(np.clip(round(3.4 + 0.6 * int(c.nps_class[i]) + 0.25 * int(c.emotion[i])), 1, 5))
            emotion, _ = self._felt(c, i, bad=csat <= 2)
            v.kind = "complaint" if csat <= 2 else _KINDS.get(channel, "response")
            v.contact_wanted = v.customer is not None and int(c.dice[i, 2]) % 100 < (50 if csat <= 2 else 2)
            if channel != "kiosk" or csat <= 2:
                brief = channel in ("sms", "kiosk")
                v.verbatim = self._story(c, i, emotion, _tone(csat, 2, 4), contact=v.contact_wanted, brief=brief)
            rated = []
            if channel in _SCORED:
                v.instrument, v.programme = self.setting.instruments["short_feedback"], self.setting.always_open
                rated = [("csat", "csat", "csat_1_5", csat, "", _CATEGORY["csat"][csat])]
            texts = [("story", v.verbatim)] if v.verbatim and rated else []
            self._put(v, "short_feedback", rated, texts, stamp)
            if v.triaged is None:
                self.told[v.source_id] = self._told_cause(c, i)
            for kind, marked in (("bot", c.bot[i]), ("duplicate", c.duplicate[i])):
                if marked:
                    self.planted.note(kind, v.source_id)

    def _relationship(self, c: Contacts, stamp: tuple[int, int]) -> None:
        """Add answers to the relationship survey with their invitations, and those of two others who kept silent."""
        s = self.setting
        for i in range(len(c)):
            invited = self._survey_invitations(c, i)
            v = self._voice(c, i, self.stamps.one(int(c.at[i])))
            v.source_id, v.invitation = f"r-{invited:09d}", invited
            v.instrument, v.programme = s.instruments["kurki_relationship"], s.relationship
            v.channel = s.channels["email"]
            score = int(c.score[i])
            emotion, strength = self._felt(c, i, bad=score < 7)
            rated = [("nps", "nps", "nps_0_10", score, "", _CATEGORY["nps"][score])]
            rated += [
                (code, code, "agree_1_5", value, "", _CATEGORY["agree"][value])
                for (code, _, _), value in zip(company.ITEMS, c.items[i].tolist(), strict=True)
            ]
            rated.append(("emotion", "emotion", "emotion_1_5", strength, emotion, _CATEGORY["emotion"][strength]))
            says = int(c.dice[i, 4] / 65536 < company.SAYS_CUSTOMER_CENTRIC["customer"])
            rated.append(("customer_centric", "customer_centric", "yes_no", says, "", _CATEGORY["yes_no"][says]))
            if c.dice[i, 0] % 100 < (85 if score < 7 else 50) and not c.speeder[i]:
                v.verbatim = self._story(c, i, emotion, _tone(score, 6, 9))
            self._put(v, "kurki_relationship", rated, [("story", v.verbatim)] if v.verbatim else [], stamp)
            if c.speeder[i]:
                self.planted.note("straightliner", v.source_id)

    def _survey_invitations(self, c: Contacts, i: int) -> int:
        s, at, stamp = self.setting, int(c.at[i]), self.stamps.one
        wave = s.waves[min(max((c.day - 60) // 90, 0), QUARTERS - 1)]
        ids, spoken = self.invitations.ids(3), LANGUAGES[int(c.language[i])]
        for pk, token, step in zip(ids, _tokens(3), range(3), strict=True):
            answered = step == 0
            who = (int(c.customer[i]) + step * 7) % self.world.customers + 1
            end, took = stamp(at), stamp(at - int(c.seconds[i]))
            asked = at - 7200 - _waited(int(c.dice[i, 1]), int(c.score[i]))
            self.invitations.put(
                ((pk, s.relationship, wave, who, None, s.channels["email"], None, spoken, spoken, token,
                  stamp(asked), stamp(asked + 4), None, took if answered else None, took if answered else None,
                  end if answered else None, stamp(at + 21 * 86400)),)
            )  # fmt: skip
        return ids[0]

    # --- those who do not come day by day ----------------------------------------------------------------------

    def employees(self, e: Employees) -> None:
        """Add the employees' answers: by team, never by person."""
        s = self.setting
        for i in range(len(e.team)):
            day = int(e.quarter[i]) * DAYS // QUARTERS + 30 + int(e.share[i] * 10)
            v = self._apart(day, int(e.share[i] * 36000), "employee", f"e-{i + 1:09d}")
            v.unit, v.language = s.teams[int(e.team[i])], LANGUAGES[int(e.language[i])]
            v.instrument, v.programme, v.channel = s.instruments["kurki_pulse"], s.pulse, s.channels["web"]
            score, ease = int(e.score[i]), int(e.ease[i])
            dice = e.dice[i].tolist()
            emotion, strength = feeling(int(e.emotion[i]), -1, dice[0])
            if emotion in _GOOD and dice[1] % 2:
                emotion = ("pride", "appreciated")[dice[1] // 2 % 2]
            if emotion in _BAD and dice[1] % 2:
                emotion = ("anger", "embarrassment")[dice[1] // 2 % 2]
            # Where the feeling and the score part, there are no words for it.
            if dice[2] % 2 and int(e.emotion[i]) * (1 if score >= 8 else -1) >= 0:
                v.verbatim = phrases.pair(v.language, "EMPLOYEE_GOOD" if score >= 8 else "EMPLOYEE_BAD", dice[3:])
            says = int(e.says_customer_centric[i])
            items = zip(("relevance", "values", "appreciation"), e.items[i].tolist(), strict=True)
            rated = [
                ("nps", "nps", "nps_0_10", score, "", _CATEGORY["nps"][score]),
                ("ces", "ces", "ces_1_7", ease, "", _CATEGORY["ces"][ease]),
                *((code, code, "agree_1_5", value, "", _CATEGORY["agree"][value]) for code, value in items),
                ("emotion", "emotion", "emotion_1_5", strength, emotion, _CATEGORY["emotion"][strength]),
                ("customer_centric", "customer_centric", "yes_no", says, "", _CATEGORY["yes_no"][says]),
            ]
            texts = [("story", v.verbatim)] if v.verbatim else []
            self._put(v, "kurki_pulse", rated, texts, self._stamp(day))

    def lost(self, lost: Lost) -> None:
        """Add the interviews of customers who left: stated and verified reason as choices."""
        s = self.setting
        codes = [code for code, *_ in company.REASONS]
        for i in range(len(lost.customer)):
            who, day = int(lost.customer[i]), int(lost.day[i])
            v = self._apart(day, int(lost.dice[i, 1]) // 2, "lost_customer", f"l-{i + 1:09d}")
            v.customer, v.tier = who + 1, s.tiers[int(self.world.tier[who])]
            v.language = LANGUAGES[int(self.world.language[who])]
            v.instrument, v.programme, v.channel = s.instruments["kurki_lost"], s.lost, s.channels["phone"]
            stated, real = codes[int(lost.stated[i])], codes[int(lost.real[i])]
            v.verbatim = phrases.farewell(v.language, real, lost.dice[i].tolist())
            self._put(v, "kurki_lost", (), [("story", v.verbatim)], self._stamp(day))
            ids = self.answers.ids(2)
            self.answers.put(
                (pk, v.pk, s.questions["kurki_lost", code], code, "", None, "", None, label, "", "", SOURCE, v.at)
                for pk, code, label in zip(ids, ("stated_reason", "verified_reason"), (stated, real), strict=True)
            )

    def observations(self, count: int) -> None:
        """Add what the front line has seen, and every tenth what a leader heard on a visit."""
        rng = np.random.default_rng([self.world.seed, 7])
        for i in range(count):
            dice = rng.integers(0, 2**16, 6).tolist()
            visit = i % 10 == 9
            v = self._apart(int(rng.integers(0, DAYS)), dice[4] // 2, "employee", f"b-{i + 1:09d}")
            v.kind, v.member = (
                ("visit", self.setting.members["leader"]) if visit else ("observation", self.setting.members["front"])
            )
            touchpoint = _NUMBER[phrases.OBSERVED[dice[0] % len(phrases.OBSERVED)]]
            v.touchpoint = self.setting.touchpoints[touchpoint]
            v.channel = self.setting.channels["face_to_face"]
            v.unit = self.setting.teams[_function(touchpoint) * _TEAMS_OF + dice[3] % _TEAMS_OF]
            v.verbatim = phrases.pair("fi", "OBSERVE", dice)
            self._put(v, "", (), (), (0, 0))

    def _apart(self, day: int, second: int, population: str, source_id: str) -> Voice:
        (pk,) = self.feedback.ids(1)
        at = self.stamps.one(int(self.world.calendar.midnight(day).timestamp()) + 7 * 3600 + second)
        return Voice(pk=pk, source_id=source_id, kind="response", at=at, population=population, triaged=at)

    def _stamp(self, day: int) -> tuple[int, int]:
        date_ = self.world.calendar.midnight(day)
        return date_.date().toordinal() - self._since, date_.year * 100 + date_.month

    # --- recovery ----------------------------------------------------------------------------------------------

    def _recover(self, c: Contacts, i: int, v: Voice, at: int) -> None:
        """Add a case that was answered and closed: with a gift, or held out from it to have a comparison."""
        s, stamp, sent = self.setting, self.stamps.one, int(c.recovery[i]) >= 2
        (case,) = self.cases.ids(1)
        touched, solved = self._office_hours(c, i, at)
        closed = solved + 600 + int(c.dice[i, 2]) // 8
        agents = s.agents[int(c.team[i]) // _TEAMS_OF]
        agent = agents[case % len(agents)]
        before, strength = self._felt(c, i, bad=True)
        before = before if strength > 1 else ""
        die = int(c.dice[i, 1])
        after = _AFTER_GIFT[die % len(_AFTER_GIFT)] if sent else _AFTER_WORDS[die % len(_AFTER_WORDS)]
        cause = self._told_cause(c, i)
        self.cases.put(
            ((case, v.pk, v.customer, v.touchpoint, v.channel, v.unit, agent.id, "closed",
              "urgent" if v.contact_wanted else "normal", s.cause_ids[cause], before, after, stamp(at + 120),
              stamp(at + 30000), stamp(at + 5 * 86400), stamp(touched), stamp(solved), stamp(closed)),)
        )  # fmt: skip
        (hold,) = self.holds.ids(1)
        self.holds.put(((hold, v.customer, OPEN_CASE, f"case:{case}", stamp(at + 120), stamp(solved)),))
        said = letters.letter(v.language, cause, agent=agent.name, gift=sent, die=int(c.dice[i, 3]))
        message = self._letter(v, case, touched, said)
        remedy = "gift" if sent else ("explanation", "apology", "repair")[die // 8 % 3]
        steps: list[tuple[str, str, str, int, int | None]] = [
            ("stage", "received", "", at + 120, None),
            ("owner", "", agent.name, touched - 900, None),
            ("cause", "", cause, touched - 300, None),
            ("note", "", letters.note(agent.language, die // 16), touched - 200, None),
            ("reply", "answered", "", touched, message),
            ("remedy", "", remedy, touched + 60, None),
            ("feeling", "", after, solved, None),
            ("solved", "answered", "", solved, None),
            ("stage", "closed", "", closed, None),
        ]
        self._steps(case, agent.id, [step for step in steps if step[0] != "note" or die % 3])
        self.planted.note("recovery_sent" if sent else "recovery_held_out", v.source_id)
        if sent:
            self._gift(case, touched, redeemed=int(c.recovery[i]) == 3)

    def _steps(self, case: int, agent: int, told: Sequence[tuple[str, str, str, int, int | None]]) -> None:
        """Add the steps of a case: kind, stage, text, moment and message of each."""
        for (kind, stage, text, at, message), pk in zip(told, self.steps.ids(len(told)), strict=True):
            by = None if stage == "received" else agent
            self.steps.put(((pk, case, kind, stage, text, by, message, self.stamps.one(at)),))

    def _office_hours(self, c: Contacts, i: int, at: int) -> tuple[int, int]:
        """Return when a case was taken up and when it was solved: between nine and four on working days."""
        workday, following = self._workdays
        touched = workday + 9 * 3600 + int(c.dice[i, 5]) * 7 * 3600 // 65536
        if at + 1200 < workday + 14 * 3600 and workday < at:  # there is time left on the same day
            touched = max(at + 1200, workday + 8 * 3600) + int(c.dice[i, 5]) % 5400
        elif touched < at + 1200:
            touched = following + 9 * 3600 + int(c.dice[i, 5]) * 7 * 3600 // 65536
        solved = max(following + 9 * 3600 + int(c.dice[i, 4]) * 7 * 3600 // 65536, touched + 1800)
        longer = self._weekday < 2 and int(c.dice[i, 0]) % 3 == 0
        return touched, solved + (2 * 86400 if longer else 0)

    def _working_days(self, day: int) -> tuple[int, int]:
        """Return the midnights of the first working day from ``day`` on, and of the one after it."""
        found = [n for n in range(day, day + 6) if self.world.calendar.midnight(n).weekday() < 5]
        first, second = (int(self.world.calendar.midnight(n).timestamp()) for n in found[:2])
        return first, second

    def _letter(self, v: Voice, case: int, at: int, said: tuple[str, str]) -> int:
        (pk,) = self.messages.ids(1)
        subject, text = said
        sent = self.stamps.one(at + 20)
        self.messages.put(
            ((pk, uuid.uuid4().hex, f"case:{case}:reply:1", "email", "service_recovery", v.customer,
              crypto.encrypt(address(v.customer or 0)), crypto.encrypt(subject), crypto.encrypt(text), v.language,
              self.stamps.one(at), self.stamps.one(at), 1, sent),)
        )  # fmt: skip
        return pk

    def _gift(self, case: int, at: int, *, redeemed: bool) -> None:
        self.gift_codes(
            self.gift_kinds[case % len(self.gift_kinds)], 1, case=case, issued=self.stamps.one(at),
            redeemed=self.stamps.one(at + 9 * 86400) if redeemed else None,
        )  # fmt: skip

    def gift_codes(
        self, gift: int, count: int, *, case: int | None = None, issued: str | None = None, redeemed: str | None = None
    ) -> None:
        """Add codes of a gift: free ones, or one that was given on a case."""
        expires = self.stamps.one(int(self.world.calendar.now.timestamp()) + 300 * 86400)
        for pk in self.gifts.ids(count):
            secret = f"KURKI-{os.urandom(5).hex().upper()}"
            self.gifts.put(
                (
                    (
                        pk,
                        gift,
                        crypto.encrypt(secret),
                        crypto.blind_index("gift", secret),
                        case,
                        issued,
                        redeemed,
                        expires,
                    ),
                )
            )


def address(customer: int) -> str:
    """Return a customer's e-mail address, under a domain that is reserved for examples."""
    return f"asiakas{customer:08d}@example.com"


def _tokens(count: int) -> list[str]:
    """Return digests that no link opens: the links of the past are shut."""
    raw = os.urandom(32 * count).hex()
    return [raw[64 * i : 64 * i + 64] for i in range(count)]


def _function(touchpoint: int) -> int:
    codes = [plan.code for plan in company.FUNCTIONS]
    return codes.index(TOUCHPOINTS[touchpoint].function)


_NUMBER = {plan.code: number for number, plan in enumerate(TOUCHPOINTS)}
_MET = ("airport", "lounge", "cabin", "shop", "baggage")


def _spoken_at(plan: company.TouchpointPlan, channel: str) -> str:
    """Return where a voice is heard: a kiosk stands, and people meet, only where the company is present."""
    return {"kiosk": "web", "face_to_face": "email"}.get(channel, channel) if plan.function not in _MET else channel


_SERVED_BY = {
    "service_phone": "phone",
    "phone_booking": "phone",
    "service_chat": "chat",
    "bag_drop": "kiosk",
    "invoice": "email",
    "reminder": "email",
}


def _served_by(plan: company.TouchpointPlan) -> str:
    """Return the channel in which a touchpoint serves."""
    online = plan.function in ("web", "app", "invoicing", "loyalty")
    return _SERVED_BY.get(plan.code, "web" if online else "face_to_face")
