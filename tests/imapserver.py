"""A real IMAP server (Dovecot) for tests, in a folder of its own, over TLS with a certificate of its own."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.mailserver import free_port

#: where Debian puts it; ``which`` does not look there for everybody
PROGRAM = shutil.which("dovecot") or next(iter(map(str, Path("/usr/sbin").glob("dovecot"))), None)
HOW_TO_INSTALL = "apt-get install dovecot-imapd"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
"""


class ImapServer:
    """One running Dovecot."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.plain, self.tls = folder, free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.certificate = folder / "cert.pem"

    @property
    def url(self) -> str:
        """The address for ``LUOTAIN_IMAP_URL``: over TLS from the start."""
        return f"imaps://palaute:secret@127.0.0.1:{self.tls}/INBOX"

    def up(self) -> None:
        """Start to answer."""
        self._certify()
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir(exist_ok=True)
        root = os.geteuid() == 0
        owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        os.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)
        for place in (self.folder, *self.folder.parents):
            if place.owner() == getpass.getuser() and not place.stat().st_mode & 0o001 and place != Path("/"):
                place.chmod(place.stat().st_mode | 0o011)
        me = getpass.getuser()
        told = {
            "folder": self.folder, "plain": self.plain, "tls": self.tls, "uid": owner.pw_uid, "gid": owner.pw_gid,
            "internal": "dovecot" if root else me, "login": "dovenull" if root else me,
            "group": "dovecot" if root else grp.getgrgid(os.getegid()).gr_name,
        }  # fmt: skip
        configuration = self.folder / "dovecot.conf"
        configuration.write_text(CONFIGURATION.format(**told))
        assert PROGRAM
        self.process = subprocess.Popen(
            [PROGRAM, "-F", "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def down(self) -> None:
        """Stop answering."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
            self.process = None

    def _wait(self) -> None:
        for _ in range(100):
            try:
                self.login().logout()
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.1)
            else:
                return
        log = self.folder / "log"
        raise RuntimeError(f"Dovecot does not answer: {log.read_text() if log.exists() else 'no log'}")

    def login(self) -> imaplib.IMAP4_SSL:
        """Return a connection of a mail program's own."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        program = imaplib.IMAP4_SSL("127.0.0.1", self.tls, ssl_context=context, timeout=5)
        program.login("palaute", "secret")
        return program

    def put(self, *letters: bytes, folder: str = "INBOX") -> None:
        """Lay letters into the mailbox."""
        program = self.login()
        for letter in letters:
            answer = program.append(folder, "", imaplib.Time2Internaldate(time.time()), letter)
            assert answer[0] == "OK", answer
        program.logout()

    def make(self, folder: str) -> None:
        """Make a folder."""
        program = self.login()
        program.create(folder)
        program.logout()

    def unread(self, folder: str = "INBOX") -> int:
        """Return how many letters nobody has read."""
        return len(self._found(folder, "UNSEEN"))

    def held(self, folder: str = "INBOX") -> int:
        """Return how many letters there are."""
        return len(self._found(folder, "ALL"))

    def _found(self, folder: str, what: str) -> list[bytes]:
        program = self.login()
        program.select(folder, readonly=True)
        found = program.search(None, what)[1]
        program.logout()
        return list((found[0] or b"").split())

    def _certify(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(tz=UTC)
        address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(address, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        (self.folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
