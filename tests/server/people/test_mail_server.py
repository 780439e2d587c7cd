"""The connection to the mail server: encrypted where the address says so, and only to a server that is trusted."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django.fixtures import Settings
from tests.mailserver import Postbox, free_port

from luotain.plugins import NotConfigured, Outgoing, Sender, Unreachable, load
from luotain.server.senders.email import EmailSender, Server

OUTGOING = Outgoing(
    message_id="7c5c1a52-5a0a-4b0e-9d8b-000000000001", recipient="aino@example.fi", subject="Hei", text="Hei",
    created_at=datetime(2026, 3, 2, tzinfo=UTC),
)  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that nobody has signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def servers(certificate: Path) -> Iterator[dict[str, Any]]:
    """Real mail servers: with STARTTLS and a login, and with TLS from the start."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    box = Postbox()

    def check(server: object, session: object, envelope: object, mechanism: str, told: Any) -> AuthResult:
        return AuthResult(success=(told.login, told.password) == (b"luotain", b"pa:ss@"), handled=False)

    starttls = Controller(
        box, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True,
        authenticator=check, auth_require_tls=True,
    )  # fmt: skip
    # The controller looks whether it has started by connecting in the clear, which a server with TLS does not take.
    smtps = Controller(box, hostname="127.0.0.1", port=free_port(), ssl_context=_trusting(context, certificate))
    for controller in (starttls, smtps):
        controller.start()
    yield {"box": box, "starttls": starttls.port, "smtps": smtps.port}
    for controller in (starttls, smtps):
        controller.stop()


def _trusting(context: ssl.SSLContext, certificate: Path) -> ssl.SSLContext:
    context.load_verify_locations(certificate)
    return context


def send() -> None:
    with EmailSender().open() as hand_over:
        hand_over(OUTGOING)


def test_the_sender_that_ships_is_found_and_keeps_the_protocol() -> None:
    assert isinstance(load("luotain.senders", "email")(), Sender)


@pytest.mark.parametrize("kind", ["smtp+tls://luotain:pa%3Ass%40@127.0.0.1:{starttls}", "smtps://127.0.0.1:{smtps}"])
def test_mail_goes_out_encrypted_to_a_server_that_is_trusted(
    servers: dict[str, Any], certificate: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.LUOTAIN_SMTP_URL = kind.format(**servers)
    send()
    assert len(servers["box"].mails) == 1


@pytest.mark.parametrize("kind", ["smtp+tls://127.0.0.1:{starttls}", "smtps://127.0.0.1:{smtps}"])
def test_no_mail_goes_to_a_server_that_cannot_prove_who_it_is(
    servers: dict[str, Any], settings: Settings, kind: str
) -> None:
    settings.LUOTAIN_SMTP_URL = kind.format(**servers)
    with pytest.raises(Unreachable, match="certificate"):
        send()
    assert not servers["box"].mails


def test_a_wrong_password_is_told_plainly(
    servers: dict[str, Any], certificate: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.LUOTAIN_SMTP_URL = f"smtp+tls://luotain:wrong@127.0.0.1:{servers['starttls']}"
    with pytest.raises(Unreachable, match="user name and password"):
        send()


def test_a_password_that_cannot_be_sent_is_told_plainly(
    servers: dict[str, Any], certificate: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.LUOTAIN_SMTP_URL = f"smtp+tls://luotain:p%C3%A4@127.0.0.1:{servers['starttls']}"
    with pytest.raises(Unreachable, match="ASCII"):
        send()


@pytest.mark.parametrize("url", ["", "mail.example.fi", "http://mail.example.fi", "smtp://"])
def test_an_address_that_names_no_mail_server_is_not_configured(url: str) -> None:
    with pytest.raises(NotConfigured):
        Server.parse(url)


def test_ports_follow_the_kind_of_encryption() -> None:
    ports = [Server.parse(f"{kind}://mail.example.fi").port for kind in ("smtp", "smtps", "smtp+tls")]
    assert ports == [25, 465, 587]
