"""The doctor looks the sending domain up in a real name service, and says what to mend."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Thread

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from django.utils import translation
from pytest_django.fixtures import Settings

from luotain.server.operations.people import mail_domain
from luotain.server.operations.people.findings import Level


class NameServer:
    """Answers TXT questions over UDP from ``texts``."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.silent = False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                data, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            if not self.silent:
                self.socket.sendto(self._answer(dns.message.from_wire(data)), sender)

    def _answer(self, query: dns.message.Message) -> bytes:
        answer = dns.message.make_response(query)
        (question,) = query.question
        texts = self.texts.get(question.name.to_text(omit_final_dot=True))
        if texts is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        for text in texts or ():
            halves = f'"{text[:40]}" "{text[40:]}"'
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", halves))
        return answer.to_wire()


@pytest.fixture
def names(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    server = NameServer()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    monkeypatch.setattr(mail_domain, "_PATIENCE", 0.5)
    settings.LUOTAIN_SMTP_URL = "smtp://127.0.0.1:25"
    settings.LUOTAIN_MAIL_FROM = "Palaute <palaute@cx.example.fi>"
    settings.LUOTAIN_DKIM_SELECTOR = "s1"
    with translation.override("en"):
        yield server
    server.socket.close()


def found() -> dict[str, tuple[Level, str]]:
    return {str(finding.code): (finding.level, finding.remedy) for finding in mail_domain.checks()}


def test_a_domain_with_all_three_records_is_well(names: NameServer) -> None:
    names.texts = {
        "cx.example.fi": ["v=spf1 include:_spf.a-mail-provider.example include:other.example -all"],
        "s1._domainkey.cx.example.fi": ["v=DKIM1; k=rsa; p=" + "A" * 120],
        "_dmarc.example.fi": ["v=DMARC1; p=quarantine"],
    }
    assert {level for level, _ in found().values()} == {Level.OK}


def test_a_domain_without_records_is_told_what_to_add(names: NameServer) -> None:
    findings = found()
    assert set(findings) == {"spf", "dkim", "dmarc"}
    assert all(level == Level.WARNING and "add the record" in remedy for level, remedy in findings.values())


def test_an_own_policy_goes_before_that_of_the_domain_above(names: NameServer) -> None:
    names.texts = {"_dmarc.cx.example.fi": ["v=DMARC1; p=none"], "_dmarc.example.fi": ["v=DMARC1; p=reject"]}
    assert "only watches" in found()["dmarc"][1]


def test_without_a_selector_the_key_cannot_be_looked_up(names: NameServer, settings: Settings) -> None:
    settings.LUOTAIN_DKIM_SELECTOR = ""
    assert "LUOTAIN_DKIM_SELECTOR" in found()["dkim"][1]


def test_a_silent_name_service_is_not_a_missing_record(names: NameServer) -> None:
    names.silent = True
    assert "Try again" in found()["spf"][1]


def test_where_no_mail_is_sent_nothing_is_looked_up(names: NameServer, settings: Settings) -> None:
    settings.LUOTAIN_SMTP_URL = ""
    assert mail_domain.checks() == []
