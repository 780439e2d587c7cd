"""Does a text say *sinä* or *te*, *du* or *Ni*? By pronouns and a few endings, so that the two are never mixed.

The endings are chosen so that they seldom mislead, not so that they find everything: a text without a sign of either
is a text that fits both. English has one form and is never looked at.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Address(StrEnum):
    """How a text speaks to its reader."""

    FAMILIAR = "familiar"
    FORMAL = "formal"


_SIGNS: dict[str, dict[Address, re.Pattern[str]]] = {
    "fi": {
        Address.FAMILIAR: re.compile(
            r"\b(sinä|sinun|sinut|sinua|sinulle|sinulla|sinulta|sinusta|sinussa|sinuun|kerro|kirjoita|valitse|älä"
            r"|\w{3,}(tko|tkö|isit)"
            r"|\w{2,}(ksesi|eesi|iasi|iäsi|nasi|lesi|llasi|lläsi|ltasi|ltäsi|ssasi|ssäsi|stasi|stäsi))\b",
            re.IGNORECASE,
        ),
        Address.FORMAL: re.compile(
            r"\b(te|teidän|teidät|teitä|teille|teillä|teiltä|teistä|teissä|teihin|kertokaa|valitkaa|älkää"
            r"|\w{3,}(ttakaa|ttäkää|statkaa|tteko|ttekö|isitte)"
            r"|(?!\w*(tunne|tilanne|rakenne|luonne|perinne|tänne|sinne|tuonne|minne|jonne|kunne)\b)\w{2,}nne)\b",
            re.IGNORECASE,
        ),
    },
    "sv": {
        Address.FAMILIAR: re.compile(r"\b(du|dig|din|ditt|dina)\b", re.IGNORECASE),
        Address.FORMAL: re.compile(r"\b(ni|er|ert|era)\b", re.IGNORECASE),
    },
}


def address_in(text: str, language: str) -> dict[Address, str]:
    """Return the forms of address in ``text``, each with the first word that shows it.

    Parameters
    ----------
    text
        What is said to the reader.
    language
        "fi" or "sv"; any other language has no forms to tell apart.
    """
    found = ((form, sign.search(text)) for form, sign in _SIGNS.get(language[:2], {}).items())
    return {form: match.group(0) for form, match in found if match}
