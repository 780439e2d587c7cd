"""Are the doors in well? Mailboxes that must answer, and webhooks that somebody must look after."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from luotain.listen.mailbox import Mailbox, NotAMailbox, mailboxes
from luotain.server.models.listen import Hook, HookQuestion
from luotain.server.operations.listen.mailbox import try_mailbox
from luotain.server.operations.people import Finding, Level


def examine() -> list[Finding]:
    """Look at the mailboxes of ``LUOTAIN_IMAP_URL``, each of which is tried, and at the webhooks.

    What an installation does not use is left out. The database must answer and have its tables.
    """
    return [*_mailboxes(), *_hooks()]


def _mailboxes() -> Iterator[Finding]:
    try:
        boxes = mailboxes(settings.LUOTAIN_IMAP_URL)
    except NotAMailbox as problem:
        yield Finding("mailbox", Level.ERROR, _("Mailbox"), _("LUOTAIN_IMAP_URL cannot be read."), str(problem))
        return
    for box in boxes:
        yield _mailbox(box)


def _mailbox(box: Mailbox) -> Finding:
    name = _("Mailbox %(name)s") % {"name": box.name}
    try:
        waiting = try_mailbox(box)
    except (OSError, imaplib.IMAP4.error, UnicodeError) as problem:
        text = _("It cannot be read (%(problem)s).") % {"problem": type(problem).__name__}
        remedy = _("Check the address, the user and the password in LUOTAIN_IMAP_URL, the folder and the certificate.")
        return Finding("mailbox", Level.ERROR, name, text, remedy)
    text = ngettext("It answers; %(count)d letter waits.", "It answers; %(count)d letters wait.", waiting)
    if box.encryption == "imap":
        remedy = _("Its password travels in the clear: use imaps:// or imap+tls:// unless it is on this machine.")
        return Finding("mailbox", Level.WARNING, name, text % {"count": waiting}, remedy)
    return Finding("mailbox", Level.OK, name, text % {"count": waiting})


def _hooks() -> Iterator[Finding]:
    live = list(Hook.objects.filter(revoked_at=None).order_by("code"))
    if not live:
        return
    name = _("Webhooks")
    if dumb := [hook.code for hook in live if not hook.secret]:
        text = _("Without a secret nothing comes in: %(codes)s.") % {"codes": ", ".join(dumb)}
        yield Finding("hooks", Level.WARNING, name, text, _("Tell it with: luotain hook secret CODE"))
    waiting = HookQuestion.objects.filter(waiting=True, hook__in=live).count()
    if waiting:
        text = ngettext(
            "%(count)d question waits for somebody to say which measure it is.",
            "%(count)d questions wait for somebody to say which measure they are.",
            waiting,
        )
        yield Finding("hooks", Level.WARNING, name, text % {"count": waiting}, _("Decide on the page Webhooks."))
    if not dumb and not waiting:
        yield Finding("hooks", Level.OK, name, _("All of them are heard."))
