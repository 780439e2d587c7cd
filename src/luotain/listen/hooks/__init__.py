"""Webhooks of other systems: for each kind of sender one file that checks its signature and reads what it writes."""

from luotain.listen.hooks import chatwoot, formbricks, standard, survicate, tally, typeform, zammad, zendesk
from luotain.listen.hooks.delivery import Adapter
from luotain.terms import HookKind

ADAPTERS: dict[HookKind, Adapter] = {
    HookKind.STANDARD: standard.ADAPTER,
    HookKind.FORMBRICKS: formbricks.ADAPTER,
    HookKind.TYPEFORM: typeform.ADAPTER,
    HookKind.TALLY: tally.ADAPTER,
    HookKind.SURVICATE: survicate.ADAPTER,
    HookKind.ZAMMAD: zammad.ADAPTER,
    HookKind.ZENDESK: zendesk.ADAPTER,
    HookKind.CHATWOOT: chatwoot.ADAPTER,
}
