"""The field's words as types: one word, one thing, in English, Finnish and Swedish.

Everything that is stored as a short code (a channel, a role, an emotion …) is a member of a
:class:`Vocabulary` here, and nowhere else. The code is what the database keeps; ``label(language)`` is what
a person reads. Scales carry their ends, direction and categories, so that no other place has to know that a
promoter is a nine or a ten.

Sources: NPS categories, Reichheld (2003), *The One Number You Need to Grow*; CES 2.0 on 1–7, Dixon, Toman &
DeLisi (2013), *The Effortless Experience*; complaint stages, ISO 10002:2018; research vocabulary, ISO 20252:2019.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

LANGUAGES = ("fi", "sv", "en")


class Vocabulary(StrEnum):
    """A closed list of codes, each with its word in three languages."""

    en: str
    fi: str
    sv: str

    def __new__(cls, code: str, en: str = "", fi: str = "", sv: str = "", *_: object) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.en, member.fi, member.sv = en or code, fi or en or code, sv or en or code
        return member

    def label(self, language: str) -> str:
        """Return the word in ``language`` ("fi", "sv" or "en"; anything else falls back to English)."""
        return str(getattr(self, language[:2], self.en))


class Role(Vocabulary):
    """What a member may see and do; always together with a unit."""

    ADMINISTRATOR = "administrator", "administrator", "pääkäyttäjä", "administratör"
    LEADER = "leader", "leader", "johtaja", "ledare"
    CX_LEAD = "cx_lead", "customer experience lead", "asiakaskokemusjohtaja", "kundupplevelseansvarig"
    ANALYST = "analyst", "analyst", "analyytikko", "analytiker"
    UNIT_MANAGER = "unit_manager", "unit manager", "yksikön päällikkö", "enhetschef"
    AGENT = "agent", "service agent", "asiakaspalvelija", "kundtjänstmedarbetare"
    FRONT_LINE = "front_line", "front line", "asiakasrajapinnan työntekijä", "kundnära medarbetare"
    PARTNER = "partner", "partner", "kumppani", "partner"


class UnitKind(Vocabulary):
    """What a unit of the organization is."""

    ORGANIZATION = "organization", "organization", "organisaatio", "organisation"
    BRAND = "brand", "brand", "brändi", "varumärke"
    COUNTRY = "country", "country", "maa", "land"
    REGION = "region", "region", "alue", "region"
    FUNCTION = "function", "function", "toiminto", "funktion"
    STORE = "store", "store", "myymälä", "butik"
    TEAM = "team", "team", "tiimi", "team"


class Touch(Vocabulary):
    """How much a unit's people meet customers."""

    HIGH = "high", "high-touch", "paljon kohtaamisia", "många möten"
    LOW = "low", "low-touch", "vähän kohtaamisia", "få möten"


class TouchpointKind(Vocabulary):
    """What kind of place in the journey a touchpoint is."""

    ENCOUNTER = "encounter", "encounter", "kohtaaminen", "möte"
    PLACE = "place", "place", "paikka", "plats"
    EVENT = "event", "event", "tapahtuma", "evenemang"
    DOCUMENT = "document", "document", "asiakirja", "dokument"
    THIRD_PARTY = "third_party", "third party", "kolmas osapuoli", "tredje part"


class ChannelKind(Vocabulary):
    """How the customer spoke or was served."""

    WEB = "web", "web form", "verkkolomake", "webbformulär"
    EMAIL = "email", "e-mail", "sähköposti", "e-post"
    PHONE = "phone", "phone", "puhelin", "telefon"
    CHAT = "chat", "chat", "chat", "chatt"
    SMS = "sms", "text message", "tekstiviesti", "sms"
    SOCIAL = "social", "social media", "sosiaalinen media", "sociala medier"
    KIOSK = "kiosk", "kiosk", "kioski", "kiosk"
    FACE_TO_FACE = "face_to_face", "face to face", "kasvokkain", "ansikte mot ansikte"
    REVIEW = "review", "review site", "arvostelusivusto", "recensionssajt"
    API = "api", "other system", "toinen järjestelmä", "annat system"


class FeedbackKind(Vocabulary):
    """In which form a voice arrived."""

    RESPONSE = "response", "response", "vastaus", "svar"
    COMPLAINT = "complaint", "complaint", "valitus", "klagomål"
    EMAIL = "email", "e-mail", "sähköposti", "e-post"
    CALL = "call", "call note", "puhelumuistio", "samtalsanteckning"
    CHAT = "chat", "chat", "chat-keskustelu", "chattkonversation"
    REVIEW = "review", "review", "arvostelu", "recension"
    SOCIAL = "social", "social post", "some-julkaisu", "inlägg i sociala medier"
    OBSERVATION = "observation", "employee observation", "työntekijän havainto", "medarbetarobservation"
    VISIT = "visit", "leader's visit note", "johtajan käyntimuistio", "ledarens besöksanteckning"


class Population(Vocabulary):
    """Whose voice it is: the same dimensions are asked of all (S02)."""

    CUSTOMER = "customer", "customers", "asiakkaat", "kunder"
    LOST_CUSTOMER = "lost_customer", "lost customers", "menetetyt asiakkaat", "förlorade kunder"
    NON_CUSTOMER = "non_customer", "non-customers", "ei-asiakkaat", "icke-kunder"
    EMPLOYEE = "employee", "employees", "työntekijät", "medarbetare"


class QuestionKind(Vocabulary):
    """How a question is asked and rendered."""

    SCORE = "score", "score", "arvosana", "poäng"
    EMOTION = "emotion", "emotion", "tunne", "känsla"
    CHOICE = "choice", "one choice", "yksi valinta", "ett val"
    MULTI = "multi", "several choices", "useita valintoja", "flera val"
    MATRIX = "matrix", "table of ratings", "arviotaulukko", "betygstabell"
    TEXT = "text", "text", "teksti", "text"
    IMPROVEMENT = "improvement", "improvement", "parannusehdotus", "förbättringsförslag"
    CONTACT = "contact", "contact wish", "yhteydenottopyyntö", "önskan om kontakt"
    FILE = "file", "file", "tiedosto", "fil"


class Anonymity(Vocabulary):
    """What is kept between a person and an answer."""

    ANONYMOUS = "anonymous", "anonymous", "nimetön", "anonym"
    CONFIDENTIAL = "confidential", "confidential", "luottamuksellinen", "konfidentiell"
    IDENTIFIED = "identified", "identified", "tunnistettu", "identifierad"


class ProgrammeKind(Vocabulary):
    """When a programme asks."""

    TRIGGERED = "triggered", "after an interaction", "kohtaamisen jälkeen", "efter ett möte"
    WAVES = "waves", "in waves", "kierroksina", "i omgångar"
    ALWAYS_ON = "always_on", "always open", "aina auki", "alltid öppen"


class Purpose(Vocabulary):
    """What a consent is for; kept apart (Finnish Act 917/2014)."""

    SURVEY = "survey", "surveys", "kyselyt", "enkäter"
    SERVICE_RECOVERY = "service_recovery", "putting things right", "asian korjaaminen", "att rätta till"
    MARKETING = "marketing", "marketing", "markkinointi", "marknadsföring"
    PUBLICATION = (
        "publication",
        "publishing my story",
        "tarinani julkaiseminen",
        "publicering av min berättelse",
    )


class Hindrance(Vocabulary):
    """Why a person is not contacted now, or was not asked."""

    ERASED = "erased", "the customer has been erased", "asiakas on poistettu", "kunden har raderats"
    REFUSED = "refused", "the customer has refused", "asiakas on kieltänyt", "kunden har tackat nej"
    NO_CONSENT = "no_consent", "no consent has been given", "suostumusta ei ole annettu", "samtycke saknas"
    NO_ADDRESS = "no_address", "no address is known", "osoitetta ei tiedetä", "ingen adress är känd"
    BOUNCED = (
        "bounced",
        "messages to the address come back",
        "viestit osoitteeseen palautuvat",
        "meddelanden till adressen studsar",
    )
    HELD = "held", "there is a contact pause", "yhteydenottotauko on voimassa", "en kontaktpaus gäller"
    ASKED_RECENTLY = "asked_recently", "asked only recently", "kysytty hiljattain", "tillfrågad nyligen"
    SAME_RECENTLY = (
        "same_recently",
        "asked the same questions only recently",
        "samat kysymykset kysytty hiljattain",
        "fick samma frågor nyligen",
    )
    TOO_LATE = (
        "too_late",
        "it was too long ago to be asked about",
        "tapahtumasta oli kulunut liian kauan",
        "det hade gått för lång tid",
    )
    OUTSIDE = (
        "outside",
        "not among those whom the programme asks",
        "ei kuulu niihin, joilta ohjelma kysyy",
        "hör inte till dem som programmet frågar",
    )
    NOT_DRAWN = "not_drawn", "not drawn in the sample", "ei osunut otokseen", "kom inte med i urvalet"
    QUOTA_FULL = (
        "quota_full",
        "enough people of the group had been asked",
        "ryhmästä oli jo kysytty riittävän monelta",
        "tillräckligt många i gruppen hade redan tillfrågats",
    )
    CLOSED = (
        "closed",
        "the asking had ended before the turn came",
        "kysely oli päättynyt ennen vuoroa",
        "frågeperioden var slut innan turen kom",
    )


class Provenance(Vocabulary):
    """How we came to know an attribute."""

    STATED = "stated", "told by the customer", "asiakkaan kertoma", "berättat av kunden"
    OBSERVED = "observed", "seen in our systems", "järjestelmistämme nähty", "sett i våra system"
    INFERRED = "inferred", "inferred", "päätelty", "härlett"


class IdentifierKind(Vocabulary):
    """By what a customer can be recognised."""

    CUSTOMER_ID = "customer_id", "customer number", "asiakasnumero", "kundnummer"
    EMAIL = "email", "e-mail address", "sähköpostiosoite", "e-postadress"
    PHONE = "phone", "phone number", "puhelinnumero", "telefonnummer"


class LooseKind(Vocabulary):
    """What two customers can share, or have apart, when they may be one person."""

    EMAIL = (
        "email",
        "an address that reaches the same mailbox",
        "osoite samaan postilaatikkoon",
        "en adress till samma brevlåda",
    )
    PHONE = (
        "phone",
        "a number with the same nine last digits",
        "numero, jonka yhdeksän viimeistä ovat samat",
        "ett nummer med samma nio sista siffror",
    )
    NAME = "name", "the same name", "sama nimi", "samma namn"
    MAIL_NAME = "mail_name", "the same name in the address", "sama nimi osoitteessa", "samma namn i adressen"
    NUMBER = "number", "each has a customer number", "kummallakin on oma asiakasnumero", "båda har egna kundnummer"


class MatchDecision(Vocabulary):
    """What a member says of two customers who may be one person."""

    SAME = "same", "the same person", "sama ihminen", "samma människa"
    DIFFERENT = "different", "two people", "kaksi ihmistä", "två människor"


class Stage(Vocabulary):
    """The stages of a case (ISO 10002:2018)."""

    RECEIVED = "received", "received", "vastaanotettu", "mottaget"
    ACKNOWLEDGED = "acknowledged", "acknowledged", "kuitattu", "bekräftat"
    ASSESSED = "assessed", "assessed", "arvioitu", "bedömt"
    INVESTIGATED = "investigated", "investigated", "selvitetty", "utrett"
    ANSWERED = "answered", "answered", "vastattu", "besvarat"
    CLOSED = "closed", "closed", "suljettu", "avslutat"


class StepKind(Vocabulary):
    """What happened in a case."""

    STAGE = "stage", "stage change", "vaiheen muutos", "ändrad fas"
    NOTE = "note", "internal note", "sisäinen muistiinpano", "intern anteckning"
    REPLY = "reply", "reply to the customer", "vastaus asiakkaalle", "svar till kunden"
    HEARD = "heard", "the customer wrote again", "asiakas kirjoitti uudelleen", "kunden skrev igen"
    REMEDY = "remedy", "remedy", "hyvitys", "gottgörelse"
    OWNER = "owner", "new owner", "uusi vastuuhenkilö", "ny ansvarig"
    FEELING = "feeling", "feeling noted", "tunne kirjattu", "känsla noterad"
    CAUSE = "cause", "cause", "syy", "orsak"
    SOLVED = "solved", "solved", "ratkaistu", "löst"
    MERGE = "merge", "merged with another case", "yhdistetty toiseen asiaan", "sammanslaget med ett annat ärende"


class Priority(Vocabulary):
    """How soon a case must be touched."""

    URGENT = "urgent", "urgent", "kiireellinen", "brådskande"
    HIGH = "high", "high", "korkea", "hög"
    NORMAL = "normal", "normal", "tavallinen", "normal"
    LOW = "low", "low", "matala", "låg"


class Remedy(Vocabulary):
    """The ladder of remedies: the first rung is always to listen and apologise."""

    APOLOGY = "apology", "listen and apologise", "kuuntele ja pahoittele", "lyssna och be om ursäkt"
    EXPLANATION = "explanation", "explain", "selitä", "förklara"
    REPAIR = "repair", "put right", "korjaa asia", "rätta till"
    GESTURE = "gesture", "gesture", "ele", "gest"
    GIFT = "gift", "gift", "lahja", "gåva"


class TriageReason(Vocabulary):
    """Why a feedback opened a case, or did not."""

    COMPLAINT = "complaint", "it is a complaint", "palaute on valitus", "det är ett klagomål"
    CONTACT = (
        "contact",
        "the customer wishes to be contacted",
        "asiakas toivoo yhteydenottoa",
        "kunden vill bli kontaktad",
    )
    LOW_SCORE = (
        "low_score",
        "the customer gave a poor score",
        "asiakas antoi heikon arvosanan",
        "kunden gav ett lågt betyg",
    )
    MATCH = "match", "a rule asks for it", "sääntö edellyttää sitä", "en regel kräver det"
    NOBODY = (
        "nobody",
        "a score alone, of nobody known: there is nobody to answer and nothing to read",
        "pelkkä arvosana tuntemattomalta: ei ole kenelle vastata eikä mitä lukea",
        "enbart ett betyg av någon okänd: det finns ingen att svara och inget att läsa",
    )
    EMPLOYEE = (
        "employee",
        "employees' answers never open cases",
        "työntekijöiden vastaukset eivät koskaan avaa asiaa",
        "medarbetares svar öppnar aldrig ärenden",
    )
    NOTHING_WRONG = (
        "nothing_wrong",
        "no rule sees anything to put right",
        "minkään säännön mukaan korjattavaa ei ole",
        "ingen regel ser något att rätta till",
    )


class CaseRefusal(Vocabulary):
    """Why something cannot be done in a case; each says what would help."""

    NO_ADDRESS = (
        "no_address",
        "the customer has left no e-mail address, so a reply cannot be sent",
        "asiakas ei ole jättänyt sähköpostiosoitetta, joten vastausta ei voi lähettää",
        "kunden har inte lämnat någon e-postadress, så svaret kan inte skickas",
    )
    ANSWERED_MEANWHILE = (
        "answered_meanwhile",
        "somebody has answered the customer meanwhile: read that first, and send yours if it is still needed",
        "joku on jo vastannut asiakkaalle: lue ensin se vastaus ja lähetä omasi, jos sitä yhä tarvitaan",
        "någon har redan svarat kunden: läs det svaret först och skicka ditt om det ännu behövs",
    )
    EMPTY = (
        "empty",
        "write a subject and a text first",
        "kirjoita ensin aihe ja teksti",
        "skriv först ett ämne och en text",
    )
    UNFILLED = (
        "unfilled",
        "fill in or remove what the draft left in [brackets]",
        "täytä tai poista kohdat, jotka luonnos jätti [hakasulkeisiin]",
        "fyll i eller ta bort det som utkastet lämnade inom [hakparenteser]",
    )
    WRONG_STAGE = (
        "wrong_stage",
        "the case cannot move to that stage from where it is",
        "asia ei voi siirtyä tuohon vaiheeseen nykyisestä",
        "ärendet kan inte flyttas till den fasen härifrån",
    )
    ANSWER_FIRST = (
        "answer_first",
        "answer the customer first",
        "vastaa ensin asiakkaalle",
        "svara först kunden",
    )
    LOOK_FIRST = (
        "look_first",
        "look into the case first: move it to assessed",
        "perehdy ensin asiaan: siirrä se arvioiduksi",
        "sätt dig in i ärendet först: flytta det till bedömt",
    )
    SOLVE_FIRST = (
        "solve_first",
        "solve the case first, then give",
        "ratkaise asia ensin, anna sitten",
        "lös ärendet först, ge sedan",
    )
    ALREADY_SOLVED = (
        "already_solved",
        "the case is already solved",
        "asia on jo ratkaistu",
        "ärendet är redan löst",
    )
    CLOSED = (
        "closed",
        "the case is closed: reopen it first",
        "asia on suljettu: avaa se ensin uudelleen",
        "ärendet är avslutat: öppna det först på nytt",
    )
    MERGED = (
        "merged",
        "the case has been merged into another one: work there",
        "asia on yhdistetty toiseen: jatka siellä",
        "ärendet har slagits ihop med ett annat: fortsätt där",
    )
    OTHER_CUSTOMER = (
        "other_customer",
        "only cases of the same customer can be merged",
        "vain saman asiakkaan asiat voi yhdistää",
        "bara samma kunds ärenden kan slås ihop",
    )
    NOT_POSITIVE = (
        "not_positive",
        "give a sum above zero",
        "anna nollaa suurempi summa",
        "ange en summa över noll",
    )
    NO_REASON = "no_reason", "say why", "kerro miksi", "säg varför"
    NO_BUDGET = (
        "no_budget",
        "you have no goodwill budget for today",
        "sinulla ei ole tälle päivälle hyvän mielen budjettia",
        "du har ingen goodwillbudget för i dag",
    )
    OVER_BUDGET = (
        "over_budget",
        "your goodwill budget does not hold that much any more",
        "hyvän mielen budjettisi ei enää riitä tähän",
        "din goodwillbudget räcker inte längre till det",
    )
    NO_CODES = (
        "no_codes",
        "no free codes are left of this gift: ask for more",
        "lahjan koodit ovat loppuneet: pyydä lisää",
        "gåvans koder är slut: be om fler",
    )
    UNKNOWN_CODE = (
        "unknown_code",
        "there is no such code: check the letters",
        "koodia ei löydy: tarkista merkit",
        "koden finns inte: kontrollera tecknen",
    )
    NOT_ISSUED = (
        "not_issued",
        "the code has not been given to anybody",
        "koodia ei ole annettu kenellekään",
        "koden har inte getts till någon",
    )
    EXPIRED = "expired", "the code is too old", "koodi on vanhentunut", "koden är för gammal"
    REDEEMED = "redeemed", "the code has already been used", "koodi on jo käytetty", "koden är redan använd"


class PlainHint(Vocabulary):
    """What the plain-language check says of a text before it goes out."""

    LONG_SENTENCE = (
        "long_sentence",
        "a long sentence: say it in two",
        "pitkä virke: jaa se kahdeksi",
        "en lång mening: säg det i två",
    )
    JARGON = (
        "jargon",
        "an in-house word: say it plainly",
        "talon sisäinen sana: sano selkeästi",
        "ett internt ord: säg det enkelt",
    )
    BLAMING = (
        "blaming",
        "this may sound as if the customer were to blame",
        "tämä voi kuulostaa asiakkaan syyttämiseltä",
        "det här kan låta som att skulden är kundens",
    )
    COLD = "cold", "this sounds cold", "tämä kuulostaa kylmältä", "det här låter kyligt"
    NO_THANKS = (
        "no_thanks",
        "thank the customer for telling",
        "kiitä asiakasta siitä, että hän kertoi",
        "tacka kunden för att hen berättade",
    )
    NO_APOLOGY = "no_apology", "say that you are sorry", "pahoittele tapahtunutta", "be om ursäkt"
    NO_NEXT_STEP = (
        "no_next_step",
        "say what happens next",
        "kerro, mitä seuraavaksi tapahtuu",
        "berätta vad som händer härnäst",
    )


class Verdict(Vocabulary):
    """What the verified effect says of the expected one; "cannot tell" is a result."""

    CONFIRMED = "confirmed", "confirmed", "toteutui", "bekräftad"
    SMALLER = "smaller", "smaller than expected", "odotettua pienempi", "mindre än väntat"
    NO_EVIDENCE = "no_evidence", "no evidence", "ei näyttöä", "inga belägg"
    OPPOSITE = "opposite", "opposite", "päinvastainen", "motsatt"
    CANNOT_TELL = "cannot_tell", "cannot tell", "ei voida sanoa", "kan inte avgöras"


class ActionState(Vocabulary):
    """Where an action is: an effect can be promised only before the start."""

    DRAFT = "draft", "draft", "luonnos", "utkast"
    REGISTERED = "registered", "registered", "kirjattu", "registrerad"
    RUNNING = "running", "running", "käynnissä", "pågår"
    VERIFIED = "verified", "verified", "todennettu", "verifierad"
    STOPPED = "stopped", "stopped", "keskeytetty", "avbruten"


class EffectMethod(Vocabulary):
    """How an action's effect will be told; decided before the start."""

    DID = "did", "compared with a control", "verrataan vertailukohtaan", "jämförs med en kontroll"
    LOTTERY = "lottery", "control drawn by lot", "vertailukohta arvotaan", "kontrollen lottas"
    BEFORE_AFTER = "before_after", "before and after only", "vain ennen ja jälkeen", "endast före och efter"


class EvidenceLevel(Vocabulary):
    """How well an effect is shown: from drawn by lot down to merely observed."""

    A = "A", "drawn by lot", "arvottu", "lottad"
    B = "B", "compared with a control", "verrattu vertailukohtaan", "jämförd med en kontroll"
    C = (
        "C",
        "compared with a composed control",
        "verrattu koottuun vertailukohtaan",
        "jämförd med en sammansatt kontroll",
    )
    D = "D", "compared with its own trend", "verrattu omaan suuntaansa", "jämförd med sin egen trend"
    E = "E", "observed, not verified", "havaittu, ei todennettu", "observerad, inte verifierad"


class EffectCheck(Vocabulary):
    """What is looked at before an effect is believed."""

    WEEKS = "weeks", "enough weeks", "tarpeeksi viikkoja", "tillräckligt många veckor"
    ANSWERS = "answers", "enough answers a week", "tarpeeksi vastauksia viikossa", "tillräckligt många svar per vecka"
    PRE_TREND = (
        "pre_trend", "moved alike before the start", "liikkuivat samalla tavalla ennen alkua",
        "rörde sig lika före starten",
    )  # fmt: skip
    PLACEBO = (
        "placebo",
        "no effect of a made-up start",
        "keksitty alku ei näytä vaikutusta",
        "en påhittad start visar ingen effekt",
    )
    BAD_WEEK = (
        "bad_week",
        "not just after a bad week",
        "ei vain huonon viikon jälkeen",
        "inte bara efter en dålig vecka",
    )
    CONTROL = "control", "the control stayed the same", "vertailukohta pysyi ennallaan", "kontrollen förblev oförändrad"
    OWN_ACTION = (
        "own_action", "nothing else was done at the control", "vertailukohdassa ei tehty muuta",
        "inget annat gjordes vid kontrollen",
    )  # fmt: skip
    SEAL = "seal", "the registration is as sealed", "ennakkokirjaus on sinetöity", "registreringen är som förseglad"
    SERIAL = "serial", "weeks are independent", "viikot ovat toisistaan riippumattomia", "veckorna är oberoende"


class CheckOutcome(Vocabulary):
    """How a check came out."""

    PASSED = "passed", "in order", "kunnossa", "i ordning"
    NOTED = "noted", "to be noted", "huomioitava", "att beakta"
    FAILED = "failed", "not in order", "ei kunnossa", "inte i ordning"
    UNKNOWN = "unknown", "cannot tell", "ei voida sanoa", "kan inte avgöras"


class GoalStanding(Vocabulary):
    """Where a figure stands against its goal."""

    REACHED = "reached", "reached", "saavutettu", "uppnått"
    MISSED = "missed", "not reached", "ei saavutettu", "inte uppnått"
    UNKNOWN = "unknown", "cannot tell yet", "ei voida vielä sanoa", "oklart ännu"


class RegistrationGap(Vocabulary):
    """What keeps a registration from being sealed, and how to mend it."""

    TITLE = "title", "Give the action a name.", "Anna toimenpiteelle nimi.", "Ge åtgärden ett namn."
    MEASURE = (
        "measure",
        "Choose the measure it should change.",
        "Valitse mittari, jota sen pitäisi muuttaa.",
        "Välj måttet som den ska ändra.",
    )
    TOUCHPOINT = (
        "touchpoint", "Choose the touchpoint where it is done.", "Valitse kosketuspiste, jossa se tehdään.",
        "Välj kontaktpunkten där den görs.",
    )  # fmt: skip
    CONTROL = (
        "control", "Choose a control touchpoint where nothing is done, or the method “before and after only”.",
        "Valitse vertailuksi kosketuspiste, jossa ei tehdä mitään, tai menetelmä ”vain ennen ja jälkeen”.",
        "Välj en kontrollpunkt där inget görs, eller metoden ”endast före och efter”.",
    )  # fmt: skip
    SAME_CONTROL = (
        "same_control", "The control must be another touchpoint.", "Vertailukohdan on oltava toinen kosketuspiste.",
        "Kontrollen måste vara en annan kontaktpunkt.",
    )  # fmt: skip
    EXPECTED = (
        "expected", "State how much the measure should change (not zero).",
        "Kerro, kuinka paljon mittarin pitäisi muuttua (ei nollaa).", "Ange hur mycket måttet ska ändras (inte noll).",
    )  # fmt: skip
    MINIMUM = (
        "minimum", "State the smallest change that would be worth the work.",
        "Kerro pienin muutos, joka olisi vaivan arvoinen.", "Ange den minsta ändring som vore mödan värd.",
    )  # fmt: skip
    MINIMUM_ABOVE_EXPECTED = (
        "minimum_above_expected", "The smallest interesting change cannot exceed the expected one.",
        "Pienin kiinnostava muutos ei voi olla odotettua suurempi.",
        "Den minsta intressanta ändringen kan inte vara större än den väntade.",
    )  # fmt: skip
    START = "start", "Give the day it starts.", "Anna alkamispäivä.", "Ange startdagen."
    STARTED = (
        "started", "An effect can be promised only before the start: choose a coming day.",
        "Vaikutuksen voi luvata vain ennen alkua: valitse tuleva päivä.",
        "En effekt kan utlovas bara före starten: välj en kommande dag.",
    )  # fmt: skip
    FEW_WEEKS_BEFORE = (
        "few_weeks_before", "At least 8 weeks before the start are needed.",
        "Ennen alkua tarvitaan vähintään 8 viikkoa.",
        "Minst 8 veckor före starten behövs.",
    )  # fmt: skip
    FEW_WEEKS_AFTER = (
        "few_weeks_after", "At least 6 weeks after the start are needed.",
        "Alun jälkeen tarvitaan vähintään 6 viikkoa.",
        "Minst 6 veckor efter starten behövs.",
    )  # fmt: skip
    REASON = (
        "reason", "An action that brings technology must name the customer's reason for it.",
        "Teknologiaa tuovan toimenpiteen on nimettävä asiakkaan syy siihen.",
        "En åtgärd som inför teknik måste ange kundens skäl till den.",
    )  # fmt: skip


class MessageState(Vocabulary):
    """Where an outgoing message is."""

    WAITING = "waiting", "waiting", "odottaa", "väntar"
    SENT = "sent", "sent", "lähetetty", "skickat"
    FAILED = "failed", "failed", "epäonnistui", "misslyckades"


class ImportKind(Vocabulary):
    """What a file holds."""

    FEEDBACK = "feedback", "feedback", "palautteet", "feedback"
    CUSTOMERS = "customers", "customers", "asiakkaat", "kunder"
    INTERACTIONS = "interactions", "interactions", "kohtaamiset", "möten"
    TRANSACTIONS = "transactions", "transactions", "ostotapahtumat", "köp"
    FIGURES = "figures", "business figures", "tunnusluvut", "nyckeltal"
    DISRUPTIONS = "disruptions", "disruptions", "häiriöt", "störningar"
    VISITS = "visits", "counts of visitors", "kävijämäärät", "besökarantal"


class ImportState(Vocabulary):
    """Where an import is."""

    PREPARED = "prepared", "being prepared", "valmistellaan", "förbereds"
    WAITING = "waiting", "waiting", "odottaa", "väntar"
    RUNNING = "running", "running", "käynnissä", "pågår"
    DONE = "done", "done", "valmis", "klar"
    FAILED = "failed", "failed", "epäonnistui", "misslyckades"
    UNDONE = "undone", "undone", "peruttu", "ångrad"


class HookKind(Vocabulary):
    """Whose webhooks an address takes in; the names are the products' own."""

    STANDARD = "standard", "Standard Webhooks", "Standard Webhooks", "Standard Webhooks"
    FORMBRICKS = "formbricks", "Formbricks", "Formbricks", "Formbricks"
    TYPEFORM = "typeform", "Typeform", "Typeform", "Typeform"
    TALLY = "tally", "Tally", "Tally", "Tally"
    SURVICATE = "survicate", "Survicate", "Survicate", "Survicate"
    ZAMMAD = "zammad", "Zammad", "Zammad", "Zammad"
    ZENDESK = "zendesk", "Zendesk", "Zendesk", "Zendesk"
    CHATWOOT = "chatwoot", "Chatwoot", "Chatwoot", "Chatwoot"


class AnswerUse(Vocabulary):
    """What an answer of another system is here: decided by a person, once for each question."""

    MEASURE = "measure", "a measure", "mittari", "ett mått"
    WORDS = "words", "the customer's own words", "asiakkaan omat sanat", "kundens egna ord"
    ATTRIBUTE = "attribute", "a breakdown", "jaottelu", "en indelning"
    IDENTIFIER = (
        "identifier",
        "how the customer is recognised",
        "asiakkaan tunniste",
        "hur kunden känns igen",
    )
    CONSENT = "consent", "a consent", "suostumus", "ett samtycke"
    CONTACT = "contact", "a wish to be contacted", "yhteydenottopyyntö", "en önskan om kontakt"
    OUTSIDE = (
        "outside",
        "kept, outside every measure",
        "säilytetään mittareiden ulkopuolella",
        "sparas utanför alla mått",
    )


class MailKind(Vocabulary):
    """What an e-mail that came in is."""

    VOICE = "voice", "a person's message", "ihmisen viesti", "en persons meddelande"
    AUTOMATIC = "automatic", "an automatic reply", "automaattinen vastaus", "ett automatiskt svar"
    BOUNCE = "bounce", "undeliverable", "perille toimittamaton", "kunde inte levereras"
    COMPLAINT = "complaint", "reported as spam", "ilmoitettu roskapostiksi", "anmält som skräppost"
    UNREADABLE = "unreadable", "unreadable", "lukukelvoton", "oläsligt"


class WrongDoorKind(Vocabulary):
    """Why a voice came in where it did not belong."""

    TOUCHPOINT = (
        "touchpoint",
        "told at another touchpoint",
        "kerrottiin toisessa kohtaamispisteessä",
        "berättades vid en annan kontaktpunkt",
    )
    CHANNEL = "channel", "told in a wrong channel", "kerrottiin väärässä kanavassa", "berättades i fel kanal"
    PERSON = (
        "person",
        "written to a person's own address",
        "kirjoitettiin työntekijän omaan osoitteeseen",
        "skrevs till en persons egen adress",
    )
    LEADER = (
        "leader",
        "written to the managing director",
        "kirjoitettiin toimitusjohtajalle",
        "skrevs till verkställande direktören",
    )


class Behaviour(Vocabulary):
    """What visitors of a place or an event are seen to do (S11)."""

    QUEUED = "queued", "stood in a queue", "jonotti", "köade"
    LEFT = "left", "left without being served", "lähti saamatta palvelua", "gick utan att få service"
    ASKED = "asked", "asked for help", "pyysi apua", "bad om hjälp"
    LOST = "lost", "did not find the way", "ei löytänyt perille", "hittade inte fram"
    STAYED = "stayed", "stayed to enjoy", "jäi viihtymään", "stannade kvar"
    TRIED = "tried", "tried or touched", "kokeili tai kosketti", "provade eller rörde"
    SHARED = "shared", "took a picture", "otti kuvan", "tog en bild"
    BOUGHT = "bought", "bought", "osti", "köpte"


class Verification(Vocabulary):
    """How an interviewer found out why somebody left or never came."""

    INTERVIEW = "interview", "interview", "haastattelu", "intervju"
    PHONE = "phone", "phone call", "puhelu", "samtal"
    RECORDS = "records", "our own records", "omat tiedot", "egna uppgifter"
    OFFER = "offer", "an offer at the same price", "tarjous samaan hintaan", "ett erbjudande till samma pris"


class CodeKind(Vocabulary):
    """What a code says of a text."""

    TOPIC = "topic", "topic", "aihe", "ämne"
    CAUSE = "cause", "cause", "syy", "orsak"
    SENTIMENT = "sentiment", "tone", "sävy", "ton"
    EMOTION = "emotion", "emotion", "tunne", "känsla"


class Valence(Vocabulary):
    """Whether a feeling is pleasant."""

    POSITIVE = "positive", "pleasant", "myönteinen", "positiv"
    NEUTRAL = "neutral", "neutral", "neutraali", "neutral"
    NEGATIVE = "negative", "unpleasant", "kielteinen", "negativ"


class Emotion(Vocabulary):
    """The emotion set: what can be asked, with valence and a cross-walk to Plutchik's eight (1980)."""

    valence: Valence
    plutchik: str
    asked: bool

    JOY = "joy", "joy", "ilo", "glädje", Valence.POSITIVE, "joy"
    TRUST = "trust", "trust", "luottamus", "tillit", Valence.POSITIVE, "trust"
    PRIDE = "pride", "pride", "ylpeys", "stolthet", Valence.POSITIVE, "joy"
    APPRECIATED = (
        "appreciated", "feeling appreciated", "arvostetuksi tuleminen", "att känna sig uppskattad",
        Valence.POSITIVE, "trust",
    )  # fmt: skip
    RELIEF = "relief", "relief", "helpotus", "lättnad", Valence.POSITIVE, "joy"
    CALM = "calm", "calm", "levollisuus", "lugn", Valence.POSITIVE, "trust"
    SURPRISE = "surprise", "surprise", "yllätys", "överraskning", Valence.NEUTRAL, "surprise"
    CONFUSION = "confusion", "confusion", "hämmennys", "förvirring", Valence.NEGATIVE, "surprise"
    DISAPPOINTMENT = "disappointment", "disappointment", "pettymys", "besvikelse", Valence.NEGATIVE, "sadness"
    FEAR = "fear", "fear", "pelko", "rädsla", Valence.NEGATIVE, "fear"
    EMBARRASSMENT = "embarrassment", "embarrassment", "nolous", "genans", Valence.NEGATIVE, "fear"
    ANGER = "anger", "anger", "viha", "ilska", Valence.NEGATIVE, "anger"
    SADNESS = "sadness", "sadness", "suru", "sorg", Valence.NEGATIVE, "sadness"
    INDIFFERENCE = "indifference", "indifference", "yhdentekevyys", "likgiltighet", Valence.NEUTRAL, ""
    ANTICIPATION = "anticipation", "anticipation", "odotus", "förväntan", Valence.POSITIVE, "anticipation"
    DISGUST = "disgust", "disgust", "inho", "avsky", Valence.NEGATIVE, "disgust"

    def __init__(self, *parts: object) -> None:
        self.valence = parts[4]  # type: ignore[assignment]
        self.plutchik = str(parts[5])
        self.asked = parts[0] not in ("anticipation", "disgust")


class Category(Vocabulary):
    """The class of an answer on its own scale; always recomputed, never taken from a source's label."""

    PROMOTER = "promoter", "promoter", "suosittelija", "ambassadör"
    PASSIVE = "passive", "passive", "passiivinen", "passiv"
    DETRACTOR = "detractor", "detractor", "arvostelija", "kritiker"
    GOOD = "good", "satisfied", "tyytyväinen", "nöjd"
    MIDDLE = "middle", "in between", "siltä väliltä", "mitt emellan"
    POOR = "poor", "dissatisfied", "tyytymätön", "missnöjd"
    NONE = "none", "not rated", "ei arviota", "inget betyg"


@dataclass(frozen=True, slots=True)
class Scale:
    """A rating scale with its ends, direction and categories.

    ``reversed_`` means that the *low* end is the good one (the NHS Friends and Family Test: 1 = very good).
    ``poor_to`` and ``good_from`` are on the oriented value, where high is always good.
    """

    code: str
    low: float
    high: float
    step: float = 1.0
    reversed_: bool = False
    official: bool = False
    poor_to: float | None = None
    good_from: float | None = None
    labels: dict[str, str] = field(default_factory=dict)
    #: raw codes that say "no answer" (0 = not applicable, "Don't know"): outside the denominator
    missing: tuple[str, ...] = ()

    def orient(self, raw: float) -> float:
        """Return ``raw`` turned so that a higher value is always better, on the same ends."""
        return self.low + self.high - raw if self.reversed_ else raw

    def contains(self, raw: float) -> bool:
        """Tell whether ``raw`` lies between the ends, on the scale's own steps."""
        steps = (raw - self.low) / self.step
        return self.low <= raw <= self.high and abs(steps - round(steps)) < 1e-9


#: The scales every installation knows. An import may declare more; a measure is never guessed from a range.
SCALES: dict[str, Scale] = {
    s.code: s
    for s in (
        Scale("nps_0_10", 0, 10, official=True, poor_to=6, good_from=9),
        Scale("ces_1_7", 1, 7, official=True, poor_to=3, good_from=5),
        Scale("csat_1_5", 1, 5, official=True, poor_to=2, good_from=4),
        # the four faces of a kiosk have no middle, so they are a scale and a measure of their own, never CSAT
        Scale("faces_1_4", 1, 4, poor_to=2, good_from=3),
        Scale("emotion_1_5", 1, 5),
        Scale("agree_1_5", 1, 5, poor_to=2, good_from=4),
        Scale("yes_no", 0, 1, poor_to=0, good_from=1),
    )
}


class MeasureName(Vocabulary):
    """The measures that ship with the product; others are declared by the company."""

    NPS = "nps", "recommendation (NPS)", "suositteleminen (NPS)", "rekommendation (NPS)"
    CES = "ces", "ease (CES)", "helppous (CES)", "enkelhet (CES)"
    CSAT = "csat", "satisfaction (CSAT)", "tyytyväisyys (CSAT)", "nöjdhet (CSAT)"
    EMOTION = "emotion", "emotion", "tunne", "känsla"


class Aspect(Vocabulary):
    """What else questions often measure; a company may measure anything, under a code of its own."""

    SPEED = "speed", "speed", "nopeus", "snabbhet"
    RELEVANCE = "relevance", "right for me", "minulle sopiva", "rätt för mig"
    APPRECIATION = "appreciation", "feeling appreciated", "arvostetuksi tuleminen", "att känna sig uppskattad"
    VALUES = "values", "shared values", "yhteiset arvot", "gemensamma värderingar"
    PROMISE = "promise", "promise kept", "lupaus pidettiin", "löftet hölls"
    REPLACEABLE = "replaceable", "hard to replace", "vaikea korvata", "svår att ersätta"
    RECOMMENDED = "recommended", "would recommend", "suosittelisi", "skulle rekommendera"
    CUSTOMER_CENTRIC = "customer_centric", "customer-centric", "asiakaslähtöisyys", "kundorientering"
    VALUE_FOR_MONEY = "value_for_money", "value for money", "vastine rahalle", "valuta för pengarna"
    PUNCTUALITY = "punctuality", "punctuality", "täsmällisyys", "punktlighet"
    INFORMATION = "information", "being told in time", "tiedon saaminen ajoissa", "information i tid"
    CLEANLINESS = "cleanliness", "cleanliness", "siisteys", "renlighet"
    FOOD = "food", "food", "ruoka", "mat"
    APP = "app", "app", "sovellus", "app"
    EXPECTED = "expected", "what was expected", "odotus", "förväntan"
    EXPERIENCED = "experienced", "what was experienced", "koettu", "det upplevda"
    OVERALL = "overall", "overall rating", "kokonaisarvio", "helhetsbetyg"
    SERVICE = "service", "service", "palvelu", "service"
    QUALITY = "quality", "quality", "laatu", "kvalitet"
    PRICE = "price", "price", "hinta", "pris"
    WIFI = "wifi", "wifi", "wifi", "wifi"
    FACES = "faces", "four faces", "neljä naamaa", "fyra ansikten"
    FRIENDS_AND_FAMILY = "fft", "friends and family test", "suosittelu läheisille", "rekommendation till närstående"


def measure_words(code: str, language: str) -> str:
    """Return the word of a measure in ``language``; a code that the company made itself, in words ("Queue time")."""
    for known in (MeasureName, Aspect):
        if code in set(known):
            return known(code).label(language)
    return code.replace("_", " ").strip()


class OwnKind(Vocabulary):
    """What a measure that a company declares makes of its answers."""

    MEAN = "mean", "mean", "keskiarvo", "medelvärde"
    SHARE = "share", "share of the top", "yläluokan osuus", "andel i toppen"
    NET = "net", "net share: top − bottom", "nettoluku: yläluokka − alaluokka", "nettotal: topp − botten"


#: The scale on which each shipped measure is defined; another scale makes another measure.
OFFICIAL_SCALE: dict[str, str] = {
    MeasureName.NPS: "nps_0_10",
    MeasureName.CES: "ces_1_7",
    MeasureName.CSAT: "csat_1_5",
    MeasureName.EMOTION: "emotion_1_5",
}


def categorise(measure: str, scale: Scale, raw: float) -> Category:
    """Return the category of ``raw`` on ``scale``.

    Promoter, passive and detractor exist on the official 0–10 scale of NPS only; every other scale with
    declared cut points gives good, middle or poor. A value off the scale raises ``ValueError``.
    """
    if not scale.contains(raw):
        raise ValueError(f"{raw:g} is not on the scale {scale.code} ({scale.low:g}–{scale.high:g})")
    if scale.poor_to is None or scale.good_from is None:
        return Category.NONE
    value = scale.orient(raw)
    nps = measure == MeasureName.NPS and scale.code == OFFICIAL_SCALE[MeasureName.NPS]
    poor, middle, good = (
        (Category.DETRACTOR, Category.PASSIVE, Category.PROMOTER)
        if nps
        else (Category.POOR, Category.MIDDLE, Category.GOOD)
    )
    if value <= scale.poor_to:
        return poor
    return good if value >= scale.good_from else middle
