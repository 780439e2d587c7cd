"""The instruments that ship with the product, as data, in Finnish, Swedish and English.

Where Finnish must choose between *sinä* and *te*, and Swedish between *du* and *Ni*, the text holds both as
``{sinä-form|te-form}``, and the organization's choice picks one: they are never mixed in one text.

Sources: recommendation 0–10, Reichheld (2003), *The One Number You Need to Grow*; ease 1–7 as agreement with "made it
easy for me", Dixon, Toman & DeLisi (2013), *The Effortless Experience*. The items on relevance, values, appreciation
and substitutes are our own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from luotain.terms import Anonymity, Population, QuestionKind

Texts = Mapping[str, str]

_FORMS = re.compile(r"\{([^|{}]*)\|([^|{}]*)\}")


@dataclass(frozen=True, slots=True)
class ReadyQuestion:
    """A question of a ready-made instrument."""

    code: str
    kind: QuestionKind
    text: Texts
    measure: str = ""
    scale: str = ""
    help: Texts = field(default_factory=dict)
    #: words for single points of the scale, or the choices
    options: tuple[tuple[str, Texts], ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class ReadyInstrument:
    """A ready-made instrument."""

    code: str
    title: Texts
    thanks: Texts
    questions: tuple[ReadyQuestion, ...]
    anonymity: Anonymity = Anonymity.IDENTIFIED
    population: Population = Population.CUSTOMER


def address_as(texts: Texts, *, formal: bool) -> dict[str, str]:
    """Return ``texts`` with the organization's form of address chosen."""
    return {language: _FORMS.sub(r"\2" if formal else r"\1", text) for language, text in texts.items()}


def _t(fi: str, sv: str, en: str) -> Texts:
    return {"fi": fi, "sv": sv, "en": en}


_THANKS = _t(
    "Kiitos! {Sanasi|Sananne} luetaan.",
    "Tack! {Dina|Era} ord blir lästa.",
    "Thank you! Your words will be read.",
)
_LIKELY = (
    ("0", _t("En lainkaan todennäköisesti", "Inte alls sannolikt", "Not at all likely")),
    ("10", _t("Erittäin todennäköisesti", "Mycket sannolikt", "Extremely likely")),
)
_AGREE_7 = (
    ("1", _t("Täysin eri mieltä", "Helt av annan åsikt", "Strongly disagree")),
    ("7", _t("Täysin samaa mieltä", "Helt av samma åsikt", "Strongly agree")),
)
_AGREE_5 = (
    ("1", _t("Täysin eri mieltä", "Helt av annan åsikt", "Strongly disagree")),
    ("2", _t("Jokseenkin eri mieltä", "Delvis av annan åsikt", "Disagree")),
    ("3", _t("Siltä väliltä", "Varken eller", "In between")),
    ("4", _t("Jokseenkin samaa mieltä", "Delvis av samma åsikt", "Agree")),
    ("5", _t("Täysin samaa mieltä", "Helt av samma åsikt", "Strongly agree")),
)
_FACES = (
    ("1", _t("Todella huonosti", "Mycket dåligt", "Very badly")),
    ("2", _t("Huonosti", "Dåligt", "Badly")),
    ("3", _t("Siltä väliltä", "Sådär", "So-so")),
    ("4", _t("Hyvin", "Bra", "Well")),
    ("5", _t("Todella hyvin", "Mycket bra", "Very well")),
)
_OWN_WORDS = _t(
    "{Kirjoita|Kirjoittakaa} omin sanoin.",
    "Skriv med egna ord.",
    "Use your own words.",
)


def _agree(code: str, measure: str, text: Texts) -> ReadyQuestion:
    return ReadyQuestion(code, QuestionKind.SCORE, text, measure, "agree_1_5", options=_AGREE_5)


_EMOTION = ReadyQuestion(
    "emotion",
    QuestionKind.EMOTION,
    _t(
        "Mikä tunne jäi päällimmäiseksi?",
        "Vilken känsla blev starkast?",
        "Which feeling stayed with you most?",
    ),
    measure="emotion",
    scale="emotion_1_5",
    options=(
        ("1", _t("Hieman", "Lite", "Slightly")),
        ("5", _t("Hyvin voimakkaasti", "Mycket starkt", "Very strongly")),
    ),
)
_STORY = ReadyQuestion(
    "story",
    QuestionKind.TEXT,
    _t("Mitä tapahtui?", "Vad hände?", "What happened?"),
    help=_OWN_WORDS,
)
_IMPROVEMENT = ReadyQuestion(
    "improvement",
    QuestionKind.IMPROVEMENT,
    _t(
        "Mitä meidän pitäisi tehdä toisin?",
        "Vad borde vi göra annorlunda?",
        "What should we do differently?",
    ),
)
_CONTACT = ReadyQuestion(
    "contact",
    QuestionKind.CONTACT,
    _t("Haluan vastauksen", "Jag vill ha svar", "I would like an answer"),
    help=_t(
        "Käytämme yhteystietoa vain tähän asiaan.",
        "Vi använder kontaktuppgiften bara för det här ärendet.",
        "We use your contact details for this matter only.",
    ),
)


def _recommend(text: Texts) -> ReadyQuestion:
    return ReadyQuestion("nps", QuestionKind.SCORE, text, "nps", "nps_0_10", options=_LIKELY, required=True)


_RECOMMEND_US = _t(
    "Kuinka todennäköisesti {suosittelisit|suosittelisitte} meitä ystävälle tai kollegalle?",
    "Hur sannolikt är det att {du|Ni} skulle rekommendera oss till en vän eller kollega?",
    "How likely are you to recommend us to a friend or colleague?",
)

TOUCHPOINT_CARD = ReadyInstrument(
    "touchpoint_card",
    _t("Miten meillä meni?", "Hur lyckades vi?", "How did we do?"),
    _THANKS,
    (
        _recommend(
            _t(
                "Kuinka todennäköisesti {suosittelisit|suosittelisitte} meitä tämän kokemuksen perusteella "
                "ystävälle tai kollegalle?",
                "Hur sannolikt är det att {du|Ni} utifrån den här upplevelsen skulle rekommendera oss till en vän "
                "eller kollega?",
                "After this experience, how likely are you to recommend us to a friend or colleague?",
            )
        ),
        ReadyQuestion(
            "ces",
            QuestionKind.SCORE,
            _t(
                "Minun oli helppo hoitaa asiani.",
                "Det var lätt för mig att sköta mitt ärende.",
                "It was made easy for me to handle my matter.",
            ),
            "ces",
            "ces_1_7",
            options=_AGREE_7,
        ),
        _EMOTION,
        _STORY,
        _IMPROVEMENT,
        _CONTACT,
    ),
)

SHORT_FEEDBACK = ReadyInstrument(
    "short_feedback",
    _t("Moite vai kiitos?", "Ris eller ros?", "Complaint or thanks?"),
    _THANKS,
    (
        ReadyQuestion(
            "csat",
            QuestionKind.SCORE,
            _t("Miten meillä meni?", "Hur lyckades vi?", "How did we do?"),
            "csat",
            "csat_1_5",
            options=_FACES,
            required=True,
        ),
        _STORY,
        _CONTACT,
    ),
)

RELATIONSHIP = ReadyInstrument(
    "relationship",
    _t("Millainen kumppani olemme?", "Hurdan partner är vi?", "What are we like to be with?"),
    _THANKS,
    (
        _recommend(_RECOMMEND_US),
        _agree(
            "relevance",
            "relevance",
            _t(
                "Tarjonta tuntuu juuri minulle sopivalta.",
                "Utbudet känns rätt för just mig.",
                "What is offered feels right for me personally.",
            ),
        ),
        _agree(
            "values",
            "values",
            _t(
                "Yrityksen tapa toimia vastaa omia arvojani.",
                "Företagets sätt att handla stämmer med mina värderingar.",
                "The way the company acts matches my own values.",
            ),
        ),
        _agree(
            "appreciation",
            "appreciation",
            _t(
                "Tunnen, että minua arvostetaan.",
                "Jag känner mig uppskattad.",
                "I feel appreciated.",
            ),
        ),
        _agree(
            "replaceable",
            "replaceable",
            _t(
                "Yhtä hyvää vaihtoehtoa olisi vaikea löytää.",
                "Det vore svårt att hitta ett lika bra alternativ.",
                "An equally good alternative would be hard to find.",
            ),
        ),
        _EMOTION,
        _STORY,
        _IMPROVEMENT,
        _CONTACT,
    ),
)

AFTER_CASE = ReadyInstrument(
    "after_case",
    _t("Hoituiko asia?", "Blev det ordnat?", "Was it put right?"),
    _THANKS,
    (
        ReadyQuestion(
            "csat",
            QuestionKind.SCORE,
            _t("Miten hoidimme asian?", "Hur skötte vi ärendet?", "How did we handle the matter?"),
            "csat",
            "csat_1_5",
            options=_FACES,
            required=True,
        ),
        ReadyQuestion(
            "emotion",
            QuestionKind.EMOTION,
            _t(
                "Miltä {sinusta|teistä} tuntuu nyt?",
                "Hur känner {du dig|Ni Er} nu?",
                "How do you feel now?",
            ),
            "emotion",
            "emotion_1_5",
            options=_EMOTION.options,
        ),
        _STORY,
    ),
)

EMPLOYEE_PULSE = ReadyInstrument(
    "employee_pulse",
    _t("Miltä työ tuntuu?", "Hur känns arbetet?", "How does work feel?"),
    _t(
        "Kiitos! Vastaukset näytetään vain ryhminä.",
        "Tack! Svaren visas bara i grupp.",
        "Thank you! Answers are shown in groups only.",
    ),
    (
        _recommend(
            _t(
                "Kuinka todennäköisesti {suosittelisit|suosittelisitte} meitä työpaikkana ystävälle?",
                "Hur sannolikt är det att {du|Ni} skulle rekommendera oss som arbetsplats till en vän?",
                "How likely are you to recommend us as a place to work to a friend?",
            )
        ),
        ReadyQuestion(
            "ces",
            QuestionKind.SCORE,
            _t(
                "Minun on helppo tehdä työni hyvin.",
                "Det är lätt för mig att göra mitt arbete bra.",
                "It is easy for me to do my work well.",
            ),
            "ces",
            "ces_1_7",
            options=_AGREE_7,
        ),
        _agree(
            "relevance",
            "relevance",
            _t(
                "Työ tuntuu juuri minulle sopivalta.",
                "Arbetet känns rätt för just mig.",
                "My work feels right for me personally.",
            ),
        ),
        _agree(
            "values",
            "values",
            _t(
                "Yrityksen tapa toimia vastaa omia arvojani.",
                "Företagets sätt att handla stämmer med mina värderingar.",
                "The way the company acts matches my own values.",
            ),
        ),
        _agree(
            "appreciation",
            "appreciation",
            _t("Tunnen, että minua arvostetaan.", "Jag känner mig uppskattad.", "I feel appreciated."),
        ),
        _EMOTION,
        ReadyQuestion(
            "story",
            QuestionKind.TEXT,
            _t("Mitä {haluat|haluatte} kertoa?", "Vad vill {du|Ni} berätta?", "What would you like to tell us?"),
            help=_t(
                "{Älä kirjoita|Älkää kirjoittako} nimiä: vastaus on nimetön.",
                "Skriv inga namn: svaret är anonymt.",
                "Please leave names out: the answer is anonymous.",
            ),
        ),
        _IMPROVEMENT,
    ),
    anonymity=Anonymity.ANONYMOUS,
    population=Population.EMPLOYEE,
)

READY_MADE = (TOUCHPOINT_CARD, SHORT_FEEDBACK, RELATIONSHIP, AFTER_CASE, EMPLOYEE_PULSE)
