"""Kurki as a plan: units, journey, channels, tiers, causes, actions. Plain values, no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from itertools import product
from zoneinfo import ZoneInfo

TIME_ZONE = ZoneInfo("Europe/Helsinki")
DAYS = 730
TEAMS_PER_FUNCTION = 4

Words = dict[str, str]


def words(text: str) -> Words:
    """Return ``"fi | sv | en"`` as the words of the three languages."""
    fi, sv, en = (part.strip() for part in text.split("|"))
    return {"fi": fi, "sv": sv, "en": en}


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit of the tree; ``parent`` is a code, empty for the top."""

    code: str
    name: str
    kind: str
    parent: str
    touch: str = ""
    industry: str = ""


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    """One of the twelve units that are compared: how its people feel, and how much of it customers feel."""

    code: str
    name: str
    parent: str
    touch: str
    industry: str
    #: mean engagement of its employees (1–5)
    engagement: float
    #: NPS points per step of engagement between its teams: strong only where people meet
    slope: float
    #: NPS points of the function itself
    level: float


@dataclass(frozen=True, slots=True)
class TouchpointPlan:
    """A touchpoint: where it is, who owns it, how often it is asked about, how it fares."""

    code: str
    stage: str
    name: Words
    kind: str
    function: str
    #: relative share of all feedback about touchpoints
    share: float
    #: mean NPS in points before all effects
    base: float
    #: touchpoints of one group drift together
    drift: str
    #: whether a disrupted flight is felt here
    flown: bool = False


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """An action with what was promised and what truly happened."""

    code: str
    title: Words
    why: str
    touchpoint: str
    control: str
    expected: float
    truth: float
    #: days from ``now`` to the start; negative is past
    starts_in: int
    state: str
    method: str = "did"
    technology_reason: str = ""


@dataclass(frozen=True, slots=True)
class CausePlan:
    """A cause of complaint: within our control or not, and how much it costs in NPS points."""

    code: str
    name: Words
    within_control: bool
    points: float
    #: share of contacts it strikes, and where (empty: everywhere)
    share: float = 0.0
    touchpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Two years that end yesterday, and what there is of today."""

    now: datetime

    @property
    def first_midnight(self) -> datetime:
        """Local midnight of the first of the two years' days."""
        today = self.now.astimezone(TIME_ZONE).date()
        return datetime.combine(today - timedelta(days=DAYS), time(), TIME_ZONE)

    def midnight(self, day: int) -> datetime:
        """Return local midnight of day number ``day`` (0 is the first, ``DAYS`` is today)."""
        return datetime.combine((self.first_midnight + timedelta(days=day)).date(), time(), TIME_ZONE)


ORGANIZATION = UnitPlan("kurki", "Kurki", "organization", "")
TREE = (
    ORGANIZATION,
    UnitPlan("kurki-lento", "Kurki Lento", "brand", "kurki"),
    UnitPlan("kurki-lomat", "Kurki Lomat", "brand", "kurki"),
    UnitPlan("kurki-plus", "Kurki Plus", "brand", "kurki"),
    UnitPlan("suomi", "Suomi", "country", "kurki-lento"),
    UnitPlan("ruotsi", "Ruotsi", "country", "kurki-lento"),
    UnitPlan("viro", "Viro", "country", "kurki-lento"),
)
FUNCTIONS = (
    FunctionPlan("cabin", "Matkustamopalvelu", "suomi", "high", "hospitality", 3.4, 14, 8),
    FunctionPlan("lounge", "Loungepalvelut", "suomi", "high", "hotels", 3.5, 16, 10),
    FunctionPlan("airport", "Lentoasemapalvelut", "suomi", "high", "transport", 3.2, 11, 2),
    FunctionPlan("contact", "Asiakaspalvelu", "suomi", "high", "service", 3.1, 13, 0),
    FunctionPlan("shop", "Matkamyymälät", "ruotsi", "high", "retail", 3.3, 12, 6),
    FunctionPlan("holidays", "Lomamatkojen oppaat", "kurki-lomat", "high", "hotels", 3.6, 15, 10),
    FunctionPlan("web", "Verkkokauppa", "suomi", "low", "digital", 4.1, 1, -4),
    FunctionPlan("app", "Sovelluskehitys", "viro", "low", "digital", 4.2, 0, -6),
    FunctionPlan("invoicing", "Laskutus", "suomi", "low", "finance", 3.9, 2, -12),
    FunctionPlan("media", "Viihdejärjestelmät", "kurki-plus", "low", "media", 4.0, 0, -4),
    FunctionPlan("loyalty", "Kanta-asiakkuus", "kurki-plus", "low", "media", 4.0, 1, -2),
    FunctionPlan("baggage", "Matkatavaralogistiikka", "viro", "low", "logistics", 3.8, 2, -8),
)
STATIONS = ("Helsinki", "Oulu", "Rovaniemi", "Tukholma")


def units() -> tuple[UnitPlan, ...]:
    """Return the whole tree, parents before children: brands, countries, twelve functions, their teams."""
    functions = tuple(UnitPlan(f.code, f.name, "function", f.parent, f.touch, f.industry) for f in FUNCTIONS)
    teams = tuple(
        UnitPlan(f"{f.code}-{number}", f"{f.name}, {station}", "team", f.code, f.touch, f.industry)
        for f in FUNCTIONS
        for number, station in enumerate(STATIONS, 1)
    )
    return TREE + functions + teams


STAGES: tuple[tuple[str, Words], ...] = (
    ("dream", words("Haaveilu | Drömma | Dream")),
    ("plan", words("Suunnittelu | Planera | Plan")),
    ("book", words("Varaaminen | Boka | Book")),
    ("prepare", words("Valmistautuminen | Förbereda | Prepare")),
    ("airport", words("Lentoasema | Flygplats | Airport")),
    ("board", words("Lento | Flygning | On board")),
    ("arrive", words("Perillä | Ankomst | Arrive")),
    ("settle", words("Jälkihoito | Efteråt | Settle")),
    ("belong", words("Kanta-asiakkuus | Medlemskap | Belong")),
)

_T = TouchpointPlan
TOUCHPOINTS = (
    _T("newsletter", "dream", words("Uutiskirje | Nyhetsbrev | Newsletter"), "encounter", "loyalty", 0.008, 14, "image"),
    _T("travel_fair", "dream", words("Matkamessut | Resemässa | Travel fair"), "event", "holidays", 0.008, 22, "image"),
    _T("inspiration", "dream", words("Matkaideat verkossa | Reseidéer på webben | Travel ideas online"), "encounter", "web", 0.008, 20, "image"),
    _T("flight_search", "plan", words("Lentojen haku | Flygsökning | Flight search"), "encounter", "web", 0.06, 14, "web"),
    _T("travel_shop", "plan", words("Matkamyymälä | Resebutik | Travel shop"), "place", "shop", 0.03, 20, "shop"),
    _T("holiday_advice", "plan", words("Lomaneuvonta | Semesterrådgivning | Holiday advice"), "encounter", "holidays", 0.03, 24, "shop"),
    _T("web_booking", "book", words("Varaus verkossa | Bokning på webben | Online booking"), "encounter", "web", 0.06, 16, "web"),
    _T("phone_booking", "book", words("Varaus puhelimitse | Bokning per telefon | Booking by phone"), "encounter", "contact", 0.016, 22, "service"),
    _T("payment_bank", "book", words("Maksaminen pankissa | Betalning via banken | Payment through the bank"), "third_party", "invoicing", 0.008, 12, "paper"),
    _T("confirmation", "prepare", words("Varausvahvistus | Bokningsbekräftelse | Booking confirmation"), "document", "web", 0.008, 26, "paper"),
    _T("terms", "prepare", words("Matkaehdot | Resevillkor | Terms of carriage"), "document", "invoicing", 0.008, 2, "paper"),
    _T("app_checkin", "prepare", words("Lähtöselvitys sovelluksessa | Incheckning i appen | Check-in in the app"), "encounter", "app", 0.03, 22, "web"),
    _T("checkin_desk", "airport", words("Lähtöselvitystiski | Incheckningsdisk | Check-in desk"), "place", "airport", 0.01, 24, "ground", True),
    _T("bag_drop", "airport", words("Laukun jättö | Bagageinlämning | Bag drop"), "encounter", "airport", 0.14, 16, "ground", True),
    _T("lounge", "airport", words("Lounge | Lounge | Lounge"), "place", "lounge", 0.03, 26, "lounge", True),
    _T("gate", "airport", words("Portti ja koneeseen nousu | Gate och ombordstigning | Gate and boarding"), "encounter", "airport", 0.14, 12, "ground", True),
    _T("cabin_crew", "board", words("Matkustamohenkilökunta | Kabinpersonal | Cabin crew"), "encounter", "cabin", 0.04, 30, "cabin", True),
    _T("meal", "board", words("Ateria lennolla | Måltid ombord | Meal on board"), "encounter", "cabin", 0.06, 10, "cabin", True),
    _T("seat", "board", words("Istuin | Sittplats | Seat"), "encounter", "cabin", 0.06, 6, "cabin", True),
    _T("entertainment", "board", words("Viihde ja wifi | Underhållning och wifi | Entertainment and wifi"), "encounter", "media", 0.025, 18, "cabin", True),
    _T("transfer", "arrive", words("Jatkoyhteys | Anslutning | Connection"), "encounter", "airport", 0.008, 6, "ground", True),
    _T("baggage_claim", "arrive", words("Matkatavarahalli | Bagagehall | Baggage hall"), "place", "baggage", 0.02, 14, "ground", True),
    _T("courier", "arrive", words("Laukun kuljetus kotiin | Bagage hem med bud | Bag home by courier"), "third_party", "baggage", 0.008, 4, "ground"),
    _T("invoice", "settle", words("Lasku | Faktura | Invoice"), "document", "invoicing", 0.03, 8, "paper"),
    _T("reminder", "settle", words("Maksumuistutus | Betalningspåminnelse | Payment reminder"), "document", "invoicing", 0.02, -8, "paper"),
    _T("service_phone", "settle", words("Asiakaspalvelu puhelimessa | Kundtjänst per telefon | Service by phone"), "encounter", "contact", 0.08, 20, "service"),
    _T("service_chat", "settle", words("Asiakaspalvelun chat | Kundtjänstens chatt | Service chat"), "encounter", "contact", 0.08, 14, "service"),
    _T("claim", "settle", words("Korvaushakemus | Ersättningsansökan | Compensation claim"), "encounter", "contact", 0.01, -4, "service"),
    _T("points", "belong", words("Pisteet ja edut | Poäng och förmåner | Points and benefits"), "encounter", "loyalty", 0.025, 18, "image"),
    _T("member_evening", "belong", words("Jäsenilta | Medlemskväll | Members' evening"), "event", "lounge", 0.008, 34, "image"),
)  # fmt: skip

#: kind of channel (also its code) with its words and the share of voices that come unasked through it
CHANNELS: tuple[tuple[str, Words, float], ...] = (
    ("web", words("Verkkolomake | Webbformulär | Web form"), 0.34),
    ("email", words("Sähköposti | E-post | E-mail"), 0.16),
    ("phone", words("Puhelin | Telefon | Phone"), 0.12),
    ("chat", words("Chat | Chatt | Chat"), 0.10),
    ("sms", words("Tekstiviesti | Sms | Text message"), 0.04),
    ("social", words("Sosiaalinen media | Sociala medier | Social media"), 0.08),
    ("kiosk", words("Palautekioski | Feedbackkiosk | Feedback kiosk"), 0.12),
    ("face_to_face", words("Kasvokkain | Ansikte mot ansikte | Face to face"), 0.04),
)
#: how often a matter is solved at the first contact, by channel
SOLVED_AT_FIRST = {"phone": 0.78, "chat": 0.52, "email": 0.45, "web": 0.40, "social": 0.35}
POINTS_PER_HOP = -7.0

CARDS = (
    ("none", words("ei korttia | utan kort | no card"), 0.62, -2.0),
    ("silver", words("hopea | silver | silver"), 0.28, 1.0),
    ("gold", words("kulta | guld | gold"), 0.10, 6.0),
)
PURPOSES = (
    ("work", words("työ | arbete | work"), 0.35, -3.0),
    ("leisure", words("vapaa-aika | fritid | leisure"), 0.65, 2.0),
)
REGIONS = (
    ("lapland", words("Lappi | Lappland | Lapland"), 0.12, 3.0),
    ("domestic", words("muu kotimaa | övriga Finland | rest of Finland"), 0.22, 0.0),
    ("nordic", words("Pohjoismaat | Norden | Nordics"), 0.16, 1.0),
    ("baltic", words("Baltia | Baltikum | Baltics"), 0.08, -1.0),
    ("british", words("Brittein saaret | Brittiska öarna | British Isles"), 0.08, -2.0),
    ("central", words("Keski-Eurooppa | Centraleuropa | Central Europe"), 0.10, 0.0),
    ("south", words("Etelä-Eurooppa | Sydeuropa | Southern Europe"), 0.10, 2.0),
    ("east", words("Itä-Eurooppa | Östeuropa | Eastern Europe"), 0.03, -2.0),
    ("america", words("Pohjois-Amerikka | Nordamerika | North America"), 0.04, -1.0),
    ("asia", words("Aasia | Asien | Asia"), 0.05, 1.0),
    ("middle", words("Lähi-itä | Mellanöstern | Middle East"), 0.02, -1.0),
)


@dataclass(frozen=True, slots=True)
class TierPlan:
    """A customer tier with its layers, its share of customers and its effect in NPS points."""

    code: str
    name: Words
    layers: dict[str, str]
    share: float
    points: float


@cache
def tiers() -> tuple[TierPlan, ...]:
    """Return the 66 customer tiers: card (3) × purpose (2) × region (11)."""
    return tuple(
        TierPlan(
            f"{card[0]}-{purpose[0]}-{region[0]}",
            {key: f"{card[1][key]}, {purpose[1][key]}, {region[1][key]}" for key in ("fi", "sv", "en")},
            {"card": card[0], "purpose": purpose[0], "region": region[0]},
            card[2] * purpose[2] * region[2],
            card[3] + purpose[3] + region[3],
        )
        for card, purpose, region in product(CARDS, PURPOSES, REGIONS)
    )


_C = CausePlan
FLOWN = tuple(t.code for t in TOUCHPOINTS if t.flown)
CAUSES = (
    _C("weather", words("Sää | Väder | Weather"), False, -18),
    _C("technical_delay", words("Tekninen vika | Tekniskt fel | Technical delay"), True, -34),
    _C("aisle_noise", words("Melu käytävällä | Oväsen i mittgången | Noise in the aisle"), True, -20, 0.05, ("seat", "meal", "cabin_crew", "entertainment")),
    _C("baggage", words("Matkatavarat | Bagage | Baggage"), True, -30, 0.07, ("bag_drop", "baggage_claim", "courier", "transfer")),
    _C("invoice_wording", words("Laskun sanamuoto | Fakturans ordval | Wording of the invoice"), True, -28, 0.30, ("invoice", "reminder", "terms")),
    _C("unclear_app", words("Epäselvä sovellus | Otydlig app | Unclear app"), True, -22, 0.10, ("app_checkin", "web_booking", "flight_search", "points")),
    _C("queue", words("Jonottaminen | Köande | Queueing"), True, -20, 0.07, ("checkin_desk", "bag_drop", "gate", "service_phone", "service_chat", "lounge")),
    _C("staff", words("Henkilökunnan käytös | Personalens bemötande | Staff behaviour"), True, -32, 0.03, ("checkin_desk", "gate", "cabin_crew", "service_phone", "travel_shop", "lounge")),
    _C("food", words("Ruoka | Mat | Food"), True, -22, 0.10, ("meal", "lounge")),
    _C("price", words("Hinta | Pris | Price"), True, -16, 0.05, ("flight_search", "web_booking", "phone_booking", "travel_shop", "holiday_advice")),
    _C("refund", words("Hyvityksen viipyminen | Utebliven ersättning | Late refund"), True, -36, 0.20, ("claim", "courier", "service_phone")),
    _C("airport_security", words("Turvatarkastus | Säkerhetskontroll | Security check"), False, -14, 0.03, ("gate", "transfer", "checkin_desk")),
)  # fmt: skip

ACTIONS = (
    ActionPlan(
        "boarding_by_groups",
        words("Koneeseen noustaan ryhmittäin | Ombordstigning i grupper | Boarding in groups"),
        "Porttijono toistui tarinoissa.", "gate", "bag_drop", 10.0, 12.0, -190, "running",
    ),
    ActionPlan(
        "new_menu_card",
        words("Uusi ruokalista istuintaskuun | Ny meny i stolsfickan | A new menu card in the seat pocket"),
        "Aterian valintaa pidettiin epäselvänä.", "meal", "seat", 14.0, 0.0, -196, "running",
    ),
    ActionPlan(
        "call_back_promise",
        words("Lupaus soittaa takaisin tunnissa | Vi ringer upp inom en timme | A promise to call back within the hour"),
        "Puhelinjono väsytti.", "service_phone", "service_chat", 26.0, 12.0, -203, "running",
    ),
    ActionPlan(
        "new_booking_look",
        words("Varaussivujen uusi ilme | Nytt utseende för bokningen | A new look for booking"),
        "Sivuja pidettiin vanhanaikaisina.", "web_booking", "flight_search", 14.0, 0.0, -189, "running",
    ),
    ActionPlan(
        "self_service_lounge",
        words("Loungeen itsepalvelu | Självbetjäning i loungen | Self-service in the lounge"),
        "Tarjoilun kustannukset kasvoivat.", "lounge", "", 3.0, -9.0, -210, "running", "before_after",
    ),
    ActionPlan(
        "plain_invoice",
        words("Lasku selkeälle kielelle | Faktura i klarspråk | The invoice in plain language"),
        "Moni pahastui sanoista ”nykyinen velkanne”.", "invoice", "reminder", 10.0, 12.0, -42, "running",
    ),
    ActionPlan(
        "bag_tracking",
        words("Laukun seuranta sovelluksessa | Spåra bagaget i appen | Bag tracking in the app"),
        "Odottaminen tietämättä on pahinta.", "baggage_claim", "transfer", 8.0, 0.0, 12, "registered",
        technology_reason="Asiakas haluaa tietää, missä laukku on, ilman että hänen tarvitsee kysyä sitä keneltäkään.",
    ),
)  # fmt: skip

#: NPS points of a steady rise per year, by drift group; and the size of the slow wander around it
DRIFTS = {
    "image": (0.0, 3.0), "web": (18.0, 2.0), "shop": (0.0, 3.0), "service": (0.0, 4.0), "paper": (-2.0, 2.0),
    "ground": (0.0, 5.0), "lounge": (0.0, 2.0), "cabin": (-3.0, 4.0),
}  # fmt: skip

#: the ten items of the relationship survey; only three of them move the recommendation (NPS points per step)
ITEMS: tuple[tuple[str, Words, float], ...] = (
    ("appreciation", words("Tunnen, että minua arvostetaan. | Jag känner mig uppskattad. | I feel appreciated."), 12.0),
    ("punctuality", words("Lennot pitävät aikataulunsa. | Flygen håller tidtabellen. | Flights keep to their times."), 8.0),
    ("relevance", words("Tarjonta tuntuu juuri minulle sopivalta. | Utbudet känns rätt för just mig. | What is offered feels right for me personally."), 6.0),
    ("values", words("Yrityksen tapa toimia vastaa omia arvojani. | Företagets sätt att handla stämmer med mina värderingar. | The way the company acts matches my own values."), 0.0),
    ("replaceable", words("Yhtä hyvää vaihtoehtoa olisi vaikea löytää. | Det vore svårt att hitta ett lika bra alternativ. | An equally good alternative would be hard to find."), 0.0),
    ("value_for_money", words("Saan rahalleni vastinetta. | Jag får valuta för pengarna. | I get value for money."), 0.0),
    ("food", words("Ruoka lennolla on hyvää. | Maten ombord är god. | The food on board is good."), 0.0),
    ("app", words("Sovellus on selkeä. | Appen är tydlig. | The app is clear."), 0.0),
    ("cleanliness", words("Koneet ovat siistejä. | Planen är rena. | The planes are clean."), 0.0),
    ("information", words("Saan tiedon ajoissa. | Jag får information i tid. | I am told in time."), 0.0),
)  # fmt: skip

#: what each step of the three elements is worth in NPS points, on the values that were answered
ELEMENT_POINTS = {"emotion": 10.0, "ease": 6.0, "speed": 4.0}
EMOTION_HALF_LIFE_DAYS = {"positive": 21.0, "negative": 63.0}
#: NPS points that one step of remembered feeling adds to the next contact
MOOD_POINTS = 4.0
SAYS_CUSTOMER_CENTRIC = {"employee": 0.72, "customer": 0.31}
#: of those who left, the share that states the real reason at once
TELLS_WHY = 0.2
#: code, words, share stated, share real
REASONS: tuple[tuple[str, Words, float, float], ...] = (
    ("price", words("Hinta | Priset | Price"), 0.62, 0.17),
    ("not_heard", words("En tullut kuulluksi | Jag blev inte hörd | I was not heard"), 0.08, 0.34),
    ("broken_promise", words("Lupaus petettiin | Ett löfte bröts | A promise was broken"), 0.09, 0.24),
    ("schedule", words("Aikataulu | Tidtabellen | Timetable"), 0.13, 0.13),
    ("moved", words("Elämäntilanne | Livssituationen | My situation changed"), 0.08, 0.12),
)
#: who answers: log-odds in general, per step of the NPS class (−1, 0, +1), of a strong feeling, of a case that was answered
RESPONSE = {"base": -0.35, "per_class": 0.35, "strong_feeling": 0.30, "answered_case": 0.50}
RECOVERY = {"redeemed": 0.58, "held_out": 0.10, "later_points": 12.0}
SELLERS = tuple(f"myyja-{number:02d}" for number in range(1, 25))
LUCKY_SELLER, GOOD_SELLER, GOOD_SELLER_POINTS = "myyja-17", "myyja-05", 15.0

#: who logs in with the printed password: login, name, role, unit
LOGINS: tuple[tuple[str, str, str, str], ...] = (
    ("administrator", "Tuomas Ranta-aho", "administrator", "kurki"),
    ("leader", "Helena Kivimäki", "leader", "kurki"),
    ("cx", "Sanna Lehtovaara", "cx_lead", "kurki"),
    ("analyst", "Joonas Pelkonen", "analyst", "kurki"),
    ("manager", "Marika Hietala", "unit_manager", "airport"),
    ("agent", "Emilia Saarela", "agent", "suomi"),
    ("front", "Anton Nyberg", "front_line", "cabin"),
    ("partner", "Kristjan Tamm", "partner", "baggage"),
)
#: the managers of the other functions, and the agents beside the one who logs in
COLLEAGUES: tuple[tuple[str, str, str, str], ...] = (
    ("outi.vainikka", "Outi Vainikka", "unit_manager", "cabin"),
    ("petra.soderholm", "Petra Söderholm", "unit_manager", "lounge"),
    ("mikko.rautala", "Mikko Rautala", "unit_manager", "contact"),
    ("gunilla.wikstrom", "Gunilla Wikström", "unit_manager", "shop"),
    ("leena.suontausta", "Leena Suontausta", "unit_manager", "holidays"),
    ("ville.kangasniemi", "Ville Kangasniemi", "unit_manager", "web"),
    ("kadri.lepik", "Kadri Lepik", "unit_manager", "app"),
    ("riitta.oksala", "Riitta Oksala", "unit_manager", "invoicing"),
    ("oskar.backlund", "Oskar Backlund", "unit_manager", "media"),
    ("noora.tervonen", "Noora Tervonen", "unit_manager", "loyalty"),
    ("andres.kask", "Andres Kask", "unit_manager", "baggage"),
    ("jenni.ollila", "Jenni Ollila", "agent", "suomi"),
    ("niklas.forsman", "Niklas Forsman", "agent", "kurki"),
    ("samuli.harju", "Samuli Harju", "agent", "suomi"),
    ("frida.ekstrom", "Frida Ekström", "agent", "ruotsi"),
    ("liis.parn", "Liis Pärn", "agent", "viro"),
    ("aino.merikallio", "Aino Merikallio", "agent", "kurki-lomat"),
    ("timo.puranen", "Timo Puranen", "agent", "kurki-plus"),
)
#: these write to each other in Swedish
SWEDISH_SPEAKERS = ("niklas.forsman", "frida.ekstrom")
#: touchpoints that nobody owns, on purpose; the others belong to the manager of their function
UNOWNED = ("inspiration", "payment_bank", "terms", "transfer", "courier")
PASSWORD = "kurki-demo-2026"  # noqa: S105 - the demo serves on this machine only, and prints it


def agents_of(unit: str) -> tuple[str, ...]:
    """Return the logins of the agents who work with a unit: their own, or one above it."""
    above = {plan.code: plan.parent for plan in units()}
    path = [unit]
    while above[path[-1]]:
        path.append(above[path[-1]])
    found = tuple(login for login, _, role, own in LOGINS + COLLEAGUES if role == "agent" and own in path)
    # Whoever serves the whole company helps where others work, and is alone where nobody else does.
    return tuple(login for login in found if login != "niklas.forsman") * 2 + ("niklas.forsman",)
