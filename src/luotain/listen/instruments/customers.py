"""What customers are asked, and those who left or never came.

Where people are asked why they left, the reasons come in drawn order, what they would have said of the price is asked
apart from the reasons, and so is what would have kept them: the price is named more often than it decides.
"""

from __future__ import annotations

from dataclasses import replace

from luotain.listen.branching import Clause, Condition, Op
from luotain.listen.instruments.parts import (
    CONTACT,
    EASE,
    EMOTION,
    FACES,
    IMPROVEMENT,
    RECOMMEND_US,
    RELEVANCE,
    STORY,
    THANKS,
    VALUES,
    VIEW,
    agree,
    recommend,
    texts,
)
from luotain.listen.instruments.ready import ReadyInstrument, ReadyQuestion
from luotain.terms import Anonymity, Population, QuestionKind

TOUCHPOINT_CARD = ReadyInstrument(
    "touchpoint_card",
    texts("Miten meillä meni?", "Hur lyckades vi?", "How did we do?"),
    THANKS,
    (
        recommend(
            texts(
                "Kuinka todennäköisesti {suosittelisit|suosittelisitte} meitä tämän kokemuksen perusteella "
                "ystävälle tai kollegalle?",
                "Hur sannolikt är det att {du|Ni} utifrån den här upplevelsen skulle rekommendera oss till en vän "
                "eller kollega?",
                "After this experience, how likely are you to recommend us to a friend or colleague?",
            )
        ),
        EASE,
        EMOTION,
        STORY,
        IMPROVEMENT,
        CONTACT,
    ),
)

SHORT_FEEDBACK = ReadyInstrument(
    "short_feedback",
    texts("Moite vai kiitos?", "Ris eller ros?", "Complaint or thanks?"),
    THANKS,
    (
        ReadyQuestion(
            "csat",
            QuestionKind.SCORE,
            texts("Miten meillä meni?", "Hur lyckades vi?", "How did we do?"),
            "csat",
            "csat_1_5",
            options=FACES,
            required=True,
        ),
        STORY,
        CONTACT,
    ),
)

RELATIONSHIP = ReadyInstrument(
    "relationship",
    texts("Millainen kumppani olemme?", "Hurdan partner är vi?", "What are we like to be with?"),
    THANKS,
    (
        recommend(RECOMMEND_US),
        RELEVANCE,
        VALUES,
        agree(
            "appreciation",
            "appreciation",
            texts(
                "Tunnen, että minua arvostetaan.",
                "Jag känner mig uppskattad.",
                "I feel appreciated.",
            ),
        ),
        agree(
            "replaceable",
            "replaceable",
            texts(
                "Yhtä hyvää vaihtoehtoa olisi vaikea löytää.",
                "Det vore svårt att hitta ett lika bra alternativ.",
                "An equally good alternative would be hard to find.",
            ),
        ),
        ReadyQuestion(
            "substitute",
            QuestionKind.TEXT,
            texts(
                "Minkä {valitsisit|valitsisitte} meidän sijaamme?",
                "Vad skulle {du|Ni} välja i stället för oss?",
                "What would you choose instead of us?",
            ),
        ),
        EMOTION,
        STORY,
        IMPROVEMENT,
        CONTACT,
    ),
)

EXPECTATION = ReadyInstrument(
    "expectation",
    texts("Vastasimmeko odotuksia?", "Motsvarade vi förväntningarna?", "Did we meet what was expected?"),
    THANKS,
    (
        agree(
            "expected",
            "expected",
            texts("Odotin hyvää kokemusta.", "Jag väntade mig en bra upplevelse.", "I expected a good experience."),
        ),
        agree(
            "experienced",
            "experienced",
            texts("Kokemus oli hyvä.", "Upplevelsen var bra.", "The experience was good."),
        ),
        EMOTION,
        STORY,
        CONTACT,
    ),
)

AFTER_CASE = ReadyInstrument(
    "after_case",
    texts("Hoituiko asia?", "Blev det ordnat?", "Was it put right?"),
    THANKS,
    (
        ReadyQuestion(
            "csat",
            QuestionKind.SCORE,
            texts("Miten hoidimme asian?", "Hur skötte vi ärendet?", "How did we handle the matter?"),
            "csat",
            "csat_1_5",
            options=FACES,
            required=True,
        ),
        ReadyQuestion(
            "emotion",
            QuestionKind.EMOTION,
            texts(
                "Miltä {sinusta|teistä} tuntuu nyt?",
                "Hur känner {du dig|Ni Er} nu?",
                "How do you feel now?",
            ),
            "emotion",
            "emotion_1_5",
            options=EMOTION.options,
        ),
        STORY,
    ),
)

_REASONS = (
    ("price", texts("Hinta", "Priset", "Price")),
    ("not_heard", texts("En tullut kuulluksi", "Jag blev inte hörd", "I was not heard")),
    ("broken_promise", texts("Lupaus petettiin", "Ett löfte bröts", "A promise was broken")),
    ("quality", texts("Laatu ei vastannut odotuksia", "Kvaliteten höll inte måttet", "The quality fell short")),
    ("hard", texts("Asioiminen oli hankalaa", "Det var krångligt", "Things were made difficult")),
    (
        "better_elsewhere",
        texts("Parempi vaihtoehto muualla", "Ett bättre alternativ", "A better alternative elsewhere"),
    ),
    ("moved", texts("Elämäntilanne muuttui", "Livssituationen förändrades", "My situation changed")),
    ("other", texts("Jokin muu", "Något annat", "Something else")),
)
_HEARD = texts(
    "Kiitos! Teemme tästä parempaa, vaikka {jatkaisit|jatkaisitte} muualla.",
    "Tack! Vi blir bättre av det här, även om {du|Ni} fortsätter någon annanstans.",
    "Thank you! We will be better for it, wherever you go from here.",
)

LOST_CUSTOMER = ReadyInstrument(
    "lost_customer",
    texts("Miksi tiemme erosivat?", "Varför skildes våra vägar?", "Why did we part?"),
    _HEARD,
    (
        ReadyQuestion(
            "stated_reason",
            QuestionKind.CHOICE,
            texts(
                "Mikä ratkaisi, että asiakkuus päättyi?",
                "Vad avgjorde att kundrelationen upphörde?",
                "What decided that you left?",
            ),
            options=_REASONS,
            shuffled=True,
        ),
        ReadyQuestion(
            "price_alone",
            QuestionKind.CHOICE,
            texts(
                "Entä jos hinta olisi ollut sama kuin muualla?",
                "Och om priset hade varit detsamma som hos andra?",
                "And had the price been the same as elsewhere?",
            ),
            options=(
                ("stay", texts("Olisin jäänyt", "Jag skulle ha stannat", "I would have stayed")),
                ("leave", texts("Olisin lähtenyt silti", "Jag skulle ha gått ändå", "I would have left anyway")),
                ("unknown", texts("En osaa sanoa", "Jag kan inte säga", "I cannot say")),
            ),
            condition=Condition((Clause("stated_reason", Op.IS, ("price",)),)),
        ),
        ReadyQuestion(
            "other_reasons",
            QuestionKind.MULTI,
            texts("Mikä muu vaikutti?", "Vad annat påverkade?", "What else played a part?"),
            options=_REASONS,
            shuffled=True,
        ),
        recommend(RECOMMEND_US),
        ReadyQuestion(
            "improvement",
            QuestionKind.IMPROVEMENT,
            texts(
                "Mikä olisi saanut jäämään?",
                "Vad skulle ha fått {dig|Er} att stanna?",
                "What would have kept you?",
            ),
        ),
        STORY,
        CONTACT,
    ),
    anonymity=Anonymity.CONFIDENTIAL,
    population=Population.LOST_CUSTOMER,
)

LOST_INTERVIEW = ReadyInstrument(
    "lost_interview",
    texts(
        "Haastattelu: miksi asiakas lähti?", "Intervju: varför gick kunden?", "Interview: why did the customer leave?"
    ),
    texts("Kiitos! Haastattelu on kirjattu.", "Tack! Intervjun är antecknad.", "Thank you! The interview is kept."),
    (
        ReadyQuestion(
            "stated_reason",
            QuestionKind.CHOICE,
            texts(
                "Minkä syyn asiakas mainitsi ensin?",
                "Vilken orsak nämnde kunden först?",
                "Which reason did the customer name first?",
            ),
            options=_REASONS,
            required=True,
        ),
        ReadyQuestion(
            "verified_reason",
            QuestionKind.CHOICE,
            texts(
                "Mikä osoittautui keskustelussa varsinaiseksi syyksi?",
                "Vilken visade sig i samtalet vara den egentliga orsaken?",
                "Which reason turned out to be the real one?",
            ),
            help=texts(
                "Kun hinta mainitaan, kannattaa kysyä, mitä sillä rahalla ei saanut.",
                "När priset nämns lönar det sig att fråga vad pengarna inte räckte till.",
                "Where price is named, ask what was not worth it.",
            ),
            options=_REASONS,
        ),
        replace(
            STORY, text=texts("Mitä asiakas kertoi?", "Vad berättade kunden?", "What did the customer tell?"), help={}
        ),
        ReadyQuestion(
            "improvement",
            QuestionKind.IMPROVEMENT,
            texts(
                "Mikä olisi pitänyt asiakkaana?", "Vad skulle ha behållit kunden?", "What would have kept the customer?"
            ),
        ),
    ),
    anonymity=Anonymity.CONFIDENTIAL,
    population=Population.LOST_CUSTOMER,
)

NON_CUSTOMER = ReadyInstrument(
    "non_customer",
    texts("Millaisina meidät nähdään?", "Hur ser andra på oss?", "How do we look from outside?"),
    texts("Kiitos! Tämä auttaa meitä näkemään itsemme.", "Tack! Det här hjälper oss att se oss själva.",
          "Thank you! This helps us see ourselves."),
    (
        ReadyQuestion(
            "considered",
            QuestionKind.CHOICE,
            texts(
                "Olemmeko olleet harkittavien joukossa?",
                "Har vi varit ett av alternativen?",
                "Have we been among the alternatives?",
            ),
            options=(
                ("yes", texts("Kyllä, mutta valinta oli toinen", "Ja, men valet blev ett annat",
                              "Yes, but the choice was another")),
                ("no", texts("Ei", "Nej", "No")),
                ("unheard", texts("En ole kuullut teistä", "Jag har inte hört om er", "I have not heard of you")),
            ),
            required=True,
        ),
        ReadyQuestion(
            "barriers",
            QuestionKind.MULTI,
            texts("Mikä on ollut esteenä?", "Vad har varit ett hinder?", "What has stood in the way?"),
            options=(
                ("price", texts("Hinta", "Priset", "Price")),
                ("not_for_me", texts("Tarjonta ei tunnu omalta", "Utbudet känns inte som mitt",
                                     "What is offered is not for me")),
                ("values", texts("Arvot eivät kohtaa", "Värderingarna möts inte", "The values do not match")),
                ("reputation", texts("Mitä yrityksestä kerrotaan", "Det som berättas om företaget",
                                     "What is said of the company")),
                ("hard", texts("Asioiminen vaikuttaa hankalalta", "Det verkar krångligt", "It looks difficult")),
                ("satisfied", texts("Nykyinen vaihtoehto on hyvä", "Det nuvarande alternativet är bra",
                                    "What I have is good")),
                ("other", texts("Jokin muu", "Något annat", "Something else")),
            ),
            condition=Condition((Clause("considered", Op.IS_NOT, ("unheard",)),)),
            shuffled=True,
        ),
        RELEVANCE,
        VALUES,
        ReadyQuestion(
            "improvement",
            QuestionKind.IMPROVEMENT,
            texts(
                "Mikä saisi kokeilemaan?",
                "Vad skulle locka till att pröva?",
                "What would make you give us a try?",
            ),
        ),
    ),
    anonymity=Anonymity.ANONYMOUS,
    population=Population.NON_CUSTOMER,
)  # fmt: skip

_CHANNELS = (
    ("phone", texts("Puhelin", "Telefon", "Phone")),
    ("chat", texts("Chat", "Chatt", "Chat")),
    ("email", texts("Sähköposti", "E-post", "E-mail")),
    ("web", texts("Verkkolomake tai oma sivu", "Webbformulär eller egen sida", "Web form or own page")),
    ("app", texts("Sovellus", "App", "App")),
    ("sms", texts("Tekstiviesti", "Sms", "Text message")),
    ("social", texts("Sosiaalinen media", "Sociala medier", "Social media")),
    ("face_to_face", texts("Kasvokkain", "Ansikte mot ansikte", "Face to face")),
)

CHANNEL_WISHES = ReadyInstrument(
    "channel_wishes",
    texts("Mitä kautta asiat hoituvat?", "Vilken väg är bäst?", "Which way works best?"),
    THANKS,
    (
        ReadyQuestion(
            "channel_used",
            QuestionKind.MULTI,
            texts(
                "Mitä kautta asioita on hoidettu viimeisen vuoden aikana?",
                "Vilka vägar har använts under det senaste året?",
                "Which ways have you used during the last year?",
            ),
            options=_CHANNELS,
        ),
        ReadyQuestion(
            "channel_wished",
            QuestionKind.MULTI,
            texts(
                "Mitä kautta asiat hoituisivat mieluiten?",
                "Vilka vägar skulle helst användas?",
                "Which ways would you rather use?",
            ),
            help=texts("Enintään kolme.", "Högst tre.", "At most three."),
            options=_CHANNELS,
            most=3,
        ),
        ReadyQuestion(
            "channel_urgent",
            QuestionKind.CHOICE,
            texts(
                "Entä kiireellinen tai hankala asia?",
                "Och ett brådskande eller svårt ärende?",
                "And in an urgent or difficult matter?",
            ),
            options=_CHANNELS,
        ),
        ReadyQuestion(
            "channel_always",
            QuestionKind.MULTI,
            texts(
                "Minkä näistä pitää aina olla olemassa?",
                "Vilka av dessa måste alltid finnas?",
                "Which of these must always exist?",
            ),
            options=_CHANNELS,
        ),
        IMPROVEMENT,
    ),
)

CUSTOMER_VIEW = ReadyInstrument(
    "customer_view",
    texts("Millaisina meidät koetaan?", "Hur upplevs vi?", "What are we like?"),
    THANKS,
    (*VIEW, STORY),
)
