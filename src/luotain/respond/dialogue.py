"""Drafts of replies in the customer's own language: a start that a person makes their own, never sent as such.

Each draft thanks, apologises or says what happens next, in plain words; square brackets mark what only a person knows,
and a reply that still has them does not go out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """A ready start of a reply."""

    code: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class _Wording:
    subject: str
    #: without and with formal address
    body: tuple[str, str]


_FRAME = {
    "fi": ("Hei{name}!", "Ystävällisin terveisin\n{agent}\n{organization}"),
    "sv": ("Hej{name}!", "Vänliga hälsningar\n{agent}\n{organization}"),
    "en": ("Hello{name},", "Kind regards\n{agent}\n{organization}"),
}

_WORDINGS: dict[str, dict[str, _Wording]] = {
    "apology": {
        "fi": _Wording(
            "Kiitos palautteestasi",
            (
                "kiitos, että kerroit meille. Olen pahoillani siitä, mitä tapahtui.\n\n"
                "[Kerro omin sanoin, mitä ymmärsit asiakkaan kokeneen.]\n\n"
                "Seuraavaksi [kerro, mitä teette ja milloin]. Voit vastata suoraan tähän viestiin.",
                "kiitos, että kerroitte meille. Olen pahoillani siitä, mitä tapahtui.\n\n"
                "[Kerro omin sanoin, mitä ymmärsit asiakkaan kokeneen.]\n\n"
                "Seuraavaksi [kerro, mitä teette ja milloin]. Voitte vastata suoraan tähän viestiin.",
            ),
        ),
        "sv": _Wording(
            "Tack för din feedback",
            (
                "tack för att du berättade för oss. Jag är ledsen över det som hände.\n\n"
                "[Berätta med egna ord vad du förstod att kunden upplevde.]\n\n"
                "Nu kommer vi att [berätta vad ni gör och när]. Du kan svara direkt på det här meddelandet.",
                "tack för att Ni berättade för oss. Jag är ledsen över det som hände.\n\n"
                "[Berätta med egna ord vad du förstod att kunden upplevde.]\n\n"
                "Nu kommer vi att [berätta vad ni gör och när]. Ni kan svara direkt på det här meddelandet.",
            ),
        ),
        "en": _Wording(
            "Thank you for your feedback",
            (
                "thank you for telling us. I am sorry about what happened.\n\n"
                "[Say in your own words what you understood the customer went through.]\n\n"
                "Next we will [say what you do and when]. You can reply directly to this message.",
            )
            * 2,
        ),
    },
    "explanation": {
        "fi": _Wording(
            "Selvitimme asiasi",
            (
                "kiitos, että odotit. Olen pahoillani vaivasta, jonka tämä aiheutti sinulle.\n\n"
                "Selvitimme, mitä tapahtui: [kerro syy ilman talon sisäisiä sanoja].\n\n"
                "Tämän vuoksi teemme nyt näin: [kerro, mitä korjataan ja milloin].",
                "kiitos, että odotitte. Olen pahoillani vaivasta, jonka tämä aiheutti teille.\n\n"
                "Selvitimme, mitä tapahtui: [kerro syy ilman talon sisäisiä sanoja].\n\n"
                "Tämän vuoksi teemme nyt näin: [kerro, mitä korjataan ja milloin].",
            ),
        ),
        "sv": _Wording(
            "Vi har utrett ditt ärende",
            (
                "tack för att du väntade. Jag är ledsen över besväret som det här orsakade dig.\n\n"
                "Vi har utrett vad som hände: [berätta orsaken utan interna ord].\n\n"
                "Därför kommer vi nu att göra så här: [berätta vad som rättas till och när].",
                "tack för att Ni väntade. Jag är ledsen över besväret som det här orsakade Er.\n\n"
                "Vi har utrett vad som hände: [berätta orsaken utan interna ord].\n\n"
                "Därför kommer vi nu att göra så här: [berätta vad som rättas till och när].",
            ),
        ),
        "en": _Wording(
            "What we found out",
            (
                "thank you for waiting. I am sorry for the trouble this caused you.\n\n"
                "We looked into what happened: [give the cause without in-house words].\n\n"
                "Because of this, we will now do the following: [say what is put right and when].",
            )
            * 2,
        ),
    },
    "question": {
        "fi": _Wording(
            "Voisitko kertoa vähän lisää?",
            (
                "kiitos palautteestasi. Olen pahoillani, että kävi näin.\n\n"
                "Jotta voin auttaa, tarvitsen vielä yhden tiedon: [kysy yhtä asiaa].\n\n"
                "Kun vastaat tähän viestiin, jatkan asiasi hoitamista heti.",
                "kiitos palautteestanne. Olen pahoillani, että kävi näin.\n\n"
                "Jotta voin auttaa, tarvitsen vielä yhden tiedon: [kysy yhtä asiaa].\n\n"
                "Kun vastaatte tähän viestiin, jatkan asianne hoitamista heti.",
            ),
        ),
        "sv": _Wording(
            "Kan du berätta lite mer?",
            (
                "tack för din feedback. Jag är ledsen över att det blev så här.\n\n"
                "För att kunna hjälpa behöver jag veta en sak till: [fråga om en sak].\n\n"
                "När du svarar på det här meddelandet fortsätter jag genast med ditt ärende.",
                "tack för Er feedback. Jag är ledsen över att det blev så här.\n\n"
                "För att kunna hjälpa behöver jag veta en sak till: [fråga om en sak].\n\n"
                "När Ni svarar på det här meddelandet fortsätter jag genast med Ert ärende.",
            ),
        ),
        "en": _Wording(
            "Could you tell us a little more?",
            (
                "thank you for your feedback. I am sorry that it went this way.\n\n"
                "To help you, I need to know one more thing: [ask one thing].\n\n"
                "When you reply to this message, I will go on at once.",
            )
            * 2,
        ),
    },
}


_BRACKETS = re.compile(r"\[[^\[\]]+\]")
_PLACES = frozenset(
    place
    for wordings in _WORDINGS.values()
    for wording in wordings.values()
    for body in wording.body
    for place in _BRACKETS.findall(body)
)


def drafts(language: str, *, formal: bool, name: str, agent: str, organization: str) -> tuple[Draft, ...]:
    """Return the drafts in ``language`` ("fi", "sv" or "en"; anything else gives English).

    Parameters
    ----------
    formal
        Whether the organization says "te" (Finnish) and "Ni" (Swedish): the two are never mixed in one text.
    name
        The customer's name; may be empty.
    """
    spoken = language[:2] if language[:2] in _FRAME else "en"
    hello, farewell = _FRAME[spoken]
    greeting = hello.format(name=f" {name}" if name else "")
    signature = farewell.format(agent=agent, organization=organization).strip()
    made = []
    for code, wordings in _WORDINGS.items():
        wording = wordings[spoken]
        body = wording.body[formal]
        opening = body[0].upper() + body[1:]
        made.append(Draft(code, _subject(wording.subject, spoken, formal), f"{greeting}\n\n{opening}\n\n{signature}"))
    return tuple(made)


def unfilled(text: str) -> tuple[str, ...]:
    """Return the passages in brackets that a draft left for a person to fill, and that still stand in ``text``."""
    return tuple(dict.fromkeys(found for found in _BRACKETS.findall(text) if found in _PLACES))


#: the subjects that speak to the customer, in their formal form
_FORMAL_SUBJECTS = {
    "Kiitos palautteestasi": "Kiitos palautteestanne",
    "Selvitimme asiasi": "Selvitimme asianne",
    "Voisitko kertoa vähän lisää?": "Voisitteko kertoa vähän lisää?",
    "Tack för din feedback": "Tack för Er feedback",
    "Vi har utrett ditt ärende": "Vi har utrett Ert ärende",
    "Kan du berätta lite mer?": "Kan Ni berätta lite mer?",
}


def _subject(subject: str, language: str, formal: bool) -> str:
    return _FORMAL_SUBJECTS.get(subject, subject) if formal and language != "en" else subject
