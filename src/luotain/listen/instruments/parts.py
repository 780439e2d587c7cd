"""Questions and words that several ready-made instruments share: asked alike, so that they can be compared."""

from __future__ import annotations

from luotain.listen.instruments.ready import ReadyQuestion, Texts
from luotain.terms import QuestionKind


def texts(fi: str, sv: str, en: str) -> Texts:
    """Return a text in the three languages."""
    return {"fi": fi, "sv": sv, "en": en}


THANKS = texts(
    "Kiitos! {Sanasi|Sananne} luetaan.",
    "Tack! {Dina|Era} ord blir lästa.",
    "Thank you! Your words will be read.",
)
LIKELY = (
    ("0", texts("En lainkaan todennäköisesti", "Inte alls sannolikt", "Not at all likely")),
    ("10", texts("Erittäin todennäköisesti", "Mycket sannolikt", "Extremely likely")),
)
AGREE_7 = (
    ("1", texts("Täysin eri mieltä", "Helt av annan åsikt", "Strongly disagree")),
    ("7", texts("Täysin samaa mieltä", "Helt av samma åsikt", "Strongly agree")),
)
AGREE_5 = (
    ("1", texts("Täysin eri mieltä", "Helt av annan åsikt", "Strongly disagree")),
    ("2", texts("Jokseenkin eri mieltä", "Delvis av annan åsikt", "Disagree")),
    ("3", texts("Siltä väliltä", "Varken eller", "In between")),
    ("4", texts("Jokseenkin samaa mieltä", "Delvis av samma åsikt", "Agree")),
    ("5", texts("Täysin samaa mieltä", "Helt av samma åsikt", "Strongly agree")),
)
FACES = (
    ("1", texts("Todella huonosti", "Mycket dåligt", "Very badly")),
    ("2", texts("Huonosti", "Dåligt", "Badly")),
    ("3", texts("Siltä väliltä", "Sådär", "So-so")),
    ("4", texts("Hyvin", "Bra", "Well")),
    ("5", texts("Todella hyvin", "Mycket bra", "Very well")),
)
OWN_WORDS = texts(
    "{Kirjoita|Kirjoittakaa} omin sanoin.",
    "Skriv med egna ord.",
    "Use your own words.",
)


def agree(code: str, measure: str, text: Texts) -> ReadyQuestion:
    """Return a statement to agree with, from 1 to 5."""
    return ReadyQuestion(code, QuestionKind.SCORE, text, measure, "agree_1_5", options=AGREE_5)


EMOTION = ReadyQuestion(
    "emotion",
    QuestionKind.EMOTION,
    texts(
        "Mikä tunne jäi päällimmäiseksi?",
        "Vilken känsla blev starkast?",
        "Which feeling stayed with you most?",
    ),
    measure="emotion",
    scale="emotion_1_5",
    options=(
        ("1", texts("Hieman", "Lite", "Slightly")),
        ("5", texts("Hyvin voimakkaasti", "Mycket starkt", "Very strongly")),
    ),
)
STORY = ReadyQuestion(
    "story",
    QuestionKind.TEXT,
    texts("Mitä tapahtui?", "Vad hände?", "What happened?"),
    help=OWN_WORDS,
)
IMPROVEMENT = ReadyQuestion(
    "improvement",
    QuestionKind.IMPROVEMENT,
    texts(
        "Mitä meidän pitäisi tehdä toisin?",
        "Vad borde vi göra annorlunda?",
        "What should we do differently?",
    ),
)
CONTACT = ReadyQuestion(
    "contact",
    QuestionKind.CONTACT,
    texts("Haluan vastauksen", "Jag vill ha svar", "I would like an answer"),
    help=texts(
        "Käytämme yhteystietoa vain tähän asiaan.",
        "Vi använder kontaktuppgiften bara för det här ärendet.",
        "We use your contact details for this matter only.",
    ),
)


def recommend(text: Texts) -> ReadyQuestion:
    """Return the question of recommending, on its official scale."""
    return ReadyQuestion("nps", QuestionKind.SCORE, text, "nps", "nps_0_10", options=LIKELY, required=True)


RECOMMEND_US = texts(
    "Kuinka todennäköisesti {suosittelisit|suosittelisitte} meitä ystävälle tai kollegalle?",
    "Hur sannolikt är det att {du|Ni} skulle rekommendera oss till en vän eller kollega?",
    "How likely are you to recommend us to a friend or colleague?",
)

#: What a company thinks of itself and what its customers think of it: asked of both, word for word.
VIEW = (
    agree(
        "customer_centric",
        "customer_centric",
        texts(
            "Asiakas on tässä yrityksessä tärkein.",
            "Kunden kommer först i det här företaget.",
            "In this company the customer comes first.",
        ),
    ),
    agree(
        "promise",
        "promise",
        texts("Yritys pitää lupauksensa.", "Företaget håller sina löften.", "The company keeps its promises."),
    ),
    agree("speed", "speed", texts("Asiat hoituvat ripeästi.", "Saker sköts snabbt.", "Things are done quickly.")),
    agree(
        "information",
        "information",
        texts("Asioista kerrotaan ajoissa.", "Information ges i tid.", "People are told in time."),
    ),
    agree(
        "service",
        "service",
        texts(
            "Palvelussa asiakas kohdataan ihmisenä.",
            "I servicen bemöts kunden som människa.",
            "Customers are met as human beings.",
        ),
    ),
    agree("quality", "quality", texts("Laatu on hyvää.", "Kvaliteten är god.", "The quality is good.")),
)

RELEVANCE = agree(
    "relevance",
    "relevance",
    texts(
        "Tarjonta tuntuu juuri minulle sopivalta.",
        "Utbudet känns rätt för just mig.",
        "What is offered feels right for me personally.",
    ),
)

VALUES = agree(
    "values",
    "values",
    texts(
        "Yrityksen tapa toimia vastaa omia arvojani.",
        "Företagets sätt att handla stämmer med mina värderingar.",
        "The way the company acts matches my own values.",
    ),
)

EASE = ReadyQuestion(
    "ces",
    QuestionKind.SCORE,
    texts(
        "Minun oli helppo hoitaa asiani.",
        "Det var lätt för mig att sköta mitt ärende.",
        "It was made easy for me to handle my matter.",
    ),
    "ces",
    "ces_1_7",
    options=AGREE_7,
)
