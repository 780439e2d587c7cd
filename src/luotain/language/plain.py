"""Does a text speak the customer's language? Gentle hints before it goes out (S39).

Each hint names the passage and says why. Nothing is scored and nothing is refused: a person sends, and a person may
know better. Words are looked for by their beginnings, because Finnish and Swedish words carry endings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from luotain.terms import PlainHint

#: A sentence of more words than this is heavy to read on a phone.
LONG_SENTENCE_WORDS = 20


@dataclass(frozen=True, slots=True)
class Hint:
    """What was noticed, where (the passage, empty for the whole text), and what to say instead, if known."""

    kind: PlainHint
    passage: str = ""
    instead: str = ""


_JARGON: dict[str, dict[str, str]] = {
    "fi": {
        "reklamaatio": "valitus",
        "prosess": "käsittely",
        "toimenpi": "teemme",
        "suorittaa": "tehdä",
        "suoritettu": "tehty",
        "mahdollistaa": "auttaa",
        "asianomai": "",
        "edellä mainit": "",
        "ko. ": "tämä",
        "em. ": "",
        "jatkotoimenpi": "mitä teemme seuraavaksi",
        "tiketti": "asia",
        "eskaloi": "siirtää eteenpäin",
        "kontakti": "yhteydenotto",
        "tapauskohtai": "",
        "kompensaatio": "hyvitys",
        "sla": "",
        "jalkautta": "ottaa käyttöön",
        "tämänhetkinen velka": "maksettavaa",
    },
    "sv": {
        "reklamation": "klagomål",
        "process": "hantering",
        "vidta åtgärd": "göra",
        "åtgärdspaket": "det vi gör",
        "ovannämnd": "",
        "vederbörande": "den som",
        "kompensation": "gottgörelse",
        "eskaler": "föra vidare",
        "implementer": "införa",
        "i enlighet med": "enligt",
        "avseende": "om",
        "beträffande": "om",
    },
    "en": {
        "process your case": "look into this",
        "utilise": "use",
        "utilize": "use",
        "facilitate": "help",
        "escalat": "pass on",
        "pursuant": "under",
        "aforementioned": "",
        "compensation scheme": "",
        "ticket": "case",
        "at your earliest convenience": "when you can",
        "in accordance with": "under",
        "terminate": "end",
        "commence": "start",
        "your current debt": "what is left to pay",
    },
}
_BLAMING = {
    "fi": (
        "olisit voinut",
        "olisitte voineet",
        "sinun olisi pitänyt",
        "teidän olisi pitänyt",
        "laiminlö",
        "virheesi",
        "virheenne",
        "väität",
        "väitätte",
        "kuten jo kerroimme",
        "oma syy",
    ),
    "sv": ("du borde", "ni borde", "du påstår", "ni påstår", "ditt fel", "ert fel", "försumma", "som vi redan sagt"),
    "en": (
        "you should have",
        "you failed",
        "you claim",
        "your fault",
        "your mistake",
        "as we already told",
        "as previously stated",
    ),
}
_COLD = {
    "fi": ("valitettavasti emme voi", "emme ota vastuuta", "ei kuulu meille", "asia on loppuun käsitelty"),
    "sv": ("tyvärr kan vi inte", "vi tar inget ansvar", "ärendet är avslutat"),
    "en": (
        "unfortunately we cannot",
        "unfortunately, we cannot",
        "we are not responsible",
        "the matter is closed",
        "we regret any inconvenience",
    ),
}
_WANTED = {
    PlainHint.NO_THANKS: {"fi": ("kiitos", "kiitän", "kiitäm"), "sv": ("tack",), "en": ("thank", "grateful")},
    PlainHint.NO_APOLOGY: {
        "fi": ("pahoill", "pahoitte", "anteeksi"),
        "sv": ("ledsen", "ledsna", "ursäkt", "förlåt", "beklagar"),
        "en": ("sorry", "apolog"),
    },
    PlainHint.NO_NEXT_STEP: {
        "fi": (
            "seuraavaksi",
            "teemme nyt",
            "palaan",
            "palaamme",
            "korjaamme",
            "korjaan",
            "otan yhteyttä",
            "otamme yhteyttä",
            "lähetän",
            "lähetämme",
            "hyvitämme",
            "saat ",
            "saatte ",
            "jatkan",
            "huomenna",
            "mennessä",
            "selvitän",
            "selvitämme",
        ),
        "sv": (
            "kommer vi",
            "kommer jag",
            "vi kommer att",
            "jag kommer att",
            "återkommer",
            "rättar till",
            "skickar",
            "kontaktar",
            "fortsätter",
            "i morgon",
            "senast",
            "du får",
            "ni får",
            "utreder",
        ),
        "en": (
            "next",
            "we will",
            "we'll",
            "i will",
            "i'll",
            "will contact",
            "by tomorrow",
            "you will get",
            "you will receive",
            "i go on",
            "next week",
        ),
    },
}
#: "Hello Maija," and the greeting at the end are no sentences of the text
_END = re.compile(r"(?<=[.!?…])\s+|\n+")


def check(
    text: str, language: str, *, own_words: Mapping[str, str] | None = None, expect_apology: bool = True
) -> tuple[Hint, ...]:
    """Return the hints on a text that is about to go to a customer.

    Parameters
    ----------
    text
        The text, as the customer would read it.
    language
        "fi", "sv" or "en"; for any other only long sentences and own words are looked for.
    own_words
        The company's own list: in-house word (or its beginning) -> what to say instead.
    expect_apology
        Whether thanks, an apology and the next step belong in the text, as they do in a reply to a complaint.
    """
    spoken, low = language[:2], text.casefold()
    hints = [Hint(PlainHint.LONG_SENTENCE, passage=sentence) for sentence in _long_sentences(text)]
    for word, instead in {**_JARGON.get(spoken, {}), **(own_words or {})}.items():
        if found := _starting(word.casefold().strip(), low):
            hints.append(Hint(PlainHint.JARGON, passage=found, instead=instead))
    for kind, phrases in ((PlainHint.BLAMING, _BLAMING), (PlainHint.COLD, _COLD)):
        hints += [Hint(kind, passage=found) for phrase in phrases.get(spoken, ()) if (found := _starting(phrase, low))]
    if expect_apology and low.strip():
        for kind, wanted in _WANTED.items():
            if spoken in wanted and not any(_starting(word.strip(), low) for word in wanted[spoken]):
                hints.append(Hint(kind))
    return tuple(hints)


def _long_sentences(text: str) -> list[str]:
    return [part.strip() for part in _END.split(text) if len(part.split()) > LONG_SENTENCE_WORDS]


def _starting(beginning: str, text: str) -> str:
    """Return the words of ``text`` that start with ``beginning``, or an empty string."""
    found = re.search(rf"(?<!\w){re.escape(beginning)}\w*", text)
    return found.group() if found else ""
