"""How Kurki's customers and employees behave: seeded, vectorised, day by day. No database, no clock.

The recommendation is made of NPS points, which add up: a contact's points are the sum of its touchpoint, team, tier,
season, drift, cause, mood and action. The points show in three elements (emotion, ease, speed), and the three elements
give the chances of being a promoter, a passive or a detractor. So every planted effect is an effect in NPS points, and
least squares finds it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from luotain.server.demo import company
from luotain.server.demo.company import ACTIONS, CAUSES, DAYS, FUNCTIONS, TOUCHPOINTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MEAN_POINTS = 14.0
TEAMS = len(FUNCTIONS) * company.TEAMS_PER_FUNCTION
QUARTERS = 8
FLIGHTS = 40
LANGUAGES = ("fi", "sv", "en")
_ELEMENTS = company.ELEMENT_POINTS
#: how the points show in the elements: centre, steps per point, noise, ends; times ELEMENT_POINTS the steps sum to one
ELEMENTS = {
    "emotion": (1.0, 0.060, 2.0, -5, 5),
    "ease": (4.9, 0.050, 0.8, 1, 7),
    "speed": (3.6, 0.025, 0.8, 1, 5),
}
#: shares of all feedback
SHARES = {"employee": 0.06, "relationship": 0.08, "lost": 0.01, "observation": 0.006, "open": 0.14}
#: on these days a machine fills in the open form
BOT_DAYS = (200, 455, DAYS - 33)
_BOOST = 7.4
_WEATHER, _TECHNICAL = 0, 1
_INDEX = {plan.code: number for number, plan in enumerate(TOUCHPOINTS)}
_FUNCTION = {plan.code: number for number, plan in enumerate(FUNCTIONS)}
_SALES = tuple(_INDEX[code] for code in ("phone_booking", "travel_shop", "holiday_advice"))
_SERVICE = tuple(_INDEX[code] for code in ("service_phone", "service_chat", "claim"))
#: of so many voices the lucky seller's luck is what it is planted to be
_LUCKY_SIZE = 50_000


@dataclass(slots=True)
class Contacts:
    """Contacts of one day, column by column; negative indexes mean "none"."""

    day: int
    at: Ints  #: UTC seconds since 1970
    customer: Ints
    touchpoint: Ints  #: −1: the relationship as a whole
    team: Ints
    tier: Ints
    language: Ints
    cause: Ints
    flight: Ints
    first_channel: Ints
    hops: Ints
    points: Floats  #: the systematic part, in NPS points
    emotion: Ints  #: signed strength, −5 … 5
    ease: Ints
    speed: Ints
    nps_class: Ints  #: −1, 0, 1
    score: Ints
    answered: Flags
    seconds: Ints  #: how long answering took
    speeder: Flags
    recovery: Ints  #: 0 none, 1 held out, 2 gift sent, 3 gift redeemed
    seller: Ints
    duplicate: Flags  #: the same voice again within minutes
    bot: Flags
    dice: Ints
    items: Ints = field(default_factory=lambda: np.empty((0, 0), np.int64))

    def __len__(self) -> int:
        return len(self.at)


@dataclass(slots=True)
class Day:
    """What happened on one day."""

    number: int
    #: invited after a contact; ``answered`` tells who replied
    invited: Contacts
    #: said without being asked
    unasked: Contacts
    #: the relationship survey
    relationship: Contacts


@dataclass(slots=True)
class World:
    """What stays the same while the days go by."""

    calendar: company.Calendar
    size: int
    seed: int
    customers: int
    tier: Ints
    language: Ints
    activity: Floats
    liking: Floats
    engagement: Floats  #: team × quarter
    drift: dict[str, Floats]
    disrupted: NDArray[np.int8]  #: day × flight: −1 none, 0 weather, 1 technical
    weather_days: Ints
    quiet: Floats  #: share of a day's contacts
    response_rate: float = 0.40


@dataclass(slots=True)
class _Memory:
    """What customers carry from contact to contact."""

    joy: Floats
    hurt: Floats
    since: Floats
    mended: Floats
    answered_case: Flags

    @classmethod
    def empty(cls, customers: int) -> _Memory:
        """Return the memory of people who have not met us yet."""
        joy, hurt, since, mended = np.zeros((4, customers))
        return cls(joy, hurt, since, mended, np.zeros(customers, bool))


def world(now: datetime, size: int, seed: int) -> World:
    """Return the company's world for two years that end yesterday; the same arguments give the same world."""
    rng = np.random.default_rng([seed, 1])
    customers = max(size // 4, 40)
    plans = company.tiers()
    calendar = company.Calendar(now)
    weather = np.sort(rng.choice(DAYS, 26, replace=False))
    return World(
        calendar=calendar,
        size=size,
        seed=seed,
        customers=customers,
        tier=rng.choice(len(plans), customers, p=np.array([plan.share for plan in plans])),
        language=rng.choice(3, customers, p=[0.62, 0.14, 0.24]),
        activity=np.cumsum(rng.gamma(1.5, 1.0, customers)),
        liking=rng.normal(0, 8.0, customers),
        engagement=_engagement(rng),
        drift={group: _drift(rng, *shape) for group, shape in company.DRIFTS.items()},
        disrupted=_disrupted(rng, weather),
        weather_days=weather,
        quiet=_busy(calendar),
    )


def _engagement(rng: np.random.Generator) -> Floats:
    """Return team × quarter engagement: the function's level, the team's own, and a slow wander."""
    level = np.repeat([plan.engagement for plan in FUNCTIONS], company.TEAMS_PER_FUNCTION)
    own = rng.normal(0, 0.35, TEAMS)
    own -= np.repeat(own.reshape(-1, company.TEAMS_PER_FUNCTION).mean(1), company.TEAMS_PER_FUNCTION)
    return np.clip(level[:, None] + own[:, None] + rng.normal(0, 0.25, (TEAMS, QUARTERS)), 1.2, 4.8)


def _drift(rng: np.random.Generator, per_year: float, amplitude: float) -> Floats:
    """Return daily points of a drift group: a steady rise around zero and a weekly AR(1) wander."""
    weeks = DAYS // 7 + 3
    wander = np.zeros(weeks)
    for week in range(1, weeks):
        wander[week] = 0.8 * wander[week - 1] + rng.normal(0, 0.6 * amplitude)
    days = np.arange(DAYS + 1)
    return np.asarray(per_year * (days - DAYS / 2) / 365 + np.interp(days / 7, np.arange(weeks), wander), float)


def _disrupted(rng: np.random.Generator, weather_days: Ints) -> NDArray[np.int8]:
    table = np.full((DAYS + 1, FLIGHTS), -1, np.int8)
    table[rng.random(table.shape) < 0.02] = _TECHNICAL
    for day in weather_days:
        table[day, rng.random(FLIGHTS) < 0.6] = _WEATHER
    return table


def _busy(calendar: company.Calendar) -> Floats:
    """Return the share of contacts on each day: quieter Saturdays, a busy summer and Christmas; today is part of it."""
    dates = [calendar.midnight(day) for day in range(DAYS + 1)]
    weekday = np.array([(1.05, 1.0, 1.0, 1.05, 1.2, 0.8, 0.95)[date.weekday()] for date in dates])
    month = np.array(
        [(0.9, 0.9, 1.0, 1.0, 1.0, 1.15, 1.2, 1.1, 1.0, 0.95, 0.9, 1.05)[date.month - 1] for date in dates]
    )
    # The programme was widened after its first year: three answers of four are from the second.
    busy = weekday * month * np.where(np.arange(DAYS + 1) < 350, 0.5, 1.5)
    return np.asarray(busy / busy.sum(), float)


def simulate(world: World) -> Iterator[Day]:
    """Yield the days in order: exactly ``size`` voices in all, counting those of :func:`apart`."""
    rng = np.random.default_rng([world.seed, 2])
    memory = _Memory.empty(world.customers)
    fixed = sum(apart(world.size).values())
    voices = world.size - fixed
    relationship = round(world.size * SHARES["relationship"])
    unasked_share = SHARES["open"] * world.size / voices
    told = heard = 0
    for number in range(DAYS + 1):
        upto = float(world.quiet[: number + 1].sum())
        goal = voices if number == DAYS else round(voices * upto)
        survey = _survey_answers(number, relationship) if number < DAYS else relationship - heard
        survey = max(min(survey, goal - told, relationship - heard), 0)
        room = max(goal - told - survey, 0)
        asked = max(round(room * (1 - unasked_share) / world.response_rate), 0)
        invited = _contacts(world, memory, rng, number, asked, room)
        burst = round(world.size * 0.0008) if number in BOT_DAYS else 0
        free = max(room - int(invited.answered.sum()), 0)
        unasked = _contacts(world, memory, rng, number, free + burst, -1)
        _spoil(rng, unasked, burst)
        survey_answers = _relationship(world, memory, rng, number, survey)
        told += int(invited.answered.sum()) + len(unasked) + survey
        heard += survey
        yield Day(number, invited, unasked, survey_answers)


def _spoil(rng: np.random.Generator, unasked: Contacts, burst: int) -> None:
    """Plant what no honest customer says: voices sent twice within minutes, and a machine's burst."""
    n = len(unasked)
    again = np.flatnonzero(rng.random(n) < 0.012)
    again = again[again > 0]
    for name in ("customer", "touchpoint", "team", "tier", "language", "cause", "flight", "first_channel", "hops",
                 "emotion", "ease", "speed", "nps_class", "score", "dice", "points"):  # fmt: skip
        column = getattr(unasked, name)
        column[again] = column[again - 1]
    unasked.at[again] = np.minimum(unasked.at[again], unasked.at[again - 1] + 40)
    unasked.duplicate[again] = True
    machine = slice(0, burst)
    unasked.at[machine] = unasked.at[:1] + np.arange(len(unasked.at[machine])) * 9
    unasked.touchpoint[machine] = _INDEX["web_booking"]
    unasked.ease[machine], unasked.nps_class[machine], unasked.emotion[machine] = 7, 1, 5
    unasked.seconds[machine] = 1
    unasked.dice[machine] = 5
    unasked.bot[machine], unasked.duplicate[machine] = True, False


def apart(size: int) -> dict[str, int]:
    """Return how many voices do not come day by day: employees, lost customers, observations."""
    return {kind: round(size * SHARES[kind]) for kind in ("employee", "lost", "observation")}


def _survey_answers(number: int, total: int) -> int:
    """Return how many answer the relationship survey on a day: eight waves of three weeks, the last one still open."""
    wave_day = (number - 60) % 90
    if number < 60 or wave_day >= 21:
        return 0
    return round(total / 8 / 21)


def _pick_customers(world: World, rng: np.random.Generator, count: int, *, exact: bool) -> Ints:
    """Return different customers, the active ones oftener; ``exact`` allows the same one twice."""
    draws = np.searchsorted(world.activity, rng.random(count) * world.activity[-1])
    return np.asarray(draws if exact else rng.permutation(np.unique(draws)), np.int64)


def _touchpoint_shares(world: World, day: int, *, boosted: bool) -> Floats:
    """Return how contacts spread over touchpoints: those of a verified action are asked about more around it."""
    shares = np.array([plan.share for plan in TOUCHPOINTS])
    if not boosted:
        shares = np.sqrt(shares)
    for action in ACTIONS:
        start = DAYS + action.starts_in
        if boosted and action.starts_in < -180 and action.control:
            inside = abs(day - start) <= 184
            for code in (action.touchpoint, action.control):
                shares[_INDEX[code]] *= _BOOST / 4.2 if inside else 1 / 4.2
    return np.asarray(shares / shares.sum(), float)


def _contacts(world: World, memory: _Memory, rng: np.random.Generator, day: int, count: int, room: int) -> Contacts:
    """Make a day's contacts; ``room`` is how many answers there is room for (−1: all of them speak, unasked)."""
    asked = room >= 0
    customer = _pick_customers(world, rng, count, exact=not asked)
    n = len(customer)
    touchpoint = rng.choice(len(TOUCHPOINTS), n, p=_touchpoint_shares(world, day, boosted=asked))
    function = np.array([_FUNCTION[plan.function] for plan in TOUCHPOINTS])[touchpoint]
    team = function * company.TEAMS_PER_FUNCTION + rng.integers(0, company.TEAMS_PER_FUNCTION, n)
    flown = np.array([plan.flown for plan in TOUCHPOINTS])[touchpoint]
    flight = np.where(flown, rng.integers(0, FLIGHTS, n), -1)
    first_channel, hops = _hops(rng, touchpoint)
    contacts = _empty(day, customer, touchpoint, team, world, rng)
    contacts.flight, contacts.first_channel, contacts.hops = flight, first_channel, hops
    contacts.seller = _sellers(rng, touchpoint)
    contacts.cause = _causes(world, rng, day, touchpoint, flight)
    contacts.points = _points(world, memory, contacts)
    _feel(rng, contacts)
    _answer(world, memory, rng, contacts, room)
    _luck(world, rng, contacts)
    _remember(memory, rng, contacts)
    return contacts


def _empty(day: int, customer: Ints, touchpoint: Ints, team: Ints, world: World, rng: np.random.Generator) -> Contacts:
    n = len(customer)
    none = np.full(n, -1, np.int64)
    zero = np.zeros(n, np.int64)
    return Contacts(
        day=day, at=_times(world, rng, day, n), customer=customer, touchpoint=touchpoint, team=team,
        tier=world.tier[customer], language=world.language[customer], cause=none, flight=none, first_channel=none,
        hops=zero, points=np.zeros(n), emotion=zero, ease=zero, speed=zero, nps_class=zero, score=zero,
        answered=np.ones(n, bool), seconds=zero, speeder=np.zeros(n, bool), recovery=zero, seller=none,
        duplicate=np.zeros(n, bool), bot=np.zeros(n, bool),
        dice=rng.integers(0, 2**16, (n, 6)),
    )  # fmt: skip


def _times(world: World, rng: np.random.Generator, day: int, n: int) -> Ints:
    """Return sorted UTC seconds between six in the morning and midnight; today's lie before now."""
    midnight = world.calendar.midnight(day).timestamp()
    share = np.sort(rng.random(n))
    if day == DAYS:
        start, end = midnight, max(world.calendar.now.timestamp() - 30, midnight + 1)
    else:
        start, end = midnight + 6 * 3600, world.calendar.midnight(day + 1).timestamp() - 3600
    return np.asarray(start + share * (end - start), np.int64)


def _hops(rng: np.random.Generator, touchpoint: Ints) -> tuple[Ints, Ints]:
    """Return where a service matter began, and how many times it had to move on to another channel."""
    names = tuple(company.SOLVED_AT_FIRST)
    first = rng.choice(len(names), len(touchpoint), p=[0.30, 0.25, 0.20, 0.17, 0.08])
    solved = np.array(list(company.SOLVED_AT_FIRST.values()))[first]
    hops = (rng.random(len(touchpoint)) > solved) * (1 + (rng.random(len(touchpoint)) < 0.4))
    service = np.isin(touchpoint, _SERVICE)
    return np.where(service, first, -1), np.where(service, hops, 0)


def _sellers(rng: np.random.Generator, touchpoint: Ints) -> Ints:
    """Return who sold, where something is sold; the lucky seller has sold little."""
    weight = np.array([0.25 if name == company.LUCKY_SELLER else 1.0 for name in company.SELLERS])
    chosen = rng.choice(len(company.SELLERS), len(touchpoint), p=weight / weight.sum())
    return np.where(np.isin(touchpoint, _SALES), chosen, -1)


def _luck(world: World, rng: np.random.Generator, contacts: Contacts) -> None:
    """Let the lucky seller's bad days fall on the others: no more of them than chance would bring.

    Luck wears off as answers come in: in a larger company a smaller share of the bad days is spared.
    """
    lucky = company.SELLERS.index(company.LUCKY_SELLER)
    spared = 0.85 * min(1.0, (_LUCKY_SIZE / world.size) ** 0.5)
    away = (contacts.seller == lucky) & (contacts.nps_class < 1) & (rng.random(len(contacts)) < spared)
    others = contacts.customer[away] % (len(company.SELLERS) - 1)
    contacts.seller[away] = (lucky + 1 + others) % len(company.SELLERS)


def _causes(world: World, rng: np.random.Generator, day: int, touchpoint: Ints, flight: Ints) -> Ints:
    cause = np.full(len(touchpoint), -1, np.int64)
    for number, plan in enumerate(CAUSES):
        if plan.share:
            here = np.isin(touchpoint, [_INDEX[code] for code in plan.touchpoints])
            share = np.where(touchpoint == _INDEX["invoice"], _wording_left(day, plan), plan.share)
            cause[here & (rng.random(len(touchpoint)) < share)] = number
    struck = np.where(flight >= 0, world.disrupted[day][flight], -1)
    return np.where(struck >= 0, struck, cause)


def _wording_left(day: int, plan: company.CausePlan) -> float:
    """Return how many still stumble on the invoice's wording: few, after it was rewritten."""
    action = next(action for action in ACTIONS if action.code == "plain_invoice")
    return 0.05 if plan.code == "invoice_wording" and day >= DAYS + action.starts_in else plan.share


def action_points(touchpoint: Ints, day: int) -> Floats:
    """Return the true effect of the actions that have started, in NPS points."""
    points = np.zeros(len(touchpoint))
    for action in ACTIONS:
        if day >= DAYS + action.starts_in:
            effect = action.truth
            if action.code == "plain_invoice":  # part of its effect is the cause that it removed
                wording = next(plan for plan in CAUSES if plan.code == "invoice_wording")
                effect += (wording.share - 0.05) * wording.points
            points += np.where(touchpoint == _INDEX[action.touchpoint], effect, 0.0)
    return points


def _points(world: World, memory: _Memory, contacts: Contacts) -> Floats:
    """Add up the systematic points of contacts at touchpoints."""
    day, touchpoint, customer = contacts.day, contacts.touchpoint, contacts.customer
    function = contacts.team // company.TEAMS_PER_FUNCTION
    drift = np.array([world.drift[plan.drift][day] for plan in TOUCHPOINTS])
    cause = np.array([plan.points for plan in CAUSES] + [0.0])
    points = np.array([plan.base for plan in TOUCHPOINTS])[touchpoint] + drift[touchpoint]
    points += team_points(world, contacts.team, day) + np.array([plan.level for plan in FUNCTIONS])[function]
    points += tier_points()[contacts.tier] + world.liking[customer] + cause[contacts.cause]
    good = company.SELLERS.index(company.GOOD_SELLER)
    points += np.where(contacts.seller == good, company.GOOD_SELLER_POINTS, 0.0)
    points += calendar_points(world, day) + action_points(touchpoint, day) + company.POINTS_PER_HOP * contacts.hops
    return np.asarray(points + _mood(memory, customer, day), float)


def team_points(world: World, team: Ints, day: int) -> Floats:
    """Return what the engagement of a team adds: its slope times how far the team is from its function's level."""
    function = team // company.TEAMS_PER_FUNCTION
    level = np.array([plan.engagement for plan in FUNCTIONS])[function]
    slope = np.array([plan.slope for plan in FUNCTIONS])[function]
    return np.asarray(slope * (world.engagement[team, quarter(day)] - level), float)


def quarter(day: int) -> int:
    """Return the number of the quarter (0–7) of a day."""
    return min(day * QUARTERS // DAYS, QUARTERS - 1)


def tier_points() -> Floats:
    """Return the effect of each of the 66 tiers."""
    return np.array([plan.points for plan in company.tiers()])


def calendar_points(world: World, day: int) -> float:
    """Return the effect of the weekday and of the dark months."""
    date = world.calendar.midnight(day)
    return (-3.0 if date.weekday() in (0, 4) else 0.0) + (-4.0 if date.month in (12, 1, 2) else 0.0)


def _mood(memory: _Memory, customer: Ints, day: int) -> Floats:
    """Return what is left of earlier feelings, and let them fade until today."""
    passed = day - memory.since[customer]
    memory.joy[customer] *= 0.5 ** (passed / company.EMOTION_HALF_LIFE_DAYS["positive"])
    memory.hurt[customer] *= 0.5 ** (passed / company.EMOTION_HALF_LIFE_DAYS["negative"])
    memory.since[customer] = day
    left = memory.joy[customer] - memory.hurt[customer]
    return np.asarray(company.MOOD_POINTS * np.clip(left, -5, 5) + memory.mended[customer], float)


def _element(rng: np.random.Generator, name: str, points: Floats) -> Ints:
    centre, per_point, noise, low, high = ELEMENTS[name]
    wanted = centre + per_point * (points - MEAN_POINTS) + rng.normal(0, noise, len(points))
    # Rounded up or down by chance, so that the mean stays what it was.
    return np.clip(np.floor(wanted + rng.random(len(points))), low, high).astype(np.int64)


def _feel(rng: np.random.Generator, contacts: Contacts) -> None:
    """Let the points show in the three elements, and the elements in the recommendation."""
    contacts.emotion = _element(rng, "emotion", contacts.points)
    contacts.ease = _element(rng, "ease", contacts.points)
    contacts.speed = _element(rng, "speed", contacts.points)
    points = MEAN_POINTS + sum(
        _ELEMENTS[name] * (getattr(contacts, name) - ELEMENTS[name][0]) for name in ("emotion", "ease", "speed")
    )
    contacts.nps_class, contacts.score = recommend(rng, np.asarray(points, float))


def recommend(rng: np.random.Generator, points: Floats) -> tuple[Ints, Ints]:
    """Return class (−1, 0, 1) and score (0–10) of people whose expected NPS is ``points``."""
    mean = np.clip(points / 100, -0.96, 0.96)
    passive = 0.80 * (1 - np.abs(mean))
    detractor = (1 - passive - mean) / 2
    die = rng.random(len(points))
    kind = np.where(die < detractor, -1, np.where(die < detractor + passive, 0, 1))
    depth = rng.random(len(points))
    low = np.floor(7 * np.sqrt(depth) * (0.75 + 0.25 * (mean + 1) / 2)).astype(np.int64)
    score = np.where(kind == 1, 9 + (depth < 0.45), np.where(kind == 0, 7 + (depth < 0.6), np.clip(low, 0, 6)))
    return kind.astype(np.int64), score.astype(np.int64)


def _answer(world: World, memory: _Memory, rng: np.random.Generator, contacts: Contacts, room: int) -> None:
    """Decide who answers: those who fared well answer oftener, so the answers flatter the company."""
    n = len(contacts)
    contacts.seconds = np.exp(rng.normal(np.log(75), 0.5, n)).astype(np.int64) + 9
    if room < 0:
        return
    shape = company.RESPONSE
    odds = shape["base"] + shape["per_class"] * contacts.nps_class
    odds = odds + shape["strong_feeling"] * (np.abs(contacts.emotion) - 2) / 2
    odds = odds + shape["answered_case"] * memory.answered_case[contacts.customer]
    answered = rng.random(n) < 1 / (1 + np.exp(-odds))
    over = np.flatnonzero(answered)[room:]
    answered[over] = False
    contacts.answered = answered
    speeder = answered & (rng.random(n) < 0.02)
    contacts.speeder = speeder
    count = int(speeder.sum())
    contacts.seconds[speeder] = rng.integers(2, 7, count)
    contacts.score[speeder] = rng.integers(0, 11, count)
    contacts.ease[speeder] = rng.integers(1, 8, count)
    contacts.speed[speeder] = rng.integers(1, 6, count)


def _remember(memory: _Memory, rng: np.random.Generator, contacts: Contacts) -> None:
    """Let customers carry the feeling on; some of the hurt ones get a letter that thanks and brings a gift."""
    customer, emotion = contacts.customer, contacts.emotion
    memory.joy[customer] += np.maximum(emotion - 1, 0) * 0.5
    memory.hurt[customer] += np.maximum(1 - emotion, 0) * 0.5
    due = contacts.answered & (contacts.score <= 4) & (contacts.cause != _WEATHER) & (contacts.touchpoint >= 0)
    due &= (contacts.day >= DAYS - 365) & (contacts.day < DAYS - 21) & (rng.random(len(contacts)) < 0.5)
    die = rng.random(len(contacts))
    held = die < company.RECOVERY["held_out"]
    redeemed = rng.random(len(contacts)) < company.RECOVERY["redeemed"]
    contacts.recovery = np.where(due, np.where(held, 1, np.where(redeemed, 3, 2)), 0)
    memory.mended[customer[contacts.recovery >= 2]] = company.RECOVERY["later_points"]
    memory.answered_case[customer[contacts.recovery >= 1]] = True


def _relationship(world: World, memory: _Memory, rng: np.random.Generator, day: int, count: int) -> Contacts:
    """Make a day's answers to the relationship survey: ten items share a halo, three of them move the score."""
    customer = _pick_customers(world, rng, count, exact=True)
    none = np.full(count, -1, np.int64)
    contacts = _empty(day, customer, none, none, world, rng)
    halo = rng.normal(0, 0.6, (count, 1)) + (world.liking[customer] / 30)[:, None]
    wanted = 3.4 + halo + rng.normal(0, 0.7, (count, len(company.ITEMS)))
    contacts.items = np.clip(np.floor(wanted + rng.random(wanted.shape)), 1, 5).astype(np.int64)
    weights = np.array([item[2] for item in company.ITEMS])
    contacts.points = 10 + (contacts.items - 3.4) @ weights
    contacts.emotion = _element(rng, "emotion", contacts.points + _mood(memory, customer, day))
    contacts.nps_class, contacts.score = recommend(rng, contacts.points)
    contacts.seconds = np.exp(rng.normal(np.log(160), 0.5, count)).astype(np.int64) + 20
    straight = rng.random(count) < 0.02
    contacts.items[straight] = 3
    contacts.score[straight] = 5
    contacts.seconds[straight] = rng.integers(4, 12, int(straight.sum()))
    contacts.speeder = straight
    return contacts


@dataclass(frozen=True, slots=True)
class Employees:
    """Answers of employees: one row each."""

    team: Ints
    quarter: Ints
    items: Ints  #: relevance, values, appreciation (1–5)
    ease: Ints
    score: Ints
    nps_class: Ints
    emotion: Ints
    says_customer_centric: Flags
    language: Ints
    dice: Ints
    share: Floats  #: when in the quarter's wave


def employees(world: World) -> Employees:
    """Return the employees' answers: how they feel is what their customers feel, in high-touch units."""
    rng = np.random.default_rng([world.seed, 3])
    n = apart(world.size)["employee"]
    cell = np.arange(n) % (TEAMS * QUARTERS)
    team, when = cell % TEAMS, cell // TEAMS
    level = world.engagement[team, when] + rng.normal(0, 0.4, n)
    items = np.clip(np.floor(level[:, None] + rng.normal(0, 0.5, (n, 3)) + rng.random((n, 3))), 1, 5)
    points = 5 + 35 * (level - 3.6)
    kind, score = recommend(rng, points)
    signed = np.clip(np.round(2.2 * (level - 3.3) + rng.normal(0, 1.2, n)), -5, 5)
    ease = np.clip(np.round(4.4 + 1.1 * (level - 3.6) + rng.normal(0, 0.9, n)), 1, 7)
    return Employees(
        team, when, items.astype(np.int64), ease.astype(np.int64), score, kind, signed.astype(np.int64),
        rng.random(n) < company.SAYS_CUSTOMER_CENTRIC["employee"], rng.choice(3, n, p=[0.75, 0.1, 0.15]),
        rng.integers(0, 2**16, (n, 6)), rng.random(n),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lost:
    """Interviews of customers who left: the reason they state and the one that is true."""

    customer: Ints
    stated: Ints
    real: Ints
    day: Ints
    dice: Ints


def lost_customers(world: World) -> Lost:
    """Return the interviews: most say price, few of them mean it."""
    rng = np.random.default_rng([world.seed, 4])
    n = apart(world.size)["lost"]
    real = rng.choice(len(company.REASONS), n, p=[reason[3] for reason in company.REASONS])
    hidden = rng.choice(len(company.REASONS), n, p=_stated_when_hiding())
    stated = np.where(rng.random(n) < company.TELLS_WHY, real, hidden)
    return Lost(
        rng.integers(0, world.customers, n), stated, real, rng.integers(30, DAYS - 1, n), rng.integers(0, 2**16, (n, 6))
    )


def _stated_when_hiding() -> Floats:
    """Return what is stated by those who do not tell the real reason, so that the stated shares come out as planned."""
    stated = np.array([reason[2] for reason in company.REASONS])
    real = np.array([reason[3] for reason in company.REASONS])
    hidden = np.maximum(stated - company.TELLS_WHY * real, 0)
    return np.asarray(hidden / hidden.sum(), float)
