"""Is the installation well? Each finding says what is, and what to do about it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from luotain import plugins
from luotain.server import crypto
from luotain.server.home import home
from luotain.server.models.people import Identifier, Message
from luotain.server.operations.people import database, mail_domain
from luotain.server.operations.people.events import verify_chain
from luotain.server.operations.people.findings import Finding, Level
from luotain.server.operations.people.messages import SENDERS
from luotain.server.operations.people.schema import (
    database_answers,
    newer_migrations,
    pending_migrations,
    tables_exist,
)
from luotain.server.operations.people.workers import working

_GIGABYTE = 1024**3
_PACKAGE = Path(__file__).resolve().parents[2]


def examine(*, now: datetime) -> list[Finding]:
    """Look at everything that an installation needs, in the order in which to mend it.

    What cannot be looked at because something before it is wrong is left out.
    """
    findings = [_keys(), _database()]
    if findings[-1].level == Level.OK:
        findings.append(_schema())
    if findings[-1].level == Level.OK:
        checks: tuple[Callable[[datetime], Finding], ...] = (
            _contact_fields, *database.checks(), _loop, _waiting, _failed, _chain, _clock,
        )  # fmt: skip
        # Without keys nothing can be said of what they encrypt.
        able = checks if findings[0].level != Level.ERROR else checks[1:]
        findings += [check(now) for check in able]
    return [*findings, _mail(), *mail_domain.checks(), _disk(), _front_end(), _translations()]


def _keys() -> Finding:
    name = _("Keys")
    try:
        count = len(crypto.keys())
    except (ImproperlyConfigured, ValueError):
        return Finding(
            "keys", Level.ERROR, name, _("LUOTAIN_KEYS does not hold base64 keys of 32 bytes."),
            _("Make one with: luotain doctor --new-key"),
        )  # fmt: skip
    file = home() / "secrets.env"
    if file.exists() and file.stat().st_mode & 0o077:
        return Finding(
            "keys", Level.WARNING, name, _("Others on this machine can read secrets.env."),
            _("chmod 600 %(file)s") % {"file": file},
        )  # fmt: skip
    text = ngettext("%(count)d key is in use.", "%(count)d keys are in use.", count) % {"count": count}
    return Finding("keys", Level.OK, name, text)


def _database() -> Finding:
    name = _("Database")
    if database_answers():
        return Finding("database", Level.OK, name, _("It answers (%(kind)s).") % {"kind": connection.vendor})
    return Finding(
        "database", Level.ERROR, name, _("It does not answer."),
        _("Check LUOTAIN_DATABASE_URL, and that the database is running."),
    )  # fmt: skip


def _schema() -> Finding:
    name = _("Tables")
    if not tables_exist():
        return Finding("schema", Level.ERROR, name, _("There are none yet."), _("Run: luotain init"))
    if newer_migrations():
        return Finding(
            "schema", Level.ERROR, name, _("They were made by a newer version of Luotain."),
            _("Install that version or a newer one, or restore a backup of this one."),
        )  # fmt: skip
    if pending := pending_migrations():
        text = ngettext("%(count)d change waits.", "%(count)d changes wait.", len(pending)) % {"count": len(pending)}
        return Finding("schema", Level.ERROR, name, text, _("Run: luotain init"))
    return Finding("schema", Level.OK, name, _("They are those of this version."))


def _contact_fields(now: datetime) -> Finding:
    name = _("Contact fields")
    try:
        Identifier.objects.order_by("pk").first()
        Identifier.objects.order_by("-pk").first()
    except crypto.WrongKey:
        return Finding(
            "contact_fields", Level.ERROR, name, _("They were encrypted with a key that is not in LUOTAIN_KEYS."),
            _("Bring back the secrets.env of the installation that wrote them."),
        )  # fmt: skip
    return Finding("contact_fields", Level.OK, name, _("The keys open them."))


def _loop(now: datetime) -> Finding:
    name = _("Loop")
    running = working(now=now)
    if not running:
        return Finding(
            "loop", Level.WARNING, name, _("Nobody does the waiting work: messages are not sent, cases not opened."),
            _("Run luotain serve, or luotain loop beside it."),
        )  # fmt: skip
    return Finding("loop", Level.OK, name, ", ".join(f"{worker.name} ({worker.rooms})" for worker in running))


def _waiting(now: datetime) -> Finding:
    name = _("Messages that wait")
    due = Message.objects.filter(sent_at=None, failed_at=None, created_at__lte=now)
    count = due.count()
    text = ngettext("%(count)d message.", "%(count)d messages.", count) % {"count": count}
    late = due.filter(created_at__lte=now - timedelta(minutes=15), due_at__lte=now + timedelta(hours=1))
    stuck = late.exclude(error="").order_by("created_at").first() or late.order_by("created_at").first()
    if stuck is None:
        return Finding("waiting", Level.OK, name, text)
    pace = settings.LUOTAIN_MAIL_PACE
    if not stuck.error and Message.objects.filter(sent_at__gte=now - timedelta(minutes=2)).exists():
        text += " " + _("They go out at most %(pace)d a minute to one mail domain.") % {"pace": pace}
        return Finding("waiting", Level.OK, name, text)
    why = stuck.error or _("Nobody has tried to send them.")
    return Finding("waiting", Level.WARNING, name, f"{text} {why}", _("Check LUOTAIN_SMTP_URL and the loop."))


def _failed(now: datetime) -> Finding:
    name = _("Messages that failed")
    failed = Message.objects.filter(failed_at__gte=now - timedelta(days=7)).order_by("-failed_at")
    count = failed.count()
    newest = failed.first()
    if newest is None:
        return Finding("failed", Level.OK, name, _("None in the last seven days."))
    text = ngettext("%(count)d in the last seven days.", "%(count)d in the last seven days.", count) % {"count": count}
    return Finding(
        "failed", Level.WARNING, name, f"{text} {newest.error}",
        _("Correct the address of the customer, and reply anew from the case."),
    )  # fmt: skip


def _chain(now: datetime) -> Finding:
    name = _("Log of events")
    chain = verify_chain()
    if chain.whole:
        text = _("%(events)d events in %(seals)d seals are as they were written.")
        return Finding("chain", Level.OK, name, text % {"events": chain.events, "seals": chain.seals})
    return Finding(
        "chain", Level.ERROR, name,
        _("Seal %(seal)d does not hold: events have been changed.") % {"seal": chain.broken_at},
        _("Compare with the latest backup, and find out who has had access to the database."),
    )  # fmt: skip


def _clock(now: datetime) -> Finding:
    name = _("Clock")
    newest = Message.objects.order_by("-id").values_list("created_at", flat=True).first()
    if newest is not None and newest > now + timedelta(minutes=5):
        return Finding(
            "clock", Level.WARNING, name, _("The newest message was written in the future."),
            _("Set the machine's clock by a time server."),
        )  # fmt: skip
    return Finding("clock", Level.OK, name, now.isoformat(timespec="seconds"))


def _mail() -> Finding:
    name = _("Mail server")
    if not settings.LUOTAIN_SMTP_URL:
        return Finding(
            "mail", Level.WARNING, name, _("None is set: messages wait."),
            _("Set LUOTAIN_SMTP_URL and LUOTAIN_MAIL_FROM."),
        )  # fmt: skip
    try:
        with plugins.load(SENDERS, "email")().open():
            return Finding("mail", Level.OK, name, _("It lets us in."))
    except (plugins.NotConfigured, plugins.Unreachable) as problem:
        return Finding("mail", Level.ERROR, name, str(problem), _("Check LUOTAIN_SMTP_URL; messages wait meanwhile."))


def _disk() -> Finding:
    name = _("Disk")
    free = shutil.disk_usage(home()).free
    text = _("%(free).1f GB are free.") % {"free": free / _GIGABYTE}
    if free < _GIGABYTE:
        return Finding("disk", Level.ERROR, name, text, _("Make room before the database stops taking answers."))
    if not os.access(home(), os.W_OK):
        return Finding(
            "disk",
            Level.ERROR,
            name,
            _("The folder of the state cannot be written to."),
            _("Give the user of the service the right to write there."),
        )
    return Finding("disk", Level.WARNING if free < 5 * _GIGABYTE else Level.OK, name, text)


def _front_end() -> Finding:
    name = _("Style sheets and scripts")
    if any((_PACKAGE / "static" / "vendor").glob("**/*.css")):
        return Finding("front_end", Level.OK, name, _("They are in place."))
    return Finding("front_end", Level.ERROR, name, _("Third-party style sheets are missing."), _("Run: make install"))


def _translations() -> Finding:
    name = _("Translations")
    missing = [
        code
        for code, _name in settings.LANGUAGES
        if code != "en" and not (_PACKAGE / "locale" / code / "LC_MESSAGES" / "django.mo").exists()
    ]
    if not missing:
        return Finding("translations", Level.OK, name, _("They are in place."))
    text = _("Not compiled: %(languages)s.") % {"languages": ", ".join(missing)}
    return Finding("translations", Level.WARNING, name, text, _("Run: make install"))
