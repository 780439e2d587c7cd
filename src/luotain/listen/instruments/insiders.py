"""What the company's own people are asked, and what a leader writes down after a visit."""

from __future__ import annotations

from luotain.listen.instruments.parts import AGREE_7, EMOTION, IMPROVEMENT, STORY, VALUES, VIEW, agree, recommend, texts
from luotain.listen.instruments.ready import ReadyInstrument, ReadyQuestion
from luotain.terms import Anonymity, Population, QuestionKind

EMPLOYEE_PULSE = ReadyInstrument(
    "employee_pulse",
    texts("Miltä työ tuntuu?", "Hur känns arbetet?", "How does work feel?"),
    texts(
        "Kiitos! Vastaukset näytetään vain ryhminä.",
        "Tack! Svaren visas bara i grupp.",
        "Thank you! Answers are shown in groups only.",
    ),
    (
        recommend(
            texts(
                "Kuinka todennäköisesti {suosittelisit|suosittelisitte} meitä työpaikkana ystävälle?",
                "Hur sannolikt är det att {du|Ni} skulle rekommendera oss som arbetsplats till en vän?",
                "How likely are you to recommend us as a place to work to a friend?",
            )
        ),
        ReadyQuestion(
            "ces",
            QuestionKind.SCORE,
            texts(
                "Minun on helppo tehdä työni hyvin.",
                "Det är lätt för mig att göra mitt arbete bra.",
                "It is easy for me to do my work well.",
            ),
            "ces",
            "ces_1_7",
            options=AGREE_7,
        ),
        agree(
            "relevance",
            "relevance",
            texts(
                "Työ tuntuu juuri minulle sopivalta.",
                "Arbetet känns rätt för just mig.",
                "My work feels right for me personally.",
            ),
        ),
        VALUES,
        agree(
            "appreciation",
            "appreciation",
            texts("Tunnen, että minua arvostetaan.", "Jag känner mig uppskattad.", "I feel appreciated."),
        ),
        EMOTION,
        ReadyQuestion(
            "story",
            QuestionKind.TEXT,
            texts("Mitä {haluat|haluatte} kertoa?", "Vad vill {du|Ni} berätta?", "What would you like to tell us?"),
            help=texts(
                "{Älä kirjoita|Älkää kirjoittako} nimiä: vastaus on nimetön.",
                "Skriv inga namn: svaret är anonymt.",
                "Please leave names out: the answer is anonymous.",
            ),
        ),
        IMPROVEMENT,
    ),
    anonymity=Anonymity.ANONYMOUS,
    population=Population.EMPLOYEE,
)

SELF_VIEW = ReadyInstrument(
    "self_view",
    texts("Millaisina asiakkaat kokevat meidät?", "Hur upplever kunderna oss?", "How do customers see us?"),
    texts(
        "Kiitos! Vastauksia verrataan asiakkaiden omiin.",
        "Tack! Svaren jämförs med kundernas egna.",
        "Thank you! The answers are compared with the customers' own.",
    ),
    (*VIEW, STORY),
    anonymity=Anonymity.ANONYMOUS,
    population=Population.EMPLOYEE,
    intro=texts(
        "{Vastaa|Vastatkaa} niin kuin asiakkaat luultavasti vastaisivat. Samat väittämät kysytään heiltä.",
        "Svara så som kunderna troligen skulle svara. De får ta ställning till samma påståenden.",
        "Answer as customers would probably answer. They are asked the same statements.",
    ),
)

VISIT_NOTE = ReadyInstrument(
    "visit_note",
    texts("Mitä käynnillä kuultiin?", "Vad hördes under besöket?", "What was heard on the visit?"),
    texts("Kiitos! Kuultu on nyt kirjattu.", "Tack! Det hörda är antecknat.", "Thank you! What was heard is kept."),
    (
        ReadyQuestion(
            "story",
            QuestionKind.TEXT,
            texts("Mitä asiakkaat kertoivat?", "Vad berättade kunderna?", "What did customers say?"),
            help=texts(
                "Asiakkaiden omin sanoin, ilman nimiä.",
                "Med kundernas egna ord, utan namn.",
                "In the customers' own words, without names.",
            ),
            required=True,
        ),
        ReadyQuestion(
            "emotion",
            QuestionKind.EMOTION,
            texts(
                "Mikä tunne kuului eniten?",
                "Vilken känsla hördes starkast?",
                "Which feeling was heard most?",
            ),
            "emotion",
            "emotion_1_5",
            options=EMOTION.options,
        ),
        ReadyQuestion(
            "staff_said",
            QuestionKind.TEXT,
            texts("Mitä henkilöstö kertoi?", "Vad berättade personalen?", "What did the staff say?"),
        ),
        ReadyQuestion(
            "improvement",
            QuestionKind.IMPROVEMENT,
            texts("Mitä pitäisi parantaa?", "Vad borde förbättras?", "What should be improved?"),
        ),
    ),
    population=Population.EMPLOYEE,
)
