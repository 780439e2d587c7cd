"""The company itself, before anybody says a word: units, journey, channels, questionnaires, members, gifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from luotain.listen.instruments import EMPLOYEE_PULSE, RELATIONSHIP, TOUCHPOINT_CARD, ReadyQuestion, address_as
from luotain.server.demo import company
from luotain.server.demo.behaviour import QUARTERS, World
from luotain.server.models.listen import (
    Channel,
    Instrument,
    Journey,
    JourneyStage,
    Programme,
    Question,
    ScaleRow,
    Touchpoint,
    Wave,
)  # fmt: skip
from luotain.server.models.people import AttributeKind, Member, Organization, Tier, Unit
from luotain.server.models.respond import TriageRule
from luotain.server.models.understand import Cause
from luotain.server.operations.listen import default_scales
from luotain.server.operations.listen.ask import publish_instruments
from luotain.server.operations.listen.codes import ensure_channel
from luotain.server.operations.people import add_member, ensure_organization, set_up_organization
from luotain.server.operations.respond import default_causes, default_playbook, default_rules
from luotain.terms import LANGUAGES, QuestionKind

SPEED = ReadyQuestion(
    "speed", QuestionKind.SCORE, company.words("Kaikki kävi ripeästi. | Allt gick snabbt. | Everything went quickly."),
    "speed", "agree_1_5",
)  # fmt: skip
CUSTOMER_CENTRIC = ReadyQuestion(
    "customer_centric", QuestionKind.SCORE,
    company.words("Onko Kurki asiakaslähtöinen? | Är Kurki kundorienterat? | Is Kurki customer-centric?"),
    "customer_centric", "yes_no",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Agent:
    """Who answers customers."""

    id: int
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Ids of what was set up, in the order of the plans of :mod:`company`."""

    touchpoints: tuple[int, ...]
    teams: tuple[int, ...]
    functions: tuple[int, ...]
    tiers: tuple[int, ...]
    channels: dict[str, int]
    causes: tuple[int, ...]
    #: all causes by code, the ready ones too
    cause_ids: dict[str, int]
    scales: dict[str, int]
    programmes: tuple[int, ...]
    relationship: int
    waves: tuple[int, ...]
    pulse: int
    lost: int
    always_open: int
    #: (instrument, question) codes -> question id; instrument codes -> id
    questions: dict[tuple[str, str], int]
    instruments: dict[str, int]
    members: dict[str, int]
    #: agents of each function, and at the end those of the company as a whole
    agents: tuple[tuple[Agent, ...], ...]


def set_up(world: World) -> Setting:
    """Set the company up and return the ids; to be called in a transaction on an empty installation."""
    founded = world.calendar.first_midnight - timedelta(days=400)
    organization = ensure_organization(now=founded)
    # The five questions are answered last: a half-made company is never taken for a whole one.
    Organization.objects.filter(pk=organization.pk).update(name="Kurki", industry="lentoyhtiö")
    units = _units()
    default_scales()
    for channel, name, _share in company.CHANNELS:
        ensure_channel(channel, kind=channel, name=name)
    default_causes()
    default_rules()
    default_playbook(now=founded)
    publish_instruments(now=founded)
    touchpoints = _journey(units, founded)
    instruments = _instruments(founded)
    causes = tuple(_cause(plan).pk for plan in company.CAUSES)
    _breakdowns()
    programmes, relationship, pulse, lost, always_open = _programmes(touchpoints, instruments, world)
    # Our cards always ask about effort and speed: a slow moment alone opens no case here, a bad grade does.
    TriageRule.objects.filter(code="poor").update(measure="csat")
    members = _members(units, founded)
    _owners(members)
    return Setting(
        touchpoints=tuple(row.pk for row in touchpoints),
        teams=tuple(units[f"{f.code}-{n}"].pk for f in company.FUNCTIONS for n in range(1, 5)),
        functions=tuple(units[f.code].pk for f in company.FUNCTIONS),
        tiers=_tiers(),
        channels=dict(Channel.objects.values_list("code", "pk")),
        causes=causes,
        cause_ids=dict(Cause.objects.values_list("code", "pk")),
        scales=dict(ScaleRow.objects.values_list("code", "pk")),
        programmes=programmes,
        relationship=relationship.pk,
        waves=_waves(relationship, world),
        pulse=pulse,
        lost=lost,
        always_open=always_open,
        questions={
            (code, question): pk
            for code, question, pk in Question.objects.values_list("instrument__code", "code", "pk")
        },
        instruments=dict(Instrument.objects.values_list("code", "pk")),
        members=members,
        agents=tuple(_agents(code, members) for code in (*(f.code for f in company.FUNCTIONS), "kurki")),
    )


def _breakdowns() -> None:
    for code, text in (
        ("purpose", "Matkan tarkoitus | Resans syfte | Purpose"),
        ("seller", "Myyjä | Säljare | Seller"),
    ):
        AttributeKind.objects.create(code=code, name=company.words(text), breakdown=True)
    speed = "Nopeus on tärkeää | Snabbhet är viktigt | Speed matters"
    AttributeKind.objects.create(code="speed_matters", name=company.words(speed))


def finish(world: World) -> None:
    """Answer the five questions: from now on the company is whole."""
    set_up_organization(
        name="Kurki", industry="lentoyhtiö", language="fi", time_zone=str(company.TIME_ZONE), formal=False,
        now=world.calendar.first_midnight - timedelta(days=400),
    )  # fmt: skip


def _units() -> dict[str, Unit]:
    top = Unit.objects.get(parent=None)
    top.code, top.name = company.ORGANIZATION.code, company.ORGANIZATION.name
    top.save(update_fields=["code", "name"])
    units = {top.code: top}
    for plan in company.units()[1:]:
        units[plan.code] = Unit.add(
            parent=units[plan.parent], code=plan.code, name=plan.name, kind=plan.kind,
            touch=plan.touch, industry=plan.industry,
        )  # fmt: skip
    return units


def _journey(units: dict[str, Unit], founded: datetime) -> list[Touchpoint]:
    name = company.words("Matka Kurjen siivin | En resa med Kurki | A journey with Kurki")
    journey = Journey.objects.create(code="journey", name=name)
    stages = {
        code: JourneyStage.objects.create(journey=journey, code=code, name=name, order=order)
        for order, (code, name) in enumerate(company.STAGES)
    }
    return [
        Touchpoint.objects.create(
            stage=stages[plan.stage], code=plan.code, name=plan.name, kind=plan.kind, order=order,
            unit=units[plan.function], created_at=founded,
        )
        for order, plan in enumerate(company.TOUCHPOINTS)
    ]  # fmt: skip


def _tiers() -> tuple[int, ...]:
    return tuple(
        Tier.objects.create(code=plan.code, name=plan.name, layers=plan.layers, order=order).pk
        for order, plan in enumerate(company.tiers())
    )


def _cause(plan: company.CausePlan) -> Cause:
    wanted = {"name": plan.name, "within_control": plan.within_control}
    return Cause.objects.update_or_create(code=plan.code, defaults=wanted)[0]


def _instruments(founded: datetime) -> dict[str, Instrument]:
    scores, (emotion, *texts) = RELATIONSHIP.questions[:1], RELATIONSHIP.questions[-4:]
    items = tuple(
        ReadyQuestion(code, QuestionKind.SCORE, text, code, "agree_1_5") for code, text, _weight in company.ITEMS
    )
    reasons = tuple((code, text) for code, text, *_ in company.REASONS)
    stated = company.words("Miksi lopetit? | Varför slutade du? | Why did you leave?")
    real = company.words("Varmistettu syy | Verifierad orsak | Verified reason")
    lost = (
        ReadyQuestion("stated_reason", QuestionKind.CHOICE, stated, options=reasons),
        ReadyQuestion("verified_reason", QuestionKind.CHOICE, real, options=reasons),
        texts[0],
    )
    pulse = (*EMPLOYEE_PULSE.questions, CUSTOMER_CENTRIC)
    card = (*TOUCHPOINT_CARD.questions[:3], SPEED, *TOUCHPOINT_CARD.questions[3:])
    title = company.words("Miksi lähdit? | Varför gick du? | Why did you go?")
    return {
        "kurki_card": _instrument("kurki_card", dict(TOUCHPOINT_CARD.title), card, founded),
        "kurki_relationship": _instrument(
            "kurki_relationship",
            dict(RELATIONSHIP.title),
            (*scores, *items, emotion, CUSTOMER_CENTRIC, *texts),
            founded,
        ),
        "kurki_pulse": _instrument("kurki_pulse", dict(EMPLOYEE_PULSE.title), pulse, founded, "anonymous", "employee"),
        "kurki_lost": _instrument("kurki_lost", title, lost, founded, "confidential", "lost_customer"),
    }


def _instrument(
    code: str, title: dict[str, str], questions: tuple[ReadyQuestion, ...], founded: datetime,
    anonymity: str = "identified", population: str = "customer",
) -> Instrument:  # fmt: skip
    scales = {row.code: row for row in ScaleRow.objects.all()}
    instrument = Instrument.objects.create(
        code=code, title=title, thanks=address_as(TOUCHPOINT_CARD.thanks, formal=False), languages=list(LANGUAGES),
        anonymity=anonymity, population=population, published_at=founded, own=True,
    )  # fmt: skip
    Question.objects.bulk_create(
        Question(
            instrument=instrument, code=q.code, order=order, kind=q.kind.value, measure=q.measure,
            scale=scales.get(q.scale), text=address_as(q.text, formal=False), help=address_as(q.help, formal=False),
            options=[{"code": key, "text": address_as(text, formal=False)} for key, text in q.options],
            required=q.required,
        )
        for order, q in enumerate(questions)
    )  # fmt: skip
    return instrument


def _programmes(
    touchpoints: list[Touchpoint], instruments: dict[str, Instrument], world: World
) -> tuple[tuple[int, ...], Programme, int, int, int]:
    start = world.calendar.first_midnight

    def programme(code: str, name: str, kind: str, instrument: Instrument, **more: object) -> Programme:
        return Programme.objects.create(
            code=code, name=company.words(name), kind=kind, instrument=instrument, starts_at=start, **more
        )

    after = tuple(
        Programme.objects.create(
            code=f"after-{row.code}", name=row.name, kind="triggered", instrument=instruments["kurki_card"],
            touchpoint=row, rule={"share": 0.3, "segment": "language"}, starts_at=start,
        ).pk
        for row in touchpoints
    )  # fmt: skip
    relationship = programme(
        "relationship",
        "Asiakassuhde | Kundrelation | Relationship",
        "waves",
        instruments["kurki_relationship"],
        rule={"segment": "language", "reminders": 1},
    )
    pulse = programme("pulse", "Työn pulssi | Arbetspuls | Work pulse", "waves", instruments["kurki_pulse"])
    name = "Menetetyt asiakkaat | Förlorade kunder | Lost customers"
    lost = programme("lost", name, "always_on", instruments["kurki_lost"])
    name = "Aina auki | Alltid öppet | Always open"
    always = programme("always-open", name, "always_on", Instrument.objects.get(code="short_feedback"))
    return after, relationship, pulse.pk, lost.pk, always.pk


def _waves(programme: Programme, world: World) -> tuple[int, ...]:
    opens = [world.calendar.midnight(60 + 90 * number) for number in range(QUARTERS)]
    return tuple(
        Wave.objects.create(
            programme=programme, number=number + 1, opens_at=at, closes_at=at + timedelta(days=21), drawn_at=at,
            closed_at=at + timedelta(days=21), rule=programme.rule,
        ).pk
        for number, at in enumerate(opens)
    )  # fmt: skip


def _members(units: dict[str, Unit], founded: datetime) -> dict[str, int]:
    members = {}
    for username, name, role, unit in company.LOGINS + company.COLLEAGUES:
        language = "sv" if username in company.SWEDISH_SPEAKERS else "fi"
        members[username] = add_member(
            username=username, name=name, password=None, role=role, unit=units[unit], language=language, now=founded
        ).pk  # fmt: skip
    # One password for all, hashed once: a hash is meant to be slow.
    Member.objects.filter(pk__in=members.values()).update(password=make_password(company.PASSWORD))
    return members


def _owners(members: dict[str, int]) -> None:
    """Give each touchpoint to the manager of its function, save those that nobody has taken."""
    managers = {
        unit: members[username]
        for username, _, role, unit in company.LOGINS + company.COLLEAGUES
        if role == "unit_manager"
    }
    for plan in company.TOUCHPOINTS:
        if plan.code not in company.UNOWNED:
            Touchpoint.objects.filter(code=plan.code).update(owner=managers[plan.function])


def _agents(unit: str, members: dict[str, int]) -> tuple[Agent, ...]:
    names = {login: name for login, name, *_ in company.LOGINS + company.COLLEAGUES}
    return tuple(
        Agent(members[login], names[login], "sv" if login in company.SWEDISH_SPEAKERS else "fi")
        for login in company.agents_of(unit)
    )
