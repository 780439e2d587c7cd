"""How mail is sent so that it arrives: not too much at once to one domain, and from a domain that vouches for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from luotain.terms import Vocabulary

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Waiting(Generic[Key]):
    """A message that is due: ``domain`` is that of its recipient in any form, empty where the pace does not count."""

    key: Key
    domain: str


def within_pace(due: Iterable[Waiting[Key]], *, sent: Mapping[str, int], most: int) -> list[Key]:
    """Return the keys of those messages, in their order, that may go out now.

    Parameters
    ----------
    due
        The messages that wait, the first one first.
    sent
        How many each domain has got within the last minute.
    most
        How many a domain may get in a minute; 0: any number.
    """
    count = Counter(sent)
    keys: list[Key] = []
    for message in due:
        if message.domain and most:
            count[message.domain] += 1
            if count[message.domain] > most:
                continue
        keys.append(message.key)
    return keys


def domain_of(address: str) -> str:
    """Return the domain of an e-mail address in small letters; empty where there is none."""
    return address.rpartition("@")[2].strip().rstrip(">").lower() if "@" in address else ""


class MailProof(Vocabulary):
    """By what a receiving server tells that a mail is truly ours."""

    SPF = (
        "spf",
        "SPF (which servers may send)",
        "SPF (mitkä palvelimet saavat lähettää)",
        "SPF (vilka servrar får sända)",
    )
    DKIM = "dkim", "DKIM (the signature)", "DKIM (allekirjoitus)", "DKIM (signaturen)"
    DMARC = (
        "dmarc",
        "DMARC (what to do without them)",
        "DMARC (mitä tehdään ilman niitä)",
        "DMARC (vad som görs utan dem)",
    )


class ProofState(Vocabulary):
    """What is wrong with a proof, and how to mend it."""

    OK = "ok", "in place", "kunnossa", "på plats"
    MISSING = (
        "missing",
        "there is none: add the record that the mail provider gives to the domain's name service",
        "puuttuu: lisää postipalvelun antama tietue verkkotunnuksen nimipalveluun",
        "saknas: lägg till posten som e-postleverantören ger i domänens namntjänst",
    )
    SEVERAL = (
        "several",
        "there are several, so receivers take none: leave one",
        "niitä on monta, joten mikään ei kelpaa: jätä yksi",
        "det finns flera, så ingen godtas: lämna kvar en",
    )
    OPEN = (
        "open",
        "it lets any server send in the domain's name: end it with ~all or -all",
        "se antaa minkä tahansa palvelimen lähettää verkkotunnuksen nimissä: päätä se ~all tai -all",
        "den låter vilken server som helst sända i domänens namn: avsluta den med ~all eller -all",
    )
    REVOKED = (
        "revoked",
        "the key is empty, so signatures do not hold: publish the key that the mail server signs with",
        "avain on tyhjä, joten allekirjoitukset eivät päde: julkaise avain, jolla postipalvelin allekirjoittaa",
        "nyckeln är tom, så signaturer gäller inte: publicera nyckeln som e-postservern signerar med",
    )
    UNREADABLE = (
        "unreadable",
        "it cannot be read: compare it letter by letter with what the mail provider gives",
        "sitä ei voi lukea: vertaa sitä kirjain kirjaimelta postipalvelun antamaan",
        "den kan inte läsas: jämför den bokstav för bokstav med det som e-postleverantören ger",
    )
    WATCHING = (
        "watching",
        "it only watches (p=none): raise it to p=quarantine when its reports are clean",
        "se vain tarkkailee (p=none): nosta se arvoon p=quarantine, kun raportit ovat puhtaita",
        "den bara övervakar (p=none): höj den till p=quarantine när rapporterna är rena",
    )
    UNNAMED = (
        "unnamed",
        "set LUOTAIN_DKIM_SELECTOR to the selector that the mail server signs with, so that it can be looked up",
        "aseta LUOTAIN_DKIM_SELECTOR: valitsin, jolla postipalvelin allekirjoittaa",
        "ange LUOTAIN_DKIM_SELECTOR: selektorn som e-postservern signerar med",
    )


_SPF_ALL = re.compile(r"(?:^|\s)([+?~-]?)all(?:\s|$)", re.IGNORECASE)


def judge_spf(texts: Sequence[str]) -> ProofState:
    """Return what the TXT records of a domain say of who may send in its name (RFC 7208)."""
    records = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    if len(records) != 1:
        return ProofState.SEVERAL if records else ProofState.MISSING
    if "redirect=" in records[0].lower():
        return ProofState.OK
    ending = _SPF_ALL.search(records[0])
    return ProofState.OK if ending and ending.group(1) in ("~", "-") else ProofState.OPEN


def judge_dkim(texts: Sequence[str]) -> ProofState:
    """Return what the TXT records of ``<selector>._domainkey.<domain>`` say of its key (RFC 6376)."""
    keys = [tags["p"] for tags in map(_tags, texts) if "p" in tags and tags.get("v", "DKIM1") == "DKIM1"]
    if not keys:
        return ProofState.UNREADABLE if texts else ProofState.MISSING
    return ProofState.OK if any(keys) else ProofState.REVOKED


def judge_dmarc(texts: Sequence[str]) -> ProofState:
    """Return what the TXT records of ``_dmarc.<domain>`` ask for mail without proof (RFC 7489)."""
    records = [_tags(text) for text in texts if text.replace(" ", "").startswith("v=DMARC1")]
    if len(records) != 1:
        return ProofState.SEVERAL if records else ProofState.MISSING
    policy = records[0].get("p", "").lower()
    if policy not in ("none", "quarantine", "reject"):
        return ProofState.UNREADABLE
    return ProofState.WATCHING if policy == "none" else ProofState.OK


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip(): "".join(value.split()) for name, _, value in pairs}
