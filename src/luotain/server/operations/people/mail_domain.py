"""Does the domain that we send from vouch for our mail? The doctor looks its records up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from email.utils import parseaddr

import dns.exception
import dns.resolver
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from luotain.people.sending import MailProof, ProofState, domain_of, judge_dkim, judge_dmarc, judge_spf
from luotain.server.operations.people.findings import Finding, Level

#: seconds for all look-ups of one record
_PATIENCE = 4.0


class NameServiceSilent(Exception):
    """Nobody answered: it cannot be told whether the record is there."""


def checks() -> list[Finding]:
    """Return a finding for each of SPF, DKIM and DMARC of the sending domain; none where no mail is sent."""
    domain = domain_of(parseaddr(settings.LUOTAIN_MAIL_FROM)[1])
    if not settings.LUOTAIN_SMTP_URL or not domain:
        return []
    return [_finding(proof, domain, settings.LUOTAIN_DKIM_SELECTOR) for proof in MailProof]


def _finding(proof: MailProof, domain: str, selector: str) -> Finding:
    language = get_language() or "en"
    words = proof.label(language)
    try:
        state = _state(proof, domain, selector)
    except NameServiceSilent:
        return Finding(
            proof, Level.WARNING, words, _("The name service does not answer: cannot tell."),
            _("Try again where the machine can reach a name server."),
        )  # fmt: skip
    if state == ProofState.OK:
        return Finding(proof, Level.OK, words, domain)
    return Finding(proof, Level.WARNING, words, domain, state.label(language))


def _state(proof: MailProof, domain: str, selector: str) -> ProofState:
    if proof == MailProof.DKIM:
        return judge_dkim(texts_of(f"{selector}._domainkey.{domain}")) if selector else ProofState.UNNAMED
    if proof == MailProof.SPF:
        return judge_spf(texts_of(domain))
    return judge_dmarc(texts_of(f"_dmarc.{domain}") or _of_organization(domain))


def _of_organization(domain: str) -> list[str]:
    """A subdomain without a record of its own is under that of the domain above it (RFC 7489, 6.6.3)."""
    above = domain.partition(".")[2]
    return texts_of(f"_dmarc.{above}") if "." in above else []


def texts_of(name: str, resolver: Callable[[], dns.resolver.Resolver] = dns.resolver.get_default_resolver) -> list[str]:
    """Return the TXT records of a name; none where it has none. Raises :class:`NameServiceSilent`."""
    try:
        answer = resolver().resolve(name, "TXT", lifetime=_PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as problem:
        raise NameServiceSilent(str(problem)) from problem
    return [_joined(record.strings) for record in answer]


def _joined(parts: Sequence[bytes]) -> str:
    return b"".join(parts).decode("utf-8", "replace")
