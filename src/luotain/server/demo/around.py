"""What stands around the voices: figures, disruptions, benchmarks, documents, gifts, budgets, and the work done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from luotain.server.demo import company, inbox, persons
from luotain.server.demo.behaviour import World, quarter, team_points
from luotain.server.demo.company import ACTIONS, DAYS, TOUCHPOINTS, words
from luotain.server.demo.setting import Setting
from luotain.server.models.improve import Action, Practice, Trigger
from luotain.server.models.listen import Disruption, Figure, Touchpoint
from luotain.server.models.people import Member
from luotain.server.models.respond import Case, Document, Gesture, Gift, GoodwillBudget, GoodwillEntry, Playbook
from luotain.server.models.understand import Benchmark, MethodCard, Promise
from luotain.server.operations.improve import plan_action, publish_notice, register, set_goal, start, verify

REVENUE_PER_POINT = 0.005
CONVERSION = (0.090, 0.062)

_OFFICIAL = "How likely are you to recommend us to a friend or colleague?"
#: name, scale, mode, timing, year, value, n, response rate, wording, and why it may mislead
BENCHMARKS = (
    ("Pohjoismaiset lentoyhtiöt, 2025", "nps_0_10", "web", "matkan jälkeen", 2025, 31.0, 4210, 0.18, _OFFICIAL, ""),
    ("Suomalaiset kuluttajabrändit, 2025", "nps_0_10", "web", "asiakassuhde, vuosittain", 2025, 24.0, 12050, 0.22, _OFFICIAL, ""),
    ("Eurooppalaiset lentoyhtiöt puhelimitse, 2024", "nps_0_10", "phone", "matkan jälkeen", 2024, 43.0, 1800, 0.35, _OFFICIAL,
     "asked by telephone: interviewed people answer more kindly"),
    ("Maailman lentoyhtiöiden vertailu, 2025", "one_to_ten", "web", "milloin vain", 2025, 52.0, 9800, None,
     "Overall rating of the airline", "a 1–10 scale read as if it were 0–10: it looks like NPS and is not"),
    ("Hotelliketjut, 2025", "nps_0_10", "kiosk", "hotellista lähtiessä", 2025, 58.0, 20100, 0.60, _OFFICIAL,
     "asked at the desk in front of the staff"),
    ("Liikematkustajien paneeli, 2024", "csat_1_5", "web", "vuosittain", 2024, 4.1, 640, 0.09,
     "How satisfied are you with your airline?", "satisfaction, not recommendation"),
)  # fmt: skip
_INVOICE = {
    1: words("Nykyinen velkanne on 248,00 EUR. Mikäli suoritusta ei ole saatu eräpäivään mennessä, peritään viivästyskorko. Maksunsaaja: Nordia Rahoitus. Kysy osamaksua, korko 29 %. | Er nuvarande skuld är 248,00 EUR. Ifall betalningen inte erlagts senast på förfallodagen uppbärs dröjsmålsränta. Betalningsmottagare: Nordia Rahoitus. Fråga om avbetalning, ränta 29 %. | Your current debt is EUR 248.00. Should payment not be received by the due date, interest on arrears will be charged. Payee: Nordia Rahoitus. Ask for instalments at 29 %."),
    2: words("Kiitos matkasta! Matkasi maksaa 248,00 euroa. Maksa se 15. päivään mennessä Kurjen tilille. Jos jokin on epäselvää, soita meille: autamme mielellämme. | Tack för resan! Din resa kostar 248,00 euro. Betala senast den 15 till Kurkis konto. Ring oss om något är oklart: vi hjälper gärna. | Thank you for flying with us! Your trip costs 248.00 euros. Please pay it to Kurki's account by the 15th. If anything is unclear, call us: we are happy to help."),
}  # fmt: skip
_REMINDER = words("Maksumuistutus. Saatavamme on erääntynyt. Suorittakaa velkanne viipymättä perintätoimien välttämiseksi. | Betalningspåminnelse. Vår fordran har förfallit. Erlägg er skuld omgående för att undvika indrivning. | Payment reminder. Our claim has fallen due. Settle your debt without delay in order to avoid collection measures.")  # fmt: skip
_TERMS = words("Rahdinkuljettaja ei vastaa vahingosta, joka on aiheutunut tavaran luontaisesta laadusta tai virheestä. | Transportören ansvarar inte för skada som beror på bagagets beskaffenhet eller fel. | The carrier is not liable for damage resulting from the inherent quality or defect of the baggage.")  # fmt: skip
GIFTS = (
    ("magazine", "Matkalehden koodi | Kod till resetidning | Travel magazine code", 6),
    ("lounge", "Loungekutsu | Inbjudan till loungen | Lounge invitation", 35),
    ("on_board", "Tuote lennolla | En vara ombord | A free item on board", 8),
)


def surroundings(world: World, setting: Setting) -> tuple[int, ...]:
    """Write what does not depend on single voices; return the ids of the gifts."""
    _figures(world, setting)
    _disruptions(world)
    _benchmarks()
    _promises()
    _documents(world, setting)
    _playbook(world)
    return _gifts()


def _figures(world: World, setting: Setting) -> None:
    """Write monthly figures of each function: revenue follows the experience, visits stay, conversion falls."""
    rng = np.random.default_rng([world.seed, 8])
    rows = []
    for number, (first, last, day) in enumerate(_months(world)):
        for function, plan in enumerate(company.FUNCTIONS):
            teams = np.arange(company.TEAMS_PER_FUNCTION) + function * company.TEAMS_PER_FUNCTION
            points = float(team_points(world, teams, day).mean())
            engagement = float(world.engagement[teams, quarter(day)].mean())
            visits = 12000 * (1 + rng.normal(0, 0.03))
            share = CONVERSION[0] + (CONVERSION[1] - CONVERSION[0]) * number / 22
            values = {
                "revenue": 400_000 * (1 + REVENUE_PER_POINT * points) * (1 + rng.normal(0, 0.01)),
                "pay": 2900 + 350 * (engagement - 3.0) + rng.normal(0, 30),
                "visits": visits,
                "sales": visits * share if plan.code == "shop" else visits * 0.09,
                "retention": min(0.70 + 0.002 * points + rng.normal(0, 0.01), 0.99),
            }
            rows += [
                Figure(
                    unit_id=setting.functions[function], period_start=first, period_end=last, name=name,
                    value=Decimal(f"{value:.4f}"), source="kurki",
                )
                for name, value in values.items()
            ]  # fmt: skip
    Figure.objects.bulk_create(rows)


def _months(world: World) -> list[tuple[date, date, int]]:
    """Return the whole months of the two years: first day, last day, number of the day in the middle."""
    start = world.calendar.first_midnight.date()
    first = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    months: list[tuple[date, date, int]] = []
    while True:
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        if following > world.calendar.midnight(DAYS).date():
            return months
        months.append((first, following - timedelta(days=1), (first - start).days + 14))
        first = following


def _disruptions(world: World) -> None:
    rows = []
    for day, flight in zip(*(a.tolist() for a in np.nonzero(world.disrupted >= 0)), strict=True):
        cause = company.CAUSES[int(world.disrupted[day, flight])]
        midnight = world.calendar.midnight(day)
        reference = f"KU{101 + flight}/{midnight.date().isoformat()}"
        rows.append(
            Disruption(
                cause=cause.code, reference=reference,
                within_control=cause.within_control, starts_at=midnight + timedelta(hours=5),
                ends_at=midnight + timedelta(hours=24), description=cause.name["fi"], source="kurki-ops",
                source_id=reference,
            )
        )  # fmt: skip
    Disruption.objects.bulk_create(rows)


def _benchmarks() -> None:
    for name, scale, mode, timing, year, value, n, rate, wording, _why in BENCHMARKS:
        card = MethodCard.objects.create(
            name=name, measure="csat" if scale == "csat_1_5" else "nps", scale=scale, wording={"en": wording},
            mode=mode, timing=timing, population="18–79-vuotiaat matkustajat", sampling="katso lähde",
            weighting="" if mode == "web" else "none", response_rate=rate,
        )  # fmt: skip
        Benchmark.objects.create(
            card=card, name=name, source="Keksitty esimerkkiyritystä varten", year=year, value=value, n=n
        )


def _promises() -> None:
    rows = (
        ("on_time", "Perillä ajoissa | Framme i tid | There on time", "gate", ["promise", "punctuality"], ["technical_delay"]),
        ("met_as_a_guest", "Kohtaamme vieraana | Vi möter dig som gäst | We meet you as a guest", "cabin_crew", ["promise", "appreciation"], ["staff"]),
        ("plain_words", "Puhumme selvästi | Vi talar klarspråk | We speak plainly", "invoice", ["information"], ["invoice_wording"]),
        ("one_call", "Yksi puhelu riittää | Ett samtal räcker | One call is enough", "service_phone", ["ces"], ["queue"]),
    )  # fmt: skip
    for code, text, touchpoint, items, topics in rows:
        where = Touchpoint.objects.get(code=touchpoint)
        Promise.objects.create(code=code, text=words(text), touchpoint=where, items=items, topics=topics)


def _documents(world: World, setting: Setting) -> None:
    texts = (("invoice", 1, _INVOICE[1]), ("invoice", 2, _INVOICE[2]), ("reminder", 1, _REMINDER), ("terms", 1, _TERMS))
    plain = next(action for action in ACTIONS if action.code == "plain_invoice")
    for code, version, text in texts:
        plan = next(plan for plan in TOUCHPOINTS if plan.code == code)
        added = DAYS + plain.starts_in if version == 2 else 0
        for language, content in text.items():
            Document.objects.create(
                touchpoint=Touchpoint.objects.get(code=code), code=code, version=version, language=language,
                name=plan.name[language], text=content, owner_id=setting.members["cx"],
                added_at=world.calendar.midnight(added),
            )  # fmt: skip


def _playbook(world: World) -> None:
    """Put Kurki's own table in force: the cause outside our control is explained, the rest climbs by card."""
    label = {"within_control": words("meistä riippuva | inom vår kontroll | within our control"), "card": words("kortti | kort | card")}  # fmt: skip
    Playbook.objects.create(
        code="kurki-recovery", name=words("Kurjen hyvitykset | Kurkis gottgörelser | Kurki's recovery"),
        table={
            "columns": [
                {"name": "within_control", "label": label["within_control"], "values": ["yes", "no", "unknown"]},
                {"name": "card", "label": label["card"], "values": [card[0] for card in company.CARDS]},
            ],
            "rules": [
                {"when": {"within_control": ["no"]}, "then": {"remedy": "explanation"}},
                {"when": {"within_control": ["yes"], "card": ["gold"]}, "then": {"remedy": "gift", "gift": "lounge"}},
                {"when": {"within_control": ["yes"], "card": ["silver"]}, "then": {"remedy": "gift", "gift": "on_board"}},
                {"when": {"within_control": ["yes"]}, "then": {"remedy": "gift", "gift": "magazine"}},
                {"when": {}, "then": {"remedy": "apology"}},
            ],
        },
        in_force_from=world.calendar.midnight(DAYS - 365),
    )  # fmt: skip


def _gifts() -> tuple[int, ...]:
    for code, name, where, cost in (
        ("blanket", "Peitto ennen kuin pyydetään | En filt före man ber | A blanket before one asks", "cabin_crew", 0),
        ("handwritten", "Käsin kirjoitettu kortti | Ett handskrivet kort | A handwritten card", "lounge", 1),
        (
            "pilot_greets",
            "Lentäjä tervehtii portilla | Piloten hälsar vid gaten | The pilot greets at the gate",
            "gate",
            0,
        ),
    ):
        Gesture.objects.create(
            code=code, name=words(name), where=Touchpoint.objects.get(code=where), cost=cost,
            designed_by="asiakkaat ja matkustamohenkilökunta yhdessä",
        )  # fmt: skip
    return tuple(Gift.objects.create(code=code, name=words(name), value=value).pk for code, name, value in GIFTS)


# --- after the voices ------------------------------------------------------------------------------------------------


def work(world: World, setting: Setting, told: Mapping[str, str]) -> None:
    """Do what the company has done: cases of the last days, goodwill, goals, actions verified by the real operation.

    ``told`` is the cause that the words of the newest voices speak of, by source id.
    """
    persons.keep_confidence()
    inbox.work(world, setting, told)
    persons.work(world)
    _goodwill(world, setting)
    leader = Member.objects.get(pk=setting.members["cx"])
    _goals(world, leader)
    for plan in ACTIONS:
        _action(world, plan, leader)


_GOODWILL = (
    "Kahvit odottaessa", "Kukkia hääparille", "Taksimatka kotiin", "Kirja lapselle", "Lounas viivästyksen aikana",
    "Uusi laukkuhihna", "Hammasharja ja yöpaita", "Postimaksu takaisin",
)  # fmt: skip


def _goodwill(world: World, setting: Setting) -> None:
    """Use the small sums of agents and of the manager on solved cases; a month's budget is never overspent."""
    solved = list(Case.objects.filter(closed_at__isnull=False).order_by("closed_at", "pk")[:4000:8])
    airport = [plan.code for plan in company.FUNCTIONS].index("airport") * company.TEAMS_PER_FUNCTION
    managed = set(setting.teams[airport : airport + company.TEAMS_PER_FUNCTION])
    budgets: dict[tuple[int, date], GoodwillBudget] = {}
    for number, case in enumerate(solved):
        member = setting.members["manager"] if case.unit_id in managed and number % 3 == 0 else case.owner_id
        given = case.closed_at
        if given is None or member is None:
            continue
        first, last = _month(given.astimezone(company.TIME_ZONE).date())
        budget = budgets.get((member, first)) or GoodwillBudget.objects.create(
            member_id=member, period_start=first, period_end=last, amount=Decimal(150)
        )
        budgets[member, first] = budget
        amount = Decimal((5, 8, 12, 20)[number % 4])
        if budget.spent + amount <= budget.amount:
            budget.spent += amount
            reason = _GOODWILL[number % len(_GOODWILL)]
            GoodwillEntry.objects.create(budget=budget, case=case, amount=amount, reason=reason, given_at=given)
    GoodwillBudget.objects.bulk_update(budgets.values(), ["spent"])
    first, last = _month(world.calendar.now.astimezone(company.TIME_ZONE).date())
    for login, _, role, _unit in company.LOGINS + company.COLLEAGUES:
        if role in ("agent", "unit_manager"):
            GoodwillBudget.objects.get_or_create(
                member_id=setting.members[login], period_start=first,
                defaults={"period_end": last, "amount": Decimal(150)},
            )  # fmt: skip


def _month(day: date) -> tuple[date, date]:
    """Return the first and the last day of a day's month."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day.replace(day=1), following - timedelta(days=1)


def _goals(world: World, by: Member) -> None:
    now, due = world.calendar.now, (world.calendar.now + timedelta(days=200)).date()
    for code, target in (
        ("gate", 30.0),
        ("service_phone", 30.0),
        ("invoice", 20.0),
        ("web_booking", 30.0),
        ("meal", 20.0),
    ):
        touchpoint = Touchpoint.objects.get(code=code)
        set_goal(measure="nps", target=target, by=by, now=now, touchpoint=touchpoint, due_date=due)
    gate, lounge = Touchpoint.objects.get(code="gate"), Touchpoint.objects.get(code="lounge")
    # One touchpoint takes away anger, another adds calm.
    set_goal(measure="emotion", label="anger", target=5.0, direction=-1, by=by, now=now, touchpoint=gate)
    set_goal(measure="emotion", label="calm", target=25.0, by=by, now=now, touchpoint=lounge)
    Trigger.objects.create(
        code="queue-at-the-gate", measure="nps", touchpoint=gate, condition={"below": 5, "weeks": 3},
        plan="Portille toinen virkailija, jono puretaan ryhmittäin.", owner=by,
    )  # fmt: skip


def _action(world: World, plan: company.ActionPlan, by: Member) -> None:
    """Register an action at its own time, start it, verify it if its weeks are over, and tell what was done."""
    now, begins = world.calendar.now, world.calendar.midnight(DAYS + plan.starts_in)
    registered = min(begins - timedelta(days=7), now - timedelta(hours=3))
    touchpoint = Touchpoint.objects.select_related("unit").get(code=plan.touchpoint)
    control = Touchpoint.objects.filter(code=plan.control).first()
    action = plan_action(
        title=plan.title, measure="nps", touchpoint=touchpoint, by=by, now=registered - timedelta(days=7),
        why=plan.why, control_touchpoint=control, expected_effect=plan.expected,
        minimum_interesting=round(abs(plan.expected) / 3, 1), method=plan.method, starts_at=begins,
        customer_reason=plan.technology_reason, brings_technology=bool(plan.technology_reason),
    )  # fmt: skip
    register(action=action, by=by, now=registered, accept_weak=True)
    if plan.starts_in > 0:
        return
    start(action=Action.objects.get(pk=action.pk), by=by, now=begins)
    if plan.starts_in <= -182:
        verify(action=Action.objects.get(pk=action.pk), now=now)
    if plan.code in ("boarding_by_groups", "call_back_promise", "plain_invoice"):
        said, did = _NOTICES[plan.code]
        done = Action.objects.get(pk=action.pk)
        publish_notice(action=done, said=words(said), did=words(did), by=by, now=now - timedelta(days=1))
    if plan.code == "boarding_by_groups":
        Practice.objects.create(
            title=plan.title, what="Rivit kutsutaan takaa eteen viiden ryhmissä, ja ryhmä näkyy näytöllä.",
            unit=touchpoint.unit, action=action, added_at=now - timedelta(days=2),
        )  # fmt: skip


_NOTICES = {
    "boarding_by_groups": (
        "Koneeseen noustessa oli tungosta. | Det var trängsel vid ombordstigningen. | Boarding was a crush.",
        "Kutsumme matkustajat koneeseen ryhmittäin. | Vi kallar ombord i grupper. | We now board in groups.",
    ),
    "call_back_promise": (
        "Puhelimessa sai jonottaa. | Man fick köa i telefonen. | One had to queue on the phone.",
        "Soitamme takaisin tunnin kuluessa. | Vi ringer upp inom en timme. | We call back within the hour.",
    ),
    "plain_invoice": (
        "Lasku puhui velasta. | Fakturan talade om skuld. | The invoice spoke of debt.",
        "Kirjoitimme laskun uudestaan tavallisilla sanoilla. | Vi skrev om fakturan med vanliga ord. | We rewrote the invoice in everyday words.",
    ),
}  # fmt: skip
